# SPDX-License-Identifier: Apache-2.0
"""How people act in the play: a maker drafts and signs, a checker looks again and signs, the nodes do the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, select

from node.demo.cast import CHECKER, MAKER, Player, settle
from node.demo.checks import Checks
from node.demo.founding import Alliance
from node.domain.case import Case
from node.domain.entries import Action, CaseKey, Permission
from node.domain.messages import Lang
from node.services.drafting import load_case
from node.services.submitting import Review, approve, review, submit
from node.store.own_records import OwnInquiry
from node.store.own_work import OwnDraft

Drafting = Callable[[Session], OwnDraft]


@dataclass(slots=True)
class Play:
    """The alliance at work, and which case plays which story."""

    alliance: Alliance
    checks: Checks
    tell: Callable[..., None]  # (message key, **values)
    lang: Lang = "zh"
    cases: dict[str, CaseKey] = field(default_factory=dict[str, CaseKey])
    inquiries: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def office(self) -> Player:
        return self.alliance.office

    def bank_of(self, story: str) -> Player:
        """The bank that the story's case is addressed to."""
        return self.alliance.player(self.case(story).recipient)

    def case(self, story: str, player: Player | None = None) -> Case:
        """A story's case as a player's node has it; the office's by default."""
        with (player or self.office).ctx.store.reading() as session:
            return load_case(session, self.cases[story])

    def inquiry(self, story: str) -> OwnInquiry:
        with self.office.ctx.store.reading() as session:
            return session.exec(select(OwnInquiry).where(OwnInquiry.id == self.inquiries[story])).one()

    def settle(self) -> None:
        """Every writer follows and sends until nothing is under way."""
        settle(self.alliance.writers)

    def write(self, player: Player, action: Action, drafts: Sequence[Drafting], *, wait: bool = True) -> Review:
        """Two people put entries of one action on the ledger. ``wait``: until every node has seen them."""
        root = self.sign_as_maker(player, action, drafts)
        seen = self.sign_as_checker(player, root)
        if wait:
            self.settle()
        return seen

    def sign_as_maker(self, player: Player, action: Action, drafts: Sequence[Drafting]) -> bytes:
        """Draft and submit; gives the submission's root."""
        ctx = player.ctx
        with ctx.store.writing() as session:
            ids = [make(session).id for make in drafts]
            maker = ctx.signer(session, MAKER, Permission.MAKER)
            return submit(ctx, session, action, maker, ids).root

    def sign_as_checker(self, player: Player, root: bytes) -> Review:
        """Look at what the ledger would do, and approve."""
        ctx = player.ctx
        seen = review(ctx, root)
        with ctx.store.writing() as session:
            approve(ctx, session, seen, ctx.signer(session, CHECKER, Permission.CHECKER))
        return seen


def by_bank(play: Play, stories: Sequence[str]) -> list[tuple[Player, list[str]]]:
    """Stories grouped by the bank that has their case, in the banks' order."""
    groups: dict[int, list[str]] = {}
    for story in stories:
        groups.setdefault(play.case(story).recipient, []).append(story)
    return [(play.alliance.player(org), groups[org]) for org in sorted(groups)]
