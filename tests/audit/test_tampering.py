# SPDX-License-Identifier: Apache-2.0
"""Each thing in a log altered once: the replay finds just that, where it stands, and what must follow from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.audit.findings import Finding, Kind
from node.audit.replay import replay
from node.domain.entries import Acted, Block, Founded, LedgerEvent, Position, Presented
from node.domain.invariants import InvariantBroken
from tests.audit import tampering
from tests.audit.story import tell
from tests.audit.tampering import Blocks, flipped

# chunks of the story, by their place among all chunks
LETTERS, LETTER_3, LETTER_4, ACKNOWLEDGED = 0, 1, 2, 3
ACCEPTED, DISPUTED, SETTLED, CLOSED, GIVEN_BACK = 9, 11, 16, 21, 22
# acts, likewise
LIMITS, PAUSED = 20, 22

STORY = tell()
BLOCKS = STORY.log.blocks
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def findings(blocks: Blocks) -> tuple[Finding, ...]:
    return replay(blocks, STORY.log.deployment, BLOCKS[-1][0].number).findings


def high_s(signature: bytes) -> bytes:
    """The other signature of the same key over the same digest, which the ledger refuses."""
    s = ORDER - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])


def moved(event: LedgerEvent, block: Block) -> LedgerEvent:
    """The same event once more, in a later block."""
    return replace(event, block=block, position=Position(block.number, 1, 0))


def repeated(blocks: Blocks, kind: type[LedgerEvent], index: int) -> Blocks:
    i, j = tampering.nth(blocks, kind, index)
    block, events = blocks[-1]
    return [*blocks[:-1], (block, [*events, moved(blocks[i][1][j], block)])]


def twins(block: Block) -> list[LedgerEvent]:
    """The pause and the office's letter of return again, both at the first position of a block."""
    i, j = tampering.nth(BLOCKS, Acted, PAUSED)
    k, m = tampering.nth(BLOCKS, Presented, GIVEN_BACK)
    return [replace(e, block=block, position=Position(block.number, 0, 0)) for e in (BLOCKS[i][1][j], BLOCKS[k][1][m])]


AGAIN = [Kind.ACT_NUMBER, Kind.ACT_STATE, Kind.PLACE, Kind.SUM, Kind.OUTCOME]


def fen_more(blocks: Blocks) -> Blocks:
    """One fen more in the entry by which the office gave a debit back."""
    at = 2 + 32 + 2 + 32 + 32 + 32 + 7  # the last byte of its amount
    return tampering.chunk(blocks, GIVEN_BACK, lambda c: {"entries": flipped(c.entries, at)})


Row = tuple[str, Callable[[Blocks], Blocks], list[Kind]]

CHAIN: list[Row] = [
    ("a block left out", lambda b: b[:-4] + b[-3:], [Kind.BLOCK_MISSING]),
    ("the log ends early", lambda b: b[:-1], [Kind.BLOCK_MISSING]),
    ("another parent", lambda b: tampering.header(b, -1, parent=bytes(32)), [Kind.PARENT_HASH]),
    ("another hash", lambda b: tampering.header(b, -2, hash=bytes(32)), [Kind.PARENT_HASH]),
    ("a block older than its parent", lambda b: tampering.header(b, -1, timestamp=1), [Kind.BLOCK_TIME]),
    (
        "an event of another block",
        lambda b: tampering.presented(b, DISPUTED, lambda e: {"block": replace(e.block, hash=bytes(32))}),
        [Kind.EVENT_ORDER],
    ),
    (
        "an event at a position of another block",
        lambda b: tampering.presented(b, DISPUTED, lambda e: {"position": Position(8, 0, 0)}),
        [Kind.EVENT_ORDER],
    ),
    ("two events at one position", lambda b: [*b[:-1], (b[-1][0], twins(b[-1][0]))], [Kind.EVENT_ORDER, *AGAIN]),
]

