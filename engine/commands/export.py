"""The command `renewctl export`."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands import outputs
from engine.commands.editing import load
from engine.commands.session import Session
from engine.edits import overriderows
from engine.edits.targets import find_partner
from engine.reports import overrides


@click.command()
@click.option("--partner", metavar="ID", help="Only the clients of this partner.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the table there.")
@click.pass_obj
def command(session: Session, *, partner: str | None, output: Path | None) -> int:
    """Write every override of every client as a CSV table.

    The columns are partner, client, owner, contact, from, until and note; a client with dated overrides has a
    row for each. `renewctl import` reads the table again.

    \b
    Examples:
      renewctl export
      renewctl export --partner nordlicht --output overrides.csv
    """  # noqa: D301 - \b keeps click from filling the lines
    checked = load(session, None)
    if partner is not None:
        find_partner(checked, partner)
    rows = [row for row in overriderows.of_root(checked) if partner in (None, row.partner)]
    text = overrides.table(rows)
    if output is None:
        session.show(text)
    else:
        outputs.write(text, output)
    return 0
