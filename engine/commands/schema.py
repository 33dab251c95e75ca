"""The command `renewctl schema`."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from engine import resources
from engine.commands.session import Session
from engine.diagnostics import InputError, suggest
from engine.reports.problems import counted


@click.command()
@click.argument("name", metavar="[NAME]", required=False)
@click.option(
    "--export",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the schema, or all of them, to this directory, over older ones.",
)
@click.pass_obj
def command(session: Session, *, name: str | None, folder: Path | None) -> None:
    """Print a JSON Schema, or write all of them beside your files.

    Editors complete and explain what a file may say when it begins with a line that leads to its schema;
    `renewctl init` writes both. Without NAME the schemas are listed.

    \b
    Examples:
      renewctl schema partner
      renewctl schema --export schemas
    """  # noqa: D301 - \b keeps click from filling the lines
    kinds = resources.schema_kinds()
    if name is not None and name not in kinds:
        raise InputError(
            f"there is no schema {name}", suggest(name, kinds) or f"there are {', '.join(kinds)}"
        )
    chosen = kinds if name is None else (name,)
    if folder is not None:
        _export(chosen, folder)
        if not session.quiet:
            session.tell(f"wrote {counted(len(chosen), 'schema')} to {folder}")
    elif name is None:
        session.show(_listed(kinds))
    else:
        session.show(resources.schema_text(name).decode().removesuffix("\n"))


def _export(kinds: tuple[str, ...], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind in kinds:
            source = resources.schema_path(kind)
            (folder / source.name).write_bytes(source.read_bytes())
    except OSError as error:
        raise InputError(f"the schemas cannot be written to {folder}: {error.strerror}") from error


def _listed(kinds: tuple[str, ...]) -> str:
    """Return each schema with the first sentence of what it says of itself."""
    width = max(map(len, kinds))
    return "\n".join(f"{kind:<{width}}  {_sentence(kind)}" for kind in kinds)


def _sentence(kind: str) -> str:
    description: str = msgspec.json.decode(resources.schema_text(kind))["description"]
    return f"{description.partition('. ')[0].removesuffix('.')}."
