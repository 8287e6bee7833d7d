# SPDX-License-Identifier: Apache-2.0
"""The node's own key at rest."""

import json
from pathlib import Path

import pytest

from node.crypto.node_key import (
    KeyFileMalformed,
    KeyFileMissing,
    NodeKey,
    PassphraseEmpty,
    WrongPassphrase,
    change_passphrase,
    create_node_key,
    open_node_key,
    rotate_node_key,
)
from node.crypto.private_files import KeyFileExists
from tests.crypto.conftest import SeededRandom

N = 2
PASSPHRASE = "一句口令 for tests".encode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node" / "node-key.json"


def test_what_was_created_opens_again(path: Path, rng: SeededRandom) -> None:
    created = create_node_key(path, PASSPHRASE, rng, N)
    opened = open_node_key(path, PASSPHRASE)
    assert opened.numbers == [1]
    assert opened.derive(1, b"x") == created.derive(1, b"x")
    assert opened.derive(1, b"x") != opened.derive(1, b"y")


def test_the_file_is_its_owners_alone_and_holds_no_plain_key(path: Path) -> None:
    class Known:
        def token(self, size: int) -> bytes:
            return b"\xc5" * size

    create_node_key(path, PASSPHRASE, Known(), N)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    content = path.read_bytes()
    assert content.count(b"c5" * 32) == 1  # the salt, drawn from the same source
    assert PASSPHRASE not in content
    assert list(path.parent.iterdir()) == [path]


def test_the_default_stretching_is_that_of_web3_secret_storage(path: Path, rng: SeededRandom) -> None:
    create_node_key(path, PASSPHRASE, rng)
    assert json.loads(path.read_bytes())["kdf"]["n"] == 2**18


def test_a_wrong_passphrase_is_refused(path: Path, rng: SeededRandom) -> None:
    create_node_key(path, PASSPHRASE, rng, N)
    with pytest.raises(WrongPassphrase) as caught:
        open_node_key(path, b"another")
    assert caught.value.values == {"file": "node-key.json"}
    assert caught.value.__cause__ is None


def test_an_empty_passphrase_protects_nothing(path: Path, rng: SeededRandom) -> None:
    with pytest.raises(PassphraseEmpty):
        create_node_key(path, b"", rng, N)
    assert not path.exists()


def test_a_key_file_is_never_overwritten(path: Path, rng: SeededRandom) -> None:
    create_node_key(path, PASSPHRASE, rng, N)
    before = path.read_bytes()
    with pytest.raises(KeyFileExists):
        create_node_key(path, b"another", rng, N)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_after_a_rotation_the_old_key_still_derives_what_it_did(path: Path, rng: SeededRandom) -> None:
    first = create_node_key(path, PASSPHRASE, rng, N)
    rotated = rotate_node_key(path, PASSPHRASE, rng)
    opened = open_node_key(path, PASSPHRASE)
    assert (rotated.numbers, opened.current) == ([1, 2], 2)
    assert opened.derive(1, b"x") == first.derive(1, b"x")
    assert opened.derive(2, b"x") == rotated.derive(2, b"x") != opened.derive(1, b"x")
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_passphrase_changes_and_the_keys_do_not(path: Path, rng: SeededRandom) -> None:
    first = create_node_key(path, PASSPHRASE, rng, N)
    change_passphrase(path, PASSPHRASE, b"new", rng)
    assert open_node_key(path, b"new").derive(1, b"x") == first.derive(1, b"x")
    with pytest.raises(WrongPassphrase):
        open_node_key(path, PASSPHRASE)
    with pytest.raises(PassphraseEmpty):
        change_passphrase(path, b"new", b"", rng)


def test_a_missing_file_is_told_from_a_broken_one(path: Path, rng: SeededRandom) -> None:
    with pytest.raises(KeyFileMissing):
        open_node_key(path, PASSPHRASE)
    create_node_key(path, PASSPHRASE, rng, N)
    good = json.loads(path.read_bytes())
    broken = [
        b"",
        b"{}",
        b"[]",
        json.dumps({**good, "version": 2}).encode(),
        json.dumps({**good, "keys": {}}).encode(),
        json.dumps({**good, "keys": {"x": {}}}).encode(),
        json.dumps({**good, "keys": {"300": good["keys"]["1"]}}).encode(),
        json.dumps({**good, "kdf": {**good["kdf"], "n": 2**30}}).encode(),
        json.dumps({**good, "kdf": {**good["kdf"], "n": 3}}).encode(),
        json.dumps({**good, "kdf": {**good["kdf"], "salt": "zz"}}).encode(),
    ]
    for content in broken:
        path.write_bytes(content)
        with pytest.raises(KeyFileMalformed):
            open_node_key(path, PASSPHRASE)


def test_a_key_moved_to_another_number_does_not_open(path: Path, rng: SeededRandom) -> None:
    create_node_key(path, PASSPHRASE, rng, N)
    data = json.loads(path.read_bytes())
    data["keys"] = {"2": data["keys"]["1"]}
    path.write_text(json.dumps(data))
    with pytest.raises(WrongPassphrase):
        open_node_key(path, PASSPHRASE)


def test_the_repr_names_numbers_only() -> None:
    assert repr(NodeKey({1: b"secret", 2: b"secret"})) == "NodeKey([1, 2])"
