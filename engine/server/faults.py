"""What is wrong with a request, as problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import msgspec

MEDIA_TYPE = "application/problem+json"
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
NO_MEMBERS: Mapping[str, object] = MappingProxyType({})

Place = Mapping[str, str | int]
"""A place of a request, and what is wrong there."""


class FaultError(Exception):
    """A request that cannot be answered.

    `code` is its stable name, `errors` are the places: a JSON pointer into the body, the number of a byte of
    it, or a parameter, and what is wrong there. `members` are what else the problem says.
    """

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        *,
        errors: Sequence[Place] = (),
        headers: Mapping[str, str] = NO_HEADERS,
        members: Mapping[str, object] = NO_MEMBERS,
    ) -> None:
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = headers
        self.members = members
        super().__init__(detail)

    def to_builtins(self) -> dict[str, Any]:
        """Return the members of the problem."""
        problem: dict[str, Any] = {
            "type": f"urn:renewctl:problem:{self.code}",
            "title": self.status.phrase,
            "status": int(self.status),
            "detail": self.detail,
        }
        if self.errors:
            problem["errors"] = list(self.errors)
        return {**problem, **self.members}

    def below(self, path: str) -> FaultError:
        """Return the fault of a part as one of the whole, in which the part stands there."""
        errors = [{**error, "pointer": f"{path}{error.get('pointer', '')}"} for error in self.errors]
        return FaultError(self.status, self.code, self.detail, errors=errors)

    def of_parameters(self) -> FaultError:
        """Return the fault of a request that was made in an address: its members are parameters there."""
        errors = [_of_parameter(error) for error in self.errors]
        return FaultError(self.status, self.code, self.detail, errors=errors)

    def body(self) -> bytes:
        """Return the problem as JSON."""
        return msgspec.json.encode(self.to_builtins())


def _of_parameter(error: Place) -> Place:
    others = {name: value for name, value in error.items() if name != "pointer"}
    return {"parameter": str(error.get("pointer", "")).rpartition("/")[2], **others}


def place(pointer: str, detail: str, hint: str | None = None) -> Place:
    """Return one place of a request at which something is wrong."""
    return {"pointer": pointer, "detail": detail, **({"hint": hint} if hint else {})}


def too_large(detail: str, limit: int, headers: Mapping[str, str] = NO_HEADERS) -> FaultError:
    """Return the fault of what has more bytes than it may."""
    errors = [{**place("", detail), "limit": limit}]
    return FaultError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", detail, errors=errors, headers=headers
    )


def pointer(path: Iterable[str | int]) -> str:
    """Return a path as a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)
