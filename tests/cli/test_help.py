# SPDX-License-Identifier: Apache-2.0
"""``--help`` leads through in both languages, and imports nothing that takes its time."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
import typer.main

from node.cli import guide
from node.cli.app import build
from node.domain.messages import catalogue
from tests.cli.houses import clean_environment, in_process

HEAVY = ("web3", "eth_abi", "sqlmodel", "sqlalchemy", "cryptography", "pydantic", "apscheduler", "rich", "orjson.x")
PARAMETERS = {"submission_file": "--submission-file", "maker": "--maker"}


def root() -> Any:
    return typer.main.get_command(build())


COMMANDS = list(guide.walk(root()))


@pytest.mark.parametrize("words", [["--help"], [], ["order", "place", "--help"], ["--version"]])
def test_help_imports_no_chain_no_database_and_no_cryptography(words: list[str]) -> None:
    code = (
        "import sys\nsys.argv[1:] = " + repr(words) + "\nfrom node.runtime import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n"
        "    print([m for m in " + repr(HEAVY) + " if m in sys.modules], end.code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=clean_environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[] 0"


def test_the_guide_names_every_command_once_in_the_order_of_use() -> None:
    told = [name for _, names in guide.SECTIONS for name in names]
    assert sorted(told) == sorted(root().commands)
    assert len(told) == len(set(told))
    text = in_process(["--help"], {}).out
    places = [re.search(rf"^  {name} ", text, re.MULTILINE) for name in told]
    assert all(places)
    assert [p.start() for p in places if p] == sorted(p.start() for p in places if p)


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[" ".join(path) for path, _ in COMMANDS])
def test_every_command_and_parameter_is_explained_in_both_languages(path: tuple[str, ...], command: Any) -> None:
    assert catalogue()[f"help.{'.'.join(path)}"]
    for parameter in command.params:
        if parameter.name != "help":
            assert guide.key_of(path, parameter.name) in catalogue(), parameter.name
    zh = in_process([*path, "--help"], {}).out
    en = in_process([*path, "--help", "--lang", "en"], {}).out
    assert re.search("[一-鿿]", zh)
    assert not re.search("[一-鿿]", en)
    for parameter in command.params:
        for option in parameter.opts if parameter.param_type_name == "option" and parameter.name != "help" else ():
            assert option in zh


def test_no_explanation_is_left_over() -> None:
    used = {guide.key_of(path, p.name) for path, command in COMMANDS for p in command.params}
    told = {key for key in catalogue() if re.fullmatch(r"help\.[a-z.-]*:\w+", key)}
    assert told - used == set()


def test_the_language_comes_from_the_option_then_the_environment() -> None:
    assert "用法" in in_process(["--help"], {}).out
    assert "Usage" in in_process(["--help"], {"ALLIANCE_LANG": "en"}).out
    assert "用法" in in_process(["--help", "--lang", "zh"], {"ALLIANCE_LANG": "en"}).out


def test_a_group_without_a_command_shows_what_it_has() -> None:
    answer = in_process(["keys"], {})
    assert answer.code == 2
    assert "export-public" in answer.err
