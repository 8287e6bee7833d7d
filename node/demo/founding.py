# SPDX-License-Identifier: Apache-2.0
"""Step 1: the consortium. Contracts, members, limits, officers, senders, keys, and the office's fund account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from node.chain.connection import Connection
from node.chain.deployment import deploy, write_deployment
from node.chain.networks import Network
from node.demo.cast import ADMINS, AUDITOR, BANKS, GOVERNORS, OFFICE, SENDERS, Part, Player, create_player, settle
from node.demo.checks import Checks
from node.domain.entries import Founding
from node.domain.errors import Broken
from node.domain.members import Members
from node.domain.transitions import ActKind
from node.services.members.acts import ActFile, make, send, sign

THRESHOLD = 2
ORDER_LIMIT_FEN = 20_000_000  # 200,000.00 yuan
DAY_LIMIT_FEN = 200_000_000
FUND_ACCOUNT = "样例社会保险基金财政专户 999421000010 0000000000000018"


class ActNotCarried(Broken):
    """An act of the play did not come to stand on the chain. Values: ``kind``, ``org``, ``number``."""

    code = "act_not_carried"


@dataclass(frozen=True, slots=True)
class Alliance:
    """All players, and the network that they share."""

    root: Path
    network: Network
    governors: tuple[Player, ...]
    office: Player
    banks: tuple[Player, ...]
    auditor: Player

    @property
    def members(self) -> tuple[Player, ...]:
        return (self.office, *self.banks, self.auditor)

    @property
    def everyone(self) -> tuple[Player, ...]:
        return (*self.governors, *self.members)

    @property
    def writers(self) -> tuple[Player, ...]:
        return (self.office, *self.banks)

    def player(self, org: int) -> Player:
        return next(p for p in self.everyone if p.org == org)


def found(root: Path, network: Network, lang: str) -> Alliance:
    """Make every node, deploy both contracts and give each node the file that names them."""

    def new(part: Part) -> Player:
        return create_player(part, root, network.url, lang)

    alliance = Alliance(root, network, tuple(map(new, GOVERNORS)), new(OFFICE), tuple(map(new, BANKS)), new(AUDITOR))
    for player in alliance.everyone:
        for name in SENDERS:
            network.fund(player.runtime.listed_keys.address(name))
    first = alliance.governors[0].runtime
    governors = [_founding(player) for player in alliance.governors]
    connection = Connection(network.url)
    deployment = deploy(
        connection,
        first.keyring.signer(SENDERS[0]),
        first.random.token(32),
        first.random.token(32),
        THRESHOLD,
        governors,
    )
    for player in alliance.everyone:
        write_deployment(player.runtime.home / player.runtime.settings.deployment, deployment)
    settle(alliance.everyone)
    return alliance


def build_consortium(alliance: Alliance, checks: Checks, tell: Callable[..., None]) -> None:
    """Members, limits, officers, senders, keys, the fund account; then every node is asked what it has seen."""
    tell("admitted", count=admit_members(alliance))
    tell("limits", count=raise_limits(alliance))
    tell("equipped", count=equip_members(alliance))
    register_fund_account(alliance)
    tell("fund_account")
    settle(alliance.everyone)
    seen: list[Members] = []
    for player in alliance.everyone:
        with player.ctx.store.reading() as session:
            seen.append(player.ctx.members(session))
    one = seen[0]
    checks.hold(
        "1.everyone_sees_the_same", all(m == one for m in seen), f"{len(seen)} nodes, {len(one.orgs())} members"
    )
    able = [one.org(p.org).key_version and one.org(p.org).senders for p in alliance.writers]
    checks.hold("1.writers_are_equipped", all(able), f"{len(able)} with key, senders and officers")
    checks.hold(
        "1.fund_account", one.fund_account(alliance.office.org, 1) == FUND_ACCOUNT, "two ADMINs and two governors"
    )


def admit_members(alliance: Alliance) -> int:
    """Two of three governors admit each organisation with its two ADMINs; gives how many acts that took."""
    for player in alliance.members:
        keys = player.runtime.listed_keys
        made = _make(
            alliance.governors[0],
            ActKind.ADMIT,
            None,
            code=player.part.role,
            first=keys.address(ADMINS[0]),
            second=keys.address(ADMINS[1]),
            data=player.part.name.encode(),
        )
        _carry(_by_governors(alliance, made), alliance.governors[0])
    return len(alliance.members)


def raise_limits(alliance: Alliance) -> int:
    """Two governors raise the limits of office and banks."""
    for player in alliance.writers:
        made = _make(
            alliance.governors[1],
            ActKind.SET_LIMITS,
            player.org,
            order_limit_fen=ORDER_LIMIT_FEN,
            day_limit_fen=DAY_LIMIT_FEN,
        )
        _carry(_by_governors(alliance, made), alliance.governors[1])
    return len(alliance.writers)


def equip_members(alliance: Alliance) -> int:
    """Each organisation's two ADMINs name its officers, senders and encryption key."""
    done = 0
    for player in alliance.writers:
        keys = player.runtime.listed_keys
        for name, permissions in player.officers().items():
            made = _make(player, ActKind.ADD_OFFICER, player.org, first=keys.address(name), code=permissions)
            _carry(_by_admins(player, made), player)
            done += 1
        for name in SENDERS:
            made = _make(player, ActKind.ADD_SENDER, player.org, first=keys.address(name))
            _carry(_by_admins(player, made), player)
            done += 1
        key = player.runtime.keyring.public_key(1)
        player.runtime.keyring.prove_possession(key.version, key.public)
        made = _make(player, ActKind.REGISTER_KEY, player.org, code=key.version, data=key.public)
        _carry(_by_admins(player, made), player)
        done += 1
    return done


def register_fund_account(alliance: Alliance) -> None:
    """The office's fund account takes both: its two ADMINs, and two governors."""
    office = alliance.office
    made = _make(office, ActKind.ADD_FUND_ACCOUNT, office.org, code=1, data=FUND_ACCOUNT.encode())
    _carry(_by_governors(alliance, _by_admins(office, made)), office)


def _founding(player: Player) -> Founding:
    keys = player.runtime.listed_keys
    return Founding(player.part.name, keys.address(ADMINS[0]), keys.address(ADMINS[1]))


def _make(player: Player, kind: ActKind, org: int | None, **fields: object) -> ActFile:
    player.runtime.follower.catch_up()  # the act's number is the next one that this node has seen
    with player.ctx.store.reading() as session:
        return make(player.ctx, session, kind, org, **fields)  # pyright: ignore[reportArgumentType]


def _by_admins(player: Player, made: ActFile) -> ActFile:
    return _signed(made, [(player, name) for name in ADMINS])


def _by_governors(alliance: Alliance, made: ActFile) -> ActFile:
    return _signed(made, [(player, ADMINS[0]) for player in alliance.governors[:THRESHOLD]])


def _signed(made: ActFile, signers: Sequence[tuple[Player, str]]) -> ActFile:
    """Hand the act over as a file, from signer to signer: each reads it, checks it and adds a signature."""
    text = made.dumps()
    for player, name in signers:
        file = ActFile.loads(text)
        text = sign(player.ctx, file, player.runtime.keyring.signer(name)).dumps()
    return ActFile.loads(text)


def _carry(file: ActFile, player: Player) -> None:
    with player.ctx.store.writing() as session:
        send(player.ctx, session, file)
    settle([player])
    with player.ctx.store.reading() as session:
        if player.ctx.members(session).next_number(file.act.org) != file.act.number + 1:
            raise ActNotCarried(kind=file.act.kind, org=file.act.org, number=file.act.number)
