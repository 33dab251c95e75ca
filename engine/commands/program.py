"""The command line: the global options, and the one place where an error of its user becomes an exit code."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path
from typing import TextIO

import click

from engine import __version__
from engine.commands.group import LazyGroup, wrong_usage
from engine.commands.session import Session
from engine.diagnostics import ConfigurationError, InputError

NEGATIVE, BAD_INPUT, INTERRUPTED = 1, 2, 130
"""Exit codes besides 0 (README.md, exit codes)."""

_EXTRAS = {
    "pygit2": "git",
    "sqlalchemy": "sql",
    **dict.fromkeys(("starlette", "uvicorn", "uvloop", "httptools", "prometheus_client"), "serve"),
}
"""By package, the extra that installs it."""


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
    """Run the command line and return its exit code; what is no error of its user is raised."""
    _open_streams()
    session = Session()
    try:
        return renewctl.main(prog_name="renewctl", standalone_mode=False, obj=session) or 0
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return BAD_INPUT
    except click.ClickException as error:
        session.complain(wrong_usage(error))
        return BAD_INPUT
    except InputError as error:
        session.complain(error)
        return BAD_INPUT
    except ConfigurationError as error:
        session.complain(_unusable(error))
        is_missing = any(problem.code == "no-configuration" for problem in error.diagnostics)
        return BAD_INPUT if is_missing else NEGATIVE
    except click.Abort:  # so click says an interrupt, having begun a new line
        session.tell("interrupted")
        return INTERRUPTED
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _EXTRAS:
            raise
        hint = f"pip install 'renewctl[{_EXTRAS[package]}]'"
        session.complain(InputError(f"this needs the package {package}, which is not installed", hint))
        return BAD_INPUT
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is still buffered
        session.complain(InputError(f"the output cannot be written: {error.strerror}"))
        return BAD_INPUT


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
