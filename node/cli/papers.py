# SPDX-License-Identifier: Apache-2.0
"""Who signs a consent: the payee of the letter, or the person of a JSON file beside the scan."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import orjson

from node.cli.call import Call
from node.cli.options import read_file
from node.domain.codes import Capacity
from node.domain.entries import Action, CaseKey
from node.domain.errors import Refused

if TYPE_CHECKING:
    from sqlmodel import Session


class PaperNeeded(Refused):
    """Who signs in that capacity stands in no file yet. Values: ``capacity``."""

    code = "paper_needed"


class PaperWrong(Refused):
    """Not a JSON object with signer_name, signer_id and, if one likes, relation. Values: ``file``."""

    code = "paper_wrong"


@dataclass(frozen=True, slots=True)
class Signer:
    """The person who signs, and how that person stands to the payee."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    relation: str = ""


def read_signer(call: Call, session: Session, key: CaseKey, capacity: Capacity, paper: Path | None) -> Signer:
    """Raises PaperNeeded, PaperWrong."""
    if paper is None:
        if capacity is not Capacity.PAYEE:
            raise PaperNeeded(capacity=capacity)
        return _payee(call, session, key)
    try:
        found: Any = orjson.loads(read_file(paper))
        values = cast("dict[str, str]", found)
        signer = Signer(values["signer_name"], values["signer_id"], values.get("relation", ""))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise PaperWrong(file=paper.name) from None
    if not all(
        isinstance(text, str) for text in cast("tuple[Any, ...]", (signer.name, signer.id_number, signer.relation))
    ):
        raise PaperWrong(file=paper.name)
    return signer


def _payee(call: Call, session: Session, key: CaseKey) -> Signer:
    from node.domain.bodies import RequestBody
    from node.services.reading import Reader

    body = Reader(call.ctx, session).latest(key, Action.REQUEST).body
    assert isinstance(body, RequestBody)
    return Signer(body.person_name, body.person_id)
