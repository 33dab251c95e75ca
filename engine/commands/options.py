"""The kinds of values that options take, and the options that several commands share."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from engine import civil
from engine.diagnostics import InputError
from engine.schemas import is_date

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


class Date(click.ParamType[dt.date]):
    """A day as 2027-01-31."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:  # noqa: ANN401
        """Read the day, or say how to write one."""
        if isinstance(value, dt.date):
            return value
        if not is_date(value):
            self.fail(f"{value!r} is not a date; write it as 2027-01-31", param, ctx)
        return dt.date.fromisoformat(value)


class Step(click.ParamType[str]):
    """A step of the schedule as D-7 or R-30."""

    name = "step"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401
        """Read the step, or say how to write one."""
        step = civil.Step.parse(value)
        if step is None:
            self.fail(f"{value!r} is not a step; write it as D-7 or R-30", param, ctx)
        return str(step)


class Assignment(click.ParamType[tuple[str, str]]):
    """A field of a fact and what it is to be: FIELD=VALUE."""

    name = "field=value"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, str]:
        """Split at the first equals sign."""
        name, equals, text = str(value).partition("=")
        if not equals:
            self.fail(f"{value!r} has no `=`; write it as renewal_date=2027-03-01", param, ctx)
        return name, text


def facts_options(command: CommandT) -> CommandT:
    """Add the options of every command that reads facts."""
    named = click.option(
        "--facts",
        metavar="FILE|URL",
        help="Renewal facts: a file in JSON Lines, JSON or CSV, - for standard input, or a database such as "
        "sqlite:///crm.db?table=renewals or postgresql://user@host/crm.  "
        "[default: as config/vendor.yaml says, else facts/]",
    )
    skip = click.option("--skip-bad-facts", is_flag=True, help="Go on without facts that cannot be read.")
    return named(skip(command))


def on_option(meaning: str) -> Callable[[CommandT], CommandT]:
    """Add --on."""
    return click.option("--on", type=Date(), metavar="DATE", help=f"{meaning}  [default: today]")


def rev_option(command: CommandT) -> CommandT:
    """Add --rev."""
    option = click.option(
        "--rev",
        metavar="REF",
        help="Read the root as this commit has it: a branch, a tag, an id, main~2.  [default: the work tree]",
    )
    return option(command)


def cache_options(command: CommandT) -> CommandT:
    """Add --cache and --no-cache, which are the session's affair."""
    folder = click.option(
        "--cache",
        metavar="DIR",
        type=click.Path(file_okay=False, path_type=Path),
        expose_value=False,
        callback=_keep_cache,
        help="Where to remember what large roots say.  [default: renewctl in the user's cache directory]",
    )
    off = click.option(
        "--no-cache",
        is_flag=True,
        expose_value=False,
        callback=_keep_no_cache,
        help="Remember nothing, and recall nothing.",
    )
    return folder(off(command))


def _keep_cache(ctx: click.Context, _: click.Parameter, folder: Path | None) -> None:
    ctx.obj.cache_option = folder


def _keep_no_cache(ctx: click.Context, _: click.Parameter, off: bool) -> None:  # noqa: FBT001 - click's signature
    ctx.obj.uses_cache = not off


def url_option(command: CommandT) -> CommandT:
    """Add --url, which finds a daemon."""
    option = click.option(
        "--url",
        default="http://127.0.0.1:8480",
        show_default=True,
        envvar="RENEWCTL_URL",
        help="Where the daemon is asked: an address, or unix:PATH.",
    )
    return option(command)


def format_option(*formats: str) -> Callable[[CommandT], CommandT]:
    """Add --format; the first is the default."""
    return click.option(
        "--format",
        "style",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How the answer is written.",
    )


def in_root(root: Path, path: Path) -> str:
    """Return the path relative to the root, as diagnostics have it, from which it may also be copied."""
    below_root = root / path
    for named in (path, below_root) if path.exists() or not below_root.exists() else (below_root,):
        as_written = [Path(os.path.abspath(one)) for one in (named, root)]  # noqa: PTH100 - keeps links, not `..`
        for inner, outer in (as_written, [named.resolve(), root.resolve()]):
            if inner.is_relative_to(outer):
                return inner.relative_to(outer).as_posix()
    raise InputError(f"{path} is not in the root {root}", "name a file of the root, or another --root")
