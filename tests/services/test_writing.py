# SPDX-License-Identifier: Apache-2.0
"""From drafts to what a checker sees: split by recipients, renewed on purpose, judged as a whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from node.crypto.signer import LocalSigner
from node.crypto.wraps import MAX_RECIPIENTS, parse_wraps
from node.domain.codes import CancelReason, RevokeReason
from node.domain.entries import Action, CaseKey, OrgRole
from node.domain.transitions import ActKind, Rule
from node.ledger import compose
from node.ledger.compose import NothingToSubmit
from node.ledger.packing import Packing
from node.services import cases
from node.services.context import Context
from node.services.drafting import CaseUnknown, Content, DraftRivals, DraftStale, draft, renew
from node.services.office import cases as office
from node.services.signing import sign_drafts
from node.services.submitting import WouldBeRefused, approve, review
from node.store.database import Store
from node.store.own_work import DraftState, OwnDraft
from tests.crypto.sealed import MemoryKeys
from tests.ledger.desk import StillClock
from tests.ledger.world import LIMIT, house
from tests.services.bank_world import AGREED, LETTER, BankWorld

MAKER, CHECKER = "jingban", "fuhe"
PAPER = {**AGREED, "evidence": [{"digest": "11" * 32, "name": "x.pdf"}]}


@dataclass
class OfficeKeys:
    """The office's keyring: its encryption key, and its two people."""

    encryption: MemoryKeys
    people: dict[str, LocalSigner]

    def private_key(self, version: int) -> Any:
        return self.encryption.private_key(version)

    def handed_over(self) -> dict[int, Any]:
        return {}

    def signer(self, name: str) -> LocalSigner:
        return self.people[name]


@pytest.fixture
def world(store: Store, tmp_path: Path) -> BankWorld:
    return BankWorld(store, tmp_path)


@pytest.fixture
def ctx(world: BankWorld) -> Context:
    """The office's node; its clock stands where the chain does."""
    people = {MAKER: world.office.maker, CHECKER: world.office.checker}
    return replace(
        world.ctx,
        keyring=OfficeKeys(world.sealed_by[world.office.id], people),  # type: ignore[arg-type]
        officers={name: signer.address for name, signer in people.items()},
        service_officer="",
        clock=StillClock(datetime.fromtimestamp(world.now, UTC) + timedelta(seconds=60)),
    )


def letter_to(ctx: Context, world: BankWorld, org: int) -> str:
    entry = replace(world.request(), recipient=org)
    now = ctx.clock.now()
    with ctx.store.writing() as session:
        return draft(ctx, session, entry, org, Content(LETTER, now, now)).id


def state_of(ctx: Context, draft_id: str) -> str:
    with ctx.store.reading() as session:
        return session.get_one(OwnDraft, draft_id).state


def come_back(ctx: Context, draft_id: str) -> None:
    with ctx.store.writing() as session:
        session.get_one(OwnDraft, draft_id).state = DraftState.RETURNED


def agreed(world: BankWorld, fen: int = 1_000) -> CaseKey:
    """A case with a standing consent."""
    key = world.letter()
    world.say(world.bank, [world.reply(key)])
    agree(world, key, fen)
    return key


def agree(world: BankWorld, key: CaseKey, fen: int = 1_000) -> None:
    world.write(world.office, world.consent(key, fen, claim=1_000), PAPER)


def order(ctx: Context, key: CaseKey, fen: int = 400) -> str:
    with ctx.store.writing() as session:
        return office.order(ctx, session, key, fen, 1).id


# ------------------------------------------------------------------------------------------------------------ splitting


def test_letters_to_more_organisations_than_one_submission_takes_go_in_several(ctx: Context, world: BankWorld) -> None:
    public = world.sealed_by[world.bank.id].registered.public
    banks = [world.bank.id, *range(6, 6 + MAX_RECIPIENTS)]
    for org in banks[1:]:
        first, second = house(org).admins
        named = {"first": first.address, "second": second.address, "data": b"x%d" % org}
        world.act(ActKind.ADMIT, org, code=int(OrgRole.BANK), **named)
        world.act(ActKind.REGISTER_KEY, org, code=1, data=public)
    world.follow()
    last = letter_to(ctx, world, banks[-1])
    without_key = letter_to(ctx, world, world.other.id)  # comes back, and counts for nothing
    ids = [letter_to(ctx, world, org) for org in banks]
    with ctx.store.writing() as session:
        signed = sign_drafts(ctx, session, Action.REQUEST, MAKER)
    assert [each.count for each in signed] == [MAX_RECIPIENTS, 2]
    with ctx.store.reading() as session:
        found = [compose.load(session, world.office.id, each.root) for each in signed]
    assert [entry.recipient for entry in found[0].entries] == banks[:-1]
    assert [entry.recipient for entry in found[1].entries] == [banks[-1]] * 2
    assert [w.org for w in parse_wraps(found[1].wraps, world.office.id)] == [world.office.id, banks[-1]]
    assert {state_of(ctx, each) for each in (last, *ids)} == {DraftState.SUBMITTED}
    assert state_of(ctx, without_key) == DraftState.RETURNED


def test_nothing_is_no_submission(ctx: Context) -> None:
    with ctx.store.writing() as session, pytest.raises(NothingToSubmit):
        sign_drafts(ctx, session, Action.REQUEST, MAKER, [])


