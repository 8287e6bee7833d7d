# SPDX-License-Identifier: Apache-2.0
"""The committed artifacts are what the sources compile to, for paris, and far from the limit of a contract's size."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.contracts.forge import CONTRACTS, ROOT, environment, tool

ARTIFACTS = ROOT / "node" / "chain" / "artifacts"
NAMES = ("CaseLedger", "MembershipRegistry")
LIMIT, ROOM = 24_576, 20_000
PUSH1, PUSH32 = 0x60, 0x7F
# opcodes that came after paris: PUSH0; TLOAD, TSTORE, MCOPY; BLOBHASH, BLOBBASEFEE
LATER = {0x5F, 0x5C, 0x5D, 0x5E, 0x49, 0x4A}


def code(name: str, part: str = "deployedBytecode") -> bytes:
    return bytes.fromhex(json.loads((ARTIFACTS / f"{name}.json").read_bytes())[part].removeprefix("0x"))


@pytest.mark.node_js
def test_a_fresh_compile_gives_the_same_artifacts() -> None:
    ran = subprocess.run(
        [tool("node"), "compile.mjs", "--check"], cwd=CONTRACTS, env=environment(), capture_output=True, timeout=300
    )
    assert ran.returncode == 0, ran.stderr.decode()


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_has_room_to_spare(name: str) -> None:
    assert 1_000 < len(code(name)) <= ROOM < LIMIT


@pytest.mark.parametrize("name", NAMES)
def test_no_opcode_is_later_than_paris(name: str) -> None:
    assert not LATER & set(opcodes(code(name)))


@pytest.mark.parametrize("name", NAMES)
def test_the_compiler_is_named_and_leaves_no_trace_of_paths(name: str) -> None:
    told = json.loads((ARTIFACTS / f"{name}.json").read_bytes())
    assert told["compiler"]["settings"]["evmVersion"] == "paris"
    assert told["compiler"]["settings"]["viaIR"] is True
    assert told["compiler"]["version"].startswith("0.8.")
    assert str(Path.home()) not in json.dumps(told)


def opcodes(deployed: bytes) -> list[int]:
    """The instructions, without what PUSH pushes. Our contracts keep no data behind their code that looks like one."""
    found, at = [], 0
    while at < len(deployed):
        found.append(deployed[at])
        at += deployed[at] - PUSH1 + 2 if PUSH1 <= deployed[at] <= PUSH32 else 1
    return found
