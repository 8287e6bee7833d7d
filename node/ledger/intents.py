# SPDX-License-Identifier: Apache-2.0
"""Into the outbox: an intent is written in the transaction of the change that made it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from node.domain.entries import Action
from node.domain.errors import Conflict, Refused
from node.ledger.compose import SubmissionUnknown
from node.store.own_work import ActState, Lane, OwnAct, OwnOutbox, OwnSubmission, SubmissionState

STOPS = (Action.CANCEL, Action.REVOKE, Action.DISPUTE)
ENDS = (Action.CLOSE, Action.RESOLVE, Action.REVERSE)  # in a handful a stop as well; by the thousand a day's work
_HANDFUL = 50


class NotSigned(Refused):
    """A submission leaves with two signatures, or with that of a service officer. Values: ``root``."""

    code = "not_signed"


class AlreadyQueued(Conflict):
    """It is in the outbox already. Values: ``what``."""

    code = "already_queued"


class ActUnknown(Refused):
    """There is no such act here. Values: ``act``."""

    code = "act_unknown"


def lane_of(action: int, count: int) -> Lane:
    """Stops go by a sender of their own, neither behind an import nor behind a thousand cases that are closed."""
    return Lane.STOP if action in STOPS or (action in ENDS and count <= _HANDFUL) else Lane.NORMAL


def queue_submission(session: Session, org: int, root: bytes, now: datetime) -> OwnOutbox:
    """Hand an approved submission to the outbox. Raises SubmissionUnknown, NotSigned, AlreadyQueued."""
    row = session.get(OwnSubmission, (org, root))
    if row is None:
        raise SubmissionUnknown(org=org, root=root.hex())
    if row.state not in (SubmissionState.DRAFTED, SubmissionState.SIGNED):
        raise AlreadyQueued(what=root.hex())
    if not row.maker_signature:  # the ledger says who may sign alone
        raise NotSigned(root=root.hex())
    row.state, row.changed_at = SubmissionState.QUEUED, now
    session.add(row)
    return _queued(session, OwnOutbox(lane=lane_of(row.action, row.count), org=org, root=root, queued_at=now))


def queue_act(session: Session, act_id: str, now: datetime) -> OwnOutbox:
    """Hand an act, with the signatures that it has, to the outbox. Raises ActUnknown, AlreadyQueued."""
    row = session.get(OwnAct, act_id)
    if row is None:
        raise ActUnknown(act=act_id)
    if session.exec(select(OwnOutbox).where(OwnOutbox.act_id == act_id)).first() is not None:
        raise AlreadyQueued(what=act_id)
    row.state, row.changed_at = ActState.QUEUED, now
    session.add(row)
    return _queued(session, OwnOutbox(lane=Lane.NORMAL, act_id=act_id, queued_at=now))


def _queued(session: Session, intent: OwnOutbox) -> OwnOutbox:
    session.add(intent)
    session.flush()
    return intent
