"""Which commit is live, as far as git can tell: nobody is kept from being served because it cannot."""

from __future__ import annotations

import logging
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from engine.diagnostics import InputError
from engine.snapshot import State
from engine.sources import Sources

if TYPE_CHECKING:  # an extra
    from engine import revisions

_log = logging.getLogger(__name__)


class Checkout:
    """Asks again and again which commit is checked out; of files that it knows only those that differ count.

    It is for one who asks after the other, never for two at once.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    @cached_property
    def _asked_before(self) -> revisions.Checkout:
        from engine import revisions  # noqa: PLC0415 - an extra

        return revisions.Checkout(self._root)

    def state(self, sources: Sources) -> State:
        """Return which commit was read; without git, or outside of it, nobody knows."""
        try:
            return self._asked_before.state(sources)
        except (ImportError, InputError):
            return State()
        except Exception:  # noqa: BLE001 - a damaged repository, or half a clone, has many ways to say so
            _log.warning("git cannot tell which commit is checked out", exc_info=True)
            return State()


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
