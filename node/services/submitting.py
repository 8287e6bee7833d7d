# SPDX-License-Identifier: Apache-2.0
"""From drafts to the outbox: seal, the maker's signature, a second look at what would happen, the checker's signature.

One signature of each covers the whole submission. Where a service officer stands, its one signature covers ACKNOWLEDGE,
REPLY or DEBIT. An approved submission is an intent in the outbox, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from node.crypto.sealing import Letter, seal
from node.crypto.typed import check_code, recover, submission_digest
from node.crypto.wraps import PublicKeyMalformed, RecipientKey, check_public_key
from node.domain.bodies import make_body
from node.domain.entries import Action, Permission, SignRole, Submission
from node.domain.errors import Broken, Conflict, Refused
from node.domain.log import CHARGED
from node.domain.members import Members
from node.domain.organisations import Organisation
from node.domain.payloads import build
from node.domain.ports import Signer
from node.domain.transitions import Rule, table
from node.domain.workdays import beijing_day
from node.ledger import compose
from node.ledger.compose import Composed, NothingToSubmit, SubmissionUnknown, submission_of
from node.ledger.intents import queue_submission
from node.ledger.packing import Packing
from node.ledger.projection import charged_fen
from node.services.context import Context
from node.services.drafting import content_of, entry_of_draft, open_drafts
from node.store.columns import begins_with
from node.store.own_work import DraftState, OwnDraft, OwnEntry, OwnSubmission, SubmissionState

MAX_ENTRIES = 10_000


class TooManyEntries(Refused):
    """More entries than one submission may have here. Values: ``count``, ``limit``."""

    code = "too_many_entries"


class SubmissionMoved(Conflict):
    """The submission is not waiting for a checker any more. Values: ``root``, ``state``."""

    code = "submission_moved"


class SamePerson(Refused):
    """The checker is the maker. Values: ``key``."""

    code = "same_person"


class ServiceMayNot(Refused):
    """A service officer signs ACKNOWLEDGE, REPLY and DEBIT only. Values: ``action``."""

    code = "service_may_not"


class SubmissionAltered(Broken):
    """The stored records do not give the root that the maker signed. Values: ``root``."""

    code = "submission_altered"


class WouldBeRefused(Refused):
    """The ledger would refuse some entries as things stand. Values: ``refused``, ``count``, ``rule``."""

    code = "would_be_refused"


@dataclass(frozen=True, slots=True)
class Review:
    """What a checker looks at before signing. ``outcomes``: what the ledger would do now, a byte an entry."""

    composed: Composed
    check_code: str
    outcomes: bytes

    @property
    def submission(self) -> Submission:
        return self.composed.submission

    @property
    def refused(self) -> int:
        return sum(outcome > 0 for outcome in self.outcomes)


def submit(
    ctx: Context, session: Session, action: Action, maker: Signer, draft_ids: Sequence[str] | None = None
) -> Submission:
    """Seal open drafts of one action into a submission and put the maker's signature under it.

    ``draft_ids``: all open drafts of the action where None. Letters to a member whose key is unusable come
    back instead. The maker's right to sign is the caller's to ask
    (``Context.signer``). Raises NothingToSubmit, TooManyEntries, and what sealing raises.
    """
    row = _seal(ctx, session, action, draft_ids)
    submission = submission_of(row)
    row.maker = maker.address
    row.maker_signature = maker.sign_digest(_digest(ctx, submission, SignRole.MAKER))
    row.state = SubmissionState.SIGNED
    session.flush()
    return submission


def submit_alone(
    ctx: Context, session: Session, action: Action, service: Signer, draft_ids: Sequence[str] | None = None
) -> Submission:
    """The same under a service officer's single signature, queued at once. Raises ServiceMayNot as well."""
    if not table().actions[action].service:
        raise ServiceMayNot(action=action.name)
    row = _seal(ctx, session, action, draft_ids)
    submission = submission_of(row)
    row.maker = service.address
    row.maker_signature = service.sign_digest(_digest(ctx, submission, SignRole.SERVICE))
    session.flush()
    queue_submission(session, row.org, row.root, ctx.clock.now())
    return submission


