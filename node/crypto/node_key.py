# SPDX-License-Identifier: Apache-2.0
"""The node's own key: random, kept encrypted under the passphrase (scrypt, AES-256-GCM), numbered for rotation.

What the node encrypts for itself hangs on it: fields of the database, and the passwords of the encryption keys' PKCS #8
files. The passphrase is stretched once a process, and can be changed without touching what is encrypted.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from node.crypto.private_files import replace_file, write_new
from node.domain.errors import Broken, Refused
from node.domain.ports import Random

SCRYPT_N: Final = 2**18  # as Web3 Secret Storage has it; lower in demo and test mode only
_SCRYPT_R: Final = 8
MAX_SCRYPT_N: Final = 2**20  # 1 GiB: a file must not make the node ask for more
_MAX_KEYS: Final = 255
_LABEL: Final = b"alliance-node own key"


class WrongPassphrase(Refused):
    """The passphrase does not open this file. Values: ``file``."""

    code = "wrong_passphrase"


class PassphraseEmpty(Refused):
    """Keys are never kept under an empty passphrase."""

    code = "passphrase_empty"


class KeyFileMalformed(Broken):
    """A key file does not read as what it should be, or its parts do not belong together. Values: ``file``."""

    code = "key_file_malformed"


class KeyFileMissing(Refused):
    """No key file of that name. Values: ``file``."""

    code = "key_file_missing"


class NodeKey:
    """The node's own keys by number (1 to 255), opened. Secrets leave it only by derivation."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        self._keys = dict(keys)

    def __repr__(self) -> str:
        return f"NodeKey({sorted(self._keys)})"

    @property
    def numbers(self) -> list[int]:
        """The numbers in use, ascending; the last is the current one."""
        return sorted(self._keys)

    @property
    def current(self) -> int:
        """The number under which new things are encrypted."""
        return max(self._keys)

    def derive(self, number: int, purpose: bytes) -> bytes:
        """32 bytes for one purpose (HKDF-SHA256). Raises KeyFileMissing where that number is unknown here."""
        if number not in self._keys:
            raise KeyFileMissing(file=f"node key {number}")
        return HKDF(SHA256(), 32, salt=None, info=b"alliance-node own key " + purpose).derive(self._keys[number])


def create_node_key(path: Path, passphrase: bytes, random: Random, scrypt_n: int = SCRYPT_N) -> NodeKey:
    """A new key file. Raises KeyFileExists, PassphraseEmpty."""
    keys = {1: random.token(32)}
    write_new(path, seal_secrets(_LABEL, keys, passphrase, random, scrypt_n))
    return NodeKey(keys)


def open_node_key(path: Path, passphrase: bytes) -> NodeKey:
    """The keys in the file. Raises KeyFileMissing, WrongPassphrase, KeyFileMalformed."""
    return NodeKey(_read(path, passphrase)[0])


def rotate_node_key(path: Path, passphrase: bytes, random: Random) -> NodeKey:
    """Add a key, the current one from now on; what stands under older ones stays readable. Raises as opening does."""
    keys, scrypt_n = _read(path, passphrase)
    if len(keys) >= _MAX_KEYS:
        raise KeyFileMalformed(file=path.name)
    keys[max(keys) + 1] = random.token(32)
    replace_file(path, seal_secrets(_LABEL, keys, passphrase, random, scrypt_n))
    return NodeKey(keys)


def change_passphrase(path: Path, old: bytes, new: bytes, random: Random) -> None:
    """The same keys under another passphrase. Raises as opening does, and PassphraseEmpty."""
    keys, scrypt_n = _read(path, old)
    replace_file(path, seal_secrets(_LABEL, keys, new, random, scrypt_n))


def seal_secrets(
    label: bytes, secrets: Mapping[int, bytes], passphrase: bytes, random: Random, scrypt_n: int = SCRYPT_N
) -> bytes:
    """A file's content: secrets by number (1 to 255), for the purpose ``label``. Raises PassphraseEmpty."""
    if not passphrase:
        raise PassphraseEmpty
    salt = random.token(32)
    aead = AESGCM(_stretch(passphrase, salt, scrypt_n))
    sealed: dict[str, dict[str, str]] = {}
    for number, secret in secrets.items():
        nonce = random.token(12)
        sealed[str(number)] = {
            "nonce": nonce.hex(),
            "sealed": aead.encrypt(nonce, secret, _associated(label, number)).hex(),
        }
    kdf = {"name": "scrypt", "n": scrypt_n, "r": _SCRYPT_R, "p": 1, "salt": salt.hex()}
    return orjson.dumps({"version": 1, "kdf": kdf, "cipher": "aes-256-gcm", "keys": sealed}, option=orjson.OPT_INDENT_2)


def open_secrets(label: bytes, content: bytes, passphrase: bytes, name: str) -> tuple[dict[int, bytes], int]:
    """The secrets by number, and the cost of scrypt. Raises WrongPassphrase, KeyFileMalformed with ``name``."""
    try:
        data = cast("dict[str, Any]", orjson.loads(content))
        kdf = data["kdf"]
        salt, scrypt_n = bytes.fromhex(kdf["salt"]), int(kdf["n"])
        sealed = {int(n): (bytes.fromhex(k["nonce"]), bytes.fromhex(k["sealed"])) for n, k in data["keys"].items()}
        known = data["version"] == 1 and (kdf["name"], kdf["r"], kdf["p"]) == ("scrypt", _SCRYPT_R, 1)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeyFileMalformed(file=name) from None
    if not known or not sealed or not 2 <= scrypt_n <= MAX_SCRYPT_N or scrypt_n & (scrypt_n - 1):
        raise KeyFileMalformed(file=name)
    aead = AESGCM(_stretch(passphrase, salt, scrypt_n))
    try:
        return {n: aead.decrypt(nonce, key, _associated(label, n)) for n, (nonce, key) in sealed.items()}, scrypt_n
    except InvalidTag:
        raise WrongPassphrase(file=name) from None
    except (ValueError, OverflowError):  # a nonce of a wrong size, a number that is no byte
        raise KeyFileMalformed(file=name) from None


def _read(path: Path, passphrase: bytes) -> tuple[dict[int, bytes], int]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise KeyFileMissing(file=path.name) from None
    return open_secrets(_LABEL, content, passphrase, path.name)


def _stretch(passphrase: bytes, salt: bytes, scrypt_n: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=scrypt_n, r=_SCRYPT_R, p=1).derive(passphrase)


def _associated(label: bytes, number: int) -> bytes:
    return label + number.to_bytes(1, "big")
