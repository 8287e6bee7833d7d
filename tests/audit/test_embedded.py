# SPDX-License-Identifier: Apache-2.0
"""The same story told to the real contracts on the embedded chain: what they make of it is what the builder said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from node.audit.findings import Kind
from node.audit.replay import Replay, replay, replay_chain
from node.audit.views import ChainViews, compare_views
from node.chain.adapter import ChainAdapter
from node.chain.connection import Connection
from node.chain.deployment import Deployment, deploy
from node.chain.networks import Network, start_network
from node.chain.sender import Sender
from node.domain.entries import Acted, Block, Presented
from tests.audit.builder import LogBuilder, founding, person
from tests.audit.story import Story, tell

CARRIER = person("carrier")


class Told:
    """The story in memory, and the same acts and chunks sent to a chain, one a transaction."""

    def __init__(self, network: Network, connection: Connection) -> None:
        network.fund(CARRIER.address)
        self.connection = connection
        self.deployment: Deployment = deploy(connection, CARRIER, bytes([1]) * 32, bytes([2]) * 32, 2, founding())
        self.chain = ChainAdapter(connection, self.deployment, network.finality)
        self.story: Story = tell(LogBuilder(now=self.chain.head().timestamp, given=self.deployment))
        self._sender = Sender(connection, network.chain_id)
        for org in (self.story.office, self.story.bank, self.story.other):
            network.fund(org.sender.address)
        for _, events in self.story.log.blocks:
            for event in events:
                if isinstance(event, Acted):
                    nonce = self.chain.nonce(CARRIER.address)
                    self._send(*self.chain.sign_act(CARRIER, nonce, event.act, event.signatures))
                elif isinstance(event, Presented):
                    sender = self.story.log.orgs[event.submission.org].sender
                    nonce = self.chain.nonce(sender.address)
                    self._send(*self.chain.sign_present(sender, nonce, event.submission, event.chunk))
        self.replay = replay_chain(self.chain, self.deployment)

    def _send(self, tx_hash: bytes, raw: bytes) -> None:
        self.chain.send_raw(raw)
        assert self._sender.wait(tx_hash)["status"] == "0x1", self.chain.revert_reason(raw)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    network = start_network("embedded", tmp_path_factory.mktemp("chain"))
    connection = Connection(network.url)
    yield Told(network, connection)
    connection.close()
    network.stop()


def test_the_contracts_kept_every_rule(told: Told) -> None:
    assert told.replay.findings == ()
    assert told.replay.last == told.chain.head()
    assert len(told.replay.acts) == 24


def test_the_contracts_judged_as_the_story_says(told: Told) -> None:
    in_memory = replay(told.story.log.blocks, replace(told.deployment, block=told.story.log.blocks[0][0].number))
    assert in_memory.findings == ()
    assert told.replay.books == in_memory.books
    assert told.replay.written == in_memory.written
    assert [e.hash for e in told.replay.entries] == [e.hash for e in in_memory.entries]
    assert [e.head for e in told.replay.entries] == [e.head for e in in_memory.entries]
    assert [(r.hash, r.rule) for r in told.replay.refusals] == [(r.hash, r.rule) for r in in_memory.refusals]
    assert {k: c.case.head for k, c in told.replay.cases.items()} == told.story.log.heads


def _views(told: Told, result: Replay) -> list[Kind]:
    assert result.last is not None
    return [f.kind for f in compare_views(result, ChainViews(told.connection, told.deployment, result.last.number))]


def test_storage_says_the_same(told: Told) -> None:
    assert _views(told, told.replay) == []


def test_a_latest_chunk_that_was_kept_back_shows_in_storage(told: Told) -> None:
    log = list(told.chain.events(told.deployment.block, told.chain.final_number()))
    last = max(i for i, (_, events) in enumerate(log) if events)
    log[last] = (log[last][0], [])
    kept_back = replay(log, told.deployment)
    assert kept_back.ok
    assert _views(told, kept_back) == [Kind.VIEW_TAKEN, Kind.VIEW_CASE, Kind.VIEW_TOTAL]


def test_the_replay_can_stop_at_any_block_and_storage_of_that_block_agrees(told: Told) -> None:
    last = told.replay.entries[10].position.block
    seen: list[Block] = []
    part = replay_chain(told.chain, told.deployment, last, seen.append)
    assert part.findings == ()
    assert len(seen) == last - told.deployment.block + 1
    assert _views(told, part) == []
