# SPDX-License-Identifier: Apache-2.0
"""Files that hold encrypted keys: readable by their owner alone, whole or absent, never silently overwritten."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from node.domain.errors import Conflict


class KeyFileExists(Conflict):
    """A key file of that name stands there; it is never overwritten. Values: ``file``."""

    code = "key_file_exists"


def private_folder(folder: Path) -> None:
    """The folder, with those above it, for its owner alone (0700)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_new(path: Path, data: bytes) -> None:
    """Write a new file with mode 0600; whoever looks sees it whole or not at all. Raises KeyFileExists."""
    temporary = _write_temporary(path, data)
    try:
        os.link(temporary, path)  # unlike a rename, a link does not replace
    except FileExistsError:
        raise KeyFileExists(file=path.name) from None
    finally:
        temporary.unlink()
    _sync_folder(path.parent)


def write_new_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """A new folder with these files, all of them at once. Raises KeyFileExists."""
    private_folder(folder.parent)
    temporary = folder.with_name(_hidden(folder.name))
    for name, data in files.items():
        write_new(temporary / name, data)
    try:
        temporary.rename(folder)  # fails where a folder with content stands there
    except OSError:
        for name in files:
            destroy(temporary / name)
        temporary.rmdir()
        raise KeyFileExists(file=folder.name) from None
    _sync_folder(folder.parent)


def replace_file(path: Path, data: bytes) -> None:
    """Put new content in the place of the old at once, mode 0600."""
    _write_temporary(path, data).replace(path)
    _sync_folder(path.parent)


def destroy(path: Path) -> None:
    """Overwrite, then remove. On flash and in backups a copy may outlive this: those have their own retention."""
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        os.fsync(file.fileno())
    path.unlink()
    _sync_folder(path.parent)


def _write_temporary(path: Path, data: bytes) -> Path:
    private_folder(path.parent)
    temporary = path.with_name(_hidden(path.name))
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
    return temporary


def _hidden(name: str) -> str:
    return f".{name}.{os.getpid()}.{os.urandom(4).hex()}"  # only has to be free, so no Random port


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
