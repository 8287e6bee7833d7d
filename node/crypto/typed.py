# SPDX-License-Identifier: Apache-2.0
"""EIP-712 hashes of the three types of docs/wire.md, by fixed encoding, and the signer behind a signature.

The general encoders of eth-account are the oracle in the tests; they are 10 to 30 times slower than fixed layouts.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, Final

from node.crypto.addresses import AddressMalformed as AddressMalformed
from node.crypto.addresses import address_bytes as address_bytes
from node.crypto.addresses import address_of
from node.crypto.addresses import checksummed as checksummed
from node.crypto.records import FieldOutOfRange, check_ranges
from node.domain.digest import keccak
from node.domain.entries import Act, Action, Entry, SignRole, Submission
from node.domain.errors import Refused
from node.domain.transitions import ActKind

SUBMISSION_TYPE: Final = (
    "Submission(bytes32 ledger,uint16 org,string role,string action,bytes32 root,uint32 count,uint64 sum,"
    "bytes32 wraps,uint64 validUntil)"
)
ENTRY_TYPE: Final = (
    "Entry(bytes32 ledger,uint8 action,uint16 org,uint16 office,bytes32 caseId,uint16 recipient,bytes32 head,"
    "bytes32 target,bytes32 consent,uint64 amount,uint64 claim,uint40 notBefore,uint40 expiresAt,uint40 dueAt,"
    "uint16 fundAccount,uint8 debitable,uint8 inParts,bytes32 commitment,bytes32 sealedHash)"
)
ACT_TYPE: Final = (
    "Act(bytes32 registry,string kind,uint16 org,uint64 number,address first,address second,uint16 code,"
    "uint64 orderLimit,uint64 dayLimit,bytes data,uint64 validUntil)"
)
DOMAIN_TYPE: Final = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
LEDGER_NAME: Final = "Alliance Case Ledger"
REGISTRY_NAME: Final = "Alliance Membership Registry"
VERSION: Final = "1"

# keccak of the type strings above; a test recomputes them
ENTRY_TYPEHASH: Final = bytes.fromhex("deb964d4567594c23befc1214bc82b719feea306d195c9881797f3e6533d0064")
SUBMISSION_TYPEHASH: Final = bytes.fromhex("31087a56200a4fc1a06064b6a399abbe2b6b2ce7bc4855d03301a44d7518798b")
ACT_TYPEHASH: Final = bytes.fromhex("44a2c7ee5d714a392560074cc17a1b58ad54baf4a8ee691da5e011d46c0af85d")
DOMAIN_TYPEHASH: Final = bytes.fromhex("8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f")

_HALF_ORDER: Final = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
# 20 words of 32 bytes; "x" is a zero byte in front of a number
_ENTRY = struct.Struct(">32s32s31xB30xH30xH32s30xH32s32s32s24xQ24xQ24xQ24xQ24xQ30xH31xB31xB32s32s")
_SUBMISSION = struct.Struct(">32s32s30xH32s32s32s28xI24xQ32s24xQ")
_ACT = struct.Struct(">32s32s32s30xH24xQ12x20s12x20s30xH24xQ24xQ32s24xQ")
_CHECK = struct.Struct(">32s30xH32s32s28xI24xQ32s24xQ")


class SignatureMalformed(Refused):
    """Not 65 bytes r ‖ s ‖ v with v 27 or 28 and s in the lower half (as the ledger demands it). Values: ``part``."""

    code = "signature_malformed"


@dataclass(frozen=True, slots=True)
class Domain:
    """An EIP-712 domain; version is always ``1``. ``address``: 0x-address of the contract."""

    name: str
    chain_id: int
    address: str

    def separator(self) -> bytes:
        """The domain separator, 32 bytes."""
        return keccak(
            DOMAIN_TYPEHASH
            + keccak(self.name.encode())
            + keccak(VERSION.encode())
            + self.chain_id.to_bytes(32, "big")
            + bytes(12)
            + address_bytes(self.address, "verifyingContract")
        )


def ledger_domain(chain_id: int, address: str) -> Domain:
    """The domain in which submissions are signed."""
    return Domain(LEDGER_NAME, chain_id, address)


def registry_domain(chain_id: int, address: str) -> Domain:
    """The domain in which acts are signed."""
    return Domain(REGISTRY_NAME, chain_id, address)


def entry_hash(ledger: bytes, entry: Entry, sealed_hash: bytes | None = None) -> bytes:
    """The struct hash of ``Entry``, which is the entry's id. Raises FieldOutOfRange.

    ``sealed_hash``: keccak of the ciphertext, where that itself is not at hand (a submission file).
    """
    check_ranges(entry)
    if sealed_hash is None:
        sealed_hash = keccak(entry.sealed)
    _check_hashes(ledger=ledger, sealedHash=sealed_hash)
    return keccak(
        _packed(
            _ENTRY,
            ENTRY_TYPEHASH,
            ledger,
            entry.action,
            entry.org,
            entry.office,
            entry.case_id,
            entry.recipient,
            entry.head,
            entry.target,
            entry.consent,
            entry.amount_fen,
            entry.claim_fen,
            entry.not_before,
            entry.expires_at,
            entry.due_at,
            entry.fund_account,
            entry.debitable,
            entry.in_parts,
            entry.commitment,
            sealed_hash,
        )
    )


def submission_struct_hash(submission: Submission, role: SignRole) -> bytes:
    """The struct hash of ``Submission`` with the role in which it is signed. Raises FieldOutOfRange."""
    _check_hashes(ledger=submission.ledger, root=submission.root, wraps=submission.wraps)
    return keccak(
        _packed(
            _SUBMISSION,
            SUBMISSION_TYPEHASH,
            submission.ledger,
            submission.org,
            keccak(role.name.encode()),
            _action_hash(submission),
            submission.root,
            submission.count,
            submission.sum_fen,
            submission.wraps,
            submission.valid_until,
        )
    )


def submission_digest(domain: Domain, submission: Submission, role: SignRole) -> bytes:
    """What maker, checker or service officer signs."""
    return keccak(b"\x19\x01" + domain.separator() + submission_struct_hash(submission, role))


def act_struct_hash(registry_id: bytes, act: Act) -> bytes:
    """The struct hash of ``Act``. Raises AddressMalformed, FieldOutOfRange."""
    _check_hashes(registry=registry_id)
    return keccak(
        _packed(
            _ACT,
            ACT_TYPEHASH,
            registry_id,
            keccak(ActKind(act.kind).name.encode()),
            act.org,
            act.number,
            address_bytes(act.first, "first"),
            address_bytes(act.second, "second"),
            act.code,
            act.order_limit_fen,
            act.day_limit_fen,
            keccak(act.data),
            act.valid_until,
        )
    )


def act_digest(domain: Domain, registry_id: bytes, act: Act) -> bytes:
    """What governors and ADMINs sign."""
    return keccak(b"\x19\x01" + domain.separator() + act_struct_hash(registry_id, act))


def check_code(submission: Submission) -> str:
    """8 groups of 4 hex digits; the same for maker, checker, page and ``inspect`` (docs/wire.md)."""
    _check_hashes(ledger=submission.ledger, root=submission.root, wraps=submission.wraps)
    code = keccak(
        _packed(
            _CHECK,
            submission.ledger,
            submission.org,
            _action_hash(submission),
            submission.root,
            submission.count,
            submission.sum_fen,
            submission.wraps,
            submission.valid_until,
        )
    )[:16].hex()
    return " ".join(code[i : i + 4] for i in range(0, 32, 4))


def recover(digest: bytes, signature: bytes) -> str:
    """The checksummed address that signed ``digest``. Raises SignatureMalformed where the ledger would revert."""
    from coincurve import PublicKey

    if len(signature) != 65:
        raise SignatureMalformed(part="length")
    if signature[64] not in (27, 28):
        raise SignatureMalformed(part="v")
    if not 0 < int.from_bytes(signature[32:64], "big") <= _HALF_ORDER:
        raise SignatureMalformed(part="s")
    compact = signature[:64] + bytes([signature[64] - 27])
    try:
        key = PublicKey.from_signature_and_message(compact, digest, hasher=None)
    except ValueError:  # r is zero, not below the order, or not on the curve
        raise SignatureMalformed(part="r") from None
    return address_of(key.format(compressed=False))


def typed_data_json(
    what: Submission | Act, domain: Domain, *, role: SignRole = SignRole.MAKER, registry: bytes = b""
) -> dict[str, Any]:
    """The full EIP-712 JSON for wallets. A submission needs its signer's ``role``, an act the ``registry`` id.

    Bytes are 0x-hex; numbers above 2^31 are decimal strings (PROTOCOL section 2.2).
    """
    message: dict[str, int | str | bytes]
    if isinstance(what, Submission):
        name, declaration = "Submission", SUBMISSION_TYPE
        message = {
            "ledger": what.ledger,
            "org": what.org,
            "role": role.name,
            "action": _action_name(what),
            "root": what.root,
            "count": what.count,
            "sum": what.sum_fen,
            "wraps": what.wraps,
            "validUntil": what.valid_until,
        }
    else:
        name, declaration = "Act", ACT_TYPE
        message = {
            "registry": registry,
            "kind": ActKind(what.kind).name,
            "org": what.org,
            "number": what.number,
            "first": checksummed(address_bytes(what.first, "first")),
            "second": checksummed(address_bytes(what.second, "second")),
            "code": what.code,
            "orderLimit": what.order_limit_fen,
            "dayLimit": what.day_limit_fen,
            "data": what.data,
            "validUntil": what.valid_until,
        }
    return {
        "types": {"EIP712Domain": _members(DOMAIN_TYPE), name: _members(declaration)},
        "primaryType": name,
        "domain": {
            "name": domain.name,
            "version": VERSION,
            "chainId": json_value(domain.chain_id),
            "verifyingContract": checksummed(address_bytes(domain.address, "verifyingContract")),
        },
        "message": {field: json_value(value) for field, value in message.items()},
    }


def json_value(value: int | str | bytes) -> int | str:
    """A typed value in JSON: bytes as 0x-hex, a number above 2^31 as a decimal string."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return str(value) if isinstance(value, int) and value > 2**31 else value


def _members(declaration: str) -> list[dict[str, str]]:
    inside = declaration[declaration.index("(") + 1 : -1]
    return [{"name": name, "type": kind} for kind, name in (member.split(" ") for member in inside.split(","))]


def _check_hashes(**hashes: bytes) -> None:
    for field, value in hashes.items():
        if len(value) != 32:  # struct would cut or fill it silently
            raise FieldOutOfRange(field=field)


def _packed(layout: struct.Struct, *values: bytes | int) -> bytes:
    try:
        return layout.pack(*values)
    except struct.error:
        raise FieldOutOfRange(field="number") from None


def _action_name(submission: Submission) -> str:
    """Empty for a code that there is not: the ledger takes such a submission and refuses its entries."""
    return next((action.name for action in Action if action == submission.action), "")


def _action_hash(submission: Submission) -> bytes:
    return keccak(_action_name(submission).encode())
