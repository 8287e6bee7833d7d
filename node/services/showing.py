# SPDX-License-Identifier: Apache-2.0
"""How opened payloads and inquiries are shown: masked, unless a reason is given, which is kept (DOMAIN section 2).

The access log names who looked, at what, when and why; it says nothing of what was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from node.domain.bodies import Body
from node.domain.masking import mask, mask_card, mask_identity, mask_name
from node.services.context import Context
from node.store.own_records import OwnAccess

_WHY = "own_access.sealed_why"


def _free_text(text: str) -> str:
    return mask(text, 0, 0)


_PERSONAL: Mapping[str, Callable[[str], str]] = {
    "name": mask_name,
    "person_name": mask_name,
    "signer_name": mask_name,
    "id_number": mask_identity,
    "person_id": mask_identity,
    "signer_id": mask_identity,
    "account": mask_card,
    "relation": _free_text,
    "note": _free_text,
    "contact": _free_text,
}


def shown(values: Mapping[str, Any] | Body, *, reveal: bool = False) -> dict[str, Any]:
    """A body, or an inquiry's own words, as it may be shown; ``reveal`` only after ``note_access``."""
    found = values.model_dump(mode="json") if isinstance(values, Body) else dict(values)
    return found if reveal else {name: _masked(name, value) for name, value in found.items()}


def _masked(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return _PERSONAL[name](value) if name in _PERSONAL else value
    if name == "evidence":  # a scan is often named after a person: its digest is enough
        scans = cast("list[dict[str, str] | str]", value)
        return [scan["digest"] if isinstance(scan, dict) else scan for scan in scans]
    return value


def note_access(ctx: Context, who: str, what: str, subject: str, why: str) -> None:
    """Write down that somebody looks at personal data, before it is shown; commits by itself."""
    row = OwnAccess(
        at=ctx.clock.now(),
        who=who,
        what=what,
        subject=subject,
        sealed_why=ctx.cipher.seal(_WHY, why.encode()),
        allowed=True,
    )
    with ctx.store.writing() as session:
        session.add(row)
