# SPDX-License-Identifier: Apache-2.0
"""Draws walks (WALKS.md): stories of one alliance, mostly legal, with what the independent model says of every step."""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.model.model import NAMES, PHASES, TABLE, World
from tests.model.story import Author
from tests.model.things import File
from tests.model.wire import ZERO, Fields, record

MAGIC = b"AWALKS\x00\x01"
ROLES = ("GOVERNOR", "OFFICE", "OFFICE", "BANK", "BANK", "AUTHORITY", "AUDITOR")
ROLE_CODES = {row["name"]: row["code"] for row in TABLE["roles"]}
ACT_CODES = {row["name"]: row["code"] for row in TABLE["acts"]}
START = 1_767_225_600  # 2026-01-01T00:00:00Z


@dataclass(frozen=True)
class Act:
    """A step of the registry."""

    kind: str
    org: int
    time: int
    code: int = 0
    order_limit: int = 0
    day_limit: int = 0


@dataclass(frozen=True)
class View:
    """What must be true of case, organisation and consent after an entry's step."""

    phase: int = 0
    flags: int = 0
    recipient: int = 0
    seq: int = 0
    open_order: int = 0
    unsettled: int = 0
    claim: int = 0
    net: int = 0
    head: bytes = ZERO
    day: int = 0
    charged: int = 0
    entries: int = 0
    fen: int = 0
    debited: int = 0


@dataclass(frozen=True)
class Step:
    """An entry presented, and what must come of it."""

    org: int
    action: int
    time: int
    f: Fields
    outcome: int
    hash: bytes
    view: View


@dataclass(frozen=True)
class Walk:
    ledger: bytes
    steps: tuple[Act | Step, ...]


def draw(seed: int, length: int = 60) -> Walk:
    """One walk: the alliance is set up, then ``length`` steps, most of them entries."""
    rng = random.Random(seed)
    world = World(rng.randbytes(32), list(ROLES))
    author = Author(world, rng, START)
    steps: list[Act | Step] = []

    def act(kind: str, org: int, code: int = 0, limits: tuple[int, int] = (0, 0)) -> None:
        world.act(kind, org, code, *limits)
        steps.append(Act(kind, org, author.now, code, *limits))

    for kind, org, code, limits in author.setting():
        act(kind, org, code, limits)
    for place in range(length):
        author.tick()
        news = author.news(late=place > length * 3 // 4)
        if news is not None:
            act(*news)
            continue
        org, action, f = author.entry()
        outcome, entry = world.offer(org, action, f, author.now)
        author.heard(f, entry, outcome)
        steps.append(Step(org, action, author.now, f, outcome, entry, view(world, org, action, f)))
    return Walk(world.ledger, tuple(steps))


def view(world: World, org: int, action: int, f: Fields) -> View:
    """What is true now, as the ledger's views would say it."""
    day, charged = world.charged.get(org, (0, 0))
    entries, fen = world.totals.get((org, action), (0, 0))
    file = world.files.get((f.office, f.caseId))
    if file is None:
        return View(day=day, charged=charged, entries=entries, fen=fen)
    order = file.open_order()
    debited = file.debited_under(f.consent) if file.of("consent", f.consent) else 0
    return View(
        phase=PHASES[file.phase],
        flags=_flags(file),
        recipient=file.recipient,
        seq=file.seq,
        open_order=order[1].seq if order else 0,
        unsettled=file.unsettled(),
        claim=file.claim,
        net=file.net(),
        head=file.head,
        day=day,
        charged=charged,
        entries=entries,
        fen=fen,
        debited=debited,
    )


def _flags(file: File) -> int:
    order = file.open_order()
    accepted = order is not None and order[1].accepted
    return file.debitable + 2 * accepted + 4 * file.disputed("office") + 8 * file.disputed("recipient")


def write_walks(path: str | Path, seed: int, n: int) -> None:
    """Write ``n`` walks, drawn from ``seed`` on, in the format of WALKS.md."""
    write(path, [draw(seed * 1_000_003 + i) for i in range(n)])


def write(path: str | Path, walks: Sequence[Walk]) -> None:
    body = b"".join(_sized(_walk(walk)) for walk in walks)
    Path(path).write_bytes(MAGIC + len(walks).to_bytes(4, "big") + body)


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _walk(walk: Walk) -> bytes:
    roles = bytes(ROLE_CODES[r] for r in ROLES)
    head = walk.ledger + bytes([len(roles)]) + roles + len(walk.steps).to_bytes(2, "big")
    return head + b"".join(_act(s) if isinstance(s, Act) else _entry(s) for s in walk.steps)


def _act(a: Act) -> bytes:
    kind = ACT_CODES[a.kind]
    return b"\x01" + _numbers((kind, 1), (a.org, 2), (a.code, 2), (a.order_limit, 8), (a.day_limit, 8), (a.time, 5))


def _entry(s: Step) -> bytes:
    v = s.view
    state = _numbers((v.phase, 1), (v.flags, 1), (v.recipient, 2), (v.seq, 4), (v.open_order, 4), (v.unsettled, 4))
    money = _numbers((v.claim, 8), (v.net, 8)) + v.head
    sums = _numbers((v.day, 4), (v.charged, 8), (v.entries, 8), (v.fen, 8), (v.debited, 8))
    given = _numbers((s.org, 2), (s.action, 1), (s.time, 5)) + record(s.f)
    return b"\x00" + given + bytes([s.outcome]) + s.hash + state + money + sums


def _numbers(*pairs: tuple[int, int]) -> bytes:
    return b"".join(value.to_bytes(size, "big") for value, size in pairs)


def outcomes(walks: Iterator[Walk]) -> dict[tuple[str, int], int]:
    """How often each (action, outcome) came up: a generator that never reaches a rule tests nothing."""
    counts: dict[tuple[str, int], int] = {}
    for walk in walks:
        for step in walk.steps:
            if isinstance(step, Step):
                key = (NAMES[step.action], step.outcome)
                counts[key] = counts.get(key, 0) + 1
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--walks", type=int, default=250)
    given = parser.parse_args()
    write_walks(given.file, given.seed, given.walks)


if __name__ == "__main__":
    main()
