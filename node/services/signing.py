# SPDX-License-Identifier: Apache-2.0
"""Whose signature a key gives, and the file by which a second machine can see what is signed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from node.crypto import submission_file as files
from node.crypto.typed_reading import SignableSubmission
from node.domain.entries import Action, Permission, SignRole, Submission
from node.ledger import compose
from node.services.context import Context
from node.services.submitting import load, submit, submit_alone


def sign_drafts(
    ctx: Context, session: Session, action: Action, key: str, draft_ids: Sequence[str] | None = None
) -> Submission:
    """Put open drafts of one action under the signature of ``key``: a maker's, or a service officer's, which stands
    for both and queues the submission. Raises KeyNotOurs, and as ``submit`` and ``submit_alone``."""
    _, permissions = ctx.members(session).officer(ctx.officers.get(key, "0x" + "0" * 40), ctx.block_time())
    if permissions & Permission.SERVICE:
        return submit_alone(ctx, session, action, ctx.signer(session, key, Permission.SERVICE), draft_ids)
    return submit(ctx, session, action, ctx.signer(session, key, Permission.MAKER), draft_ids)


def submission_file(
    ctx: Context, session: Session, root: bytes, role: SignRole = SignRole.CHECKER
) -> files.SubmissionFile:
    """What a signature of ``role`` covers, entry by entry, without personal data. Raises SubmissionUnknown."""
    row = load(ctx, session, root)
    composed = compose.load(session, row.org, root)
    return files.build(SignableSubmission(ctx.contracts.ledger_domain, composed.submission, role), composed.entries)
