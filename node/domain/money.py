# SPDX-License-Identifier: Apache-2.0
"""Money: whole fen inside, yuan at the edges, and the capital figures (大写) of letters. No float anywhere."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from node.domain.entries import MAX_FEN
from node.domain.errors import Refused

AmountRule = Literal["not_plain_decimal", "fraction_of_fen", "negative", "zero", "too_large"]

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")


class AmountInvalid(Refused):
    """A text that is no amount; ``rule`` says why."""

    code = "amount_invalid"

    def __init__(self, rule: AmountRule) -> None:
        super().__init__(rule=rule)
        self.rule: AmountRule = rule


def parse_yuan(text: str) -> int:
    """Fen of an amount in yuan as it stands in a sheet: ASCII digits with at most two decimals, 1 to 2^53 − 1 fen.

    No separator, unit, sign, exponent or full-width digit; blanks around it do not count. One mistake gives one rule.
    """
    text = text.strip(" \t\r\n")
    if re.fullmatch(r"-[0-9]+(\.[0-9]+)?", text):
        raise AmountInvalid("negative")
    found = re.fullmatch(r"([0-9]+)(?:\.([0-9]+))?", text)
    if found is None:
        raise AmountInvalid("not_plain_decimal")
    decimals = found[2] or ""
    if decimals[2:].strip("0"):
        raise AmountInvalid("fraction_of_fen")
    if len(decimals) > 2:
        raise AmountInvalid("not_plain_decimal")
    return _in_range(int(found[1] + decimals.ljust(2, "0")))


def fen_of_number(value: float) -> int:
    """Fen of a numeric cell: it counts by its shortest decimal form, so 0.1 is ten fen whatever the binary says."""
    shortest = Decimal(repr(value))
    if not shortest.is_finite():
        raise AmountInvalid("not_plain_decimal")
    return parse_yuan(format(shortest, "f").removesuffix(".0"))


def format_yuan(fen: int, grouped: bool = False) -> str:
    """``1234567`` fen as ``12345.67``, or ``12,345.67`` for people."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    whole = f"{fen // 100:,}" if grouped else str(fen // 100)
    return f"{sign}{whole}.{fen % 100:02d}"


def capital(fen: int) -> str:
    """人民币大写 of 1 to 2^53 − 1 fen, by the rules for filling in bills (支付结算办法, 附一).

    Raises AmountInvalid outside that range.
    """
    yuan, jiao, fen_digit = _in_range(fen) // 100, fen // 10 % 10, fen % 10
    text = f"{_whole(yuan)}元" if yuan else ""
    if not jiao and not fen_digit:
        return f"人民币{text}整"
    # a zero in the place before the first decimal figure is said, as in 壹仟陆佰捌拾元零叁角贰分
    if yuan and (jiao == 0 or yuan % 10 == 0):
        text += "零"
    text += f"{_DIGITS[jiao]}角" if jiao else ""
    text += f"{_DIGITS[fen_digit]}分" if fen_digit else ""
    return f"人民币{text}"


def _in_range(fen: int) -> int:
    if fen < 1:
        raise AmountInvalid("negative" if fen < 0 else "zero")
    if fen > MAX_FEN:
        raise AmountInvalid("too_large")
    return fen


def _whole(number: int) -> str:
    """Capital figures of a whole number of 1 to 14 digits."""
    for unit, name in ((10**8, "亿"), (10**4, "万")):
        high, low = divmod(number, unit)
        if high:
            gap = "零" if 0 < low < unit // 10 else ""
            return _whole(high) + name + gap + (_whole(low) if low else "")
    digits = str(number)
    said = "".join(_DIGITS[int(d)] + (_PLACES[len(digits) - 1 - i] if d != "0" else "") for i, d in enumerate(digits))
    return re.sub("零+", "零", said).strip("零")
