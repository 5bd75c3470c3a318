"""The one HTTP client, and the platform's clock that its answers tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Protocol

import httpx

from pipelines.gateway.errors import MalformedAnswer, PlatformBusy, Throttled, Unreachable
from pipelines.settings import SHANGHAI

_TIMEOUT = httpx.Timeout(30, connect=10)
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
    """httpx with kept connections; safe for threads."""

    def __init__(self) -> None:
        self._client = httpx.Client(timeout=_TIMEOUT, headers={"user-agent": _USER_AGENT})
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
        self._client.close()

    def send(self, base_url: str, call: Call) -> bytes:
        """Send one call (see ``Transport``)."""
        try:
            answer = self._client.request(
                call.verb,
                base_url.rstrip("/") + call.path,
                params=dict(call.query) or None,
                headers=dict(call.headers),
                content=call.body or None,
            )
        except httpx.HTTPError as error:
            # The class, not the message: an address in it can carry a signature or a token.
            raise Unreachable(f"No answer from {base_url}: {type(error).__name__}") from None
        self._keep_clock(base_url, answer)
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise Throttled("Too many requests", "429", _retry_after(answer))
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise PlatformBusy("The platform's server failed", str(answer.status_code))
        body = answer.content
        kind = answer.headers.get("content-type", "")
        if call.is_file and "html" not in kind:
            return body
        if "json" not in kind and not body.lstrip().startswith((b"{", b"[")):
            raise MalformedAnswer(f"The answer is {kind or 'of no kind'}, not JSON")
        if not body.rstrip().endswith((b"}", b"]")):
            raise MalformedAnswer("The answer breaks off")
        return body

    def now(self, base_url: str) -> datetime:
        """The platform's clock (see ``Transport``)."""
        known = self._clocks.get(base_url)
        if known is None:
            return datetime.now(tz=SHANGHAI)
        return known

    def probe(self, base_url: str) -> None:
        """Learn the platform's clock before anything is signed with it; silence is no failure."""
        try:
            self._keep_clock(base_url, self._client.head(base_url.rstrip("/") + "/"))
        except httpx.HTTPError:
            return

    def _keep_clock(self, base_url: str, answer: httpx.Response) -> None:
        date = answer.headers.get("date")
        if date:
            shown = parsedate_to_datetime(date).astimezone(SHANGHAI)
            known = self._clocks.get(base_url)
            if known is None or shown > known:
                self._clocks[base_url] = shown


def _retry_after(answer: httpx.Response) -> float:
    after = answer.headers.get("retry-after", "")
    return float(after) if after.isdigit() else 0
