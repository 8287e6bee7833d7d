# SPDX-License-Identifier: Apache-2.0
"""The packed record of docs/wire.md, both ways."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.crypto.records import (
    CLEAR_SIZE,
    FieldOutOfRange,
    RecordsMalformed,
    pack_record,
    pack_records,
    unpack_records,
)
from node.domain.entries import Entry
from tests.crypto.strategies import entry_strategy

ENTRY = Entry(
    action=5,
    org=1,
    office=0x0102,
    case_id=b"\x11" * 32,
    commitment=b"\x66" * 32,
    sealed=b"sealed",
    recipient=0x0304,
    head=b"\x22" * 32,
    target=b"\x33" * 32,
    consent=b"\x44" * 32,
    amount_fen=0x0506,
    claim_fen=0x0708,
    not_before=0x090A,
    expires_at=0x0B0C,
    due_at=0x0D0E,
    fund_account=0x0F10,
    debitable=1,
    in_parts=2,
)


def test_every_field_stands_at_the_offset_that_the_wire_page_gives() -> None:
    record = pack_record(ENTRY)
    layout = [
        (0, 2, "0102"),
        (2, 32, "11" * 32),
        (34, 2, "0304"),
        (36, 32, "22" * 32),
        (68, 32, "33" * 32),
        (100, 32, "44" * 32),
        (132, 8, "0000000000000506"),
        (140, 8, "0000000000000708"),
        (148, 5, "000000090a"),
        (153, 5, "0000000b0c"),
        (158, 5, "0000000d0e"),
        (163, 2, "0f10"),
        (165, 1, "01"),
        (166, 1, "02"),
        (167, 32, "66" * 32),
        (199, 3, "000006"),
    ]
    for offset, size, expected in layout:
        assert record[offset : offset + size].hex() == expected, offset
    assert record[202:] == b"sealed"


@given(st.lists(entry_strategy(), max_size=4))
def test_what_was_packed_is_unpacked(entries: list[Entry]) -> None:
    entries = [replace(entry, action=5, org=9) for entry in entries]
    assert unpack_records(pack_records(entries), 5, 9) == entries


@given(entry_strategy(), st.data())
def test_a_record_cut_short_is_named_by_its_offset(entry: Entry, data: st.DataObject) -> None:
    whole = pack_record(ENTRY) + pack_record(entry)
    start = CLEAR_SIZE + 6
    cut = data.draw(st.integers(start + 1, len(whole) - 1))
    with pytest.raises(RecordsMalformed) as caught:
        unpack_records(whole[:cut], 5, 1)
    assert caught.value.values == {"offset": start}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"office": 1 << 16}, "office"),
        ({"recipient": -1}, "recipient"),
        ({"amount_fen": 1 << 64}, "amount"),
        ({"claim_fen": -1}, "claim"),
        ({"not_before": 1 << 40}, "notBefore"),
        ({"expires_at": 1 << 40}, "expiresAt"),
        ({"due_at": 1 << 40}, "dueAt"),
        ({"fund_account": 1 << 16}, "fundAccount"),
        ({"debitable": 256}, "debitable"),
        ({"in_parts": 256}, "inParts"),
        ({"case_id": b"\x11" * 31}, "caseId"),
        ({"head": b"\x11" * 33}, "head"),
        ({"target": b""}, "target"),
        ({"consent": b"\x11" * 31}, "consent"),
        ({"commitment": b"\x11" * 31}, "commitment"),
        ({"sealed": bytes(1 << 24)}, "sealed"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(change: dict[str, object], field: str) -> None:
    with pytest.raises(FieldOutOfRange) as caught:
        pack_record(replace(ENTRY, **change))  # type: ignore[arg-type]
    assert caught.value.values == {"field": field}
