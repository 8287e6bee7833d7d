# SPDX-License-Identifier: Apache-2.0
"""Sealing: who can open what, and every way in which it must not open."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.crypto import sealing
from node.crypto.canonical import NotCanonicalisable, PayloadTooLarge, canonical
from node.crypto.sealing import (
    UNREADABLE,
    ClearFieldsDiffer,
    CommitmentDiffers,
    Letter,
    RecipientKeyMissing,
    SaltRepeated,
    SchemaUnknown,
    SealedLetters,
    TooManyRecipients,
    Unlocked,
    open_entry,
    seal,
    unlock,
)
from node.crypto.wraps import (
    MAX_RECIPIENTS,
    Damaged,
    KeyAway,
    KeyDestroyed,
    NotAddressed,
    PublicKeyMalformed,
    RecipientKey,
    WrapsMalformed,
    pack_wraps,
    parse_wraps,
)
from node.domain.digest import keccak
from node.domain.entries import Action, Entry
from tests.crypto.conftest import SeededRandom
from tests.crypto.sealed import (
    BANK,
    LEDGER,
    OFFICE,
    OTHER_BANK,
    STRANGER,
    check,
    entry,
    letter,
    memory_keys,
    payload,
)

KEYS = {org: memory_keys(org) for org in (OFFICE, BANK, OTHER_BANK, STRANGER)}
PUBLIC = {org: keys.registered for org, keys in KEYS.items()}


def sealed(*letters: Letter, seed: int = 1) -> SealedLetters:
    return seal(LEDGER, PUBLIC[OFFICE], letters, PUBLIC, SeededRandom(seed))


def unlocked(letters: SealedLetters, reader: int) -> Unlocked:
    return unlock(LEDGER, OFFICE, letters.wraps, reader, KEYS[reader])


def test_the_recipient_and_the_writer_open_it_and_see_what_was_written() -> None:
    done = sealed(letter(1, BANK), letter(2, OTHER_BANK))
    for number, reader in ((1, BANK), (2, OTHER_BANK), (1, OFFICE), (2, OFFICE)):
        opened = open_entry(unlocked(done, reader), done.entries[number - 1], check)
        assert opened.payload == payload(number)
        assert opened.canonical == canonical(payload(number))
        assert keccak(opened.canonical) == done.entries[number - 1].commitment


def test_letters_keep_their_order_and_clear_fields() -> None:
    done = sealed(letter(1, BANK), letter(2, OTHER_BANK))
    bare = [replace(e, commitment=b"", sealed=b"") for e in done.entries]
    assert bare == [entry(1), entry(2)]
    assert [len(e.sealed) for e in done.entries] == [316, 316]


def test_one_recipients_key_does_not_open_anothers_entry() -> None:
    done = sealed(letter(1, BANK), letter(2, OTHER_BANK))
    with pytest.raises(Damaged):
        open_entry(unlocked(done, OTHER_BANK), done.entries[0], check)


def test_a_request_to_another_bank_is_not_addressed_to_us() -> None:
    done = sealed(
        letter(1, BANK, action=Action.REQUEST, recipient=BANK),
        letter(2, OTHER_BANK, action=Action.REQUEST, recipient=OTHER_BANK),
    )
    with pytest.raises(NotAddressed):
        open_entry(unlocked(done, OTHER_BANK), done.entries[0], check)
    assert open_entry(unlocked(done, OFFICE), done.entries[1], check).payload == payload(2)


def test_a_stranger_has_no_key_in_it() -> None:
    with pytest.raises(NotAddressed) as caught:
        unlocked(sealed(letter(1, BANK)), STRANGER)
    assert caught.value.values == {"org": STRANGER}


def test_a_destroyed_key_and_one_that_is_away_are_told_apart() -> None:
    wraps = sealed(letter(1, BANK)).wraps
    with pytest.raises(KeyDestroyed):
        unlock(LEDGER, OFFICE, wraps, BANK, replace(KEYS[BANK], destroyed=True))
    with pytest.raises(KeyAway) as caught:
        unlock(LEDGER, OFFICE, wraps, BANK, replace(KEYS[BANK], version=2))
    assert not isinstance(caught.value, UNREADABLE)


@pytest.mark.parametrize(
    "change",
    [
        {"office": 7},
        {"case_id": b"\x77" * 32},
        {"head": b"\x77" * 32},
        {"target": b"\x77" * 32},
        {"consent": b"\x77" * 32},
        {"action": Action.ACCEPT},
        {"org": 7},
        {"commitment": b"\x77" * 32},
    ],
)
def test_a_ciphertext_moved_elsewhere_does_not_open(change: dict[str, object]) -> None:
    done = sealed(letter(1, BANK))
    moved = replace(done.entries[0], **change)  # type: ignore[arg-type]
    for reader in (BANK, OFFICE):
        with pytest.raises(Damaged):
            open_entry(unlocked(done, reader), moved, check)


def test_another_sealing_version_does_not_open(monkeypatch: pytest.MonkeyPatch) -> None:
    done = sealed(letter(1, BANK))
    monkeypatch.setattr(sealing, "SEALING_VERSION", 2)
    with pytest.raises(Damaged):
        open_entry(unlocked(done, BANK), done.entries[0], check)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 316 * 8 - 1))
def test_no_bit_of_a_ciphertext_can_be_turned(bit: int) -> None:
    done = sealed(letter(1, BANK))
    data = bytearray(done.entries[0].sealed)
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Damaged):
        open_entry(unlocked(done, BANK), replace(done.entries[0], sealed=bytes(data)), check)


@pytest.mark.parametrize("size", [0, 1, 15, 16, 315])
def test_a_truncated_ciphertext_is_damaged(size: int) -> None:
    done = sealed(letter(1, BANK))
    cut = replace(done.entries[0], sealed=done.entries[0].sealed[:size])
    for reader in (BANK, OFFICE):
        with pytest.raises(Damaged):
            open_entry(unlocked(done, reader), cut, check)


@pytest.mark.parametrize("at", [0, 1100, 1130, 1167])
def test_a_damaged_wrap_is_damaged(at: int) -> None:
    blob = bytearray(sealed(letter(1, BANK)).wraps)
    blob[1174 + 6 + at] ^= 1
    with pytest.raises(Damaged) as caught:
        unlock(LEDGER, OFFICE, bytes(blob), BANK, KEYS[BANK])
    assert caught.value.values == {"part": "wrap"}


def test_a_wrap_is_bound_to_ledger_both_orgs_and_key_version() -> None:
    wraps = sealed(letter(1, BANK)).wraps
    own, banks = parse_wraps(wraps, OFFICE)
    with pytest.raises(Damaged):
        unlock(b"\xab" * 32, OFFICE, wraps, BANK, KEYS[BANK])
    with pytest.raises(Damaged):
        unlock(LEDGER, 7, pack_wraps([replace(own, org=7), banks]), BANK, KEYS[BANK])
    with pytest.raises(Damaged):
        unlock(LEDGER, OFFICE, pack_wraps([own, replace(banks, org=7)]), 7, KEYS[BANK])
    with pytest.raises(Damaged):
        unlock(LEDGER, OFFICE, pack_wraps([own, replace(banks, version=2)]), BANK, replace(KEYS[BANK], version=2))


def test_the_wraps_blob_has_the_layout_of_the_wire_page() -> None:
    done = sealed(letter(1, OTHER_BANK), letter(2, BANK))
    assert len(done.wraps) == 3 * (2 + 4 + 1168)
    heads = [done.wraps[i : i + 6].hex() for i in range(0, len(done.wraps), 1174)]
    assert heads == ["000100000001", "000200000001", "000300000001"]
    assert done.wraps_hash == keccak(done.wraps)


def test_what_does_not_read_as_wraps_is_refused() -> None:
    wraps = sealed(letter(1, BANK)).wraps
    own, banks = parse_wraps(wraps, OFFICE)
    bad = [b"", wraps[:-1], wraps + b"\x00", pack_wraps([banks, own]), pack_wraps([own, banks, banks])]
    bad.append(pack_wraps([own, *(replace(banks, org=100 + i) for i in range(MAX_RECIPIENTS + 1))]))
    for blob in bad:
        with pytest.raises(WrapsMalformed):
            unlock(LEDGER, OFFICE, blob, BANK, KEYS[BANK])


def test_a_writer_that_lies_about_its_commitment_is_found_out() -> None:
    """Built by hand: the key is derived from the false commitment, so that it decrypts."""
    done = sealed(letter(1, BANK))
    false = replace(done.entries[0], commitment=b"\x77" * 32)
    reader = unlocked(done, BANK)
    resealed = seal_raw(reader, false, canonical(payload(1)))
    with pytest.raises(CommitmentDiffers):
        open_entry(reader, resealed, check)


@pytest.mark.parametrize("content", [b"[]", b'{"a": 1}', b"\xff", b"", b'{"b":1,"a":1}'])
def test_a_payload_that_is_no_canonical_object_is_of_no_known_schema(content: bytes) -> None:
    reader = unlocked(sealed(letter(1, BANK)), BANK)
    with pytest.raises(SchemaUnknown):
        open_entry(reader, seal_raw(reader, replace(entry(1), commitment=keccak(content)), content), check)


def test_a_payload_that_is_not_padded_is_damaged() -> None:
    reader = unlocked(sealed(letter(1, BANK)), BANK)
    content = canonical(payload(1))
    raw = seal_raw(reader, replace(entry(1), commitment=keccak(content)), content, padded=False)
    with pytest.raises(Damaged):
        open_entry(reader, raw, check)


def seal_raw(reader: Unlocked, claimed: Entry, content: bytes, padded: bool = True) -> Entry:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from node.crypto.canonical import pad

    key = sealing._entry_key(reader.secret, claimed.commitment)
    data = AESGCM(key).encrypt(bytes(12), pad(content) if padded else content, sealing._associated(claimed))
    return replace(claimed, sealed=data)


def test_clear_fields_that_differ_and_unknown_schemas_are_told_apart() -> None:
    done = sealed(Letter(replace(entry(1), amount_fen=1), BANK, payload(1)))
    with pytest.raises(ClearFieldsDiffer):
        open_entry(unlocked(done, BANK), done.entries[0], check)
    done = sealed(Letter(entry(1), BANK, {**payload(1), "version": 2}))
    with pytest.raises(SchemaUnknown):
        open_entry(unlocked(done, BANK), done.entries[0], check)


def test_every_submission_has_keys_of_its_own() -> None:
    first, second = sealed(letter(1, BANK), seed=1), sealed(letter(1, BANK), seed=2)
    assert first.entries[0].commitment == second.entries[0].commitment
    assert first.entries[0].sealed != second.entries[0].sealed
    with pytest.raises(Damaged):
        open_entry(unlocked(second, BANK), first.entries[0], check)


def test_a_salt_used_twice_stops() -> None:
    with pytest.raises(SaltRepeated):
        sealed(Letter(entry(1), BANK, payload(1)), Letter(entry(2), BANK, payload(1)))


def test_nobody_is_written_to_without_a_key() -> None:
    with pytest.raises(RecipientKeyMissing) as caught:
        sealed(letter(1, 77))
    assert caught.value.values == {"org": 77}


def test_a_submission_writes_to_64_organisations_and_no_more() -> None:
    keys = {org: replace(PUBLIC[BANK], org=org) for org in range(2, 67)}
    letters = [letter(n, n) for n in range(2, 67)]
    done = seal(LEDGER, PUBLIC[OFFICE], letters[:64], keys, SeededRandom(1))
    assert len(parse_wraps(done.wraps, OFFICE)) == 65
    opened = open_entry(unlocked(done, OFFICE), done.entries[63], check)  # the writer finds the recipient by itself
    assert opened.payload == payload(65)
    with pytest.raises(TooManyRecipients):
        seal(LEDGER, PUBLIC[OFFICE], letters, keys, SeededRandom(1))


@pytest.mark.parametrize(
    "public", [b"", bytes(1215), b"\xff" * 1216, PUBLIC[BANK].public[:1184] + bytes(32)], ids=["0", "short", "q", "x0"]
)
def test_a_public_key_that_is_none_is_refused_by_org(public: bytes) -> None:
    with pytest.raises(PublicKeyMalformed) as caught:
        seal(LEDGER, PUBLIC[OFFICE], [letter(1, BANK)], {BANK: RecipientKey(BANK, 4, public)}, SeededRandom(1))
    assert caught.value.values == {"org": BANK, "version": 4}


def test_a_length_tells_one_of_five_sizes_only() -> None:
    sizes = set()
    for filler in range(0, 4500, 97):
        done = sealed(Letter(entry(1), BANK, {**payload(1), "note": "x" * filler}))
        sizes.add(len(done.entries[0].sealed))
    assert sizes == {316, 616, 1216, 2416, 4816}
    with pytest.raises(PayloadTooLarge):
        sealed(Letter(entry(1), BANK, {**payload(1), "note": "x" * 4800}))


def test_a_float_is_not_sealed() -> None:
    with pytest.raises(NotCanonicalisable):
        sealed(Letter(entry(1), BANK, {**payload(1), "amount": 1.5}))  # type: ignore[dict-item]


def test_no_secret_and_no_person_shows_in_a_repr() -> None:
    done = sealed(letter(1, BANK))
    reader = unlocked(done, BANK)
    opened = open_entry(reader, done.entries[0], check)
    text = repr((letter(1, BANK), reader, opened, PUBLIC[BANK]))
    assert "测试" not in text
    assert repr(reader.secret)[2:-1] not in text
