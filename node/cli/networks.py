# SPDX-License-Identifier: Apache-2.0
"""``network``: start a local one and serve it, deploy the contracts, fund senders on a test network, show."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import orjson
import typer

from node.cli.call import Call, calling
from node.cli.options import read_file
from node.domain.errors import Refused

if TYPE_CHECKING:
    from node.chain.deployment import Deployment
    from node.domain.entries import Founding


class GovernorsWrong(Refused):
    """A file does not name governors: name, and the addresses of two ADMINs. Values: ``file``."""

    code = "governors_wrong"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer()
    group.command("start")(start)
    group.command("fund")(fund)
    group.command("deploy")(deploy)
    group.command("show")(show)
    app.add_typer(group, name="network")


def start(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="embedded|hardhat|ganache|anvil")],
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535)] = 0,
) -> None:
    """Serve a local network from --home until SIGTERM; the embedded one goes on where it was, on the port it had."""
    from node.chain.networks import start_network

    call = calling(context)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _signal, _frame: stop.set())
    network = start_network(kind, call.home, port)
    try:
        shown = {"kind": kind, "url": network.url, "chain_id": network.chain_id}
        call.terminal.data(shown, [f"{kind}  {network.url}  chain id {network.chain_id}"])
        call.terminal.note("cli.serving", url=network.url)
        stop.wait()
    finally:
        network.stop()


def fund(
    context: typer.Context, addresses: Annotated[list[str] | None, typer.Argument(metavar="ADDRESS")] = None
) -> None:
    """Give accounts of a test network what they need for gas: those named, else this node's senders."""
    call = calling(context)
    node = call.node
    ring = node.listed_keys
    own = [name for name in (node.settings.sender, node.settings.stop_sender) if name in ring.names()]
    wanted = addresses or [ring.address(name) for name in own]
    network = node.network()
    for address in wanted:
        network.fund(address)
    call.terminal.data({"funded": wanted}, wanted)


def deploy(
    context: typer.Context,
    governors: Annotated[list[Path], typer.Option("--governors", metavar="FILE")],
    threshold: Annotated[int, typer.Option("--threshold", metavar="M", min=1, max=32)] = 2,
) -> None:
    """Create both contracts, with the founding governors; where they stand is written into this node's folder."""
    call = calling(context)
    founding = [each for file in governors for each in read_governors(file)]
    deployment = call.node.deploy(threshold, founding)
    path = call.node.home / call.node.settings.deployment
    shown = _shown(deployment) | {"file": str(path), "threshold": threshold, "governors": len(founding)}
    call.terminal.data(shown, [f"{name}  {value}" for name, value in shown.items()])
    call.terminal.note("cli.deployed", file=str(path))


def show(context: typer.Context) -> None:
    """Where the contracts stand, how far the chain and this node are, and who is a member."""
    call = calling(context)
    deployment = call.node.deployment
    shown = _shown(deployment)
    head = call.node.chain.head()
    shown |= {"url": call.node.settings.chain_url, "head": head.number, "final": call.node.chain.final_number()}
    members = _members(call)
    lines = [f"{name}  {value}" for name, value in shown.items()]
    lines += [f"{m['org']}  {m['role']}  {m['name']}{'' if m['active'] else '  ✗'}" for m in members]
    call.terminal.data(shown | {"members": members}, lines)


def read_governors(path: Path) -> list[Founding]:
    """One governor, or a list of them: what ``keys export-public`` writes will do. Raises GovernorsWrong."""
    from node.crypto.addresses import address_bytes, checksummed
    from node.domain.entries import Founding
    from node.domain.errors import AllianceError

    try:
        found: Any = orjson.loads(read_file(path))
        rows = cast("list[dict[str, str]]", found if isinstance(found, list) else [found])
        return [
            Founding(row["name"], checksummed(address_bytes(row["first"])), checksummed(address_bytes(row["second"])))
            for row in rows
        ]
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, AllianceError):
        raise GovernorsWrong(file=path.name) from None


def _shown(at: Deployment) -> dict[str, Any]:
    return {
        "chain_id": at.chain_id,
        "genesis": "0x" + at.genesis_hash.hex(),
        "registry": at.registry.address,
        "ledger": at.ledger.address,
        "ledger_id": "0x" + at.ledger.id.hex(),
        "block": at.block,
    }


def _members(call: Call) -> list[dict[str, Any]]:
    """As this node has followed them; nothing where it has not begun."""
    from node.ledger.registry import members_now

    if not call.node.has_database:
        return []
    with call.store.reading() as session:
        members = members_now(session)
    if members is None:
        return []
    return [
        {
            "org": org.id,
            "name": org.name,
            "role": org.role.name,
            "active": org.active,
            "paused": members.paused(org.id),
            "key_version": org.key_version,
            "order_limit_fen": org.order_limit_fen,
            "day_limit_fen": org.day_limit_fen,
            "officers": dict(org.officers),
            "senders": sorted(org.senders),
            "fund_accounts": {str(number): text for number, text in org.fund_accounts.items()},
        }
        for org in members.orgs()
    ]
