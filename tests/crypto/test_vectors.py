# SPDX-License-Identifier: Apache-2.0
"""The committed vectors: a change that would make old records unreadable, or old signatures invalid, fails here."""

import json
from pathlib import Path

import jsonschema
import pytest

from node.crypto.canonical import parse_canonical
from node.crypto.records import unpack_records
from node.crypto.sealing import open_entry, unlock
from node.crypto.submission_file import read
from node.crypto.typed import recover
from node.domain.entries import Action
from tests.crypto import sealed, vector_files


def load(name: str) -> object:
    return json.loads((vector_files.FOLDER / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(vector_files.REPEATABLE))
def test_today_gives_what_was_committed(name: str) -> None:
    assert json.loads(json.dumps(vector_files.REPEATABLE[name]())) == load(name)


def test_what_was_sealed_then_opens_today() -> None:
    vector = load("sealing.json")
    assert isinstance(vector, dict)
    (entry,) = unpack_records(bytes.fromhex(vector["record"]), Action[vector["action"]], vector["writer"])
    ledger, wraps = bytes.fromhex(vector["ledger"]), bytes.fromhex(vector["wraps"])
    for reader in (vector["writer"], vector["recipient"]):
        key = unlock(ledger, vector["writer"], wraps, reader, sealed.memory_keys(reader))
        opened = open_entry(key, entry, sealed.check)
        assert opened.payload == vector["payload"]
        assert parse_canonical(opened.canonical) == vector["payload"]


def test_the_committed_signatures_recover() -> None:
    vector = load("typed.json")
    assert isinstance(vector, dict)
    for submission in vector["submissions"]:
        digest, signature = bytes.fromhex(submission["digest"]), bytes.fromhex(submission["signature"])
        assert recover(digest, signature) == vector["address"]


def test_the_committed_file_fits_its_schema() -> None:
    folder = Path(__file__).parents[2] / "docs/schemas"
    schema = json.loads((folder / "submission.schema.json").read_text(encoding="utf-8"))
    file = load("order.submission.json")
    jsonschema.Draft202012Validator(schema).validate(file)
    assert len(read(file).entries) == 2
