# SPDX-License-Identifier: Apache-2.0
"""What the crypto tests share: a randomness that a seed decides."""

import random

import pytest


class SeededRandom:
    """The Random port, repeatable."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def token(self, size: int) -> bytes:
        return self._random.randbytes(size)


@pytest.fixture
def rng() -> SeededRandom:
    return SeededRandom(3)
