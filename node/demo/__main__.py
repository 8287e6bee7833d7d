# SPDX-License-Identifier: Apache-2.0
"""``scripts/demo``: the whole main job, from an Excel of inquiries to settled debits, replayed by an auditor."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import traceback
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from node.demo.checks import Checks
from node.demo.screen import Screen
from node.domain.errors import AllianceError
from node.domain.messages import sentence

if TYPE_CHECKING:
    from node.audit.replay import Replay


def main(arguments: Sequence[str] | None = None) -> int:
    """0 only if every check held."""
    options = _options(arguments)
    screen = Screen("en" if options.lang == "en" else "zh", options.plain)
    checks = Checks()
    report: dict[str, Any] = {"chain": options.chain, "entries": 0, "refusals": 0, "totals": {}, "checks": checks.found}
    keep: Path | None = options.keep
    if keep is not None and keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        screen.tell("keep_taken", folder=str(keep))
        return 2
    try:
        with ExitStack() as stack:
            root = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="alliance-")))
            _run(root.resolve(), options, screen, checks, report, stack)
    except AllianceError as error:
        checks.hold("run", ok=False, detail=error.code)
        screen.tell("failed", why=sentence(error, screen.lang))
    except Exception as error:
        checks.hold("run", ok=False, detail=type(error).__name__)
        traceback.print_exc()
    finally:
        if options.report:
            text = json.dumps(report, indent=1, ensure_ascii=False) + "\n"
            Path(options.report).write_text(text, encoding="utf-8")
    screen.result(checks)
    if keep is not None:
        screen.next(str(keep), kept=True)
    else:
        screen.next("", kept=False)
    return 0 if checks.found and checks.ok else 1


def _run(
    root: Path, options: argparse.Namespace, screen: Screen, checks: Checks, report: dict[str, Any], stack: ExitStack
) -> None:
    from node.chain.networks import start_network
    from node.demo import auditing, founding, letters, recovery
    from node.demo.cast import create_chain_home
    from node.demo.play import Play

    screen.title()
    with screen.step(1):
        screen.tell("starting_chain", chain=options.chain)
        create_chain_home(root, screen.lang)
        network = start_network(options.chain, root / "chain")
        stack.callback(network.stop)
        alliance = founding.found(root, network, screen.lang)
        for player in alliance.everyone:
            stack.callback(player.runtime.close)
        screen.tell("deployed", ledger=alliance.office.runtime.contracts.ledger_address)
        founding.build_consortium(alliance, checks, screen.tell)
    play = Play(alliance, checks, screen.tell, screen.lang)
    with screen.step(2):
        letters.ask(play)
    with screen.step(3):
        letters.answer(play)
    with screen.step(4):
        recovery.recover(play)
    with screen.step(5):
        replayed = auditing.audit(play)
        auditing.find_the_fault(play)
    _fill(report, replayed)
    screen.table(replayed, alliance)


def _fill(report: dict[str, Any], replayed: Replay) -> None:
    assert replayed.members is not None
    names = {org.id: org.name for org in replayed.members.orgs()}
    report["entries"] = len(replayed.entries)
    report["refusals"] = len(replayed.refusals)
    report["totals"] = {names[org]: book.figures() for org, book in replayed.books.items() if not book.empty}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/demo", description="从一份核查名单到划扣到账，再由审计重放。")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="语言 / language")
    parser.add_argument("--once", action="store_true", help="运行后退出（默认） / run and exit (the default)")
    parser.add_argument(
        "--chain", default="embedded", metavar="embedded|hardhat|ganache|anvil|URL", help="链 / which chain"
    )
    parser.add_argument("--plain", action="store_true", help="无颜色、无动画 / no colour, no animation")
    parser.add_argument("--report", metavar="FILE", help="写出结果 JSON / write the result as JSON")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="保留各节点文件夹 / keep the nodes' folders")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
