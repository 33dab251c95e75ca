"""The command line: the global options, and the one place where an error becomes an exit code."""

from __future__ import annotations

import ast
import importlib.util
import io
import os
import sys
import traceback
from pathlib import Path
from typing import TextIO

import click

from engine import __version__
from engine.commands.session import Session
from engine.diagnostics import ConfigurationError, InputError, suggest

NEGATIVE, BAD_INPUT, DEFECT, INTERRUPTED = 1, 2, 3, 130
"""Exit codes besides 0 (README.md, exit codes)."""

_MODULES = {"set": "set_", "import": "import_"}
"""Where the module of a command cannot have its name: one is Python's own."""

_EXTRAS = {
    "pygit2": "git",
    "sqlalchemy": "sql",
    **dict.fromkeys(("starlette", "uvicorn", "uvloop", "httptools", "prometheus_client"), "serve"),
}
"""By package, the extra that installs it."""

COMMANDS = (
    "validate",
    "decide",
    "upcoming",
    "clients",
    "contacts",
    "set",
    "unset",
    "replace-user",
    "import",
    "export",
    "fmt",
    "diff",
    "history",
    "test",
    "init",
    "schema",
    "explain",
    "serve",
    "status",
    "reload",
)


class LazyGroup(click.Group):
    """Imports a command when it is run or described: most of a start-up is imports."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which people need them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(_module(cmd_name)).command
        command.name = cmd_name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by the first sentence of their docstrings, for which none is imported."""
        del ctx
        width = formatter.width - 6 - max(map(len, COMMANDS))
        described = (click.Command(name, help=_docstring(name)) for name in COMMANDS)
        with formatter.section("Commands"):
            formatter.write_dl([(str(one.name), one.get_short_help_str(width)) for one in described])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names, or say which it may have meant."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            raise InputError(f"there is no command {name}", suggest(name, COMMANDS) or _see_help(ctx))
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    envvar="RENEWCTL_ROOT",
    help="The directory with config/partners.  [default: the nearest one upward]",
)
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    envvar="RENEWCTL_COLOR",
    help="When to colour; auto: on a terminal, unless NO_COLOR is set.",
)
@click.option("-q", "--quiet", is_flag=True, envvar="RENEWCTL_QUIET", help="Only results and errors.")
@click.option(
    "-v", "--verbose", is_flag=True, envvar="RENEWCTL_VERBOSE", help="Also what is read, and warnings."
)
@click.version_option(__version__, message="renewctl %(version)s")
@click.pass_context
def renewctl(ctx: click.Context, *, root: Path | None, color: str, quiet: bool, verbose: bool) -> None:
    """Decide who receives each renewal notice, and say why.

    Partner defaults and client overrides are YAML files below config/partners; renewals are facts.

    \b
    Examples:
      renewctl validate
      renewctl decide --client acme --explain
      renewctl upcoming --client acme
      renewctl clients --partner nordlicht
    """  # noqa: D301 - \b keeps click from filling the lines
    ctx.obj.root_option, ctx.obj.color = root, color
    ctx.obj.quiet, ctx.obj.verbose = quiet, verbose


def main() -> int:  # noqa: PLR0911 - one exit code after another
    """Run the command line and return its exit code."""
    _open_streams()
    session = Session()
    try:
        return renewctl.main(prog_name="renewctl", standalone_mode=False, obj=session) or 0
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return BAD_INPUT
    except click.ClickException as error:
        ctx = getattr(error, "ctx", None)
        _complain(session, InputError(error.format_message(), _see_help(ctx) if ctx else None))
        return BAD_INPUT
    except InputError as error:
        _complain(session, error)
        return BAD_INPUT
    except ConfigurationError as error:
        _complain(session, _unusable(error))
        is_missing = any(problem.code == "no-configuration" for problem in error.diagnostics)
        return BAD_INPUT if is_missing else NEGATIVE
    except (click.Abort, KeyboardInterrupt):
        session.tell("interrupted")
        return INTERRUPTED
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _EXTRAS:
            return _confess(session)
        hint = f"pip install 'renewctl[{_EXTRAS[package]}]'"
        _complain(session, InputError(f"this needs the package {package}, which is not installed", hint))
        return BAD_INPUT
    except Exception:  # noqa: BLE001 - what is left is a defect of ours, and says so
        return _confess(session)


def _module(command: str) -> str:
    return f"engine.commands.{_MODULES.get(command, command.replace('-', '_'))}"


def _docstring(command: str) -> str | None:
    """Return what a command says of itself, read from its source: importing all takes three times as long."""
    source = importlib.util.find_spec(_module(command))
    if source is None or source.origin is None:
        return None
    tree = ast.parse(Path(source.origin).read_bytes())
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "command")
    return next(map(ast.get_docstring, functions), None)


def _unusable(error: ConfigurationError) -> InputError:
    whose, option = (f" of {error.rev}", f" --rev {error.rev}") if error.rev else ("", "")
    hint = f"renewctl validate{option} shows everything that is wrong"
    return InputError(f"the configuration{whose} cannot be used", hint, error.diagnostics)


def _open_streams() -> None:
    """Make the streams usable: JSON is UTF-8 in any locale, and the name of a file may hold any bytes."""
    streams = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = (stream or _nowhere() for stream in streams)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _nowhere() -> TextIO:
    """Return what stands in for a stream that the caller has closed, as `>&-` does."""
    return Path(os.devnull).open("r+", encoding="utf-8")


def _complain(session: Session, error: InputError) -> None:
    session.tell_problems(error.diagnostics)
    session.tell(f"{session.paint('error', 'error')}: {error.message}")
    if error.hint:
        session.tell(f"  hint: {error.hint}")


def _confess(session: Session) -> int:
    traceback.print_exc()
    session.tell("this is a defect of renewctl; please report it with the lines above")
    return DEFECT


def _see_help(ctx: click.Context) -> str:
    return f"see {ctx.command_path} --help"


if __name__ == "__main__":
    sys.exit(main())
