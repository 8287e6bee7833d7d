# SPDX-License-Identifier: Apache-2.0
"""Whose signature a key gives, and the file by which a second machine can see what is signed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from node.crypto import submission_file as files
from node.crypto.typed_reading import SignableSubmission
from node.crypto.wraps import MAX_RECIPIENTS
from node.domain.entries import Action, Permission, SignRole, Submission
from node.ledger import compose
from node.ledger.compose import NothingToSubmit
from node.services.context import Context
from node.services.drafting import open_drafts
from node.services.submitting import load, submit, submit_alone, unusable
from node.store.own_work import OwnDraft


def sign_drafts(
    ctx: Context, session: Session, action: Action, key: str, draft_ids: Sequence[str] | None = None
) -> list[Submission]:
    """Put open drafts of one action under the signature of ``key``: a maker's, or a service officer's, which stands
    for both and queues the submission. One submission for every 64 organisations written to, in the order of their ids.
    Raises KeyNotOurs, and as ``submit`` and ``submit_alone``."""
    parts = _parts(ctx, session, open_drafts(session, action, draft_ids))
    _, permissions = ctx.members(session).officer(ctx.officers.get(key, "0x" + "0" * 40), ctx.block_time())
    if permissions & Permission.SERVICE:
        service = ctx.signer(session, key, Permission.SERVICE)
        return [submit_alone(ctx, session, action, service, part) for part in parts]
    maker = ctx.signer(session, key, Permission.MAKER)
    return [submit(ctx, session, action, maker, part) for part in parts]


def submission_file(
    ctx: Context, session: Session, root: bytes, role: SignRole = SignRole.CHECKER
) -> files.SubmissionFile:
    """What a signature of ``role`` covers, entry by entry, without personal data. Raises SubmissionUnknown."""
    row = load(ctx, session, root)
    composed = compose.load(session, row.org, root)
    return files.build(SignableSubmission(ctx.contracts.ledger_domain, composed.submission, role), composed.entries)


def _parts(ctx: Context, session: Session, drafts: Sequence[OwnDraft]) -> list[list[str]]:
    """The drafts' ids, in as many parts as there are submissions. Raises NothingToSubmit."""
    if not drafts:
        raise NothingToSubmit
    members = ctx.members(session)
    written_to = {draft.recipient for draft in drafts}
    # what cannot be sealed to its recipient comes back, or is sealed to ourselves: it goes along with the first part
    counted = sorted(written_to - unusable(members, written_to).keys() - {ctx.own(members).id})
    part_of = {org: place // MAX_RECIPIENTS for place, org in enumerate(counted)}
    parts: list[list[str]] = [[] for _ in range(max(part_of.values(), default=0) + 1)]
    for draft in drafts:
        parts[part_of.get(draft.recipient, 0)].append(draft.id)
    return parts
