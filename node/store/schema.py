# SPDX-License-Identifier: Apache-2.0
"""All tables of the node in one place: importing this module is what makes the metadata whole."""

from __future__ import annotations

from sqlalchemy import MetaData, Table

from node.store import own_records, own_work, projection
from node.store.columns import Table as Base

MODULES = (projection, own_work, own_records)
PROJECTION = "projection_"


def metadata() -> MetaData:
    """Every table, ``projection_*`` and ``own_*``."""
    return Base.metadata


def projection_tables() -> list[Table]:
    """The droppable ones, parents first."""
    return [table for table in Base.metadata.sorted_tables if table.name.startswith(PROJECTION)]
