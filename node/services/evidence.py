# SPDX-License-Identifier: Apache-2.0
"""Scans of consents and decisions: kept encrypted in the house, known by digest, handed over as sealed files.

The digest (SHA-256 of the plain bytes) stands in sealed payloads. The bank's node accepts an order only with its own
copy of the consent's evidence (PROTOCOL section 5).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from node.crypto.envelope import open_file, seal_file
from node.crypto.wraps import RecipientKey
from node.domain.entries import CaseKey
from node.domain.errors import Broken, Refused
from node.services.context import Context
from node.store.columns import begins_with
from node.store.own_records import OwnEvidence

MAX_BYTES = 20 * 1024 * 1024
_FILE = "evidence.file"
_META = "own_evidence.sealed_meta"


class EvidenceUnknown(Refused):
    """This node has no file of that digest. Values: ``digest``."""

    code = "evidence_unknown"


class EvidenceTooLarge(Refused):
    """Empty, or more than a scan may have. Values: ``size_bytes``, ``limit_bytes``."""

    code = "evidence_too_large"


class EvidenceLost(Broken):
    """The encrypted file is gone or was altered. Values: ``digest``."""

    code = "evidence_lost"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A scan in this house. ``claimed_from``: whom the file that brought it named as its sender; 0: our own."""

    digest: bytes
    name: str
    size: int
    claimed_from: int


def add(
    ctx: Context,
    session: Session,
    data: bytes,
    name: str,
    case: CaseKey | None = None,
    claimed_from: int = 0,
    added_by: str = "",
) -> bytes:
    """Keep a scan; gives its digest. The same bytes again are no error. Raises EvidenceTooLarge."""
    if not 0 < len(data) <= MAX_BYTES:
        raise EvidenceTooLarge(size_bytes=len(data), limit_bytes=MAX_BYTES)
    digest = hashlib.sha256(data).digest()
    if session.get(OwnEvidence, digest) is not None:
        return digest
    ctx.evidence.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = f"{bytes.hex(digest)}.sealed"
    _write(ctx, path, ctx.cipher.seal(_FILE, data))
    session.add(
        OwnEvidence(
            digest=digest,
            path=path,
            size=len(data),
            sealed_meta=ctx.cipher.seal(_META, json.dumps({"name": name}, ensure_ascii=False).encode()),
            office=case.office if case else None,
            case_id=case.case_id if case else None,
            received_from=claimed_from,
            added_by=added_by,
            added_at=ctx.clock.now(),
        )
    )
    session.flush()
    return digest


def by_prefix(session: Session, prefix: str) -> bytes:
    """The digest that begins with these hex digits, among this node's files. Raises EvidenceUnknown."""
    found = session.exec(select(OwnEvidence.digest).where(begins_with(OwnEvidence.digest, prefix))).all()
    if len(found) != 1:
        raise EvidenceUnknown(digest=prefix[:16])
    return found[0]


def look_up(ctx: Context, session: Session, digest: bytes) -> Evidence:
    """What this node knows of a scan. Raises EvidenceUnknown."""
    row = session.get(OwnEvidence, digest)
    if row is None:
        raise EvidenceUnknown(digest=bytes.hex(digest)[:16])
    return Evidence(digest, json.loads(ctx.cipher.open(_META, row.sealed_meta))["name"], row.size, row.received_from)


def read(ctx: Context, session: Session, digest: bytes) -> bytes:
    """The plain bytes, digest checked. Raises EvidenceUnknown, EvidenceLost."""
    row = session.get(OwnEvidence, digest)
    if row is None:
        raise EvidenceUnknown(digest=bytes.hex(digest)[:16])
    try:
        data = ctx.cipher.open(_FILE, (ctx.evidence / row.path).read_bytes())
    except (OSError, Broken):
        raise EvidenceLost(digest=bytes.hex(digest)[:16]) from None
    if hashlib.sha256(data).digest() != digest:
        raise EvidenceLost(digest=bytes.hex(digest)[:16])
    return data


def export(ctx: Context, session: Session, digest: bytes, recipient: int) -> bytes:
    """The scan as a sealed file for another organisation. Raises as ``read``, and UnknownOrg."""
    members = ctx.members(session)
    org = members.org(recipient)
    key = RecipientKey(org.id, org.key_version, org.public_key)
    name = look_up(ctx, session, digest).name
    data = read(ctx, session, digest)
    return seal_file(ctx.contracts.ledger_id, ctx.own(members).id, key, name, data, ctx.random)


def import_file(ctx: Context, session: Session, sealed: bytes, added_by: str = "") -> Evidence:
    """Take in a file that was sealed for us; its digest, where a signed payload names it, is what proves it."""
    opened = open_file(ctx.contracts.ledger_id, ctx.org(session).id, sealed, ctx.keyring)
    digest = add(ctx, session, opened.data, opened.name, claimed_from=opened.claimed_from, added_by=added_by)
    return look_up(ctx, session, digest)


def names_of(ctx: Context, session: Session, digests: Sequence[bytes]) -> list[dict[str, str]]:
    """Digest and name of each, as a payload lists them. Raises EvidenceUnknown."""
    return [{"digest": bytes.hex(d), "name": look_up(ctx, session, d).name} for d in digests]


def _write(ctx: Context, path: str, data: bytes) -> None:
    # written whole beside and renamed: a digest never names half a file
    target = ctx.evidence / path
    partial = target.with_suffix(".partial")
    with os.fdopen(os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(target)
