"""The partner nord as a file, and what the checks say of it."""

from __future__ import annotations

import datetime as dt

from engine import documents, schemas
from engine.checks.partnerchecks import check_partner
from engine.checks.partnerfiles import PartnerFile
from engine.model import Partner, Written, from_value

ON = dt.date(2026, 11, 23)
USERS = """\
users:
  jana: {name: Jana Weber, email: jana@nord.example}
  tom: {name: Tom Kern, email: tom@nord.example}
"""
DEFAULT = "default: {owner: hubspot, contact: jana, backup_contacts: [tom]}\n"


def file(text: str, *, users: str = USERS, path: str = "config/partners/nord.yaml") -> PartnerFile:
    """Return the partner nord with these parts; users stand in lines 3 to 5, the text begins in line 6."""
    written = f"version: 1\npartner: nord\n{users}{text}"
    document, _ = documents.parse(path, written.encode())
    assert document is not None
    _, value = schemas.check("partner", document)
    return Written(document, from_value(Partner, value))


def told(text: str, *, users: str = USERS, on: dt.date = ON) -> list[str]:
    """Return line, code and severity of what is said of such a partner, in order."""
    found = sorted(check_partner(file(text, users=users), on))
    return [f"{problem.location.line} {problem.code} {problem.severity}" for problem in found]
