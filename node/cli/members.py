# SPDX-License-Identifier: Apache-2.0
"""``member`` and ``officer``: what governors and ADMINs do most, each an act file as ``act`` makes, signs and sends."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from node.cli.argv import UsageWrong
from node.cli.call import Call, calling
from node.cli.networks import read_governors
from node.cli.options import OrgArg, Out, Send, Signers
from node.domain.entries import OrgRole, Permission
from node.domain.transitions import ActKind

Who = Annotated[str, typer.Argument(metavar="KEY|ADDRESS")]
Whom = Annotated[int | None, typer.Argument(metavar="ORG")]
Remove = Annotated[bool, typer.Option("--remove")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    member = typer.Typer()
    member.command("admit")(admit)
    member.command("suspend")(suspend)
    member.command("reinstate")(reinstate)
    member.command("limit")(limit)
    member.command("fund-account")(fund_account)
    member.command("sender")(sender)
    member.command("pause")(pause)
    member.command("resume")(resume)
    app.add_typer(member, name="member")
    officer = typer.Typer()
    officer.command("add")(add_officer)
    officer.command("suspend")(suspend_officer)
    app.add_typer(officer, name="officer")


def admit(
    context: typer.Context,
    role: Annotated[str, typer.Option("--role", metavar="office|bank|auditor|authority|governor")],
    source: Annotated[Path, typer.Option("--from", metavar="FILE")],
    sign: Signers = None,
    send: Send = False,
    out: Out = None,
) -> None:
    """Admit the organisation of a file that its ``keys export-public`` wrote."""
    if role.upper() not in OrgRole.__members__:
        raise UsageWrong(why="--role " + "|".join(r.name.lower() for r in OrgRole))
    house = read_governors(source)[0]
    fields: dict[str, Any] = {"first": house.first, "second": house.second, "data": house.name.encode()}
    _act(context, ActKind.ADMIT, None, sign, send, out, code=OrgRole[role.upper()], **fields)


def suspend(context: typer.Context, org: OrgArg, sign: Signers = None, send: Send = False, out: Out = None) -> None:
    """Suspend an organisation: it writes nothing until it is reinstated."""
    _act(context, ActKind.SUSPEND, org, sign, send, out)


def reinstate(context: typer.Context, org: OrgArg, sign: Signers = None, send: Send = False, out: Out = None) -> None:
    """Let a suspended organisation write again."""
    _act(context, ActKind.REINSTATE, org, sign, send, out)


def limit(
    context: typer.Context,
    org: OrgArg,
    order: Annotated[str, typer.Option("--order", metavar="YUAN")],
    day: Annotated[str, typer.Option("--day", metavar="YUAN")],
    lower: Annotated[bool, typer.Option("--lower")] = False,
    sign: Signers = None,
    send: Send = False,
    out: Out = None,
) -> None:
    """Set the limits of an organisation: by governors, or with --lower by its own ADMINs."""
    from node.domain.money import parse_yuan

    kind = ActKind.LOWER_LIMITS if lower else ActKind.SET_LIMITS
    limits: dict[str, Any] = {"order_limit_fen": parse_yuan(order), "day_limit_fen": parse_yuan(day)}
    _act(context, kind, org, sign, send, out, **limits)


def fund_account(
    context: typer.Context,
    text: Annotated[str, typer.Option("--text", metavar="TEXT")] = "",
    remove: Annotated[int, typer.Option("--remove", metavar="N", min=0)] = 0,
    sign: Signers = None,
    send: Send = False,
    out: Out = None,
) -> None:
    """Add a fund account of this office under its next number, or remove one."""
    if bool(text) == bool(remove):
        raise UsageWrong(why="--text TEXT | --remove N")
    if remove:
        _act(context, ActKind.REMOVE_FUND_ACCOUNT, None, sign, send, out, own=True, code=remove)
        return
    call = calling(context)
    with call.store.reading() as session:
        number = call.ctx.org(session).fund_numbers + 1
    _act(context, ActKind.ADD_FUND_ACCOUNT, None, sign, send, out, own=True, code=number, data=text.encode())


def sender(
    context: typer.Context,
    who: Who,
    remove: Remove = False,
    sign: Signers = None,
    send: Send = False,
    out: Out = None,
) -> None:
    """Name an account that carries this organisation's submissions, or remove it."""
    kind = ActKind.REMOVE_SENDER if remove else ActKind.ADD_SENDER
    _act(context, kind, None, sign, send, out, own=True, first=_address(calling(context), who))


def pause(context: typer.Context, org: Whom = None, sign: Signers = None, send: Send = False, out: Out = None) -> None:
    """Stop orders and acceptances: of an organisation, of all (0), of this one where none is named."""
    _act(context, ActKind.PAUSE, org, sign, send, out, own=org is None)


def resume(context: typer.Context, org: Whom = None, sign: Signers = None, send: Send = False, out: Out = None) -> None:
    """Let orders and acceptances go on: it takes governors."""
    _act(context, ActKind.RESUME, org, sign, send, out, own=org is None)


def add_officer(
    context: typer.Context,
    who: Who,
    may: Annotated[str, typer.Option("--may", metavar="maker,checker,admin")] = "",
    service: Annotated[bool, typer.Option("--service")] = False,
    sign: Signers = None,
    send: Send = False,
    out: Out = None,
) -> None:
    """Name an officer of this organisation, or change what one may do; --service for a key that signs alone."""
    names = [name.strip().upper() for name in may.split(",") if name.strip()]
    if service is bool(names) or not set(names) <= {"MAKER", "CHECKER", "ADMIN"}:
        raise UsageWrong(why="--may maker,checker,admin | --service")
    code = int(Permission.SERVICE) if service else sum({Permission[name] for name in names})
    _act(
        context, ActKind.ADD_OFFICER, None, sign, send, out, own=True, first=_address(calling(context), who), code=code
    )


def suspend_officer(
    context: typer.Context, who: Who, sign: Signers = None, send: Send = False, out: Out = None
) -> None:
    """Take an officer's permissions away."""
    _act(context, ActKind.SUSPEND_OFFICER, None, sign, send, out, own=True, first=_address(calling(context), who))


def _act(
    context: typer.Context,
    kind: ActKind,
    org: int | None,
    sign: list[str] | None,
    send: bool,
    out: Path | None,
    *,
    own: bool = False,
    **fields: Any,
) -> None:
    from node.cli.making import make_act

    make_act(calling(context), kind, org, own=own, sign=sign, send=send, out=out, **fields)


def _address(call: Call, who: str) -> str:
    """The address of a key of this node, or an address as it stands. Raises what a wrong one raises."""
    from node.crypto.addresses import address_bytes, checksummed

    ring = call.node.listed_keys
    return checksummed(address_bytes(who)) if who.startswith("0x") else ring.address(who)
