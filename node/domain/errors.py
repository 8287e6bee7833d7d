# SPDX-License-Identifier: Apache-2.0
"""The one family of errors: a code, the offending value, the remedy.

    AllianceError
    ├── Refused       the caller's: bad input, a rule of the ledger, a right that is missing   (exit code 1)
    ├── Conflict      a race: the world moved on, look again                                   (exit code 1)
    ├── Unavailable   retry: the chain, the core bank or the database did not answer           (exit code 4)
    └── Broken        our bug, or tampering: stop                                              (exit code 3)

A module that raises an error declares it, as a subclass with a ``code``. The sentence for each code stands in
``node/domain/data/messages.json`` in zh-CN and English, with ``{names}`` of the keyword arguments given here. A value
that is personal data is never passed in; pass where it stands (a row, a column) or its mask.
"""

from __future__ import annotations

from typing import ClassVar

Value = str | int | None


class AllianceError(Exception):
    """Base of every error that a person can meet. ``code`` is stable; ``values`` fill the sentence."""

    code: ClassVar[str] = "error"

    def __init__(self, **values: Value) -> None:
        self.values: dict[str, Value] = values
        super().__init__(self.code, values)

    def __str__(self) -> str:
        detail = ", ".join(f"{k}={v}" for k, v in self.values.items())
        return f"{self.code}({detail})"


class Refused(AllianceError):
    """The caller asked for something that is not allowed or not possible."""

    code = "refused"


class Conflict(AllianceError):
    """Somebody was faster, or the thing exists already with other content."""

    code = "conflict"


class Unavailable(AllianceError):
    """Something that the node needs does not answer now; the same call may work later."""

    code = "unavailable"


class Broken(AllianceError):
    """What must never happen has happened: a bug of ours, or data that somebody altered."""

    code = "broken"
