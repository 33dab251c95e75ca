"""A commit in words: which one, when it was made, and what its author said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # who has no commit to show need not have pygit2
    from engine.git import Commit
    from engine.past.blame import Blamed

NOT_COMMITTED = "not committed yet"


def blamed(found: Blamed) -> str:
    """Return who wrote a line, as short as it can be."""
    commit = found.commit
    if commit is None:
        return NOT_COMMITTED
    if commit.is_cut_off:
        return f"{dated(commit)} or before: this clone is shallow"
    return f"{dated(commit)}  {subject(commit)}"


def dated(commit: Commit) -> str:
    """Return the commit's id and the day on which it was made, where that was."""
    return f"{commit.short_id} {commit.authored.date()}"


def author(commit: Commit) -> str:
    """Return who made it."""
    return _printable(commit.author.name)


def subject(commit: Commit) -> str:
    """Return the first line of its message."""
    return _printable(commit.subject)


def _printable(text: str) -> str:
    """Return text without what could steer a terminal: anybody may have written it."""
    return "".join(one if one.isprintable() else "?" for one in text)
