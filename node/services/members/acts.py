# SPDX-License-Identifier: Apache-2.0
"""Acts of governors and ADMINs: made, signed and sent as files that are handed over like evidence.

An act file is JSON: the EIP-712 typed data (what a wallet shows), and the signatures by address. Everything in it is
public. Numbers above 2^31 travel as decimal strings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlmodel import Session
from uuid_utils import uuid7

from node.crypto.typed import Domain, recover, typed_data_json
from node.crypto.typed_reading import SignableAct, TypedDataMalformed, hexed, members, read_typed_data
from node.domain.acts import check_act
from node.domain.entries import Act
from node.domain.errors import AllianceError, Refused
from node.domain.ports import Signer
from node.domain.transitions import ActKind
from node.ledger.intents import queue_act
from node.ledger.registry import act_to_raw
from node.services.context import Context
from node.store.own_work import OwnAct

FORMAT = "alliance-act/1"


class ActFileWrong(Refused):
    """The file is no act file, or its typed data is of another registry. Values: ``part``."""

    code = "act_file_wrong"


@dataclass(frozen=True, slots=True)
class ActFile:
    """An act on its way, with whatever signatures it has (address -> 65 bytes)."""

    act: Act
    registry: bytes
    domain: Domain
    signatures: Mapping[str, bytes]

    @property
    def signable(self) -> SignableAct:
        """What each of them signs."""
        return SignableAct(self.domain, self.act, self.registry)

    def dumps(self) -> str:
        """The file's text."""
        document = {
            "format": FORMAT,
            "typedData": typed_data_json(self.act, self.domain, registry=self.registry),
            "signatures": {address: "0x" + bytes.hex(s) for address, s in sorted(self.signatures.items())},
        }
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"

    @staticmethod
    def loads(text: str) -> ActFile:
        """Read a file and check each signature against what it claims to sign. Raises ActFileWrong."""
        try:
            document = orjson.loads(text)  # refuses what is nested too deep, where json would fall over
        except orjson.JSONDecodeError:
            raise ActFileWrong(part="json") from None
        return ActFile.read(document)

    @staticmethod
    def read(document: object) -> ActFile:
        """The same from parsed JSON."""
        try:
            top = members(document, "file", "format", "typedData", "signatures")
            if top["format"] != FORMAT:
                raise ActFileWrong(part="format")
            signable = read_typed_data(top["typedData"])
            signed: dict[str, Any] = members(top["signatures"], "signatures", *top["signatures"])
            signatures = {address: hexed(s, f"signatures.{address}", 65) for address, s in signed.items()}
        except (TypedDataMalformed, TypeError) as error:
            part = error.values["field"] if isinstance(error, TypedDataMalformed) else "signatures"
            raise ActFileWrong(part=part) from None
        if not isinstance(signable, SignableAct):
            raise ActFileWrong(part="typedData.primaryType")
        for address, signature in signatures.items():
            if _signer(signable.digest(), signature) != address:
                raise ActFileWrong(part="signatures")
        return ActFile(signable.act, signable.registry, signable.domain, signatures)


def make(
    ctx: Context,
    session: Session,
    kind: ActKind,
    org: int | None,
    *,
    first: str = "",
    second: str = "",
    code: int = 0,
    order_limit_fen: int = 0,
    day_limit_fen: int = 0,
    data: bytes = b"",
) -> ActFile:
    """An act about ``org`` (None: the next organisation to be admitted; 0: the alliance), unsigned.

    Its number is the next one of that organisation, so two acts about one organisation are made and sent one by one.
    """
    known = ctx.members(session)
    about = len(known.orgs()) + 1 if org is None else org
    act = Act(
        kind=kind,
        org=about,
        number=known.next_number(about),
        code=code,
        order_limit_fen=order_limit_fen,
        day_limit_fen=day_limit_fen,
        data=data,
        valid_until=ctx.valid_until(),
    )
    if first:
        act = replace(act, first=first)
    if second:
        act = replace(act, second=second)
    return ActFile(act, known.registry, ctx.contracts.registry_domain, {})


def sign(ctx: Context, file: ActFile, signer: Signer) -> ActFile:
    """The file with one more signature. Raises ActFileWrong where it is of another registry."""
    _check_ours(ctx, file)
    signature = signer.sign_digest(file.signable.digest())
    return replace(file, signatures={**file.signatures, signer.address: signature})


def send(ctx: Context, session: Session, file: ActFile) -> str:
    """Queue an act that has its signatures; gives the intent's id. Raises what the registry would revert with."""
    _check_ours(ctx, file)
    now = ctx.clock.now()
    check_act(ctx.members(session), file.act, list(file.signatures), int(now.timestamp()))
    row = OwnAct(
        id=str(uuid7()),
        registry_id=file.registry,
        kind=file.act.kind,
        org=file.act.org,
        number=file.act.number,
        raw=act_to_raw(file.act),
        signatures={address: bytes.hex(s) for address, s in file.signatures.items()},
        made_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    queue_act(session, row.id, now)
    return row.id


def _check_ours(ctx: Context, file: ActFile) -> None:
    if file.domain != ctx.contracts.registry_domain or file.registry != ctx.contracts.registry_id:
        raise ActFileWrong(part="registry")


def _signer(digest: bytes, signature: bytes) -> str:
    """Whose signature it is; empty where it is nobody's."""
    try:
        return recover(digest, signature)
    except AllianceError:
        return ""
