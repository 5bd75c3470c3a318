"""Tokens are renewed once, passing failures are tried again, secrets are said nowhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipelines.errors import UsageError
from pipelines.gateway import errors
from pipelines.gateway.connector import Connector, CredentialField
from pipelines.gateway.http import Call
from pipelines.gateway.session import ATTEMPTS, AccountSession, base_url_of
from pipelines.registry.credentials import CredentialStore, Token
from pipelines.registry.shops import Shop, ShopRegistry
from pipelines.settings import SHANGHAI, Settings

NOW = datetime(2026, 11, 14, 20, tzinfo=SHANGHAI)
SHOP = Shop(shop_key="s", channel="toy", name="s")


class Platform:
    """A platform as the session sees it: client and transport in one."""

    def __init__(self) -> None:
        self.answers: list[Exception] = []
        self.live = "none"
        self.logins = 0
        self.refreshes = 0

    def ready(self, method: str, params: Mapping[str, Any], access: str, now: datetime) -> Call:
        return Call("POST", f"/{method}", {"access": access})

    def send(self, base_url: str, call: Call) -> bytes:
        if call.path == "/things":
            if call.query["access"] != self.live:
                raise errors.TokenExpired("dead")
            if self.answers:
                raise self.answers.pop(0)
        return b"{}"

    def judge(self, method: str, body: bytes) -> None:
        """Every answer is a good one here."""

    def now(self, base_url: str) -> datetime:
        return NOW

    def log_in(self, exchange: Callable[..., bytes], now: datetime) -> Token:
        self.logins += 1
        return self._token("login")

    def refresh(self, token: Token, exchange: Callable[..., bytes], now: datetime) -> Token:
        self.refreshes += 1
        return self._token("refresh")

    def _token(self, how: str) -> Token:
        self.live = f"{how}-{self.logins}-{self.refreshes}"
        return Token(self.live, "r", NOW + timedelta(days=7), None)


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def session(settings: Settings, platform: Platform) -> Callable[[], AccountSession]:
    ShopRegistry(settings).add(SHOP)
    CredentialStore(settings).set("s", {"app_secret": "very-secret"})
    connector = Connector(
        "toy", "玩具", {"toy": "shop"}, "http://toy", (CredentialField("app_secret", "secret"),),
        lambda *_: platform, (), lambda _: "", per_second=10_000,
    )  # fmt: skip

    def make() -> AccountSession:
        return AccountSession(
            settings, connector, SHOP, base_url="http://toy", transport=platform,
            sleep=lambda _: None,
        )  # fmt: skip

    return make


def test_the_first_call_logs_in_and_the_next_session_finds_the_token(
    session: Callable[[], AccountSession], platform: Platform
) -> None:
    session().call("things", {})
    session().call("things", {})
    assert (platform.logins, platform.refreshes) == (1, 0)


def test_a_dead_token_is_renewed_once_for_all_threads(
    session: Callable[[], AccountSession], platform: Platform
) -> None:
    session().call("things", {})
    platform.live = "moved on"
    sessions = [session() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda each: each.call("things", {}), sessions)) == [b"{}"] * 6
    assert platform.refreshes == 1


@pytest.mark.parametrize(
    "failure",
    [
        errors.Throttled("slow down", "60000"),
        errors.PlatformBusy("busy"),
        errors.MalformedAnswer("half"),
        errors.Unreachable("reset"),
    ],
)
def test_what_passes_is_tried_again(
    session: Callable[[], AccountSession], platform: Platform, failure: errors.PlatformError
) -> None:
    platform.answers = [failure] * (ATTEMPTS - 1)
    assert session().call("things", {}) == b"{}"


def test_what_does_not_pass_is_said_at_once_and_in_the_platform_s_words(
    session: Callable[[], AccountSession], platform: Platform
) -> None:
    platform.answers = [errors.ParameterRefused("仅支持查询近90天订单", "40004")]
    asked = session()
    with pytest.raises(errors.ParameterRefused, match="仅支持查询近90天订单"):
        asked.call("things", {})
    assert asked.requests == 1


def test_it_gives_up_in_the_end(session: Callable[[], AccountSession], platform: Platform) -> None:
    platform.answers = [errors.PlatformBusy("busy")] * ATTEMPTS
    with pytest.raises(errors.PlatformBusy):
        session().call("things", {})


def test_missing_credentials_say_which_and_what_to_do(settings: Settings) -> None:
    ShopRegistry(settings).add(SHOP)
    connector = Connector(
        "toy", "玩具", {"toy": "shop"}, "", (CredentialField("app_secret", "secret"),),
        lambda *_: Platform(), (), lambda _: "",
    )  # fmt: skip
    with pytest.raises(UsageError, match="lacks app_secret") as refused:
        AccountSession(settings, connector, SHOP, base_url="", transport=Platform())
    assert "koujing shop set s --credential app_secret" in refused.value.hint


def test_a_shop_s_own_address_beats_the_setting_and_the_platform_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connector = Connector(
        "toy", "玩具", {"toy": "shop"}, "https://platform", (), Platform, (), lambda _: ""
    )
    assert base_url_of(connector, SHOP, None) == "https://platform"
    monkeypatch.setenv("KOUJING_TOY_BASE_URL", "http://setting")
    assert base_url_of(connector, SHOP, None) == "http://setting"
    own = SHOP.model_copy(update={"base_url": "http://own"})
    assert base_url_of(connector, own, None) == "http://own"
    boxed = SHOP.model_copy(update={"base_url": "sandbox://"})
    assert base_url_of(connector, boxed, "http://127.0.0.1:1") == "http://127.0.0.1:1"
    with pytest.raises(UsageError, match="not running"):
        base_url_of(connector, boxed, None)
