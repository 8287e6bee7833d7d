# SPDX-License-Identifier: Apache-2.0
"""How many entries go into one transaction: as many as its bytes and its gas allow, at least one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from node.crypto.records import CLEAR_SIZE
from node.domain.entries import Action

MAX_BYTES = 120 * 1024  # of entries: networks take transactions of up to 128 KiB
MAX_GAS = 14_000_000  # below 2^24, the most that one transaction may use since Osaka, with room

_CREATING = (Action.CONSENT, Action.ORDER, Action.DEBIT, Action.DISPUTE)


@dataclass(frozen=True, slots=True)
class Packing:
    """The bounds of a transaction. Gas is foreseen from the contract's own bounds an entry, generously."""

    max_bytes: int = MAX_BYTES
    max_gas: int = MAX_GAS
    base_gas: int = 300_000  # signatures, wraps, progress

    def number(self, action: int, sealed_sizes: Iterable[int]) -> int:
        """How many of the entries, whose ciphertexts have these sizes in order, go into the next transaction."""
        size, gas, number = 0, self.base_gas, 0
        for sealed in sealed_sizes:
            record = CLEAR_SIZE + sealed
            size, gas = size + record, gas + self._gas(action, record)
            if number and (size > self.max_bytes or gas > self.max_gas):
                break
            number += 1
        return number

    def _gas(self, action: int, record: int) -> int:
        base = 60_000 if action == Action.REQUEST else 55_000 if action in _CREATING else 35_000
        return base + 25 * record  # 16 a byte of calldata, 8 in the log
