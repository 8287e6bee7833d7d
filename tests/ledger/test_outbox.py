# SPDX-License-Identifier: Apache-2.0
"""The outbox: every entry reaches the ledger once, or comes back with the reason; whatever is lost on the way."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from node.chain.failures import ChainBusy, ChainTimedOut, SenderUnfunded
from node.domain.entries import Action, Entry, Presented
from node.domain.errors import Unavailable
from node.domain.transitions import ActKind
from node.ledger.intents import AlreadyQueued, NotSigned, queue_submission
from node.ledger.packing import Packing
from node.store.database import Store, StoreConflict
from node.store.own_work import OwnAct, OwnOutbox
from tests.ledger.desk import DONE, ENDED, OPEN, WAITING, Desk
from tests.ledger.world import FakeWorld

SMALL = Packing(max_bytes=3 * 600)  # three entries of 518 bytes a transaction


@pytest.fixture
def desk(store: Store, world: FakeWorld) -> Desk:
    return Desk(store, world, world.office, options={"packing": SMALL})


def requests(world: FakeWorld, number: int) -> list[Entry]:
    return [world.request() for _ in range(number)]


def presented(world: FakeWorld) -> list[Presented]:
    blocks = world.chain.events(0, world.chain.head().number)
    return [e for _, events in blocks for e in events if isinstance(e, Presented)]


def deep(store: Store, depth: int = 2) -> tuple[FakeWorld, Desk]:
    world = FakeWorld(depth=depth)
    return world, Desk(store, world, world.office, options={"packing": SMALL})


# ------------------------------------------------------------------------------------------------------- the plain way


def test_a_submission_goes_out_in_chunks_and_is_recorded(desk: Desk, world: FakeWorld) -> None:
    composed = desk.submit(requests(world, 8))
    desk.run()
    assert [(e.chunk.place, e.chunk.number) for e in presented(world)] == [(0, 3), (3, 3), (6, 2)]
    assert [bool(e.chunk.wraps) for e in presented(world)] == [True, False, False]
    assert desk.states() == [DONE]
    assert desk.submission(composed).state == "recorded"
    assert desk.outcomes(composed) == [0] * 8
    assert desk.drafts(composed) == [("recorded", 0, "")] * 8
    assert {t.state for t in desk.transactions()} == {"done"}


def test_nothing_is_done_before_it_is_final(store: Store) -> None:
    world, desk = deep(store)
    composed = desk.submit([*requests(world, 1), world.request(to=world.office)])
    desk.run()
    assert len(presented(world)) == 1
    assert (desk.states(), desk.outcomes(composed)) == ([OPEN], [None, None])
    assert desk.drafts(composed) == [("submitted", 0, "")] * 2
    world.chain.mine(2)
    desk.run()
    assert (desk.states(), desk.outcomes(composed)) == ([DONE], [0, 6])


def test_a_refused_entry_comes_back_with_its_rule_once_that_is_final(desk: Desk, world: FakeWorld) -> None:
    composed = desk.submit([world.request(), world.request(to=world.office), world.request()])
    desk.run()
    assert desk.drafts(composed) == [("recorded", 0, ""), ("returned", 6, ""), ("recorded", 0, "")]
    assert desk.submission(composed).state == "recorded"


def test_submissions_leave_in_the_order_in_which_they_came(desk: Desk, world: FakeWorld) -> None:
    roots = [desk.submit(requests(world, 2)).submission.root for _ in range(5)]
    desk.run()
    assert [e.submission.root for e in presented(world)] == roots


def test_what_others_sent_counts_as_done(desk: Desk, world: FakeWorld) -> None:
    composed = desk.submit(requests(world, 2))
    chunk = world.chunks(world.office, composed)[0]
    _, raw = world.chain.sign_present(world.office.stop_sender, 0, composed.submission, chunk)
    world.chain.send_raw(raw)
    desk.run()
    assert desk.states() == [DONE]
    assert desk.transactions() == []


def test_no_more_are_in_flight_than_the_window_allows(store: Store, world: FakeWorld) -> None:
    desk = Desk(store, world, world.office, options={"packing": SMALL, "window": 2})
    desk.submit(requests(world, 12))
    world.chain.hold()
    desk.run()
    assert [(t.nonce, t.place) for t in desk.transactions()] == [(0, 0), (1, 3)]
    world.chain.release()
    desk.run()
    assert desk.states() == [DONE]
    assert [t.nonce for t in desk.transactions()] == [0, 1, 2, 3]


def test_a_stop_passes_an_import(store: Store) -> None:
    world = FakeWorld()
    key = world.case_key()
    world.say(world.office, [world.request(key)])
    desk = Desk(store, world, world.office, options={"packing": SMALL, "window": 1})
    desk.submit(requests(world, 9))
    world.chain.hold()
    desk.run()
    close = desk.submit([world.entry(Action.CLOSE, world.office, key)])
    desk.round()
    world.chain.mine()
    first = presented(world)[-2:]
    assert {e.submission.action for e in first} == {Action.REQUEST, Action.CLOSE}
    world.chain.release()
    desk.run()
    assert desk.submission(close).state == "recorded"
    senders = {t.sender for t in desk.transactions()}
    assert senders == {world.office.sender.address, world.office.stop_sender.address}


def test_nothing_is_built_while_the_projection_is_behind(desk: Desk, world: FakeWorld) -> None:
    desk.follower.catch_up()
    desk.submit(requests(world, 1))
    world.chain.mine(10)
    assert desk.outbox.pump().stored == 0
    assert desk.transactions() == []
    desk.run()
    assert desk.states() == [DONE]


def test_before_the_follower_has_seen_the_registry_nothing_happens(desk: Desk, world: FakeWorld) -> None:
    desk.submit(requests(world, 1))
    assert desk.outbox.pump().stored == 0


# -------------------------------------------------------------------------------------------------- into the outbox


def test_only_what_is_signed_leaves_and_only_once(desk: Desk, world: FakeWorld) -> None:
    with pytest.raises(NotSigned):
        desk.submit(requests(world, 1), signed=False)
    assert desk.states() == []
    composed = desk.submit(requests(world, 1))
    submission = composed.submission
    with pytest.raises(AlreadyQueued), desk.store.writing() as session:
        queue_submission(session, submission.org, submission.root, desk.clock.now())


def test_the_intent_falls_with_the_change_that_made_it(desk: Desk, world: FakeWorld) -> None:
    def fail() -> None:
        with desk.store.writing() as session:
            session.add(OwnOutbox(lane="normal", act_id=None, org=1, root=bytes(32), queued_at=desk.clock.now()))
            session.flush()

    with pytest.raises(StoreConflict):  # no such submission
        fail()
    assert desk.states() == []


# -------------------------------------------------------------------------------------------------- what gets lost


@pytest.mark.parametrize("after", [True, False])
def test_a_lost_answer_never_makes_a_second_transaction(desk: Desk, world: FakeWorld, after: bool) -> None:
    composed = desk.submit(requests(world, 7))
    for _ in range(3):
        world.chain.fail("send_raw", ChainTimedOut(host="fake", method="send", timeout_s=1), after=after)
    for _ in range(20):
        desk.round()
        desk.clock.advance(31)
    assert desk.states() == [DONE]
    assert desk.outcomes(composed) == [0] * 7
    assert [(t.nonce, t.place) for t in desk.transactions()] == [(0, 0), (1, 3), (2, 6)]


def test_a_lost_answer_ends_the_round(desk: Desk, world: FakeWorld) -> None:
    desk.submit(requests(world, 7))
    desk.follower.catch_up()
    world.chain.fail("send_raw", ChainBusy(detail="full"))
    pumped = desk.outbox.pump()
    assert (pumped.stored, pumped.sent, pumped.error) == (1, 0, "chain_busy")


def test_the_same_bytes_are_sent_again_only_after_a_while(desk: Desk, world: FakeWorld) -> None:
    desk.submit(requests(world, 1))
    world.chain.hold()
    desk.run()
    world.chain.forget_pool()
    assert desk.round().sent == 0
    desk.clock.advance(31)
    assert desk.round().sent == 1
    world.chain.release()
    desk.run()
    (only,) = desk.transactions()
    assert (only.state, only.sends) == ("done", 2)


def test_a_forgotten_first_transaction_leaves_no_gap(desk: Desk, world: FakeWorld) -> None:
    desk.submit(requests(world, 9))
    world.chain.hold()
    desk.run()
    assert [t.nonce for t in desk.transactions()] == [0, 1, 2]
    world.chain.forget_pool()
    desk.clock.advance(31)
    desk.run()
    world.chain.release()
    desk.run()
    assert desk.states() == [DONE]
    assert [t.nonce for t in desk.transactions()] == [0, 1, 2]


def test_a_nonce_that_another_took_is_replaced_and_nothing_is_presented_twice(desk: Desk, world: FakeWorld) -> None:
    composed = desk.submit(requests(world, 2))
    world.chain.hold()
    desk.run()
    world.chain.forget_pool()
    other = world.compose(requests(world, 1))
    chunk = world.chunks(world.office, other)[0]
    _, raw = world.chain.sign_present(world.office.sender, 0, other.submission, chunk)
    world.chain.send_raw(raw)
    world.chain.release()
    desk.run()
    assert [(t.nonce, t.state) for t in desk.transactions()] == [(0, "replaced"), (1, "done")]
    assert desk.outcomes(composed) == [0, 0]


def test_a_sender_that_cannot_pay_is_shown_and_goes_on_once_it_can(desk: Desk, world: FakeWorld) -> None:
    desk.submit(requests(world, 1))
    world.chain.fail("send_raw", SenderUnfunded(detail="0 wei"))
    desk.run()
    (only,) = desk.transactions()
    assert (only.last_error, only.state) == ("chain_sender_unfunded", "live")
    desk.clock.advance(31)
    desk.run()
    assert desk.states() == [DONE]


def test_the_chain_being_away_is_unavailable_and_changes_nothing(desk: Desk, world: FakeWorld) -> None:
    desk.submit(requests(world, 1))
    desk.follower.catch_up()
    for method in ("nonce", "head"):
        world.chain.fail(method, ChainTimedOut(host="fake", method=method, timeout_s=1))
        with pytest.raises(Unavailable):
            desk.outbox.pump()
    assert desk.transactions() == []


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("depth", [1, 2, 4])
def test_a_reorganisation_under_way_loses_and_doubles_nothing(store: Store, depth: int, keep: bool) -> None:
    world, desk = deep(store, depth=8)
    world.chain.mine(4)  # so that no act is replaced
    composed = desk.submit(requests(world, 10))
    desk.run()
    assert len(presented(world)) == 4
    world.chain.reorganise(depth, keep=keep)
    for _ in range(10):
        desk.clock.advance(31)
        desk.round()
    world.chain.mine(10)
    desk.run()
    assert desk.states() == [DONE]
    assert desk.outcomes(composed) == [0] * 10
    assert sum(e.chunk.number for e in presented(world)) == 10


def test_a_reverted_transaction_whose_block_is_replaced_leaves_no_gap(store: Store) -> None:
    world, desk = deep(store, depth=8)
    world.chain.mine(4)
    desk.follower.catch_up()
    desk.submit(requests(world, 1))
    world.act(ActKind.SUSPEND_OFFICER, world.office.id, first=world.office.maker.address)
    desk.outbox.pump()  # the projection does not know of the suspension: this reverts
    desk.run()
    assert [t.state for t in desk.transactions()] == ["reverted"]
    world.chain.reorganise(2, keep=False)  # neither the act nor the revert has happened
    desk.run()
    world.chain.mine(8)
    desk.run()
    assert desk.states() == [DONE]
    (only,) = desk.transactions()  # the same bytes as before: signatures are deterministic
    assert (only.nonce, only.state, only.sends) == (0, "done", 2)


# -------------------------------------------------------------------------------------------------------- restarts

POINTS = ["asked", "weighing", "weighed", "signed", "stored", "sent", "noted"]


class Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_between_any_two_steps_loses_and_doubles_nothing(store: Store, point: str) -> None:
    world, desk = deep(store, depth=1)
    hits = 0

    def crash(at: str) -> None:
        nonlocal hits
        if at == f"outbox.{point}":
            hits += 1
            if hits % 2:
                raise Crash

    desk.probe = crash
    composed = desk.submit([*requests(world, 7), world.request(to=world.office)])
    for _ in range(60):
        desk.clock.advance(31)
        try:
            desk.round()
        except Crash:
            desk.restart()
        world.chain.mine()
    assert hits > 2
    assert desk.states() == [DONE]
    assert desk.outcomes(composed) == [0] * 7 + [6]
    told = [(e.chunk.place, e.chunk.number) for e in presented(world)]
    assert told == [(0, 3), (3, 3), (6, 2)]
    # a stored transaction is sent as it is; only one that was never stored may be signed anew
    assert len({t.tx_hash for t in desk.transactions()}) == 3


def test_random_trouble_loses_and_doubles_nothing(store: Store) -> None:
    """Crashes, lost answers, forgotten pools and reorganisations, in an order drawn from a seed."""
    import random

    world, desk = deep(store, depth=6)
    world.chain.mine(6)
    draw = random.Random(20261124)
    trouble = True

    def crash(_: str) -> None:
        if trouble and draw.random() < 0.04:
            raise Crash

    desk.probe = crash
    composed = [desk.submit(requests(world, 5)) for _ in range(4)]
    for n in range(160):
        trouble = n < 120
        what = draw.random() if trouble else 1.0
        if what < 0.1:
            world.chain.fail("send_raw", ChainTimedOut(host="f", method="s", timeout_s=1), after=draw.random() < 0.5)
        elif what < 0.2:
            world.chain.forget_pool()
        elif what < 0.3:
            world.chain.reorganise(draw.randint(1, 3), keep=draw.random() < 0.5)
        elif what < 0.5:
            world.chain.hold()
        elif what < 0.8:
            world.chain.release()
        if not trouble:
            world.chain.release()
        desk.clock.advance(20)
        try:
            desk.round()
        except Crash:
            desk.restart()
        except Unavailable:
            pass
        if draw.random() < 0.5:
            world.chain.mine()
    desk.run()
    assert desk.states() == [DONE] * 4
    assert [desk.outcomes(c) for c in composed] == [[0] * 5] * 4
    assert sum(e.chunk.number for e in presented(world)) == 20


def test_a_second_pump_on_one_database_loses_the_race_and_nothing_else(store: Store, world: FakeWorld) -> None:
    desk = Desk(store, world, world.office, options={"packing": SMALL})
    rival = Desk(store, world, world.office, options={"packing": SMALL})
    desk.submit(requests(world, 6))
    desk.follower.catch_up()

    def overtaken(point: str) -> None:
        if point == "outbox.signed":
            desk.probe = lambda _: None
            world.chain.hold()
            rival.outbox.pump()

    desk.probe = overtaken
    with pytest.raises(StoreConflict):
        desk.outbox.pump()
    world.chain.release()
    desk.run()
    assert desk.states() == [DONE]
    assert sum(e.chunk.number for e in presented(world)) == 6


def test_yesterdays_database_sends_nothing_twice(tmp_path: Path, store: Store, world: FakeWorld) -> None:
    desk = Desk(store, world, world.office, options={"packing": SMALL})
    composed = desk.submit(requests(world, 7))
    desk.follower.catch_up()
    store.checkpoint()
    shutil.copy(tmp_path / "node-0" / "node.db", tmp_path / "old.db")
    desk.run()
    old = Store(f"sqlite:///{tmp_path / 'old.db'}")
    restored = Desk(old, world, world.office, options={"packing": SMALL})
    restored.run()
    assert restored.states() == [DONE]
    assert restored.outcomes(composed) == [0] * 7
    assert restored.transactions() == []
    old.close()


# ----------------------------------------------------------------------------------------------- what stands in the way


def test_a_pause_holds_orders_and_nothing_is_used_up(store: Store) -> None:
    world = FakeWorld()
    key = world.case_key()
    world.say(world.office, [world.request(key)])
    world.say(world.bank, [world.reply(key)])
    world.say(world.office, [world.consent(key, 500)])
    world.act(ActKind.PAUSE, world.office.id)
    desk = Desk(store, world, world.office, options={"packing": SMALL})
    order, letters = desk.submit([world.order(key, 500)]), desk.submit(requests(world, 2))
    desk.run()
    assert desk.states() == [WAITING, DONE]
    assert desk.reasons()[0] == "Paused"
    assert desk.submission(letters).state == "recorded"
    assert len(desk.transactions()) == 1
    world.act(ActKind.RESUME, world.office.id)
    desk.run()
    assert desk.states() == [DONE, DONE]
    assert desk.outcomes(order) == [0]


def test_a_pause_that_the_projection_had_not_seen_reverts_and_then_waits(store: Store) -> None:
    world = FakeWorld()
    key = world.case_key()
    world.say(world.office, [world.request(key)])
    world.say(world.bank, [world.reply(key)])
    world.say(world.office, [world.consent(key, 500)])
    desk = Desk(store, world, world.office)
    desk.submit([world.order(key, 500)])
    desk.follower.catch_up()
    world.act(ActKind.PAUSE, world.office.id)
    desk.outbox.pump()
    desk.run()
    assert (desk.states(), desk.reasons()) == ([WAITING], ["Paused"])
    assert [t.state for t in desk.transactions()] == ["reverted"]
    assert desk.transactions()[0].reason.startswith("Paused(")
    world.act(ActKind.RESUME, world.office.id)
    desk.run()
    assert desk.states() == [DONE]


@pytest.mark.parametrize("who", ["maker", "checker"])
def test_a_suspended_officer_ends_the_submission_where_it_stands(store: Store, who: str) -> None:
    world = FakeWorld(depth=2)
    desk = Desk(store, world, world.office, options={"packing": SMALL, "window": 1})
    composed = desk.submit(requests(world, 8))
    desk.round()
    desk.follower.catch_up()
    world.act(ActKind.SUSPEND_OFFICER, world.office.id, first=getattr(world.office, who).address)
    desk.run()
    assert desk.states() == [WAITING]  # not final yet: a reorganisation may take the suspension back
    assert desk.drafts(composed)[-1] == ("submitted", 0, "")
    world.chain.mine(4)
    desk.run()
    assert (desk.states(), desk.reasons()) == ([ENDED], ["NotOfficer"])
    row = desk.submission(composed)
    assert (row.state, row.reason) == ("partly", "NotOfficer")
    assert desk.outcomes(composed) == [0] * 3 + [None] * 5
    assert desk.drafts(composed) == [("recorded", 0, "")] * 3 + [("returned", 0, "NotOfficer")] * 5


def test_a_submission_does_not_end_while_a_transaction_of_it_may_still_be_mined(store: Store) -> None:
    world = FakeWorld()
    desk = Desk(store, world, world.office, options={"packing": SMALL})
    composed = desk.submit(requests(world, 2))
    world.chain.hold()
    desk.run()
    world.chain.stick(desk.transactions()[0].tx_hash)
    world.chain.release()
    world.act(ActKind.SUSPEND_OFFICER, world.office.id, first=world.office.maker.address)
    world.chain.mine(3)
    desk.run()
    assert (desk.states(), desk.reasons()) == ([WAITING], ["NotOfficer"])
    # reinstated, the very same transaction goes through: had its drafts come back, they would stand there twice
    world.act(ActKind.ADD_OFFICER, world.office.id, first=world.office.maker.address, code=1)
    world.chain.unstick()
    world.chain.release()
    desk.run()
    assert (desk.states(), desk.outcomes(composed)) == ([DONE], [0, 0])


def test_one_cause_counts_once_however_many_were_in_flight(store: Store, world: FakeWorld) -> None:
    desk = Desk(store, world, world.office, options={"packing": SMALL, "window": 5})
    desk.submit(requests(world, 15))
    world.chain.hold()
    desk.run()
    assert len(desk.transactions()) == 5
    pool, world.chain._pool = world.chain._pool, []
    world.chain.release()
    world.act(ActKind.REMOVE_SENDER, world.office.id, first=world.office.sender.address)
    world.chain._pool = pool
    world.chain.mine()
    desk.run()
    assert [t.state for t in desk.transactions()] == ["reverted"] * 5
    with store.reading() as session:
        row = session.exec(select(OwnOutbox)).one()
    assert (row.state, row.reason, row.tries, row.retry_at) == (WAITING, "NotSender", 1, None)
    world.act(ActKind.ADD_SENDER, world.office.id, first=world.office.sender.address)
    desk.run()
    assert desk.states() == [DONE]


def test_an_expired_submission_comes_back_whole(store: Store, world: FakeWorld) -> None:
    desk = Desk(store, world, world.office)
    composed = desk.submit(requests(world, 2), valid_until=world.now + 60)
    world.chain.advance(120)
    world.chain.mine(2)
    desk.run()
    assert (desk.states(), desk.submission(composed).state) == ([ENDED], "refused")
    assert desk.drafts(composed) == [("returned", 0, "SubmissionExpired")] * 2
    assert desk.transactions() == []


def test_a_submission_that_expires_under_way_is_partly_recorded(store: Store) -> None:
    world = FakeWorld(depth=1)
    desk = Desk(store, world, world.office, options={"packing": SMALL, "window": 1})
    composed = desk.submit(requests(world, 7), valid_until=world.now + 60)
    desk.round()
    world.chain.advance(120)
    world.chain.mine()
    desk.run()
    assert (desk.states(), desk.reasons()) == ([WAITING], ["SubmissionExpired"])
    world.chain.mine()
    desk.run()
    row = desk.submission(composed)
    assert (row.state, row.reason, desk.states()) == ("partly", "SubmissionExpired", [ENDED])
    assert [state for state, *_ in desk.drafts(composed)] == ["recorded"] * 3 + ["returned"] * 4


def test_a_sender_that_is_not_named_waits_until_it_is(store: Store, world: FakeWorld) -> None:
    world.act(ActKind.REMOVE_SENDER, world.office.id, first=world.office.sender.address)
    desk = Desk(store, world, world.office)
    desk.submit(requests(world, 1))
    desk.run()
    assert (desk.states(), desk.reasons(), desk.transactions()) == ([WAITING], ["NotSender"], [])
    world.act(ActKind.ADD_SENDER, world.office.id, first=world.office.sender.address)
    desk.run()
    assert desk.states() == [DONE]


def test_a_suspended_organisation_waits_until_it_is_reinstated(store: Store, world: FakeWorld) -> None:
    world.act(ActKind.SUSPEND, world.office.id)
    desk = Desk(store, world, world.office)
    desk.submit(requests(world, 1))
    desk.run()
    assert (desk.states(), desk.reasons()) == ([WAITING], ["OrgNotActive"])
    world.act(ActKind.REINSTATE, world.office.id)
    desk.run()
    assert desk.states() == [DONE]


def test_another_organisations_trouble_stops_nobody(store: Store, world: FakeWorld) -> None:
    desk = Desk(store, world, world.office)
    spoiled = world.compose(requests(world, 1))
    desk.submit(requests(world, 1))
    with desk.store.writing() as session:
        row = session.exec(select(OwnOutbox)).one()
        row.reason, row.state = "BadProof(1)", WAITING
        session.add(row)
    other = desk.submit(requests(world, 1))
    desk.run()
    assert spoiled is not None
    assert desk.states() == [ENDED, DONE]
    assert desk.outcomes(other) == [0]


def test_a_place_that_another_sender_took_is_looked_at_again(store: Store, world: FakeWorld) -> None:
    desk = Desk(store, world, world.office, options={"packing": SMALL, "window": 1})
    composed = desk.submit(requests(world, 5))
    desk.follower.catch_up()
    chunk = world.chunks(world.office, composed, sizes=[2, 3])[0]
    _, raw = world.chain.sign_present(world.office.stop_sender, 0, composed.submission, chunk)
    world.chain.send_raw(raw)
    for _ in range(3):
        desk.outbox.pump()  # presents place 0 again and reverts; until the projection shows why, nothing is built
    assert len(desk.transactions()) == 1
    desk.run()
    assert desk.states() == [DONE]
    assert [(t.place, t.number, t.state) for t in desk.transactions()] == [(0, 3, "reverted"), (2, 3, "done")]


def test_an_unknown_revert_is_tried_again_ever_more_slowly(
    store: Store, world: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(store, world, world.office)
    desk.submit(requests(world, 1))
    with monkeypatch.context() as patch:
        patch.setattr(world.chain, "_execute", lambda *_: (_ for _ in ()).throw(SenderUnfunded(detail="?")))
        pauses: list[float] = []
        for _ in range(4):
            desk.run()
            assert desk.states() == [WAITING]
            with store.reading() as session:
                row = session.exec(select(OwnOutbox)).one()
            assert row.retry_at is not None
            assert row.reason.startswith("SenderUnfunded(")
            pauses.append((row.retry_at - desk.clock.now()).total_seconds())
            desk.clock.advance(pauses[-1] + 1)
            world.chain.mine()
        assert pauses == sorted(pauses)
        assert pauses[-1] > pauses[0]
    desk.run()
    assert desk.states() == [DONE]


# ------------------------------------------------------------------------------------------------------------- acts


def act_state(desk: Desk, name: str) -> tuple[str, str]:
    with desk.store.reading() as session:
        row = session.get_one(OwnAct, name)
        return row.state, row.reason


def test_an_act_is_carried_and_done_once_final(store: Store) -> None:
    world, desk = deep(store)
    desk.send_act("a", *world.signed_act(ActKind.SET_LIMITS, world.bank.id, order_limit_fen=5, day_limit_fen=9))
    desk.run()
    assert act_state(desk, "a") == ("queued", "")
    world.chain.mine(2)
    desk.run()
    assert (act_state(desk, "a"), desk.states()) == (("recorded", ""), [DONE])
    assert world.chain.state.members.org(world.bank.id).order_limit_fen == 5


def test_acts_of_one_organisation_go_in_number_order(desk: Desk, world: FakeWorld) -> None:
    first = world.signed_act(ActKind.SET_LIMITS, world.bank.id, order_limit_fen=5, day_limit_fen=9)
    second = world.signed_act(ActKind.SET_LIMITS, world.bank.id, order_limit_fen=6, day_limit_fen=9)
    desk.send_act("second", *second)
    desk.run()
    assert desk.states() == [WAITING]
    desk.send_act("first", *first)
    desk.run()
    assert desk.states() == [DONE, DONE]
    assert world.chain.state.members.org(world.bank.id).order_limit_fen == 6


def test_an_act_whose_number_another_took_is_refused(desk: Desk, world: FakeWorld) -> None:
    act, signatures = world.signed_act(ActKind.SET_LIMITS, world.bank.id, order_limit_fen=5, day_limit_fen=9)
    world.numbers[world.bank.id] -= 1
    world.act(ActKind.SUSPEND, world.bank.id)
    desk.send_act("late", act, signatures)
    desk.run()
    assert (act_state(desk, "late"), desk.states()) == (("refused", "ActNumber"), [ENDED])


def test_an_act_that_another_house_carried_counts_as_done(desk: Desk, world: FakeWorld) -> None:
    act, signatures = world.signed_act(ActKind.SET_LIMITS, world.bank.id, order_limit_fen=5, day_limit_fen=9)
    desk.send_act("a", replace(act, first=act.first.lower()), signatures)
    _, raw = world.chain.sign_act(world.bank.sender, 0, act, signatures)
    world.chain.send_raw(raw)
    desk.run()
    assert act_state(desk, "a") == ("recorded", "")
    assert desk.transactions() == []


def test_an_act_with_too_few_signatures_ends_with_the_reason(desk: Desk, world: FakeWorld) -> None:
    act, signatures = world.signed_act(ActKind.SET_LIMITS, world.bank.id, order_limit_fen=5, day_limit_fen=9)
    desk.send_act("a", act, signatures[:1])
    desk.run()
    state, reason = act_state(desk, "a")
    assert state == "refused"
    assert reason.startswith("TooFewSignatures(")


def test_an_expired_act_ends(desk: Desk, world: FakeWorld) -> None:
    act, signatures = world.signed_act(ActKind.SUSPEND, world.bank.id, valid_until=world.now + 10)
    world.chain.advance(60)
    world.chain.mine(2)
    desk.send_act("a", act, signatures)
    desk.run()
    assert act_state(desk, "a") == ("refused", "ActExpired")
