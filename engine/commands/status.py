"""The command `renewctl status`."""

from __future__ import annotations

from http import HTTPStatus

import click

from engine.commands.options import format_option, url_option
from engine.commands.session import Session
from engine.daemon import asking
from engine.diagnostics import InputError
from engine.reports import daemon


@click.command()
@url_option
@format_option("text", "json")
@click.pass_obj
def command(session: Session, *, url: str, style: str) -> int:
    """Show what a daemon answers from, and what is wrong.

    The exit code is 0 when it is, 1 when it is not, and 2 when no daemon answers.

    \b
    Examples:
      renewctl status
      renewctl status --url unix:/run/renewctl/socket
      renewctl status --format json
    """  # noqa: D301 - \b keeps click from filling the lines
    said = asking.status(url)
    if said.status is not HTTPStatus.OK:
        answer = f"{said.status.value} {said.status.phrase}"
        raise InputError(f"{url} answers {answer}, which no renewctl daemon does", "check --url")
    session.show(daemon.json(said.value) if style == "json" else daemon.text(said.value, session.paint))
    return 0 if said.value["ok"] else 1
