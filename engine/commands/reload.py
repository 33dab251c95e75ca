"""The command `renewctl reload`."""

from __future__ import annotations

from http import HTTPStatus

import click

from engine.commands.options import url_option
from engine.commands.session import Session
from engine.daemon import asking
from engine.diagnostics import InputError
from engine.reports import daemon


@click.command()
@url_option
@click.option(
    "--wait/--no-wait",
    default=True,
    show_default=True,
    help="Say what came of it, or only that it was asked.",
)
@click.pass_obj
def command(session: Session, *, url: str, wait: bool) -> int:
    """Have a daemon take up what is on disk.

    It does so by itself; this is for who wants to know what came of it. The exit code is 1 when there are
    errors, which are shown, and what was live before still is.

    \b
    Examples:
      renewctl reload
      git pull && renewctl reload --url unix:/run/renewctl/socket
    """  # noqa: D301 - \b keeps click from filling the lines
    if not wait:
        asking.ask_to_reload(url)
        return 0
    said = asking.reload(url)
    attempt = said.value.get("attempt")
    if attempt is None:
        raise InputError(f"the daemon at {url} says: {said.value.get('detail', said.status.phrase)}")
    for line in daemon.attempt(attempt, session.paint):
        session.show(line)
    return 0 if said.status == HTTPStatus.OK else 1
