# SPDX-License-Identifier: Apache-2.0
"""Rules of style that matter fail the build; each says why. (ARCHITECTURE, Taste)"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NODE = sorted((ROOT / "node").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
SOLIDITY = sorted((ROOT / "contracts" / "src").rglob("*.sol"))
MIGRATIONS = "store/migrations/versions"


def inside(path: Path, *folders: str) -> bool:
    return any(f"node/{folder}" in path.as_posix() for folder in folders)


def calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def found(paths: list[Path], pick: object) -> list[str]:
    places: list[str] = []
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        places += [f"{path.relative_to(ROOT)}:{line}: {what}" for line, what in pick(path, tree)]  # type: ignore[operator]
    return places


def test_a_module_is_one_thing_of_at_most_300_lines() -> None:
    """Growth is how such houses fail: split a module before it passes 300 lines."""
    long = [p for p in NODE if MIGRATIONS not in p.as_posix() and len(p.read_text("utf-8").splitlines()) > 300]
    assert long == []


@pytest.mark.parametrize("word", ["util", "helper", "common", "manager", "misc"])
def test_names_say_what_a_thing_is(word: str) -> None:
    """A folder called utils has no reason to exist, so everything ends up in it."""
    named = [p.relative_to(ROOT) for p in (*NODE, *SOLIDITY) if word in p.stem.lower()]
    classes = found(
        NODE,
        lambda _, tree: (
            (n.lineno, n.name) for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and word in n.name.lower()
        ),
    )
    assert (named, classes) == ([], [])


def test_only_the_edge_commits() -> None:
    """One request, job or block is one transaction; a commit below the edge splits it (ARCHITECTURE, How it runs)."""

    def pick(path: Path, tree: ast.AST) -> Iterator[tuple[int, str]]:
        if not inside(path, "store/database.py", "demo/"):
            yield from (c for c in calls(tree) if c[1].endswith(".commit"))

    assert found(NODE, pick) == []


def test_the_domain_has_no_clock_no_chance_and_no_database() -> None:
    """What decides about money gives the same answer tomorrow, and to the auditor."""
    banned = ("random", "secrets", "uuid", "time", "web3", "sqlalchemy", "sqlmodel", "os", "socket")

    def pick(path: Path, tree: ast.AST) -> Iterator[tuple[int, str]]:
        if inside(path, "domain/"):
            yield from (i for i in imports(tree) if i[1].split(".")[0] in banned)
            yield from (c for c in calls(tree) if re.search(r"\.(now|today|utcnow)$", c[1]))

    assert found(NODE, pick) == []


def test_the_chain_library_stays_on_its_floor() -> None:
    """web3 takes seconds to import, and its HexBytes lost their 0x once: neither leaves chain/."""

    def pick(path: Path, tree: ast.AST) -> Iterator[tuple[int, str]]:
        if not inside(path, "chain/"):
            yield from (i for i in imports(tree) if i[1].split(".")[0] in ("web3", "hexbytes", "eth_abi", "eth"))

    assert found(NODE, pick) == []


def test_only_the_composition_root_reads_settings() -> None:
    """Everything else is handed what it needs."""

    def pick(path: Path, tree: ast.AST) -> Iterator[tuple[int, str]]:
        if path.name not in ("runtime.py", "settings.py"):
            yield from (i for i in imports(tree) if i[1] == "node.settings")

    assert found(NODE, pick) == []


def test_no_state_hides_in_modules() -> None:
    """A module's state survives a test and is shared by two nodes in one process."""

    def pick(_: Path, tree: ast.AST) -> Iterator[tuple[int, str]]:
        yield from ((n.lineno, "global") for n in ast.walk(tree) if isinstance(n, ast.Global))

    assert found(NODE, pick) == []


def test_nothing_prints_but_the_command_line_and_the_demo() -> None:
    """What is printed elsewhere may hold a person's data, and corrupts --json."""

    def pick(path: Path, tree: ast.AST) -> Iterator[tuple[int, str]]:
        if not inside(path, "cli/", "demo/"):
            yield from (c for c in calls(tree) if c[1] == "print")

    assert found(NODE, pick) == []


def test_no_test_is_skipped() -> None:
    """A skipped test is a line of the contract that nobody reads."""

    def pick(_: Path, tree: ast.AST) -> Iterator[tuple[int, str]]:
        yield from (
            c for c in calls(tree) if re.search(r"^pytest\.(skip|mark\.(skip|skipif|xfail)|importorskip)", c[1])
        )

    assert found(TESTS, pick) == []


def test_every_file_names_its_licence() -> None:
    """Somebody will copy one file out of the tree."""
    scripts = [p for p in (ROOT / "scripts").iterdir() if p.is_file()]
    bare = [
        p.relative_to(ROOT)
        for p in (*NODE, *TESTS, *SOLIDITY, *scripts)
        if p.stat().st_size and "SPDX-License-Identifier: Apache-2.0" not in p.read_text("utf-8")[:400]
    ]
    assert bare == []
