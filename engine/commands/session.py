"""One run of a command: what the global options say, what is loaded, and where lines go."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from engine.diagnostics import ConfigurationError, Diagnostic, InputError, Severity

if TYPE_CHECKING:  # imported when used: most of a start-up is imports
    from rich.progress import Progress

    from engine.configuration import Memory
    from engine.facts import RenewalFact
    from engine.feeds.databases import Selection
    from engine.feeds.factsources import Database, Delivery, Files, Reader
    from engine.reading.forms import FormT
    from engine.reading.ways import Way
    from engine.snapshot import Snapshot, State
    from engine.sources import Sources
    from engine.trees import Tree

_STYLES: dict[str, dict[str, Any]] = {
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow", "bold": True},
    "good": {"fg": "green", "bold": True},
    "strong": {"bold": True},
    "faint": {"dim": True},
}
_SLOW_SECONDS = 1.0


@dataclass(slots=True)
class Session:
    """The global options of one run; results go to stdout, everything else to stderr.

    `facts_url` is the database that the vendor's file names, known once the root is loaded. `memory` is what
    the load of an editing command made, for the one that checks the edit.
    """

    root_option: Path | None = None
    cache_option: Path | None = None
    uses_cache: bool = True
    color: str = "auto"
    quiet: bool = False
    verbose: bool = False
    started: float = field(default_factory=time.monotonic)
    progress: Progress | None = None
    facts_url: str | None = None
    memory: Memory | None = None

    @property
    def root(self) -> Path:
        """The root that was named, else the nearest directory upward that has config/partners."""
        from engine import sources  # noqa: PLC0415 - see above

        return self.root_option or sources.find_root(Path.cwd())

    @property
    def now(self) -> dt.datetime:
        """The moment of the run; deciding itself never reads the clock."""
        return dt.datetime.now(dt.UTC)

    @property
    def width(self) -> int | None:
        """How wide a table may be: as the terminal is, anywhere else as it needs to be."""
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

    def tree(self, rev: str | None) -> Tree:
        """Return where the files of the root are: in its directory, or in a commit."""
        from engine.trees import Folder  # noqa: PLC0415 - see above

        if rev is None:
            return Folder(self.root)
        from engine.git import Repository  # noqa: PLC0415 - see above

        return Repository.at(self.root).commit(rev)

    def way(self, rev: str | None, form: type[FormT], on: dt.date, memory: Memory | None = None) -> Way:
        """Return how the root is read: with a cache, unless there shall be none, or there is a memory."""
        from engine.reading import ways  # noqa: PLC0415 - see above

        return ways.choose(self.tree(rev), form, on, self.cache_folder if memory is None else None)

    @property
    def cache_folder(self) -> Path | None:
        """Where a cache may be, if there may be one."""
        from engine.reading import ways  # noqa: PLC0415 - see above

        return (self.cache_option or ways.cache_folder()) if self.uses_cache else None

    def snapshot(self, on: dt.date | None, rev: str | None = None) -> Snapshot:
        """Load the root for deciding; say what is wrong with it and does not stop that."""
        return self.load(on, rev)[0]

    def load(
        self, on: dt.date | None, rev: str | None = None, memory: Memory | None = None
    ) -> tuple[Snapshot, Sources]:
        """Do the same, and return the files too; a memory spares reading what the last load read."""
        from engine import collecting, sources  # noqa: PLC0415 - see above
        from engine.reading.forms import Content  # noqa: PLC0415 - see above

        way = self.way(rev, Content, on or self.now.date(), memory)
        with collecting.paused():
            read = sources.read_tree(way.tree)
        return self.loaded(read, way, on, rev, memory), read

    def loaded(
        self, read: Sources, way: Way, on: dt.date | None, rev: str | None, memory: Memory | None
    ) -> Snapshot:
        """Load the files of a root that were read; `way` says from where, and who reads partners."""
        from engine import collecting, configuration, snapshot  # noqa: PLC0415 - see above
        from engine.reports.problems import counted  # noqa: PLC0415 - see above

        with collecting.paused():
            checked = configuration.load(read, on or self.now.date(), self.watch, memory, way.reader)
            if not checked.may_decide:
                raise ConfigurationError(checked.diagnostics, rev)
            loaded = snapshot.from_configuration(checked, lambda: self._state(way.tree, read))
        collecting.spare_what_is_there()
        self.facts_url = loaded.vendor.facts
        self.tell_problems(checked.diagnostics)
        place = f"{self.root} at {rev}" if rev else str(self.root)
        self.tell_details(f"{counted(len(read.files), 'file')} of {place}, {loaded.revision.digest}")
        return loaded

    def _state(self, tree: Tree, read: Sources) -> State:
        """Ask git which commit was read; without git, or outside of it, nobody knows."""
        from engine.snapshot import State  # noqa: PLC0415 - see above

        try:
            from engine import revisions  # noqa: PLC0415 - see above

            return revisions.of(tree, self.root, read)
        except (ImportError, InputError) as error:
            self.tell_details(f"the commit is not known: {error}")
            return State()

    def database(self, name: str | None) -> Database | None:
        """Return the database that `--facts` names, else the vendor's file; None when facts are in files."""
        from engine.feeds import databases, factsources  # noqa: PLC0415 - see above

        if name is None:
            return factsources.Database(self.facts_url, self.root) if self.facts_url else None
        return factsources.Database(name, Path()) if databases.is_url(name) else None

    def facts(
        self,
        name: str | None,
        selection: Selection | None = None,
        *,
        skip_bad: bool,
        rev: str | None = None,
        read: Reader | None = None,
    ) -> tuple[RenewalFact, ...]:
        """Read the facts of that file or database, else those of the root: of a commit that has any.

        A selection narrows what is asked of a database; files are read to their end all the same, unless
        `read` needs less.
        """
        from engine import collecting  # noqa: PLC0415 - see above

        with collecting.paused():
            delivery = self._delivery(name, selection, rev, read)
        files = None if self.database(name) else len(delivery.files)
        return self.delivered(delivery, files, skip_bad=skip_bad)

    def delivered(self, delivery: Delivery, files: int | None, *, skip_bad: bool) -> tuple[RenewalFact, ...]:
        """Return the facts of a delivery; bad ones are an error, unless they are skipped."""
        from engine.feeds import factsources  # noqa: PLC0415 - see above

        if not skip_bad:
            factsources.check_usable(delivery)
        self.tell_problems(delivery.problems)
        self._tell_skipped(delivery.facts.bad)
        self.tell_delivered(len(delivery.facts.renewals), files)
        return delivery.facts.renewals

    def tell_delivered(self, renewals: int, files: int | None) -> None:
        """Say how many facts there are in these files; None is a database."""
        from engine.reports.problems import counted  # noqa: PLC0415 - see above

        place = "the database" if files is None else counted(files, "file")
        self.tell_details(f"{counted(renewals, 'renewal')} in {place}")

    def fact_files(self, name: str | None, rev: str | None) -> Files:
        """Return that file, else those of the root: of a commit that has any."""
        from engine.feeds import factsources  # noqa: PLC0415 - see above
        from engine.sources import FACTS  # noqa: PLC0415 - see above

        if name is not None:
            return factsources.files_of(name, sys.stdin.buffer)
        tree = self.tree(rev)
        return factsources.files_of_tree(tree if tree.exists(FACTS) else self.tree(None))

    def stream(self, database: Database, *, skip_bad: bool) -> Iterator[RenewalFact]:
        """Yield the facts of a database one by one; after a bad one, unless it is skipped, no other."""
        from engine.feeds import factsources  # noqa: PLC0415 - see above

        bad = 0
        for item in database.stream():
            if item.fact is None:
                bad += 1
                self.tell_problems(item.problems)
            elif skip_bad or not bad:
                yield item.fact
        if bad and not skip_bad:
            raise factsources.cut_short(bad)
        self._tell_skipped(bad)

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
        """Show the progress of a calendar, a day at a time."""
        self.watch(done, total, "planning notices")

    def watch_deciding(self, done: int, total: int) -> None:
        """Show the progress of decisions about everybody."""
        self.watch(done, total, "deciding")

    def _delivery(
        self, name: str | None, selection: Selection | None, rev: str | None, read: Reader | None
    ) -> Delivery:
        from engine.feeds import factfiles, factsources  # noqa: PLC0415 - see above
        from engine.feeds.databases import EVERYTHING  # noqa: PLC0415 - see above

        database = self.database(name)
        if database is not None:
            return factsources.of_database(database, selection or EVERYTHING)
        return self.fact_files(name, rev).delivery(read or factfiles.read)

    def _tell_skipped(self, bad: int) -> None:
        from engine.reports.problems import counted  # noqa: PLC0415 - see above

        if bad:
            self.tell(f"{counted(bad, 'bad fact')} skipped")

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
        from rich.console import Console  # noqa: PLC0415 - see above
        from rich.progress import Progress, TextColumn  # noqa: PLC0415 - see above

        columns = (*Progress.get_default_columns(), TextColumn("{task.fields[rate]}"))
        progress = Progress(*columns, console=Console(stderr=True), transient=True)
        progress.add_task(doing, total=total, rate="")
        progress.start()
        return progress

    def _colors(self, stream: TextIO) -> bool:
        """Return whether to colour: as asked, else on a terminal unless NO_COLOR is set (no-color.org)."""
        if self.color != "auto":
            return self.color == "always"
        return not os.environ.get("NO_COLOR") and stream.isatty()
