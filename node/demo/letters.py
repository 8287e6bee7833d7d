# SPDX-License-Identifier: Apache-2.0
"""Steps 2 and 3: the office imports and asks; each bank opens its own, acknowledges, verifies, answers."""

from __future__ import annotations

import csv
import io
from collections import Counter
from functools import partial

from sqlmodel import Session, col, select

from node.corebank.accounts import accounts_from_rows
from node.demo.cast import BANKS, Player
from node.demo.play import Play, by_bank
from node.domain.catalogues import code_term
from node.domain.codes import CloseOutcome, ReplyOutcome
from node.domain.entries import Action, CaseKey, Phase
from node.domain.messages import Lang
from node.domain.payloads import Payload
from node.services.bank.chores import acknowledge_by_service
from node.services.bank.letters import Verified, letter, reply, verify
from node.services.cases import ours
from node.services.context import Context
from node.services.office.cases import close
from node.services.office.inquiries import bank_names, draft_requests, earlier, send_on, take
from node.services.reading import Reader
from node.sheets.fields import Terms
from node.sheets.inquiries import read_inquiries
from node.sheets.samples import sample_path
from node.sheets.samples_cast import CAST
from node.store.own_records import OwnInquiry
from node.store.own_work import OwnDraft
from node.store.projection import ProjectionEntry

SAMPLE = "inquiries-20.xlsx"


def ask(play: Play) -> None:
    """Step 2."""
    open_banks(play)
    play.tell("imported", count=import_sample(play), file=SAMPLE)
    send_letters(play)
    play.tell("letters_sent", count=len(play.cases))


def answer(play: Play) -> None:
    """Step 3."""
    outcomes = Counter(answer_letters(play).values())
    play.tell("answered", count=sum(outcomes.values()))
    for outcome, count in outcomes.items():
        play.tell("outcome", name=_named(outcome, play.lang), count=count)
    ask_the_right_bank(play)
    play.tell("rerouted")


def _named(outcome: ReplyOutcome, lang: Lang) -> str:
    term = code_term(outcome)
    return term.zh if lang == "zh" else term.en


def open_banks(play: Play) -> None:
    """Each simulated core bank gets the accounts of its own people."""
    for number, bank in enumerate(play.alliance.banks, start=1):
        text = sample_path(f"accounts-{number}.csv").read_text(encoding="utf-8-sig")
        core = bank.runtime.corebank
        assert core is not None
        core.books.load(accounts_from_rows(csv.DictReader(io.StringIO(text))))


def import_sample(play: Play) -> int:
    """The office imports the file; gives how many inquiries it kept."""
    ctx, data = play.office.ctx, sample_path(SAMPLE).read_bytes()
    with ctx.store.reading() as session:
        terms = Terms(bank_names(ctx, session), ctx.today(), ctx.made_up_ids)
        found = read_inquiries(data, terms, earlier=partial(earlier, ctx, session))
    with ctx.store.writing() as session:
        taken = take(ctx, session, found, data, SAMPLE)
        for part, inquiry in zip(CAST, taken.inquiries, strict=True):
            play.inquiries[part.story] = inquiry
    play.checks.hold(
        "2.import", len(taken.inquiries) == len(CAST) and not found.faults, f"{found.accepted}/{found.count} rows"
    )
    return len(taken.inquiries)


def send_letters(play: Play) -> None:
    """One maker's and one checker's signature cover all letters."""
    ctx = play.office.ctx
    with ctx.store.writing() as session:
        drafts = draft_requests(ctx, session)
        ids = [row.id for row in drafts]
    seen = play.write(play.office, Action.REQUEST, [partial(_kept, draft_id=i) for i in ids])
    _find_cases(play)
    opened = [play.case(story).phase is Phase.REQUESTED for story in play.cases]
    play.checks.hold(
        "2.one_submission", seen.submission.count == len(ids), f"{len(ids)} letters, check code {seen.check_code}"
    )
    play.checks.hold("2.letters_recorded", all(opened) and len(opened) == len(CAST), f"{sum(opened)} cases open")


