"""Renewal facts in little memory: packed, and unpacked again for whoever asks about one.

As objects they take four times the bytes in which they were delivered, packed a fifth of these. They resemble
each other: packed against a sample, a few at a time take no more memory than many together, and to unpack one
takes a third of the time. A fact is known by its number in the order of delivery.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import msgspec

from engine.facts import RenewalFact

_BLOCK = 4
"""Facts of a block: with more they take less memory, with fewer it takes less time to unpack one."""

_SAMPLE = 2_048
"""Bytes of the sample: with more it takes longer to pack, for little."""

_LEVEL = 1
"""How hard zlib tries: trying harder takes several times as long for a few MB."""

_RAW = -zlib.MAX_WBITS
"""Without a head and a checksum for each block: they never leave the memory."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(RenewalFact).decode


class Shelf(Sequence[RenewalFact]):
    """Facts by their numbers."""

    def __init__(self) -> None:
        self._packed = bytearray()
        """The blocks in one piece: one by one they would lie among what is freed, and keep it from others."""
        self._borders = array("L", [0])
        self._ends = array("L")
        self._open = bytearray()
        self._sample = b""
        self._unpacker = zlib.decompressobj(_RAW)
        self._last = -1, b""
        """The block that was unpacked last: who asks about one fact often asks about its neighbour next."""

    def put(self, fact: RenewalFact) -> int:
        """Put the next fact down, and return its number."""
        number = len(self._ends)
        if number % _BLOCK == 0:
            self.close()
        self._open += _encode(fact)
        self._ends.append(len(self._open))
        return number

    def close(self) -> None:
        """Pack the facts that were put down last; without it they take some more memory, nothing else."""
        if self._open:
            if not self._packed:
                self._sample = bytes(self._open[:_SAMPLE])
                self._unpacker = zlib.decompressobj(_RAW, self._sample)
            packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW, zdict=self._sample)
            self._packed += packer.compress(self._open) + packer.flush()
            self._borders.append(len(self._packed))
            self._open = bytearray()

    def pick(self, numbers: Iterable[int]) -> Iterator[RenewalFact]:
        """Yield the facts of these numbers; those that stand together are unpacked together."""
        last, block = -1, b""
        for number in numbers:
            if number // _BLOCK != last:
                last = number // _BLOCK
                block = self._unpacked(last)
            begin = self._ends[number - 1] if number % _BLOCK else 0
            yield _decode(block[begin : self._ends[number]])

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
        begin, *end = self._borders[block : block + 2]
        if not end:
            return bytes(self._open)
        last, unpacked = self._last
        if last != block:
            unpacked = self._unpacker.copy().decompress(self._packed[begin : end[0]])
            self._last = block, unpacked
        return unpacked
