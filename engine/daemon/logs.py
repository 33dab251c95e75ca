"""The log of the daemon: one event a line, for people or for programs, and no address of a person in it.

Everything goes through one handler of the root logger, so that what libraries say comes in the same form.
Addresses are masked where a line is made, so that no message, field or traceback can forget it.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TextIO, TypeAlias

import msgspec

Style: TypeAlias = Literal["text", "json"]

LOGGER = "renewctl"
_OURS = (LOGGER, "engine", "uvicorn")
"""Loggers whose ordinary messages are worth a line; of all others it takes a warning."""

_ADDRESS = re.compile(
    r'(?:"[^"\n]{1,128}"|[^\s@"<>(),;:\[\]]{1,128})'
    r'(?:(?:@|%40|\uff20)\w[\w.-]*|%[^\W\d][\w-]*(?:\.[\w-]+)+|(?<=[\w"])@(?![{\w]))'
)
"""What may be one: too much is masked rather than too little. Bounded, since a text may be long."""

_MASKED = "[address]"

_DIGEST = re.compile(r"^(sha256:[0-9a-f]{12})[0-9a-f]{52}$")

_IN_MESSAGE = {"configuration", "facts", "severity", "file", "line", "column"}
"""Fields for programs; what they are, the message says to people."""

_PRIORITIES = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}
"""As syslog and journald number them."""


def configure(
    style: Style = "text", level: int = logging.INFO, stream: TextIO | None = None
) -> logging.Handler:
    """Have everything that is logged from now on written in that style; return what writes it."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Json() if style == "json" else Text(is_journal=_is_journal(stream)))
    logging.getLogger().addHandler(handler)
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
    # its lines hold paths, with the ids of clients in them, and who asked
    logging.getLogger("uvicorn.access").setLevel(logging.CRITICAL + 1)
    logging.captureWarnings(capture=True)
    return handler


def say(level: int, event: str, message: str, *, detail: str | None = None, **fields: object) -> None:
    """Log an event; fields that are None are left out, and a detail may have several lines."""
    known = {name: value for name, value in fields.items() if value is not None}
    logging.getLogger(LOGGER).log(level, message, extra={"event": event, "fields": known, "detail": detail})


def masked(text: str) -> str:
    """Return a text without the addresses of people."""
    return _ADDRESS.sub(_MASKED, text)


class Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a field cannot take the place of what every line has."""
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "event": _event(record),
            "message": masked(record.getMessage()),
        }
        line = {**_fields(record), **line}
        if text := _detail(record):
            line["detail"] = text
        return msgspec.json.encode(_in_order(line)).decode()


class Text(logging.Formatter):
    """A line to read; under systemd with its priority, and without the time, which the journal knows."""

    def __init__(self, *, is_journal: bool = False) -> None:
        self._is_journal = is_journal
        super().__init__()

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the detail below it."""
        return "\n".join(f"{self._head(record)}{line}" for line in _lines(record))

    def _head(self, record: logging.LogRecord) -> str:
        level = record.levelname.lower()
        return f"<{_PRIORITIES.get(level, 6)}>" if self._is_journal else f"{_time(record)} {level:<7} "


def _lines(record: logging.LogRecord) -> Iterator[str]:
    shown = ((name, value) for name, value in _fields(record).items() if name not in _IN_MESSAGE)
    fields = "".join(f" {name}={_value(value)}" for name, value in shown)
    yield f"{_event(record)}: {_printable(masked(record.getMessage()))}{fields}"
    yield from (f"  {_printable(line)}" for line in _detail(record).splitlines())


def _event(record: logging.LogRecord) -> str:
    return str(getattr(record, "event", "message"))


def _fields(record: logging.LogRecord) -> Mapping[str, Any]:
    """Return what an event is about; of what libraries say, which one does."""
    known: Mapping[str, Any] = getattr(record, "fields", {"logger": record.name})
    return {name: masked(value) if isinstance(value, str) else value for name, value in known.items()}


def _in_order(line: Mapping[str, Any]) -> dict[str, Any]:
    first = ("time", "level", "event", "message")
    return {name: line[name] for name in (*first, *(name for name in line if name not in first))}


def _time(record: logging.LogRecord) -> str:
    """Return when it happened, in UTC (RFC 3339)."""
    moment = dt.datetime.fromtimestamp(record.created, dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _detail(record: logging.LogRecord) -> str:
    """Return what does not fit a line: a traceback, as a rule."""
    text: str = getattr(record, "detail", None) or ""
    if record.exc_info and record.exc_info[1] is not None:
        text += "".join(traceback.format_exception(record.exc_info[1]))
    return masked(text)


def _value(value: object) -> str:
    """Write a value so that a space in it does not look like the end of it; of a digest its beginning."""
    if isinstance(value, float):
        return f"{value:.3f}"
    text = _DIGEST.sub(r"\1", str(value))
    is_plain = text.isprintable() and not re.search(r'[\s"=]', text) and text
    return text if is_plain else msgspec.json.encode(text).decode()


def _printable(text: str) -> str:
    """Keep a message on its line: what does not print, a line feed too, is written as an escape."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def _is_journal(stream: TextIO) -> bool:
    """Whether systemd reads that stream; it names the one that it reads, which another may have replaced."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"
