"""Which commit is live, as far as git can tell: nobody is kept from being served because it cannot."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from engine.diagnostics import InputError
from engine.snapshot import Revision, State
from engine.sources import Sources
from engine.trees import Folder

T = TypeVar("T")

_log = logging.getLogger(__name__)


def state(root: Path, sources: Sources) -> State:
    """Return which commit was read; without git, or outside of it, nobody knows."""

    def ask() -> State:
        from engine import revisions  # noqa: PLC0415 - an extra

        return revisions.of(Folder(root), root, sources)

    return _asked(ask) or State()


def newer(root: Path, sources: Sources, known: Revision) -> State:
    """Return which commit was read, as git sees it now; what was clean is, while HEAD has not moved."""

    def ask() -> str | None:
        from engine import revisions  # noqa: PLC0415 - an extra

        return revisions.checked_out(root)

    if known.dirty is False and known.commit == _asked(ask):
        return State(known.commit, known.dirty)
    return state(root, sources)


def complaint(root: Path) -> str | None:
    """Return why git tells nothing of a repository that is there: it may belong to another user."""
    try:
        from engine import revisions  # noqa: PLC0415 - an extra

        revisions.checked_out(root)
    except InputError as error:
        cure = f"; allow it with `{error.hint}`" if error.hint else ""
        return f"nobody knows the commit: {error.message}{cure}"
    except Exception:  # noqa: BLE001 - said where the commit is asked for
        return None
    return None


def _asked(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except (ImportError, InputError):
        return None
    except Exception:  # noqa: BLE001 - a damaged repository, or half a clone, has many ways to say so
        _log.warning("git cannot tell which commit is checked out", exc_info=True)
        return None
