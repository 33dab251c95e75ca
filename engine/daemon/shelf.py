"""Renewal facts in little memory: packed, and unpacked again for whoever asks about one.

As objects they take four times the bytes in which they were delivered, packed a sixth of these. They resemble
each other: packed against a sample, a few at a time take no more memory than many together, and to unpack one
takes a third of the time. A fact is known by its number in the order of delivery.
"""

from __future__ import annotations

import datetime as dt
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, overload

import msgspec

from engine.facts import Contact, Contacts, RenewalFact

_BLOCK = 8
"""Facts of a block: with more they take less memory, with fewer it takes less time to unpack one."""

_LEVEL = 3
"""How hard zlib tries: trying harder takes longer, for little."""

_RAW = -13
"""Without a head and a checksum for each block, and looking back no further than the sample and a block."""

_MEMORY = 5
"""How much memory zlib takes for a block: what it takes it has to clear."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(RenewalFact).decode


def _sample() -> bytes:
    """Return what facts resemble: their keys above all, and the words that recur in them."""
    day = dt.date(2027, 2, 15)
    mail = Contact(email="billing@.example", user="u_", name="", locale="en-GB")
    plain = RenewalFact(renewal="rn_", client="", renewal_date=day, tier="starter", status="churned")
    full = RenewalFact(
        renewal="rn_",
        client="",
        renewal_date=day,
        partner="",
        website="www..com",
        products=("",),
        tier="enterprise",
        term_start=day,
        auto_renew=True,
        mrr="00.00",
        renewal_mrr="00.00",
        currency="GBP",
        time_zone="Europe/London",
        locale="en-GB",
        contacts=Contacts(primary_contact=mail, billing_contacts=(mail,)),
    )
    usual = msgspec.structs.replace(
        full,
        tier="professional",
        currency="EUR",
        time_zone="Europe/Berlin",
        locale="de-DE",
        country="DE",
        contacts=Contacts(decision_maker=mail, billing_contacts=(Contact(email="billing@"),)),
    )
    return b"".join(map(_encode, (plain, full, usual)))


_SAMPLE = _sample()
_PACKER = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW, _MEMORY, zlib.Z_FIXED, _SAMPLE)
"""With the codes that everybody knows: a block is too short for its own to pay."""

_UNPACKER = zlib.decompressobj(_RAW, _SAMPLE)


def numbers(code: str, packed: memoryview) -> array[int]:
    """Return the numbers of an array that came as bytes."""
    unpacked: array[int] = array(code)
    unpacked.frombytes(packed.tobytes())
    return unpacked


class Packed(NamedTuple):
    """What a shelf holds, as bytes."""

    blocks: memoryview
    borders: memoryview
    begins: memoryview
    ends: memoryview


class Shelf(Sequence[RenewalFact]):
    """Facts by their numbers."""

    def __init__(self) -> None:
        self._packed = bytearray()
        """The blocks in one piece: one by one they would lie among what is freed, and keep it from others."""
        self._borders = array("Q", [0])
        """Where a block ends and the next begins."""
        self._begins = array("I", [0])
        """The first number of each block, that of the open one at the end."""
        self._ends = array("I")
        """Where each fact ends in its block."""
        self._open = bytearray()
        self._last = -1, b""
        """The block that was unpacked last: who asks about one fact often asks about its neighbour next."""

    def put(self, fact: RenewalFact) -> int:
        """Put the next fact down, and return its number."""
        number = len(self._ends)
        if number - self._begins[-1] == _BLOCK:
            self.close()
        self._open += _encode(fact)
        self._ends.append(len(self._open))
        return number

    def close(self) -> None:
        """Pack the facts that were put down last; without it they take some more memory, nothing else."""
        if self._open:
            packer = _PACKER.copy()
            self._packed += packer.compress(self._open) + packer.flush()
            self._borders.append(len(self._packed))
            self._begins.append(len(self._ends))
            self._open = bytearray()

    def taken(self) -> Packed:
        """Return everything that was put down and closed."""
        return Packed(
            memoryview(self._packed),
            memoryview(self._borders),
            memoryview(self._begins),
            memoryview(self._ends),
        )

    def add(self, packed: Packed) -> None:
        """Put down what another shelf held, behind all that is here; both are closed."""
        packed_before, facts_before = len(self._packed), self._begins.pop()
        self._packed += packed.blocks
        self._borders.extend(packed_before + border for border in numbers("Q", packed.borders)[1:])
        self._begins.extend(facts_before + begin for begin in numbers("I", packed.begins))
        self._ends += numbers("I", packed.ends)

    def pick(self, numbers: Iterable[int]) -> Iterator[RenewalFact]:
        """Yield the facts of these numbers; those that stand together are unpacked together."""
        begins, ends = self._begins, self._ends
        for number in numbers:
            place = bisect_right(begins, number) - 1
            block = self._unpacked(place)
            begin = ends[number - 1] if number > begins[place] else 0
            yield _decode(block[begin : ends[number]])

    def __iter__(self) -> Iterator[RenewalFact]:
        return self.pick(range(len(self)))

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, index: int) -> RenewalFact: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[RenewalFact, ...]: ...
    def __getitem__(self, index: int | slice) -> RenewalFact | tuple[RenewalFact, ...]:
        numbers = range(len(self))[index]
        if isinstance(numbers, range):
            return tuple(self.pick(numbers))
        return next(self.pick([numbers]))

    def _unpacked(self, block: int) -> bytes:
        last, unpacked = self._last
        if last == block:
            return unpacked
        begin, *end = self._borders[block : block + 2]
        if not end:
            return bytes(self._open)
        unpacked = _UNPACKER.copy().decompress(self._packed[begin : end[0]])
        self._last = block, unpacked
        return unpacked
