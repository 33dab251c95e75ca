"""Cerbos compiling the same clients as rules (npm: @cerbos/cerbos-linux-x64, its program on the path)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks import timing
from benchmarks.scale import peers, processes, rows
from benchmarks.scale.rows import Row
from benchmarks.scale.volume import Volume

_WHAT = "Cerbos compile: the same clients as rules"
_FASTER = rows.at_least(15)


def measure(volume: Volume) -> Iterator[Row]:
    """Yield how many times as fast we validate."""
    program = peers.found("cerbos", "cerbos-linux-x64")
    if program is None:
        yield rows.skipped(_WHAT, "cerbos is not installed (npm: @cerbos/cerbos-linux-x64)", _FASTER)
        return
    folder = _policies(volume)
    compiled = volume.turn([program, "compile", "--skip-tests", str(folder)])
    turns = {"ours": volume.turn(processes.validate(volume.bare)), "cerbos": compiled}
    measured = timing.rounds(turns, 1)  # it takes half a minute
    yield rows.compared(_WHAT, measured["ours"], measured["cerbos"], "Cerbos", _FASTER, is_inverse=True)


def _policies(volume: Volume) -> Path:
    """Write a resource policy for each partner, with a rule for each client."""
    folder = volume.folder / "cerbos"
    folder.mkdir()
    for partner, clients in peers.listed(list(volume.partner_files)):
        (folder / f"{partner}.yaml").write_text("".join(_policy(partner, clients)))
    return folder


def _policy(partner: str, clients: list[str]) -> Iterator[str]:
    yield "apiVersion: api.cerbos.dev/v1\nresourcePolicy:\n"
    yield f'  resource: "{partner}"\n  version: default\n  rules:\n'
    for client in clients:
        yield (
            '  - actions: ["receive"]\n    effect: EFFECT_ALLOW\n    roles: ["partner"]\n'
            f"    condition: {{match: {{expr: 'R.attr.client == \"{client}\"'}}}}\n"
        )
