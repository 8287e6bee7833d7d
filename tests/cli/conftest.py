# SPDX-License-Identifier: Apache-2.0
"""Houses to run commands on, and a chain in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.founding import BANK, found_alliance
from tests.cli.houses import PASSPHRASE, House, Runner, end, in_process, served


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("ALLIANCE_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("secret") / "passphrase"
    file.touch(mode=0o600)
    file.write_text(PASSPHRASE + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def chain_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, url = served(tmp_path_factory.mktemp("chain"))
    try:
        yield url
    finally:
        if process.poll() is None:
            code, _, _ = end(process)
            assert code == 0


@pytest.fixture
def new_house(tmp_path: Path, secret: Path) -> Callable[..., House]:
    """A node in demo mode."""

    def make(name: str, *settings: str, runner: Runner = in_process, mode: str = "demo") -> House:
        house = House(tmp_path / name, runner, secret)
        cheap = () if mode == "production" else ("--set", "keystore_cost=12")
        house.do("init", "--mode", mode, "--name", name, *cheap, *settings)
        return house

    return make


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory, secret: Path, chain_url: str) -> dict[str, House]:
    """A founded alliance; its bank has a service officer."""
    at = tmp_path_factory.mktemp("alliance")
    made: dict[str, House] = {}
    for name in ("governor", "office", "bank", "auditor"):
        house = made[name] = House(at / name, in_process, secret)
        called = BANK if name == "bank" else name
        own = ("--set", "corebank=simulated", "--set", "service_officer=zidong") if name == "bank" else ()
        common = ("--chain-url", chain_url, "--set", "keystore_cost=12", "--set", "poll_s=0.1")
        house.do("init", "--mode", "demo", "--name", called, *common, *own)
    made["bank"].do("keys", "new", "zidong")
    found_alliance(*made.values())
    made["bank"].act("officer", "add", "zidong", "--service")
    return made
