# SPDX-License-Identifier: Apache-2.0
"""Follower and outbox against the real contracts on the embedded chain: two nodes, one story, equal sums."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from node.chain.adapter import ChainAdapter
from node.chain.connection import Connection
from node.chain.deployment import deploy
from node.chain.networks import start_network
from node.chain.sender import Sender
from node.crypto.typed import ledger_domain, registry_domain
from node.domain.case_json import case_from_json
from node.domain.digest import keccak
from node.domain.entries import Action, Entry, Phase
from node.ledger.compose import simulate
from node.ledger.follower import Follower
from node.ledger.packing import Packing
from node.ledger.rebuild import fingerprint, rebuild
from node.ledger.totals import counts, totals
from node.store.database import Store
from node.store.projection import ProjectionCase
from tests.ledger.desk import DONE, Desk
from tests.ledger.world import CARRIER, FOUNDERS, World, house


@pytest.fixture
def world(tmp_path: Path, new_store: Callable[[], Store]) -> Iterator[World]:
    network = start_network("embedded", tmp_path / "chain")
    connection = Connection(network.url)
    for signer in (CARRIER, *(s for n in (3, 4, 5) for s in (house(n).sender, house(n).stop_sender))):
        network.fund(signer.address)
    at = deploy(connection, CARRIER, keccak(b"registry"), keccak(b"ledger"), 2, FOUNDERS)
    registry = registry_domain(at.chain_id, at.registry.address), at.registry.id
    domain, chain = ledger_domain(at.chain_id, at.ledger.address), ChainAdapter(connection, at, network.finality)
    store = new_store()

    def case(key):  # type: ignore[no-untyped-def]
        Follower(store, chain, world.ledger, domain).catch_up()
        with store.reading() as session:
            return case_from_json(session.get_one(ProjectionCase, (key.office, key.case_id)).state)

    world = World(chain, domain, registry, case, Sender(connection, at.chain_id).wait)
    yield world
    connection.close()
    network.stop()


def test_two_nodes_live_through_a_case(world: World, new_store: Callable[[], Store]) -> None:
    office = Desk(new_store(), world, world.office, options={"packing": Packing(max_bytes=4 * 600)})
    bank = Desk(new_store(), world, world.bank)

    def go(desk: Desk, *entries: Entry) -> None:
        composed = desk.submit(list(entries))
        expected = simulate(world.chain, composed, Packing())
        desk.run()
        assert desk.states()[-1] == DONE
        assert bytes(o or 0 for o in desk.outcomes(composed)) == expected

    keys = [world.case_key() for _ in range(9)]
    a, b = keys[:2]
    go(office, *(world.request(key) for key in keys), world.request(to=world.office))
    go(bank, *(world.reply(key) for key in keys))
    go(office, world.consent(a, 1_000), world.consent(b, 500))
    go(office, world.order(a, 600), world.order(b, 500))
    go(bank, world.accept(a))
    go(bank, world.debit(a, 400))
    go(office, world.entry(Action.CANCEL, world.office, b, target=world.case(b).open_order))
    go(office, world.on_debit(Action.SETTLE, world.office, a))
    go(office, world.on_debit(Action.REVERSE, world.office, a))
    go(office, world.entry(Action.CLOSE, world.office, a))
    go(office, world.entry(Action.CLOSE, world.office, a))  # refused by phase, and comes back

    assert world.case(a).phase is Phase.CLOSED
    bank.run()
    with office.store.reading() as here, bank.store.reading() as there:
        assert fingerprint(here) == fingerprint(there)
        assert totals(here) == totals(there)
        sums = totals(here)[world.bank.id].figures()
        assert sums == totals(here)[world.office.id].figures()
        assert counts(here) == (28, 2)
    assert sums == {
        "consented_fen": 1_500,
        "ordered_fen": 1_100,
        "debited_fen": 400,
        "reversed_fen": 400,
        "settled_fen": 400,
    }
    before = _prints(office.store)
    rebuild(office.store, office.follower)
    assert _prints(office.store) == before


def _prints(store: Store) -> dict[str, str]:
    with store.reading() as session:
        return fingerprint(session)
