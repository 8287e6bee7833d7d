# SPDX-License-Identifier: Apache-2.0
"""Keys at rest: what is on disk, what opens it, and what is proven before a key counts."""

import json
import shutil
import threading
from pathlib import Path

import pytest
from eth_account import Account

from node.crypto import keyring as keyring_module
from node.crypto.keyring import EncryptionKey, KeyNameMalformed, KeyRing, PossessionFailed
from node.crypto.node_key import KeyFileMalformed, KeyFileMissing, NodeKey, PassphraseEmpty, WrongPassphrase
from node.crypto.private_files import KeyFileExists
from node.crypto.sealing import open_entry, seal, unlock
from node.crypto.signer import SecretMalformed
from node.crypto.typed import recover
from node.crypto.wraps import Damaged, KeyAway, KeyDestroyed, RecipientKey
from tests.crypto.conftest import SeededRandom
from tests.crypto.sealed import BANK, LEDGER, OFFICE, check, letter, memory_keys, payload

N = 2
PASSPHRASE = "一句口令 for tests".encode()
NODE_KEY = NodeKey({1: b"\x01" * 32})


def ring(
    folder: Path, seed: int = 5, passphrase: bytes | None = PASSPHRASE, node_key: NodeKey | None = NODE_KEY
) -> KeyRing:
    return KeyRing(folder, SeededRandom(seed), passphrase, node_key, N)


def test_a_new_officer_key_signs_also_in_the_next_process(tmp_path: Path) -> None:
    address = ring(tmp_path).new_officer_key("maker-1")
    signer = ring(tmp_path).signer("maker-1")
    assert signer.address == address
    assert recover(LEDGER, signer.sign_digest(LEDGER)) == address


def test_the_file_is_web3_secret_storage_that_a_wallet_opens(tmp_path: Path) -> None:
    address = ring(tmp_path).new_officer_key("maker-1")
    file = tmp_path / "officers" / "maker-1.json"
    content = json.loads(file.read_bytes())
    assert content["version"] == 3
    assert (content["crypto"]["kdf"], content["crypto"]["kdfparams"]["n"]) == ("scrypt", N)
    assert Account.from_key(Account.decrypt(content, PASSPHRASE.decode())).address == address
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_default_stretching_is_that_of_wallets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def encode(secret: bytes, passphrase: bytes, scrypt_n: int) -> bytes:
        asked.append(scrypt_n)
        return b"{}"

    monkeypatch.setattr(keyring_module, "encode_keyfile", encode)
    KeyRing(tmp_path, SeededRandom(5), PASSPHRASE).new_officer_key("maker-1")
    assert asked == [2**18]


def test_names_and_addresses_need_no_passphrase(tmp_path: Path) -> None:
    addresses = {name: ring(tmp_path, seed).new_officer_key(name) for seed, name in enumerate(["b", "a-2"])}
    locked = KeyRing(tmp_path, SeededRandom(1))
    assert locked.names() == ["a-2", "b"]
    assert {name: locked.address(name) for name in locked.names()} == addresses
    with pytest.raises(KeyAway):
        locked.signer("b")
    with pytest.raises(KeyAway):
        locked.new_officer_key("c")


def test_an_imported_key_keeps_its_address_and_takes_our_passphrase(tmp_path: Path) -> None:
    account = Account.from_key(b"\x07" * 32)
    foreign = json.dumps(Account.encrypt(account.key, "theirs", kdf="scrypt", iterations=N)).encode()
    with pytest.raises(WrongPassphrase):
        ring(tmp_path).import_officer_key("checker", foreign, b"guess")
    assert ring(tmp_path).import_officer_key("checker", foreign, b"theirs") == account.address
    assert ring(tmp_path).signer("checker").address == account.address


