"""The corpus as Cerbos has it best: a policy for each partner that looks a client's owner up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.scale import peers
from benchmarks.scale.volume import Volume

MISSING = "cerbos is not installed (npm: @cerbos/cerbos-linux-x64)"
OWNERS = ("hubspot", "partner")


def found() -> str | None:
    """Return its program, if it is on the path."""
    return peers.found("cerbos", "cerbos-linux-x64")


def write(volume: Volume, name: str) -> Path:
    """Write the policies into a folder of that name."""
    folder = volume.folder / name
    folder.mkdir()
    for partner, clients in peers.listed(list(volume.partner_files)):
        (folder / f"{partner}.yaml").write_text(policy(partner, owners(clients)))
    return folder


def owners(clients: list[str]) -> dict[str, str]:
    """Return an owner for each client: who it is makes no difference to the time."""
    return {client: OWNERS[len(client) % 2] for client in clients}


def policy(partner: str, owner_of: dict[str, str]) -> str:
    """Return a policy that lets the partner receive what is about the clients that it owns."""
    return "".join(_lines(partner, owner_of))


def _lines(partner: str, owner_of: dict[str, str]) -> Iterator[str]:
    yield f'apiVersion: api.cerbos.dev/v1\nresourcePolicy:\n  resource: "{partner}"\n  version: default\n'
    yield "  constants:\n    local:\n      owners:\n"
    for client, owner in owner_of.items():
        yield f'        "{client}": {owner}\n'
    yield '  rules:\n  - actions: ["receive"]\n    effect: EFFECT_ALLOW\n    roles: ["partner"]\n'
    yield "    condition: {match: {expr: 'C.owners[R.attr.client] == \"partner\"'}}\n"
