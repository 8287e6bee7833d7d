# SPDX-License-Identifier: Apache-2.0
"""Addresses as bytes and as text: 0x and 40 hex digits, written with the checksum of EIP-55."""

from __future__ import annotations

from node.domain.digest import keccak
from node.domain.errors import Refused
from node.domain.organisations import checksum


class AddressMalformed(Refused):
    """Not 0x and 40 hex digits. Values: ``field``."""

    code = "address_malformed"


def address_of(public_key: bytes) -> str:
    """The checksummed address of an uncompressed public key (65 bytes, 0x04 first)."""
    return checksummed(keccak(public_key[1:])[12:])


def checksummed(address: bytes) -> str:
    """EIP-55 of 20 bytes."""
    return checksum(address.hex())


def address_bytes(address: str, field: str = "address") -> bytes:
    """20 bytes of a 0x-address in any letter case. Raises AddressMalformed."""
    try:
        raw = bytes.fromhex(address[2:])
    except ValueError:
        raise AddressMalformed(field=field) from None
    if not address.startswith("0x") or len(address) != 42 or len(raw) != 20:
        raise AddressMalformed(field=field)
    return raw
