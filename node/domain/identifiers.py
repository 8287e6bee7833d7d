# SPDX-License-Identifier: Apache-2.0
"""Identifiers of persons, organisations, accounts and letters, with the rules of DOMAIN section 3.

Functions take text as it was written and give the one form that the node keeps, or raise ``IdentifierInvalid`` with the
rule that is broken: never with the value, which is personal data.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Literal

from stdnum import luhn, numdb
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_10

from node.domain.errors import Refused

SYNTHETIC_AREA = "369999"  # unassigned: persons of tests and demos
SYNTHETIC_CARD = "000000"  # unissued: cards of tests and demos
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"

IdentifierRule = Literal["form", "length", "date", "future", "check_digit", "luhn", "synthetic"]


class IdentifierInvalid(Refused):
    """``kind`` names the identifier, ``rule`` what is wrong with it."""

    code = "identifier_invalid"

    def __init__(self, kind: str, rule: IdentifierRule) -> None:
        super().__init__(kind=kind, rule=rule)
        self.kind = kind
        self.rule: IdentifierRule = rule


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """公民身份号码 (GB 11643): ``number`` has 18 characters."""

    number: str
    birth: date
    male: bool
    area_known: bool  # False deserves a warning: the area code is in no list, current or retired


def parse_identity_number(text: str, today: date, synthetic: bool = False) -> IdentityNumber:
    """15 characters are converted (19 and a check digit). ``synthetic`` allows area 369999, in test and demo mode.

    Rules, in order: form, length, date, future, check_digit, synthetic.
    """
    kind = "identity_number"
    text = text.strip().upper()
    if not re.fullmatch(r"[0-9]*[0-9X]", text):
        raise IdentifierInvalid(kind, "form")
    if len(text) not in (15, 18) or "X" in text[:17] or (len(text) == 15 and "X" in text):
        raise IdentifierInvalid(kind, "length")
    number = text if len(text) == 18 else _to_18(text)
    birth = _birth(number[6:14])
    if birth is None:
        raise IdentifierInvalid(kind, "date")
    if birth > today:
        raise IdentifierInvalid(kind, "future")
    if identity_check_digit(number[:17]) != number[17]:
        raise IdentifierInvalid(kind, "check_digit")
    if number.startswith(SYNTHETIC_AREA) and not synthetic:
        raise IdentifierInvalid(kind, "synthetic")
    known = number.startswith(SYNTHETIC_AREA) or area_known(number[:6])
    return IdentityNumber(number, birth, male=int(number[16]) % 2 == 1, area_known=known)


def identity_check_digit(digits17: str) -> str:
    """The 18th character for the first 17 (ISO 7064 MOD 11-2)."""
    return _CHECKS[sum(int(d) * w for d, w in zip(digits17, _WEIGHTS, strict=True)) % 11]


def area_known(code: str) -> bool:
    """Whether a six-digit area code is or was assigned (GB/T 2260, retired codes too)."""
    parts = numdb.get("cn/loc").info(code + "0" * 12)
    return len(parts) > 1 and "county" in parts[1][1]


def _to_18(text: str) -> str:
    digits17 = text[:6] + "19" + text[6:]
    return digits17 + identity_check_digit(digits17)


def _birth(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def parse_credit_code(text: str) -> str:
    """统一社会信用代码 (GB 32100): 18 of 0-9A-Z less I O S V Z, with its check character."""
    text = text.strip().upper()
    if len(text) != 18:
        raise IdentifierInvalid("credit_code", "length")
    if not re.fullmatch(r"[0-9A-HJ-NP-RTUW-Y]{18}", text):
        raise IdentifierInvalid("credit_code", "form")
    if not uscc.is_valid(text):
        raise IdentifierInvalid("credit_code", "check_digit")
    return text


class AccountKind(Enum):
    """How an account is numbered: a card has a Luhn digit, a passbook or account number has none."""

    CARD = "card"
    PASSBOOK = "passbook"


@dataclass(frozen=True, slots=True)
class Account:
    """A bank account as it is written on the letter."""

    kind: AccountKind
    number: str


def parse_card(text: str, synthetic: bool = False) -> Account:
    """13 to 19 digits with a Luhn digit (ISO/IEC 7812). ``synthetic`` allows the unissued prefix 000000."""
    text = text.strip()
    if not re.fullmatch(r"[0-9]+", text):
        raise IdentifierInvalid("card", "form")
    if not 13 <= len(text) <= 19:
        raise IdentifierInvalid("card", "length")
    if not luhn.is_valid(text):
        raise IdentifierInvalid("card", "luhn")
    if text.startswith(SYNTHETIC_CARD) and not synthetic:
        raise IdentifierInvalid("card", "synthetic")
    return Account(AccountKind.CARD, text)


def parse_passbook(text: str) -> Account:
    """An account or passbook number: 8 to 32 digits, no check digit that all banks share."""
    text = text.strip()
    if not re.fullmatch(r"[0-9]+", text):
        raise IdentifierInvalid("passbook", "form")
    if not 8 <= len(text) <= 32:
        raise IdentifierInvalid("passbook", "length")
    return Account(AccountKind.PASSBOOK, text)


@dataclass(frozen=True, slots=True)
class BankCode:
    """CNAPS 行号: 3 bank + 4 area + 4 serial + 1 check. A check digit that does not fit is a warning, not an error."""

    number: str
    check_fits: bool


def parse_bank_code(text: str) -> BankCode:
    """12 digits; the check digit fits ISO 7064 MOD 11,10 in nearly all published codes."""
    text = text.strip()
    if not re.fullmatch(r"[0-9]{12}", text):
        raise IdentifierInvalid("bank_code", "form")
    return BankCode(text, check_fits=bool(mod_11_10.is_valid(text)))


def parse_institution_code(text: str) -> str:
    """金融机构编码 (JR/T 0124): a letter and 13 digits."""
    text = text.strip()
    if not re.fullmatch(r"[A-Z][0-9]{13}", text):
        raise IdentifierInvalid("institution_code", "form")
    return text


@dataclass(frozen=True, slots=True)
class LetterNumber:
    """文号: a sequence per agency and year."""

    agency: str
    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.agency}〔{self.year}〕{self.number}号"


def parse_letter_number(text: str) -> LetterNumber:
    """``赣社险协〔2026〕17号``: Han characters, a year of 19xx or 20xx in 〔〕, a number without leading zero."""
    found = re.fullmatch(r"(.+)〔((?:19|20)[0-9]{2})〕([1-9][0-9]*)号", text.strip())
    if found is None or not all(_is_han(c) for c in found[1]):
        raise IdentifierInvalid("letter_number", "form")
    return LetterNumber(found[1], int(found[2]), int(found[3]))


def _is_han(character: str) -> bool:
    return character == "〇" or unicodedata.name(character, "").startswith(
        ("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH")
    )
