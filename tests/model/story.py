# SPDX-License-Identifier: Apache-2.0
"""The author of a walk: looks at the model's world and chooses the next step, mostly one that will be taken."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.model.model import ROWS, TABLE, TOP, World
from tests.model.things import File
from tests.model.wire import ZERO, Fields

CODES: dict[str, int] = {row["name"]: row["code"] for row in TABLE["actions"]}
GOVERNOR, OFFICE, OTHER_OFFICE, BANK, OTHER_BANK, AUTHORITY, AUDITOR = range(1, 8)
News = tuple[str, int, int, tuple[int, int]]

# How gladly an action is chosen, by phase and by how the open order stands.
LIKING: dict[str, dict[str, int]] = {
    "REQUESTED": {"ACKNOWLEDGE": 4, "REPLY": 6, "DECLINE": 1, "CLOSE": 1},
    "ACKNOWLEDGED": {"REPLY": 9, "DECLINE": 1, "CLOSE": 1},
    "REPLIED": {"CONSENT": 12, "REPLY": 3, "DISPUTE": 1, "CLOSE": 1},
    "CONSENTED": {"ORDER": 14, "CONSENT": 2, "REVOKE": 1, "DISPUTE": 1, "CLOSE": 1},
    "open": {"ACCEPT": 10, "DEBIT": 1, "CANCEL": 2, "REVOKE": 1, "DISPUTE": 1},
    "accepted": {"DEBIT": 12, "REVOKE": 1, "DISPUTE": 1, "CANCEL": 1},
    "DECLINED": {"CLOSE": 1, "REPLY": 1},
    "CLOSED": {"REVERSE": 1, "CLOSE": 1, "DISPUTE": 1},
}


class Author:
    """Chooses steps; ``now`` is the block time of the next one."""

    def __init__(self, world: World, rng: random.Random, start: int) -> None:
        self.world, self.rng, self.now = world, rng, start
        self.heard_of: list[bytes] = []
        self.last: tuple[int, int, Fields] | None = None

    def setting(self) -> Iterator[News]:
        """The acts that begin a walk: limits, keys, fund accounts."""
        tight = self.rng.random() < 0.3
        for org in (OFFICE, OTHER_OFFICE, BANK, OTHER_BANK):
            limits = (self.rng.randint(50, 900), self.rng.randint(100, 2000)) if tight else (10**9, 10**10)
            yield "SET_LIMITS", org, 0, limits
        for org in (BANK, OTHER_BANK, AUTHORITY):
            yield "REGISTER_KEY", org, 1, (0, 0)
        for org, number in ((OFFICE, 1), (OFFICE, 2), (OTHER_OFFICE, 1)):
            yield "ADD_FUND_ACCOUNT", org, number, (0, 0)

    def tick(self) -> None:
        self.now += self.rng.choice((0, 1, 5, 60, 600, 3_600, 3_600 * 7))

    def news(self, late: bool) -> News | None:
        """Now and then the registry acts: pauses, limits, suspensions, successors, fund accounts, the next ledger."""
        if self.rng.random() > 0.08:
            return None
        if late and not self.world.followed and self.rng.random() < 0.1:
            return "NAME_LEDGER", 0, 0, (0, 0)
        org = self.rng.choice((OFFICE, BANK, OFFICE, BANK, OTHER_OFFICE, OTHER_BANK, AUTHORITY))
        return self._mending() or self._trouble(org)

    def _mending(self) -> News | None:
        """Trouble does not last: most of the news ends some."""
        if self.rng.random() < 0.15:
            return None
        if self.world.stopped:
            return "RESUME", 0, 0, (0, 0)
        for org, o in self.world.orgs.items():
            heir = {OFFICE: OTHER_OFFICE, BANK: OTHER_BANK}.get(org, 0)
            if not o.active and o.successor == 0 and heir and self.world.orgs[heir].active:
                return "NAME_SUCCESSOR", org, heir, (0, 0)
            if not o.active:
                return "REINSTATE", org, 0, (0, 0)
            if o.paused:
                return "RESUME", org, 0, (0, 0)
        return None

    def _trouble(self, org: int) -> News | None:
        o = self.world.orgs[org]
        kind = self.rng.choice(
            ("PAUSE", "PAUSE", "SUSPEND", "SET_LIMITS", "ADD_FUND_ACCOUNT", "REMOVE_FUND_ACCOUNT", "ALL")
        )
        if kind == "ALL":
            return None if self.world.stopped else ("PAUSE", 0, 0, (0, 0))
        if kind == "PAUSE" and not o.paused:
            return kind, org, 0, (0, 0)
        if kind == "SUSPEND" and o.active:
            return kind, org, 0, (0, 0)
        if kind == "SET_LIMITS":
            limits = (self.rng.choice((0, 100, 500, 10**9)), self.rng.choice((300, 1000, 10**10)))
            return None if limits == (o.order_limit, o.day_limit) else (kind, org, 0, limits)
        if o.role != "OFFICE" or not o.active:
            return None
        if kind == "ADD_FUND_ACCOUNT":
            return kind, org, o.numbers + 1, (0, 0)
        if kind == "REMOVE_FUND_ACCOUNT" and o.accounts:
            return kind, org, min(o.accounts), (0, 0)
        return None

    def entry(self) -> tuple[int, int, Fields]:
        """The next entry: mostly fit for its case, sometimes spoilt in one place, sometimes the last one again."""
        if self.last is not None and self.rng.random() < 0.02:
            return self.last
        key = self._case()
        file = self.world.files.get(key)
        name = "REQUEST" if file is None else self._action(file)
        org = self._writer(name, file, key[0])
        f = self._fitting(name, key, file, org)
        if self.rng.random() < 0.18:
            org, name = self._spoil(f, org, name)
        self.last = (org, CODES[name], f)
        return self.last

    def heard(self, f: Fields, entry: bytes, outcome: int) -> None:
        if outcome == 0:
            self.heard_of.append(entry)

    def _case(self) -> tuple[int, bytes]:
        live = [k for k, file in self.world.files.items() if file.phase not in ("DECLINED", "CLOSED")]
        if (len(live) < 2 and self.rng.random() < 0.5) or not self.world.files:
            return self.rng.choice((OFFICE, OFFICE, OFFICE, OTHER_OFFICE)), self.rng.randbytes(32)
        return self.rng.choice(live if live and self.rng.random() < 0.92 else list(self.world.files))

    def _action(self, file: File) -> str:
        if self.rng.random() < 0.08:
            return self.rng.choice(list(ROWS))
        order = file.open_order()
        mood = file.phase if order is None else "accepted" if order[1].accepted else "open"
        liking = dict(LIKING[mood])
        if file.phase == "REPLIED" and not file.debitable:
            liking = {"REPLY": 6, "CLOSE": 1, "DISPUTE": 1, "CONSENT": 1}
        if file.phase == "CONSENTED" and order is None and not self._usable(file):
            liking |= {"CONSENT": 14, "ORDER": 2}
        debits = [d for _, d in file.unended("debit")]
        if file.unsettled():
            liking |= {"SETTLE": 8, "REVERSE": 3}
        elif debits:
            liking |= {"REVERSE": 6 if file.phase == "CLOSED" else 1, "CLOSE": 3}
        if file.phase != "CLOSED" and (file.disputed("office") or file.disputed("recipient")):
            liking |= {"RESOLVE": 12}
        return self.rng.choices(list(liking), list(liking.values()))[0]

    def _usable(self, file: File) -> bool:
        """Whether the standing consent has something left and is not over."""
        return any(
            self.now < said.f.expiresAt and file.debited_under(h) < said.f.amount for h, said in file.unended("consent")
        )

    def _writer(self, name: str, file: File | None, office: int) -> int:
        by = ROWS[name]["by"]
        side = self.rng.choice(by) if len(by) == 2 and "OFFICE" in by else by[0]
        if name == "RESOLVE" and file is not None:
            side = "OFFICE" if file.disputed("office") else "BANK"
        if name == "REVERSE" and file is not None:
            side = "BANK" if file.unsettled() else "OFFICE"
        party = office if file is None or side == "OFFICE" else file.recipient
        heir = self.world.orgs[party].successor
        return heir if heir and self.rng.random() < 0.8 else party

    def _fitting(self, name: str, key: tuple[int, bytes], file: File | None, org: int) -> Fields:
        rng = self.rng
        f = Fields(key[0], key[1], rng.randbytes(32), size=rng.choice(TABLE["sealed_sizes"][:2]))
        if file is None:
            f.recipient = rng.choice((BANK, BANK, BANK, OTHER_BANK, AUTHORITY, BANK, BANK, OTHER_BANK, AUDITOR))
            f.dueAt = self.now + rng.choice((0, 86_400 * 5))
            return f
        if ROWS[name]["head"]:
            f.head = file.head
        if name == "REPLY":
            f.debitable = int(rng.random() < 0.85 and self.world.orgs[org].role == "BANK")
        if name == "CONSENT":
            self._consent(f, file)
        if name == "ORDER":
            self._order(f, file, org)
        self._aim(name, f, file)
        return f

    def _consent(self, f: Fields, file: File) -> None:
        f.consent = next((h for h, _ in file.unended("consent")), ZERO)
        f.claim = file.claim or (self.rng.randint(1, 1000) if self.rng.random() < 0.97 else TOP)
        left = f.claim - file.net()
        f.amount = self.rng.choice((max(left, 1), max(left // 2, 1), self.rng.randint(1, max(left, 1))))
        f.notBefore = self.now + self.rng.choice((0, 0, 0, 0, -86_400, 3_600))
        f.expiresAt = max(self.now, f.notBefore) + self.rng.choice((3_600, 86_400, 86_400, 86_400 * 30))
        f.inParts = int(self.rng.random() < 0.7)

    def _order(self, f: Fields, file: File, org: int) -> None:
        consent, said = next(iter(file.unended("consent")), (ZERO, None))
        f.consent = consent
        left = 1 if said is None else min(said.f.amount - file.debited_under(consent), file.claim - file.net())
        f.amount = max(1, left if said is None or not said.f.inParts else self.rng.choice((left, max(left // 2, 1))))
        accounts = sorted(self.world.orgs[org].accounts) or [1]
        f.fundAccount = self.rng.choice(accounts)

    def _aim(self, name: str, f: Fields, file: File) -> None:
        order = file.open_order()
        if ROWS[name]["target"] == "order" and order is not None:
            f.target = order[0]
            if name in ("ACCEPT", "DEBIT"):
                f.consent = order[1].consent
            if name == "ACCEPT":
                f.amount = order[1].f.amount
            if name == "DEBIT" and (order[1].accepted or self.rng.random() < 0.3):
                whole = order[1].f.amount
                f.amount = self.rng.choice((whole, whole, whole // 2, 0))
        kind = ROWS[name]["target"]
        if kind in ("consent", "debit", "dispute"):
            things = file.unended(kind)
            if name == "SETTLE":
                things = [t for t in things if not t[1].settled] or things
            if name == "REVERSE" and self.rng.random() < 0.7:
                things = [t for t in things if t[1].settled is not bool(file.unsettled())] or things
            if things:
                f.target, said = self.rng.choice(things)
                f.amount = said.f.amount if kind == "debit" else 0

    def _spoil(self, f: Fields, org: int, name: str) -> tuple[int, str]:
        """Break one thing."""
        rng = self.rng
        used = [i for i, c in enumerate(("head", "target", "consent", "amount", "claim")) if c in ROWS[name]["fields"]]
        match rng.choice((*used, *used, *range(10))):
            case 0:
                f.head = rng.choice((ZERO, rng.randbytes(32), f.caseId))
            case 1:
                f.target = rng.choice((*self.heard_of[-6:], ZERO))
            case 2:
                f.consent = rng.choice((*self.heard_of[-6:], ZERO))
            case 3:
                f.amount = rng.choice((0, 1, f.amount + 1, f.amount * 2, max(f.amount - 1, 0), TOP, TOP + 1, 2**64 - 1))
            case 4:
                f.claim = rng.choice((0, f.claim + 1, TOP, TOP + 1, f.amount, 2**64 - 1))
            case 5:
                f.size = rng.choice((0, 1, 300, 315, 317, 4816, 1216, 2416, 5000))
            case 6:
                f.notBefore, f.expiresAt = rng.choice(
                    ((0, 0), (f.expiresAt, f.notBefore), (0, self.now), (0, self.now + 1))
                )
            case 7:
                setattr(
                    f, rng.choice(("recipient", "fundAccount", "debitable", "inParts", "dueAt")), rng.choice((1, 2, 3))
                )
            case 8:
                org = rng.randint(1, 7)
            case _:
                name = rng.choice(list(ROWS))
        return org, name