# ------------------------------------------------------------------------------------------------------------- renewing


def test_a_draft_that_came_back_is_not_renewed_beside_another_of_its_kind(ctx: Context, world: BankWorld) -> None:
    key = agreed(world)
    first = order(ctx, key)
    come_back(ctx, first)
    second = order(ctx, key)
    with ctx.store.writing() as session, pytest.raises(DraftRivals):
        renew(ctx, session, first)
    come_back(ctx, second)
    with ctx.store.writing() as session:
        assert renew(ctx, session, first).state == DraftState.DRAFT
        assert renew(ctx, session, first).state == DraftState.DRAFT  # it is no rival of itself


def test_a_consent_is_renewed_upon_the_one_that_stands_and_an_order_is_not(ctx: Context, world: BankWorld) -> None:
    key = agreed(world)
    placed, now = order(ctx, key), ctx.clock.now()
    with ctx.store.writing() as session:
        said = Content(PAPER, now, now)
        consent = draft(ctx, session, world.consent(key, 900, claim=1_000), world.bank.id, said).id
        revoke = office.revoke(ctx, session, key, RevokeReason.WITHDRAWN).id
    taken_back = world.entry(Action.REVOKE, world.office, key, target=world.case(key).standing)
    world.say(world.office, [taken_back])
    world.follow()
    with ctx.store.writing() as session:
        assert renew(ctx, session, consent).clear["consent"] == "00" * 32
        with pytest.raises(DraftStale):
            renew(ctx, session, revoke)
    agree(world, key, 800)  # another one
    stands = world.case(key)
    with ctx.store.writing() as session:
        clear = renew(ctx, session, consent).clear
        assert (clear["consent"], clear["head"]) == (stands.standing.hex(), stands.head.hex())
        assert renew(ctx, session, revoke).clear["target"] == stands.standing.hex()
        with pytest.raises(DraftStale) as refused:
            renew(ctx, session, placed)
        assert refused.value.values == {"draft": placed, "thing": "CONSENT"}


def test_what_stopped_an_order_that_is_gone_is_not_renewed(ctx: Context, world: BankWorld) -> None:
    key = agreed(world)
    world.say(world.office, [world.order(key, 500)])
    world.follow()
    with ctx.store.writing() as session:
        stop = office.cancel(ctx, session, key, CancelReason.WRONG_AMOUNT).id
    world.say(world.office, [world.entry(Action.CANCEL, world.office, key, target=world.case(key).open_order)])
    world.follow()
    with ctx.store.writing() as session, pytest.raises(DraftStale):
        renew(ctx, session, stop)
    world.say(world.office, [world.order(key, 600)])
    world.follow()
    with ctx.store.writing() as session:
        assert renew(ctx, session, stop).clear["target"] == world.case(key).open_order.hex()


# ------------------------------------------------------------------------------------------------------------ reviewing


def test_a_checker_is_told_of_a_days_limit_that_only_all_chunks_together_pass(
    ctx: Context, world: BankWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.services.submitting.Packing", lambda: Packing(max_bytes=1))  # a chunk an entry
    done, first, second, third = (agreed(world) for _ in range(4))
    world.say(world.office, [world.order(done, 300)])
    world.act(ActKind.SET_LIMITS, world.office.id, order_limit_fen=LIMIT, day_limit_fen=1_000)
    world.follow()
    ids = [order(ctx, key, fen) for key, fen in ((first, 400), (second, 400), (third, 300))]
    with ctx.store.writing() as session:
        (signed,) = sign_drafts(ctx, session, Action.ORDER, MAKER, ids)
    seen = review(ctx, signed.root)
    assert seen.outcomes == bytes([0, Rule.DAY_LIMIT, 0])  # the third fits again
    with ctx.store.writing() as session, pytest.raises(WouldBeRefused):
        approve(ctx, session, seen, world.office.checker)
    world.act(ActKind.SET_LIMITS, world.office.id, order_limit_fen=LIMIT, day_limit_fen=1_400)
    world.follow()
    assert review(ctx, signed.root).refused == 0


# -------------------------------------------------------------------------------------------------------------- finding


def test_an_office_that_chooses_its_case_ids_like_ours_hides_none_of_ours(ctx: Context, world: BankWorld) -> None:
    sent = letter_to(ctx, world, world.bank.id)
    with ctx.store.writing() as session:
        ours = session.get_one(OwnDraft, sent).case_id
        sign_drafts(ctx, session, Action.REQUEST, MAKER)
    world.say(world.office, [replace(world.request(), case_id=ours)])
    hostile = house(6)
    world._admit(hostile, OrgRole.OFFICE)  # pyright: ignore[reportPrivateUsage]
    alike = CaseKey(hostile.id, ours[:8] + bytes(24))
    due = {"recipient": world.other.id, "due_at": world.now + 86_400}
    world.say(hostile, [world.entry(Action.REQUEST, hostile, alike, **due)])
    world.follow()
    with ctx.store.reading() as session:
        assert cases.find(session, ours.hex()[:8]) == CaseKey(world.office.id, ours)
        assert cases.find(session, alike.case_id.hex()[:20]) == alike  # what is asked for by its own digits is found
        for nothing in ("", "0x", "zz"):
            with pytest.raises(CaseUnknown):
                cases.find(session, nothing)
