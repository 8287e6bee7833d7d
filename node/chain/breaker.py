# SPDX-License-Identifier: Apache-2.0
"""A circuit breaker: after some failures in a row nothing is asked for a while, then one request tries."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Breaker:
    """Thread-safe. ``monotonic`` gives seconds; ``wait_s`` says how long to wait still, 0 for go."""

    def __init__(self, monotonic: Callable[[], float], failures: int = 5, rest_s: float = 5.0) -> None:
        self._monotonic = monotonic
        self._failures = failures
        self._rest_s = rest_s
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._closed_again_at = 0.0

    def wait_s(self) -> float:
        """Seconds until a request may go out. Where one may, and the circuit is open, it is the one trial."""
        with self._lock:
            if self._in_a_row < self._failures:
                return 0.0
            left = self._closed_again_at - self._monotonic()
            if left > 0:
                return left
            self._closed_again_at = self._monotonic() + self._rest_s  # the others wait for this trial's result
            return 0.0

    def succeeded(self) -> None:
        with self._lock:
            self._in_a_row = 0

    def failed(self) -> None:
        with self._lock:
            self._in_a_row += 1
            if self._in_a_row >= self._failures:
                self._closed_again_at = self._monotonic() + self._rest_s
