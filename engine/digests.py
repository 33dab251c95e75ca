"""SHA-256, for which OpenSSL is loaded when somebody asks for the first digest: most short runs never do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash
    from io import FileIO


def sha256(data: bytes | memoryview = b"") -> _Hash:
    """Begin a digest with these bytes."""
    import hashlib  # noqa: PLC0415 - see above

    return hashlib.sha256(data)


def of_file(stream: FileIO) -> bytes:
    """Return the digest of a file that was opened without a buffer."""
    import hashlib  # noqa: PLC0415 - see above

    return hashlib.file_digest(stream, "sha256").digest()
