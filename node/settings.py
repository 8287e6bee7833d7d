# SPDX-License-Identifier: Apache-2.0
"""One typed settings object: a file in the node's HOME, and the environment above it.

Order: ``ALLIANCE_*`` variables, then ``HOME/settings.toml``, then the defaults here. No secret stands in either: they
name the file in which the passphrase is. Only ``runtime`` imports this module.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from node.domain.errors import Refused

PREFIX = "ALLIANCE_"
FILE = "settings.toml"


class SettingsWrong(Refused):
    """A setting is unknown or has a value that it cannot have."""

    code = "settings_wrong"


class Settings(BaseSettings):
    """What a person may set. Paths are relative to HOME; times are in seconds unless the name says otherwise."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix=PREFIX)

    mode: Literal["production", "demo", "test"] = Field("production", description="demo and test allow made-up ids")
    lang: Literal["zh", "en"] = Field("zh", description="language of what is printed")
    name: str = Field("", description="how this node is called in its own output")
    chain_url: str = Field("", description="JSON-RPC address of the chain")
    deployment: str = Field("deployment.json", description="file that names the contracts")
    finality: str = Field(
        "immediate", pattern=r"^(immediate|tag:finalized|tag:safe|depth:\d{1,4})$", description="when a block is final"
    )
    database_url: str = Field("", description="SQLAlchemy URL; empty: node.db in HOME")
    passphrase_file: str = Field("", description="file with the passphrase of the keys (0600)")
    corebank: Literal["none", "simulated"] = Field("none", description="adapter to the core banking system")
    letter_prefix: str = Field("社险协", description="of the numbers of letters (文号)")
    service_officer: str = Field("", description="key that acknowledges by itself; empty: a person does")
    sender: str = Field("sender", description="key that sends submissions")
    stop_sender: str = Field("stop-sender", description="key that sends stops, so that they do not wait")
    poll_s: float = Field(1.0, gt=0, le=60, description="pause between two looks at the chain")
    valid_workdays: int = Field(5, ge=1, le=30, description="how long a signature may be used, in working days")
    acknowledge_workdays: int = Field(1, ge=1, le=60, description="a bank's time to acknowledge, in working days")
    reply_workdays: int = Field(5, ge=1, le=60, description="a bank's time to reply, in working days")
    keystore_cost: int = Field(18, ge=12, le=20, description="log2 of scrypt's N; below 18 in demo and test mode only")
    chain_port: int = Field(0, ge=0, le=65535, description="port of the embedded chain served from this HOME")


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and for each where it came from: ``default``, the file, or the variable's name."""

    settings: Settings
    sources: Mapping[str, str]

    def passphrase_path(self, home: Path) -> Path | None:
        """The passphrase file, if one is set: a path in HOME's file is HOME's, one from elsewhere the caller's."""
        if not self.settings.passphrase_file:
            return None
        named = Path(self.settings.passphrase_file)
        return home / named if self.sources["passphrase_file"] == FILE else named


def load(home: Path) -> Loaded:
    """Read HOME's settings with the environment above them. Raises SettingsWrong, which names the setting."""
    layers: list[tuple[str, dict[str, Any]]] = []
    file = home / FILE
    if file.is_file():
        try:
            layers.append((FILE, TomlConfigSettingsSource(Settings, file)()))
        except tomllib.TOMLDecodeError as error:
            raise SettingsWrong(setting=str(file), why=str(error)) from error
    layers.append(("environment", EnvSettingsSource(Settings)()))
    values: dict[str, Any] = {}
    sources = dict.fromkeys(Settings.model_fields, "default")
    for name, layer in layers:
        values |= layer
        sources |= {key: PREFIX + key.upper() if name == "environment" else name for key in layer}
    settings = _checked(values)
    if settings.keystore_cost < 18 and settings.mode == "production":
        raise SettingsWrong(setting="keystore_cost", why="18 or more in production")
    return Loaded(settings, sources)


def _checked(values: dict[str, Any]) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise SettingsWrong(setting=".".join(str(p) for p in first["loc"]), why=first["msg"]) from None


def write(home: Path, values: Mapping[str, str | int | float]) -> Path:
    """Put ``values`` into HOME's settings file (they are checked first) and give its path."""
    checked = _checked(dict(values))
    lines = [f"{key} = {_toml(getattr(checked, key))}" for key in values]
    path = home / FILE
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _toml(value: str | int | float) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
