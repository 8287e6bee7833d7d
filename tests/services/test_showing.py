# SPDX-License-Identifier: Apache-2.0
"""What is shown of a payload: masked, field by field, for every schema."""

from __future__ import annotations

import json

import pytest

from node.domain.bodies import BODIES, Body, EvidenceRef
from node.domain.entries import Action
from node.services.showing import shown

SECRETS = {
    "person_name": "欧阳样例",
    "person_id": "369999194901011990",
    "signer_name": "测试继承",
    "signer_id": "369999195001010010",
    "account": "0000009900000010",
    "relation": "长子",
    "note": "当事人电话见附件",
    "contact": "王样例 13800000000",
}
EVIDENCE = (EvidenceRef(digest="ab" * 32, name="测试继承的同意书.pdf"),)


@pytest.mark.parametrize("action", list(Action))
def test_no_personal_field_of_any_schema_is_shown_in_full(action: Action) -> None:
    schema: type[Body] = BODIES[action]
    values = {name: SECRETS[name] for name in schema.model_fields if name in SECRETS}
    if "evidence" in schema.model_fields and action is not Action.ACCEPT:
        values["evidence"] = EVIDENCE  # type: ignore[assignment]
    body = schema.model_construct(**values)  # type: ignore[arg-type]
    told = json.dumps(shown(body), ensure_ascii=False, default=str)
    for secret in (*SECRETS.values(), "测试继承的同意书.pdf"):
        assert secret not in told
    assert json.dumps(shown(body, reveal=True), default=str) == json.dumps(body.model_dump(mode="json"), default=str)


def test_a_mask_keeps_what_people_compare_by() -> None:
    told = shown(SECRETS)
    assert told["person_name"] == "欧***"
    assert told["person_id"] == "3699**********1990"
    assert told["account"] == "000000******0010"
    assert set(told["note"]) == {"*"}
