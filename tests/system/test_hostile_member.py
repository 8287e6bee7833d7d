# SPDX-License-Identifier: Apache-2.0
"""What a member may write that nobody can read, or that is about nothing: the others' nodes do their work all the same.

A bank's and an office's node beside raw members who sign whatever the contracts take, on the real contracts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from node.chain.adapter import ChainAdapter
from node.chain.connection import Connection
from node.chain.deployment import deploy, write_deployment
from node.chain.networks import Network, start_network
from node.chain.sender import Sender
from node.cli.app import run
from node.corebank.accounts import Account
from node.corebank.desk import Waiting
from node.corebank.port import DebitResult
from node.crypto import sealing
from node.crypto.canonical import canonical, commitment
from node.crypto.merkle import Tree
from node.crypto.records import pack_records
from node.crypto.typed import ledger_domain, registry_domain, submission_digest
from node.crypto.wraps import PublicKeyMalformed, RecipientKey, Wrap, pack_wraps, parse_wraps
from node.demo.cast import CHECKER, MAKER, PASSPHRASE, SENDERS, SERVICE
from node.domain.bodies import make_body
from node.domain.case_json import case_from_json
from node.domain.codes import Capacity, DisputeReason
from node.domain.digest import keccak
from node.domain.entries import Action, CaseKey, Chunk, Entry, OrgRole, Permission, Phase, SignRole
from node.domain.errors import AllianceError
from node.domain.payloads import build
from node.domain.transitions import ActKind
from node.ledger.compose import compose
from node.runtime import Runtime, create_home
from node.services import evidence
from node.services.bank import chores, debits, orders
from node.services.cases import dispute, ours
from node.services.drafting import Content, draft, load_case
from node.services.office import cases as office_cases
from node.services.office.cases import close
from node.services.office.inquiries import InquiryLive, draft_request, send_on, take
from node.services.submitting import approve, review, submit
from node.sheets.rows import Import, InquiryRow
from node.store.own_work import DraftState, OwnDraft
from node.store.projection import ProjectionCase
from tests.crypto.sealed import MemoryKeys, memory_keys
from tests.ledger.world import CARRIER, FOREVER, FOUNDERS, House, World, house

BANK, OFFICE, HOSTILE = 6, 7, 8  # two nodes, and a member with a good key and bad intentions; 3 has a key of zeros
CARD = "0000000000000000018"
LETTER: dict[str, Any] = {
    "letter_number": "赣社险协〔2026〕1号",
    "agency": "样例经办机构",
    "bank": "样例银行",
    "person_name": "测试甲一",
    "person_id": "369999194501010012",
    "account": CARD,
    "account_type": "card",
    "insurance": "EMPLOYEE_PENSION",
    "category": "PEN-02",
    "region": "360100",
    "ineligible_from": "2024-02-29",
    "stopped_on": "2025-07-31",
    "amount_fen": 50_000,
    "items": ["name"],
    "purpose": "x",
    "legal_basis": "x",
}


@dataclass
class Node:
    """A member with a node."""

    org: int
    runtime: Runtime

    @property
    def ctx(self) -> Any:
        return self.runtime.context

    def settle(self) -> None:
        for _ in range(6):
            self.runtime.follower.catch_up()
            self.runtime.outbox.pump()
        self.runtime.follower.catch_up()

    def sign(self, action: Action, ids: list[str]) -> None:
        """Maker, review, checker, and the chain."""
        with self.ctx.store.writing() as session:
            root = submit(self.ctx, session, action, self.ctx.signer(session, MAKER, Permission.MAKER), ids).root
        seen = review(self.ctx, root)
        with self.ctx.store.writing() as session:
            approve(self.ctx, session, seen, self.ctx.signer(session, CHECKER, Permission.CHECKER))
        self.settle()

    def phase(self, key: CaseKey) -> Phase:
        self.runtime.follower.catch_up()
        with self.ctx.store.reading() as session:
            return load_case(session, key).phase

    def command(self, *words: str) -> int:
        return run(["--home", str(self.runtime.home), *words], Runtime, create_home)


class Alliance(World):
    """Raw members, and nodes of whom the tests ask what they make of it."""

    bank: House
    node: Node  # the bank's
    desk: Node  # the office's
    keys: MemoryKeys
    network: Network

    def letter(self, org: int, **changed: Any) -> tuple[Entry, dict[str, Any]]:
        """An entry and its payload, as a member who keeps to the rules would write them."""
        entry = Entry(
            Action.REQUEST, org, org, self.random.randbytes(32), bytes(32), b"", recipient=BANK, due_at=self.now + 9
        )
        body = make_body(Action.REQUEST, LETTER | changed)
        now = self.node.ctx.clock.now()
        return entry, build(entry, body, self.random.randbytes(32), now, now)

    def seal(self, entry: Entry, payload: Mapping[str, Any], keys: MemoryKeys | None = None) -> tuple[Entry, bytes]:
        """As our own code seals."""
        writer = keys.registered if keys else RecipientKey(entry.org, 1, memory_keys(99).registered.public)
        bank = self.node.runtime.keyring.public_key(1)
        to = {BANK: RecipientKey(BANK, bank.version, bank.public)}
        done = sealing.seal(self.ledger.id, writer, [sealing.Letter(entry, BANK, payload)], to, self.node.ctx.random)
        return done.entries[0], done.wraps

    def seal_bytes(self, entry: Entry, padded: bytes, promised: bytes) -> tuple[Entry, bytes]:
        """Whatever bytes under whatever commitment, with wraps that are in order."""
        content = self.random.randbytes(32)
        key = sealing._recipient_key(self.ledger.id, entry.org, BANK, content)
        _, wraps = self.seal(*self.letter(entry.org), self.keys)
        bank = self.node.runtime.keyring.public_key(1)
        wrapped = sealing.wrap(self.ledger.id, entry.org, RecipientKey(BANK, bank.version, bank.public), key)
        own = parse_wraps(wraps, entry.org)[0]
        entry = replace(entry, commitment=promised)
        aead = AESGCM(sealing._entry_key(key, promised))
        sealed = aead.encrypt(bytes(12), padded, sealing._associated(entry))
        return replace(entry, sealed=sealed), pack_wraps([own, wrapped])

    def say_sealed(self, entry: Entry, wraps: bytes) -> CaseKey:
        who = house(entry.org)
        composed = compose(self.ledger.id, [entry], wraps, FOREVER)
        maker, checker = (
            signer.sign_digest(submission_digest(self.domain, composed.submission, role))
            for signer, role in ((who.maker, SignRole.MAKER), (who.checker, SignRole.CHECKER))
        )
        chunk = Chunk(0, 1, maker, checker, Tree(composed.hashes).range_proof(0, 1), wraps, pack_records([entry]))
        nonce = self.chain.nonce(who.sender.address)
        tx, raw = self.chain.sign_present(who.sender, nonce, composed.submission, chunk)
        self.chain.send_raw(raw)
        self._wait(tx)
        assert self.chain.mined(tx), self.chain.revert_reason(raw)
        return entry.key

    def good_letter(self, org: int = HOSTILE, **changed: Any) -> CaseKey:
        keys = self.keys if org == HOSTILE else None
        return self.say_sealed(*self.seal(*self.letter(org, **changed), keys))

    def enrol(self, org: int, role: OrgRole, root: Path, url: str) -> Node:
        """A node of its own, its officers named by the ADMINs of ``house(org)``."""
        values: dict[str, Any] = {
            "mode": "test", "name": f"node {org}", "chain_url": url, "passphrase_file": "passphrase",
            "keystore_cost": 12,
        }  # fmt: skip
        if role is OrgRole.BANK:
            values |= {"corebank": "simulated", "service_officer": SERVICE}
        runtime = create_home(root / f"{org}", values, PASSPHRASE)
        secret = runtime.home / "passphrase"
        secret.touch(mode=0o600)
        secret.write_bytes(PASSPHRASE + b"\n")
        write_deployment(runtime.home / runtime.settings.deployment, self.deployment)
        self._admit_with(org, role)
        for name, code in ((MAKER, 1), (CHECKER, 2), (SERVICE, 8)):
            self.act(ActKind.ADD_OFFICER, org, first=runtime.keyring.new_officer_key(name), code=code)
        for name in SENDERS:
            address = runtime.keyring.new_officer_key(name)
            self.network.fund(address)
            self.act(ActKind.ADD_SENDER, org, first=address)
        key = runtime.keyring.new_encryption_key()
        self.act(ActKind.REGISTER_KEY, org, code=1, data=key.public)
        return Node(org, runtime)

    def _admit_with(self, org: int, role: OrgRole) -> None:
        first, second = house(org).admins
        self.act(
            ActKind.ADMIT, org, code=int(role), first=first.address, second=second.address, data=b"member %d" % org
        )
        self.act(ActKind.SET_LIMITS, org, order_limit_fen=10**9, day_limit_fen=10**9)


@pytest.fixture(scope="module")
def alliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alliance]:
    root = tmp_path_factory.mktemp("hostile")
    network = start_network("embedded", root / "chain")
    connection = Connection(network.url)
    for signer in (CARRIER, *(s for n in (3, 4, 5, HOSTILE) for s in (house(n).sender, house(n).stop_sender))):
        network.fund(signer.address)
    at = deploy(connection, CARRIER, keccak(b"registry"), keccak(b"ledger"), 2, FOUNDERS)
    registry = registry_domain(at.chain_id, at.registry.address), at.registry.id
    domain, chain = ledger_domain(at.chain_id, at.ledger.address), ChainAdapter(connection, at, network.finality)

    def case(key: CaseKey) -> Any:
        alliance.node.runtime.follower.catch_up()
        with alliance.node.ctx.store.reading() as session:
            return case_from_json(session.get_one(ProjectionCase, (key.office, key.case_id)).state)

    alliance = Alliance(chain, domain, registry, case, Sender(connection, at.chain_id).wait)
    alliance.deployment, alliance.network = at, network
    alliance.node = alliance.enrol(BANK, OrgRole.BANK, root, network.url)
    alliance.desk = alliance.enrol(OFFICE, OrgRole.OFFICE, root, network.url)
    alliance.act(ActKind.ADD_FUND_ACCOUNT, OFFICE, code=1, data="基金专户".encode() * 60)
    alliance._admit(house(HOSTILE), OrgRole.OFFICE)
    alliance.keys = memory_keys(HOSTILE)
    alliance.keys.version = 2
    alliance.act(ActKind.REGISTER_KEY, HOSTILE, code=2, data=alliance.keys.registered.public)
    alliance.act(ActKind.ADD_FUND_ACCOUNT, HOSTILE, code=1, data=b"\xff\xfe")
    core = alliance.node.runtime.corebank
    assert core is not None
    core.books.load([Account(CARD, "测试甲一", "369999194501010012", balance_fen=10**9)])
    yield alliance
    alliance.node.runtime.close()
    alliance.desk.runtime.close()
    connection.close()
    network.stop()


def unreadable(a: Alliance) -> dict[str, tuple[Entry, bytes]]:
    """Letters to the bank that it cannot read, by the code that it must have for each."""
    entry, payload = a.letter(HOSTILE)
    sealed, wraps = a.seal(entry, payload, a.keys)
    own, to_bank = parse_wraps(wraps, HOSTILE)
    plain = canonical(payload)

    def again(**fields: Any) -> Entry:
        return replace(sealed, case_id=a.random.randbytes(32), **fields)

    def of(value: Any, promised: bytes | None = None) -> tuple[Entry, bytes]:
        data = value if isinstance(value, bytes) else canonical(value)
        return a.seal_bytes(again(), sealing.pad(data), promised or commitment(data))

    def written(**changed: Any) -> tuple[Entry, bytes]:
        fresh, said = a.letter(HOSTILE)
        return a.seal(fresh, said | changed, a.keys)

    deep = b"[" * 2_300 + b"]" * 2_300
    return {
        "not_addressed": (again(), pack_wraps([own])),
        "wraps_malformed": (again(), b""),
        "wraps_malformed 2": (again(), b"\xff" * 3_000),
        "wraps_malformed 3": (again(), pack_wraps([to_bank, own])),
        "wraps_malformed 4": (again(), pack_wraps([own, to_bank, to_bank])),
        "sealed_damaged": (again(), pack_wraps([own, Wrap(BANK, 1, bytes(1168))])),
        "sealed_damaged 2": (again(), wraps),  # moved to another case
        "sealed_damaged 3": (again(sealed=bytes(316)), wraps),
        "sealed_damaged 4": a.seal_bytes(again(), bytes(300), bytes(32)),  # no padding
        "key_away": (again(), pack_wraps([own, replace(to_bank, version=2**32 - 1)])),
        "commitment_differs": of(plain, bytes(32)),
        "schema_unknown": of(b"no json"),
        "schema_unknown 2": of(b"[]"),
        "schema_unknown 3": of(deep),
        "schema_unknown 4": of({**payload, "schema": "\x1b[2Jrequest/1"}),
        "schema_unknown 5": of(b'{"a":1e400}'),
        "clear_fields_differ": written(clear={**payload["clear"], "office": OFFICE}),
        "clear_fields_differ 2": written(clear=[]),
        "payload_wrong": written(body={}),
        "payload_wrong 2": written(body=[["a", 1]]),
        "payload_wrong 3": written(happened_at="9999-12-31T23:59:59-14:00"),
        "payload_wrong 4": written(body={**payload["body"], "ceshi\x1b": 1}),
        "payload_wrong 5": written(salt=None, more=1),
    }


def test_unreadable_letters_hold_up_none_of_the_others(alliance: Alliance, capsys: pytest.CaptureFixture[str]) -> None:
    a, node = alliance, alliance.node
    wanted = {a.say_sealed(*written): code.partition(" ")[0] for code, written in unreadable(a).items()}
    good = [a.good_letter() for _ in range(4)] + [a.good_letter(org=3)]  # 3: nothing can be sealed to its key
    a.say_sealed(replace(a.letter(HOSTILE)[0], due_at=2**40 - 1, sealed=bytes(316)), b"")
    node.runtime.follower.catch_up()

    done = chores.acknowledge_by_service(node.ctx)
    node.settle()
    assert done.count == len(good)
    assert {key: error.code for key, error in done.held.items() if key in wanted} == wanted
    assert {node.phase(key) for key in good} == {Phase.ACKNOWLEDGED}
    assert {node.phase(key) for key in wanted} == {Phase.REQUESTED}
    for error in done.held.values():
        assert str(error).isprintable()
        assert not {"测试", "ceshi"} & set(str(error).split())

    again = chores.acknowledge_by_service(node.ctx)
    assert (again.count, again.held.keys()) == (0, done.held.keys())

    assert node.command("inbox", "--json") == 0
    shown = capsys.readouterr().out
    assert all(f'"unreadable": "{code}"' in shown for code in set(wanted.values()))
    assert node.command("inbox") == 0
    assert "\x1b" not in capsys.readouterr().out
    assert node.command("case", "list") == 0
    for key in wanted:
        assert node.command("case", "show", key.case_id.hex(), "--json") == 0
    assert node.command("reply", "--all", "--maker", MAKER, "--json") == 0
    capsys.readouterr()


def through_acceptance(a: Alliance, key: CaseKey, org: int, keys: MemoryKeys | None) -> None:
    """Bank and office carry a case of a raw office up to an accepted order; the bank's own entries are raw as well."""
    bank = house(BANK)
    for who, make in (
        (bank, lambda: replace(a.reply(key), org=BANK)),
        (house(org), lambda: replace(a.consent(key, 1_000), org=org)),
        (house(org), lambda: replace(a.order(key, 600), org=org)),
        (bank, lambda: replace(a.accept(key), org=BANK)),
    ):
        a.say(who, [make()])
    assert keys is None or keys.org == org


