# SPDX-License-Identifier: Apache-2.0
"""A real HTTP server between node and network that a test tells how to misbehave."""

import threading
import time
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

Request = dict[str, Any]
Answer = dict[str, Any]


class Proxy:
    """Forwards to ``url``. ``script`` sees each request of a batch: None forwards it, a dict is its answer instead.

    ``raw`` sees the whole body: bytes are the whole answer, a number an HTTP status, "cut" closes the connection,
    "cut after" forwards first, a float waits so many seconds and forwards.
    """

    def __init__(self, url: str) -> None:
        self.script: Callable[[Request], Answer | None] = lambda _: None
        self.raw: Callable[[Any], bytes | int | str | float | None] = lambda _: None
        self.seen: list[str] = []
        self._target = url
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                proxy.serve(self, self.rfile.read(int(self.headers["Content-Length"])))

            def do_GET(self) -> None:
                proxy.seen.append("GET")
                self.send_error(404)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def serve(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        asked = orjson.loads(body)
        self.seen += [one["method"] for one in (asked if isinstance(asked, list) else [asked])]
        what = self.raw(asked)
        if isinstance(what, float):
            time.sleep(what)
        if what == "cut":
            handler.close_connection = True
            return
        if isinstance(what, int):
            handler.send_response(what)
            handler.send_header("Content-Length", "0")
            handler.send_header("Location", self.url + "/elsewhere")
            handler.end_headers()
            return
        answer = what if isinstance(what, bytes) else self._answer(asked)
        if what == "cut after":
            handler.close_connection = True
            return
        try:
            handler.send_response(200)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(answer)))
            handler.end_headers()
            handler.wfile.write(answer)
        except OSError:
            handler.close_connection = True

    def _answer(self, asked: Any) -> bytes:
        batch = asked if isinstance(asked, list) else [asked]
        scripted = {one["id"]: self.script(one) for one in batch}
        forward = [one for one in batch if scripted[one["id"]] is None]
        answers = {a["id"]: a for a in (self._forward(forward) if forward else [])}
        answers |= {n: {"jsonrpc": "2.0", "id": n, **a} for n, a in scripted.items() if a is not None}
        ordered = [answers[one["id"]] for one in batch]
        return orjson.dumps(ordered if isinstance(asked, list) else ordered[0])

    def _forward(self, batch: list[Request]) -> list[Answer]:
        request = urllib.request.Request(self._target, orjson.dumps(batch), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return orjson.loads(answer.read())

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
