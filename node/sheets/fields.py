# SPDX-License-Identifier: Apache-2.0
"""The columns of an inquiry and the rule of each: a cell in, its value out, or the rule that it breaks.

Source: issue "main job", Import; DOMAIN section 3. Strict on purpose: what a rule does not name is not repaired.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from node.domain import catalogues, identifiers, money, names
from node.domain.errors import Refused
from node.sheets.faults import masked, open_value, plain
from node.sheets.table import Cell, is_blank

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAME_LENGTH = 80
_NOTE_LENGTH = 400
_Found = TypeVar("_Found")


class CellEmpty(Refused):
    """A value is needed here."""

    code = "cell_empty"


class CellNotText(Refused):
    """A number, date or truth value where the digits must stand as text: a sheet keeps 15 digits of a number."""

    code = "cell_not_text"


class CellTooLong(Refused):
    """More characters than a letter has room for."""

    code = "cell_too_long"


class AreaUnknown(Refused):
    """Warning: the number's area code is in no list."""

    code = "id_area_unknown"


class NameIncomplete(Refused):
    """Warning: a character of the name is missing or stands in private use; other systems may show another one."""

    code = "name_incomplete"


class InsuranceUnknown(Refused):
    """Not of the catalogue of insurance types."""

    code = "insurance_unknown"


class CategoryUnknown(Refused):
    """Not of the catalogue of categories."""

    code = "category_unknown"


class CategoryOfOther(Refused):
    """A category of another insurance."""

    code = "category_of_other"


class DateForm(Refused):
    """Neither a date cell nor a real date as YYYY-MM-DD."""

    code = "date_form"


class DateFuture(Refused):
    """The drawing cannot have ended after today."""

    code = "date_future"


class PeriodReversed(Refused):
    """It ends before it starts."""

    code = "period_reversed"


class BankUnknown(Refused):
    """No bank of the alliance has that name."""

    code = "bank_unknown"


class RegionUnknown(Refused):
    """Not of the catalogue of pooling areas."""

    code = "region_unknown"


class DuePast(Refused):
    """Warning: the due date is past."""

    code = "due_past"


@dataclass(frozen=True, slots=True)
class Terms:
    """What an import is judged by: the alliance's banks by name (org ids), today in Beijing, and whether synthetic ID
    numbers are taken (test and demo mode)."""

    banks: Mapping[str, int]
    today: date
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A column: ``key`` of InquiryRow, ``title`` of the header; how a cell is read, shown, warned about."""

    key: str
    title: str
    read: Callable[[Cell, Terms], Any]
    shown: Callable[[Cell], str] = open_value
    warn: Callable[[Any, Terms], Refused | None] | None = None
    required: bool = True
    absent: Any = None


def check_category(values: Mapping[str, Any]) -> None:
    """The category belongs to the insurance, where both are right. Errors: CategoryOfOther."""
    if "insurance" in values and "category" in values:
        category, insurance = values["category"], values["insurance"]
        if not catalogues.category_fits(category, insurance):
            raise CategoryOfOther(category=category, insurance=catalogues.term("insurances", insurance).zh)


def check_period(values: Mapping[str, Any]) -> None:
    """The drawing does not end before it starts, where both dates are right. Errors: PeriodReversed."""
    if "starts_on" in values and "ends_on" in values and values["ends_on"] < values["starts_on"]:
        raise PeriodReversed(starts=values["starts_on"].isoformat(), ends=values["ends_on"].isoformat())


def amount_fen(cell: Cell) -> int:
    """Yuan as digits with at most two decimals, or a number by its shortest decimal form → fen.

    Errors: CellEmpty, AmountInvalid.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return money.fen_of_number(float(cell))
    if is_blank(cell):
        raise CellEmpty
    return money.parse_yuan(cell if isinstance(cell, str) else plain(cell))


def day(cell: Cell) -> date:
    """A date cell, or YYYY-MM-DD. Errors: CellEmpty, DateForm."""
    if isinstance(cell, datetime):
        raise DateForm  # a time of day stands in the cell
    if isinstance(cell, date):
        return cell
    if isinstance(cell, str) and is_blank(cell):
        raise CellEmpty
    if not isinstance(cell, str) or not _DAY.fullmatch(cell):
        raise DateForm
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise DateForm from None


