# SPDX-License-Identifier: Apache-2.0
"""Typed data from outside: what we read is what a wallet hashes, and every other spelling is refused."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.crypto.typed import act_digest, ledger_domain, registry_domain, submission_digest, typed_data_json
from node.crypto.typed_reading import SignableAct, SignableSubmission, TypedDataMalformed, read_typed_data
from node.domain.entries import Act, Action, SignRole, Submission
from tests.crypto.strategies import act_strategy, submission_strategy
from tests.crypto.submissions import DOMAIN, entries_of, submission_of

SUBMISSION = json.loads(json.dumps(typed_data_json(submission_of(entries_of(Action.ORDER)), DOMAIN)))
REGISTRY = b"\x0f" * 32
ACT = typed_data_json(Act(14, 2, 1, code=1, data=b"\x01\x02"), registry_domain(1, DOMAIN.address), registry=REGISTRY)


@settings(max_examples=80, deadline=None)
@given(submission_strategy(), st.sampled_from(SignRole), st.integers(0, 2**256 - 1))
def test_a_submission_reads_back(submission: Submission, role: SignRole, chain_id: int) -> None:
    domain = ledger_domain(chain_id, DOMAIN.address)
    document = json.loads(json.dumps(typed_data_json(submission, domain, role=role)))
    signable = read_typed_data(document)
    assert signable == SignableSubmission(domain, submission, role)
    assert signable.digest() == submission_digest(domain, submission, role)


@settings(max_examples=80, deadline=None)
@given(act_strategy(), st.binary(min_size=32, max_size=32))
def test_an_act_reads_back(act: Act, registry: bytes) -> None:
    domain = registry_domain(31337, DOMAIN.address)
    signable = read_typed_data(json.loads(json.dumps(typed_data_json(act, domain, registry=registry))))
    assert isinstance(signable, SignableAct)
    assert signable.digest() == act_digest(domain, registry, act)


@pytest.mark.parametrize(
    ("source", "path", "value"),
    [
        (SUBMISSION, ["primaryType"], "Entry"),
        (SUBMISSION, ["domain", "name"], "Alliance Membership Registry"),
        (SUBMISSION, ["domain", "name"], 1),
        (SUBMISSION, ["domain", "version"], "2"),
        (SUBMISSION, ["domain", "chainId"], "31337"),
        (SUBMISSION, ["domain", "chainId"], True),
        (SUBMISSION, ["domain", "verifyingContract"], "0x5fbdb2315678afecb367f032d93f642f64180aa3"),
        (SUBMISSION, ["domain", "verifyingContract"], "0x"),
        (SUBMISSION, ["domain", "salt"], "0x" + "00" * 32),
        (SUBMISSION, ["message", "role"], "ADMIN"),
        (SUBMISSION, ["message", "role"], 1),
        (SUBMISSION, ["message", "action"], "order"),
        (SUBMISSION, ["message", "count"], 3.0),
        (SUBMISSION, ["message", "count"], 2**32),
        (SUBMISSION, ["message", "count"], "0x3"),
        (SUBMISSION, ["message", "sum"], 2**31 + 1),
        (SUBMISSION, ["message", "sum"], str(2**64)),
        (SUBMISSION, ["message", "root"], "0x" + "00" * 33),
        (SUBMISSION, ["message", "wraps"], "0x" + "zz" * 32),
        (SUBMISSION, ["message", "validUntil"], None),
        (SUBMISSION, ["message", "note"], "x"),
        (SUBMISSION, ["types", "Submission", 0, "type"], "bytes"),
        (SUBMISSION, ["types", "Extra"], []),
        (SUBMISSION, ["extra"], 1),
        (ACT, ["domain", "name"], "Alliance Case Ledger"),
        (ACT, ["message", "kind"], "ROB"),
        (ACT, ["message", "data"], "0x0"),
        (ACT, ["message", "data"], "0x0A"),
        (ACT, ["message", "first"], "0x" + "AB" * 20),
        (ACT, ["message", "code"], 65536),
    ],
)
def test_any_other_spelling_is_refused(source: dict[str, Any], path: list[str | int], value: object) -> None:
    document = copy.deepcopy(source)
    read_typed_data(document)
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(TypedDataMalformed):
        read_typed_data(document)


@pytest.mark.parametrize("source", [SUBMISSION, ACT])
def test_no_member_may_be_missing(source: dict[str, Any]) -> None:
    for part in (None, "domain", "message", "types"):
        for name in source if part is None else source[part]:
            document = copy.deepcopy(source)
            del (document if part is None else document[part])[name]
            with pytest.raises(TypedDataMalformed):
                read_typed_data(document)


@pytest.mark.parametrize("document", [None, [], "x", 1, {}])
def test_what_is_no_object_is_refused(document: object) -> None:
    with pytest.raises(TypedDataMalformed):
        read_typed_data(document)
