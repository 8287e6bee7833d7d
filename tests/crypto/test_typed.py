# SPDX-License-Identifier: Apache-2.0
"""Fixed encodings against eth-account's general one, and the rules for signatures."""

import json
import re
from dataclasses import replace

import coincurve
import pytest
from eth_account import Account
from eth_account._utils.encode_typed_data.encoding_and_hashing import hash_struct
from eth_account.messages import encode_typed_data
from eth_utils import to_checksum_address
from hypothesis import given, settings
from hypothesis import strategies as st

from node.crypto import typed
from node.crypto.records import FieldOutOfRange
from node.domain.digest import keccak
from node.domain.entries import Act, Action, Entry, SignRole, Submission
from node.domain.transitions import ActKind
from tests.crypto.strategies import act_strategy, entry_strategy, submission_strategy

LEDGER = b"\xaa" * 32
ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
SUBMISSION = Submission(LEDGER, 1, 6, b"\x01" * 32, 3, 4500, b"\x02" * 32, 1_800_000_000)
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def types_of(declaration: str) -> dict[str, list[dict[str, str]]]:
    name, members = re.fullmatch(r"(\w+)\((.*)\)", declaration).groups()  # type: ignore[union-attr]
    return {name: [dict(zip(("type", "name"), member.split(" "), strict=True)) for member in members.split(",")]}


def eip712_digest(domain: typed.Domain, declaration: str, message: dict[str, object]) -> bytes:
    fields = {"name": domain.name, "version": "1", "chainId": domain.chain_id, "verifyingContract": domain.address}
    signable = encode_typed_data(fields, types_of(declaration), message)
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def entry_message(entry: Entry) -> dict[str, object]:
    return {
        "ledger": LEDGER,
        "action": entry.action,
        "org": entry.org,
        "office": entry.office,
        "caseId": entry.case_id,
        "recipient": entry.recipient,
        "head": entry.head,
        "target": entry.target,
        "consent": entry.consent,
        "amount": entry.amount_fen,
        "claim": entry.claim_fen,
        "notBefore": entry.not_before,
        "expiresAt": entry.expires_at,
        "dueAt": entry.due_at,
        "fundAccount": entry.fund_account,
        "debitable": entry.debitable,
        "inParts": entry.in_parts,
        "commitment": entry.commitment,
        "sealedHash": keccak(entry.sealed),
    }


def submission_message(s: Submission, role: SignRole) -> dict[str, object]:
    return {
        "ledger": s.ledger,
        "org": s.org,
        "role": role.name,
        "action": Action(s.action).name,
        "root": s.root,
        "count": s.count,
        "sum": s.sum_fen,
        "wraps": s.wraps,
        "validUntil": s.valid_until,
    }


def test_the_type_hashes_are_those_of_the_declared_types() -> None:
    assert keccak(typed.ENTRY_TYPE.encode()) == typed.ENTRY_TYPEHASH
    assert keccak(typed.SUBMISSION_TYPE.encode()) == typed.SUBMISSION_TYPEHASH
    assert keccak(typed.ACT_TYPE.encode()) == typed.ACT_TYPEHASH
    assert keccak(typed.DOMAIN_TYPE.encode()) == typed.DOMAIN_TYPEHASH


def test_the_declared_types_are_those_of_the_wire_page() -> None:
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs/wire.md").read_text(encoding="utf-8")
    for declaration in (typed.ENTRY_TYPE, typed.SUBMISSION_TYPE, typed.ACT_TYPE):
        assert declaration in page


@settings(max_examples=150, deadline=None)
@given(entry_strategy())
def test_an_entry_hash_is_what_eth_account_makes_of_it(entry: Entry) -> None:
    expected = hash_struct("Entry", types_of(typed.ENTRY_TYPE), entry_message(entry))
    assert typed.entry_hash(LEDGER, entry) == expected
    bare = replace(entry, sealed=b"")
    assert typed.entry_hash(LEDGER, bare, sealed_hash=keccak(entry.sealed)) == expected


