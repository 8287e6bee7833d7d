# SPDX-License-Identifier: Apache-2.0
"""Payload schemas: strict, closed, small enough, and never speaking of the values that they refuse."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785

from node.domain.bodies import BODIES, PayloadWrong, make_body
from node.domain.entries import MAX_FEN, Action, Entry
from node.domain.payloads import build, clear_of, differing, read, schema_known, schema_said

D = "ab" * 32
NOW = datetime(2026, 11, 24, 20, 0, 0, tzinfo=UTC)
REQUEST: dict[str, Any] = {
    "letter_number": "赣社险协〔2026〕1234号",
    "agency": "样例市社会保险事业管理服务中心",
    "bank": "样例银行三股份有限公司样例市城东支行",
    "person_name": "测试甲一",
    "person_id": "369999194501010012",
    "account": "0000000000000000018",
    "account_type": "card",
    "insurance": "EMPLOYEE_PENSION",
    "category": "PEN-02",
    "region": "360100",
    "ineligible_from": "2024-02-29",
    "stopped_on": "2025-07-31",
    "amount_fen": 10_700_053,
    "items": ["name", "id", "status", "class", "branch", "sufficiency", "freeze"],
    "purpose": "VERIFY_AND_RECOVER",
    "legal_basis": "SIL_88",
    "contact": "测试经办 0790-0000000",
}
EXAMPLES: dict[Action, dict[str, Any]] = {
    Action.REQUEST: REQUEST,
    Action.ACKNOWLEDGE: {"received_by": "样例银行三"},
    Action.REPLY: {"outcome": "matched", "account_ours": True, "queried_at": "2026-11-24T20:00:00Z"},
    Action.DECLINE: {"reason": "incomplete"},
    Action.CONSENT: {
        "number": "T-1", "signer_name": "测试甲二", "signer_id": "369999194501010020", "capacity": "heir",
        "account": "0000000000000018", "valid_until": "2026-12-31", "evidence": [{"digest": D, "name": "同意书.pdf"}],
    },
    Action.ORDER: {"consent_number": "T-1", "payee": "样例市社会保险基金专户"},
    Action.ACCEPT: {"consent_number": "T-1", "evidence": [D]},
    Action.DEBIT: {"outcome": "partial", "reason": "balance", "posting": "P1", "id_closed": True},
    Action.CANCEL: {"reason": "wrong_amount"},
    Action.REVOKE: {"reason": "withdrawn"},
    Action.REVERSE: {"reason": "wrong_person"},
    Action.SETTLE: {"statement": "S1", "received_on": "2026-11-25"},
    Action.DISPUTE: {"reason": "person_alive"},
    Action.RESOLVE: {"outcome": "upheld", "decision": D},
    Action.CLOSE: {"outcome": "rerouted", "next_case": D},
}  # fmt: skip


def entry(action: Action) -> Entry:
    return Entry(
        action, 5, 5, b"\x01" * 32, bytes(32), bytes(316), recipient=7, due_at=1, amount_fen=3, head=b"\2" * 32
    )


@pytest.mark.parametrize("action", list(Action))
def test_every_action_has_a_schema_that_takes_its_example_and_gives_it_back(action: Action) -> None:
    payload = build(entry(action), make_body(action, EXAMPLES[action]), b"\3" * 32, NOW, NOW)
    again = json.loads(rfc8785.dumps(payload))
    assert schema_known(action, again["schema"])
    assert differing(entry(action), again) is None
    found = read(action, again)
    assert found.body == make_body(action, EXAMPLES[action])
    assert (found.happened_at, found.learnt_at) == (NOW, NOW)


def test_a_full_request_fits_the_third_size() -> None:
    payload = build(entry(Action.REQUEST), make_body(Action.REQUEST, REQUEST), b"\3" * 32, NOW, NOW)
    assert len(rfc8785.dumps(payload)) < 1200


@pytest.mark.parametrize("action", list(Action))
def test_schemas_are_closed_and_ask_for_all_that_they_need(action: Action) -> None:
    with pytest.raises(PayloadWrong) as caught:
        make_body(action, EXAMPLES[action] | {"pin": "123456"})
    assert caught.value.values["field"] == "pin"
    for name, field in BODIES[action].model_fields.items():
        if field.is_required():
            with pytest.raises(PayloadWrong) as caught:
                make_body(action, {k: v for k, v in EXAMPLES[action].items() if k != name})
            assert caught.value.values["field"] == name


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount_fen", 0),
        ("amount_fen", MAX_FEN + 1),
        ("amount_fen", "100"),
        ("amount_fen", 100.0),
        ("amount_fen", True),
        ("ineligible_from", "2025-02-29"),
        ("ineligible_from", "2025-2-1"),
        ("account_type", "wallet"),
        ("person_name", 5),
        ("items", "name"),
        ("contact", "长" * 81),
        ("purpose", b"bytes"),
        ("purpose", None),
    ],
)
def test_a_wrong_value_is_refused_by_field_and_never_repeated(field: str, value: object) -> None:
    with pytest.raises(PayloadWrong) as caught:
        make_body(Action.REQUEST, REQUEST | {field: value})
    assert caught.value.values["schema"] == "request/1"
    assert "369999194501010012" not in str(caught.value)
    assert "测试" not in repr(caught.value)


def test_the_clear_fields_are_those_of_the_table_and_a_changed_one_is_named() -> None:
    assert set(clear_of(entry(Action.REQUEST))) == {"action", "org", "office", "caseId", "recipient", "dueAt"}
    payload = build(entry(Action.SETTLE), make_body(Action.SETTLE, EXAMPLES[Action.SETTLE]), bytes(32), NOW, NOW)
    for name, other in [("amount", 4), ("amount", 3.0), ("org", 6), ("caseId", "00" * 32), ("action", "REVERSE")]:
        assert differing(entry(Action.SETTLE), payload | {"clear": payload["clear"] | {name: other}}) == name
    assert differing(entry(Action.SETTLE), payload | {"clear": payload["clear"] | {"debitable": 0}}) == "clear"
    assert differing(entry(Action.SETTLE), payload | {"clear": None}) == "clear"
    reply = build(entry(Action.REPLY), make_body(Action.REPLY, EXAMPLES[Action.REPLY]), bytes(32), NOW, NOW)
    assert differing(entry(Action.REPLY), reply | {"clear": reply["clear"] | {"debitable": False}}) == "debitable"


@pytest.mark.parametrize(
    "text", ["2026-11-24T20:00:00", "2026-11-24T20:00:00+08:00", "2026-11-24", "", None, 5, "9999-12-31T23:59:59-14:00"]
)
def test_times_are_utc_to_the_second(text: object) -> None:
    payload = build(entry(Action.CANCEL), make_body(Action.CANCEL, {"reason": "other"}), bytes(32), NOW, NOW)
    with pytest.raises(PayloadWrong):
        read(Action.CANCEL, payload | {"happened_at": text})


def test_times_given_in_beijing_are_written_in_utc() -> None:
    beijing = datetime(2026, 11, 25, 4, 0, 0, 999, tzinfo=timezone(timedelta(hours=8)))
    payload = build(entry(Action.CANCEL), make_body(Action.CANCEL, {"reason": "other"}), bytes(32), beijing, beijing)
    assert payload["happened_at"] == "2026-11-24T20:00:00Z"


def test_an_unknown_schema_or_shape_is_refused() -> None:
    assert not schema_known(Action.CANCEL, "cancel/2")
    assert not schema_known(Action.CANCEL, "revoke/1")
    payload = build(entry(Action.CANCEL), make_body(Action.CANCEL, {"reason": "other"}), bytes(32), NOW, NOW)
    for wrong in (payload | {"more": 1}, {k: v for k, v in payload.items() if k != "salt"}, payload | {"body": 3}):
        with pytest.raises(PayloadWrong):
            read(Action.CANCEL, wrong)


def test_nothing_that_its_writer_chose_stands_in_an_error() -> None:
    evil = "\x1b[2J测试甲一"
    payload = build(entry(Action.CANCEL), make_body(Action.CANCEL, {"reason": "other"}), bytes(32), NOW, NOW)
    for wrong in (
        payload | {"body": {"reason": "other", evil: 1}},
        payload | {"body": {"reason": evil}},
        payload | {"body": evil},
        payload | {"schema": evil, "happened_at": evil},
        payload | {"schema": evil, evil: 1},
    ):
        with pytest.raises(PayloadWrong) as caught:
            read(Action.CANCEL, wrong)
        assert "测试" not in str(caught.value)
        assert str(caught.value).isprintable()
    assert [schema_said({"schema": s}) for s in ("order/2", evil, 5, None)] == ["order/2", "?", "?", "?"]
