# SPDX-License-Identifier: Apache-2.0
"""The fake chain: as honest as the real one about what the contracts do, and failing exactly as told."""

from dataclasses import replace

import pytest

from node.chain.failures import ChainMoved, ChainTimedOut, NonceUsed
from node.crypto.records import pack_records
from node.crypto.typed import entry_hash
from node.domain.digest import keccak
from node.domain.entries import Act, Acted, Action, Block, Entry, Presented
from tests.chain.tiny import BANK, CARRIER, GOVERNORS, OFFICE, Alliance, FakeAlliance, Tiny


@pytest.fixture
def fake() -> FakeAlliance:
    alliance = FakeAlliance(depth=2)
    alliance.set_up()
    return alliance


def _events(alliance: Alliance, first: int = 0) -> list[Presented | Acted]:
    blocks = alliance.chain.events(first, alliance.chain.head().number)
    return [e for _, found in blocks for e in found if isinstance(e, (Presented, Acted))]


def _outcomes(alliance: Alliance, submission, chunk) -> object:  # type: ignore[no-untyped-def]
    tx_hash, raw = alliance.present(submission, chunk)
    if not alliance.chain.mined(tx_hash):
        return alliance.chain.revert_reason(raw).partition("(")[0]
    event = _events(alliance)[-1]
    assert isinstance(event, Presented)
    return (event.outcomes, event.taken)


def _step(alliance: Alliance, action: int, number: int, **fields: object) -> Entry:
    org = BANK if action in (2, 3, 4, 7, 8) else OFFICE
    blank = replace(alliance.request(number), recipient=0, due_at=0, action=action, org=org)
    return replace(blank, commitment=keccak(bytes([action, number])), **fields)  # type: ignore[arg-type]


def _first_head(alliance: Alliance, number: int) -> bytes:
    request = alliance.request(number)
    ledger = alliance.identity.ledger_id
    first = keccak(ledger + OFFICE.to_bytes(32, "big") + request.case_id)
    return keccak(first + entry_hash(ledger, request))


def _story(alliance: Alliance) -> list[object]:
    """One run through taken and refused entries and whole submissions that revert; what came of each."""
    seen: list[object] = []
    requests = [alliance.request(n) for n in range(7)]
    for place, number in ((0, 3), (3, 2), (3, 2), (5, 2)):  # the third is out of place
        seen.append(_outcomes(alliance, *alliance.chunk(requests, place, number)))
    seen.append(_outcomes(alliance, *alliance.chunk([alliance.request(3), alliance.request(8)])))  # CASE for one
    answers = [_step(alliance, Action.REPLY, n, head=_first_head(alliance, n), debitable=1) for n in range(4)]
    seen.append(_outcomes(alliance, *alliance.chunk(answers)))
    seen.append(_outcomes(alliance, *alliance.chunk([replace(answers[0], commitment=keccak(b"again"))])))  # HEAD
    submission, chunk = alliance.chunk([alliance.request(20)])
    seen.append(_outcomes(alliance, submission, replace(chunk, wraps=b"others")))
    seen.append(_outcomes(alliance, submission, replace(chunk, maker=chunk.checker, checker=chunk.maker)))
    seen.append(_outcomes(alliance, submission, replace(chunk, checker=b"")))
    seen.append(_outcomes(alliance, submission, replace(chunk, maker=chunk.maker[:-1])))
    seen.append(_outcomes(alliance, submission, replace(chunk, entries=pack_records([alliance.request(21)]))))
    seen.append(_outcomes(alliance, replace(submission, valid_until=1), chunk))
    seen.append(_outcomes(alliance, replace(submission, sum_fen=1), chunk))
    seen.append(alliance.chain.preview(OFFICE, Action.REQUEST, chunk.entries + pack_records([alliance.request(1)])))
    suspended = alliance.act(Act(2, OFFICE, 0), [GOVERNORS[2][0], GOVERNORS[1][0]])
    seen.append(alliance.chain.mined(suspended))
    seen.append(_outcomes(alliance, submission, chunk))
    return seen


def test_it_does_what_the_contracts_do(embedded, connection) -> None:  # type: ignore[no-untyped-def]
    fake, real = FakeAlliance(), Tiny(embedded, connection)
    for alliance in (fake, real):
        alliance.set_up()
    told = _story(fake)
    assert told == _story(real)
    assert told[:6] == [
        (bytes(3), 3),
        (bytes(2), 5),
        "OutOfPlace",
        (bytes(2), 7),
        (bytes([4, 0]), 8),
        (bytes(4), 12),
    ]


