# SPDX-License-Identifier: Apache-2.0
"""A node's database against the chain: what the follower wrote agrees, and whatever is altered is named."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from node.audit.replay import Replay
from node.audit.rows import TABLES
from node.audit.verify import Difference, verify_rows
from node.crypto.typed import ledger_domain
from node.domain.case import LedgerIdentity
from node.domain.entries import Action, Block, LedgerEvent
from node.ledger.follower import Follower
from node.services.audit.database import DatabaseUnreadable, open_database_copy
from node.services.audit.verifying import Ledger, replay_ledger, verify_database
from node.store.database import Store, StoreUrlWrong
from node.store.migrate import StoreOutdated, migrate
from node.store.own_records import OwnPosting
from node.store.schema import metadata
from tests.audit.story import Story, tell


@dataclass
class LogChain:
    """As much of the Chain port as reading takes, over a log in memory."""

    blocks: list[tuple[Block, list[LedgerEvent]]]
    ledger_id: bytes

    def head(self) -> Block:
        return self.blocks[-1][0]

    def final_number(self) -> int:
        return self.head().number

    def block(self, number: int) -> Block:
        return self.blocks[number - self.blocks[0][0].number][0]

    def events(self, first: int, last: int) -> Iterator[tuple[Block, Sequence[LedgerEvent]]]:
        return (held for held in self.blocks if first <= held[0].number <= last)


@dataclass
class Bank:
    """A bank's database that has followed the story, with its posting of the first order."""

    story: Story
    ledger: Ledger
    path: Path

    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def differences(self) -> tuple[Difference, ...]:
        return verify_database(self.ledger, self.url()).differences


