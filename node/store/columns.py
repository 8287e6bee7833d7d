# SPDX-License-Identifier: Apache-2.0
"""Column types, and the base of all tables with its naming convention.

Datetimes are SQLModel's own UTCDateTime (aware, UTC). ``table=True`` models skip validation, so what must hold of a row
stands as a CHECK constraint beside its table.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    false,
    func,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, declared_attr
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import SQLModel, col
from typing_extensions import override

from node.domain.entries import MAX_FEN

# Every constraint has a name, or a batch migration on SQLite could not drop it.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(SQLModel):
    """Base of every table: one metadata of our own, with names for all constraints; ``OwnDraft`` is ``own_draft``."""

    metadata = MetaData(naming_convention=NAMING)

    @declared_attr.directive
    def __tablename__(cls) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()


class Hash(TypeDecorator[bytes]):
    """32 bytes, no more and no fewer."""

    impl = LargeBinary(32)
    cache_ok = True

    @override
    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        if value is not None and len(value) != 32:
            raise ValueError("a hash has 32 bytes")
        return value


class Unsigned64(TypeDecorator[int]):
    """0 to 2^64 - 1, which no integer column holds: 20 digits, so that text order is number order."""

    impl = String(20)
    cache_ok = True

    @override
    def process_bind_param(self, value: int | None, dialect: Dialect) -> str | None:
        if value is not None and not 0 <= value < 2**64:
            raise ValueError("not an unsigned 64-bit number")
        return None if value is None else f"{value:020d}"

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value)


class Json(TypeDecorator[Any]):
    """JSON as text with sorted keys: the same value is the same bytes in every database."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class RowId(TypeDecorator[int]):
    """A key that the database counts up; SQLite counts only plain INTEGER keys."""

    impl = BigInteger
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())


def wide_sum(amount: Mapped[int]) -> tuple[ColumnElement[int | None], ColumnElement[int | None]]:
    """A sum in two columns, for ``whole``: a member can write amounts whose total no 64-bit integer of SQLite holds."""
    return func.sum(amount.op(">>")(32)), func.sum(amount.op("&")(2**32 - 1))


def whole(high: int | None, low: int | None) -> int:
    """The sum that ``wide_sum`` took in two columns; 0 over no rows."""
    return (int(high or 0) << 32) + int(low or 0)


def in_fen(*columns: str, least: int = 0) -> tuple[CheckConstraint, ...]:
    """CHECKs that each column is ``least`` to 2^53 - 1 fen (an empty one passes)."""
    return tuple(CheckConstraint(f"{c} BETWEEN {least} AND {MAX_FEN}", name=c) for c in columns)


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """CHECK that the column holds one of a StrEnum's values."""
    names = ", ".join(f"'{v.value}'" for v in values)
    return CheckConstraint(f"{column} IN ({names})", name=column)


def sized(*columns: str, size: int = 32) -> tuple[CheckConstraint, ...]:
    """CHECKs that each binary column has ``size`` bytes (an empty one passes)."""
    return tuple(CheckConstraint(f"length({c}) = {size}", name=f"{c}_size") for c in columns)


def begins_with(column: Any, prefix: str) -> ColumnElement[bool]:
    """Whether a hash begins with these hex digits, as people quote it; asked by range, so that an index serves.

    Nothing begins with an empty prefix, or with what is no hex.
    """
    digits = prefix.lower().removeprefix("0x")
    if re.fullmatch(r"[0-9a-f]{1,64}", digits) is None:
        return false()
    return col(column).between(bytes.fromhex(digits.ljust(64, "0")), bytes.fromhex(digits.ljust(64, "f")))
