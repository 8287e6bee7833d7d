# SPDX-License-Identifier: Apache-2.0
"""An act file comes from another house: whatever it holds, it is read or refused."""

from __future__ import annotations

import pytest

from node.services.members.acts import ActFile, ActFileWrong


@pytest.mark.parametrize("text", ["", "[", "NaN", "[" * 100_000 + "]" * 100_000, '{"a":' * 100_000, '"\ud800"'])
def test_what_is_no_json_or_too_deep_is_refused_by_name(text: str) -> None:
    with pytest.raises(ActFileWrong) as refused:
        ActFile.loads(text)
    assert refused.value.values == {"part": "json"}
