# SPDX-License-Identifier: Apache-2.0
"""An adapter that is built when it is first used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Late:
    """Stands for an adapter until it is used; a start that failed is tried again at the next use."""

    def __init__(self, build: Callable[[], object]) -> None:
        self._build = build

    def __getattr__(self, name: str) -> Any:
        return getattr(self._build(), name)
