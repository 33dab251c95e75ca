"""How the texts of a renewal fact may be written: the schema's patterns, of which one look sees all.

Matching them one by one takes most of the time of reading a fact. Put together with line ends between them,
which none of them lets pass, they accept exactly what each accepts by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine import schemas


def _pattern(*path: str) -> str:
    node = schemas.schema("renewal")
    for key in path:
        node = node[key]
    return f"(?:{str(node['pattern']).removeprefix('^').removesuffix('$')})\n"


def _field(name: str) -> str:
    return _pattern("properties", name)


def _optional(pattern: str) -> str:
    return f"(?:{pattern}|\n)"


_LOCALE, _MONEY = _pattern("$defs", "locale_or_null"), _pattern("$defs", "money")

_FACT = (
    _field("renewal"),
    _field("client"),
    *map(_optional, (_field("partner"), _field("website"), _MONEY, _MONEY)),
    *map(_optional, (_field("currency"), _LOCALE, _field("country"))),
)
_CONTACT = (
    _pattern("$defs", "address"),
    _pattern("$defs", "contact", "properties", "user"),
    _pattern("$defs", "contact", "properties", "name"),
    _optional(_LOCALE),
)
_TEXTS = re.compile(f"{''.join(_FACT)}(?:{''.join(_CONTACT)})*").fullmatch


def are_right(fact: str, contacts: Iterable[str]) -> bool:
    """Whether texts are written as the schema wants them, each on a line that ends; absent ones are empty.

    Those of a fact are renewal, client, partner, website, both prices, currency, locale and country; those of
    each of its contacts are email, user, name and locale.
    """
    return _TEXTS("".join((fact, *contacts))) is not None
