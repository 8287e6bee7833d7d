# SPDX-License-Identifier: Apache-2.0
"""Who plays: each party a node of its own; they share the chain, and files that are handed over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from sqlmodel import select

from node.domain.entries import OrgRole, Permission
from node.runtime import Runtime, create_home
from node.services.context import Context
from node.store.own_work import IntentState, OwnOutbox

MAKER, CHECKER, SERVICE = "jingban", "fuhe", "zidong"
ADMINS = ("admin-1", "admin-2")
SENDERS = ("sender", "stop-sender")
PASSPHRASE = b"demo only: four words here"


@dataclass(frozen=True, slots=True)
class Part:
    """One role in the play, before it has a node."""

    folder: str
    name: str
    role: OrgRole
    org: int  # the id that the registry will give it


GOVERNORS = (
    Part("governors/1", "样例治理单位一", OrgRole.GOVERNOR, 1),
    Part("governors/2", "样例治理单位二", OrgRole.GOVERNOR, 2),
    Part("governors/3", "样例治理单位三", OrgRole.GOVERNOR, 3),
)
OFFICE = Part("office", "样例社会保险经办机构", OrgRole.OFFICE, 4)
BANKS = (
    Part("bank-1", "样例银行一", OrgRole.BANK, 5),
    Part("bank-2", "样例银行二", OrgRole.BANK, 6),
    Part("bank-3", "样例银行三", OrgRole.BANK, 7),
)
AUDITOR = Part("auditor", "样例审计机构", OrgRole.AUDITOR, 8)
MEMBERS = (OFFICE, *BANKS, AUDITOR)


@dataclass(frozen=True, slots=True)
class Player:
    """A party with its node."""

    part: Part
    runtime: Runtime

    @property
    def ctx(self) -> Context:
        return self.runtime.context

    @property
    def org(self) -> int:
        return self.part.org

    def officers(self) -> dict[str, int]:
        """Key name -> permissions, as the ADMINs will register them."""
        if self.part.role is OrgRole.OFFICE:
            return {MAKER: Permission.MAKER, CHECKER: Permission.CHECKER}
        if self.part.role is OrgRole.BANK:
            return {MAKER: Permission.MAKER, CHECKER: Permission.CHECKER, SERVICE: Permission.SERVICE}
        return {}


def create_player(part: Part, root: Path, chain_url: str, lang: str) -> Player:
    """A new node for a part, in demo mode: made-up ids, cheap key files, a passphrase file beside the settings."""
    home = root / part.folder
    values: dict[str, str | int | float] = {
        "mode": "demo",
        "lang": lang,
        "name": part.name,
        "chain_url": chain_url,
        "passphrase_file": "passphrase",
        "keystore_cost": 12,
        "poll_s": 0.5,
    }
    if part.role is OrgRole.BANK:
        values |= {"corebank": "simulated", "service_officer": SERVICE}
    runtime = create_home(home, values, PASSPHRASE)
    secret = home / "passphrase"
    secret.touch(mode=0o600)
    secret.write_bytes(PASSPHRASE + b"\n")
    player = Player(part, runtime)
    for name in (*ADMINS, *SENDERS, *player.officers()):
        runtime.keyring.new_officer_key(name)
    if part.role in (OrgRole.OFFICE, OrgRole.BANK):
        runtime.keyring.new_encryption_key()
    return player


def create_chain_home(root: Path, lang: str) -> None:
    """The folder from which the embedded chain is served: a HOME like the others."""
    create_home(root / "chain", {"mode": "demo", "lang": lang, "name": "chain", "keystore_cost": 12}, PASSPHRASE)


def settle(players: Iterable[Player], within_s: float = 120.0) -> None:
    """Let every node follow and send until nothing is under way; what daemons do, one after the other."""
    nodes = list(players)
    until = monotonic() + within_s
    while monotonic() < until:
        moved = False
        for player in nodes:
            player.runtime.follower.catch_up()
            pumped = player.runtime.outbox.pump()
            moved = moved or bool(pumped.sent or pumped.stored)
        if not any(_under_way(player) for player in nodes):
            break
        if not moved:
            sleep(0.02)  # a network that mines a moment after it has answered
    for player in nodes:
        player.runtime.follower.catch_up()


def _under_way(player: Player) -> bool:
    with player.ctx.store.reading() as session:
        return session.exec(select(OwnOutbox.id).where(OwnOutbox.state == IntentState.OPEN)).first() is not None
