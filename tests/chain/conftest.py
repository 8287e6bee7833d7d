# SPDX-License-Identifier: Apache-2.0
"""One embedded chain for the session; each alliance on it has contracts of its own."""

from collections.abc import Iterator

import pytest

from node.chain.connection import Connection
from node.chain.networks import Network, start_network
from tests.chain.proxy import Proxy
from tests.chain.tiny import Tiny


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    network = start_network("embedded", tmp_path_factory.mktemp("chain"))
    yield network
    network.stop()


@pytest.fixture
def connection(embedded: Network) -> Iterator[Connection]:
    connection = Connection(embedded.url)
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def alliance(embedded: Network) -> Iterator[Tiny]:
    """Shared by the tests that only add to it."""
    connection = Connection(embedded.url)
    tiny = Tiny(embedded, connection)
    tiny.set_up()
    yield tiny
    connection.close()


@pytest.fixture
def proxy(embedded: Network) -> Iterator[Proxy]:
    proxy = Proxy(embedded.url)
    yield proxy
    proxy.stop()
