"""The one HTTP client, and the platform's clock that its answers tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from io import BytesIO
from queue import Empty, LifoQueue
from types import TracebackType
from typing import Protocol
from urllib.parse import quote, urlencode

import certifi
import pycurl

from pipelines.gateway.errors import MalformedAnswer, PlatformBusy, Throttled, Unreachable
from pipelines.settings import SHANGHAI

_CONNECT_SECONDS = 10
_SILENT_SECONDS = 30  # between two bytes
_USER_AGENT = "koujing/0.1"


@dataclass(frozen=True)
class Call:
    """One HTTP request that a platform's client has made ready (signed, encoded).

    ``base_url`` is the platform's own host for it where that is not its gateway (a login); it never
    stands in for an address that was set. What comes of a file (``is_file``) need not be JSON.
    """

    verb: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base_url: str = ""
    is_file: bool = False


class Transport(Protocol):
    """Sends a call, returns the body of an answer: JSON that is whole by its looks, or a file."""

    def send(self, base_url: str, call: Call) -> bytes:
        """Send one call.

        Raises:
            Throttled, PlatformBusy, MalformedAnswer, Unreachable: Worth another try.
        """

    def now(self, base_url: str) -> datetime:
        """The platform's clock, as its last answer told it; else this machine's."""


class HttpTransport:
    """libcurl with kept connections; safe for threads.

    A call costs a fifth of the time that the usual Python clients take (docs/adr/0007): with a
    platform that wants a call an order, that is most of what a pull costs.
    """

    def __init__(self) -> None:
        self._idle: LifoQueue[pycurl.Curl] = LifoQueue()
        # Per platform, the newest time that it showed: never ahead of it, whatever our own says.
        self._clocks: dict[str, datetime] = {}

    def __enter__(self) -> HttpTransport:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def send(self, base_url: str, call: Call) -> bytes:
        """Send one call (see ``Transport``)."""
        try:
            answer = self._exchange(base_url, call)
        except pycurl.error as error:
            # The number, not the message: an address in it can carry a signature or a token.
            raise Unreachable(f"No answer from {base_url}: curl error {error.args[0]}") from None
        self._keep_clock(base_url, answer)
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise Throttled("Too many requests", "429", _retry_after(answer))
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PlatformBusy("The platform's server failed", str(answer.status))
        kind = answer.headers.get("content-type", "")
        if call.is_file and "html" not in kind:
            return answer.body
        if "json" not in kind and not answer.body.lstrip().startswith((b"{", b"[")):
            raise MalformedAnswer(f"The answer is {kind or 'of no kind'}, not JSON")
        if not answer.body.rstrip().endswith((b"}", b"]")):
            raise MalformedAnswer("The answer breaks off")
        return answer.body

    def now(self, base_url: str) -> datetime:
        """The platform's clock (see ``Transport``)."""
        known = self._clocks.get(base_url)
        if known is None:
            return datetime.now(tz=SHANGHAI)
        return known

    def probe(self, base_url: str) -> None:
        """Learn the platform's clock before anything is signed with it; silence is no failure."""
        try:
            self._keep_clock(base_url, self._exchange(base_url, Call("HEAD", "/")))
        except pycurl.error:
            return

    def _exchange(self, base_url: str, call: Call) -> _Answer:
        """One request and its whole answer, whatever it says.

        Raises:
            pycurl.error: There was none, or it broke off.
        """
        try:
            handle = self._idle.get_nowait()
        except Empty:
            handle = pycurl.Curl()
        body, head = BytesIO(), BytesIO()
        try:
            _make_ready(handle, base_url, call)
            handle.setopt(pycurl.WRITEDATA, body)
            handle.setopt(pycurl.WRITEHEADER, head)
            handle.perform()
            status = handle.getinfo(pycurl.RESPONSE_CODE)
            handle.reset()  # its connections stay
        except BaseException:
            handle.close()
            raise
        self._idle.put_nowait(handle)
        return _Answer(status, _headers(head.getvalue()), body.getvalue())

    def _keep_clock(self, base_url: str, answer: _Answer) -> None:
        date = answer.headers.get("date")
        if date:
            shown = parsedate_to_datetime(date).astimezone(SHANGHAI)
            known = self._clocks.get(base_url)
            if known is None or shown > known:
                self._clocks[base_url] = shown


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def _make_ready(handle: pycurl.Curl, base_url: str, call: Call) -> None:
    query = f"?{urlencode(call.query, quote_via=quote)}" if call.query else ""
    handle.setopt(pycurl.URL, base_url.rstrip("/") + call.path + query)
    handle.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
    handle.setopt(pycurl.CAINFO, certifi.where())
    handle.setopt(pycurl.NOSIGNAL, 1)  # threads
    handle.setopt(pycurl.CONNECTTIMEOUT, _CONNECT_SECONDS)
    handle.setopt(pycurl.LOW_SPEED_LIMIT, 1)
    handle.setopt(pycurl.LOW_SPEED_TIME, _SILENT_SECONDS)
    handle.setopt(pycurl.ACCEPT_ENCODING, "")  # all that it can decode
    handle.setopt(pycurl.USERAGENT, _USER_AGENT)
    headers = [f"{name}: {value}" for name, value in call.headers.items()]
    if call.verb == "HEAD":
        handle.setopt(pycurl.NOBODY, 1)
    elif call.verb != "GET" or call.body:
        handle.setopt(pycurl.POSTFIELDS, call.body)
        handle.setopt(pycurl.CUSTOMREQUEST, call.verb)
        headers.append("Expect:")  # no asking for leave first
        if not any(name.lower() == "content-type" for name in call.headers):
            headers.append("Content-Type:")  # none, not curl's guess
    handle.setopt(pycurl.HTTPHEADER, headers)


def _headers(head: bytes) -> dict[str, str]:
    """An answer's headers, names in lower case; those of a 100 before it give way."""
    lines = head.decode("iso-8859-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _retry_after(answer: _Answer) -> float:
    after = answer.headers.get("retry-after", "")
    return float(after) if after.isdigit() else 0