def answer_letters(play: Play) -> dict[str, ReplyOutcome]:
    """Acknowledge by the service officer, verify at the core bank, answer by two people."""
    for bank in play.alliance.banks:
        acknowledge_by_service(bank.ctx)
    play.settle()
    for bank in play.alliance.banks:
        _answer(play, bank)
    outcomes = {story: _outcome(play, key) for story, key in play.cases.items()}
    _check_privacy(play)
    wanted = {
        ReplyOutcome.MATCHED,
        ReplyOutcome.MISMATCH,
        ReplyOutcome.CLOSED,
        ReplyOutcome.FROZEN,
        ReplyOutcome.NOT_OURS,
    }
    play.checks.hold(
        "3.variety",
        wanted <= set(outcomes.values()),
        ", ".join(f"{o}={n}" for o, n in Counter(outcomes.values()).items()),
    )
    return outcomes


def ask_the_right_bank(play: Play, story: str = "not_ours") -> None:
    """Not ours: the office closes as re-routed and asks the bank that has the account."""
    ctx, first = play.office.ctx, play.cases[story]
    right = BANKS[next(part.held_by for part in CAST if part.story == story) - 1]
    play.write(play.office, Action.CLOSE, [lambda s: close(ctx, s, first, CloseOutcome.REROUTED)])
    play.write(play.office, Action.REQUEST, [lambda s: send_on(ctx, s, play.inquiries[story], right.org)])
    _find_cases(play)
    for bank, _ in by_bank(play, [story]):
        acknowledge_by_service(bank.ctx)
        play.settle()
        _answer(play, bank)
    answered = _outcome(play, play.cases[story])
    play.checks.hold("3.rerouted", answered is ReplyOutcome.MATCHED, f"{right.name}: {answered}")


def _answer(play: Play, bank: Player) -> None:
    ctx = bank.ctx
    with ctx.store.reading() as session:
        keys = [CaseKey(r.office, r.case_id) for r in ours(ctx, session) if r.phase == Phase.ACKNOWLEDGED]
        letters = [(key, letter(ctx, session, key)) for key in keys]
    answers = [(key, verify(ctx, request)) for key, request in letters]
    if answers:
        drafts = [partial(_reply, ctx, key, found) for key, found in answers]
        play.write(bank, Action.REPLY, drafts)


def _reply(ctx: Context, key: CaseKey, found: Verified, session: Session) -> OwnDraft:
    return reply(ctx, session, key, found)


def _kept(session: Session, draft_id: str) -> OwnDraft:
    return session.get_one(OwnDraft, draft_id)


def _find_cases(play: Play) -> None:
    with play.office.ctx.store.reading() as session:
        rows = {row.id: row for row in session.exec(select(OwnInquiry))}
    for story, inquiry in play.inquiries.items():
        row = rows[inquiry]
        if row.case_id is not None:
            play.cases[story] = CaseKey(row.office, row.case_id)


def _outcome(play: Play, key: CaseKey) -> ReplyOutcome:
    ctx = play.office.ctx
    with ctx.store.reading() as session:
        said: Payload = Reader(ctx, session).latest(key, Action.REPLY)
    return ReplyOutcome(getattr(said.body, "outcome"))  # noqa: B009 - a body of one schema


def _check_privacy(play: Play) -> None:
    """A bank opens its own letters and none of the others'."""
    from node.crypto.wraps import Damaged, NotAddressed

    own = foreign = 0
    for bank in play.alliance.banks:
        ctx = bank.ctx
        with ctx.store.reading() as session:
            reader = Reader(ctx, session)
            wanted = select(ProjectionEntry).where(ProjectionEntry.action == Action.REQUEST)
            for row in session.exec(wanted.order_by(col(ProjectionEntry.block), col(ProjectionEntry.place))):
                try:
                    reader.payload_of(row)
                    own += row.recipient == bank.org
                except (NotAddressed, Damaged):
                    foreign += row.recipient != bank.org
    letters = len(play.cases)
    play.checks.hold(
        "3.only_its_own", own == letters and foreign == 2 * letters, f"{own} opened, {foreign} of others closed"
    )
