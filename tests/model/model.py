# SPDX-License-Identifier: Apache-2.0
"""The independent model: a second, small and plain account of what the ledger takes.

It shares no code with the node and reads the table only. Where the two disagree, one of them misread docs/wire.md.

It keeps what was said (consents, orders, debits, disputes) and adds up each time it is asked.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from tests.model.things import File, Org, Said
from tests.model.wire import ZERO, Fields, entry_hash, keccak

TABLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "node/domain/data/transitions.json").read_text(encoding="utf-8")
)
ROWS: dict[str, dict[str, Any]] = {row["name"]: row for row in TABLE["actions"]}
NAMES: dict[int, str] = {row["code"]: row["name"] for row in TABLE["actions"]}
RULES: dict[str, int] = {row["name"]: row["code"] for row in TABLE["rules"]}
PHASES: dict[str, int] = {row["name"]: row["code"] for row in TABLE["phases"]}
TOP = 2**53 - 1
REVERTED = 255
CLEAR = (
    "recipient", "head", "target", "consent", "amount", "claim", "notBefore", "expiresAt", "dueAt", "fundAccount",
    "debitable", "inParts",
)  # fmt: skip


class World:
    """Members, cases and sums of one ledger."""

    def __init__(self, ledger: bytes, roles: list[str]) -> None:
        self.ledger = ledger
        self.orgs = {i + 1: Org(role) for i, role in enumerate(roles)}
        self.files: dict[tuple[int, bytes], File] = {}
        self.stopped = False
        self.followed = False
        self.charged: dict[int, tuple[int, int]] = {}
        self.totals: dict[tuple[int, int], tuple[int, int]] = {}

    def copy(self) -> World:
        """Another world that stands where this one stands; entries themselves never change and are shared."""
        other = copy.copy(self)
        other.orgs = {i: copy.copy(o) for i, o in self.orgs.items()}
        other.charged, other.totals, other.files = dict(self.charged), dict(self.totals), {}
        for key, file in self.files.items():
            other.files[key] = copy.copy(file)
            other.files[key].said = {h: copy.copy(s) for h, s in file.said.items()}
        return other

    def act(self, kind: str, org: int, code: int, order_limit: int, day_limit: int) -> None:
        """Carry out a legal act of the registry."""
        if kind == "NAME_LEDGER":
            self.followed = True
            return
        if org == 0:
            self.stopped = kind == "PAUSE"
            return
        o = self.orgs[org]
        if kind in ("SUSPEND", "REINSTATE"):
            o.active = kind == "REINSTATE"
            o.successor = 0 if o.active else o.successor
        elif kind == "SET_LIMITS":
            o.order_limit, o.day_limit = order_limit, day_limit
        elif kind == "NAME_SUCCESSOR":
            o.successor = code
        elif kind in ("PAUSE", "RESUME"):
            o.paused = kind == "PAUSE"
        elif kind == "REGISTER_KEY":
            o.key = code
        elif kind == "ADD_FUND_ACCOUNT":
            o.accounts.add(code)
            o.numbers = code
        elif kind == "REMOVE_FUND_ACCOUNT":
            o.accounts.discard(code)

    def offer(self, org: int, action: int, f: Fields, now: int) -> tuple[int, bytes]:
        """Present one entry: (0 taken, a rule's code, or 255 reverted; entry hash)."""
        h = entry_hash(self.ledger, org, action, f)
        writer = self.orgs[org]
        if not writer.active:
            return REVERTED, h
        if ROWS[NAMES[action]]["pausable"] and (writer.paused or self.stopped):
            return REVERTED, h
        name = self.refusal(org, action, f, h, now)
        if name is not None:
            return RULES[name], h
        self.take(org, action, f, h, now)
        return 0, h

    def today(self, org: int, now: int) -> int:
        day, fen = self.charged.get(org, (0, 0))
        return fen if day == beijing(now) else 0

    def refusal(self, org: int, action: int, f: Fields, h: bytes, now: int) -> str | None:
        writer, name, row = self.orgs[org], NAMES[action], ROWS[NAMES[action]]
        side = "office" if writer.role == "OFFICE" else "recipient"
        if writer.role not in row["by"] or (self.followed and name in ("REQUEST", "CONSENT")):
            return "ACTION"
        if any(getattr(f, c) not in (0, ZERO) for c in CLEAR if c not in row["fields"]):
            return "FIELDS"
        if f.debitable > 1 or f.inParts > 1 or (writer.role == "AUTHORITY" and f.debitable):
            return "FIELDS"
        if f.size not in TABLE["sealed_sizes"]:
            return "PAYLOAD_SIZE"
        file = self.files.get((f.office, f.caseId))
        if (file is None) is not (name == "REQUEST"):
            return "CASE"
        if file is None:
            if f.office != org:
                return "PARTY"
            to = self.orgs.get(f.recipient)
            good = to is not None and to.active and to.role in ("BANK", "AUTHORITY") and to.key > 0
            return None if good else "RECIPIENT"
        party = file.office if side == "office" else file.recipient
        if org != party and self.orgs[party].successor != org:
            return "PARTY"
        return self.state_refusal(file, name, side, f, h) or self.money_refusal(file, org, name, f, now)

    def state_refusal(self, file: File, name: str, side: str, f: Fields, h: bytes) -> str | None:
        """Phase, open order, unsettled debits, head, target, acceptance, disputes."""
        row, order = ROWS[name], file.open_order()
        if file.phase not in row["phases"] or (name == "CONSENT" and file.phase == "REPLIED" and not file.debitable):
            return "PHASE"
        if row["order"] == "none" and order is not None:
            return "ORDER_OPEN"
        if name == "CLOSE" and file.unsettled():
            return "UNSETTLED"
        if row["head"] and f.head != file.head:
            return "HEAD"
        if not self.on_target(file, name, side, f, h):
            return "TARGET"
        if name in ("ACCEPT", "CANCEL") and order is not None and order[1].accepted:
            return "ACCEPTED"
        if name == "DEBIT" and f.amount and order is not None and not order[1].accepted:
            return "NOT_ACCEPTED"
        stops = {"DISPUTE": (side,), "ORDER": ("office", "recipient"), "ACCEPT": ("office", "recipient")}
        if any(file.disputed(s) for s in stops.get(name, ())):
            return "DISPUTED"
        return None

    def on_target(self, file: File, name: str, side: str, f: Fields, h: bytes) -> bool:
        order, standing = file.open_order(), [c for c, _ in file.unended("consent")]
        names_order = order is not None and order[0] == f.target
        if name in ("ORDER", "CONSENT"):
            return [f.consent] == (standing or [ZERO])
        if name == "REVOKE":
            return f.target in standing
        if name == "CANCEL":
            return names_order
        if name in ("ACCEPT", "DEBIT"):
            return names_order and order is not None and order[1].consent == f.consent
        if name in ("SETTLE", "REVERSE"):
            debit = file.of("debit", f.target)
            settled = name == "REVERSE" and side == "office"
            return debit is not None and not debit.ended and debit.settled is settled
        if name == "DISPUTE":
            return h not in file.said
        if name == "RESOLVE":
            dispute = file.of("dispute", f.target)
            return dispute is not None and not dispute.ended and dispute.side == side
        return True

    def money_refusal(self, file: File, org: int, name: str, f: Fields, now: int) -> str | None:
        """Consent live, amounts, parts, consent, claim, fund account, limits."""
        writer = self.orgs[org]
        consent, order, debit = file.of("consent", f.consent), file.of("order", f.target), file.of("debit", f.target)
        moves = name in ("ORDER", "ACCEPT")
        if moves and consent is not None and not consent.f.notBefore <= now < consent.f.expiresAt:
            return "CONSENT_LIVE"
        if name == "CONSENT" and not max(f.notBefore, now) < f.expiresAt:
            return "CONSENT_LIVE"
        if name == "CONSENT" and consent is not None:
            used_up = file.debited_under(f.consent) == consent.f.amount
            if not used_up and now < consent.f.expiresAt:
                return "CONSENT_STANDS"
        ranged = {"CONSENT": (f.amount, f.claim), "ORDER": (f.amount,)}
        if any(not 0 < fen <= TOP for fen in ranged.get(name, ())) or (name == "DEBIT" and f.amount > TOP):
            return "AMOUNT_RANGE"
        same = order if name == "ACCEPT" else debit if name in ("SETTLE", "REVERSE") else None
        if same is not None and f.amount != same.f.amount:
            return "AMOUNT"
        if name == "DEBIT" and order is not None and f.amount > order.f.amount:
            return "AMOUNT"
        if consent is not None and not consent.f.inParts:
            whole = {"ORDER": (consent.f.amount,), "DEBIT": (0, order.f.amount if order else 0)}
            if f.amount not in whole.get(name, (f.amount,)):
                return "PARTS"
        if name == "ORDER" and consent is not None and f.amount + file.debited_under(f.consent) > consent.f.amount:
            return "CONSENT_AMOUNT"
        if name == "CONSENT" and (file.claim not in (0, f.claim) or f.amount + file.net() > f.claim):
            return "CLAIM"
        if name == "ORDER" and f.amount + file.net() > file.claim:
            return "CLAIM"
        payee, number = (org, f.fundAccount) if name == "ORDER" or order is None else (order.payee, order.f.fundAccount)
        if moves and number not in self.orgs[payee].accounts:
            return "FUND_ACCOUNT"
        if moves and f.amount > writer.order_limit:
            return "ORDER_LIMIT"
        if moves and f.amount + self.today(org, now) > writer.day_limit:
            return "DAY_LIMIT"
        return None

    def take(self, org: int, action: int, f: Fields, h: bytes, now: int) -> None:
        name, side = NAMES[action], "office" if self.orgs[org].role == "OFFICE" else "recipient"
        key = (f.office, f.caseId)
        if name == "REQUEST":
            first = keccak(self.ledger + f.office.to_bytes(32, "big") + f.caseId)
            self.files[key] = File(f.office, f.recipient, head=keccak(first + h))
        else:
            file = self.files[key]
            file.seq += 1
            file.head = keccak(file.head + h)
            self.note(file, org, name, side, f, h)
            file.phase = ROWS[name]["to"] or file.phase
        if name in ("ORDER", "ACCEPT"):
            self.charged[org] = (beijing(now), self.today(org, now) + f.amount)
        entries, fen = self.totals.get((org, action), (0, 0))
        self.totals[(org, action)] = (entries + 1, fen + f.amount)

    def note(self, file: File, org: int, name: str, side: str, f: Fields, h: bytes) -> None:
        order = file.open_order()
        if name == "REPLY":
            file.debitable = f.debitable == 1
        if name in ("CONSENT", "REVOKE"):
            for _, consent in file.unended("consent"):
                consent.ended = True
        if order is not None:
            fallen = name == "REVOKE" and not order[1].accepted
            order[1].ended = fallen or name in ("DEBIT", "CANCEL")
            order[1].accepted = order[1].accepted or name == "ACCEPT"
        if name == "CONSENT":
            file.claim = f.claim
        if name in ("CONSENT", "ORDER", "DISPUTE") or (name == "DEBIT" and f.amount):
            file.said[h] = Said(name.lower(), file.seq, side, f, consent=f.consent, payee=org)
        if name == "SETTLE":
            file.said[f.target].settled = True
        if name in ("REVERSE", "RESOLVE"):
            file.said[f.target].ended = True


def beijing(now: int) -> int:
    return (now + 28_800) // 86_400
