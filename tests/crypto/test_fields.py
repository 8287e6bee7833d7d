# SPDX-License-Identifier: Apache-2.0
"""Fields of the database: readable by the node, by column, and by nobody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.crypto.fields import INDEX_SIZE, FieldCipher, FieldDamaged
from node.crypto.node_key import NodeKey
from tests.crypto.conftest import SeededRandom

OLD, NEW = NodeKey({1: b"\x01" * 32}), NodeKey({1: b"\x01" * 32, 2: b"\x02" * 32})
PERSON = b"369999194501010012"


def cipher(key: NodeKey = OLD, seed: int = 1) -> FieldCipher:
    return FieldCipher(key, SeededRandom(seed))


@given(st.binary(max_size=200))
def test_a_field_reads_back(value: bytes) -> None:
    fields = cipher()
    stored = fields.seal("own_person.id_number", value)
    assert len(stored) == len(value) + 29
    assert fields.open("own_person.id_number", stored) == value


def test_nothing_of_the_value_shows_and_no_two_rows_look_alike() -> None:
    fields = cipher()
    first, second = (fields.seal("own_person.id_number", PERSON) for _ in range(2))
    assert first != second
    assert PERSON not in first


@pytest.mark.parametrize("column", ["own_person.name", "own_case.id_number", ""])
def test_a_field_moved_to_another_column_does_not_open(column: str) -> None:
    fields = cipher()
    stored = fields.seal("own_person.id_number", PERSON)
    with pytest.raises(FieldDamaged):
        fields.open(column, stored)


def test_a_damaged_field_is_named_by_its_column() -> None:
    fields = cipher()
    stored = fields.seal("own_person.id_number", PERSON)
    for bad in (b"", stored[:1], stored[:13], stored[:-1], b"\x09" + stored[1:], stored[:20] + b"\x00" + stored[21:]):
        with pytest.raises(FieldDamaged) as caught:
            fields.open("own_person.id_number", bad)
        assert caught.value.values["column"] == "own_person.id_number"
        assert PERSON.decode() not in str(caught.value)


def test_another_nodes_key_does_not_open_it() -> None:
    stored = cipher().seal("own_person.name", "测试甲一".encode())
    with pytest.raises(FieldDamaged):
        cipher(NodeKey({1: b"\x09" * 32})).open("own_person.name", stored)


def test_equal_values_are_found_and_columns_and_nodes_are_not_linked() -> None:
    first, second = cipher(seed=1), cipher(seed=2)
    index = first.index("own_person.id_number", PERSON)
    assert index == second.index("own_person.id_number", PERSON)
    assert len(index) == INDEX_SIZE
    others = {
        index,
        first.index("own_person.id_number", PERSON + b"x"),
        first.index("own_person.card", PERSON),
        cipher(NodeKey({1: b"\x09" * 32})).index("own_person.id_number", PERSON),
    }
    assert len(others) == 4


def test_after_a_rotation_old_fields_read_and_old_indexes_are_searched() -> None:
    before, after = cipher(OLD), cipher(NEW)
    stored, index = before.seal("t.c", PERSON), before.index("t.c", PERSON)
    assert after.open("t.c", stored) == PERSON
    assert after.indexes("t.c", PERSON) == [after.index("t.c", PERSON), index]
    assert after.outdated(stored)
    assert after.outdated(index)
    renewed = after.seal("t.c", PERSON)
    assert not after.outdated(renewed)
    with pytest.raises(FieldDamaged) as caught:
        before.open("t.c", renewed)
    assert caught.value.values == {"column": "t.c", "number": 2}
