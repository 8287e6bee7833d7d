# SPDX-License-Identifier: Apache-2.0
"""Error answers as each client gave them: what they mean, and that the list of meanings is closed."""

import inspect
import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from eth_abi.abi import encode

from node.chain import failures, ledger_errors, registry_errors, solidity_errors
from node.chain.contracts import load_artifact
from node.chain.failures import FINAL, RETRYABLE, AlreadyKnown, failure, is_final
from node.chain.ledger_errors import NotSender
from node.chain.reverts import RevertUnknown, decode_revert, errors_by_selector, revert_data, selector
from node.chain.solidity_errors import Reverted
from node.domain.errors import AllianceError, Broken, Conflict, Refused, Unavailable
from node.domain.messages import catalogue, sentence

ANSWERS = orjson.loads((Path(__file__).parent / "answers.json").read_bytes())
ACCOUNT = "0x28E60089a73c0840b8362cD441C09B703187dCC2"
REVERT = selector("NotSender(address,uint16)") + encode(["address", "uint16"], [ACCOUNT, 4])
PLAIN = ["uint8", "uint16", "uint32", "uint64", "uint256", "address", "bytes32", "bytes", "string"]
EXAMPLES = {"address": ACCOUNT, "bytes32": b"\x07" * 32, "bytes": b"\x01\x02", "string": "text"}


def _filled(error: Any) -> Any:
    if isinstance(error, dict):
        return {k: _filled(v) for k, v in error.items()}
    return "0x" + REVERT.hex() if error == "REVERT" else error


@pytest.mark.parametrize("answer", ANSWERS["reverts"], ids=lambda a: a["client"])
def test_the_revert_is_read_wherever_the_client_puts_it(answer: dict[str, Any]) -> None:
    data = revert_data(_filled(answer["error"]))
    assert data == REVERT
    error = decode_revert(data)
    assert isinstance(error, NotSender)
    assert error.values == {"account": ACCOUNT, "org": 4}
    assert error.reason == f"NotSender(account={ACCOUNT}, org=4)"


@pytest.mark.parametrize("answer", ANSWERS["silent_reverts"], ids=lambda a: a["client"])
def test_a_revert_without_data_is_one_too(answer: dict[str, Any]) -> None:
    assert revert_data(answer["error"]) == b""
    assert isinstance(decode_revert(b""), RevertUnknown)


@pytest.mark.parametrize("answer", ANSWERS["failures"], ids=lambda a: f"{a['client']}: {a['reason']}")
def test_an_error_answer_means_the_same_whoever_gives_it(answer: dict[str, Any]) -> None:
    error = answer["error"]
    assert revert_data(error) is None
    found = failure("eth_sendRawTransaction", int(error.get("code") or 0), str(error.get("message") or ""))
    assert found.code == answer["reason"]


def test_an_unknown_error_is_neither_success_nor_final() -> None:
    unknown = failure("eth_call", -1, "never seen")
    assert isinstance(unknown, Unavailable)
    assert not is_final(unknown)


def test_the_list_is_closed_and_each_reason_is_final_or_not() -> None:
    declared = {
        kind
        for kind in vars(failures).values()
        if inspect.isclass(kind) and issubclass(kind, AllianceError) and kind.__module__ == failures.__name__
    }
    assert declared == {*FINAL, *RETRYABLE, AlreadyKnown}
    assert not set(FINAL) & set(RETRYABLE)
    assert {row[2] for row in failures.FailureTable.ROWS} <= declared


# ---- Solidity's errors


def _abi_errors(name: Any) -> dict[str, list[str]]:
    return {
        f"{e['name']}({','.join(i['type'] for i in e['inputs'])})": [i["name"] for i in e["inputs"]]
        for e in load_artifact(name).abi
        if e["type"] == "error"
    }


@pytest.mark.parametrize("contract", ["CaseLedger", "MembershipRegistry"])
def test_every_solidity_error_has_its_class_with_the_arguments_by_name(contract: str) -> None:
    by_selector = errors_by_selector()
    errors = _abi_errors(contract)
    assert len(errors) > 15
    for signature, names in errors.items():
        kind = by_selector[selector(signature)]
        assert kind.signature == signature
        assert [n.lower() for n in kind.names] == [{"str": "text"}.get(n, n).lower() for n in names], signature


def test_no_class_stands_for_an_error_that_neither_interface_knows() -> None:
    sources = Path(__file__).parents[2] / "contracts/src/interfaces"
    told = "".join(path.read_text() for path in sources.glob("*.sol"))
    interface = {
        f"{name}({','.join(a.split()[0] for a in arguments.split(',') if a.strip())})"
        for name, arguments in re.findall(r"^    error (\w+)\(([^)]*)\);", told, re.M)
    }
    ours = {k.signature for module in (ledger_errors, registry_errors) for k in _kinds(module)}
    assert ours == interface


def _kinds(module: Any) -> list[type[Reverted]]:
    return [k for k in vars(module).values() if inspect.isclass(k) and issubclass(k, Reverted) and k is not Reverted]


@pytest.mark.parametrize(
    "kind", sorted((k for k in errors_by_selector().values() if k.signature), key=lambda k: k.signature)
)
def test_each_decodes_and_speaks_both_languages(kind: type[Reverted]) -> None:
    types = [t for t in kind.signature.partition("(")[2][:-1].split(",") if t]
    assert len(types) == len(kind.names)
    assert set(types) <= set(PLAIN)
    values = [EXAMPLES.get(t, 5) for t in types]
    error = decode_revert(selector(kind.signature) + encode(types, values))
    assert type(error) is kind
    assert error.reason.startswith(kind.signature.partition("(")[0] + "(")
    assert isinstance(error, (Refused, Conflict, Broken))
    assert not isinstance(error, Unavailable)
    for lang in ("zh", "en"):
        said = sentence(error, lang)
        assert all(str(v) in said for v in error.values.values()), said
        assert "—" not in said


def test_every_error_of_this_floor_has_its_sentence_in_both_languages() -> None:
    import node.chain.deployment
    import node.chain.embedded.network
    import node.chain.finality
    import node.chain.networks
    import node.chain.sender
    import node.chain.simulators
    import node.chain.transactions  # noqa: F401

    codes = {kind.code for kind in _subclasses(AllianceError) if kind.__module__.startswith("node.chain")}
    assert len(codes) > 60
    for code in codes:
        told = catalogue()[code]
        assert told["zh"].strip()
        assert told["en"].strip()
        assert set(re.findall(r"{(\w+)}", told["zh"])) == set(re.findall(r"{(\w+)}", told["en"])), code


def _subclasses(kind: type[AllianceError]) -> set[type[AllianceError]]:
    return {kind}.union(*(_subclasses(k) for k in kind.__subclasses__()))


@pytest.mark.parametrize("data", [REVERT[:-1], REVERT[:4], b"\x42\x33\xee", b"\xff" * 40])
def test_data_that_does_not_decode_is_unknown_and_no_crash(data: bytes) -> None:
    assert isinstance(decode_revert(data), RevertUnknown)


def test_the_own_errors_of_solidity_are_told_apart() -> None:
    panic = decode_revert(selector("Panic(uint256)") + (0x11).to_bytes(32, "big"))
    assert isinstance(panic, solidity_errors.Panicked)
    assert isinstance(panic, Broken)
