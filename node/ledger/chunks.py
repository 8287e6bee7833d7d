# SPDX-License-Identifier: Apache-2.0
"""The next chunk of a submission of ours: as many entries as a transaction takes, with the proof of their range."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import Session, col, select

from node.crypto.merkle import Tree
from node.crypto.records import CLEAR_SIZE
from node.domain.entries import Chunk
from node.ledger.packing import Packing
from node.store.own_work import OwnEntry, OwnSubmission

_TREES = 4  # a tree of 10,000 entries takes about 2 MB


class Chunks:
    """Cuts submissions; keeps the trees of the last few, since every chunk needs one."""

    def __init__(self, packing: Packing) -> None:
        self._packing = packing
        self._trees: dict[tuple[int, bytes], Tree] = {}

    def next(self, session: Session, row: OwnSubmission, place: int) -> Chunk:
        """The chunk that begins at ``place``, which must be within the submission."""
        entry, length = OwnEntry, func.length(OwnEntry.record)
        rest = (entry.org == row.org, entry.root == row.root, col(entry.place) >= place)
        most = self._packing.max_bytes // CLEAR_SIZE
        sizes = session.exec(select(length).where(*rest).order_by(col(entry.place)).limit(most)).all()
        number = self._packing.number(row.action, (size - CLEAR_SIZE for size in sizes))
        records = session.exec(select(entry.record).where(*rest).order_by(col(entry.place)).limit(number)).all()
        return Chunk(
            place=place,
            number=number,
            maker=row.maker_signature,
            checker=row.checker_signature,
            proof=self._tree(session, row).range_proof(place, number),
            wraps=b"" if place else row.wraps_blob,
            entries=b"".join(records),
        )

    def _tree(self, session: Session, row: OwnSubmission) -> Tree:
        key = (row.org, row.root)
        if key not in self._trees:
            of_it = (OwnEntry.org == row.org, OwnEntry.root == row.root)
            hashes = session.exec(select(OwnEntry.entry_hash).where(*of_it).order_by(col(OwnEntry.place))).all()
            while len(self._trees) >= _TREES:
                self._trees.pop(next(iter(self._trees)))
            self._trees[key] = Tree(hashes)
        return self._trees[key]
