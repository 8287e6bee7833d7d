# SPDX-License-Identifier: Apache-2.0
"""The submission file: it says what is signed, or it is refused by the name of what is wrong."""

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.crypto.submission_file import (
    MAX_FILE_BYTES,
    SubmissionFileDiffers,
    SubmissionFileMalformed,
    build,
    loads,
    read,
)
from node.crypto.typed_reading import TypedDataMalformed
from node.domain.entries import Action, SignRole
from node.domain.transitions import table
from tests.crypto.submissions import DOMAIN, entries_of, signable_of

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schemas/submission.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def document_of(action: Action, number: int = 3) -> dict[str, Any]:
    entries = entries_of(action, number)
    return json.loads(build(signable_of(entries), entries).dumps())


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("action", Action)
def test_a_file_of_every_action_reads_back_and_fits_the_schema(action: Action) -> None:
    entries = entries_of(action)
    file = build(signable_of(entries, SignRole.CHECKER), entries)
    data = file.dumps()
    assert loads(data) == file
    assert [replace(e, sealed=b"") for e in entries] == [listed.entry for listed in file.entries]
    VALIDATOR.validate(json.loads(data))


@pytest.mark.parametrize("action", Action)
def test_the_schema_asks_for_the_fields_that_the_table_names(action: Action) -> None:
    document = document_of(action, 1)
    used = table().actions[action].fields
    for name in ["office", "caseId", *used, "commitment", "sealedHash"]:
        short = copy.deepcopy(document)
        del short["entries"][0][name]
        assert not VALIDATOR.is_valid(short), name
    for name in {"recipient", "head", "amount", "dueAt"} - used:
        long = copy.deepcopy(document)
        long["entries"][0][name] = "0x" + "00" * 32 if name == "head" else 0
        assert not VALIDATOR.is_valid(long), name
        with pytest.raises(SubmissionFileMalformed):
            read(long)


def test_large_numbers_are_strings_and_small_ones_numbers() -> None:
    row = document_of(Action.CONSENT)["entries"][0]
    assert (row["amount"], row["claim"], row["expiresAt"]) == (32504, "3000000000", "4102415999")
    for spelling in (
        3_000_000_000,
        "03000000000",
        "3e9",
        " 3000000000",
        "3000000000.0",
        "３００００００００００",
        "32504",
    ):
        other = document_of(Action.CONSENT)
        other["entries"][0]["claim"] = spelling
        with pytest.raises(SubmissionFileMalformed) as caught:
            read(other)
        assert caught.value.values == {"field": "entries[0].claim"}


def altered(path: list[str | int], value: object, action: Action = Action.CONSENT) -> dict[str, Any]:
    document = document_of(action)
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    assert repr(place[path[-1]]) != repr(value)
    place[path[-1]] = value
    return document


HASH = "0x" + "77" * 32


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (["org"], 2, "org"),
        (["typedData", "message", "org"], 2, "org"),
        (["typedData", "message", "action"], "ORDER", "action"),
        (["typedData", "message", "count"], 2, "count"),
        (["typedData", "message", "count"], 4, "count"),
        (["typedData", "message", "sum"], 97513, "sum"),
        (["typedData", "message", "root"], HASH, "root"),
        (["typedData", "message", "ledger"], HASH, "root"),
        (["entries", 1, "amount"], 32505, "sum"),
        (["entries", 1, "office"], 2, "root"),
        (["entries", 1, "caseId"], HASH, "root"),
        (["entries", 1, "head"], HASH, "root"),
        (["entries", 1, "consent"], HASH, "root"),
        (["entries", 1, "claim"], 7, "root"),
        (["entries", 1, "notBefore"], 7, "root"),
        (["entries", 1, "expiresAt"], 7, "root"),
        (["entries", 1, "inParts"], 0, "root"),
        (["entries", 1, "commitment"], HASH, "root"),
        (["entries", 1, "sealedHash"], HASH, "root"),
    ],
)
def test_entries_that_differ_from_the_typed_data_are_refused_by_field(
    path: list[str | int], value: object, field: str
) -> None:
    with pytest.raises(SubmissionFileDiffers) as caught:
        read(altered(path, value))
    assert caught.value.values["field"] == field


