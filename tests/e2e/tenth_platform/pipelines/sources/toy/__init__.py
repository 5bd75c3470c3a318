"""拾号: a platform that nobody has; one list of orders, an HMAC over the query, no tokens."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
import polars as pl

from pipelines.gateway.connector import Connector, CredentialField, Page, Session, Stream, Window
from pipelines.gateway.errors import (
    AuthorisationGone,
    MalformedAnswer,
    PlatformBusy,
    PlatformError,
    SignatureRefused,
    Throttled,
    TokenExpired,
)  # fmt: skip
from pipelines.gateway.http import Call
from pipelines.gateway.paging import backwards, number_in
from pipelines.registry.credentials import Token
from pipelines.registry.shops import Shop

_PAGE = 50
_BY_CODE: Mapping[int, type[PlatformError]] = {
    1: SignatureRefused, 2: AuthorisationGone, 3: Throttled, 4: PlatformBusy, 5: TokenExpired,
}  # fmt: skip
_NUMBERS = (
    "quantity", "list_fen", "goods_fen", "freight_fen", "shop_discount_fen",
    "platform_discount_fen", "author_discount_fen", "pay_discount_fen", "platform_borne_fen",
    "merchant_borne_fen", "author_borne_fen", "order_fen", "paid_fen", "shipped_at", "signed_at",
    "finished_at",
)  # fmt: skip
_LINE = dict.fromkeys(_NUMBERS, pl.Int64) | {
    "line_id": pl.String, "product_id": pl.String, "product_name": pl.String, "sku": pl.String,
    "is_gift": pl.Boolean, "is_virtual": pl.Boolean,
}  # fmt: skip


class ToyClient:
    """Implements ``gateway.session.PlatformClient``."""

    def __init__(self, shop: Shop, credentials: Mapping[str, str]) -> None:
        self._shop = shop.platform_shop_id
        self._secret = credentials["secret"]

    def ready(self, method: str, params: Mapping[str, Any], access: str, now: datetime) -> Call:
        """The query with the shop, signed."""
        del access, now
        query = {"shop": self._shop, **{name: str(value) for name, value in params.items()}}
        text = urlencode(sorted(query.items())).encode()
        query["sign"] = hmac.new(self._secret.encode(), text, hashlib.sha256).hexdigest()
        return Call("GET", f"/toy/{method}", query=query)

    def judge(self, method: str, body: bytes) -> None:
        """Raise what a code other than 0 means."""
        try:
            said = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise MalformedAnswer(f"{method}: the answer is no JSON") from error
        if said["code"]:
            raise _BY_CODE.get(said["code"], PlatformError)(said["words"], str(said["code"]))

    def log_in(self, exchange: Callable[..., bytes], now: datetime) -> Token:
        """There are no tokens."""
        del exchange
        return Token("none", "none", now + timedelta(days=365), now + timedelta(days=365))

    def refresh(self, token: Token, exchange: Callable[..., bytes], now: datetime) -> Token:
        """Nor new ones."""
        del token
        return self.log_in(exchange, now)


def read_orders(session: Session, window: Window) -> Iterator[Page]:
    """Orders by update time, the last page first."""

    def ask(page: int) -> bytes:
        span = {"start": int(window.start.timestamp()), "end": int(window.end.timestamp())}
        return session.call("orders", {**span, "page": page, "size": _PAGE})

    for body in backwards(ask, size=_PAGE, total=lambda body: number_in(body, "total")):
        yield Page(body, ("orders",))


def check(session: Session) -> str:
    """Ask for an hour."""
    now = session.now()
    for _ in read_orders(session, Window(now - timedelta(hours=1), now)):
        pass
    return "orders can be read"


CONNECTOR = Connector(
    channel="toy",
    title="拾号",
    serves={"toy": "shop"},
    base_url="https://toy.invalid",
    credentials=(CredentialField("secret", "密钥"),),
    client=ToyClient,
    streams=(
        Stream(
            "orders",
            "订单",
            {
                "order_id": pl.String, "status": pl.String, "buyer": pl.String,
                "province": pl.String, "city": pl.String, "remark": pl.String,
                "created_at": pl.Int64, "paid_at": pl.Int64, "updated_at": pl.Int64,
                "lines": pl.List(pl.Struct(_LINE)),
            },
            ("order_id",),
            read_orders,
            version="updated_at",
            pii={"buyer": "hash"},
            max_window=timedelta(days=30),
        ),
    ),
    check=check,
)  # fmt: skip
