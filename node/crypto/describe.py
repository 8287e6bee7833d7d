# SPDX-License-Identifier: Apache-2.0
"""What a signature would do, in words: for ``inspect``, for pages, for whoever is about to sign.

The words say only what follows from the signed fields and from entries that were checked against them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from node.crypto.typed import Domain, check_code
from node.domain.entries import Act, Action, Entry, OrgRole, Permission, SignRole, Submission
from node.domain.masking import printable
from node.domain.messages import Lang, say
from node.domain.money import format_yuan
from node.domain.transitions import ActKind, table
from node.domain.workdays import BEIJING

_LAST_S: Final = 253_402_214_400  # 9999-12-31, in Unix seconds: what no calendar holds stays a number


def describe(
    what: Submission | Act,
    entries: Sequence[Entry],
    lang: Lang,
    *,
    role: SignRole | None = None,
    domain: Domain | None = None,
) -> list[str]:
    """One line a fact. ``entries``: those of the submission, already checked against it; none where only typed data is
    at hand, and then a line says so. ``role``, ``domain``: where known, whose signature it is and for which contract.
    """
    lines = _submission(what, entries, lang, role) if isinstance(what, Submission) else _act(what, lang)
    lines.append(say("signing.valid_until", lang, until=_moment(what.valid_until, lang)))
    if domain is not None:
        lines.append(say("signing.domain", lang, name=domain.name, chain_id=domain.chain_id, address=domain.address))
    if isinstance(what, Submission):
        lines.append(say("signing.ledger", lang, ledger="0x" + what.ledger.hex()))
        lines.append(say("signing.check_code", lang, code=check_code(what)))
    return lines


def _submission(what: Submission, entries: Sequence[Entry], lang: Lang, role: SignRole | None) -> list[str]:
    row = table().action(what.action)
    if row is None:
        return [say("signing.unknown_action", lang, org=what.org, code=what.action, count=what.count)]
    action = row.action
    lines = [say("signing.submission", lang, org=what.org, action=row.label.say(lang), count=what.count)]
    if role is not None:
        lines.append(say(f"signing.role.{role.name}", lang))
    lines.append(say(f"signing.effect.{action.name}", lang))
    if "amount" in row.fields:
        lines.append(say("signing.sum", lang, yuan=_yuan(what.sum_fen), fen=what.sum_fen))
    if not entries:
        return [*lines, say("signing.no_entries", lang)]
    cases = {entry.key for entry in entries}
    offices = _list(sorted({entry.office for entry in entries}), lang)
    lines.append(say("signing.cases", lang, cases=len(cases), offices=offices))
    lines += _details(action, entries, lang)
    if "amount" in row.fields:
        largest = max(entry.amount_fen for entry in entries)
        lines.append(say("signing.largest", lang, yuan=_yuan(largest), fen=largest))
    return lines


def _details(action: Action, entries: Sequence[Entry], lang: Lang) -> list[str]:
    """What is particular to the action, added up over the entries."""
    match action:
        case Action.REQUEST:
            groups = _grouped((entry.recipient, entry.amount_fen) for entry in entries)
            lines = [say("signing.to", lang, org=org, count=count) for org, (count, _) in groups]
            first, last = (f(entry.due_at for entry in entries) for f in (min, max))
            return [*lines, say("signing.due", lang, first=_moment(first, lang), last=_moment(last, lang))]
        case Action.REPLY:
            yes = sum(entry.debitable for entry in entries)
            return [say("signing.debitable", lang, yes=yes, no=len(entries) - yes)]
        case Action.CONSENT:
            ends = [entry.expires_at for entry in entries]
            parts = sum(entry.in_parts for entry in entries)
            return [
                say("signing.claims", lang, largest=_yuan(max(entry.claim_fen for entry in entries))),
                say("signing.consents_end", lang, first=_moment(min(ends), lang), last=_moment(max(ends), lang)),
                say("signing.in_parts", lang, yes=parts, no=len(entries) - parts),
            ]
        case Action.ORDER:
            groups = _grouped((entry.fund_account, entry.amount_fen) for entry in entries)
            return [
                say("signing.fund_account", lang, number=number, count=count, yuan=_yuan(fen))
                for number, (count, fen) in groups
            ]
        case Action.DEBIT:
            failed = sum(entry.amount_fen == 0 for entry in entries)
            return [say("signing.debits", lang, debited=len(entries) - failed, failed=failed)]
        case _:
            return []


def _act(act: Act, lang: Lang) -> list[str]:
    kind = ActKind(act.kind)
    label = table().acts[kind].label.say(lang)
    role = table().roles[OrgRole(act.code)].say(lang) if act.code in set(OrgRole) else str(act.code)
    permissions = [say(f"signing.permission.{p.name}", lang) for p in Permission if act.code & p]
    effect = say(
        f"signing.act.{kind.name}",
        lang,
        org=act.org,
        first=act.first,
        second=act.second,
        code=act.code,
        role=role,
        permissions=_list(permissions, lang),
        order=_yuan(act.order_limit_fen),
        day=_yuan(act.day_limit_fen),
        text=_printable(act.data),
        size=len(act.data),
    )
    about = "signing.act" if act.org else "signing.act_alliance"
    return [say(about, lang, act=label, org=act.org, number=act.number), effect]


def _yuan(fen: int) -> str:
    return format_yuan(fen, grouped=True)


def _grouped(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, tuple[int, int]]]:
    """Number of entries and fen by key, keys ascending."""
    groups: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for key, fen in pairs:
        count, total = groups[key]
        groups[key] = (count + 1, total + fen)
    return sorted(groups.items())


def _moment(unix_s: int, lang: Lang) -> str:
    if unix_s >= _LAST_S:
        return str(unix_s)
    return say("signing.moment", lang, time=f"{datetime.fromtimestamp(unix_s, BEIJING):%Y-%m-%d %H:%M:%S}")


def _printable(data: bytes) -> str:
    """Text of an act (a name, an account) with nothing in it that could redraw a terminal."""
    return printable(data.decode(errors="replace"))


def _list(items: Iterable[object], lang: Lang) -> str:
    return ("、" if lang == "zh" else ", ").join(str(item) for item in items)