REGISTRY: list[Row] = [
    ("a second founding", lambda b: repeated(b, Founded, 0), [Kind.FOUNDING]),
    (
        "another registry",
        lambda b: tampering.alter(b, tampering.nth(b, Founded, 0), lambda e: replace(e, registry=bytes(32))),
        [Kind.FOUNDING],
    ),
    ("an act left out", lambda b: tampering.drop(b, Acted, LIMITS), [Kind.ACT_NUMBER]),
    ("an act twice", lambda b: repeated(b, Acted, PAUSED), [Kind.ACT_NUMBER, Kind.ACT_STATE]),
    ("a limit one fen higher", lambda b: tampering.act(b, LIMITS, day_limit_fen=10**9 + 1), [Kind.ACT_SIGNERS]),
    ("an act's expiry moved", lambda b: tampering.act(b, LIMITS, valid_until=2**63), [Kind.ACT_SIGNERS]),
    (
        "an act past its expiry",
        lambda b: tampering.act(b, LIMITS, valid_until=1),
        [Kind.ACT_EXPIRED, Kind.ACT_SIGNERS],
    ),
    (
        "another act number",
        lambda b: tampering.act(b, PAUSED, number=99),
        [Kind.ACT_NUMBER, Kind.ACT_SIGNERS],
    ),
    ("an unknown kind of act", lambda b: tampering.act(b, PAUSED, kind=18), [Kind.ACT_STATE]),
    ("an act about nobody", lambda b: tampering.act(b, PAUSED, org=77), [Kind.ACT_STATE]),
    ("a field that the kind does not use", lambda b: tampering.act(b, PAUSED, code=1), [Kind.ACT_STATE]),
    ("one signature too few", lambda b: tampering.signatures(b, LIMITS, lambda s: s[:1]), [Kind.ACT_SIGNERS]),
    ("no signature", lambda b: tampering.signatures(b, LIMITS, lambda s: ()), [Kind.ACT_SIGNERS]),
    ("one signature twice", lambda b: tampering.signatures(b, LIMITS, lambda s: (s[0], s[0])), [Kind.ACT_SIGNERS]),
    (
        "a signature cut short",
        lambda b: tampering.signatures(b, LIMITS, lambda s: (s[0], s[1][:64])),
        [Kind.ACT_SIGNATURE],
    ),
    (
        "an act's signature with high s",
        lambda b: tampering.signatures(b, LIMITS, lambda s: (high_s(s[0]), s[1])),
        [Kind.ACT_SIGNATURE],
    ),
]

