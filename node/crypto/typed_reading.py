# SPDX-License-Identifier: Apache-2.0
"""Reading EIP-712 JSON that somebody handed over: only our own types, in the one spelling that typed_data_json writes.

One spelling means that what a person is told and what a wallet hashes cannot come apart: numbers up to 2^31 are JSON
numbers, larger ones decimal strings; bytes are 0x and lower-case hex; no member is missing and none is added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from node.crypto.addresses import address_bytes, checksummed
from node.crypto.typed import (
    LEDGER_NAME,
    REGISTRY_NAME,
    Domain,
    act_digest,
    submission_digest,
    typed_data_json,
)
from node.domain.entries import Act, Action, SignRole, Submission
from node.domain.errors import AllianceError, Refused
from node.domain.transitions import ActKind


class TypedDataMalformed(Refused):
    """Not our typed data in its one spelling. Values: ``field``."""

    code = "typed_data_malformed"


@dataclass(frozen=True, slots=True)
class SignableSubmission:
    """A submission as one role signs it."""

    domain: Domain
    submission: Submission
    role: SignRole

    def digest(self) -> bytes:
        """The 32 bytes that are signed."""
        return submission_digest(self.domain, self.submission, self.role)


@dataclass(frozen=True, slots=True)
class SignableAct:
    """An act as governors and ADMINs sign it; ``registry``: the registry's 32-byte id."""

    domain: Domain
    act: Act
    registry: bytes

    def digest(self) -> bytes:
        """The 32 bytes that are signed."""
        return act_digest(self.domain, self.registry, self.act)


def read_typed_data(document: object) -> SignableSubmission | SignableAct:
    """Our typed data out of parsed JSON. Raises TypedDataMalformed, naming the first member that is wrong."""
    top = members(document, "typedData", "types", "primaryType", "domain", "message")
    at = members(top["domain"], "domain", "name", "version", "chainId", "verifyingContract")
    domain = Domain(
        name=text(at["name"], "domain.name"),
        chain_id=number(at["chainId"], "domain.chainId", 256),
        address=address(at["verifyingContract"], "domain.verifyingContract"),
    )
    signable: SignableSubmission | SignableAct
    if top["primaryType"] == "Submission":
        signable = _submission(domain, top["message"])
        again = typed_data_json(signable.submission, domain, role=signable.role)
    elif top["primaryType"] == "Act":
        signable = _act(domain, top["message"])
        again = typed_data_json(signable.act, domain, registry=signable.registry)
    else:
        raise TypedDataMalformed(field="primaryType")
    if again["types"] != top["types"]:
        raise TypedDataMalformed(field="types")
    if again["domain"] != at:
        raise TypedDataMalformed(field="domain")
    return signable


def _submission(domain: Domain, message: object) -> SignableSubmission:
    names = ("ledger", "org", "role", "action", "root", "count", "sum", "wraps", "validUntil")
    at = members(message, "message", *names)
    if domain.name != LEDGER_NAME:
        raise TypedDataMalformed(field="domain.name")
    submission = Submission(
        ledger=hexed(at["ledger"], "message.ledger", 32),
        org=number(at["org"], "message.org", 16),
        action=named(at["action"], "message.action", Action),
        root=hexed(at["root"], "message.root", 32),
        count=number(at["count"], "message.count", 32),
        sum_fen=number(at["sum"], "message.sum", 64),
        wraps=hexed(at["wraps"], "message.wraps", 32),
        valid_until=number(at["validUntil"], "message.validUntil", 64),
    )
    return SignableSubmission(domain, submission, SignRole(named(at["role"], "message.role", SignRole)))


def _act(domain: Domain, message: object) -> SignableAct:
    names = ("registry", "kind", "org", "number", "first", "second", "code", "orderLimit", "dayLimit", "data")
    at = members(message, "message", *names, "validUntil")
    if domain.name != REGISTRY_NAME:
        raise TypedDataMalformed(field="domain.name")
    act = Act(
        kind=named(at["kind"], "message.kind", ActKind),
        org=number(at["org"], "message.org", 16),
        number=number(at["number"], "message.number", 64),
        first=address(at["first"], "message.first"),
        second=address(at["second"], "message.second"),
        code=number(at["code"], "message.code", 16),
        order_limit_fen=number(at["orderLimit"], "message.orderLimit", 64),
        day_limit_fen=number(at["dayLimit"], "message.dayLimit", 64),
        data=hexed(at["data"], "message.data"),
        valid_until=number(at["validUntil"], "message.validUntil", 64),
    )
    return SignableAct(domain, act, hexed(at["registry"], "message.registry", 32))


def members(value: object, field: str, *names: str) -> dict[str, Any]:
    """An object with exactly these members."""
    if not isinstance(value, dict):
        raise TypedDataMalformed(field=field)
    found = cast("dict[str, Any]", value)
    for name in names:
        if name not in found:
            raise TypedDataMalformed(field=f"{field}.{name}")
    if len(found) != len(names):
        raise TypedDataMalformed(field=field)
    return found


def number(value: object, field: str, bits: int) -> int:
    """A whole number below 2^bits: a JSON number up to 2^31, above it a decimal string without leading zeros."""
    if type(value) is int and 0 <= value <= 2**31 and value < 1 << bits:
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 78 and value[0] != "0":
        whole = int(value)
        if 2**31 < whole < 1 << bits:
            return whole
    raise TypedDataMalformed(field=field)


def hexed(value: object, field: str, size: int | None = None) -> bytes:
    """0x and lower-case hex, of ``size`` bytes where given."""
    if isinstance(value, str) and value.startswith("0x"):
        try:
            raw = bytes.fromhex(value[2:])
        except ValueError:
            raise TypedDataMalformed(field=field) from None
        if value == "0x" + raw.hex() and size in (None, len(raw)):
            return raw
    raise TypedDataMalformed(field=field)


def address(value: object, field: str) -> str:
    """A checksummed 0x-address."""
    try:
        if isinstance(value, str) and checksummed(address_bytes(value)) == value:
            return value
    except AllianceError:
        pass
    raise TypedDataMalformed(field=field)


def text(value: object, field: str) -> str:
    """A string."""
    if not isinstance(value, str):
        raise TypedDataMalformed(field=field)
    return value


def named(value: object, field: str, kinds: type[Action] | type[ActKind] | type[SignRole]) -> int:
    """The code of one of our names."""
    try:
        return kinds[text(value, field)]
    except KeyError:
        raise TypedDataMalformed(field=field) from None
