"""One account's way to its platform: throttled, retried, its token kept fresh.

Data flow: connector's read -> ``call`` -> limiter -> client makes the call ready -> transport ->
client judges the answer -> body. Tokens are refreshed once for all threads and processes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Protocol

import structlog
from pyrate_limiter import Duration, InMemoryBucket, Limiter, Rate
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)  # fmt: skip

from pipelines.errors import KoujingError, UsageError
from pipelines.gateway.connector import Account, Connector
from pipelines.gateway.errors import PASSING, Throttled, TokenExpired
from pipelines.gateway.http import Call, HttpTransport, Transport
from pipelines.locks import held
from pipelines.registry.credentials import CredentialStore, Token
from pipelines.registry.shops import Shop
from pipelines.settings import Settings

ATTEMPTS = 9
_RENEWALS = 3  # a platform that calls a new token dead again and again has another problem
_FRESH_FOR = timedelta(minutes=5)
_LOCK_SECONDS = 120
_SANDBOX = "sandbox://"
_log = structlog.get_logger()


class PlatformClient(Protocol):
    """What a connector's ``client`` makes: its platform's wire, without any state."""

    def ready(self, method: str, params: Mapping[str, Any], access: str, now: datetime) -> Call:
        """The signed request for a method."""

    def judge(self, method: str, body: bytes) -> None:
        """Pass over a good answer.

        Raises:
            PlatformError: The platform's refusal.
        """

    def log_in(self, exchange: Callable[[str, Mapping[str, Any]], bytes], now: datetime) -> Token:
        """The first token, from the credentials alone."""

    def refresh(
        self, token: Token, exchange: Callable[[str, Mapping[str, Any]], bytes], now: datetime
    ) -> Token:
        """A new token for one that ends."""


def handed_over(
    settings: Settings, connector: Connector, shop: Shop
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """A shop's credentials, and what of them is no secret and steers the connector: units, roles.

    Raises:
        UsageError: One is missing.
    """
    credentials = CredentialStore(settings).get(shop.shop_key)
    missing = [
        field.name
        for field in connector.credentials
        if field.required and not credentials.get(field.name)
    ]
    if missing:
        raise UsageError(
            f"{shop.shop_key} lacks {', '.join(missing)}.",
            f"Hand it over: koujing shop set {shop.shop_key} --credential {missing[0]}=…",
        )
    return credentials, {
        field.name: credentials[field.name]
        for field in connector.credentials
        if not field.secret and field.name in credentials
    }


class AccountSession:
    """Implements ``connector.Session``."""

    def __init__(  # noqa: PLR0913 - what a session is made of
        self,
        settings: Settings,
        connector: Connector,
        shop: Shop,
        *,
        base_url: str,
        transport: Transport,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.shop = shop
        self.requests = 0
        self._home = settings
        self._store = CredentialStore(settings)
        self._base_url = base_url
        self._is_at_home = base_url == connector.base_url
        self._transport = transport
        credentials, self.settings = handed_over(settings, connector, shop)
        assert connector.client is not None, "a platform that is spoken to over HTTP has one"
        self._client: PlatformClient = connector.client(shop, credentials)
        app = credentials.get("app_key") or credentials.get("app_id") or shop.shop_key
        self._limiter = _limiter(f"{base_url}/{app}", connector.per_second)
        self._retrying = Retrying(
            retry=retry_if_exception_type(PASSING),
            stop=stop_after_attempt(ATTEMPTS),
            wait=_wait,
            reraise=True,
            sleep=sleep,
        )
        self._token: Token | None = None

    def now(self) -> datetime:
        """The platform's clock, Asia/Shanghai, whole seconds."""
        return self._transport.now(self._base_url).replace(microsecond=0)

    def close(self) -> None:
        """Nothing: connections are kept by the transport, for all accounts."""

    def call(self, method: str, params: Mapping[str, Any]) -> bytes:
        """Call a method with a token that lives.

        Raises:
            PlatformError: Refused, or still failing after all retries.
        """
        token = self._fresh()
        for _ in range(_RENEWALS):
            try:
                return self._exchange(method, params, token.access)
            except TokenExpired:
                token = self._renew(token)
        return self._exchange(method, params, token.access)

    def _exchange(self, method: str, params: Mapping[str, Any], access: str = "") -> bytes:
        def once() -> bytes:
            self._limiter.try_acquire("call", blocking=True)
            self.requests += 1
            call = self._client.ready(method, params, access, self.now())
            elsewhere = call.base_url if self._is_at_home else ""
            body = self._transport.send(elsewhere or self._base_url, call)
            self._client.judge(method, body)
            return body

        return self._retrying.copy()(once)

    def _fresh(self) -> Token:
        if self._token is None:
            self._token = self._store.read_token(self.shop.shop_key)
        if self._token is None or self._token.access_expires_at - self.now() < _FRESH_FOR:
            return self._renew(self._token)
        return self._token

    def _renew(self, dead: Token | None) -> Token:
        """One thread or process gets the new token, the others find it."""
        key = self.shop.shop_key
        with held(self._home, f"token-{key}", f"{key}'s token is being refreshed.", _LOCK_SECONDS):
            known = self._store.read_token(key)
            if known is not None and (dead is None or known.access != dead.access):
                self._token = known
                if known.access_expires_at - self.now() >= _FRESH_FOR:
                    return known
            self._token = self._ask_for_token(known)
            self._store.write_token(key, self._token)
            _log.info("token renewed", shop=key, until=str(self._token.access_expires_at))
        return self._token

    def _ask_for_token(self, known: Token | None) -> Token:
        if known is not None:
            try:
                fresh = self._client.refresh(known, self._exchange, self.now())
            except PASSING:
                raise  # nothing is known of the token: asking for a first one would be a guess
            except KoujingError as error:
                _log.info("refresh refused", shop=self.shop.shop_key, words=error.message)
            else:
                if fresh.access != known.access:
                    return fresh
        return self._client.log_in(self._exchange, self.now())


