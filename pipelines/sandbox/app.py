"""The sandbox as one ASGI application: control paths, faults, then the adapter that owns the path.

Every answer carries a ``Date`` header with the sandbox's clock, as the platforms' servers do with
theirs. Served on the loopback only.
"""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import asdict
from datetime import timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from pipelines.errors import KoujingError, UsageError
from pipelines.sandbox import adapters
from pipelines.sandbox.adapter import Account, Adapter, Answer, Outside, Request
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.databases.databases import Databases
from pipelines.sandbox.faults import Faults

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_CONTROL, _DATABASE = "/_sandbox/", "database/"


class ConnectionCut(Exception):  # noqa: N818 - not an error of ours: the fault that was asked for
    """Raised to make the server drop the connection without an answer."""


def found_adapters() -> list[Adapter]:
    """Every adapter module of ``adapters/`` that says ``ADAPTER``."""
    modules = (
        importlib.import_module(f"{adapters.__name__}.{each.name}")
        for each in pkgutil.iter_modules(adapters.__path__)
    )
    return [module.ADAPTER for module in modules if hasattr(module, "ADAPTER")]


class Sandbox:
    """The application."""

    def __init__(self, outside: Outside, clock: Clock, faults: Faults) -> None:
        self._outside = outside
        self._clock = clock
        self.databases = Databases(outside)
        self._adapters = found_adapters()
        self._trouble(faults)
        self._counts: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            return
        request = await _read(scope, receive)
        if request.path.startswith(_CONTROL):
            await self._send(send, await self._controlled(request), request)
        elif request.method == "HEAD":
            await self._send(send, Answer(b""), request)
        else:
            await self._platform(request, send)

    async def _platform(self, request: Request, send: Send) -> None:
        adapter = next((each for each in self._adapters if each.owns(request)), None)
        if adapter is None:
            missing = orjson.dumps({"error": f"no platform serves {request.path}"})
            await self._send(send, Answer(missing, 404), request)
            return
        self._counts[f"{adapter.channel} {adapter.method(request)}"] += 1
        fault = self._faults.on_the_wire(adapter.channel)
        if fault == "reset":
            raise ConnectionCut
        if fault == "slow":
            await asyncio.sleep(self._faults.seconds_of_delay())
        if fault == "server_error":
            await self._send(send, Answer(b"<html>502 Bad Gateway</html>", 502), request)
            return
        answer = adapter.fault(fault, request) if fault else None
        if answer is None:
            answer = adapter.answer(request, self._outside)
            body = self._faults.spoil(answer.body, adapter)
            answer = Answer(body, answer.status, answer.headers)
        if fault == "wrong_type":
            answer = Answer(b"<html>login</html>", 200, {"content-type": "text/html"})
        await self._send(send, answer, request, cut=fault == "half_sent")

    async def _send(
        self, send: Send, answer: Answer, request: Request, *, cut: bool = False
    ) -> None:
        headers = {
            "content-type": "application/json;charset=utf-8",
            "content-length": str(len(answer.body)),
            "date": format_datetime(self._outside.now()),
            **answer.headers,
        }
        start = {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        await send(start)
        if cut:
            half = self._faults.half(answer.body)
            await send({"type": "http.response.body", "body": half, "more_body": True})
            raise ConnectionCut
        body = b"" if request.method == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})

    async def _controlled(self, request: Request) -> Answer:
        """Databases take their time to fill: the platforms answer meanwhile."""
        if request.path.startswith(_CONTROL + _DATABASE):
            return await asyncio.to_thread(self._control, request)
        answer = self._control(request)
        if request.path == f"{_CONTROL}advance":
            await asyncio.to_thread(self.databases.follow)
        return answer

    def _control(self, request: Request) -> Answer:
        """What tests and the command line steer with."""
        what = request.path.removeprefix(_CONTROL)
        asked = request.json() or {}
        try:
            return Answer(orjson.dumps(self._steer(what, asked)))
        except (KoujingError, KeyError, ValueError) as error:
            return Answer(orjson.dumps({"error": str(error)}), 400)

    def _accounts(self) -> list[Account]:
        """Every account, and the shops that no adapter serves yet, without keys."""
        served = [each for adapter in self._adapters for each in adapter.accounts(self._outside)]
        served += self.databases.accounts()
        known = {account.shop_key for account in served}
        others = [
            Account(
                shop["shop_id"], shop["channel"], "shop", shop["name"], shop["platform_shop_id"],
                None, {}, {},
            )
            for shop in self._outside.frames["shops"].iter_rows(named=True)
            if shop["shop_id"] not in known
        ]  # fmt: skip
        return [*served, *others]

    def _trouble(self, faults: Faults) -> None:
        known = [each.channel for each in self._adapters]
        if faults.channel and faults.channel not in known:
            raise UsageError(
                f"No platform '{faults.channel}' to trouble.", f"There are: {', '.join(known)}."
            )
        self._faults = faults
        self._outside.commit_by(faults.commits())
        self.databases.commit_by(faults.commits())

    def _steer(self, what: str, asked: dict[str, Any]) -> object:
        if what == "health":
            return {"now": self._outside.now().isoformat(), "faults": self._faults.profile}
        if what == "accounts":
            return [asdict(account) for account in self._accounts()]
        if what == "stats":
            return dict(self._counts)
        if what.startswith(_DATABASE):
            return self.databases.address(what.removeprefix(_DATABASE))
        return self._change(what, asked)

    def _change(self, what: str, asked: dict[str, Any]) -> object:
        if what == "advance":
            return {
                "now": self._clock.advance(timedelta(seconds=int(asked["seconds"]))).isoformat()
            }
        if what == "faults":
            self._trouble(Faults(asked["profile"], int(asked.get("seed", 1))))
            return {"faults": self._faults.profile}
        if what == "tokens/kill":
            self._outside.tokens.kill(asked["shop_key"])
            self.databases.lock_out(asked["shop_key"])
            return {"killed": asked["shop_key"]}
        raise KoujingError(f"The sandbox has no {what}.")


async def _read(scope: Scope, receive: Receive) -> Request:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    # Some public clients send the whole address as the target.
    path = urlsplit(unquote(scope["path"])).path if "://" in scope["path"] else scope["path"]
    query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(scope["method"], path, query, headers, body)
