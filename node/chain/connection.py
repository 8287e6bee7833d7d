# SPDX-License-Identifier: Apache-2.0
"""One connection to a network: JSON-RPC over HTTP with time-outs, a circuit breaker, and the only retries there are.

Calls go out as they are: no middleware, so no CCIP-Read (EIP-3668) and no server-side filters.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import orjson
import stamina
import urllib3

from node.chain.breaker import Breaker
from node.chain.failures import AnswerMalformed, ChainBusy, ChainResting, ChainTimedOut, ChainUnreachable, failure
from node.chain.reverts import decode_revert, revert_data
from node.domain.errors import AllianceError

_TRANSPORT = (ChainUnreachable, ChainTimedOut, ChainBusy)
_ERROR_STATUS = 400


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often: seconds to connect and to answer, tries of a read, seconds over all tries."""

    connect_s: float = 3.0
    answer_s: float = 30.0
    tries: int = 4
    all_tries_s: float = 60.0
    first_wait_s: float = 0.1


Request = tuple[str, Sequence[Any]]


class Connection:
    """Thread-safe. Every failure is one of ``node.chain.failures`` or ``node.chain.reverts``."""

    def __init__(
        self, url: str, patience: Patience | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._patience = patience or Patience()
        self._host = urlsplit(url).netloc.rpartition("@")[2]  # a password in the URL stays out of every error
        self._path = urlsplit(url).path or "/"
        self._pool = urllib3.connectionpool.connection_from_url(
            url,
            maxsize=8,
            retries=False,
            timeout=urllib3.Timeout(connect=self._patience.connect_s, read=self._patience.answer_s),
            headers={"Content-Type": "application/json"},
        )
        self._breaker = Breaker(monotonic)
        self._ids = itertools.count(1)

    def read(self, method: str, *params: Any) -> Any:
        """An idempotent request, tried again with jitter while the network does not answer."""
        return self._retrying(lambda: self._one(method, params))

    def read_many(self, requests: Sequence[Request]) -> list[Any]:
        """Several idempotent requests in one batch; the first error answer is raised."""
        return self._retrying(lambda: self._many(requests))

    def send(self, method: str, *params: Any) -> Any:
        """One try, no more: whoever sends decides what a time-out means."""
        return self._one(method, params)

    def close(self) -> None:
        """Release the sockets."""
        self._pool.close()

    def _retrying(self, ask: Callable[[], Any]) -> Any:
        for attempt in stamina.retry_context(
            on=_TRANSPORT,
            attempts=self._patience.tries,
            timeout=self._patience.all_tries_s,
            wait_initial=self._patience.first_wait_s,
            wait_jitter=self._patience.first_wait_s * 5,
        ):
            with attempt:
                return ask()
        raise AssertionError("unreachable: stamina returns or raises")

    def _one(self, method: str, params: Sequence[Any]) -> Any:
        number = next(self._ids)
        answer = self._post(_request(number, method, params), method)
        return _result(answer, method)

    def _many(self, requests: Sequence[Request]) -> list[Any]:
        if not requests:
            return []
        numbers = [next(self._ids) for _ in requests]
        body = [_request(number, *request) for number, request in zip(numbers, requests, strict=True)]
        answer = self._post(body, "batch")
        if not isinstance(answer, list):
            _result(answer, "batch")
            raise AnswerMalformed(method="batch", detail="no list")
        by_id = {_id(a): a for a in cast(list[Any], answer)}
        if len(by_id) != len(numbers):
            raise AnswerMalformed(method="batch", detail="another number of answers")
        return [_result(by_id.get(number), method) for number, (method, _) in zip(numbers, requests, strict=True)]

    def _post(self, body: Any, method: str) -> Any:
        wait_s = self._breaker.wait_s()
        if wait_s > 0:
            raise ChainResting(host=self._host, wait_s=int(wait_s) + 1)
        try:
            response = self._pool.request("POST", self._path, body=orjson.dumps(body), redirect=False)
            answer = self._read_body(response, method)
        except (urllib3.exceptions.ConnectTimeoutError, urllib3.exceptions.NewConnectionError) as error:
            self._breaker.failed()
            raise ChainUnreachable(host=self._host, cause=type(error).__name__) from None
        except urllib3.exceptions.TimeoutError:
            self._breaker.failed()
            raise ChainTimedOut(host=self._host, method=method, timeout_s=int(self._patience.answer_s)) from None
        except urllib3.exceptions.HTTPError as error:
            self._breaker.failed()
            raise ChainUnreachable(host=self._host, cause=type(error).__name__) from None
        except AllianceError:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return answer

    def _read_body(self, response: urllib3.BaseHTTPResponse, method: str) -> Any:
        if response.status in (429, 502, 503, 504):
            raise ChainBusy(host=self._host, detail=f"HTTP {response.status}")
        try:
            return orjson.loads(response.data)
        except orjson.JSONDecodeError:
            if response.status >= _ERROR_STATUS:
                raise ChainUnreachable(host=self._host, cause=f"HTTP {response.status}") from None
            raise AnswerMalformed(method=method, detail="not JSON") from None


def _request(number: int, method: str, params: Sequence[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}


def _id(answer: Any) -> Any:
    return cast(dict[str, Any], answer).get("id") if isinstance(answer, dict) else None


def _result(answer: Any, method: str) -> Any:
    if not isinstance(answer, dict):
        raise AnswerMalformed(method=method, detail="no object")
    fields = cast(dict[str, Any], answer)
    error: Any = fields.get("error")
    if error is None:
        if "result" not in fields:
            raise AnswerMalformed(method=method, detail="neither result nor error")
        return fields["result"]
    if not isinstance(error, dict):
        raise AnswerMalformed(method=method, detail="error is no object")
    told = cast(dict[str, Any], error)
    reverted = revert_data(told)
    if reverted is not None:
        raise decode_revert(reverted)
    raise failure(method, int(told.get("code") or 0), str(told.get("message") or ""))
