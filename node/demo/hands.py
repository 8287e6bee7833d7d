# SPDX-License-Identifier: Apache-2.0
"""What people at the office and the banks do in step 4, one act a function, over the same use cases as everywhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlmodel import Session, select

from node.corebank.accounts import accounts_from_rows
from node.corebank.port import DebitResult
from node.demo.cast import Player, settle
from node.demo.play import Play, by_bank
from node.domain.bodies import ConsentBody
from node.domain.case import DebitState
from node.domain.codes import Capacity, CloseOutcome, DebitReason, ReverseReason
from node.domain.entries import Action
from node.domain.money import format_yuan
from node.services import evidence
from node.services.bank import debits, orders
from node.services.bank.chores import debit_accepted
from node.services.bank.letters import letter, reply, verify
from node.services.cases import reverse as undo
from node.services.office import cases as office
from node.services.office.inquiries import details
from node.services.reading import Reader
from node.sheets.samples import sample_path
from node.store.own_work import DraftState, OwnDraft, OwnEntry
from node.store.projection import ProjectionRefusal

FUND_ACCOUNT = 1


@dataclass(frozen=True, slots=True)
class Paper:
    """A consent form of the play: who signs it, in which capacity, for how much of the claim."""

    capacity: Capacity
    parts: bool = False
    cap_fen: int = 0  # 0: the whole claim
    relation: str = ""
    signer: str = ""  # empty: the payee


PAPERS: Mapping[str, Paper] = {
    "two_heirs": Paper(Capacity.HEIR, cap_fen=350_000, relation="长子", signer="测试继承一"),
    "short": Paper(Capacity.PAYEE, parts=True),
    "representative": Paper(Capacity.LEGAL_REPRESENTATIVE, relation="监护人", signer="测试代理一"),
}
SECOND_HEIR = Paper(Capacity.HEIR, cap_fen=250_000, relation="次女", signer="测试继承二")
PAYEE = Paper(Capacity.PAYEE)


def agree(play: Play, story: str, paper: Paper, session: Session) -> OwnDraft:
    ctx = play.office.ctx
    said = details(ctx, play.inquiry(story))
    case = play.case(story)
    cap = paper.cap_fen or play.inquiry(story).amount_fen - case.net_fen
    number = f"同意退还〔{ctx.today().year}〕{story}-{len(case.consents) + 1}号"
    scan = f"{number}\n{paper.signer or said['name']}\n{cap}\n（演示用扫描件）".encode()
    digest = evidence.add(ctx, session, scan, f"{number}.pdf", play.cases[story])
    agreement = office.Agreement(
        number=number,
        signer_name=paper.signer or said["name"],
        signer_id=said["id_number"] if not paper.signer else "369999194501010012",
        capacity=paper.capacity,
        cap_fen=cap,
        in_parts=paper.parts,
        valid_until=ctx.today() + timedelta(days=90),
        signed_at=ctx.clock.now() - timedelta(hours=1),
        evidence=[digest],
        relation=paper.relation,
    )
    return office.consent(ctx, session, play.cases[story], agreement)


def place(play: Play, story: str, session: Session) -> OwnDraft:
    case = play.case(story)
    consent = case.consent(case.standing)
    assert consent is not None
    return office.order(play.office.ctx, session, case.key, consent.left_fen, FUND_ACCOUNT)


def accept(play: Play, stories: Sequence[str]) -> None:
    for bank, group in by_bank(play, stories):
        play.write(bank, Action.ACCEPT, [partial(accept_one, bank, play, story) for story in group])


def accept_one(bank: Player, play: Play, story: str, session: Session) -> OwnDraft:
    return orders.accept(bank.ctx, session, play.cases[story])


def turn_down(bank: Player, play: Play, story: str, session: Session) -> OwnDraft:
    return orders.refuse(bank.ctx, session, play.cases[story], DebitReason.EVIDENCE)


def debit(play: Play) -> None:
    """What the banks' nodes do by themselves once an acceptance is final; a lost answer is looked up, never resent."""
    for bank in play.alliance.banks:
        debit_accepted(bank.ctx, bank.runtime.desk)
    play.settle()


def give_up(play: Play, story: str) -> None:
    bank = play.bank_of(story)
    with bank.ctx.store.reading() as session:
        wanted = next(e for e in debits.executable(bank.ctx, session) if e.key == play.cases[story])
    result = bank.runtime.desk.give_up(wanted.order)
    assert isinstance(result, DebitResult)
    play.write(bank, Action.DEBIT, [lambda s: debits.report(bank.ctx, s, wanted.key, result)])


