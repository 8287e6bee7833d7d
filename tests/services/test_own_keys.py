# SPDX-License-Identifier: Apache-2.0
"""An old encryption key goes when nothing open needs it, and what was sealed to it then says so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from node.crypto.keyring import KeyRing
from node.crypto.node_key import KeyFileMissing, NodeKey
from node.crypto.wraps import KeyDestroyed, RecipientKey
from node.domain.entries import Action, CaseKey
from node.domain.errors import AllianceError
from node.domain.payloads import Payload
from node.domain.transitions import ActKind
from node.services import own_keys
from node.services.own_keys import KeyCurrent, KeyInUse
from node.services.reading import Reader
from node.store.database import Store
from tests.services.bank_world import AGREED, BankWorld


@dataclass
class Known:
    """What others know of an encryption key."""

    registered: RecipientKey


class RingWorld(BankWorld):
    """The bank's keys lie on disk."""

    def __init__(self, store: Store, root: Path) -> None:
        super().__init__(store, root)
        self.ring = KeyRing(root / "keys", self.ctx.random, b"x", NodeKey({1: bytes(32)}))
        self.ctx = replace(self.ctx, keyring=self.ring)
        self.register(3)

    def register(self, version: int) -> None:
        made = self.ring.new_encryption_key(version)
        known = Known(RecipientKey(self.bank.id, version, made.public))
        self.sealed_by[self.bank.id] = known  # type: ignore[assignment]
        self.act(ActKind.REGISTER_KEY, self.bank.id, code=version, data=made.public)
        self.follow()

    def destroy(self, version: int) -> None:
        with self.ctx.store.reading() as session:
            own_keys.destroy(self.ctx, session, version)

    def read(self, key: CaseKey) -> Payload | AllianceError:
        with self.ctx.store.reading() as session:
            return Reader(self.ctx, session).attempt_latest(key, Action.REQUEST)


@pytest.fixture
def world(store: Store, tmp_path: Path) -> RingWorld:
    return RingWorld(store, tmp_path)


def end(world: RingWorld, key: CaseKey, action: Action) -> None:
    house, head = (world.office, {}) if action is Action.CLOSE else (world.bank, {"head": world.head(key)})
    world.say(house, [world.entry(action, house, key, **head)])
    world.follow()


def test_the_key_that_others_seal_to_is_not_destroyed(world: RingWorld) -> None:
    with pytest.raises(KeyCurrent):
        world.destroy(3)
    assert isinstance(world.read(world.letter()), Payload)
    with pytest.raises(KeyFileMissing):
        world.destroy(9)


def test_a_key_stays_while_an_open_case_needs_it(world: RingWorld) -> None:
    closed, declined = world.letter(), world.letter()
    world.register(4)
    newer = world.letter()
    with pytest.raises(KeyInUse) as refused:
        world.destroy(3)
    assert refused.value.values["count"] == 2
    end(world, closed, Action.CLOSE)
    with pytest.raises(KeyInUse) as refused:
        world.destroy(3)
    assert refused.value.values == {"version": 3, "count": 1, "case": declined.case_id.hex()[:8]}
    assert isinstance(world.read(closed), Payload)
    end(world, declined, Action.DECLINE)
    world.destroy(3)
    assert [type(world.read(key)) for key in (closed, declined, newer)] == [KeyDestroyed, KeyDestroyed, Payload]
    world.destroy(3)  # again is no error


def test_a_later_entry_counts_as_the_first_does(world: RingWorld) -> None:
    old = world.sealed_by[world.bank.id]
    world.register(4)
    key = world.letter()
    world.say(world.bank, [world.reply(key)])
    world.sealed_by[world.bank.id] = old  # the office has not heard of the new key yet
    world.write(
        world.office, world.consent(key, 1_000), {**AGREED, "evidence": [{"digest": "ab" * 32, "name": "x.pdf"}]}
    )
    with pytest.raises(KeyInUse):
        world.destroy(3)


def test_wraps_that_nobody_can_read_keep_no_key(world: RingWorld) -> None:
    world.say(world.office, [world.request()])  # random bytes for wraps
    world.register(4)
    world.destroy(3)
