# SPDX-License-Identifier: Apache-2.0
"""Step 4: consents with their scans, orders, acceptances, debits, what goes wrong on the way, settlement, the end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlmodel import select

from node.demo.hands import (
    PAPERS,
    PAYEE,
    SECOND_HEIR,
    accept,
    accept_one,
    agree,
    correct_reply,
    debit,
    drafted,
    ending,
    finish,
    give_back,
    give_up,
    place,
    refusals,
    returned,
    reverse,
    scan_digest,
    settle_all,
    top_up,
    turn_down,
)
from node.demo.play import Drafting, Play, by_bank
from node.domain.codes import (
    CancelReason,
    DisputeReason,
    ResolveOutcome,
    RevokeReason,
)
from node.domain.entries import Action, Phase
from node.domain.transitions import Rule
from node.services import evidence
from node.services.cases import dispute, resolve
from node.services.drafting import renew
from node.services.office import cases as office
from node.services.submitting import review, withdraw
from node.store.own_work import DraftState, OwnDraft

CONSENTING = (
    *("full", "two_heirs", "given_back", "short", "smallest", "representative", "refused", "unknown", "not_ours"),
    *("disputed", "revoked_before", "revoked_after", "reversed", "cancelled", "stale"),
)
ACCEPTED = ("full", "two_heirs", "given_back", "short", "smallest", "refused", "unknown", "not_ours")


def record_consents(play: Play) -> None:
    """One submission of consents; a bank corrects a reply meanwhile, so one entry is stale and its neighbours stand."""
    consents = [partial(agree, play, story, PAPERS.get(story, PAYEE)) for story in CONSENTING]
    root = play.sign_as_maker(play.office, Action.CONSENT, consents)
    seen = play.sign_as_checker(play.office, root)
    correct_reply(play, "stale")
    play.settle()
    refused = refusals(play, root)
    standing = [s for s in CONSENTING if play.case(s).phase is Phase.CONSENTED]
    play.checks.hold(
        "4.stale_refused_neighbours_stand",
        [r.rule for r in refused] == [Rule.HEAD] and len(standing) == len(CONSENTING) - 1 and not seen.refused,
        f"{len(standing)} consents stand, 1 refused ({Rule.HEAD.name})",
    )
    back = returned(play, root)
    with play.office.ctx.store.writing() as session:
        for draft_id in back:
            renew(play.office.ctx, session, draft_id)
    play.write(play.office, Action.CONSENT, [partial(drafted, draft_id) for draft_id in back])
    play.checks.hold(
        "4.refused_comes_back_as_draft",
        len(back) == 1 and play.case("stale").phase is Phase.CONSENTED,
        f"{len(back)} draft renewed and taken",
    )


def hand_over_evidence(play: Play, stories: Sequence[str]) -> int:
    """The office exports each consent's scan for the bank, which imports it; gives how many."""
    count = 0
    for bank, group in by_bank(play, stories):
        for story in group:
            digest = scan_digest(play, story)
            with play.office.ctx.store.reading() as session:
                sealed = evidence.export(play.office.ctx, session, digest, bank.org)
            with bank.ctx.store.writing() as session:
                got = evidence.import_file(bank.ctx, session, sealed)
            count += got.digest == digest
    return count


def order_debits(play: Play) -> None:
    """Orders for all; then what can happen before an acceptance: cancelled, revoked, disputed, refused."""
    handed = hand_over_evidence(play, [s for s in CONSENTING if s != "representative"])
    play.checks.hold("4.evidence_handed_over", handed == len(CONSENTING) - 1, f"{handed} sealed files")
    play.write(play.office, Action.ORDER, [partial(place, play, story) for story in CONSENTING])
    ctx, keys = play.office.ctx, play.cases
    play.write(
        play.office, Action.CANCEL, [lambda s: office.cancel(ctx, s, keys["cancelled"], CancelReason.PAID_OTHERWISE)]
    )
    play.write(
        play.office, Action.REVOKE, [lambda s: office.revoke(ctx, s, keys["revoked_before"], RevokeReason.WITHDRAWN)]
    )
    fallen = play.case("revoked_before")
    play.checks.hold(
        "4.cancelled_and_fallen",
        play.case("cancelled").opened is None and fallen.opened is None and fallen.phase is Phase.REPLIED,
        "a cancelled order and one that fell with its consent",
    )
    _stopped_by_dispute(play)
    bank = play.bank_of("representative")
    refuse = partial(turn_down, bank, play, "representative")
    play.write(bank, Action.DEBIT, [refuse])
    play.checks.hold(
        "4.refused_without_evidence", play.case("representative").opened is None, "the bank has no copy of the consent"
    )


