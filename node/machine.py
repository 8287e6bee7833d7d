# SPDX-License-Identifier: Apache-2.0
"""What the machine gives a node: its clock, its randomness, and a passphrase out of a file."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from node.domain.errors import Refused


class PassphraseReadable(Refused):
    """Others can read the passphrase file. Values: ``file``."""

    code = "passphrase_readable"


class PassphraseMissing(Refused):
    """The passphrase file is not there, or is empty. Values: ``file``."""

    code = "passphrase_missing"


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SystemRandom:
    """The machine's randomness."""

    def token(self, size: int) -> bytes:
        return secrets.token_bytes(size)


def read_passphrase(path: Path) -> bytes:
    """The first line of a file that only its owner can read. Raises PassphraseReadable, PassphraseMissing."""
    try:
        if os.stat(path).st_mode & 0o077:
            raise PassphraseReadable(file=str(path))
        passphrase = path.read_bytes().splitlines()[0]
    except (OSError, IndexError):
        raise PassphraseMissing(file=str(path)) from None
    if not passphrase:
        raise PassphraseMissing(file=str(path))
    return passphrase
