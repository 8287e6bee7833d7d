# SPDX-License-Identifier: Apache-2.0
"""What a contract can revert with: the base of all such errors, Solidity's own two and OpenZeppelin's.

``signature`` is Solidity's, ``names`` the arguments in order; their values fill the sentence. A test holds the lists
against the ABIs of both contracts.
"""

from __future__ import annotations

from typing import ClassVar

from node.domain.errors import AllianceError, Broken, Refused


class Reverted(AllianceError):
    """A transaction or call that the contract reverted."""

    code = "reverted"
    signature: ClassVar[str]
    names: ClassVar[tuple[str, ...]] = ()

    @property
    def reason(self) -> str:
        """``NotSender(account=0x…, org=2)``, with Solidity's name."""
        name = self.signature.partition("(")[0] or type(self).__name__
        return f"{name}({', '.join(f'{k}={v}' for k, v in self.values.items())})"


class RevertedWithText(Reverted, Refused):
    """A plain ``require`` with a text."""

    code = "reverted_with_text"
    signature = "Error(string)"
    names = ("text",)


class Panicked(Reverted, Broken):
    """Solidity's own checks: overflow, index, assertion."""

    code = "panicked"
    signature = "Panic(uint256)"
    names = ("panic",)


class InvalidShortString(Reverted, Broken):
    """OpenZeppelin's ShortStrings, behind the EIP-712 domain: cannot come with our names."""

    code = "reverted_invalid_short_string"
    signature = "InvalidShortString()"


class StringTooLong(Reverted, Broken):
    """OpenZeppelin's ShortStrings, behind the EIP-712 domain: cannot come with our names."""

    code = "reverted_string_too_long"
    signature = "StringTooLong(string)"
    names = ("text",)
