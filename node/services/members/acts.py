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

from sqlmodel import Session
from uuid_utils import uuid7

from node.crypto.typed import Domain, act_digest, checksummed, recover, typed_data_json
from node.domain.entries import Act, OrgRole, Permission
from node.domain.errors import Refused
from node.domain.messages import Lang, say
from node.domain.money import format_yuan
from node.domain.ports import Signer
from node.domain.transitions import ActKind, table
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
            document = json.loads(text)
            if document["format"] != FORMAT:
                raise ActFileWrong(part="format")
            typed = document["typedData"]
            message = typed["message"]
            act = _act(message)
            domain = Domain(
                typed["domain"]["name"], int(typed["domain"]["chainId"]), typed["domain"]["verifyingContract"]
            )
            registry = _bytes(message["registry"])
            signatures = {str(a): _bytes(s) for a, s in document["signatures"].items()}
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ActFileWrong(part="json") from None
        file = ActFile(act, registry, domain, signatures)
        if typed_data_json(act, domain, registry=registry) != typed:
            raise ActFileWrong(part="typedData")
        digest = act_digest(domain, registry, act)
        for address, signature in signatures.items():
            if recover(digest, signature) != address:
                raise ActFileWrong(part="signatures")
        return file


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
    members = ctx.members(session)
    about = len(members.orgs()) + 1 if org is None else org
    act = Act(
        kind=kind,
        org=about,
        number=members.next_number(about),
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
    return ActFile(act, members.registry, ctx.contracts.registry_domain, {})


def sign(ctx: Context, file: ActFile, signer: Signer) -> ActFile:
    """The file with one more signature. Raises ActFileWrong where it is of another registry."""
    _check_ours(ctx, file)
    signature = signer.sign_digest(act_digest(file.domain, file.registry, file.act))
    return replace(file, signatures={**file.signatures, signer.address: signature})


def send(ctx: Context, session: Session, file: ActFile) -> str:
    """Queue an act that has its signatures; gives the intent's id. Raises what the registry would revert with."""
    _check_ours(ctx, file)
    now = int(ctx.clock.now().timestamp())
    ctx.members(session).check_signers(file.act, list(file.signatures), now)
    now_at = ctx.clock.now()
    row = OwnAct(
        id=str(uuid7()),
        registry_id=file.registry,
        kind=file.act.kind,
        org=file.act.org,
        number=file.act.number,
        raw=act_to_raw(file.act),
        signatures={address: bytes.hex(s) for address, s in file.signatures.items()},
        made_at=now_at,
        changed_at=now_at,
    )
    session.add(row)
    session.flush()
    queue_act(session, row.id, now_at)
    return row.id


def describe(file: ActFile, lang: Lang) -> list[str]:
    """What the act would do, in words, and who has signed it so far."""
    act = file.act
    row = table().acts[ActKind(act.kind)]
    lines = [say("act.title", lang, act=row.label.say(lang), org=act.org, number=act.number)]
    match act.kind:
        case ActKind.ADMIT:
            role = table().roles[OrgRole(act.code)].say(lang)
            lines.append(say("act.admit", lang, name=act.data.decode(errors="replace"), role=role))
            lines.append(say("act.admins", lang, first=act.first, second=act.second))
        case ActKind.REPLACE_ADMINS:
            lines.append(say("act.admins", lang, first=act.first, second=act.second))
        case ActKind.SET_LIMITS | ActKind.LOWER_LIMITS:
            order, day = format_yuan(act.order_limit_fen), format_yuan(act.day_limit_fen)
            lines.append(say("act.limits", lang, order=order, day=day))
        case ActKind.ADD_OFFICER:
            names = "+".join(p.name for p in Permission if act.code & p)
            lines.append(say("act.officer", lang, address=act.first, permissions=names))
        case ActKind.SUSPEND_OFFICER | ActKind.ADD_SENDER | ActKind.REMOVE_SENDER:
            lines.append(say("act.address", lang, address=act.first))
        case ActKind.REGISTER_KEY:
            lines.append(say("act.key", lang, version=act.code))
        case ActKind.ADD_FUND_ACCOUNT:
            lines.append(say("act.fund_account", lang, number=act.code, text=act.data.decode(errors="replace")))
        case ActKind.REMOVE_FUND_ACCOUNT:
            lines.append(say("act.fund_account_number", lang, number=act.code))
        case ActKind.NAME_SUCCESSOR:
            lines.append(say("act.successor", lang, org=act.code))
        case ActKind.NAME_LEDGER:
            lines.append(say("act.ledger", lang, first=act.first, second=act.second))
        case _:
            pass
    lines.append(say("act.valid_until", lang, until=_beijing(act.valid_until)))
    lines.append(say("act.signed_by", lang, signers=", ".join(sorted(file.signatures)) or "—"))
    return lines


def _check_ours(ctx: Context, file: ActFile) -> None:
    if file.domain != ctx.contracts.registry_domain or file.registry != ctx.contracts.registry_id:
        raise ActFileWrong(part="registry")


def _act(message: Mapping[str, Any]) -> Act:
    return Act(
        kind=ActKind[message["kind"]],
        org=int(message["org"]),
        number=int(message["number"]),
        first=checksummed(_bytes(message["first"])),
        second=checksummed(_bytes(message["second"])),
        code=int(message["code"]),
        order_limit_fen=int(message["orderLimit"]),
        day_limit_fen=int(message["dayLimit"]),
        data=_bytes(message["data"]),
        valid_until=int(message["validUntil"]),
    )


def _bytes(text: str) -> bytes:
    if not text.startswith("0x"):
        raise ValueError(text[:4])
    return bytes.fromhex(text[2:])


def _beijing(seconds: int) -> str:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    return datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M")
