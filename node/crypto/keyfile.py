# SPDX-License-Identifier: Apache-2.0
"""One officer's key as Web3 Secret Storage v3, the format that wallets read; encoded and decoded by eth-keyfile.

Every failure becomes one of our errors, without the library's text: that might quote the file.
"""

from __future__ import annotations

from typing import Any, cast

import orjson

from node.crypto.node_key import MAX_SCRYPT_N, KeyFileMalformed, PassphraseEmpty, WrongPassphrase
from node.crypto.typed import checksummed


def encode_keyfile(secret: bytes, passphrase: bytes, scrypt_n: int) -> bytes:
    """The file for a 32-byte secret. Raises PassphraseEmpty."""
    if not passphrase:
        raise PassphraseEmpty
    from eth_keyfile.keyfile import create_keyfile_json  # takes half a second to import

    keyfile = create_keyfile_json(secret, passphrase, kdf="scrypt", iterations=scrypt_n)
    return orjson.dumps(keyfile, option=orjson.OPT_INDENT_2)


def decode_keyfile(content: bytes, passphrase: bytes, name: str) -> bytes:
    """The secret in the file. Raises WrongPassphrase, KeyFileMalformed; ``name`` is how they call it."""
    keyfile = _parse(content, name)
    from eth_keyfile.keyfile import decode_keyfile_json

    try:
        if int(keyfile["crypto"]["kdfparams"].get("n", 1)) > MAX_SCRYPT_N:
            raise KeyFileMalformed(file=name)
        return decode_keyfile_json(keyfile, passphrase)
    except ValueError as error:
        if "MAC mismatch" in str(error):
            raise WrongPassphrase(file=name) from None
        raise KeyFileMalformed(file=name) from None
    except Exception:  # whatever a broken file makes the library raise
        raise KeyFileMalformed(file=name) from None


def address_in(content: bytes, name: str) -> str:
    """The checksummed address that the file claims; needs no passphrase. Raises KeyFileMalformed."""
    try:
        raw = bytes.fromhex(_parse(content, name)["address"].removeprefix("0x"))
    except (ValueError, KeyError, AttributeError):
        raise KeyFileMalformed(file=name) from None
    if len(raw) != 20:
        raise KeyFileMalformed(file=name)
    return checksummed(raw)


def _parse(content: bytes, name: str) -> dict[str, Any]:
    try:
        keyfile = orjson.loads(content)
    except ValueError:
        raise KeyFileMalformed(file=name) from None
    if not isinstance(keyfile, dict):
        raise KeyFileMalformed(file=name)
    return cast("dict[str, Any]", keyfile)
