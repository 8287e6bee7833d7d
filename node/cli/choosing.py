# SPDX-License-Identifier: Apache-2.0
"""Which cases a command is about: those named, or with --all every one of ours that waits for that action."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from node.cli.call import Call
from node.cli.options import NothingNamed, read_file
from node.domain.entries import Action, CaseKey

if TYPE_CHECKING:
    from sqlmodel import Session

    from node.store.projection import ProjectionCase


def choose(
    call: Call,
    session: Session,
    named: Sequence[str] | None,
    every: bool,
    action: Action,
    due: Callable[[ProjectionCase], bool],
) -> list[CaseKey]:
    """Raises NothingNamed, CaseUnknown."""
    from node.services.cases import find, ours
    from node.services.drafting import under_way

    if named:
        return [find(session, prefix) for prefix in named]
    if not every:
        raise NothingNamed()
    keys = (CaseKey(row.office, row.case_id) for row in ours(call.ctx, session) if due(row))
    return [key for key in keys if not under_way(session, key, action)]


def evidence_digests(call: Call, session: Session, named: Sequence[str] | None, case: CaseKey) -> list[bytes]:
    """Scans by digest, or files that are taken in now. Raises FileUnreadable, EvidenceUnknown, EvidenceTooLarge."""
    import re
    from pathlib import Path

    from node.services import evidence

    digests: list[bytes] = []
    for name in named or []:
        if re.fullmatch(r"(0x)?[0-9a-fA-F]{64}", name):
            digests.append(evidence.look_up(call.ctx, session, bytes.fromhex(name.removeprefix("0x"))).digest)
        else:
            path = Path(name)
            digests.append(evidence.add(call.ctx, session, read_file(path), path.name, case, added_by=call.who()))
    return digests
