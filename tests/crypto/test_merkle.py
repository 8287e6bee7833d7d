# SPDX-License-Identifier: Apache-2.0
"""The tree of docs/wire.md: right ranges prove, nothing else does."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from node.crypto.merkle import PAD, RangeInvalid, Tree, range_proof, root, verify_range
from node.domain.digest import keccak


def hashes_of(count: int) -> list[bytes]:
    return [keccak(i.to_bytes(4, "big")) for i in range(count)]


def leaf(entry_hash: bytes) -> bytes:
    return keccak(b"\x00" + entry_hash)


def node(left: bytes, right: bytes) -> bytes:
    return keccak(b"\x01" + left + right)


@st.composite
def ranges(draw: st.DrawFn) -> tuple[int, int, int]:
    count = draw(st.integers(1, 40))
    place = draw(st.integers(0, count - 1))
    return count, place, draw(st.integers(1, count - place))


def test_padding_is_typed_too() -> None:
    assert keccak(b"\x02") == PAD


def test_small_trees_are_built_as_the_page_says() -> None:
    a, b, c = (leaf(h) for h in hashes_of(3))
    assert root(hashes_of(1)) == node(a, PAD)
    assert root(hashes_of(2)) == node(a, b)
    assert root(hashes_of(3)) == node(node(a, b), node(c, PAD))
    five = [leaf(h) for h in hashes_of(5)]
    left = node(node(five[0], five[1]), node(five[2], five[3]))
    assert root(hashes_of(5)) == node(left, node(node(five[4], PAD), PAD))


def test_every_range_of_every_small_tree_proves() -> None:
    for count in range(1, 18):
        hashes = hashes_of(count)
        tree = Tree(hashes)
        for place in range(count):
            for number in range(1, count - place + 1):
                proof = tree.range_proof(place, number)
                assert verify_range(tree.root, count, place, hashes[place : place + number], proof)


@given(ranges(), st.data())
def test_a_longer_shorter_or_altered_proof_fails(where: tuple[int, int, int], data: st.DataObject) -> None:
    count, place, number = where
    hashes = hashes_of(count)
    part, top = hashes[place : place + number], root(hashes)
    proof = range_proof(hashes, place, number)
    assert not verify_range(top, count, place, part, [*proof, keccak(b"more")])
    assert not verify_range(top, count, place, part, [PAD, *proof])
    if proof:
        assert not verify_range(top, count, place, part, proof[:-1])
        assert not verify_range(top, count, place, part, proof[1:])
        at = data.draw(st.integers(0, len(proof) - 1))
        altered = [*proof[:at], keccak(proof[at]), *proof[at + 1 :]]
        assert not verify_range(top, count, place, part, altered)


@given(ranges(), st.integers(-2, 45), st.integers(0, 45))
def test_another_place_or_count_fails(where: tuple[int, int, int], other_place: int, other_count: int) -> None:
    count, place, number = where
    hashes = hashes_of(count)
    part, top = hashes[place : place + number], root(hashes)
    proof = range_proof(hashes, place, number)
    if other_place != place:
        assert not verify_range(top, count, other_place, part, proof)
    # a count of the same shape on this path is caught elsewhere: the count is signed beside the root
    if other_count < place + number:
        assert not verify_range(top, other_count, place, part, proof)


@given(ranges(), st.data())
def test_an_entry_added_dropped_or_swapped_fails(where: tuple[int, int, int], data: st.DataObject) -> None:
    count, place, number = where
    hashes = hashes_of(count)
    part, top = hashes[place : place + number], root(hashes)
    proof = range_proof(hashes, place, number)
    assert not verify_range(top, count, place, [*part, keccak(b"extra")], proof)
    assert not verify_range(top, count, place, part[:-1], proof)
    at = data.draw(st.integers(0, number - 1))
    assert not verify_range(top, count, place, [*part[:at], keccak(b"other"), *part[at + 1 :]], proof)
    if number > 1:
        assert not verify_range(top, count, place, part[::-1], proof)


@given(st.integers(2, 40))
def test_an_inner_node_is_no_entry(count: int) -> None:
    hashes = hashes_of(count)
    top = root(hashes)
    inner = [leaf(h) for h in hashes] + ([PAD] if count % 2 else [])
    parents = [node(inner[i], inner[i + 1]) for i in range(0, len(inner), 2)]
    tree_above = Tree(hashes_of(len(parents)))
    for place in range(len(parents)):
        shape = tree_above.range_proof(place, 1)
        assert not verify_range(top, len(parents), place, [parents[place]], shape)
    assert not verify_range(top, len(parents), 0, parents, ())
    assert not verify_range(top, 1, 0, [top], ())
    # the 64 or 65 bytes under a node, offered as the entry hash of a leaf
    assert not verify_range(top, len(parents), 0, [b"\x01" + inner[0] + inner[1]], range_proof(parents, 0, 1))


@given(st.integers(1, 39).filter(lambda n: n % 2 == 1))
def test_padding_is_no_entry(count: int) -> None:
    hashes = hashes_of(count)
    top = root(hashes)
    tree = Tree(hashes)
    for pad in (PAD, b"", b"\x02"):
        longer = [*hashes, pad]
        assert root(longer) != top
        assert not verify_range(top, count + 1, 0, longer, ())
        assert not verify_range(top, count + 1, count, [pad], tree.range_proof(count - 1, 1))


def test_a_place_before_the_first_is_none() -> None:
    hashes = hashes_of(8)  # of a full tree every parity would fit
    assert not verify_range(root(hashes), 8, -8, hashes, ())
    assert not verify_range(root(hashes), 8, -5, hashes[3:4], range_proof(hashes, 3, 1))


def test_no_root_is_reached_by_nothing() -> None:
    assert not verify_range(bytes(32), 0, 0, [], ())
    assert not verify_range(root(hashes_of(1)), 1, 0, [], ())
    assert not verify_range(bytes(32), 1, 0, hashes_of(1), ())


@pytest.mark.parametrize(("place", "number"), [(0, 0), (-1, 1), (3, 1), (0, 4), (2, 2)])
def test_a_range_outside_the_tree_has_no_proof(place: int, number: int) -> None:
    with pytest.raises(RangeInvalid):
        range_proof(hashes_of(3), place, number)


def test_nothing_has_no_root() -> None:
    with pytest.raises(RangeInvalid):
        root([])


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=20))
def test_different_lists_have_different_roots(hashes: list[bytes]) -> None:
    other = hashes[::-1]
    assume(other != hashes)
    assert root(hashes) != root(other)
    assert root(hashes) != root([*hashes, hashes[-1]])