@settings(max_examples=100, deadline=None)
@given(submission_strategy(), st.sampled_from(SignRole), st.integers(0, 2**64), st.binary(min_size=20, max_size=20))
def test_a_submission_digest_is_what_eth_account_signs(
    submission: Submission, role: SignRole, chain_id: int, raw: bytes
) -> None:
    domain = typed.ledger_domain(chain_id, to_checksum_address(raw))
    expected = eip712_digest(domain, typed.SUBMISSION_TYPE, submission_message(submission, role))
    assert typed.submission_digest(domain, submission, role) == expected


@settings(max_examples=100, deadline=None)
@given(act_strategy(), st.binary(min_size=32, max_size=32))
def test_an_act_digest_is_what_eth_account_signs(act: Act, registry: bytes) -> None:
    domain = typed.registry_domain(31337, ADDRESS)
    message = {
        "registry": registry,
        "kind": ActKind(act.kind).name,
        "org": act.org,
        "number": act.number,
        "first": act.first,
        "second": act.second,
        "code": act.code,
        "orderLimit": act.order_limit_fen,
        "dayLimit": act.day_limit_fen,
        "data": act.data,
        "validUntil": act.valid_until,
    }
    assert typed.act_digest(domain, registry, act) == eip712_digest(domain, typed.ACT_TYPE, message)


def full_digest(document: dict[str, object]) -> bytes:
    signable = encode_typed_data(full_message=json.loads(json.dumps(document)))
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def numbers_in(value: object) -> list[int]:
    if isinstance(value, dict):
        return [number for item in value.values() for number in numbers_in(item)]
    return [value] if isinstance(value, int) else []


@settings(max_examples=60, deadline=None)
@given(submission_strategy(), st.sampled_from(SignRole), st.integers(0, 2**64))
def test_a_wallet_given_the_json_signs_the_same_digest(submission: Submission, role: SignRole, chain_id: int) -> None:
    domain = typed.ledger_domain(chain_id, ADDRESS)
    document = typed.typed_data_json(submission, domain, role=role)
    assert full_digest(document) == typed.submission_digest(domain, submission, role)
    assert all(number <= 2**31 for number in numbers_in(document))


@settings(max_examples=60, deadline=None)
@given(act_strategy(), st.binary(min_size=32, max_size=32))
def test_a_wallet_given_an_acts_json_signs_the_same_digest(act: Act, registry: bytes) -> None:
    domain = typed.registry_domain(31337, ADDRESS)
    document = typed.typed_data_json(act, domain, registry=registry)
    assert full_digest(document) == typed.act_digest(domain, registry, act)
    assert all(number <= 2**31 for number in numbers_in(document))


def test_numbers_travel_as_strings_only_above_2_to_the_31() -> None:
    values = [0, 1, 2**31, 2**31 + 1, 2**53]
    assert [typed.json_value(v) for v in values] == [0, 1, 2**31, str(2**31 + 1), str(2**53)]


def test_the_check_code_hashes_the_typed_fields_without_the_role() -> None:
    from eth_abi import encode

    s = SUBMISSION
    encoded = encode(
        ["bytes32", "uint16", "bytes32", "bytes32", "uint32", "uint64", "bytes32", "uint64"],
        [s.ledger, s.org, keccak(b"ORDER"), s.root, s.count, s.sum_fen, s.wraps, s.valid_until],
    )
    code = typed.check_code(s)
    assert code.replace(" ", "") == keccak(encoded)[:16].hex()
    assert re.fullmatch(r"([0-9a-f]{4} ){7}[0-9a-f]{4}", code)


@pytest.mark.parametrize(
    "change",
    [
        {"ledger": b"\xab" * 32},
        {"org": 2},
        {"action": 7},
        {"root": b"\x03" * 32},
        {"count": 4},
        {"sum_fen": 4501},
        {"wraps": b"\x04" * 32},
        {"valid_until": 1_800_000_001},
    ],
)
def test_no_field_of_a_submission_changes_without_changing_code_and_digest(change: dict[str, object]) -> None:
    other = replace(SUBMISSION, **change)  # type: ignore[arg-type]
    domain = typed.ledger_domain(1, ADDRESS)
    assert typed.check_code(other) != typed.check_code(SUBMISSION)
    maker = SignRole.MAKER
    assert typed.submission_digest(domain, other, maker) != typed.submission_digest(domain, SUBMISSION, maker)


