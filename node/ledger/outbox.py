# SPDX-License-Identifier: Apache-2.0
"""The outbox: one round of it looks, weighs, sends again what is under way, and builds what is next.

A transaction is stored before it is sent, and the same bytes are sent again until the chain has decided; a second one
for the same chunk is built only after the first is proven reverted or replaced. Nothing is sent inside a database
transaction. What a crash leaves between any two steps is taken up by the next round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from node.domain.entries import Act, Chunk, Submission
from node.domain.errors import AllianceError, Unavailable
from node.domain.ports import Chain, Clock, Signer
from node.ledger.chunks import Chunks
from node.ledger.compose import submission_of
from node.ledger.outcomes import progress
from node.ledger.packing import Packing
from node.ledger.probe import Probe, pass_by
from node.ledger.registry import Roll, act_from_raw
from node.ledger.weighing import Answers, Standpoint, Tally, weigh
from node.store.database import Store, StoreConflict
from node.store.own_work import IntentState, Lane, OwnAct, OwnOutbox, OwnSubmission, OwnTransaction, TransactionState
from node.store.projection import ProjectionBlock, ProjectionCursor

_LIVE = OwnTransaction.state == TransactionState.LIVE.value


@dataclass(frozen=True, slots=True)
class Pumped:
    """What one round did. ``waiting``: intent -> what it waits for; ``error``: why sending stopped, by code."""

    sent: int = 0
    stored: int = 0
    tally: Tally = field(default_factory=Tally)
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Job:
    """What is to be signed next for an intent."""

    intent: int
    submission: Submission | None
    chunk: Chunk | None
    act: Act | None
    signatures: tuple[bytes, ...]


class Outbox:
    """One node's way out. ``pump`` is called by the worker, one at a time; a second caller only loses races."""

    def __init__(
        self,
        store: Store,
        chain: Chain,
        senders: Mapping[Lane, Signer],
        clock: Clock,
        *,
        packing: Packing | None = None,
        window: int = 4,
        resend_s: float = 30.0,
        most_behind: int = 3,
        most_intents: int = 500,
        probe: Probe = pass_by,
    ) -> None:
        """``senders``: a key a lane, so that stops pass an import; ``window``: transactions in flight a lane;
        ``most_behind``: blocks that the projection may lag before nothing new is built."""
        self._store = store
        self._chain = chain
        self._senders = senders
        self._clock = clock
        self._chunks = Chunks(packing or Packing())
        self._window = window
        self._resend = timedelta(seconds=resend_s)
        self._most_behind = most_behind
        self._most_intents = most_intents
        self._probe = probe
        self._roll = Roll()

    def pump(self) -> Pumped:
        """One round. Raises Unavailable (the chain does not answer), StoreConflict (another pump was faster)."""
        live = self._live()
        answers = self._ask(live)
        at = self._standpoint()
        if at is None:
            return Pumped()
        self._probe("outbox.asked")
        with self._store.writing() as session:
            tally = weigh(session, at, answers, self._most_intents)
            self._probe("outbox.weighing")
        self._probe("outbox.weighed")
        sent, error = self._send(self._due(answers))
        stored = 0
        if not error and at.head - at.number <= self._most_behind:
            for lane in Lane:
                while not error and self._build(lane, at, answers):
                    stored += 1
                    more, error = self._send(self._due(answers, fresh=True))
                    sent += more
        return Pumped(sent, stored, tally, error)

    # ------------------------------------------------------------------------------------------------------- looking

    def _live(self) -> Sequence[OwnTransaction]:
        with self._store.reading() as session:
            query = select(OwnTransaction).where(_LIVE)
            return session.exec(query.order_by(col(OwnTransaction.sender), col(OwnTransaction.nonce))).all()

    def _ask(self, live: Sequence[OwnTransaction]) -> Answers:
        """Nonces first: a transaction that is not found after its nonce was counted was replaced."""
        addresses = {t.sender for t in live} | {s.address for s in self._senders.values()}
        nonces = {address: self._chain.nonce(address) for address in sorted(addresses)}
        mined = {t.tx_hash: self._chain.mined(t.tx_hash) for t in live}
        reasons = {t.tx_hash: self._chain.revert_reason(t.raw) for t in live if mined[t.tx_hash] is False}
        return Answers(nonces, mined, reasons)

    def _standpoint(self) -> Standpoint | None:
        """None until the follower has seen the registry."""
        head = self._chain.head().number
        senders = {lane.value: signer.address for lane, signer in self._senders.items()}
        with self._store.reading() as session:
            cursor, members = session.get(ProjectionCursor, 1), self._roll.now(session)
            if cursor is None or members is None:
                return None
            block = session.get_one(ProjectionBlock, cursor.number)
            now, final = self._clock.now(), cursor.final_number
            return Standpoint(cursor.number, final, head, block.timestamp, members, now, senders)

    # ------------------------------------------------------------------------------------------------------ building

    def _build(self, lane: Lane, at: Standpoint, answers: Answers) -> bool:
        """Sign and store the next transaction of a lane; whether there was one."""
        sender = self._senders[lane]
        with self._store.reading() as session:
            job = self._next(session, lane, at)
            taken = session.exec(
                select(OwnTransaction.nonce).where(_LIVE, OwnTransaction.sender == sender.address)
            ).all()
        if job is None:
            return False
        nonce = answers.nonces[sender.address]
        while nonce in taken:  # the first free one, so that a lost transaction leaves no gap
            nonce += 1
        tx_hash, raw = self._sign(sender, nonce, job)
        self._probe("outbox.signed")
        with self._store.writing() as session:
            if session.get_one(OwnOutbox, job.intent).state != IntentState.OPEN:
                raise StoreConflict(constraint="own_outbox.state")
            # signing is deterministic: after a reorganisation the very transaction that had failed may be built again
            known = session.get(OwnTransaction, tx_hash)
            if known is not None and known.state in (TransactionState.LIVE, TransactionState.DONE):
                raise StoreConflict(constraint="own_transaction.tx_hash")
            row = known or OwnTransaction(
                tx_hash=tx_hash,
                intent_id=job.intent,
                sender=sender.address,
                nonce=nonce,
                place=job.chunk.place if job.chunk else 0,
                number=job.chunk.number if job.chunk else 0,
                raw=raw,
                stored_at=self._clock.now(),
            )
            row.state, row.reason, row.sent_at = TransactionState.LIVE, "", None
            session.add(row)
        self._probe("outbox.stored")
        return True

    def _next(self, session: Session, lane: Lane, at: Standpoint) -> _Job | None:
        intent = OwnOutbox
        ready = (intent.lane == lane.value, intent.state == IntentState.OPEN.value)
        in_lane = select(OwnTransaction).join(OwnOutbox).where(_LIVE, intent.lane == lane.value)
        live = session.exec(in_lane).all()
        if len(live) >= self._window:
            return None
        for row in session.exec(select(intent).where(*ready).order_by(col(intent.id)).limit(self._most_intents)):
            if at.number < row.as_of:
                continue  # the projection does not show yet what a transaction of it reverted on
            places = {t.place: t.number for t in live if t.intent_id == row.id}
            job = self._act_job(session, row, at, places) if row.act_id else self._chunk_job(session, row, at, places)
            if job is not None:
                return job
        return None

    def _chunk_job(self, session: Session, row: OwnOutbox, at: Standpoint, places: Mapping[int, int]) -> _Job | None:
        submission = session.get_one(OwnSubmission, (row.org, row.root))
        place = progress(session, submission.org, submission.root, at.final).seen
        while place in places:
            place += places[place]
        if place >= submission.count:
            return None
        chunk = self._chunks.next(session, submission, place)
        return _Job(row.id or 0, submission_of(submission), chunk, None, ())

    def _act_job(self, session: Session, row: OwnOutbox, at: Standpoint, places: Mapping[int, int]) -> _Job | None:
        act = session.get_one(OwnAct, row.act_id)
        if places or at.members.next_number(act.org) != act.number:
            return None
        signatures = tuple(bytes.fromhex(s) for s in dict[str, str](act.signatures).values())
        return _Job(row.id or 0, None, None, act_from_raw(act.raw), signatures)

    def _sign(self, sender: Signer, nonce: int, job: _Job) -> tuple[bytes, bytes]:
        if job.act is not None:
            return self._chain.sign_act(sender, nonce, job.act, job.signatures)
        assert job.submission is not None
        assert job.chunk is not None
        return self._chain.sign_present(sender, nonce, job.submission, job.chunk)

    # ------------------------------------------------------------------------------------------------------- sending

    def _due(self, answers: Answers, *, fresh: bool = False) -> list[OwnTransaction]:
        """Live transactions to hand over now, in nonce order; ``fresh``: only those never sent."""
        now = self._clock.now()
        return [t for t in self._live() if not answers.mined.get(t.tx_hash) and self._is_due(t, now, fresh)]

    def _is_due(self, transaction: OwnTransaction, now: datetime, fresh: bool) -> bool:
        if transaction.sent_at is None:
            return True
        return not fresh and now - transaction.sent_at >= self._resend

    def _send(self, due: Sequence[OwnTransaction]) -> tuple[int, str]:
        """Hand them over; an answer that does not come ends the round, since more would only be lost too."""
        sent = 0
        for transaction in due:
            error = ""
            stop = False
            try:
                self._chain.send_raw(transaction.raw)
                sent += 1
            except Unavailable as failure:
                error, stop = failure.code, True
            except AllianceError as failure:  # neither success nor final: its hash and nonce will tell
                error = failure.code
            self._probe("outbox.sent")
            self._note(transaction.tx_hash, error)
            self._probe("outbox.noted")
            if stop:
                return sent, error
        return sent, ""

    def _note(self, tx_hash: bytes, error: str) -> None:
        with self._store.writing() as session:
            row = session.get_one(OwnTransaction, tx_hash)
            row.sends += 1
            row.sent_at = self._clock.now()
            row.last_error = error
            session.add(row)