def review(ctx: Context, root: bytes) -> Review:
    """Recompute a submission from its stored records and ask the ledger what it would do with each entry now.

    Opens its own reading session, then calls the chain with none open. Raises SubmissionAltered.
    """
    with ctx.store.reading() as session:
        row = load(ctx, session, root)
        composed = compose.load(session, row.org, root)
        left_fen = _left_today_fen(ctx, session, row.org)
    fresh = compose.compose(composed.submission.ledger, composed.entries, composed.wraps, row.valid_until)
    if fresh.submission != composed.submission:
        raise SubmissionAltered(root=bytes.hex(root))
    outcomes = compose.simulate(ctx.chain, composed, Packing())
    return Review(composed, check_code(composed.submission), _with_day_limit(composed, outcomes, left_fen))


def approve(ctx: Context, session: Session, seen: Review, checker: Signer, *, even_if_refused: bool = False) -> None:
    """Put the checker's signature under what was reviewed and hand it to the outbox.

    Raises SamePerson, SubmissionMoved, SubmissionAltered; WouldBeRefused where the review saw refusals, unless
    ``even_if_refused``: then those entries are used up and come back as drafts.
    """
    row = load(ctx, session, seen.submission.root)
    if row.state != SubmissionState.SIGNED:
        raise SubmissionMoved(root=bytes.hex(row.root), state=row.state)
    if checker.address == row.maker:
        raise SamePerson(key=checker.address)
    if submission_of(row) != seen.submission:
        raise SubmissionAltered(root=bytes.hex(row.root))
    if recover(_digest(ctx, seen.submission, SignRole.MAKER), row.maker_signature) != row.maker:
        raise SubmissionAltered(root=bytes.hex(row.root))
    if seen.refused and not even_if_refused:
        rule = next(outcome for outcome in seen.outcomes if outcome)
        raise WouldBeRefused(refused=seen.refused, count=len(seen.outcomes), rule=rule)
    row.checker = checker.address
    row.checker_signature = checker.sign_digest(_digest(ctx, seen.submission, SignRole.CHECKER))
    row.simulated = seen.outcomes
    session.flush()
    queue_submission(session, row.org, row.root, ctx.clock.now())


def withdraw(ctx: Context, session: Session, root: bytes) -> None:
    """Take a submission back before a checker has signed it; its drafts are open again. Raises SubmissionMoved."""
    row = load(ctx, session, root)
    if row.state not in (SubmissionState.DRAFTED, SubmissionState.SIGNED):
        raise SubmissionMoved(root=bytes.hex(root), state=row.state)
    row.state, row.changed_at = SubmissionState.WITHDRAWN, ctx.clock.now()
    for draft in _drafts(session, row):
        draft.state, draft.changed_at = DraftState.DRAFT, ctx.clock.now()
    session.flush()


def waiting(session: Session) -> list[OwnSubmission]:
    """Submissions that wait for a checker, oldest first."""
    wanted = select(OwnSubmission).where(OwnSubmission.state == SubmissionState.SIGNED)
    return list(session.exec(wanted.order_by(col(OwnSubmission.made_at))))


def only_waiting(session: Session) -> bytes:
    """The root of the one submission that waits for a checker. Raises SubmissionUnknown: none, or which of several."""
    rows = waiting(session)
    if len(rows) != 1:
        raise SubmissionUnknown(org=None, root=f"({len(rows)})")
    return rows[0].root


def load(ctx: Context, session: Session, root: bytes) -> OwnSubmission:
    """One of our submissions by its root. Raises SubmissionUnknown."""
    org = ctx.org(session).id
    row = session.get(OwnSubmission, (org, root))
    if row is None:
        raise SubmissionUnknown(org=org, root=bytes.hex(root))
    return row


def by_prefix(session: Session, prefix: str) -> bytes:
    """The root that begins with these hex digits, among ours. Raises SubmissionUnknown."""
    found = session.exec(select(OwnSubmission.root).where(begins_with(OwnSubmission.root, prefix))).all()
    if len(found) != 1:
        raise SubmissionUnknown(org=None, root=prefix)
    return found[0]


