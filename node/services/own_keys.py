# SPDX-License-Identifier: Apache-2.0
"""What becomes of this node's old encryption keys (PROTOCOL section 4)."""

from __future__ import annotations

from sqlmodel import Session, select

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
