# SPDX-License-Identifier: Apache-2.0
"""``evidence``: scans taken in, handed over as sealed files, taken over from another house."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from node.cli.call import calling
from node.cli.options import File, read_file, write_file

CaseOption = Annotated[str, typer.Option("--case", metavar="CASE")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer()
    group.command("add")(add)
    group.command("list")(listed)
    group.command("export")(export)
    group.command("import")(import_file)
    app.add_typer(group, name="evidence")


def add(context: typer.Context, file: File, case: CaseOption = "") -> None:
    """Keep a scan, encrypted, under the digest of its bytes."""
    from node.services import evidence
    from node.services.cases import find

    call = calling(context)
    data = read_file(file)
    with call.store.writing() as session:
        key = find(session, case) if case else None
        digest = evidence.add(call.ctx, session, data, file.name, key, added_by=call.who())
    call.terminal.data({"digest": digest.hex(), "size": len(data)}, [digest.hex()])


def listed(context: typer.Context) -> None:
    """The scans of this node."""
    from sqlmodel import col, select

    from node.store.own_records import OwnEvidence

    call = calling(context)
    with call.store.reading() as session:
        rows: list[dict[str, Any]] = [
            {
                "digest": row.digest.hex(),
                "size": row.size,
                "case": None if row.case_id is None else row.case_id.hex(),
                "claimed_from": row.received_from or None,
                "added_at": row.added_at.isoformat(timespec="seconds"),
            }
            for row in session.exec(select(OwnEvidence).order_by(col(OwnEvidence.added_at)))
        ]
    call.terminal.table(rows, ["digest", "size", "case", "claimed_from", "added_at"])


def export(
    context: typer.Context,
    digest: Annotated[str, typer.Argument(metavar="DIGEST")],
    to: Annotated[int, typer.Option("--to", metavar="ORG")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE")],
) -> None:
    """A scan as a file that only the organisation named can open."""
    from node.services import evidence

    call = calling(context)
    with call.store.reading() as session:
        whole = evidence.by_prefix(session, digest)
        sealed = evidence.export(call.ctx, session, whole, to)
    write_file(out, sealed)
    call.terminal.data({"digest": whole.hex(), "to": to, "file": str(out)}, [str(out)])


def import_file(context: typer.Context, file: File) -> None:
    """Take over a scan that another organisation exported for this one."""
    from node.services import evidence

    call = calling(context)
    data = read_file(file)
    with call.store.writing() as session:
        got = evidence.import_file(call.ctx, session, data, added_by=call.who())
    shown = {"digest": got.digest.hex(), "size": got.size, "claimed_from": got.claimed_from}
    call.terminal.data(shown, [got.digest.hex()])
