"""Several reports of one run: which is written how, and where each goes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from engine.commands.options import CommandT
from engine.diagnostics import InputError

_FORMAT, _OUTPUT = "styles", "outputs"
_EXAMPLE = "name each file after its format: --format text --format sarif --output renewctl.sarif"


class Report(NamedTuple):
    """One report: how it is written, and its file; without one it goes to stdout."""

    style: str | None
    output: Path | None


class Command(click.Command):
    """A command that writes reports: it gets `reports`, each --format with the --output that follows it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as usual, and once more for the order of the options, which click forgets."""
        copy = list(args)
        rest = super().parse_args(ctx, args)
        styles, outputs = ctx.params.pop(_FORMAT), ctx.params.pop(_OUTPUT)
        if not ctx.resilient_parsing:
            order = [param.name for param in self.make_parser(ctx).parse_args(copy)[2]]
            ctx.params["reports"] = _reports(order, styles or (), outputs or ())
        return rest


def options(*formats: str, default: str) -> Callable[[CommandT], CommandT]:
    """Add --format and --output, both as often as there are reports."""
    written = click.option(
        "--format",
        _FORMAT,
        multiple=True,
        type=click.Choice(formats),
        help=f"How the report is written; again for another report.  [default: {default}]",
    )
    kept = click.option(
        "--output",
        _OUTPUT,
        multiple=True,
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write the report of the --format before it there. One report may go without: to stdout.",
    )
    return lambda command: written(kept(command))


def _reports(
    order: Sequence[str | None], styles: Sequence[str], outputs: Sequence[Path]
) -> tuple[Report, ...]:
    if len(styles) <= 1 and len(outputs) <= 1:  # which of them comes first says nothing
        return (Report(next(iter(styles), None), next(iter(outputs), None)),)
    paired = _pair(order, iter(styles), iter(outputs))
    to_stdout = [str(report.style) for report in paired if report.output is None]
    if len(to_stdout) > 1:
        raise InputError(f"{' and '.join(to_stdout)} would go to stdout together", _EXAMPLE)
    if len({output.resolve() for output in outputs}) < len(outputs):
        raise InputError("two reports would go to the same file", _EXAMPLE)
    return paired


def _pair(order: Sequence[str | None], styles: Iterator[str], outputs: Iterator[Path]) -> tuple[Report, ...]:
    paired: list[Report] = []
    for name in order:
        if name == _FORMAT:
            paired.append(Report(next(styles), None))
        elif name == _OUTPUT:
            output = next(outputs)
            if not paired or paired[-1].output is not None:
                raise InputError(f"--output {output} does not follow a --format", _EXAMPLE)
            paired[-1] = paired[-1]._replace(output=output)
    return tuple(paired)


def write(report: str, output: Path) -> None:
    """Write a report whole: whoever reads the file meanwhile sees the one before it.

    What is no regular file, such as /dev/null or a pipe, keeps its place and is written to.
    """
    data = f"{click.unstyle(report)}\n".encode(errors="backslashreplace")
    target = output.resolve()
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)
        else:
            _replace(target, data)
    except OSError as error:
        raise InputError(f"{output} cannot be written: {error.strerror}") from error


def _replace(target: Path, data: bytes) -> None:
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
