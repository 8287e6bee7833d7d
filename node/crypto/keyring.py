# SPDX-License-Identifier: Apache-2.0
"""The node's keys at rest: officers' signing keys, and encryption keys with versions.

    officers/<name>.json              Web3 Secret Storage v3 (scrypt), under the passphrase
    encryption/<version>/mlkem768.pem, x25519.pem
                                      the two halves as encrypted PKCS #8; OpenSSL's own stretching (PBKDF2, 2,048
                                      rounds) is weak, so the password is 256 bits derived from the node's own key
    encryption/<version>/public.json  the public key, and the number of the node key that the password came from
    encryption/<version>/destroyed    stands there once the private halves are gone
    handed-over/<org>/encryption/…    the same for keys of an organisation for which we speak now (``handover``)

A file is written once, whole, 0600. A process opens a key once; what is open hangs on the KeyRing object alone.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

import orjson
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from node.crypto.keyfile import address_in, decode_keyfile, encode_keyfile
from node.crypto.node_key import SCRYPT_N, KeyFileMalformed, KeyFileMissing, NodeKey
from node.crypto.private_files import KeyFileExists, destroy, write_new, write_new_folder
from node.crypto.signer import LocalSigner, SecretMalformed
from node.crypto.wraps import (
    Damaged,
    KeyAway,
    KeyDestroyed,
    PublicKeyMalformed,
    RecipientKey,
    unwrap,
    wrap,
)
from node.domain.errors import Broken, Refused
from node.domain.ports import Random

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
Halves = tuple[MLKEM768PrivateKey, X25519PrivateKey]


class KeyNameMalformed(Refused):
    """A key's name is 1 to 40 of a–z, 0–9 and ``-``: it becomes a file name, so it is no person's name."""

    code = "key_name_malformed"


class PossessionFailed(Broken):
    """What was sealed to a public key did not open with the private key of that version. Values: ``version``."""

    code = "possession_failed"


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """An encryption key of this node, as it is registered; ``public``: 1,216 bytes."""

    version: int
    public: bytes = field(repr=False)


class KeyRing:
    """The keys in one folder. Without passphrase and node key it is locked: it lists, and says KeyAway to all else."""

    def __init__(
        self,
        folder: Path,
        random: Random,
        passphrase: bytes | None = None,
        node_key: NodeKey | None = None,
        scrypt_n: int = SCRYPT_N,
    ) -> None:
        self._folder = folder
        self._officers = folder / "officers"
        self._encryption = folder / "encryption"
        self._random = random
        self._passphrase = passphrase
        self._node_key = node_key
        self._scrypt_n = scrypt_n
        self._lock = Lock()
        self._signers: dict[str, LocalSigner] = {}
        self._private: dict[int, Halves] = {}
        self._handed_over: dict[int, KeyRing] = {}

    def __repr__(self) -> str:
        return f"KeyRing({self.names()}, {self.versions()})"

    # officers' keys

    def names(self) -> list[str]:
        """The officers' keys here, by name; needs no passphrase."""
        return sorted(file.stem for file in self._officers.glob("*.json") if _NAME.fullmatch(file.stem))

    def address(self, name: str) -> str:
        """The checksummed address of a key; needs no passphrase. Raises KeyFileMissing, KeyFileMalformed."""
        return address_in(self._keyfile(name), name)

    def new_officer_key(self, name: str) -> str:
        """Make and keep a signing key; gives its address. Raises KeyNameMalformed, KeyFileExists, KeyAway."""
        while True:
            secret = self._random.token(32)
            try:
                signer = LocalSigner(secret)
            except SecretMalformed:  # zero or above the group order: one in 2^128
                continue
            return self._keep(name, secret, signer)

    def import_officer_key(self, name: str, keyfile: bytes, its_passphrase: bytes) -> str:
        """Keep the key of another Web3 Secret Storage v3 file under our own passphrase; gives its address.

        Raises WrongPassphrase, KeyFileMalformed, and as new_officer_key().
        """
        secret = decode_keyfile(keyfile, its_passphrase, name)
        return self._keep(name, secret, LocalSigner(secret))

    def signer(self, name: str) -> LocalSigner:
        """The signer of that name, opened once. Raises KeyFileMissing, WrongPassphrase, KeyFileMalformed, KeyAway."""
        with self._lock:
            if name not in self._signers:
                if self._passphrase is None:
                    raise KeyAway(key=name)
                keyfile = self._keyfile(name)
                signer = LocalSigner(decode_keyfile(keyfile, self._passphrase, name))
                if signer.address != address_in(keyfile, name):
                    raise KeyFileMalformed(file=name)
                self._signers[name] = signer
            return self._signers[name]

    # encryption keys

    def versions(self) -> list[int]:
        """Versions of encryption keys here, destroyed ones too; needs no passphrase."""
        return sorted(int(folder.name) for folder in self._encryption.glob("*") if folder.name.isdecimal())

    def public_key(self, version: int) -> EncryptionKey:
        """The public half; needs no passphrase. Raises KeyFileMissing, KeyFileMalformed."""
        return EncryptionKey(version, self._public_file(version)[0])

    def new_encryption_key(self, version: int | None = None) -> EncryptionKey:
        """Make and keep an encryption key, and see that it opens what is sealed to it. ``version``: else the next here.

        Raises KeyFileExists, KeyAway, PossessionFailed.
        """
        if version is None:
            version = max(self.versions(), default=0) + 1
        mlkem = MLKEM768PrivateKey.from_seed_bytes(self._random.token(64))
        return self.keep_encryption_key(version, (mlkem, X25519PrivateKey.from_private_bytes(self._random.token(32))))

    def keep_encryption_key(self, version: int, halves: Halves) -> EncryptionKey:
        """Keep a key that was made here or handed over. Raises as new_encryption_key()."""
        if self._node_key is None:
            raise KeyAway(key=f"{version}")
        mlkem, x25519 = halves
        public = public_of(halves)
        number = self._node_key.current
        protection = BestAvailableEncryption(_password(self._node_key, number, version))
        about = {"version": version, "node_key": number, "public": public.hex()}
        files = {
            "mlkem768.pem": mlkem.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection),
            "x25519.pem": x25519.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection),
            "public.json": orjson.dumps(about, option=orjson.OPT_INDENT_2),
        }
        write_new_folder(self._encryption / f"{version}", files)
        try:
            self.prove_possession(version, public)
        except (PossessionFailed, KeyFileMalformed):
            self.destroy_encryption_key(version)  # it never counted; its version is not used again
            raise
        return EncryptionKey(version, public)

    def private_key(self, version: int) -> MLKEM768X25519PrivateKey:
        """The private half, opened once. Raises KeyDestroyed, KeyAway, KeyFileMalformed."""
        return MLKEM768X25519PrivateKey(*self.halves(version))

    def halves(self, version: int) -> Halves:
        """The same in its two parts."""
        with self._lock:
            folder = self._encryption / f"{version}"
            if (folder / "destroyed").exists():
                raise KeyDestroyed(version=version)
            if version not in self._private:
                if self._node_key is None or not folder.exists():
                    raise KeyAway(key=f"{version}")
                self._private[version] = self._read_private(version, self._node_key)
            return self._private[version]

    def prove_possession(self, version: int, public: bytes) -> None:
        """A public key counts only if what is sealed to it opens with the private key kept here.

        To be called with the very bytes that are about to be registered. Raises PossessionFailed,
        KeyAway, KeyDestroyed.
        """
        probe = self._random.token(32)
        try:
            wrapped = wrap(bytes(32), 0, RecipientKey(0, version, public), probe)
            if unwrap(bytes(32), 0, wrapped, self) == probe:
                return
        except (Damaged, PublicKeyMalformed):
            pass
        raise PossessionFailed(version=version)

    def destroy_encryption_key(self, version: int) -> None:
        """Remove the private halves for good; from then on the version reads as destroyed. Repeating it is no error.

        Raises KeyFileMissing.
        """
        self._public_file(version)
        with self._lock:
            folder = self._encryption / f"{version}"
            with suppress(KeyFileExists):  # a crash in between: go on with what is left
                write_new(folder / "destroyed", b"")
            self._private.pop(version, None)
            for name in ("mlkem768.pem", "x25519.pem"):
                if (folder / name).exists():
                    destroy(folder / name)

    def handed_over(self) -> dict[int, KeyRing]:
        """The rings of other organisations' keys that lie here, by organisation."""
        folders = (self._folder / "handed-over").glob("*")
        return {org: self.of(org) for org in sorted(int(at.name) for at in folders if at.name.isdecimal())}

    def of(self, org: int) -> KeyRing:
        """The ring for the keys of another organisation, below this one and under the same node key."""
        at = self._folder / "handed-over" / f"{org}"
        return self._handed_over.setdefault(org, KeyRing(at, self._random, node_key=self._node_key))

    def _keep(self, name: str, secret: bytes, signer: LocalSigner) -> str:
        if not _NAME.fullmatch(name):
            raise KeyNameMalformed
        if self._passphrase is None:
            raise KeyAway(key=name)
        write_new(self._officers / f"{name}.json", encode_keyfile(secret, self._passphrase, self._scrypt_n))
        with self._lock:
            self._signers[name] = signer
        return signer.address

    def _keyfile(self, name: str) -> bytes:
        if not _NAME.fullmatch(name):
            raise KeyNameMalformed
        try:
            return (self._officers / f"{name}.json").read_bytes()
        except FileNotFoundError:
            raise KeyFileMissing(file=name) from None

    def _public_file(self, version: int) -> tuple[bytes, int]:
        file = f"{version}/public.json"
        try:
            about = orjson.loads((self._encryption / file).read_bytes())
            return bytes.fromhex(about["public"]), int(about["node_key"])
        except FileNotFoundError:
            raise KeyFileMissing(file=file) from None
        except (ValueError, KeyError, TypeError):
            raise KeyFileMalformed(file=file) from None

    def _read_private(self, version: int, node_key: NodeKey) -> Halves:
        public, number = self._public_file(version)
        password = _password(node_key, number, version)
        folder = self._encryption / f"{version}"
        try:
            mlkem = load_pem_private_key((folder / "mlkem768.pem").read_bytes(), password)
            x25519 = load_pem_private_key((folder / "x25519.pem").read_bytes(), password)
        except (ValueError, TypeError, FileNotFoundError):
            raise KeyFileMalformed(file=f"{version}") from None
        if not isinstance(mlkem, MLKEM768PrivateKey) or not isinstance(x25519, X25519PrivateKey):
            raise KeyFileMalformed(file=f"{version}")
        if public_of((mlkem, x25519)) != public:
            raise KeyFileMalformed(file=f"{version}")
        return mlkem, x25519


def public_of(halves: Halves) -> bytes:
    """The public key of a private one: 1,216 bytes, ML-KEM first."""
    return b"".join(half.public_key().public_bytes_raw() for half in halves)


def _password(node_key: NodeKey, number: int, version: int) -> bytes:
    return node_key.derive(number, b"encryption key %d" % version).hex().encode()
