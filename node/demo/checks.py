# SPDX-License-Identifier: Apache-2.0
"""What the play asserts of itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Checks:
    """What the play asserts of itself: a name, whether it held, and the figures behind it."""

    found: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def hold(self, name: str, ok: bool, detail: str) -> None:
        self.found.append({"name": name, "ok": ok, "detail": detail})

    @property
    def ok(self) -> bool:
        return all(check["ok"] for check in self.found)
