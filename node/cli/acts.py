# SPDX-License-Identifier: Apache-2.0
"""``act``: any act of governors and ADMINs as a file that is signed in one house after the other, then sent."""

from __future__ import annotations

from typing import Annotated

import typer

from node.cli.argv import UsageWrong
from node.cli.call import calling
from node.cli.options import File, Out, Send, Signers, read_file, write_file
from node.domain.transitions import ActKind


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer()
    group.command("new")(new)
    group.command("sign")(sign)
    group.command("send")(send)
    group.command("show")(show)
    app.add_typer(group, name="act")


def new(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND")],
    org: Annotated[int | None, typer.Option("--org", metavar="ORG")] = None,
    first: Annotated[str, typer.Option("--first", metavar="ADDRESS")] = "",
    second: Annotated[str, typer.Option("--second", metavar="ADDRESS")] = "",
    number: Annotated[int, typer.Option("--code", metavar="N", min=0, max=65535)] = 0,
    order_limit: Annotated[str, typer.Option("--order-limit", metavar="YUAN")] = "",
    day_limit: Annotated[str, typer.Option("--day-limit", metavar="YUAN")] = "",
    text: Annotated[str, typer.Option("--text", metavar="TEXT")] = "",
    signers: Signers = None,
    queue: Send = False,
    out: Out = None,
) -> None:
    """An act of any kind, for the kinds that have no command of their own (successor, new ADMINs, new ledger)."""
    from node.cli.making import make_act
    from node.domain.money import parse_yuan

    name = kind.upper().replace("-", "_")
    if name not in ActKind.__members__:
        raise UsageWrong(why="KIND: " + ", ".join(k.name for k in ActKind))
    make_act(
        calling(context),
        ActKind[name],
        org,
        sign=signers,
        send=queue,
        out=out,
        first=first,
        second=second,
        code=number,
        order_limit_fen=parse_yuan(order_limit) if order_limit else 0,
        day_limit_fen=parse_yuan(day_limit) if day_limit else 0,
        data=text.encode(),
    )


def sign(
    context: typer.Context,
    file: File,
    keys: Annotated[list[str], typer.Option("--key", metavar="KEY")],
    queue: Send = False,
    out: Out = None,
) -> None:
    """Show what an act does, and add signatures of this node's keys to its file."""
    from node.cli.making import send_act, tell_act
    from node.services.members import acts

    call = calling(context)
    made = acts.ActFile.loads(read_file(file).decode("utf-8", "replace"))
    for name in keys:
        made = acts.sign(call.ctx, made, call.node.keyring.signer(name))
    path = out or file
    write_file(path, made.dumps().encode())
    queued = send_act(call, made) if queue else None
    tell_act(call, made, file=path, queued=queued)


def send(context: typer.Context, file: File) -> None:
    """Queue an act that has its signatures; refused at once where the registry would not carry it out."""
    from node.cli.making import send_act, tell_act
    from node.services.members import acts

    call = calling(context)
    made = acts.ActFile.loads(read_file(file).decode("utf-8", "replace"))
    tell_act(call, made, queued=send_act(call, made))


def show(context: typer.Context, file: File) -> None:
    """What an act does and who has signed it; needs no node."""
    from node.cli.making import tell_act
    from node.services.members import acts

    tell_act(calling(context), acts.ActFile.loads(read_file(file).decode("utf-8", "replace")))
