# SPDX-License-Identifier: Apache-2.0
"""A bank that speaks for another reads what was sealed to that one, once it has been handed the keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from node.crypto import sealing
from node.crypto.keyring import KeyRing
from node.crypto.node_key import NodeKey
from node.crypto.wraps import Damaged, KeyAway, KeyDestroyed, NotAddressed, RecipientKey
from node.domain.bodies import make_body
from node.domain.digest import keccak
from node.domain.entries import Action, CaseKey, Entry
from node.domain.errors import AllianceError
from node.domain.payloads import Payload, build
from node.domain.transitions import ActKind
from node.ledger.compose import Composed
from node.services import own_keys
from node.services.own_keys import HandedOverOthers, NotSuccessor
from node.services.reading import Reader
from node.store.database import Store
from tests.crypto.sealed import memory_keys
from tests.services.bank_world import AGREED, LETTER, BankWorld

PAPER = {**AGREED, "evidence": [{"digest": "ab" * 32, "name": "x.pdf"}]}


class TwoBanks(BankWorld):
    """``ctx`` is the other bank's, whose keys lie on disk."""

    def __init__(self, store: Store, root: Path) -> None:
        super().__init__(store, root)
        self.ring = KeyRing(root / "keys", self.ctx.random, b"x", NodeKey({1: bytes(32)}))
        made = self.ring.new_encryption_key(2)
        self.to = {
            self.bank.id: self.sealed_by[self.bank.id].registered,
            self.other.id: RecipientKey(self.other.id, 2, made.public),
        }
        self.act(ActKind.REGISTER_KEY, self.other.id, code=2, data=made.public)
        officers = {"jingban": self.other.maker.address}
        self.ctx = replace(self.ctx, keyring=self.ring, officers=officers, service_officer="")
        self.wraps = b""

    def compose(self, entries: Sequence[Entry], valid_until: int = 2**40) -> Composed:
        made = super().compose(entries, valid_until)
        return replace(made, wraps=self.wraps, submission=replace(made.submission, wraps=keccak(self.wraps)))

    def write_both(self, first: Entry, second: Entry, body: Mapping[str, Any]) -> None:
        """One submission of the office with an entry for each bank."""
        now = self.ctx.clock.now()
        letters = [
            sealing.Letter(
                entry, to, build(entry, make_body(Action(entry.action), body), self.random.randbytes(32), now, now)
            )
            for entry, to in ((first, self.bank.id), (second, self.other.id))
        ]
        office = self.sealed_by[self.office.id].registered
        sealed = sealing.seal(self.ledger.id, office, letters, self.to, self.ctx.random)
        self.wraps = sealed.wraps
        self.say(self.office, sealed.entries)

    def both(self) -> tuple[CaseKey, CaseKey]:
        """A case with each bank up to its consent, written by the office in shared submissions."""
        first, second = self.request(), self.request(to=self.other)
        self.write_both(first, second, LETTER)
        self.say(self.bank, [self.reply(first.key)])
        self.say(self.other, [replace(self.reply(second.key), org=self.other.id)])
        self.write_both(self.consent(first.key, 1_000), self.consent(second.key, 1_000), PAPER)
        self.follow()
        return first.key, second.key

    def succeed(self) -> None:
        self.act(ActKind.SUSPEND, self.bank.id)
        self.act(ActKind.NAME_SUCCESSOR, self.bank.id, code=self.other.id)
        self.follow()

    def take_over(self, *versions: int) -> list[int]:
        keys = self.sealed_by[self.bank.id]
        with self.ctx.store.reading() as session:
            held = dict.fromkeys(versions, (keys.mlkem, keys.x25519))
            return own_keys.take_over(self.ctx, session, self.bank.id, held)

    def read(self, key: CaseKey) -> list[type[Payload | AllianceError]]:
        with self.ctx.store.reading() as session:
            reader = Reader(self.ctx, session)
            return [type(reader.attempt_latest(key, action)) for action in (Action.REQUEST, Action.CONSENT)]


@pytest.fixture
def world(store: Store, tmp_path: Path) -> TwoBanks:
    return TwoBanks(store, tmp_path)


def test_a_successor_reads_with_the_keys_that_it_was_handed(world: TwoBanks) -> None:
    theirs, ours = world.both()
    world.succeed()
    assert world.read(ours) == [Payload, Payload]
    assert world.read(theirs) == [NotAddressed, Damaged]
    assert world.take_over(2) == world.take_over(2) == [2]
    assert world.read(theirs) == world.read(ours) == [Payload, Payload]
    world.ring.of(world.bank.id).destroy_encryption_key(2)
    assert world.read(theirs) == [KeyDestroyed, KeyDestroyed]
    assert world.read(ours) == [Payload, Payload]
    assert world.take_over(2) == [2]
    assert world.read(theirs) == [KeyDestroyed, KeyDestroyed]


def test_a_version_that_was_not_handed_over_is_waited_for(world: TwoBanks) -> None:
    theirs, _ = world.both()
    keys = memory_keys(world.bank.id + 1)
    world.sealed_by[world.bank.id] = keys
    world.act(ActKind.REGISTER_KEY, world.bank.id, code=3, data=keys.registered.public)
    world.succeed()
    assert world.take_over(3) == [3]
    assert world.read(theirs) == [KeyAway, KeyAway]


def test_keys_are_taken_over_from_one_that_we_speak_for_and_its_own_only(world: TwoBanks) -> None:
    world.follow()
    with pytest.raises(NotSuccessor):
        world.take_over(2)
    world.succeed()
    with pytest.raises(HandedOverOthers):
        world.take_over(1)
    world.sealed_by[world.bank.id] = memory_keys(99)
    with pytest.raises(HandedOverOthers):
        world.take_over(2)
    assert world.ring.handed_over() == {}
