"""The commands by their names: one is imported only when it is run or described."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import click

from engine import collecting
from engine.diagnostics import InputError, suggest

_MODULES = {"set": "set_", "import": "import_"}
"""Where the module of a command cannot have its name: one is Python's own."""

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
        with collecting.paused():
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
            raise InputError(f"there is no command {name}", suggest(name, COMMANDS) or see_help(ctx))
        return super().resolve_command(ctx, args)


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


def see_help(ctx: click.Context) -> str:
    """Return the hint for whoever used a command in a way it is not made for."""
    return f"see {ctx.command_path} --help"


def wrong_usage(error: click.ClickException) -> InputError:
    """Return what is wrong in a command line, and the cure: the help, or where the option belongs."""
    ctx = getattr(error, "ctx", None)
    if ctx is None:
        return InputError(error.format_message())
    if isinstance(error, click.NoSuchOption) and _is_global(error.option_name, ctx):
        before = f"{ctx.parent.command_path} {error.option_name}"
        message = f"{error.option_name} is no option of {ctx.info_name}, but one of {ctx.parent.command_path}"
        return InputError(message, f"write it before the command: {before} … {ctx.info_name}")
    return InputError(error.format_message(), see_help(ctx))


def _is_global(option: str, ctx: click.Context) -> bool:
    """Whether the option is one of all commands, and was only written too late."""
    return ctx.parent is not None and any(option in one.opts for one in ctx.parent.command.params)
