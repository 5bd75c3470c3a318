"""Through the gateway's session: tokens rotate, both new ones are kept, dead ones are told."""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson
import pytest

from pipelines.gateway.errors import AuthorisationGone
from pipelines.gateway.http import Call
from pipelines.gateway.session import AccountSession
from pipelines.registry.credentials import CredentialStore
from pipelines.registry.shops import Shop, ShopRegistry
from pipelines.settings import SHANGHAI, Settings
from pipelines.sources.qianchuan import CONNECTOR

SHOP = Shop(shop_key="qianchuan-01", channel="qianchuan", kind="ad_account", name="千川")
CREDENTIALS = {"app_id": "1700000000000001", "app_secret": "made-up", "refresh_token": "refresh-0"}


class FakeQianchuan:
    """A transport to a platform that rotates both tokens and forgets the old ones."""

    def __init__(self) -> None:
        self.clock = datetime(2025, 11, 13, 10, 30, tzinfo=SHANGHAI)
        self.issued = 0
        self.access, self.refresh = "", "refresh-0"
        self.sent: list[str] = []

    def send(self, base_url: str, call: Call) -> bytes:
        del base_url
        self.sent.append(call.path.removeprefix("/open_api/").strip("/"))
        if call.verb == "POST":
            return self._renewed(orjson.loads(call.body)["refresh_token"])
        if call.headers["Access-Token"] != self.access:
            return b'{"code":40102,"message":"access_token is expired","data":{}}'
        return b'{"code":0,"message":"OK","data":{}}'

    def now(self, base_url: str) -> datetime:
        del base_url
        return self.clock

    def _renewed(self, refresh: str) -> bytes:
        if refresh != self.refresh:
            return b'{"code":40103,"message":"refresh_token is expired","data":{}}'
        self.issued += 1
        self.access, self.refresh = f"access-{self.issued}", f"refresh-{self.issued}"
        pair = {"access_token": self.access, "refresh_token": self.refresh}
        ends = {"expires_in": 86400, "refresh_token_expires_in": 2592000}
        return orjson.dumps({"code": 0, "message": "OK", "data": {**pair, **ends}})


@pytest.fixture
def platform(settings: Settings) -> FakeQianchuan:
    ShopRegistry(settings).add(SHOP)
    CredentialStore(settings).set(SHOP.shop_key, CREDENTIALS)
    return FakeQianchuan()


def _session(settings: Settings, platform: FakeQianchuan) -> AccountSession:
    return AccountSession(
        settings, CONNECTOR, SHOP, base_url="http://platform.invalid", transport=platform
    )


def test_both_tokens_rotate_and_the_newest_pair_is_kept(
    settings: Settings, platform: FakeQianchuan
) -> None:
    _session(settings, platform).call("finance/detail/get", {})
    platform.clock += timedelta(hours=23, minutes=58)  # within five minutes of the end
    _session(settings, platform).call("finance/detail/get", {})
    platform.access = "taken over by nobody"  # dies before its time
    _session(settings, platform).call("finance/detail/get", {})
    kept = CredentialStore(settings).read_token(SHOP.shop_key)
    assert kept is not None
    assert (kept.access, kept.refresh) == ("access-3", "refresh-3")
    read = "v1.0/qianchuan/finance/detail/get"
    renewed = "oauth2/refresh_token"
    assert platform.sent == [renewed, read, renewed, read, read, renewed, read]


def test_a_withdrawn_authorisation_is_told_in_the_platforms_words(
    settings: Settings, platform: FakeQianchuan
) -> None:
    session = _session(settings, platform)
    session.call("finance/detail/get", {})
    platform.access = platform.refresh = "withdrawn"
    with pytest.raises(AuthorisationGone, match=r"refresh_token is expired \(40103\)") as refused:
        session.call("finance/detail/get", {})
    assert "authorise the app again" in refused.value.hint
    assert "made-up" not in refused.value.message
