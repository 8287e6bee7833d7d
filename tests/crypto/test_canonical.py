# SPDX-License-Identifier: Apache-2.0
"""Canonical form against rfc8785, and padding that can be undone one way only."""

from datetime import date
from enum import IntEnum

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from node.crypto.canonical import (
    SIZES,
    NotCanonical,
    NotCanonicalisable,
    PaddingMalformed,
    PayloadTooLarge,
    canonical,
    commitment,
    pad,
    parse_canonical,
    unpad,
)
from node.domain.digest import keccak
from node.domain.entries import MAX_FEN

# every plane and every control character, but no lone surrogates: those are no text
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.text(st.characters(max_codepoint=127))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_FEN, MAX_FEN) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)


class Number(IntEnum):
    ONE = 1


@given(JSON)
def test_the_bytes_are_those_of_rfc_8785(value: object) -> None:
    data = canonical(value)  # type: ignore[arg-type]
    assert data == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert parse_canonical(data) == value


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1.0, "float"),
        ({"a": [0.1]}, "float"),
        (float("nan"), "float"),
        (MAX_FEN + 1, "range"),
        (-MAX_FEN - 1, "range"),
        ({"姓名": 1}, "key"),
        ({1: 2}, "key"),
        (b"x", "bytes"),
        (date(2026, 1, 1), "date"),
        (Number.ONE, "Number"),
        ({1, 2}, "set"),
        ("\ud800", "surrogate"),
    ],
)
def test_what_has_no_place_in_a_payload_is_refused(value: object, kind: str) -> None:
    with pytest.raises(NotCanonicalisable) as caught:
        canonical(value)  # type: ignore[arg-type]
    assert caught.value.values == {"kind": kind}


def test_nesting_has_a_bound() -> None:
    value: list[object] = []
    for _ in range(40):
        value = [value]
    with pytest.raises(NotCanonicalisable):
        canonical(value)  # type: ignore[arg-type]
    with pytest.raises(NotCanonical):
        parse_canonical(b"[" * 40 + b"]" * 40)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b"1.0",
        b"1e3",
        b"-0",
        b'"\\u0041"',
        b"[1]\n",
        b'"\xff"',
        b"9007199254740992",
    ],
)
def test_bytes_in_any_other_form_are_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        parse_canonical(data)


def test_the_commitment_is_keccak_of_the_canonical_bytes() -> None:
    data = canonical({"salt": "00", "amount": 1})
    assert data == b'{"amount":1,"salt":"00"}'
    assert commitment(data) == keccak(data)


@given(st.binary(max_size=4799) | st.integers(0, 4799).map(lambda n: b"\x00\x80"[: n % 3] * (n // 3)))
def test_padding_is_undone(payload: bytes) -> None:
    padded = pad(payload)
    assert len(padded) == min(size for size in SIZES if size > len(payload))
    assert unpad(padded) == payload


@pytest.mark.parametrize("size", SIZES)
def test_a_size_takes_one_byte_less_than_its_name(size: int) -> None:
    assert len(pad(b"a" * (size - 1))) == size
    if size != SIZES[-1]:
        assert len(pad(b"a" * size)) > size


def test_more_than_the_largest_size_is_refused() -> None:
    with pytest.raises(PayloadTooLarge) as caught:
        pad(bytes(4800))
    assert caught.value.values == {"size_bytes": 4800, "limit_bytes": 4799}


@pytest.mark.parametrize(
    "padded",
    [b"", bytes(300), b"a" * 300, pad(b"a")[:-1], pad(b"a") + b"\x00", b"a\x80" + bytes(598), b"a\x81" + bytes(298)],
)
def test_what_pad_would_not_have_written_is_refused(padded: bytes) -> None:
    with pytest.raises(PaddingMalformed):
        unpad(padded)
