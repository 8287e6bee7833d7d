# SPDX-License-Identifier: Apache-2.0
"""Alembic's entry: it runs on the connection, and inside the transaction, that ``node.store.migrate`` hands it."""

from __future__ import annotations

from alembic import context

from node.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    render_as_batch=True,
    transactional_ddl=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