def reverse(play: Play, story: str) -> None:
    bank, case = play.bank_of(story), play.case(story)
    debit = case.debits[-1]
    assert bank.runtime.corebank is not None
    undone = bank.runtime.corebank.reverse(bytes.hex(debit.order))
    play.write(
        bank,
        Action.REVERSE,
        [lambda s: undo(bank.ctx, s, case.key, debit.hash, ReverseReason.POSTED_WRONG, undone.reference)],
    )
    after = play.case(story)
    play.checks.hold("4.reversed_by_the_bank", after.net_fen == 0, f"{debit.amount_fen} fen back on the card")


def settle_all(play: Play) -> None:
    """The office finds each debit on the fund account's statement by its payment reference."""
    due = [(s, d) for s in play.cases for d in play.case(s).debits if d.state is DebitState.UNSETTLED]
    play.write(play.office, Action.SETTLE, [partial(settle_one, play, story, d.hash) for story, d in due])


def settle_one(play: Play, story: str, debit: bytes, session: Session) -> OwnDraft:
    ctx = play.office.ctx
    statement = f"对账单 {bytes.hex(debit)[:8]}"
    return office.settle(ctx, session, play.cases[story], debit, statement, ctx.today())


def give_back(play: Play, story: str) -> None:
    ctx, case = play.office.ctx, play.case(story)
    debit = case.debits[-1]
    play.write(
        play.office,
        Action.REVERSE,
        [lambda s: undo(ctx, s, case.key, debit.hash, ReverseReason.CONSENT_VOID, "演示退还")],
    )
    after = play.case(story)
    play.checks.hold("4.given_back_by_the_office", after.net_fen == 0, f"{debit.amount_fen} fen given back")


def top_up(play: Play, story: str, balance_fen: int) -> None:
    """Money comes in on the account: the simulated core bank's books get a new balance."""
    bank = play.bank_of(story)
    assert bank.runtime.corebank is not None
    number = play.alliance.banks.index(bank) + 1
    account = details(play.office.ctx, play.inquiry(story))["account"]
    text = sample_path(f"accounts-{number}.csv").read_text(encoding="utf-8-sig")
    rows = [row | {"余额(元)": format_yuan(balance_fen)} for row in csv.DictReader(io.StringIO(text))]
    bank.runtime.corebank.books.load(a for a in accounts_from_rows(rows) if a.account == account)


def correct_reply(play: Play, story: str) -> None:
    """The bank corrects a reply while the office's consents are on their way; only the bank's node sends now."""
    bank, key = play.bank_of(story), play.cases[story]
    with bank.ctx.store.reading() as session:
        request = letter(bank.ctx, session, key)
    found = verify(bank.ctx, request)
    play.write(bank, Action.REPLY, [lambda s: reply(bank.ctx, s, key, found, "更正开户网点")], wait=False)
    settle([bank])


def finish(play: Play, story: str, outcome: CloseOutcome, session: Session) -> OwnDraft:
    return office.close(play.office.ctx, session, play.cases[story], outcome)


def ending(play: Play, story: str) -> CloseOutcome:
    case = play.case(story)
    if story == "disputed":
        return CloseOutcome.NOT_OWED
    if story == "given_back":
        return CloseOutcome.GIVEN_BACK
    if story == "no_consent" or story.startswith("revoked"):
        return CloseOutcome.NO_CONSENT
    if case.claim_fen and case.left_fen == 0:
        return CloseOutcome.RECOVERED
    return CloseOutcome.PARTLY_RECOVERED if case.net_fen else CloseOutcome.CANNOT_DEBIT


def scan_digest(play: Play, story: str) -> bytes:
    ctx = play.office.ctx
    with ctx.store.reading() as session:
        said = Reader(ctx, session).latest(play.cases[story], Action.CONSENT).body
    assert isinstance(said, ConsentBody)
    return bytes.fromhex(said.evidence[0].digest)


def refusals(play: Play, root: bytes) -> Sequence[ProjectionRefusal]:
    with play.office.ctx.store.reading() as session:
        return session.exec(select(ProjectionRefusal).where(ProjectionRefusal.root == root)).all()


def returned(play: Play, root: bytes) -> list[str]:
    with play.office.ctx.store.reading() as session:
        joined = select(OwnDraft.id).join(OwnEntry).where(OwnEntry.root == root, OwnDraft.state == DraftState.RETURNED)
        return list(session.exec(joined))


def drafted(draft_id: str, session: Session) -> OwnDraft:
    return session.get_one(OwnDraft, draft_id)
