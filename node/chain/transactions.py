# SPDX-License-Identifier: Apache-2.0
"""Raw transactions: built from plain numbers, signed by a ``Signer`` (EIP-1559 or, where the network has no base fee,
legacy with EIP-155), and read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import rlp  # pyright: ignore[reportMissingTypeStubs]

from node.crypto.typed import address_bytes, recover
from node.domain.digest import keccak
from node.domain.errors import Broken
from node.domain.ports import Signer

_DYNAMIC = b"\x02"


class TransactionMalformed(Broken):
    """Stored bytes that are no transaction of ours. Values: none."""

    code = "transaction_malformed"


@dataclass(frozen=True, slots=True)
class Price:
    """Wei a gas. ``tip_wei`` None: the network has no base fee, the transaction is legacy with ``fee_wei``."""

    fee_wei: int
    tip_wei: int | None


@dataclass(frozen=True, slots=True)
class Intent:
    """What a transaction shall do; ``to`` None creates a contract."""

    chain_id: int
    nonce: int
    to: str | None
    data: bytes
    gas: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A raw transaction read back."""

    sender: str
    to: bytes
    data: bytes
    gas: int


def sign(intent: Intent, price: Price, signer: Signer) -> tuple[bytes, bytes]:
    """(transaction hash, raw bytes)."""
    to = b"" if intent.to is None else address_bytes(intent.to, "to")
    if price.tip_wei is None:
        plain = [intent.nonce, price.fee_wei, intent.gas, to, 0, intent.data]
        signature = signer.sign_digest(keccak(_rlp([*plain, intent.chain_id, 0, 0])))
        parity, r, s = _parts(signature)
        raw = _rlp([*plain, intent.chain_id * 2 + 35 + parity, r, s])
    else:
        fees = [price.tip_wei, price.fee_wei]
        fields: list[Any] = [intent.chain_id, intent.nonce, *fees, intent.gas, to, 0, intent.data, []]
        signature = signer.sign_digest(keccak(_DYNAMIC + _rlp(fields)))
        raw = _DYNAMIC + _rlp([*fields, *_parts(signature)])
    return keccak(raw), raw


def read(raw: bytes) -> Sent:
    """Raises TransactionMalformed."""
    try:
        dynamic = raw[:1] == _DYNAMIC
        fields = cast(list[Any], rlp.decode(raw[1:] if dynamic else raw))  # pyright: ignore[reportUnknownMemberType]
        if dynamic:
            gas, to, data = fields[4], fields[5], fields[7]
            digest = keccak(_DYNAMIC + _rlp(fields[:9]))
            parity, r, s = fields[9:12]
            v = int.from_bytes(parity, "big")
        else:
            gas, to, data = fields[2], fields[3], fields[5]
            tail, r, s = fields[6:9]
            chain_id, v = divmod(int.from_bytes(tail, "big") - 35, 2)
            digest = keccak(_rlp([*fields[:6], chain_id, 0, 0]))
        sender = recover(digest, r.rjust(32, b"\0") + s.rjust(32, b"\0") + bytes([27 + v]))
    except Exception as error:  # rlp's family, index and unpacking errors alike
        raise TransactionMalformed from error
    return Sent(sender, to, data, int.from_bytes(gas, "big"))


def _parts(signature: bytes) -> tuple[int, int, int]:
    return signature[64] - 27, int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")


def _rlp(fields: list[Any]) -> bytes:
    return cast(bytes, rlp.encode(fields))  # pyright: ignore[reportUnknownMemberType]
