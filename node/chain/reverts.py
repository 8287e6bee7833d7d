# SPDX-License-Identifier: Apache-2.0
"""Reading why a contract reverted: one reader for the places where clients put the data, one decoder for all errors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, cast

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from node.chain import ledger_errors, registry_errors, solidity_errors
from node.chain.solidity_errors import Reverted
from node.crypto.typed import address_bytes, checksummed
from node.domain.digest import keccak
from node.domain.errors import Refused, Value

_TEXTS = ("revert", "vm exception", "vm error", "execution failed")


class RevertUnknown(Reverted, Refused):
    """A contract reverted without a reason, or with one that is none of ours. Values: ``data`` (hex, cut)."""

    code = "reverted_unknown"
    signature: ClassVar[str] = ""


def revert_data(error: Mapping[str, Any]) -> bytes | None:
    """The revert data of an error answer: in ``data`` (geth, Anvil, Besu, Ganache), ``data.data`` (Hardhat) or
    ``data.result`` (Ganache's estimate). None where the error is no revert; empty where it is one without data.
    """
    data = error.get("data")
    candidates: list[Any] = [data]
    if isinstance(data, dict):
        fields = cast(dict[str, Any], data)
        candidates = [fields.get("data"), fields.get("result")]
    for candidate in candidates:
        if isinstance(candidate, str) and candidate.startswith("0x") and _says_revert(error):
            try:
                return bytes.fromhex(candidate[2:])
            except ValueError:
                continue
    return b"" if error.get("code") == 3 else None


def _says_revert(error: Mapping[str, Any]) -> bool:
    message = str(error.get("message") or "").lower()
    return error.get("code") == 3 or any(text in message for text in _TEXTS)


@cache
def errors_by_selector() -> dict[bytes, type[Reverted]]:
    """Every Solidity error that has a class, by its first four bytes."""
    named = [*vars(solidity_errors).values(), *vars(ledger_errors).values(), *vars(registry_errors).values()]
    kinds = [n for n in named if isinstance(n, type) and issubclass(n, Reverted) and n is not Reverted]
    return {selector(kind.signature): kind for kind in kinds}


def selector(signature: str) -> bytes:
    """The first four bytes of keccak over ``Name(type,type)``."""
    return keccak(signature.encode())[:4]


def decode_revert(data: bytes) -> Reverted:
    """The error with its arguments by name; ``RevertUnknown`` for anything that is not ours."""
    kind = errors_by_selector().get(data[:4])
    if kind is None:
        return RevertUnknown(data="0x" + data[:68].hex())
    types = [t for t in kind.signature.partition("(")[2][:-1].split(",") if t]
    try:
        arguments: tuple[Any, ...] = decode(types, data[4:]) if types else ()
    except DecodingError:
        return RevertUnknown(data="0x" + data[:68].hex())
    return kind(**{n: _value(t, a) for n, t, a in zip(kind.names, types, arguments, strict=True)})


def _value(solidity_type: str, argument: Any) -> Value:
    if solidity_type == "address":
        return checksummed(address_bytes(argument))
    if isinstance(argument, bytes):
        return "0x" + argument.hex()
    if isinstance(argument, (str, int)):
        return argument
    return str(argument)
