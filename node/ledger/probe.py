# SPDX-License-Identifier: Apache-2.0
"""Named points between two steps, at which a test may end the process: what a crash there leaves is what is tested."""

from __future__ import annotations

from collections.abc import Callable

Probe = Callable[[str], None]


def pass_by(_point: str) -> None:
    """The probe of a running node: nothing happens."""
