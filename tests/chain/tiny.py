# SPDX-License-Identifier: Apache-2.0
"""The smallest alliance that can speak: three governors, an office and a bank, on any chain."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from node.chain.adapter import ChainAdapter
from node.chain.connection import Connection
from node.chain.deployment import deploy
from node.chain.fake import FakeChain
from node.chain.networks import Network
from node.chain.sender import Sender
from node.crypto.merkle import Tree
from node.crypto.records import pack_records
from node.crypto.signer import LocalSigner
from node.crypto.typed import act_digest, entry_hash, ledger_domain, registry_domain, submission_digest
from node.domain.digest import keccak
from node.domain.entries import Act, Action, Chunk, Entry, Founding, SignRole, Submission
from node.domain.ports import Chain

ALWAYS = 2**40
OFFICE, BANK = 4, 5


def key(number: int) -> LocalSigner:
    return LocalSigner(keccak(b"tiny" + number.to_bytes(4, "big")))


CARRIER = key(0)
GOVERNORS = [(key(2 * n + 1), key(2 * n + 2)) for n in range(3)]
FOUNDERS = [Founding(f"治理{n}", a.address, b.address) for n, (a, b) in enumerate(GOVERNORS)]


class House:
    """The people of one organisation; ``number`` is its org id."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.admins = (key(100 * number + 1), key(100 * number + 2))
        self.maker = key(100 * number + 3)
        self.checker = key(100 * number + 4)
        self.sender = key(100 * number + 5)


@dataclass(frozen=True)
class Identity:
    """What signatures are bound to."""

    chain_id: int
    ledger_id: bytes
    ledger: str
    registry_id: bytes
    registry: str


class Alliance:
    """Speaks to a chain through its port; ``wait`` returns when a transaction is in a block."""

    def __init__(self, chain: Chain, identity: Identity, wait: Callable[[bytes], object]) -> None:
        self.chain = chain
        self.identity = identity
        self.wait = wait
        self.office, self.bank = House(OFFICE), House(BANK)
        self.numbers = {0: 1, OFFICE: 1, BANK: 1}

    # ---- acts

    def act(self, act: Act, signers: Sequence[LocalSigner]) -> bytes:
        """Sign and send; gives the transaction's hash once it is mined."""
        return self.carry(*self.signed(act, signers))

    def carry(self, act: Act, signatures: Sequence[bytes]) -> bytes:
        tx_hash, raw = self.chain.sign_act(CARRIER, self.chain.nonce(CARRIER.address), act, signatures)
        self.chain.send_raw(raw)
        self.wait(tx_hash)
        return tx_hash

    def signed(self, act: Act, signers: Sequence[LocalSigner]) -> tuple[Act, list[bytes]]:
        domain = registry_domain(self.identity.chain_id, self.identity.registry)
        numbered = replace(act, number=act.number or self.numbers[act.org], valid_until=act.valid_until or ALWAYS)
        digest = act_digest(domain, self.identity.registry_id, numbered)
        self.numbers[act.org] = numbered.number + 1
        return numbered, [s.sign_digest(digest) for s in signers]

    def set_up(self) -> None:
        """Admit both, with limits, officers, senders and encryption keys."""
        governors = [GOVERNORS[0][0], GOVERNORS[1][1]]
        for house, role in ((self.office, 1), (self.bank, 2)):
            first, second = (a.address for a in house.admins)
            steps = [
                (Act(1, house.number, 0, first, second, role, data=f"单位{house.number}".encode()), governors),
                (Act(4, house.number, 0, order_limit_fen=10**9, day_limit_fen=10**10), governors),
                (Act(10, house.number, 0, house.maker.address, code=1), house.admins),
                (Act(10, house.number, 0, house.checker.address, code=2), house.admins),
                (Act(12, house.number, 0, house.sender.address), house.admins),
                (Act(14, house.number, 0, code=1, data=bytes([house.number]) * 1216), house.admins),
            ]
            for act, signers in steps:
                assert self.chain.mined(self.act(act, signers))

    # ---- submissions

    def request(self, number: int, size: int = 616) -> Entry:
        return Entry(
            action=Action.REQUEST,
            org=OFFICE,
            office=OFFICE,
            case_id=keccak(b"case" + number.to_bytes(4, "big")),
            commitment=keccak(b"payload" + number.to_bytes(4, "big")),
            sealed=keccak(number.to_bytes(4, "big")) * (size // 32) + bytes(size % 32),
            recipient=BANK,
            due_at=1_900_000_000,
        )

    def submission(self, entries: Sequence[Entry], wraps: bytes = b"") -> tuple[Submission, Tree]:
        ledger = self.identity.ledger_id
        tree = Tree([entry_hash(ledger, e) for e in entries])
        total = sum(e.amount_fen for e in entries)
        org, action = entries[0].org, entries[0].action
        return Submission(ledger, org, action, tree.root, len(entries), total, keccak(wraps), ALWAYS), tree

    def chunk(
        self, entries: Sequence[Entry], place: int = 0, number: int | None = None, wraps: bytes = b"wrapped keys"
    ) -> tuple[Submission, Chunk]:
        submission, tree = self.submission(entries, wraps)
        number = len(entries) - place if number is None else number
        domain = ledger_domain(self.identity.chain_id, self.identity.ledger)
        house = self.house(submission.org)
        return submission, Chunk(
            place=place,
            number=number,
            maker=house.maker.sign_digest(submission_digest(domain, submission, SignRole.MAKER)),
            checker=house.checker.sign_digest(submission_digest(domain, submission, SignRole.CHECKER)),
            proof=tree.range_proof(place, number),
            wraps=wraps if place == 0 else b"",
            entries=pack_records(entries[place : place + number]),
        )

    def present(self, submission: Submission, chunk: Chunk, sender: LocalSigner | None = None) -> tuple[bytes, bytes]:
        """Send, by the writing house's own sender unless said otherwise; gives (hash, raw) once mined."""
        sender = sender or self.house(submission.org).sender
        tx_hash, raw = self.chain.sign_present(sender, self.chain.nonce(sender.address), submission, chunk)
        self.chain.send_raw(raw)
        self.wait(tx_hash)
        return tx_hash, raw

    def house(self, org: int) -> House:
        return self.office if org == OFFICE else self.bank


class Tiny(Alliance):
    """On a network: deploys contracts of its own."""

    chain: ChainAdapter

    def __init__(self, network: Network, connection: Connection) -> None:
        self.network = network
        self.connection = connection
        self.sender = Sender(connection, network.chain_id)
        for account in (CARRIER, House(OFFICE).sender, House(BANK).sender):
            network.fund(account.address)
        at = deploy(connection, CARRIER, keccak(b"registry"), keccak(b"ledger"), 2, FOUNDERS)
        self.deployment = at
        identity = Identity(at.chain_id, at.ledger.id, at.ledger.address, at.registry.id, at.registry.address)
        super().__init__(ChainAdapter(connection, at, network.finality), identity, self.sender.wait)


class FakeAlliance(Alliance):
    """In memory."""

    chain: FakeChain

    def __init__(self, depth: int = 0) -> None:
        fake = FakeChain(FOUNDERS, depth=depth)
        ledger, registry = fake.ledger_address, fake.registry_address
        identity = Identity(fake.chain_id, fake.ledger_id, ledger, fake.registry_id, registry)
        super().__init__(fake, identity, lambda _: None)
