# SPDX-License-Identifier: Apache-2.0
"""A folder for what is drawn for forge: it may read inside contracts/ only, and each process has its own."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.forge import SCRATCH


@pytest.fixture(scope="module")
def drawn() -> Iterator[Path]:
    folder = SCRATCH / str(os.getpid())
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    shutil.rmtree(folder)