SUBMISSIONS: list[Row] = [
    ("another ledger", lambda b: tampering.submission(b, GIVEN_BACK, ledger=bytes(32)), [Kind.LEDGER_ID]),
    ("a later chunk with another header", lambda b: tampering.submission(b, LETTER_3, count=9), [Kind.HEADER]),
    (
        "an organisation that there is not",
        lambda b: tampering.submission(b, GIVEN_BACK, org=77),
        [Kind.OFFICER, Kind.OFFICER, Kind.NOT_ACTIVE, Kind.PROOF],
    ),
    (
        "another number",
        lambda b: tampering.submission(b, GIVEN_BACK, count=2),
        [Kind.OFFICER, Kind.OFFICER, Kind.PROOF],
    ),
    (
        "another sum",
        lambda b: tampering.submission(b, GIVEN_BACK, sum_fen=50_001),
        [Kind.OFFICER, Kind.OFFICER, Kind.SUM],
    ),
    (
        "another expiry",
        lambda b: tampering.submission(b, GIVEN_BACK, valid_until=2**40),
        [Kind.OFFICER, Kind.OFFICER],
    ),
    (
        "past its expiry",
        lambda b: tampering.submission(b, GIVEN_BACK, valid_until=1),
        [Kind.EXPIRED, Kind.OFFICER, Kind.OFFICER],
    ),
    (
        "a root of zero",
        lambda b: tampering.submission(b, GIVEN_BACK, root=bytes(32)),
        [Kind.EMPTY, Kind.OFFICER, Kind.OFFICER, Kind.PROOF],
    ),
    ("another place", lambda b: tampering.chunk(b, LETTER_4, lambda c: {"place": 2}), [Kind.PLACE, Kind.PROOF]),
    ("the last chunk left out", lambda b: tampering.drop(b, Presented, CLOSED), [Kind.TAKEN]),
    (
        "a chunk twice",
        lambda b: repeated(b, Presented, GIVEN_BACK),
        [Kind.PLACE, Kind.SUM, Kind.OUTCOME],
    ),
    (
        "a proof altered",
        lambda b: tampering.chunk(b, LETTER_4, lambda c: {"proof": (flipped(c.proof[0], 3), *c.proof[1:])}),
        [Kind.PROOF],
    ),
    (
        "a proof too long",
        lambda b: tampering.chunk(b, LETTER_4, lambda c: {"proof": (*c.proof, bytes(32))}),
        [Kind.PROOF],
    ),
    ("no proof", lambda b: tampering.chunk(b, LETTER_4, lambda c: {"proof": ()}), [Kind.PROOF]),
    (
        "signatures exchanged",
        lambda b: tampering.chunk(b, GIVEN_BACK, lambda c: {"maker": c.checker, "checker": c.maker}),
        [Kind.OFFICER, Kind.OFFICER],
    ),
    (
        "the maker's signature cut short",
        lambda b: tampering.chunk(b, GIVEN_BACK, lambda c: {"maker": c.maker[:64]}),
        [Kind.SIGNATURE],
    ),
    (
        "the checker's signature with high s",
        lambda b: tampering.chunk(b, GIVEN_BACK, lambda c: {"checker": high_s(c.checker)}),
        [Kind.SIGNATURE],
    ),
    (
        "a signature of another submission",
        lambda b: tampering.chunk(b, GIVEN_BACK, lambda c: {"maker": _chunk(b, CLOSED).chunk.maker}),
        [Kind.OFFICER],
    ),
    (
        "the checker's signature taken away",
        lambda b: tampering.chunk(b, GIVEN_BACK, lambda c: {"checker": b""}),
        [Kind.SERVICE, Kind.OFFICER],
    ),
    ("wraps altered", lambda b: tampering.chunk(b, GIVEN_BACK, lambda c: {"wraps": b"x"}), [Kind.WRAPS]),
    ("wraps left out", lambda b: tampering.chunk(b, GIVEN_BACK, lambda c: {"wraps": b""}), [Kind.WRAPS]),
    ("wraps once more", lambda b: tampering.chunk(b, LETTER_4, lambda c: {"wraps": b"x"}), [Kind.WRAPS]),
    (
        "a record cut short",
        lambda b: tampering.chunk(b, GIVEN_BACK, lambda c: {"entries": c.entries[:-1]}),
        [Kind.RECORDS],
    ),
    (
        "a chunk that says it holds more",
        lambda b: tampering.chunk(b, GIVEN_BACK, lambda c: {"number": 2}),
        [Kind.COUNT, Kind.RECORDS, Kind.OUTCOME],
    ),
    ("one fen more", fen_more, [Kind.PROOF, Kind.SUM, Kind.OUTCOME]),
    (
        "ciphertext altered",
        lambda b: tampering.chunk(b, GIVEN_BACK, lambda c: {"entries": flipped(c.entries, len(c.entries) - 1)}),
        [Kind.PROOF],
    ),
]

LEDGER: list[Row] = [
    (
        "a taken entry shown as refused",
        lambda b: tampering.presented(b, GIVEN_BACK, lambda e: {"outcomes": b"\x0a"}),
        [Kind.OUTCOME],
    ),
    (
        "a refused entry shown as taken",
        lambda b: tampering.presented(b, ACCEPTED, lambda e: {"outcomes": b"\0\0"}),
        [Kind.OUTCOME],
    ),
    (
        "a refusal under another rule",
        lambda b: tampering.presented(b, ACCEPTED, lambda e: {"outcomes": b"\0\x63"}),
        [Kind.OUTCOME],
    ),
    (
        "an outcome left out",
        lambda b: tampering.presented(b, ACCEPTED, lambda e: {"outcomes": b"\0"}),
        [Kind.OUTCOME],
    ),
    (
        "another global count",
        lambda b: tampering.presented(b, SETTLED, lambda e: {"taken": e.taken + 1}),
        [Kind.TAKEN],
    ),
]

ROWS = [*CHAIN, *REGISTRY, *SUBMISSIONS, *LEDGER]


