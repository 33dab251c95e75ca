"""What tells that a file is another, or was written to, without reading it."""

from __future__ import annotations

import os
from typing import NamedTuple


class Stamp(NamedTuple):
    """What the file system says of a file, short of its content.

    `modified` can be set back, as `cp -p` and `rsync -t` do. `changed`, the time of the last change of any
    kind, can not; it also tells of a file that has become readable.
    """

    device: int
    inode: int
    size: int
    modified: int
    changed: int


def stamp(path: str) -> Stamp | None:
    """Return the stamp of a file, or of what a link of that name leads to; None when there is nothing."""
    try:
        return stamp_of(os.stat(path))  # noqa: PTH116 - a Path for each would double the time of a look
    except OSError:
        return None


def stamp_of(status: os.stat_result) -> Stamp:
    """Return the stamp in the status of a file."""
    return Stamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
