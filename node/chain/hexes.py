# SPDX-License-Identifier: Apache-2.0
"""JSON-RPC's two notations: quantities (0x1f, no leading zero) and data (0x001f, whole bytes). Inside int and bytes."""

from __future__ import annotations

from node.crypto.typed import checksummed


def quantity(value: int) -> str:
    return hex(value)


def data(value: bytes) -> str:
    return "0x" + bytes(value).hex()


def to_int(value: str) -> int:
    """Raises ValueError for anything but a 0x-quantity."""
    if not value.startswith("0x"):
        raise ValueError("not a hexadecimal quantity")
    return int(value, 16)


def to_bytes(value: str) -> bytes:
    """Raises ValueError for anything but whole 0x-bytes."""
    if not value.startswith("0x"):
        raise ValueError("not hexadecimal data")
    return bytes.fromhex(value[2:])


def address(value: bytes) -> str:
    """The checksummed 0x-address (EIP-55) of 20 bytes."""
    return checksummed(value)