def _chunk(blocks: Blocks, index: int) -> Presented:
    i, j = tampering.nth(blocks, Presented, index)
    event = blocks[i][1][j]
    assert isinstance(event, Presented)
    return event


@pytest.mark.parametrize(("alteration", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_one_alteration_is_found_as_what_it_is(alteration: Callable[[Blocks], Blocks], expected: list[Kind]) -> None:
    assert [f.kind for f in findings(alteration(BLOCKS))] == expected


def test_a_finding_says_where_and_what() -> None:
    event = _chunk(BLOCKS, GIVEN_BACK)
    signature, total, outcome = findings(fen_more(BLOCKS))
    assert {f.position for f in (signature, total, outcome)} == {event.position}
    assert {(f.org, f.root, f.place) for f in (signature, total, outcome)} == {(4, event.submission.root, 0)}
    assert (total.found, total.expected) == ("50001", "50000")
    assert (outcome.found, outcome.expected) == ("TAKEN", "AMOUNT")


def test_an_outcome_is_named_with_its_place_in_the_submission() -> None:
    (finding,) = findings(tampering.presented(BLOCKS, ACCEPTED, lambda e: {"outcomes": b"\0\0"}))
    assert (finding.place, finding.found, finding.expected) == (1, "TAKEN", "HEAD")


def test_a_log_that_starts_late_says_from_where_to_where() -> None:
    first = findings(BLOCKS[3:])[0]
    assert (first.kind, first.found, first.expected) == (Kind.BLOCK_MISSING, "10", "7")


def test_without_the_founding_nothing_can_be_told() -> None:
    found = findings(tampering.drop(BLOCKS, Founded, 0))
    assert {f.kind for f in found} == {Kind.FOUNDING}
    assert len(found) == sum(len(events) for _, events in BLOCKS) - 1


def test_a_step_that_breaks_a_money_rule_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise InvariantBroken(number=5, office=4, case="00", seq=1)

    monkeypatch.setattr("node.domain.log.check_step", never)
    found = findings(BLOCKS)
    assert {f.kind for f in found} == {Kind.INVARIANT, Kind.OUTCOME}
    assert "number=5" in found[0].found


def test_an_empty_log_is_one_that_ends_early() -> None:
    assert [f.kind for f in findings([])] == [Kind.BLOCK_MISSING]


def test_one_alteration_does_not_hide_the_next() -> None:
    twice = tampering.signatures(fen_more(BLOCKS), LIMITS, lambda s: s[:1])
    assert [f.kind for f in findings(twice)] == [Kind.ACT_SIGNERS, Kind.PROOF, Kind.SUM, Kind.OUTCOME]


CHUNKS = sum(type(event) is Presented for _, events in BLOCKS for event in events)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_bit_of_a_chunk_can_be_altered(data: st.DataObject) -> None:
    index = data.draw(st.integers(0, CHUNKS - 1))
    chunk = _chunk(BLOCKS, index).chunk
    name = data.draw(st.sampled_from([n for n in ("maker", "checker", "wraps", "entries") if getattr(chunk, n)]))
    at = data.draw(st.integers(0, len(getattr(chunk, name)) - 1))
    altered = tampering.chunk(BLOCKS, index, lambda c: {name: flipped(getattr(c, name), at)})
    first = findings(altered)[0]
    assert first.position == _chunk(BLOCKS, index).position


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_bit_of_an_act_can_be_altered(data: st.DataObject) -> None:
    index = data.draw(st.integers(0, PAUSED))
    i, j = tampering.nth(BLOCKS, Acted, index)
    event = BLOCKS[i][1][j]
    assert isinstance(event, Acted)
    which = data.draw(st.integers(0, len(event.signatures) - 1))
    at = data.draw(st.integers(0, 64))
    signed = [flipped(s, at) if n == which else s for n, s in enumerate(event.signatures)]
    first = findings(tampering.signatures(BLOCKS, index, lambda _: tuple(signed)))[0]
    assert first.position == event.position
    assert first.kind in (Kind.ACT_SIGNERS, Kind.ACT_SIGNATURE)
