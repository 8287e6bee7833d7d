# SPDX-License-Identifier: Apache-2.0
"""The edge: who commits, who waits for whom, and what an error may say."""

import stat
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy.exc import StatementError
from sqlmodel import select

from node.store.database import Store, StoreBroken, StoreConflict, StoreUnavailable, StoreUrlWrong
from node.store.own_records import OwnSetting
from node.store.own_work import OwnDraft, OwnEntry
from node.store.projection import ProjectionBlock, ProjectionCursor

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


def setting(key: str, value: object = 1) -> OwnSetting:
    return OwnSetting(key=key, value=value, changed_at=NOW)


def keys(store: Store) -> list[str]:
    with store.reading() as session:
        return list(session.exec(select(OwnSetting.key).order_by(OwnSetting.key)))


def test_what_was_written_is_there_after_the_block(store: Store) -> None:
    with store.writing() as session:
        session.add(setting("a"))
    assert keys(store) == ["a"]


def test_an_error_in_the_block_takes_everything_back(store: Store) -> None:
    def fail() -> None:
        with store.writing() as session:
            session.add(setting("a"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert keys(store) == []


def test_a_reader_may_not_write(store: Store) -> None:
    def write() -> None:
        with store.reading() as session:
            session.add(setting("a"))
            session.flush()

    with pytest.raises(StoreUnavailable):
        write()
    assert keys(store) == []


def test_a_reader_keeps_its_snapshot_while_a_writer_commits(store: Store) -> None:
    with store.reading() as reader:
        assert reader.exec(select(OwnSetting)).all() == []
        with store.writing() as session:
            session.add(setting("a"))
        assert reader.exec(select(OwnSetting)).all() == []
    assert keys(store) == ["a"]


def test_writers_that_read_first_wait_for_each_other_and_lose_nothing(store: Store) -> None:
    with store.writing() as session:
        session.add(setting("n", 0))

    def count(times: int) -> None:
        for _ in range(times):
            with store.writing() as session:
                row = session.get_one(OwnSetting, "n")
                row.value += 1
                session.add(row)

    threads = [threading.Thread(target=count, args=(25,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as session:
        assert session.get_one(OwnSetting, "n").value == 100


def test_a_writer_that_waits_too_long_says_unavailable(tmp_path: Path, store: Store) -> None:
    hasty = Store(f"sqlite:///{tmp_path / 'node.db'}", busy_s=0.05)
    with store.writing() as session:
        session.add(setting("a"))
        session.flush()
        with pytest.raises(StoreUnavailable), hasty.writing() as other:
            other.add(setting("b"))
    hasty.close()
    assert keys(store) == ["a"]


def test_a_second_row_of_the_same_key_is_a_conflict_that_names_the_column_only(store: Store) -> None:
    with store.writing() as session:
        session.add(setting("canary-key"))
    with pytest.raises(StoreConflict) as caught, store.writing() as session:
        session.add(setting("canary-key"))
    assert "own_setting.key" in str(caught.value)
    assert "canary" not in f"{caught.value!r}{caught.value.__context__ and caught.value.__suppress_context__}"


def test_foreign_keys_are_on(tmp_path: Path, store: Store) -> None:
    again = Store(f"sqlite:///{tmp_path / 'node.db'}")  # the migration's own connection switches them by hand
    with pytest.raises(StoreConflict), again.writing() as session:
        session.add(OwnEntry(org=1, root=bytes(32), place=0, entry_hash=bytes(32), record=b""))
    again.close()


def test_a_checked_column_refuses_what_the_model_let_pass(store: Store) -> None:
    with pytest.raises(StoreConflict), store.writing() as session:
        session.add(
            OwnDraft(
                id="1",
                action=1,
                office=1,
                case_id=bytes(32),
                clear={},
                body=b"",
                state="odd",
                made_at=NOW,
                changed_at=NOW,
            )
        )
    with pytest.raises(StoreConflict), store.writing() as session:
        session.add(ProjectionCursor(id=2, number=1, hash=bytes(32), final_number=0, taken=0))


def test_a_short_hash_is_refused(store: Store) -> None:
    with pytest.raises(StatementError) as caught, store.writing() as session:
        session.add(ProjectionBlock(number=1, hash=b"canary", parent=bytes(32), timestamp=1))
    assert "canary" not in str(caught.value)  # hide_parameters


def test_times_come_back_aware_and_in_utc(store: Store) -> None:
    beijing = NOW.astimezone(timezone(timedelta(hours=8)))
    with store.writing() as session:
        session.add(OwnSetting(key="t", value=1, changed_at=beijing))
    with store.reading() as session:
        found = session.get_one(OwnSetting, "t").changed_at
    assert found == NOW
    assert found.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError), store.writing() as session:
        session.add(OwnSetting(key="t", value=1, changed_at=datetime(2026, 5, 4)))  # noqa: DTZ001


def test_the_file_is_for_its_owner_alone(tmp_path: Path, store: Store) -> None:
    with store.writing() as session:
        session.add(setting("a"))
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_the_journal_is_wal_and_can_be_folded_back(tmp_path: Path, store: Store) -> None:
    with store.writing() as session:
        session.add(setting("a"))
    assert (tmp_path / "node.db-wal").stat().st_size > 0
    store.checkpoint()
    assert (tmp_path / "node.db-wal").stat().st_size == 0


@pytest.mark.parametrize("url", ["sqlite://", "mysql://h/d", "nonsense"])
def test_a_url_that_cannot_be_used_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(StoreUrlWrong) as caught:
        Store(url)
    assert url not in str(caught.value)


def test_a_damaged_file_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "bad.db"
    path.write_bytes(b"this is no database" * 100)
    bad = Store(f"sqlite:///{path}")
    with pytest.raises(StoreBroken), bad.reading() as session:
        session.exec(select(OwnSetting)).all()
    bad.close()
