"""The command `renewctl explain`."""

from __future__ import annotations

import click

from engine import catalogue
from engine.commands.options import format_option
from engine.commands.session import Session
from engine.reports import codes


@click.command()
@click.argument("names", metavar="[CODE]...", nargs=-1)
@format_option("text", "json")
@click.pass_obj
def command(session: Session, *, names: tuple[str, ...], style: str) -> None:
    """Explain codes, each with an example and the cure.

    A diagnostic ends in its code, in brackets; a decision lists its reasons in capitals. Without CODE all
    are listed.

    \b
    Examples:
      renewctl explain unknown-contact
      renewctl explain COVERED CONTACT_FALLBACK
    """  # noqa: D301 - \b keeps click from filling the lines
    found = [catalogue.find(name) for name in names] or list(catalogue.entries().values())
    if style == "json":
        session.show(codes.json(found))
    elif names:
        session.show(codes.texts(found, session.paint))
    else:
        session.show(codes.listing(found))