def test_a_process_opens_a_key_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring(tmp_path).new_officer_key("maker-1")
    keys = ring(tmp_path)
    opened: list[str] = []
    original = keyring_module.decode_keyfile

    def decode(content: bytes, passphrase: bytes, name: str) -> bytes:
        opened.append(name)
        return original(content, passphrase, name)

    monkeypatch.setattr(keyring_module, "decode_keyfile", decode)
    threads = [threading.Thread(target=keys.signer, args=("maker-1",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == ["maker-1"]


def test_a_wrong_passphrase_is_a_typed_error_without_a_trace(tmp_path: Path) -> None:
    ring(tmp_path).new_officer_key("maker-1")
    with pytest.raises(WrongPassphrase) as caught:
        ring(tmp_path, passphrase=b"another").signer("maker-1")
    assert caught.value.values == {"file": "maker-1"}
    assert caught.value.__suppress_context__


def test_no_key_is_kept_under_an_empty_passphrase(tmp_path: Path) -> None:
    with pytest.raises(PassphraseEmpty):
        ring(tmp_path, passphrase=b"").new_officer_key("maker-1")
    assert ring(tmp_path).names() == []


@pytest.mark.parametrize("name", ["", "-a", "张三", "../x", "a/b", "A", "a" * 41, "a.b", "a\n"])
def test_a_name_that_could_be_a_path_or_a_person_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyNameMalformed):
        ring(tmp_path).new_officer_key(name)
    with pytest.raises(KeyNameMalformed):
        ring(tmp_path).signer(name)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    address = ring(tmp_path).new_officer_key("maker-1")
    with pytest.raises(KeyFileExists):
        ring(tmp_path, seed=6).new_officer_key("maker-1")
    assert ring(tmp_path).signer("maker-1").address == address


def test_missing_and_broken_key_files_are_told_apart(tmp_path: Path) -> None:
    keys = ring(tmp_path)
    keys.new_officer_key("maker-1")
    with pytest.raises(KeyFileMissing):
        keys.signer("maker-2")
    file = tmp_path / "officers" / "maker-1.json"
    good = json.loads(file.read_bytes())
    for content in (
        b"",
        b"[]",
        b"{}",
        json.dumps({**good, "address": "00" * 20}).encode(),
        json.dumps({**good, "address": "zz"}).encode(),
        json.dumps({**good, "version": 9}).encode(),
        json.dumps({**good, "crypto": {**good["crypto"], "kdf": "none"}}).encode(),
        json.dumps({**good, "crypto": {**good["crypto"], "kdfparams": {"n": 2**40}}}).encode(),
    ):
        file.write_bytes(content)
        with pytest.raises(KeyFileMalformed):
            ring(tmp_path).signer("maker-1")


def test_an_imported_file_that_holds_no_private_key_is_refused(tmp_path: Path) -> None:
    from eth_keyfile.keyfile import _create_v3_keyfile_json as create

    with pytest.raises((SecretMalformed, KeyFileMalformed)):
        ring(tmp_path).import_officer_key("x", b'{"version":3,"crypto":{}}', b"p")
    short = create(b"\x01" * 32, b"p", "scrypt", N)
    short["crypto"]["ciphertext"] = short["crypto"]["ciphertext"][:-2]
    with pytest.raises(WrongPassphrase):
        ring(tmp_path).import_officer_key("x", json.dumps(short).encode(), b"p")


# encryption keys


def test_what_is_sealed_to_a_new_encryption_key_opens_in_the_next_process(tmp_path: Path) -> None:
    made = ring(tmp_path).new_encryption_key()
    assert (made.version, len(made.public)) == (1, 1216)
    assert ring(tmp_path).public_key(1) == made
    office = memory_keys(OFFICE).registered
    done = seal(LEDGER, office, [letter(1, BANK)], {BANK: RecipientKey(BANK, 1, made.public)}, SeededRandom(1))
    reader = unlock(LEDGER, OFFICE, done.wraps, BANK, ring(tmp_path))
    assert open_entry(reader, done.entries[0], check).payload == payload(1)


def test_a_new_key_that_does_not_open_what_was_sealed_to_it_never_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bytes:
        raise Damaged(part="wrap")

    keys = ring(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(keyring_module, "unwrap", fails)
        with pytest.raises(PossessionFailed):
            keys.new_encryption_key()
    with pytest.raises(KeyDestroyed):
        keys.private_key(1)
    assert keys.new_encryption_key().version == 2


def test_versions_count_up_and_none_is_made_twice(tmp_path: Path) -> None:
    keys = ring(tmp_path)
    assert [keys.new_encryption_key().version for _ in range(2)] == [1, 2]
    assert keys.new_encryption_key(7).version == 7
    assert keys.versions() == [1, 2, 7]
    with pytest.raises(KeyFileExists):
        keys.new_encryption_key(2)
    assert keys.versions() == [1, 2, 7]
    assert len(list((tmp_path / "encryption").iterdir())) == 3


def test_the_halves_are_encrypted_pkcs_8_under_a_derived_password(tmp_path: Path) -> None:
    ring(tmp_path).new_encryption_key()
    folder = tmp_path / "encryption" / "1"
    for name in ("mlkem768.pem", "x25519.pem"):
        content = (folder / name).read_bytes()
        assert content.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
        assert (folder / name).stat().st_mode & 0o777 == 0o600
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    with pytest.raises(ValueError):  # one wrong password in 256 looks like a malformed key
        load_pem_private_key((folder / "x25519.pem").read_bytes(), PASSPHRASE)
    with pytest.raises(KeyFileMalformed):
        ring(tmp_path, node_key=NodeKey({1: b"\x09" * 32})).private_key(1)


def test_no_seed_is_on_disk_in_the_clear(tmp_path: Path) -> None:
    seen: list[bytes] = []

    class Recorder(SeededRandom):
        def token(self, size: int) -> bytes:
            seen.append(super().token(size))
            return seen[-1]

    keys = KeyRing(tmp_path, Recorder(8), PASSPHRASE, NODE_KEY, N)
    keys.new_officer_key("maker-1")
    keys.new_encryption_key()
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for secret in seen:
        assert secret not in written
        assert secret.hex().encode() not in written
    assert str(seen[0].hex()) not in repr(keys)
    assert repr(keys.public_key(1)) == "EncryptionKey(version=1)"


def test_an_old_key_opens_after_the_nodes_own_key_was_rotated(tmp_path: Path) -> None:
    ring(tmp_path).new_encryption_key()
    rotated = NodeKey({1: b"\x01" * 32, 2: b"\x02" * 32})
    keys = ring(tmp_path, node_key=rotated)
    keys.private_key(1)
    keys.new_encryption_key()
    assert json.loads((tmp_path / "encryption/2/public.json").read_bytes())["node_key"] == 2


def test_a_locked_ring_and_an_absent_version_wait(tmp_path: Path) -> None:
    ring(tmp_path).new_encryption_key()
    with pytest.raises(KeyAway):
        ring(tmp_path, node_key=None).private_key(1)
    with pytest.raises(KeyAway):
        ring(tmp_path).private_key(2)
    with pytest.raises(KeyAway):
        ring(tmp_path, node_key=None).new_encryption_key()


def test_a_destroyed_key_stays_destroyed_and_its_version_is_not_reused(tmp_path: Path) -> None:
    keys = ring(tmp_path)
    made = keys.new_encryption_key()
    keys.private_key(1)
    keys.destroy_encryption_key(1)
    keys.destroy_encryption_key(1)
    for again in (keys, ring(tmp_path), ring(tmp_path, node_key=None)):
        with pytest.raises(KeyDestroyed) as caught:
            again.private_key(1)
        assert caught.value.values == {"version": 1}
    assert not list(tmp_path.rglob("*.pem"))
    assert keys.public_key(1) == made
    assert keys.new_encryption_key().version == 2
    with pytest.raises(KeyFileMissing):
        keys.destroy_encryption_key(9)


def test_a_destruction_that_was_cut_short_is_finished_by_repeating_it(tmp_path: Path) -> None:
    keys = ring(tmp_path)
    keys.new_encryption_key()
    (tmp_path / "encryption/1/destroyed").touch()
    with pytest.raises(KeyDestroyed):
        keys.private_key(1)
    keys.destroy_encryption_key(1)
    assert not list(tmp_path.rglob("*.pem"))


def test_a_public_key_whose_private_half_differs_does_not_count(tmp_path: Path) -> None:
    keys = ring(tmp_path)
    made = keys.new_encryption_key()
    keys.prove_possession(1, made.public)
    other = ring(tmp_path / "other", seed=9).new_encryption_key()
    mixed = made.public[:1184] + other.public[1184:]
    for public in (other.public, mixed, b"", bytes(1216)):
        with pytest.raises(PossessionFailed):
            keys.prove_possession(1, public)
    keys.destroy_encryption_key(1)
    with pytest.raises(KeyDestroyed):
        keys.prove_possession(1, made.public)


def test_files_of_two_keys_that_were_mixed_up_are_noticed(tmp_path: Path) -> None:
    keys = ring(tmp_path)
    keys.new_encryption_key()
    shutil.copytree(tmp_path / "encryption/1", tmp_path / "encryption/2")
    with pytest.raises(KeyFileMalformed):  # the password is bound to the version
        ring(tmp_path).private_key(2)
    about = tmp_path / "encryption/1/public.json"
    about.write_text(json.dumps({**json.loads(about.read_bytes()), "public": "00" * 1216}))
    with pytest.raises(KeyFileMalformed):
        ring(tmp_path).private_key(1)
    (tmp_path / "encryption/1/x25519.pem").unlink()
    with pytest.raises(KeyFileMalformed):
        ring(tmp_path).private_key(1)


def test_a_ring_knows_itself_by_names_only(tmp_path: Path) -> None:
    keys = ring(tmp_path)
    keys.new_officer_key("maker-1")
    keys.new_encryption_key()
    assert repr(keys) == "KeyRing(['maker-1'], [1])"
    assert repr(EncryptionKey(1, b"x")) == "EncryptionKey(version=1)"