def test_an_order_whose_letter_does_not_open_holds_up_no_debit(alliance: Alliance) -> None:
    a, node = alliance, alliance.node
    for who, code in ((house(BANK).maker, 1), (house(BANK).checker, 2)):
        a.act(ActKind.ADD_OFFICER, BANK, first=who.address, code=code)
    a.network.fund(house(BANK).sender.address)
    a.act(ActKind.ADD_SENDER, BANK, first=house(BANK).sender.address)

    closed = a.say_sealed(*unreadable(a)["commitment_differs"])
    good = a.good_letter()
    stopped = a.good_letter()
    deaf = a.good_letter(org=3)
    for key in (closed, good, stopped):
        through_acceptance(a, key, HOSTILE, a.keys)
    through_acceptance(a, deaf, 3, None)
    node.runtime.follower.catch_up()

    with node.ctx.store.reading() as session:
        listed = debits.executable(node.ctx, session)
        assert {wanted.key for wanted in listed} == {good, stopped, deaf}
        assert {k: e.code for k, e in debits.held(node.ctx, session).items()} == {closed: "commitment_differs"}
        with pytest.raises(AllianceError, match="commitment_differs"):
            debits.look(node.ctx, session, closed)

    # a dispute that came in after the list was made, and stands in a block that is followed or not
    a.say(house(HOSTILE), [a.entry(Action.DISPUTE, house(HOSTILE), stopped)])
    about = next(wanted for wanted in listed if wanted.key == stopped)
    assert about.doubt == ""
    node.runtime.follower.catch_up()
    with pytest.raises(debits.PersonMustDecide):
        debits.execute(node.ctx, node.runtime.desk, about)
    a.network.advance(1)
    for _ in range(5):
        a.network.advance(1)
    with pytest.raises(debits.NotCaughtUp):
        debits.execute(node.ctx, node.runtime.desk, next(w for w in listed if w.key == good))
    node.runtime.follower.catch_up()

    done = chores.debit_accepted(node.ctx, node.runtime.desk)
    assert {wanted.key for wanted, result in done if isinstance(result, DebitResult)} == {good, deaf}
    assert not [result for _, result in done if isinstance(result, Waiting)]
    node.settle()
    assert a.case(good).net_fen == a.case(deaf).net_fen == 600
    assert a.case(closed).net_fen == a.case(stopped).net_fen == 0
    assert chores.waiting_for_a_person(node.ctx) == {closed: "commitment_differs", stopped: "DISPUTE"}
    assert chores.debit_accepted(node.ctx, node.runtime.desk) == []


