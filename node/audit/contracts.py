# SPDX-License-Identifier: Apache-2.0
"""Which contracts are audited: all that an auditor is told beside the chain."""

from __future__ import annotations

from dataclasses import dataclass

from node.domain.case import LedgerIdentity


@dataclass(frozen=True, slots=True)
class Contracts:
    """Registry and ledger of one alliance; ids are the random 32 bytes given at construction."""

    chain_id: int
    registry: str  # 0x-address
    registry_id: bytes
    ledger: str  # 0x-address
    ledger_id: bytes
    first_block: int  # the block in which the registry was deployed; nothing of the alliance stands before it

    @property
    def identity(self) -> LedgerIdentity:
        """The ledger as the rules name it."""
        return LedgerIdentity(self.ledger_id, self.ledger)
