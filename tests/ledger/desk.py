# SPDX-License-Identifier: Apache-2.0
"""One node's ledger side in a test: database, follower, outbox, a clock that stands still until it is moved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import select

from node.domain.entries import Act, Entry, SignRole
from node.ledger.compose import Composed, keep
from node.ledger.follower import Follower
from node.ledger.intents import queue_act, queue_submission
from node.ledger.outbox import Outbox, Pumped
from node.ledger.registry import act_to_raw
from node.store.database import Store
from node.store.own_work import (
    DraftState,
    IntentState,
    Lane,
    OwnAct,
    OwnDraft,
    OwnEntry,
    OwnOutbox,
    OwnSubmission,
    OwnTransaction,
    SubmissionState,
)
from tests.ledger.world import FOREVER, House, World


@dataclass
class StillClock:
    """A clock in the test's hand."""

    time: datetime = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass
class Desk:
    """A house with its node; ``restart`` gives the node up as a crash would."""

    store: Store
    world: World
    house: House
    clock: StillClock = field(default_factory=StillClock)
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    probe: Callable[[str], None] = lambda _: None

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        senders = {Lane.NORMAL: self.house.sender, Lane.STOP: self.house.stop_sender}
        self.follower = Follower(self.store, self.world.chain, self.world.ledger, self.world.domain)
        self.outbox = Outbox(
            self.store, self.world.chain, senders, self.clock, probe=lambda point: self.probe(point), **self.options
        )

    # -------------------------------------------------------------------------------------------------------- writing

    def submit(self, entries: Sequence[Entry], valid_until: int = FOREVER, *, signed: bool = True) -> Composed:
        """Drafts, a submission signed by both, and its intent, in one transaction."""
        composed = self.world.compose(entries, valid_until)
        maker = self.world.sign(composed, self.house.maker, SignRole.MAKER)
        checker = self.world.sign(composed, self.house.checker, SignRole.CHECKER)
        now = self.clock.now()
        drafts = [hashed.hex()[:32] for hashed in composed.hashes]
        with self.store.writing() as session:
            for draft, entry in zip(drafts, entries, strict=True):
                session.add(
                    OwnDraft(
                        id=draft,
                        action=entry.action,
                        office=entry.office,
                        case_id=entry.case_id,
                        clear={},
                        body=b"sealed",
                        state=DraftState.SUBMITTED,
                        made_at=now,
                        changed_at=now,
                    )
                )
            session.flush()
            row = keep(session, composed, drafts, now)
            if signed:
                row.maker, row.maker_signature = self.house.maker.address, maker
                row.checker, row.checker_signature = self.house.checker.address, checker
            row.state = SubmissionState.SIGNED
            session.add(row)
            session.flush()
            queue_submission(session, row.org, row.root, now)
        return composed

    def send_act(self, name: str, act: Act, signatures: Sequence[bytes]) -> None:
        now = self.clock.now()
        with self.store.writing() as session:
            session.add(
                OwnAct(
                    id=name,
                    registry_id=bytes(32),
                    kind=act.kind,
                    org=act.org,
                    number=act.number,
                    raw=act_to_raw(act),
                    signatures={str(n): s.hex() for n, s in enumerate(signatures)},
                    made_at=now,
                    changed_at=now,
                )
            )
            session.flush()
            queue_act(session, name, now)

    # -------------------------------------------------------------------------------------------------------- running

    def round(self) -> Pumped:
        self.follower.catch_up()
        return self.outbox.pump()

    def run(self, most: int = 60) -> None:
        """Rounds until two in a row change nothing."""
        before: object = None
        for _ in range(most):
            pumped = self.round()
            now = (self.states(), len(self.transactions()), self.world.chain.head().number)
            if now == before and not pumped.stored:
                return
            before = now
        raise AssertionError(f"never quiet: {before}")

    # -------------------------------------------------------------------------------------------------------- looking

    def states(self) -> list[str]:
        with self.store.reading() as session:
            return [row.state for row in session.exec(select(OwnOutbox).order_by(OwnOutbox.id))]  # type: ignore[arg-type]

    def reasons(self) -> list[str]:
        with self.store.reading() as session:
            return [row.reason for row in session.exec(select(OwnOutbox).order_by(OwnOutbox.id))]  # type: ignore[arg-type]

    def transactions(self) -> list[OwnTransaction]:
        with self.store.reading() as session:
            return list(session.exec(select(OwnTransaction).order_by(OwnTransaction.nonce)))  # type: ignore[arg-type]

    def submission(self, composed: Composed) -> OwnSubmission:
        with self.store.reading() as session:
            return session.get_one(OwnSubmission, (composed.submission.org, composed.submission.root))

    def outcomes(self, composed: Composed) -> list[int | None]:
        with self.store.reading() as session:
            rows = select(OwnEntry).where(OwnEntry.root == composed.submission.root).order_by(OwnEntry.place)  # type: ignore[arg-type]
            return [row.outcome for row in session.exec(rows)]

    def drafts(self, composed: Composed) -> list[tuple[str, int, str]]:
        with self.store.reading() as session:
            found = [session.get_one(OwnDraft, hashed.hex()[:32]) for hashed in composed.hashes]
            return [(draft.state, draft.rule, draft.note) for draft in found]


DONE, OPEN = IntentState.DONE.value, IntentState.OPEN.value
WAITING, ENDED = IntentState.WAITING.value, IntentState.ENDED.value