def test_a_persons_own_refusal_is_not_signed_by_the_machine(alliance: Alliance) -> None:
    a, node = alliance, alliance.node
    key = a.good_letter()
    for who, make in (
        (house(BANK), lambda: replace(a.reply(key), org=BANK)),
        (house(HOSTILE), lambda: replace(a.consent(key, 1_000), org=HOSTILE)),
        (house(HOSTILE), lambda: replace(a.order(key, 600), org=HOSTILE)),
    ):
        a.say(who, [make()])
    node.runtime.follower.catch_up()
    with node.ctx.store.writing() as session:
        kept = orders.refuse(node.ctx, session, key, orders.DebitReason.EVIDENCE, made_by=MAKER).id
    chores.debit_accepted(node.ctx, node.runtime.desk)
    with node.ctx.store.reading() as session:
        assert session.get_one(OwnDraft, kept).state == DraftState.DRAFT


def test_a_bank_with_an_unusable_key_holds_up_no_letter_to_others(alliance: Alliance) -> None:
    """4's key is of zeros: whoever writes to it is told, and the letters to 6 go out."""
    a, desk = alliance, alliance.desk
    ctx = desk.ctx
    desk.runtime.follower.catch_up()

    def drafted(session: Any, bank: int) -> str:
        entry = Entry(
            Action.REQUEST, OFFICE, OFFICE, a.random.randbytes(32), bytes(32), b"", recipient=bank, due_at=a.now + 99
        )
        now = ctx.clock.now()
        return draft(ctx, session, entry, bank, Content(LETTER, now, now)).id

    with ctx.store.writing() as session:
        ids = [drafted(session, bank) for bank in (BANK, 4, BANK)]
    desk.sign(Action.REQUEST, ids)
    with ctx.store.reading() as session:
        rows = [session.get_one(OwnDraft, draft_id) for draft_id in ids]
    assert [row.state for row in rows] == [DraftState.RECORDED, DraftState.RETURNED, DraftState.RECORDED]
    assert rows[1].note == "public_key_malformed"
    with ctx.store.writing() as session:
        only = drafted(session, 4)
    with ctx.store.writing() as session:
        maker = ctx.signer(session, MAKER, Permission.MAKER)
        with pytest.raises(PublicKeyMalformed):
            submit(ctx, session, Action.REQUEST, maker, [only])