def _follow(path: Path, story: Story, blocks: list[tuple[Block, list[LedgerEvent]]]) -> None:
    store = Store(f"sqlite:///{path}")
    migrate(store.engine)
    told = story.log.deployment
    chain = LogChain(blocks, told.ledger.id)
    identity = LedgerIdentity(told.ledger.id, told.ledger.address)
    domain = ledger_domain(told.chain_id, told.ledger.address)
    Follower(store, chain, identity, domain, told.block).catch_up()  # type: ignore[arg-type]
    with store.writing() as session:
        session.add(
            OwnPosting(
                order_hash=story.hashes["order a"],
                office=story.office.id,
                case_id=story.cases[0].case_id,
                consent=story.hashes["consent a"],
                ordered_fen=60_000,
                debited_fen=50_000,
                made_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
        )
    store.checkpoint()
    store.close()


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    story = tell()
    path = tmp_path_factory.mktemp("bank") / "node.db"
    _follow(path, story, story.log.blocks)
    chain = LogChain(story.log.blocks, story.log.deployment.ledger.id)
    return Bank(story, Ledger(chain, story.log.deployment), path)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def replayed(followed: Bank) -> Replay:
    return replay_ledger(followed.ledger)


@pytest.fixture
def bank(followed: Bank, tmp_path: Path) -> Bank:
    """A copy that a test may alter."""
    copy = tmp_path / "copy.db"
    shutil.copy(followed.path, copy)
    return Bank(followed.story, followed.ledger, copy)


def alter(bank: Bank, statement: str, *values: object) -> None:
    connection = sqlite3.connect(bank.path)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    assert connection.execute(statement, values).rowcount == 1
    connection.commit()
    connection.close()


def test_what_the_follower_wrote_agrees_with_the_chain(followed: Bank) -> None:
    verdict = verify_database(followed.ledger, followed.url())
    assert verdict.ok
    assert verdict.differences == ()


def test_every_table_of_the_projection_is_compared() -> None:
    projection = {name for name in metadata().tables if name.startswith("projection_")}
    assert projection == {name for name in TABLES if name.startswith("projection_")}
    assert set(TABLES) <= set(metadata().tables)


def test_one_fen_in_the_banks_posting_is_named(bank: Bank) -> None:
    order = bank.story.hashes["order a"]
    alter(bank, "UPDATE own_posting SET debited_fen = debited_fen + 1 WHERE order_hash = ?", order)
    assert bank.differences() == (Difference("own_posting", order.hex(), "debited_fen", "50001", "50000"),)


def test_one_fen_in_an_entry_is_named(bank: Bank) -> None:
    debit = bank.story.hashes["debit a"]
    alter(bank, "UPDATE projection_entry SET amount_fen = amount_fen - 1 WHERE entry_hash = ?", debit)
    assert bank.differences() == (Difference("projection_entry", debit.hex(), "amount_fen", "49999", "50000"),)


def test_one_fen_deep_in_a_case_is_named(bank: Bank) -> None:
    case = bank.story.cases[0]
    alter(
        bank,
        "UPDATE projection_case SET state = replace(state, '60000', '60001') WHERE case_id = ?",
        case.case_id,
    )
    key = f"{case.office}/{case.case_id.hex()}"
    assert bank.differences() == tuple(
        Difference("projection_case", key, field, "60001", "60000")
        for field in ("state.consents[0].debited_fen", "state.orders[0].amount_fen")
    )


COLUMNS = [
    (table.name, column.name)
    for table in metadata().sorted_tables
    for column in table.columns
    if table.name in TABLES and table.name.startswith("projection_") and not column.primary_key
    if (table.name, column.name) != ("projection_cursor", "final_number")  # each node's own policy
]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_no_column_of_the_projection_can_be_altered(bank: Bank, replayed: Replay, table: str, column: str) -> None:
    where = f"SELECT max(rowid) FROM {table}"
    connection = sqlite3.connect(bank.path)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    kind = connection.execute(f"SELECT typeof({column}) FROM {table} WHERE rowid = ({where})").fetchone()[0]
    changed = {"integer": f"{column} + 1", "blob": "randomblob(32)", "null": "randomblob(32)", "text": "'7'"}[kind]
    connection.execute(f"UPDATE {table} SET {column} = {changed} WHERE rowid = ({where})")
    connection.commit()
    connection.close()
    with open_database_copy(bank.url()) as copy:
        found = list(verify_rows(replayed, copy.rows([table]), [table]))
    assert found
    assert {(d.table, d.field.partition(".")[0].partition("[")[0]) for d in found} == {(table, column)}


@pytest.mark.parametrize("table", [t for t in TABLES if t.startswith("projection_") and t != "projection_block"])
def test_a_row_that_is_missing_is_named(bank: Bank, table: str) -> None:
    alter(bank, f"DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})")
    (difference,) = bank.differences()
    assert (difference.table, difference.field, difference.found) == (table, "*", "-")


def test_a_row_that_should_not_be_is_named(bank: Bank) -> None:
    columns = [c.name for c in metadata().tables["own_posting"].columns if c.name != "order_hash"]
    kept = ", ".join(columns)
    alter(bank, f"INSERT INTO own_posting (order_hash, {kept}) SELECT zeroblob(32), {kept} FROM own_posting")
    assert bank.differences() == (Difference("own_posting", "00" * 32, "*", "present", "-"),)


def test_a_value_of_another_type_is_named_and_stops_nothing(bank: Bank) -> None:
    case = bank.story.cases[0]
    alter(bank, "UPDATE projection_case SET state = '{', net_fen = 'much' WHERE case_id = ?", case.case_id)
    assert {d.field for d in bank.differences()} == {"state", "net_fen"}


def test_a_node_that_is_behind_is_held_against_the_chain_as_it_had_followed_it(followed: Bank, tmp_path: Path) -> None:
    story = followed.story
    behind = Bank(story, followed.ledger, tmp_path / "behind.db")
    # as far as the DEBIT: the posting agrees, and what came later is not asked for
    last = next(i for i, (_, events) in enumerate(story.log.blocks) if _is_debit(events))
    _follow(behind.path, story, story.log.blocks[: last + 1])
    verdict = verify_database(behind.ledger, behind.url())
    assert verdict.ok
    assert verdict.replay.last == story.log.blocks[last][0]


def _is_debit(events: list[LedgerEvent]) -> bool:
    return any(getattr(getattr(e, "submission", None), "action", None) == Action.DEBIT for e in events)


def test_looking_changes_no_byte(bank: Bank) -> None:
    before = hashlib.sha256(bank.path.read_bytes()).digest()
    assert bank.differences() == ()
    assert hashlib.sha256(bank.path.read_bytes()).digest() == before
    assert [p.name for p in bank.path.parent.iterdir()] == ["copy.db"]


def test_a_node_at_work_can_be_looked_at(bank: Bank) -> None:
    store = Store(bank.url())
    with store.writing() as session:
        posting = session.get(OwnPosting, bank.story.hashes["order a"])
        assert posting is not None
        posting.debited_fen += 1
    assert [d.field for d in bank.differences()] == ["debited_fen"]  # from the write-ahead log
    store.close()


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    no_file = f"sqlite:///{tmp_path / 'none.db'}"
    with pytest.raises(DatabaseUnreadable), open_database_copy(no_file):
        pass
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "text.db").write_text("not a database, and long enough to be looked at as one" * 40)
    with pytest.raises(DatabaseUnreadable), open_database_copy(f"sqlite:///{tmp_path / 'text.db'}"):
        pass
    sqlite3.connect(tmp_path / "empty.db").close()
    with pytest.raises(StoreOutdated), open_database_copy(f"sqlite:///{tmp_path / 'empty.db'}"):
        pass
    with pytest.raises(StoreUrlWrong), open_database_copy("mysql://host/name"):
        pass
