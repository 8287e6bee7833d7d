# SPDX-License-Identifier: Apache-2.0
"""Which inquiries and cases are about a person or an account: asked by the number, answered by opaque ids.

The number is compared as a blind index only, under every key number that this node has had, and is kept nowhere.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sqlmodel import Session, col, or_, select

from node.domain.entries import CaseKey, OrgRole
from node.domain.errors import Refused
from node.domain.identifiers import IdentifierInvalid, parse_card, parse_identity_number
from node.services.context import Context
from node.store.own_records import OwnInquiry
from node.store.own_work import OwnDraft
from node.store.projection import ProjectionCase


class NumberWrong(Refused):
    """What was given is neither a person's ID number nor an account's; it is not repeated."""

    code = "number_wrong"


class InquiriesElsewhere(Refused):
    """Only an office has inquiries; a bank finds its letters in the inbox."""

    code = "inquiries_elsewhere"


@dataclass(frozen=True, slots=True)
class Found:
    """One inquiry, and the cases that it came to, as this node has followed them, oldest first."""

    inquiry: str
    cases: tuple[CaseKey, ...]


def find_by_number(ctx: Context, session: Session, number: str) -> list[Found]:
    """The office's inquiries about a person (公民身份号码) or an account, oldest first.

    Raises InquiriesElsewhere, NumberWrong.
    """
    if ctx.org(session).role is not OrgRole.OFFICE:
        raise InquiriesElsewhere()
    named = _marks(ctx, number)
    wanted = select(OwnInquiry.id).where(
        or_(col(OwnInquiry.mark_person).in_(named["person"]), col(OwnInquiry.mark_account).in_(named["account"]))
    )
    return [Found(each, _cases(session, each)) for each in session.exec(wanted.order_by(col(OwnInquiry.id)))]


def _marks(ctx: Context, number: str) -> dict[str, list[bytes]]:
    """The blind indexes that the number may stand under, as each kind that it can be."""
    found: dict[str, list[bytes]] = {"person": [], "account": []}
    with suppress(IdentifierInvalid):
        found["person"] = ctx.marks("person", parse_identity_number(number, ctx.today(), ctx.made_up_ids).number)
    with suppress(IdentifierInvalid):
        found["account"] = ctx.marks("account", parse_card(number, ctx.made_up_ids).number)
    if not any(found.values()):
        raise NumberWrong()
    return found


def _cases(session: Session, inquiry: str) -> tuple[CaseKey, ...]:
    letters = select(OwnDraft.office, OwnDraft.case_id).where(OwnDraft.inquiry_id == inquiry)
    keys = [CaseKey(*row) for row in session.exec(letters.order_by(col(OwnDraft.id)))]
    return tuple(key for key in keys if session.get(ProjectionCase, (key.office, key.case_id)) is not None)