def test_a_stop_goes_out_although_the_other_side_spoilt_its_key(alliance: Alliance) -> None:
    a, desk, node = alliance, alliance.desk, alliance.node
    ctx = desk.ctx
    desk.runtime.follower.catch_up()
    with ctx.store.reading() as session:
        mine = [CaseKey(row.office, row.case_id) for row in ours(ctx, session)]
    key = mine[0]
    node.runtime.follower.catch_up()
    a.say(house(BANK), [replace(a.reply(key), org=BANK)])
    a.act(ActKind.REGISTER_KEY, BANK, code=2, data=b"\xff" * 1216)
    desk.runtime.follower.catch_up()
    with ctx.store.writing() as session:
        raised = dispute(ctx, session, key, DisputeReason.PERSON_ALIVE).id
    desk.sign(Action.DISPUTE, [raised])
    assert a.case(key).disputed(by_office=True)
    with ctx.store.reading() as session:
        said = office_cases.Reader(ctx, session).latest(key, Action.DISPUTE)
    assert said.body == make_body(Action.DISPUTE, {"reason": "person_alive", "note": ""})
    with ctx.store.writing() as session:
        ended = close(ctx, session, key, office_cases.CloseOutcome.WITHDRAWN).id
    desk.sign(Action.CLOSE, [ended])
    assert desk.phase(key) is Phase.CLOSED
    a.act(ActKind.REGISTER_KEY, BANK, code=3, data=node.runtime.keyring.new_encryption_key(3).public)


