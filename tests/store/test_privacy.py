# SPDX-License-Identifier: Apache-2.0
"""What the columns of personal data promise: nothing of a made-up person can be read in any file of the database."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import StatementError
from sqlmodel import select

from node.crypto.fields import FieldCipher
from node.crypto.node_key import NodeKey
from node.store.database import Store, StoreConflict
from node.store.own_records import OwnEvidence, OwnImport, OwnInquiry
from node.store.own_work import OwnDraft

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
NAME, IDENTITY, ACCOUNT = "金丝雀测试", "369999198402281771", "6212345678901234567"
CANARIES = [NAME.encode(), NAME.encode("utf-16-le"), NAME.encode("gb18030"), IDENTITY.encode(), ACCOUNT.encode()]


class Fixed:
    """Randomness of a test."""

    def token(self, size: int) -> bytes:
        return bytes(range(size))


@pytest.fixture
def cipher() -> FieldCipher:
    return FieldCipher(NodeKey({1: b"\x07" * 32}), Fixed())


def inquiry(cipher: FieldCipher, number: int = 1, content: bytes = b"row") -> OwnInquiry:
    return OwnInquiry(
        id=f"i{number}",
        import_id="m",
        row=number + 1,
        mark=cipher.index("own_inquiry.mark", f"{IDENTITY}/{ACCOUNT}".encode()),
        content=cipher.index("own_inquiry.content", content),
        mark_person=cipher.index("own_inquiry.mark_person", IDENTITY.encode()),
        mark_account=cipher.index("own_inquiry.mark_account", ACCOUNT.encode()),
        recipient=4,
        category="PEN-02",
        insurance="EMPLOYEE",
        region="360100",
        amount_fen=1,
        sealed=cipher.seal("own_inquiry.sealed", f"{NAME}{IDENTITY}{ACCOUNT}".encode()),
        office=3,
        made_at=NOW,
    )


def imported(cipher: FieldCipher) -> OwnImport:
    name = cipher.seal("own_import.sealed_name", NAME.encode())
    return OwnImport(id="m", digest=bytes(32), sealed_name=name, rows=1, accepted=1, skipped=0, made_at=NOW)


def fill(store: Store, cipher: FieldCipher) -> None:
    draft = cipher.seal("own_draft.body", NAME.encode() * 20)
    with store.writing() as session:
        session.add(imported(cipher))
        session.flush()
        session.add(inquiry(cipher))
        session.add(
            OwnDraft(id="d", action=1, office=3, case_id=bytes(32), clear={}, body=draft, made_at=NOW, changed_at=NOW)
        )
        meta = cipher.seal("own_evidence.sealed_meta", f"{NAME}.pdf".encode())
        session.add(OwnEvidence(digest=bytes(32), path="00/00", size=1, sealed_meta=meta, added_at=NOW))


def readable(folder: Path) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path.name for path in files if any(canary in path.read_bytes() for canary in CANARIES)]


def test_no_file_of_the_database_holds_a_canary(tmp_path: Path, store: Store, cipher: FieldCipher) -> None:
    fill(store, cipher)
    assert readable(tmp_path) == []  # with the write-ahead log
    store.checkpoint()
    with store.writing() as session:
        session.delete(session.get_one(OwnInquiry, "i1"))
    assert readable(tmp_path) == []


def test_the_canaries_would_be_found(tmp_path: Path, store: Store, cipher: FieldCipher) -> None:
    fill(store, cipher)
    with store.writing() as session:
        row = session.get_one(OwnInquiry, "i1")
        row.region = IDENTITY[:6]
        row.sealed = NAME.encode()
        session.add(row)
    assert readable(tmp_path) != []


def test_a_duplicate_is_found_by_its_mark_alone(store: Store, cipher: FieldCipher) -> None:
    fill(store, cipher)
    with store.reading() as session:
        marks = cipher.indexes("own_inquiry.mark", f"{IDENTITY}/{ACCOUNT}".encode())
        found = session.exec(select(OwnInquiry).where(OwnInquiry.mark.in_(marks))).one()  # type: ignore[attr-defined]
        assert cipher.open("own_inquiry.sealed", found.sealed).decode().startswith(NAME)
    with pytest.raises(StoreConflict) as caught, store.writing() as session:
        session.add(inquiry(cipher, 2, b"other"))
    assert caught.value.values == {"constraint": "own_inquiry.mark"}


def test_no_error_of_the_database_quotes_a_value(store: Store, cipher: FieldCipher) -> None:
    row = inquiry(cipher)
    row.sealed = NAME  # type: ignore[assignment]
    fill(store, cipher)
    row.id = "i2"
    with pytest.raises(StatementError) as caught, store.writing() as session:
        session.add(row)
    assert NAME not in f"{caught.value}{caught.value.orig!r}"