def _seal(ctx: Context, session: Session, action: Action, draft_ids: Sequence[str] | None) -> OwnSubmission:
    members = ctx.members(session)
    ours = ctx.own(members)
    drafts = open_drafts(session, action, draft_ids)
    bad = unusable(members, {draft.recipient for draft in drafts})
    if action is Action.REQUEST:
        drafts = _addressable(ctx, drafts, bad)
    if not drafts:
        raise NothingToSubmit
    if len(drafts) > MAX_ENTRIES:
        raise TooManyEntries(count=len(drafts), limit=MAX_ENTRIES)
    # an answer or a stop is written all the same, to ourselves: nobody's key may hold it up
    letters = [_letter(ctx, d, ours.id, ours.id if d.recipient in bad else d.recipient) for d in drafts]
    keys = {org: _key(members.org(org)) for org in {letter.recipient for letter in letters}}
    sealed = seal(ctx.contracts.ledger_id, _key(ours), letters, keys, ctx.random)
    composed = compose.compose(ctx.contracts.ledger_id, sealed.entries, sealed.wraps, ctx.valid_until())
    row = compose.keep(session, composed, [draft.id for draft in drafts], ctx.clock.now())
    for draft in drafts:
        draft.state, draft.changed_at = DraftState.SUBMITTED, ctx.clock.now()
    session.flush()
    return row


def _left_today_fen(ctx: Context, session: Session, org: int) -> int:
    """What the day's limit leaves to an organisation of ours, as this node has followed the ledger."""
    charged = charged_fen(session, org, beijing_day(ctx.block_time()))
    return ctx.members(session).org(org).day_limit_fen - charged


def _with_day_limit(composed: Composed, outcomes: bytes, left_fen: int) -> bytes:
    """The outcomes with the day's charge carried from chunk to chunk: the preview judges each chunk by itself."""
    found = bytearray(outcomes)
    for place, entry in enumerate(composed.entries if composed.submission.action in CHARGED else ()):
        if found[place]:
            continue
        if entry.amount_fen > left_fen:
            found[place] = Rule.DAY_LIMIT
        else:
            left_fen -= entry.amount_fen
    return bytes(found)


def unusable(members: Members, orgs: set[int]) -> dict[int, PublicKeyMalformed]:
    """Those of the organisations whose registered key nothing can be sealed to."""
    found: dict[int, PublicKeyMalformed] = {}
    for org in orgs:
        try:
            check_public_key(_key(members.org(org)))
        except PublicKeyMalformed as error:
            found[org] = error
    return found


def _addressable(ctx: Context, drafts: Sequence[OwnDraft], bad: Mapping[int, PublicKeyMalformed]) -> list[OwnDraft]:
    """The letters that can be sealed; the others come back with the reason. Raises it where there are no others."""
    kept = [draft for draft in drafts if draft.recipient not in bad]
    if drafts and not kept:
        raise bad[drafts[0].recipient]
    for draft in drafts:
        if draft.recipient in bad:
            draft.state, draft.note, draft.changed_at = DraftState.RETURNED, PublicKeyMalformed.code, ctx.clock.now()
    return kept


def _letter(ctx: Context, row: OwnDraft, org: int, recipient: int) -> Letter:
    entry = entry_of_draft(row, org)
    content = content_of(ctx, row)
    body = make_body(Action(row.action), content.body)
    payload = build(entry, body, ctx.random.token(32), content.happened_at, content.learnt_at)
    return Letter(entry, recipient, payload)


def _key(org: Organisation) -> RecipientKey:
    return RecipientKey(org.id, org.key_version, org.public_key)


def _digest(ctx: Context, submission: Submission, role: SignRole) -> bytes:
    return submission_digest(ctx.contracts.ledger_domain, submission, role)


def _drafts(session: Session, row: OwnSubmission) -> list[OwnDraft]:
    joined = select(OwnDraft).join(OwnEntry, col(OwnEntry.draft_id) == col(OwnDraft.id))
    return list(session.exec(joined.where(OwnEntry.org == row.org, OwnEntry.root == row.root)))


def may_sign(ctx: Context, session: Session, name: str, role: SignRole) -> Signer:
    """The key ``name`` if it holds the permission of that role in our organisation. Raises KeyNotOurs."""
    return ctx.signer(session, name, Permission[role.name])