def test_all_cases_of_one_overpayment_together_recover_no_more_than_it(alliance: Alliance) -> None:
    """A first case recovers a part and is closed; once its letter is long recorded, the cap still counts it."""
    a, desk = alliance, alliance.desk
    ctx, bank = desk.ctx, house(BANK)
    row = InquiryRow(
        2, "测试甲一", "369999194501010012", "EMPLOYEE_PENSION", "PEN-02", date(2024, 3, 1), date(2025, 7, 31),
        50_000, BANK, CARD, "360100", None, "",
    )  # fmt: skip
    desk.runtime.follower.catch_up()
    with ctx.store.writing() as session:
        inquiry = take(ctx, session, Import((row,), 1, 1, 0, (), ()), b"file", "file").inquiries[0]

    def answered(drafted: Callable[[Any], OwnDraft]) -> CaseKey:
        with ctx.store.writing() as session:
            letter = drafted(session)
            key, draft_id = CaseKey(letter.office, letter.case_id), letter.id
        desk.sign(Action.REQUEST, [draft_id])
        a.say(bank, [replace(a.reply(key), org=BANK)])
        desk.runtime.follower.catch_up()
        return key

    def agreed(session: Any, key: CaseKey, claim_fen: int | None = None) -> OwnDraft:
        now = ctx.clock.now()
        scan = evidence.add(ctx, session, b"scan", "scan.pdf", key)
        paper = office_cases.Agreement(
            "T-1", "测试甲一", "369999194501010012", Capacity.PAYEE, 20_000, True,
            ctx.today() + timedelta(days=9), now - timedelta(hours=1), [scan],
        )  # fmt: skip
        return office_cases.consent(ctx, session, key, paper, claim_fen)

    def write(action: Action, drafted: Callable[[Any], OwnDraft]) -> None:
        with ctx.store.writing() as session:
            draft_id = drafted(session).id
        desk.sign(action, [draft_id])

    first = answered(lambda session: draft_request(ctx, session, inquiry))
    with ctx.store.writing() as session, pytest.raises(InquiryLive):
        draft_request(ctx, session, inquiry)
    write(Action.CONSENT, lambda session: agreed(session, first))
    assert a.case(first).claim_fen == 50_000
    write(Action.ORDER, lambda session: office_cases.order(ctx, session, first, 20_000, 1))
    a.say(bank, [replace(a.accept(first), org=BANK)])
    a.say(bank, [replace(a.debit(first, 15_000), org=BANK)])
    desk.runtime.follower.catch_up()
    debited = a.case(first).debits[0].hash
    write(Action.SETTLE, lambda session: office_cases.settle(ctx, session, first, debited, "S-1", ctx.today()))
    write(Action.CLOSE, lambda s: close(ctx, s, first, office_cases.CloseOutcome.PARTLY_RECOVERED))

    second = answered(lambda session: send_on(ctx, session, inquiry, BANK))
    with ctx.store.writing() as session, pytest.raises(office_cases.ClaimTooHigh):
        agreed(session, second, 35_001)
    write(Action.CONSENT, lambda session: agreed(session, second))
    assert a.case(second).claim_fen == 35_000


def test_a_worker_goes_on_over_all_this(alliance: Alliance) -> None:
    told: list[str] = []
    for member in (alliance.node, alliance.desk):
        done = member.runtime.worker(lambda key, values: told.append(key)).settle(60)
        assert done.block == done.head
    assert {"worker.held", "worker.person"} <= set(told)