def accept_and_debit(play: Play) -> None:
    """Banks accept; one consent is revoked after that; then the money moves, or not."""
    accept(play, [*ACCEPTED, "revoked_after", "reversed", "stale"])
    ctx = play.office.ctx
    play.write(
        play.office,
        Action.REVOKE,
        [lambda s: office.revoke(ctx, s, play.cases["revoked_after"], RevokeReason.WITHDRAWN)],
    )
    debit(play)
    waiting = play.case("revoked_after")
    play.checks.hold(
        "4.revoked_after_acceptance_waits_for_a_person",
        waiting.accepted,
        "no money moved; a person at the bank decides",
    )
    give_up(play, "revoked_after")
    results = {story: sum(d.amount_fen for d in play.case(story).debits) for story in ACCEPTED}
    play.checks.hold(
        "4.debits",
        results["full"] == 600_714
        and results["short"] == 1_000_000
        and results["refused"] == 0
        and results["unknown"] == 3_145_813
        and results["smallest"] == 1,
        ", ".join(f"{story} {fen}" for story, fen in results.items()),
    )


def second_round(play: Play) -> None:
    """The second heir, the rest of a short account, the representative's order again, the reversal, the settlements."""
    reverse(play, "reversed")
    settle_all(play)
    top_up(play, "short", 5_000_000)
    play.write(play.office, Action.CONSENT, [partial(agree, play, "two_heirs", SECOND_HEIR)])
    handed = hand_over_evidence(play, ["two_heirs", "representative"])
    again = ("two_heirs", "short", "representative")
    play.write(play.office, Action.ORDER, [partial(place, play, story) for story in again])
    accept(play, again)
    debit(play)
    settle_all(play)
    heirs, short = play.case("two_heirs"), play.case("short")
    play.checks.hold(
        "4.two_heirs_each_a_part",
        [c.amount_fen for c in heirs.consents] == [350_000, 250_000] and heirs.left_fen == 0,
        f"{heirs.net_fen} of {heirs.claim_fen} fen, {handed} files",
    )
    play.checks.hold(
        "4.rest_in_a_second_order",
        [d.amount_fen for d in short.debits] == [1_000_000, 640_902],
        " + ".join(str(d.amount_fen) for d in short.debits),
    )
    give_back(play, "given_back")


def close_all(play: Play) -> None:
    """Every case comes to its end, with its outcome under seal."""
    ctx = play.office.ctx
    outcomes = {story: ending(play, story) for story in play.cases}
    drafts: list[Drafting] = [
        partial(finish, play, story, outcome) for story, outcome in outcomes.items() if not play.case(story).at_end
    ]
    play.write(play.office, Action.CLOSE, drafts)
    closed = [play.case(story).phase is Phase.CLOSED for story in play.cases]
    play.checks.hold("4.all_closed", all(closed), f"{sum(closed)} of {len(closed)} cases closed")
    with ctx.store.reading() as session:
        left = session.exec(select(OwnDraft).where(OwnDraft.state == DraftState.RETURNED)).all()
    play.checks.hold("4.nothing_left_over", not left, f"{len(left)} drafts came back")


def recover(play: Play) -> None:
    """The whole of step 4."""
    for part in (record_consents, order_debits, accept_and_debit, second_round, close_all):
        part(play)
        play.tell(part.__name__)


def _stopped_by_dispute(play: Play) -> None:
    """The person is alive: the office objects, the bank cannot accept, the order is taken back."""
    ctx, key = play.office.ctx, play.cases["disputed"]
    bank = play.bank_of("disputed")
    play.write(play.office, Action.DISPUTE, [lambda s: dispute(ctx, s, key, DisputeReason.PERSON_ALIVE)])
    root = play.sign_as_maker(bank, Action.ACCEPT, [partial(accept_one, bank, play, "disputed")])
    seen = review(bank.ctx, root)
    with bank.ctx.store.writing() as session:
        withdraw(bank.ctx, session, root)
    play.checks.hold(
        "4.dispute_stops_the_order", list(seen.outcomes) == [Rule.DISPUTED], "the acceptance would be refused: DISPUTED"
    )
    play.write(play.office, Action.CANCEL, [lambda s: office.cancel(ctx, s, key, CancelReason.WRONG_PERSON)])
    play.write(play.office, Action.RESOLVE, [lambda s: resolve(ctx, s, key, ResolveOutcome.UPHELD)])
