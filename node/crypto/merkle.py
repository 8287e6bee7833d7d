# SPDX-License-Identifier: Apache-2.0
"""The tree over a submission's entry hashes, and the proof that a chunk is a range of it (docs/wire.md, "Tree").

Leaves, inner nodes and padding are typed by their first byte, so that none can be taken for another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from node.domain.digest import keccak
from node.domain.errors import Broken

# keccak(0x02); a test recomputes it
PAD: Final = bytes.fromhex("f2ee15ea639b73fa3db9b34a245bdfa015c260c598b211bf05a1ecc4b3e3b4f2")


class RangeInvalid(Broken):
    """No tree over nothing, no empty range, none that leaves the tree. Values: ``place``, ``number``, ``count``."""

    code = "range_invalid"


class Tree:
    """All levels of one submission's tree: built once, asked for a proof a chunk."""

    __slots__ = ("_levels",)

    def __init__(self, hashes: Sequence[bytes]) -> None:
        """``hashes``: the entry hashes in order, at least one. Raises RangeInvalid."""
        if not hashes:
            raise RangeInvalid(place=0, number=0, count=0)
        level = [keccak(b"\x00" + entry_hash) for entry_hash in hashes]
        self._levels = [level]
        while True:
            level = _climb(level)
            self._levels.append(level)
            if len(level) == 1:
                return

    @property
    def root(self) -> bytes:
        """The submission's root."""
        return self._levels[-1][0]

    @property
    def count(self) -> int:
        """Number of leaves."""
        return len(self._levels[0])

    def range_proof(self, place: int, number: int) -> tuple[bytes, ...]:
        """The siblings that lead from the leaves [place, place + number) to the root. Raises RangeInvalid."""
        if place < 0 or number < 1 or place + number > self.count:
            raise RangeInvalid(place=place, number=number, count=self.count)
        start, end = place, place + number
        proof: list[bytes] = []
        for level in self._levels[:-1]:
            if start % 2:
                proof.append(level[start - 1])
            if end % 2 and end < len(level):
                proof.append(level[end])
            start, end = start // 2, (end + 1) // 2
        return tuple(proof)


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over entry hashes in order. Raises RangeInvalid where there are none."""
    return Tree(hashes).root


def range_proof(hashes: Sequence[bytes], place: int, number: int) -> tuple[bytes, ...]:
    """The proof for one range; build a ``Tree`` where several are needed. Raises RangeInvalid."""
    return Tree(hashes).range_proof(place, number)


def verify_range(expected_root: bytes, count: int, place: int, hashes: Sequence[bytes], proof: Sequence[bytes]) -> bool:
    """Whether these entry hashes are the range that begins at ``place`` of the tree of ``count`` leaves.

    Every proof hash is used, no more and no fewer; the shape comes from ``count`` alone, never from the proof.
    """
    start, end, size = place, place + len(hashes), count
    if not hashes or start < 0 or end > size:
        return False
    level = [keccak(b"\x00" + entry_hash) for entry_hash in hashes]
    siblings = iter(proof)
    while True:
        if start % 2:
            left = next(siblings, None)
            if left is None:
                return False
            level.insert(0, left)
        if end % 2:
            right = PAD if end == size else next(siblings, None)
            if right is None:
                return False
            level.append(right)
        level = _climb(level)
        start, end, size = start // 2, (end + 1) // 2, (size + 1) // 2
        if size == 1:
            break
    return next(siblings, None) is None and level == [expected_root]


def _climb(level: list[bytes]) -> list[bytes]:
    padded = [*level, PAD] if len(level) % 2 else level
    return [keccak(b"\x01" + padded[i] + padded[i + 1]) for i in range(0, len(padded), 2)]
