# SPDX-License-Identifier: Apache-2.0
"""The account that funds senders on the embedded chain. Its key is public by construction: this is a test network."""

from __future__ import annotations

from eth_account import Account

from node.domain.digest import keccak

FAUCET_WEI = 10**30


class Faucet:
    """Derived from the chain id alone, so that the folder holds no key at all and nobody mistakes it for a secret."""

    def __init__(self, chain_id: int) -> None:
        self._chain_id = chain_id
        self._account = Account.from_key(keccak(b"alliance embedded faucet" + chain_id.to_bytes(32, "big")))

    @property
    def address(self) -> bytes:
        return bytes.fromhex(self._account.address[2:])

    def transfer(self, nonce: int, to: bytes, amount_wei: int) -> bytes:
        """The raw transaction that gives ``amount_wei`` to an address."""
        signed = self._account.sign_transaction(
            {
                "chainId": self._chain_id,
                "nonce": nonce,
                "to": to,
                "value": amount_wei,
                "gas": 21_000,
                "gasPrice": 0,
            }
        )
        return bytes(signed.raw_transaction)
