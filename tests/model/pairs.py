# SPDX-License-Identifier: Apache-2.0
"""Every state and every action: the model's world explored breadth first, with small amounts.

A *state* here is what the rules can tell apart: phase, what the last reply said, the open order, the standing consent,
disputes, debits, what is left of the claim. In each, every action is tried by every side, in several amounts.
"""

from __future__ import annotations

import copy
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.model.model import NAMES, ROWS, World
from tests.model.story import AUTHORITY, BANK, CODES, OFFICE
from tests.model.things import File
from tests.model.walks import ROLES, START, Act, Step, Walk, view, write
from tests.model.wire import ZERO, Fields, keccak

KEY = (OFFICE, b"\x0c" * 32)
CLAIM = 4
LIFE_S = 1_000_000
LEDGER = keccak(b"pairs")


@dataclass(frozen=True)
class Node:
    """A state, with the way to it."""

    world: World
    path: tuple[Act | Step, ...]
    now: int


@dataclass(frozen=True)
class Found:
    """What came of trying everything in one state."""

    node: Node
    refused: tuple[Step, ...]
    taken: tuple[Step, ...]


def explore(recipient: int = BANK, coarse: bool = False) -> Iterator[Found]:
    """All states that can be told apart, each with all that was tried in it; ``coarse``: amounts do not tell."""
    start = _start()
    seen = {_abstract(start, coarse)}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        refused: list[Step] = []
        taken: list[Step] = []
        for org, name, f in attempts(node, recipient):
            world = node.world.copy()
            outcome, entry = world.offer(org, CODES[name], f, node.now)
            step = Step(org, CODES[name], node.now, f, outcome, entry, view(world, org, CODES[name], f))
            (refused if outcome else taken).append(step)
            if outcome == 0:
                _visit(Node(world, (*node.path, step), node.now), seen, waiting, coarse)
        # time passes: the consent ends
        _visit(Node(node.world, node.path, node.now + LIFE_S), seen, waiting, coarse)
        yield Found(node, tuple(refused), tuple(taken))


def _visit(node: Node, seen: set[object], waiting: deque[Node], coarse: bool) -> None:
    state = _abstract(node, coarse)
    if state not in seen:
        seen.add(state)
        waiting.append(node)


def _start() -> Node:
    world = World(LEDGER, list(ROLES))
    acts = [Act("SET_LIMITS", org, START, 0, 10**6, 10**9) for org in (OFFICE, BANK)]
    acts += [Act("REGISTER_KEY", org, START, 1) for org in (BANK, AUTHORITY)]
    acts += [Act("ADD_FUND_ACCOUNT", OFFICE, START, 1)]
    for a in acts:
        world.act(a.kind, a.org, a.code, a.order_limit, a.day_limit)
    return Node(world, tuple(acts), START)


def _abstract(node: Node, coarse: bool) -> object:
    file, now = node.world.files.get(KEY), node.now
    if file is None:
        return None
    order = file.open_order()
    if coarse:
        usable = [now < c.f.expiresAt and file.debited_under(h) < c.f.amount for h, c in file.unended("consent")]
        mood = None if order is None else order[1].accepted
        stops = (file.disputed("office"), file.disputed("recipient"), file.unsettled() > 0)
        return (file.phase, file.debitable, mood, tuple(usable), stops, file.net() > 0)
    consents = [
        (now < c.f.expiresAt, min(file.debited_under(h), 2), file.debited_under(h) == c.f.amount, c.f.inParts)
        for h, c in file.unended("consent")
    ]
    debits = [d.settled for _, d in file.unended("debit")]
    return (
        *(file.phase, file.debitable, file.disputed("office"), file.disputed("recipient"), tuple(consents)),
        None if order is None else (order[1].accepted, order[1].f.amount > 1),
        *(debits.count(True) > 0, min(debits.count(False), 1), file.net() == file.claim, file.claim > 0),
    )


def attempts(node: Node, recipient: int) -> Iterator[tuple[int, str, Fields]]:
    """Every action by every side, fit for the state as far as it can be, in several amounts."""
    file = node.world.files.get(KEY)
    for name in ROWS:
        for org in (OFFICE, recipient):
            for number, variant in enumerate(_variants(name, node, file, recipient)):
                variant.commitment = keccak(f"{name} {org} {number} {len(node.path)}".encode())
                yield org, name, variant


def _variants(name: str, node: Node, file: File | None, recipient: int) -> Iterator[Fields]:
    if name == "REQUEST" or file is None:
        yield Fields(*KEY, commitment=ZERO, recipient=recipient if name == "REQUEST" else 0)
        return
    standing = next((h for h, _ in file.unended("consent")), ZERO)
    order = file.open_order()
    f = Fields(*KEY, commitment=ZERO, head=file.head if ROWS[name]["head"] else ZERO)
    kind = ROWS[name]["target"]
    if name == "REPLY":
        yield from (_with(f, debitable=n) for n in (0, 1))
    elif name == "CONSENT":
        ends = node.now + LIFE_S
        for amount, parts in ((4, 1), (2, 1), (2, 0)):
            yield _with(f, consent=standing, amount=amount, claim=CLAIM, expiresAt=ends, inParts=parts)
    elif name == "ORDER":
        yield from (_with(f, consent=standing, amount=n, fundAccount=1) for n in (1, 2, 4))
    elif kind == "order":
        target, said = order or (b"\x01" * 32, None)
        ordered = said.f.amount if said else 1
        consent = said.consent if said and name != "CANCEL" else ZERO
        amounts = {"ACCEPT": (ordered,), "DEBIT": (0, 1, ordered), "CANCEL": (0,)}[name]
        yield from (_with(f, target=target, consent=consent, amount=n) for n in dict.fromkeys(amounts))
    elif kind == "consent":
        yield _with(f, target=standing)
    elif kind in ("debit", "dispute"):
        things = file.unended(kind) or [(b"\x02" * 32, None)]
        yield from (_with(f, target=h, amount=d.f.amount if d and kind == "debit" else 0) for h, d in things)
    else:
        yield f


def _with(f: Fields, **changed: int | bytes) -> Fields:
    other = copy.copy(f)
    for name, value in changed.items():
        setattr(other, name, value)
    return other


def walks() -> Iterator[Walk]:
    """The same as walks, for the contracts: the way to a state, all that is refused there, one thing that is taken."""
    for found in explore(coarse=True):
        ends: tuple[Step | None, ...] = found.taken or (None,)
        for number, last in enumerate(ends):
            refused = found.refused if number == 0 else ()
            yield Walk(LEDGER, (*found.node.path, *refused, *(() if last is None else (last,))))


def write_pairs(path: str | Path) -> int:
    """Write them all as one walk file (WALKS.md); gives their number."""
    every = list(walks())
    write(path, every)
    return len(every)


def names_taken(found: Found) -> set[str]:
    return {NAMES[step.action] for step in found.taken}


if __name__ == "__main__":
    write_pairs(sys.argv[1])
