# SPDX-License-Identifier: Apache-2.0
"""``inspect``: on any machine, without a node, what a signature would do; a file that does not agree is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from node.crypto import submission_file
from node.crypto.signer import LocalSigner
from node.crypto.typed import check_code, registry_domain, typed_data_json
from node.domain.entries import Act, Action, OrgRole
from node.domain.transitions import ActKind
from node.services.members.acts import ActFile
from tests.cli.houses import Answer, in_process
from tests.crypto.submissions import DOMAIN, entries_of, signable_of

REGISTRY = bytes(range(32))


def inspect(tmp_path: Path, document: Any, *options: str) -> Answer:
    file = tmp_path / "x.json"
    file.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return in_process(["inspect", str(file), "--json", *options], {})


@pytest.mark.parametrize("action", list(Action))
def test_a_submission_file_is_told_in_words_with_its_check_code(action: Action, tmp_path: Path) -> None:
    entries = entries_of(action)
    signable = signable_of(entries)
    answer = inspect(tmp_path, submission_file.build(signable, entries).dumps())
    assert answer.code == 0
    assert answer.json["check_code"] == check_code(signable.submission)
    assert answer.json["entries_checked"] == len(entries)
    assert any(answer.json["check_code"] in line for line in answer.json["words"])


def test_a_file_whose_entries_and_typed_data_differ_is_refused(tmp_path: Path) -> None:
    entries = entries_of(Action.ORDER)
    document = json.loads(submission_file.build(signable_of(entries), entries).dumps())
    document["entries"][1]["amount"] += 1
    answer = inspect(tmp_path, document)
    assert (answer.code, answer.json["error"]) == (3, "submission_file_differs")


def test_typed_data_alone_is_told_and_says_that_no_entry_was_seen(tmp_path: Path) -> None:
    signable = signable_of(entries_of(Action.DEBIT))
    answer = inspect(tmp_path, typed_data_json(signable.submission, DOMAIN, role=signable.role), "--lang", "en")
    assert (answer.code, answer.json["entries_checked"]) == (0, 0)
    assert answer.json["digest"] == "0x" + signable.digest().hex()


def act_file() -> ActFile:
    act = Act(
        kind=ActKind.ADMIT,
        org=4,
        number=1,
        first="0x5FbDB2315678afecb367f032d93F642f64180aa3",
        second="0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512",
        code=OrgRole.BANK,
        data="样例银行".encode(),
        valid_until=1_798_732_799,
    )
    domain = registry_domain(31337, "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0")
    unsigned = ActFile(act, REGISTRY, domain, {})
    signer = LocalSigner(b"\x01" * 32)
    return ActFile(act, REGISTRY, domain, {signer.address: signer.sign_digest(unsigned.signable.digest())})


def test_an_act_file_is_told_with_who_signed_it(tmp_path: Path) -> None:
    file = act_file()
    answer = inspect(tmp_path, file.dumps().encode())
    assert (answer.code, answer.json["signed_by"]) == (0, list(file.signatures))
    assert any("样例银行" in line for line in answer.json["words"])


@pytest.mark.parametrize(
    ("path", "value", "part"),
    [
        (("format",), "alliance-act/2", "nothing_to_inspect"),
        (("typedData", "message", "org"), 5, "act_file_wrong"),
        (("typedData", "message", "number"), "1", "act_file_wrong"),
        (("signatures", "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0"), "0x" + "11" * 65, "act_file_wrong"),
    ],
)
def test_an_altered_act_file_is_refused(path: tuple[str, ...], value: object, part: str, tmp_path: Path) -> None:
    document = json.loads(act_file().dumps())
    at = document
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    answer = inspect(tmp_path, document)
    assert (answer.code, answer.json["error"]) == (1, part)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"not json", b'{"format": "other"}'])
def test_anything_else_is_refused(data: bytes, tmp_path: Path) -> None:
    answer = inspect(tmp_path, data)
    assert (answer.code, answer.json["error"]) == (1, "nothing_to_inspect")