def test_a_reorganisation_changes_hashes_and_keeps_transactions(fake: FakeAlliance) -> None:
    fake.present(*fake.chunk([fake.request(1)]))
    before, final = fake.chain.head(), fake.chain.final_number()
    fake.chain.reorganise(1)
    after = fake.chain.head()
    assert after.number == before.number + 1
    assert fake.chain.block(before.number).hash != before.hash
    assert fake.chain.block(before.number - 1).hash == before.parent
    last = _events(fake)[-1]
    assert isinstance(last, Presented)
    assert (last.block, last.taken) == (after, 1)
    assert final == before.number - 2


def test_a_reorganisation_can_lose_a_transaction(fake: FakeAlliance) -> None:
    tx_hash, raw = fake.present(*fake.chunk([fake.request(1)]))
    fake.chain.reorganise(1, keep=False)
    assert fake.chain.mined(tx_hash) is None
    assert isinstance(_events(fake)[-1], Acted)
    fake.chain.send_raw(raw)
    assert fake.chain.mined(tx_hash) is True


def test_a_reorganisation_in_the_middle_of_a_read_is_told(fake: FakeAlliance) -> None:
    blocks = fake.chain.events(0, fake.chain.head().number)
    for _ in range(fake.chain.head().number - 1):
        next(blocks)
    fake.chain.reorganise(3)
    with pytest.raises(ChainMoved):
        list(blocks)


@pytest.mark.parametrize("after", [True, False])
def test_an_answer_gets_lost_before_or_after_the_work(fake: FakeAlliance, after: bool) -> None:
    submission, chunk = fake.chunk([fake.request(1)])
    tx_hash, raw = fake.chain.sign_present(fake.office.sender, 0, submission, chunk)
    fake.chain.fail("send_raw", ChainTimedOut(host="fake", method="send", timeout_s=1), after=after)
    with pytest.raises(ChainTimedOut):
        fake.chain.send_raw(raw)
    assert fake.chain.mined(tx_hash) is (True if after else None)
    fake.chain.send_raw(raw)
    assert fake.chain.mined(tx_hash) is True
    assert len([e for e in _events(fake) if isinstance(e, Presented)]) == 1


def test_a_stuck_transaction_is_known_and_blocks_those_behind_it(fake: FakeAlliance) -> None:
    first, second = (fake.chunk([fake.request(n)]) for n in (1, 2))
    stuck, raw_1 = fake.chain.sign_present(fake.office.sender, 0, *first)
    behind, raw_2 = fake.chain.sign_present(fake.office.sender, 1, *second)
    fake.chain.stick(stuck)
    for raw in (raw_1, raw_2, raw_1):
        fake.chain.send_raw(raw)
    fake.chain.mine(3)
    assert (fake.chain.mined(stuck), fake.chain.mined(behind)) == (None, None)
    fake.chain.unstick()
    fake.chain.release()
    assert (fake.chain.mined(stuck), fake.chain.mined(behind)) == (True, True)


def test_held_blocks_and_a_forgotten_pool(fake: FakeAlliance) -> None:
    fake.chain.hold()
    tx_hash, raw = fake.present(*fake.chunk([fake.request(1)]))
    assert fake.chain.mined(tx_hash) is None
    fake.chain.forget_pool()
    fake.chain.mine()
    assert fake.chain.mined(tx_hash) is None
    fake.chain.send_raw(raw)
    fake.chain.mine()
    assert fake.chain.mined(tx_hash) is True


def test_hidden_logs_leave_their_block(fake: FakeAlliance) -> None:
    fake.present(*fake.chunk([fake.request(1)]))
    fake.chain.hide(lambda event: isinstance(event, Presented))
    assert not [e for e in _events(fake) if isinstance(e, Presented)]
    fake.chain.hide(None)
    assert [e for e in _events(fake) if isinstance(e, Presented)]


def test_a_used_nonce_and_a_reverted_transaction(fake: FakeAlliance) -> None:
    submission, chunk = fake.chunk([fake.request(1)])
    tx_hash, raw = fake.present(submission, chunk, sender=CARRIER)
    assert fake.chain.mined(tx_hash) is False
    assert fake.chain.revert_reason(raw) == f"NotSender(account={CARRIER.address}, org={OFFICE})"
    _, other = fake.chain.sign_present(CARRIER, 0, submission, chunk)
    with pytest.raises(NonceUsed):
        fake.chain.send_raw(other)


def test_time_is_the_scripts(fake: FakeAlliance) -> None:
    before: Block = fake.chain.head()
    fake.chain.advance(86_400)
    fake.chain.mine()
    assert fake.chain.head().timestamp == before.timestamp + 86_400
