# SPDX-License-Identifier: Apache-2.0
"""Opening what was sealed to us, or by us: payloads come from the chain's ciphertext each time, never from a copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session, col, select

from node.crypto.sealing import UNREADABLE, ClearFieldsDiffer, Opened, SchemaUnknown, Unlocked, open_entry, unlock
from node.crypto.wraps import Damaged, EncryptionKeys, KeyAway, NotAddressed
from node.domain.entries import Action, CaseKey, Entry
from node.domain.errors import AllianceError, Refused
from node.domain.payloads import Payload, PayloadWrong, differing, read, schema_known, schema_said
from node.ledger.rows import entry_of
from node.services.context import Context
from node.store.projection import ProjectionEntry, ProjectionSealed, ProjectionWrap


class EntryUnknown(Refused):
    """No such entry on the ledger as this node has followed it. Values: ``entry``."""

    code = "entry_unknown"


class NothingSaid(Refused):
    """The case has no entry of that action yet. Values: ``action``."""

    code = "nothing_said"


# what another member can bring about by what it writes, and what our own keys can: never a reason to stop
DOES_NOT_OPEN = (*UNREADABLE, PayloadWrong, KeyAway)


class Reader:
    """Opens entries for one organisation within one session; a submission's key is unwrapped once."""

    def __init__(self, ctx: Context, session: Session) -> None:
        self._ctx = ctx
        self._session = session
        self._org = ctx.org(session).id
        self._unlocked: dict[tuple[int, bytes, int], Unlocked] = {}

    def payload(self, entry_hash: bytes) -> Payload:
        """What an entry says. Raises EntryUnknown and the typed errors of ``node.crypto.sealing``."""
        row = self._session.get(ProjectionEntry, entry_hash)
        if row is None:
            raise EntryUnknown(entry=bytes.hex(entry_hash))
        return self.payload_of(row)

    def payload_of(self, row: ProjectionEntry) -> Payload:
        """The same for a row at hand."""
        sealed = self._session.get(ProjectionSealed, row.entry_hash)
        if sealed is None:
            raise EntryUnknown(entry=bytes.hex(row.entry_hash))
        entry = replace(entry_of(row), sealed=sealed.sealed)
        return read(Action(row.action), self._open(row, entry).payload)

    def attempt(self, row: ProjectionEntry) -> Payload | AllianceError:
        """The same, or the typed reason why it does not open: one entry must not keep a list from the others."""
        try:
            return self.payload_of(row)
        except DOES_NOT_OPEN as error:
            return error

    def latest(self, key: CaseKey, action: Action) -> Payload:
        """The newest payload of one action in a case. Raises NothingSaid."""
        return self.payload_of(latest_entry(self._session, key, action))

    def attempt_latest(self, key: CaseKey, action: Action) -> Payload | AllianceError:
        """The newest payload of one action in a case, or why it does not open. Raises NothingSaid."""
        return self.attempt(latest_entry(self._session, key, action))

    def _open(self, row: ProjectionEntry, entry: Entry) -> Opened:
        """As ourselves, else as an organisation that handed us its keys; else the most telling reason why not."""
        why: AllianceError = NotAddressed(org=self._org)
        for reader, keys in self._readers():
            try:
                return open_entry(self._key(row, reader, keys), entry, check)
            except DOES_NOT_OPEN as error:
                if isinstance(why, (NotAddressed, Damaged)) and not isinstance(error, NotAddressed):
                    why = error
        raise why

    def _readers(self) -> Iterator[tuple[int, EncryptionKeys]]:
        yield self._org, self._ctx.keyring
        yield from self._ctx.keyring.handed_over().items()

    def _key(self, row: ProjectionEntry, reader: int, keys: EncryptionKeys) -> Unlocked:
        at = (row.org, row.root, reader)
        if at not in self._unlocked:
            wraps = self._session.get(ProjectionWrap, (row.org, row.root))
            if wraps is None:
                raise EntryUnknown(entry=bytes.hex(row.entry_hash))
            ledger = self._ctx.contracts.ledger_id
            self._unlocked[at] = unlock(ledger, row.org, wraps.blob, reader, keys)
        return self._unlocked[at]


def check(entry: Entry, payload: Mapping[str, Any]) -> None:
    """What sealing asks of a payload: a schema that we know, and the entry's clear fields again."""
    if not schema_known(Action(entry.action), payload.get("schema")):
        raise SchemaUnknown(schema=schema_said(payload))
    field = differing(entry, payload)
    if field is not None:
        raise ClearFieldsDiffer(field=field)


def latest_entry(session: Session, key: CaseKey, action: Action) -> ProjectionEntry:
    """The newest entry of one action in a case. Raises NothingSaid."""
    wanted = (
        select(ProjectionEntry)
        .where(
            ProjectionEntry.office == key.office,
            ProjectionEntry.case_id == key.case_id,
            ProjectionEntry.action == action,
        )
        .order_by(col(ProjectionEntry.seq).desc())
    )
    row = session.exec(wanted).first()
    if row is None:
        raise NothingSaid(action=action.name)
    return row
