# SPDX-License-Identifier: Apache-2.0
"""JSON-RPC over HTTP on the loopback interface: threads for connections, one lock for the chain."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import orjson

from node.chain.embedded.methods import Methods, RpcError

_BODY_BYTES = 16 * 1024 * 1024
_BATCH = 2_000


class RpcServer(ThreadingHTTPServer):
    """Serves until ``stop()``; connections that are open then are cut."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, methods: Methods, port: int) -> None:
        """Raises OSError where the port is taken."""
        self._methods = methods
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def answer(self, body: bytes) -> bytes:
        """One request or a batch."""
        try:
            request = orjson.loads(body)
        except orjson.JSONDecodeError:
            return orjson.dumps(_error(None, -32700, "parse error"))
        if not isinstance(request, list):
            return orjson.dumps(self._answer_one(request))
        batch = cast(list[Any], request)
        if not batch or len(batch) > _BATCH:
            return orjson.dumps(_error(None, -32600, f"a batch holds 1 to {_BATCH} requests"))
        return orjson.dumps([self._answer_one(one) for one in batch])

    def _answer_one(self, request: Any) -> dict[str, Any]:
        if not isinstance(request, dict):
            return _error(None, -32600, "invalid request")
        fields = cast(dict[str, Any], request)
        number: Any = fields.get("id")
        method: Any = fields.get("method")
        params: Any = fields.get("params") or []
        if not isinstance(method, str) or not isinstance(params, list):
            return _error(number, -32600, "invalid request")
        try:
            with self._lock:
                result = self._methods.answer(method, cast(list[Any], params))
        except RpcError as error:
            return _error(number, error.code, error.message, error.revert_data)
        except Exception as error:  # a server answers even where it is wrong itself
            return _error(number, -32603, f"internal error: {type(error).__name__}")
        return {"jsonrpc": "2.0", "id": number, "result": result}

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no event."""

    def stop(self) -> None:
        """Take no more, let the request under way finish, cut idle connections."""
        self.shutdown()
        with self._lock:
            for connection in list(self._open):
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # without it an answer waits 40 ms for an acknowledgement
    timeout = 300
    server: RpcServer  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        # A page in a browser cannot send this type across origins without asking, and nobody answers its question.
        if size > _BODY_BYTES or not (self.headers.get("Content-Type") or "").startswith("application/json"):
            self.send_error(413 if size > _BODY_BYTES else 415)
            return
        answer = self.server.answer(self.rfile.read(size))
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n"
        self.wfile.write(head.encode() + answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not logged: they may name accounts."""


def _error(number: Any, code: int, message: str, revert_data: str | None = None) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": message}
    if revert_data is not None:
        error["data"] = revert_data
    return {"jsonrpc": "2.0", "id": number, "error": error}
