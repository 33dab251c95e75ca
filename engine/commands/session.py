"""One run of a command: the root that its options name, and what of it is loaded."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands.console import Console
from engine.diagnostics import ConfigurationError, InputError

if TYPE_CHECKING:  # imported when used: most of a start-up is imports
    from engine.configuration import Memory
    from engine.facts import RenewalFact
    from engine.feeds.databases import Selection
    from engine.feeds.factsources import Database, Delivery, Files, Reader
    from engine.reading.forms import FormT
    from engine.reading.ways import Way
    from engine.snapshot import Snapshot, State
    from engine.sources import Sources
    from engine.trees import Tree


@dataclass(slots=True)
class Session(Console):
    """The global options of one run, and what it has loaded by them.

    `facts_url` is the database that the vendor's file names, known once the root is loaded. `memory` is what
    the load of an editing command made, for the one that checks the edit.
    """

    root_option: Path | None = None
    cache_option: Path | None = None
    uses_cache: bool = True
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
        from engine.feeds import connections, factsources  # noqa: PLC0415 - see above

        if name is None:
            return factsources.Database(self.facts_url, self.root) if self.facts_url else None
        return factsources.Database(name, Path()) if connections.is_url(name) else None

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
