"""The command `renewctl init`."""

from __future__ import annotations

from pathlib import Path

import click

from engine import starting
from engine.commands.session import Session
from engine.starting import Start


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--partner",
    metavar="ID",
    default=starting.EXAMPLE_PARTNER,
    show_default=True,
    help="The id of the first partner.",
)
@click.option(
    "--ci",
    "host",
    type=click.Choice(starting.HOSTS),
    default=starting.HOSTS[0],
    show_default=True,
    help="Whose workflow and CODEOWNERS to write.",
)
@click.option("--keep", is_flag=True, help="Leave files that are there as they are, and write the others.")
@click.pass_obj
def command(session: Session, *, folder: Path, partner: str, host: str, keep: bool) -> None:
    """Make a new root: a partner, rules, their tests, and CI.

    DIR may be new, or be a git repository or a directory in one; what hosts and pre-commit read is written to
    the top of the repository. Nothing is ever overwritten.

    \b
    Examples:
      renewctl init renewals --partner nordlicht
      renewctl init . --ci gitlab
    """  # noqa: D301 - \b keeps click from filling the lines
    start = Start(folder, partner, host, session.now.date(), keep)
    session.show_each(map(str, starting.begin(start)))
    if not session.quiet:
        session.tell(_next_steps(start))


def _next_steps(start: Start) -> str:
    """Return what to do now, in the order in which to do it."""
    partner = f"config/partners/{start.partner}.yaml"
    steps = (
        f"cd {start.folder}" if start.folder != Path() else "",
        "" if (start.top / ".git").exists() else "git init",
        "renewctl validate --strict && renewctl test",
        "renewctl decide --client acme --explain",
        f"edit {partner}, then config/vendor.yaml" + (" and CODEOWNERS" if start.host != "none" else ""),
    )
    return "\n".join(("", "next:", *(f"  {step}" for step in steps if step)))
