# SPDX-License-Identifier: Apache-2.0
"""A hash is found by the digits that people quote, by range in the database, and by nothing that is no hex."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from node.store.columns import begins_with
from node.store.database import Store
from node.store.migrate import migrate
from node.store.projection import ProjectionBlock

ONE, TWO = bytes.fromhex("ab" * 32), bytes.fromhex("ab" * 31 + "ac")


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("a", {ONE, TWO}),
        ("0xABA", {ONE, TWO}),
        ("ab" * 32, {ONE}),
        ("ab" * 31 + "ac", {TWO}),
        ("ac", set()),
        ("b", set()),
        ("", set()),
        ("0x", set()),
        ("xyz", set()),
        ("ab" * 32 + "a", set()),
        ("a%", set()),
    ],
)
def test_a_hash_is_found_by_its_first_digits(tmp_path: Path, prefix: str, found: set[bytes]) -> None:
    store = Store(f"sqlite:///{tmp_path / 'node.db'}")
    migrate(store.engine)
    with store.writing() as session:
        for number, digest in enumerate((ONE, TWO)):
            session.add(ProjectionBlock(number=number, hash=digest, parent=bytes(32), timestamp=0))
    with store.reading() as session:
        wanted = select(ProjectionBlock.hash).where(begins_with(ProjectionBlock.hash, prefix))
        assert set(session.exec(wanted)) == found
    store.close()
