"""What a scalar without quotes stands for: the core schema of YAML 1.2.

One deviation: a decimal integer with a leading zero (`007`) is the text as written. YAML 1.1 reads it as
octal, 1.2 as decimal, and who writes it means neither.
"""

from __future__ import annotations

import math
import re

Scalar = None | bool | int | float | str

MAX_NUMBER_LENGTH = 100  # longer ones are text: converting digits takes quadratic time, and nobody means them

_CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{sign + word: math.inf for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_NEVER_A_KEY = frozenset([*_CONSTANTS, "<<"])  # YAML 1.1 merges the value of `<<` into its neighbours
_NUMBER_STARTS = frozenset("+-.0123456789")
_NUMBER = re.compile(
    r"""(?P<integer> [-+]? (?: 0 | [1-9][0-9]* ) | 0o [0-7]+ | 0x [0-9a-fA-F]+ )
      | (?P<float> [-+]? (?: [0-9]+ \. [0-9]* | \. [0-9]+ ) (?: [eE] [-+]? [0-9]+ )?
                 | [-+]? [0-9]+ [eE] [-+]? [0-9]+ )""",
    re.VERBOSE,
)
_PORTAL_NUMBER = re.compile("0|[1-9][0-9]*")
_LEADING_ZERO = re.compile("[-+]?0[0-9]+")


def resolve(text: str) -> Scalar:
    """Return the value of a plain scalar."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in _NUMBER_STARTS or len(text) > MAX_NUMBER_LENGTH:
        return text
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    return int(text, base=0) if number["integer"] else float(text)


def is_key(text: str) -> bool:
    """Whether a plain scalar is a key as written: text, or a portal number, which is an id like any other."""
    if text[:1] not in _NUMBER_STARTS:
        return text not in _NEVER_A_KEY
    if isinstance(resolve(text), str):
        return not _LEADING_ZERO.fullmatch(text)
    return _PORTAL_NUMBER.fullmatch(text) is not None
