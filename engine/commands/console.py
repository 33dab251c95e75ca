"""What a run says: results to stdout, everything else to stderr, its progress where somebody watches."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

import click

from engine.diagnostics import Diagnostic, InputError, Severity

if TYPE_CHECKING:  # imported when used: most of a start-up is imports
    from rich.progress import Progress

_STYLES: dict[str, dict[str, Any]] = {
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow", "bold": True},
    "good": {"fg": "green", "bold": True},
    "strong": {"bold": True},
    "faint": {"dim": True},
}
_SLOW_SECONDS = 1.0


@dataclass(slots=True)
class Console:
    """How a run may speak, as its options say; every line that it writes goes through here."""

    color: str = "auto"
    quiet: bool = False
    verbose: bool = False
    started: float = field(default_factory=time.monotonic)
    progress: Progress | None = None

    @property
    def width(self) -> int | None:
        """How wide a table may be: as the terminal is, anywhere else as it needs to be."""
        import shutil  # noqa: PLC0415 - for people only

        return shutil.get_terminal_size().columns if sys.stdout.isatty() else None

    def show(self, text: str) -> None:
        """Write a result."""
        self.show_each([text])

    def show_each(self, texts: Iterable[str | bytes]) -> None:
        """Write results as they come, until whoever reads them has read enough; bytes are UTF-8."""
        self._write(texts, sys.stdout)

    def tell(self, text: str) -> None:
        """Write to stderr what is not a result."""
        self._write([text], sys.stderr)

    def paint(self, text: str, style: str) -> str:
        """Mark text for a terminal; `show` and `tell` take the marks out where there is none."""
        return click.style(text, **_STYLES[style])

    def tell_details(self, text: str) -> None:
        """Write to stderr what only concerns who asked for it."""
        if self.verbose:
            self.tell(text)

    def tell_problems(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Write errors to stderr; warnings too for who asked for them."""
        from engine.reports import problems  # noqa: PLC0415 - see above

        told = (problem for problem in diagnostics if self.verbose or problem.severity is Severity.ERROR)
        for line in problems.lines(told, self.paint):
            self.tell(line)

    def complain(self, error: InputError) -> None:
        """Write to stderr what stands in the way, and the cure."""
        self.tell_problems(error.diagnostics)
        self.tell(f"{self.paint('error', 'error')}: {error.message}")
        if error.hint:
            self.tell(f"  hint: {error.hint}")

    def watch(self, done: int, total: int, doing: str = "reading partners") -> None:
        """Show a progress bar on a terminal once a run has taken a second."""
        if self.progress is None and done < total and self._is_slow():
            self.progress = self._start_progress(total, doing)
        if self.progress is not None:
            task = self.progress.tasks[0]
            rate = f"{done / task.elapsed:,.0f}/s" if task.elapsed else ""
            self.progress.update(task.id, completed=done, rate=rate)
            if done == total:
                self.progress.stop()
                self.progress = None

    def watch_planning(self, done: int, total: int) -> None:
        """Show for how many renewals a calendar is made."""
        self.watch(done, total, "planning renewals")

    def watch_deciding(self, done: int, total: int) -> None:
        """Show the progress of decisions about everybody."""
        self.watch(done, total, "deciding")

    def _write(self, texts: Iterable[str | bytes], stream: TextIO) -> None:
        try:
            for text in texts:
                click.echo(text, file=stream, color=self._colors(stream))
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # for what is still buffered
            if stream is sys.stdout and not isinstance(error, BrokenPipeError):
                raise InputError(f"the output cannot be written: {error.strerror}") from error

    def _is_slow(self) -> bool:
        is_watched = sys.stderr.isatty() and not self.quiet
        return is_watched and time.monotonic() - self.started > _SLOW_SECONDS

    def _start_progress(self, total: int, doing: str) -> Progress:
        from rich import console  # noqa: PLC0415 - see above
        from rich.progress import Progress, TextColumn  # noqa: PLC0415 - see above

        columns = (*Progress.get_default_columns(), TextColumn("{task.fields[rate]}"))
        progress = Progress(*columns, console=console.Console(stderr=True), transient=True)
        progress.add_task(doing, total=total, rate="")
        progress.start()
        return progress

    def _colors(self, stream: TextIO) -> bool:
        """Return whether to colour: as asked, else on a terminal unless NO_COLOR is set (no-color.org)."""
        if self.color != "auto":
            return self.color == "always"
        return not os.environ.get("NO_COLOR") and stream.isatty()