def test_roles_chains_and_contracts_do_not_share_digests() -> None:
    other = "0x0000000000000000000000000000000000000001"
    domains = [typed.ledger_domain(1, ADDRESS), typed.ledger_domain(2, ADDRESS), typed.ledger_domain(1, other)]
    digests = {typed.submission_digest(d, SUBMISSION, role) for d in domains for role in SignRole}
    assert len(digests) == 9


@pytest.mark.parametrize(
    "change", [{"ledger": b"\xaa" * 31}, {"root": b""}, {"wraps": b"\x02" * 33}, {"count": 2**32}, {"sum_fen": -1}]
)
def test_a_submission_that_does_not_fit_is_refused_not_cut(change: dict[str, object]) -> None:
    with pytest.raises(FieldOutOfRange):
        typed.submission_struct_hash(replace(SUBMISSION, **change), SignRole.MAKER)  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [{"not_before": 2**40}, {"head": b"\x01" * 31}, {"office": 2**16}, {"in_parts": -1}])
def test_an_entry_that_does_not_fit_the_wire_has_no_hash(change: dict[str, object]) -> None:
    entry = replace(Entry(6, 1, 1, LEDGER, LEDGER, b""), **change)  # type: ignore[arg-type]
    with pytest.raises(FieldOutOfRange):
        typed.entry_hash(LEDGER, entry)
    with pytest.raises(FieldOutOfRange):
        typed.entry_hash(LEDGER, entry, sealed_hash=LEDGER)


def test_a_signature_gives_its_signer_as_eth_account_does() -> None:
    account = Account.from_key(b"\x07" * 32)
    digest = typed.submission_digest(typed.ledger_domain(1, ADDRESS), SUBMISSION, SignRole.CHECKER)
    signature = account.unsafe_sign_hash(digest).signature
    assert typed.recover(digest, bytes(signature)) == account.address


@given(st.binary(min_size=20, max_size=20))
def test_addresses_are_checksummed_as_eip_55_says(raw: bytes) -> None:
    assert typed.checksummed(raw) == to_checksum_address(raw)
    assert typed.address_bytes(typed.checksummed(raw)) == raw


@pytest.mark.parametrize("text", ["", "0x", "0x12", "0x" + "zz" * 20, "12" * 21, "0x" + "12 " * 13 + "1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(typed.AddressMalformed):
        typed.address_bytes(text)


def signed(digest: bytes) -> bytes:
    raw = coincurve.PrivateKey(b"\x07" * 32).sign_recoverable(digest, hasher=None)
    return raw[:64] + bytes([raw[64] + 27])


def test_a_high_s_signature_is_refused_though_it_would_recover() -> None:
    signature = signed(LEDGER)
    s = int.from_bytes(signature[32:64], "big")
    high = signature[:32] + (ORDER - s).to_bytes(32, "big") + bytes([55 - signature[64]])
    with pytest.raises(typed.SignatureMalformed) as caught:
        typed.recover(LEDGER, high)
    assert caught.value.values == {"part": "s"}


@pytest.mark.parametrize(
    ("mangle", "part"),
    [
        (lambda s: s[:64], "length"),
        (lambda s: s + b"\x00", "length"),
        (lambda s: b"", "length"),
        (lambda s: s[:64] + bytes([s[64] - 27]), "v"),
        (lambda s: s[:64] + b"\x1d", "v"),
        (lambda s: bytes(32) + s[32:], "r"),
        (lambda s: ORDER.to_bytes(32, "big") + s[32:], "r"),
        (lambda s: s[:32] + bytes(32) + s[64:], "s"),
        (lambda s: s[:32] + ORDER.to_bytes(32, "big") + s[64:], "s"),
    ],
)
def test_a_malformed_signature_is_refused_by_part(mangle: object, part: str) -> None:
    with pytest.raises(typed.SignatureMalformed) as caught:
        typed.recover(LEDGER, mangle(signed(LEDGER)))  # type: ignore[operator]
    assert caught.value.values == {"part": part}
