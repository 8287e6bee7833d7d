# SPDX-License-Identifier: Apache-2.0
"""``init`` and ``config show``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from node.cli.argv import UsageWrong
from node.cli.call import calling
from node.cli.options import read_file

_USERINFO = re.compile(r"//[^/@\s]*@")
_SECRET_PARAMETER = re.compile(r"((?:password|passwd|token|key|secret)=)[^&\s]+", re.IGNORECASE)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("init")(init)
    config = typer.Typer()
    config.command("show")(show)
    config.callback()(_group)
    app.add_typer(config, name="config")


def _group() -> None:
    """Keeps ``config`` a group while it has one command."""


def init(
    context: typer.Context,
    name: Annotated[str, typer.Option("--name", metavar="TEXT")] = "",
    mode: Annotated[str, typer.Option("--mode", metavar="production|demo|test")] = "production",
    chain_url: Annotated[str, typer.Option("--chain-url", metavar="URL")] = "",
    deployment: Annotated[Path | None, typer.Option("--deployment", metavar="FILE")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE")] = None,
) -> None:
    """A new node in the folder that --home names."""
    call = calling(context)
    values: dict[str, str | int | float] = {"mode": mode, "name": name, "lang": call.lang}
    if chain_url:
        values["chain_url"] = chain_url
    for pair in settings or []:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageWrong(why=f"--set {key}=…?")
        values[key] = value
    file = call.new_passphrase_file()
    if file is not None:
        from node.machine import read_passphrase

        passphrase = read_passphrase(file)
        if call.options.passphrase_file is not None:
            values["passphrase_file"] = str(file.resolve())
    else:
        passphrase = call.ask(again=True)
    contracts = None if deployment is None else read_file(deployment)
    node = call.create_node(call.home, values, passphrase)
    try:
        if contracts is not None:
            (call.home / node.settings.deployment).write_bytes(contracts)
    finally:
        node.close()
    call.terminal.data({"home": str(call.home), "mode": mode, "name": name}, [str(call.home)])
    call.terminal.note("cli.init_done", home=str(call.home))


def show(context: typer.Context) -> None:
    """Every setting, its value and where it came from."""
    call = calling(context)
    node = call.node
    rows = [
        {"setting": name, "value": masked(getattr(node.settings, name)), "source": source}
        for name, source in node.loaded.sources.items()
    ]
    if call.options.json:
        shown = {row["setting"]: {"value": row["value"], "source": row["source"]} for row in rows}
        call.terminal.data({"home": str(node.home), "settings": shown})
    else:
        call.terminal.table(rows, ["setting", "value", "source"])


def masked(value: object) -> object:
    """A setting as it may be shown: what a URL carries of users, passwords and tokens is not."""
    if not isinstance(value, str):
        return value
    return _SECRET_PARAMETER.sub(r"\1***", _USERINFO.sub("//***@", value))
