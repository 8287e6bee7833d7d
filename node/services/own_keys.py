# SPDX-License-Identifier: Apache-2.0
"""Encryption keys: the end of old ones (PROTOCOL section 4), and those that another house handed over (2.7)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session, select

from node.crypto.keyring import Halves, public_of
from node.crypto.wraps import WrapsMalformed, parse_wraps
from node.domain.entries import Phase
from node.domain.errors import Refused
from node.services.cases import ours
from node.services.context import Context
from node.services.drafting import short
from node.store.projection import ProjectionCase, ProjectionEntry, ProjectionWrap


class KeyCurrent(Refused):
    """What others write to us is still sealed to that version. Values: ``version``."""

    code = "key_current"


class KeyInUse(Refused):
    """Open cases have entries that only that version opens. Values: ``version``, ``count``, ``case`` (one of them)."""

    code = "key_in_use"


class NotSuccessor(Refused):
    """Governors have not named us to speak for that organisation. Values: ``org``."""

    code = "not_successor"


class HandedOverOthers(Refused):
    """The keys in the file are not those of that organisation. Values: ``org``, ``version``."""

    code = "handed_over_others"


def take_over(ctx: Context, session: Session, org: int, keys: Mapping[int, Halves]) -> list[int]:
    """Keep the encryption keys of ``org``, for which we speak now, so that its open cases read; gives their versions.

    Those that lie here already are left as they are. Raises UnknownOrg, NotSuccessor, HandedOverOthers, KeyAway.
    """
    before = ctx.members(session).org(org)
    if before.successor != ctx.org(session).id:
        raise NotSuccessor(org=org)
    registered = keys.get(before.key_version)
    if registered is None or public_of(registered) != before.public_key:
        raise HandedOverOthers(org=org, version=before.key_version)
    ring = ctx.keyring.of(org)
    for version in sorted(keys.keys() - set(ring.versions())):
        ring.keep_encryption_key(version, keys[version])
    return sorted(keys)


def destroy(ctx: Context, session: Session, version: int) -> None:
    """Remove the private half of an old encryption key for good; when it is due (retention) is for people to judge.

    What the database holds in the clear and what backups hold is not touched. Raises KeyFileMissing, KeyCurrent,
    KeyInUse.
    """
    ctx.keyring.public_key(version)
    if version == ctx.org(session).key_version:
        raise KeyCurrent(version=version)
    cases = _open_under(ctx, session, version)
    if cases:
        raise KeyInUse(version=version, count=len(cases), case=short(cases[0]))
    ctx.keyring.destroy_encryption_key(version)


def _open_under(ctx: Context, session: Session, version: int) -> list[bytes]:
    """Ids of our open cases with an entry whose submission's key is wrapped to us under that version."""
    mine = ctx.org(session).id
    live = [case for case in ours(ctx, session) if case.phase not in (Phase.DECLINED, Phase.CLOSED)]
    said = {case.case_id: _submissions(session, case) for case in live}
    under = {at for at in set[tuple[int, bytes]]().union(*said.values()) if _version(session, mine, at) == version}
    return [case_id for case_id, submissions in said.items() if submissions & under]


def _submissions(session: Session, case: ProjectionCase) -> set[tuple[int, bytes]]:
    of_case = (ProjectionEntry.office == case.office, ProjectionEntry.case_id == case.case_id)
    return set(session.exec(select(ProjectionEntry.org, ProjectionEntry.root).where(*of_case)))


def _version(session: Session, reader: int, at: tuple[int, bytes]) -> int | None:
    """The version of ``reader``'s key that a submission was sealed to, None where nothing in it opens for us."""
    try:
        wraps = parse_wraps(session.get_one(ProjectionWrap, at).blob, at[0])
    except WrapsMalformed:
        return None
    return next((wrap.version for wrap in wraps if wrap.org == reader), None)
