# SPDX-License-Identifier: Apache-2.0
"""RFC 8785 canonical JSON, the commitment over it, and the padding that keeps a length from telling the outcome.

orjson with sorted keys writes the same bytes as RFC 8785 for what payloads are made of: objects with ASCII keys,
arrays, strings, whole numbers up to 2^53 − 1, booleans, null. All else is refused here (floats above all); rfc8785 is
the oracle in the tests.
"""

from __future__ import annotations

from typing import Final, cast

import orjson

from node.domain.digest import keccak
from node.domain.entries import MAX_FEN
from node.domain.errors import Refused

Json = dict[str, "Json"] | list["Json"] | tuple["Json", ...] | str | int | bool | None

SIZES: Final = (300, 600, 1200, 2400, 4800)
MAX_DEPTH: Final = 32


class NotCanonicalisable(Refused):
    """A value that has no place in a payload. Values: ``kind`` (a type, or what is wrong)."""

    code = "not_canonicalisable"


class NotCanonical(Refused):
    """Bytes that are not the canonical form of the JSON in them."""

    code = "not_canonical"


class PayloadTooLarge(Refused):
    """More than the largest padding takes. Values: ``size_bytes``, ``limit_bytes``."""

    code = "payload_too_large"


class PaddingMalformed(Refused):
    """Not one of the five sizes, or not padded the one way. Values: ``size_bytes``."""

    code = "padding_malformed"


def canonical(value: Json) -> bytes:
    """The canonical bytes of a JSON value. Raises NotCanonicalisable."""
    _check(value, MAX_DEPTH)
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # a lone surrogate; the message would quote the value
        raise NotCanonicalisable(kind="surrogate") from None


def parse_canonical(data: bytes) -> Json:
    """The value in canonical bytes. Raises NotCanonical for anything that canonical() would not have written."""
    try:
        value = cast(Json, orjson.loads(data))
        same = canonical(value) == data
    except (orjson.JSONDecodeError, NotCanonicalisable):
        raise NotCanonical from None
    if not same:
        raise NotCanonical
    return value


def commitment(canonical_payload: bytes) -> bytes:
    """keccak over the canonical payload; the salt inside makes it unguessable."""
    return keccak(canonical_payload)


def pad(payload: bytes) -> bytes:
    """The payload, one byte 0x80, zeros up to the next of SIZES (ISO/IEC 7816-4). Raises PayloadTooLarge."""
    for size in SIZES:
        if len(payload) < size:
            return payload + b"\x80" + bytes(size - len(payload) - 1)
    raise PayloadTooLarge(size_bytes=len(payload), limit_bytes=SIZES[-1] - 1)


def unpad(padded: bytes) -> bytes:
    """The payload back. Raises PaddingMalformed unless pad() would have written these bytes."""
    payload = padded.rstrip(b"\x00")
    if len(padded) not in SIZES or payload[-1:] != b"\x80" or pad(payload[:-1]) != padded:
        raise PaddingMalformed(size_bytes=len(padded))
    return payload[:-1]


def _check(value: object, depth: int) -> None:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return
    if kind is int:
        if not -MAX_FEN <= cast(int, value) <= MAX_FEN:
            raise NotCanonicalisable(kind="range")
        return
    if depth == 0:
        raise NotCanonicalisable(kind="depth")
    if kind is dict:
        for key, item in cast("dict[object, object]", value).items():
            # beyond ASCII, RFC 8785 sorts by UTF-16 units and orjson by UTF-8 bytes
            if type(key) is not str or not key.isascii():
                raise NotCanonicalisable(kind="key")
            _check(item, depth - 1)
    elif kind is list or kind is tuple:
        for item in cast("list[object]", value):
            _check(item, depth - 1)
    else:
        raise NotCanonicalisable(kind=kind.__name__)
