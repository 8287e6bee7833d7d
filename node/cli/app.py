# SPDX-License-Identifier: Apache-2.0
"""``alliance-node``: the commands put together, and the one place where what they raise becomes an exit code."""

from __future__ import annotations

import secrets
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import typer
import typer.main
from typer import TyperException

from node import __version__
from node.cli import argv, guide
from node.cli.argv import UsageWrong
from node.cli.call import Call, Globals, environment
from node.cli.node import CreateNode, OpenNode
from node.cli.terminal import OK, USAGE
from node.domain.errors import AllianceError, Broken


def build() -> typer.Typer:
    """All commands; their modules import nothing heavy."""
    from node.cli import (
        acts,
        approving,
        auditing,
        bank,
        cases,
        debits,
        evidence,
        inquiries,
        inspecting,
        keys,
        members,
        networks,
        office,
        running,
        setup,
    )

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, name="alliance-node")
    modules = (setup, keys, networks, acts, members, inquiries, approving, bank, evidence, office, debits, cases)
    for module in (*modules, running, auditing, inspecting):
        module.register(app)
    return app


def run(
    arguments: Sequence[str], open_node: OpenNode, create_node: CreateNode, environ: Mapping[str, str] | None = None
) -> int:
    """Carry out one command line and give its exit code; nothing but SystemExit's kin gets out of here."""
    environ = environment() if environ is None else environ
    call = Call(Globals(None, "--json" in arguments, None, None), environ, open_node, create_node)
    try:
        split = argv.split(arguments, environ)
        call = Call(split.options, environ, open_node, create_node)
        if split.version:
            call.terminal.data({"version": __version__}, [f"alliance-node {__version__}"])
            return OK
        root = cast("Any", typer.main.get_command(build()))
        if split.help or not split.rest:
            sys.stdout.write(guide.render(root, split.rest, call.lang))
            return OK
        code = _invoke(root, split.rest, call)
    except UsageWrong as error:
        call.terminal.fail(error)
        return USAGE
    except AllianceError as error:
        return call.terminal.fail(error)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:
        return OK  # whoever read us has seen enough
    except Exception as error:
        return call.terminal.fail(incident(error))
    finally:
        call.close()
    return code


def incident(error: Exception) -> Broken:
    """A bug of ours: its kind and place, and never its text, which may name people."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"{Path(__file__).parent.parent}/" in frame.filename] or frames
    at = ours[-1]
    place = "/".join(Path(at.filename).parts[-3:])
    return Broken(incident=secrets.token_hex(4), kind=type(error).__name__, where=f"{place}:{at.lineno}")


def _invoke(root: Any, words: Sequence[str], call: Call) -> int:
    """Typer's own complaints are about usage, whatever their class."""
    try:
        code = root.main(args=list(words), prog_name="alliance-node", standalone_mode=False, obj=call)
    except TyperException as error:
        raise _usage(error, root, words, call) from None
    return code if isinstance(code, int) else OK


def _usage(error: TyperException, root: Any, words: Sequence[str], call: Call) -> UsageWrong:
    command, path = guide.find(root, words)
    if getattr(command, "commands", None):
        sys.stderr.write(guide.render(root, path, call.lang))
    else:
        sys.stderr.write(f"alliance-node {' '.join((*path, '--help'))}\n")
    return UsageWrong(why=error.format_message().rstrip("."))