def _text(cell: Cell) -> str:
    if is_blank(cell):
        raise CellEmpty
    if not isinstance(cell, str):
        raise CellNotText
    return cell


def _name(cell: Cell, _terms: Terms) -> str:
    name = _text(cell).strip()
    if len(name) > _NAME_LENGTH:
        raise CellTooLong(limit=_NAME_LENGTH)
    return name


def _note(cell: Cell, _terms: Terms) -> str:
    note = plain(cell).strip()
    if len(note) > _NOTE_LENGTH:
        raise CellTooLong(limit=_NOTE_LENGTH)
    return note


def _warn_name(name: str, _terms: Terms) -> Refused | None:
    return NameIncomplete() if names.has_holes(name) else None


def _id_number(cell: Cell, terms: Terms) -> str:
    return identifiers.parse_identity_number(_text(cell), terms.today, terms.synthetic).number


def _warn_area(number: str, _terms: Terms) -> Refused | None:
    area = number[:6]
    if area == identifiers.SYNTHETIC_AREA or identifiers.area_known(area):
        return None
    return AreaUnknown(area=area)


def _account(cell: Cell, terms: Terms) -> str:
    return identifiers.parse_card(_text(cell), terms.synthetic).number


def _listed(cell: Cell, unknown: type[Refused], find: Callable[[str], _Found | None]) -> _Found:
    text = plain(cell).strip()
    if not text:
        raise CellEmpty
    if (found := find(text)) is None:
        raise unknown(value=open_value(cell))
    return found


def _insurance(cell: Cell, _terms: Terms) -> str:
    return _listed(cell, InsuranceUnknown, catalogues.insurance_by_name).code


def _category(cell: Cell, _terms: Terms) -> str:
    return _listed(cell, CategoryUnknown, catalogues.terms("categories").get).code


def _region(cell: Cell, _terms: Terms) -> str:
    return _listed(cell, RegionUnknown, catalogues.terms("regions").get).code


def _bank(cell: Cell, terms: Terms) -> int:
    return _listed(cell, BankUnknown, terms.banks.get)


def _ends_on(cell: Cell, terms: Terms) -> date:
    found = day(cell)
    if found > terms.today:
        raise DateFuture(today=terms.today.isoformat())
    return found


def _due_on(cell: Cell, _terms: Terms) -> date | None:
    return None if is_blank(cell) else day(cell)


def _warn_due(due_on: date | None, terms: Terms) -> Refused | None:
    return DuePast(today=terms.today.isoformat()) if due_on and due_on < terms.today else None


FIELDS: tuple[Field, ...] = (
    Field("name", "姓名", _name, shown=lambda cell: masked(plain(cell).strip(), 1, 0), warn=_warn_name),
    Field("id_number", "公民身份号码", _id_number, shown=lambda cell: masked(plain(cell), 4, 4), warn=_warn_area),
    Field("insurance", "险种", _insurance),
    Field("category", "违规情形", _category),
    Field("starts_on", "待遇起算日", lambda cell, _terms: day(cell)),
    Field("ends_on", "待遇停发日", _ends_on),
    Field("amount_fen", "违规金额(元)", lambda cell, _terms: amount_fen(cell)),
    Field("bank_org", "代发银行", _bank),
    Field(
        "account",
        "银行账号",
        _account,
        shown=lambda cell: masked(plain(cell), 6, 4),
    ),
    Field("region", "统筹区", _region),
    Field("due_on", "反馈期限", _due_on, warn=_warn_due, required=False),
    Field("note", "备注", _note, shown=lambda cell: masked(plain(cell), 1, 0), required=False, absent=""),
)
TITLES: Mapping[str, str] = {"序号": "number"} | {field.title: field.key for field in FIELDS}
"""Every title of the header to its key; 序号 is the sender's own count and is not read."""
REQUIRED = frozenset(field.key for field in FIELDS if field.required)
