# SPDX-License-Identifier: Apache-2.0
"""A scan on its way from an office to a bank: it opens for the bank alone, and whatever else comes is told by kind."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from node.crypto.canonical import canonical
from node.crypto.envelope import MAGIC, EnvelopeMalformed, open_file, seal_file
from node.crypto.wraps import SEALED_FILE, WRAPPED_KEY, Damaged, KeyAway, NotAddressed, wrap
from tests.crypto.sealed import BANK, LEDGER, OFFICE, OTHER_BANK, memory_keys

KEYS = memory_keys(BANK)
SCAN = b"%PDF-1.7 a scan" * 40


class Counting:
    """Deterministic bytes, each call others."""

    def __init__(self) -> None:
        self.calls = 0

    def token(self, size: int) -> bytes:
        self.calls += 1
        return bytes([self.calls]) * size


def sealed() -> bytes:
    return seal_file(LEDGER, OFFICE, KEYS.registered, "同意书.pdf", SCAN, Counting())


def forged(inner: bytes = b'{"name":"x"}\nscan', label: bytes = SEALED_FILE, **said: Any) -> bytes:
    """What a member writes who knows the format and keeps to nothing else."""
    key = bytes(32)
    wrapped = wrap(LEDGER, OFFICE, KEYS.registered, key, label)
    fields = {"ledger": LEDGER.hex(), "writer": OFFICE, "recipient": BANK, "version": 1, "key": wrapped.sealed.hex()}
    header = canonical(fields | said)
    return MAGIC + len(header).to_bytes(4, "big") + header + AESGCM(key).encrypt(bytes(12), inner, header)


def test_the_recipient_has_the_file_again() -> None:
    opened = open_file(LEDGER, BANK, sealed(), KEYS)
    assert (opened.claimed_from, opened.name, opened.data) == (OFFICE, "同意书.pdf", SCAN)
    assert open_file(LEDGER, BANK, forged(), KEYS).data == b"scan"
    assert SCAN[:15] not in sealed()


def test_it_opens_for_nobody_else_and_nowhere_else() -> None:
    with pytest.raises(NotAddressed):
        open_file(LEDGER, OTHER_BANK, sealed(), memory_keys(OTHER_BANK))
    with pytest.raises(NotAddressed):
        open_file(bytes(32), BANK, sealed(), KEYS)
    with pytest.raises(Damaged):
        open_file(LEDGER, BANK, forged(writer=OTHER_BANK), KEYS)
    with pytest.raises(KeyAway):
        open_file(LEDGER, BANK, forged(version=2), KEYS)


def test_the_sender_is_claimed_and_not_proven() -> None:
    stolen = seal_file(LEDGER, OTHER_BANK, KEYS.registered, "x", SCAN, Counting())
    assert open_file(LEDGER, BANK, stolen, KEYS).claimed_from == OTHER_BANK


def test_a_key_that_was_wrapped_for_a_submission_opens_no_file() -> None:
    with pytest.raises(Damaged):
        open_file(LEDGER, BANK, forged(label=WRAPPED_KEY), KEYS)


@pytest.mark.parametrize("at", [len(MAGIC) + 40, -1, -17])
def test_a_changed_byte_is_seen(at: int) -> None:
    data = bytearray(sealed())
    data[at] ^= 1
    with pytest.raises((Damaged, EnvelopeMalformed, NotAddressed)):
        open_file(LEDGER, BANK, bytes(data), KEYS)


@pytest.mark.parametrize(
    "said",
    [
        {"writer": 70_000},
        {"writer": -1},
        {"version": 2**32},
        {"version": -1},
        {"writer": None},
        {"key": "zz"},
        {"ledger": []},
    ],
)
def test_numbers_that_are_none_are_no_envelope(said: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeMalformed):
        open_file(LEDGER, BANK, forged(**said), KEYS)


@pytest.mark.parametrize("inner", [b"no json\nscan", b"", b'{"name": 5}\n', b'{"name":"\xff"}\n'])
def test_a_name_that_is_no_json_is_no_envelope(inner: bytes) -> None:
    with pytest.raises(EnvelopeMalformed):
        open_file(LEDGER, BANK, forged(inner), KEYS)


@pytest.mark.parametrize("inner", [b"{}", b"[1]\nscan", b'{"name":5}\n'])
def test_whatever_json_stands_there_is_a_name(inner: bytes) -> None:
    assert open_file(LEDGER, BANK, forged(inner), KEYS).name in ("", "5")


@pytest.mark.parametrize("length", [0, 5, len(MAGIC), len(MAGIC) + 3, len(MAGIC) + 60])
def test_a_file_cut_short_is_no_envelope(length: int) -> None:
    with pytest.raises(EnvelopeMalformed):
        open_file(LEDGER, BANK, sealed()[:length], KEYS)
    with pytest.raises(EnvelopeMalformed):
        open_file(LEDGER, BANK, b"\x00" * length, KEYS)
