# SPDX-License-Identifier: Apache-2.0
"""An office, two banks and a stranger with keys in memory, and letters between them. All persons are synthetic."""

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from node.crypto.canonical import Json
from node.crypto.sealing import ClearFieldsDiffer, Letter, SchemaUnknown
from node.crypto.wraps import KeyAway, KeyDestroyed, RecipientKey
from node.domain.entries import Action, Entry

LEDGER = b"\xaa" * 32
OFFICE, BANK, OTHER_BANK, STRANGER = 1, 2, 3, 9


@dataclass
class MemoryKeys:
    """One organisation's encryption keys by version."""

    org: int
    mlkem: MLKEM768PrivateKey
    x25519: X25519PrivateKey
    destroyed: bool = False
    version: int = 1

    @property
    def registered(self) -> RecipientKey:
        raw = self.mlkem.public_key().public_bytes_raw() + self.x25519.public_key().public_bytes_raw()
        return RecipientKey(self.org, self.version, raw)

    def private_key(self, version: int) -> MLKEM768X25519PrivateKey:
        if self.destroyed:
            raise KeyDestroyed(version=version)
        if version != self.version:
            raise KeyAway(key=f"{version}")
        return MLKEM768X25519PrivateKey(self.mlkem, self.x25519)


def memory_keys(org: int) -> MemoryKeys:
    seed = bytes([org]) * 64
    return MemoryKeys(org, MLKEM768PrivateKey.from_seed_bytes(seed), X25519PrivateKey.from_private_bytes(seed[:32]))


def entry(number: int = 1, action: Action = Action.ORDER, org: int = OFFICE, recipient: int = 0) -> Entry:
    return Entry(
        action=action,
        org=org,
        office=OFFICE,
        case_id=bytes([number]) * 32,
        commitment=b"",
        sealed=b"",
        recipient=recipient,
        head=b"\x11" * 32,
        target=b"\x22" * 32,
        consent=b"\x33" * 32,
        amount_fen=32504,
    )


def payload(number: int = 1, name: str = "测试甲一") -> dict[str, Json]:
    return {"schema": "order", "version": 1, "salt": f"{number:064x}", "name": name, "amount_fen": 32504}


def letter(number: int, to: int, action: Action = Action.ORDER, recipient: int = 0) -> Letter:
    return Letter(entry(number, action=action, recipient=recipient), to, payload(number))


def check(entry: Entry, content: Mapping[str, Json]) -> None:
    """What a payload schema does, in small."""
    if content.get("version") != 1:
        raise SchemaUnknown(schema="order/2")
    if content["amount_fen"] != entry.amount_fen:
        raise ClearFieldsDiffer(field="amount")