def _wait(state: RetryCallState) -> float:
    """Backoff with jitter; at least what the platform asked for."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.after if isinstance(error, Throttled) else 0
    return max(asked, _BACKOFF(state))


_BACKOFF = wait_exponential_jitter(initial=0.2, max=8, jitter=0.2)


@cache
def _limiter(name: str, per_second: float) -> Limiter:
    """One limiter a platform and app in this process."""
    del name  # only tells them apart
    return Limiter(InMemoryBucket([Rate(max(1, int(per_second)), Duration.SECOND)]))


def base_url_of(connector: Connector, shop: Shop, sandbox_url: str | None) -> str:
    """Where a shop's platform is: its own address, the channel's setting, the platform's own.

    Raises:
        UsageError: The shop lives in the sandbox and none is running.
    """
    chosen = (
        shop.base_url
        or os.environ.get(f"KOUJING_{connector.channel.upper()}_BASE_URL", "")
        or connector.base_url
    )
    if not chosen.startswith(_SANDBOX):
        return chosen
    if sandbox_url is None:
        raise UsageError(
            f"{shop.shop_key} lives in the sandbox, which is not running.",
            "Start it: koujing sandbox up",
        )
    return sandbox_url


def session_of(
    settings: Settings,
    connector: Connector,
    shop: Shop,
    *,
    sandbox_url: str | None,
    transport: HttpTransport,
) -> Account:
    """A shop's session, over HTTP or as its connector opens it.

    Raises:
        KoujingError: Credentials are missing, or the shop's sandbox is not running.
    """
    base_url = base_url_of(connector, shop, sandbox_url)
    if connector.opens is not None:
        return connector.opens(settings, connector, shop, base_url)
    transport.probe(base_url)
    return AccountSession(settings, connector, shop, base_url=base_url, transport=transport)


@contextmanager
def open_session(
    settings: Settings, connector: Connector, shop: Shop, sandbox_url: str | None = None
) -> Iterator[Any]:
    """A session of one shop, for a single question such as ``koujing shop check``."""
    with HttpTransport() as transport:
        session = session_of(
            settings, connector, shop, sandbox_url=sandbox_url, transport=transport
        )
        with closing(session):
            yield session
