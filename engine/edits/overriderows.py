"""The overrides of a root as the rows of a table: one for each entry, in the order of their files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from engine.checks.partnerfiles import PartnerFile
from engine.configuration import Configuration
from engine.diagnostics import ConfigurationError, Severity
from engine.documents import Value
from engine.edits import timeline

_LIKE_A_FORMULA = re.compile("'*[=+@-]")
_ESCAPED = re.compile("''*[=+@-]")


class Row(NamedTuple):
    """An override of a client, in the texts of a table; "" is what is left out."""

    partner: str
    client: str
    owner: str = ""
    contact: str = ""
    since: str = ""
    until: str = ""
    note: str = ""

    @property
    def content(self) -> dict[str, str]:
        """The fields of the override, by their names in a file; all empty where there is none."""
        return dict(zip(COLUMNS[2:], self[2:], strict=True))

    @property
    def is_empty(self) -> bool:
        """Whether it says that the client has no override."""
        return not any(self[2:])


COLUMNS = ("partner", "client", "owner", "contact", "from", "until", "note")


def of_partner(file: PartnerFile, client: str) -> list[Row]:
    """Return the overrides of one client of a partner."""
    return [of_entry(file.record.partner, client, entry) for entry in entries(file, client)]


def entries(file: PartnerFile, client: str) -> list[timeline.Entry]:
    """Return the overrides of a client as its file has them; one that says nothing is none."""
    listed = _mapping(_mapping(file.document.value).get("clients"))
    return timeline.entries(_mapping(listed.get(client)).get("override"))


def of_root(checked: Configuration) -> Iterator[Row]:
    """Yield every override, by partner and client; refuse files that cannot be read in full."""
    faults = [one for one in checked.diagnostics if one.severity is Severity.ERROR and _hides_rows(one.code)]
    if faults:
        raise ConfigurationError(faults)
    for file in sorted(checked.partners, key=lambda file: file.record.partner):
        for client in sorted(file.record.clients):
            yield from of_partner(file, client)


def of_entry(partner: str, client: str, entry: timeline.Entry) -> Row:
    """Return an override as it stands in a file as a row."""
    texts = ("" if entry.get(name) is None else str(entry[name]).strip() for name in COLUMNS[2:])
    return Row(partner, client, *texts)


def escaped(text: str) -> str:
    """Return a cell that a spreadsheet takes for text, where it would take this one for a formula."""
    return f"'{text}" if _LIKE_A_FORMULA.match(text) else text


def unescaped(text: str) -> str:
    """Return the text of such a cell."""
    return text[1:] if _ESCAPED.match(text) else text


def _hides_rows(code: str) -> bool:
    return code.startswith(("yaml-", "schema-", "unreadable-", "duplicate-partner"))


def _mapping(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}