def test_entries_swapped_dropped_or_added_are_refused() -> None:
    document = document_of(Action.ORDER)
    first, second, third = document["entries"]
    for rows, field in (
        ([second, first, third], "root"),
        ([first, second], "count"),
        ([first, second, third, third], "count"),
        ([first, second, {**third, "amount": 32503}], "sum"),
    ):
        with pytest.raises(SubmissionFileDiffers) as caught:
            read({**document, "entries": rows})
        assert caught.value.values["field"] == field


def test_two_amounts_that_cancel_out_are_noticed() -> None:
    document = document_of(Action.ORDER)
    document["entries"][0]["amount"], document["entries"][1]["amount"] = 1, 65007
    with pytest.raises(SubmissionFileDiffers) as caught:
        read(document)
    assert caught.value.values["field"] == "root"


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (["format"], "alliance-submission/2", "format"),
        (["org"], "1", "org"),
        (["org"], True, "org"),
        (["org"], 65536, "org"),
        (["action"], "PAY", "file.action"),
        (["entries"], [], "entries"),
        (["entries"], {}, "entries"),
        (["entries", 0], [], "entries[0]"),
        (["entries", 2, "head"], "0x" + "77" * 31, "entries[2].head"),
        (["entries", 2, "head"], "77" * 32, "entries[2].head"),
        (["entries", 2, "head"], HASH.upper(), "entries[2].head"),
        (["entries", 2, "amount"], -1, "entries[2].amount"),
        (["entries", 2, "amount"], 1.0, "entries[2].amount"),
        (["entries", 2, "inParts"], 256, "entries[2].inParts"),
        (["entries", 2, "inParts"], True, "entries[2].inParts"),
    ],
)
def test_a_malformed_file_is_refused_by_field(path: list[str | int], value: object, field: str) -> None:
    with pytest.raises(SubmissionFileMalformed) as caught:
        read(altered(path, value))
    assert caught.value.values["field"] == field.removeprefix("file.")


def test_members_are_neither_missing_nor_added() -> None:
    document = document_of(Action.SETTLE)
    for name in list(document):
        with pytest.raises(SubmissionFileMalformed):
            read({k: v for k, v in document.items() if k != name})
    with pytest.raises(SubmissionFileMalformed):
        read({**document, "note": "pay quickly"})


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff", b'{"format":NaN}'])
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(SubmissionFileMalformed):
        loads(data)


def test_a_file_has_a_bound() -> None:
    with pytest.raises(SubmissionFileMalformed):
        loads(b" " * (MAX_FILE_BYTES + 1))


def test_the_typed_data_of_an_act_is_no_submission() -> None:
    from node.crypto.typed import registry_domain, typed_data_json
    from node.domain.entries import Act

    act = typed_data_json(Act(2, 1, 1), registry_domain(1, DOMAIN.address), registry=bytes(32))
    with pytest.raises(SubmissionFileMalformed):
        read({**document_of(Action.SETTLE), "typedData": act})


def test_altered_types_are_refused_so_that_a_wallet_signs_what_we_read() -> None:
    for path, value in (
        (["typedData", "types", "Submission", 7, "type"], "uint8"),
        (["typedData", "types", "EIP712Domain"], []),
        (["typedData", "domain", "version"], "2"),
    ):
        with pytest.raises(TypedDataMalformed):
            read(altered(path, value))  # type: ignore[arg-type]


def test_nothing_is_built_that_would_not_be_read() -> None:
    entries = entries_of(Action.ORDER)
    with pytest.raises(SubmissionFileDiffers):
        build(signable_of(entries), entries[:2])
    with pytest.raises(SubmissionFileDiffers):
        build(signable_of(entries), [])
    for change in ({"claim_fen": 1}, {"target": b"\x01" * 32}):
        unused = [replace(entry, **change) for entry in entries]  # type: ignore[arg-type]
        with pytest.raises(SubmissionFileDiffers):
            build(signable_of(unused), unused)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(Action), st.integers(1, 9), st.sampled_from(SignRole))
def test_any_number_of_entries_reads_back(action: Action, number: int, role: SignRole) -> None:
    entries = entries_of(action, number)
    file = build(signable_of(entries, role), entries)
    assert loads(file.dumps()) == file
