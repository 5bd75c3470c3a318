"""微信小店's gateway as the platform keeps it: apps, tokens, flat envelopes, refusals.

Source: platform notes weixin_shop.md sections 1, 2 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import polars as pl

from pipelines.sandbox.adapter import Answer, Outside, Request

ACCESS_FOR = timedelta(hours=2)
# Before its end a stable token is taken for a new one; of two tokens the older one lives on a bit.
RENEWED_BEFORE = GRACE = timedelta(minutes=5)
_TOKENS = ("/cgi-bin/token", "/cgi-bin/stable_token")
Refusal = tuple[int, str]
BUSY: Refusal = (-1, "system error")
UNKNOWN: Refusal = (40001, "invalid credential, access_token is invalid or not latest")
SECRET: Refusal = (40001, "invalid appsecret")
GRANT: Refusal = (40002, "invalid grant_type")
APP: Refusal = (40013, "invalid appid")
EXPIRED: Refusal = (42001, "access_token expired")
LIMITED: Refusal = (45011, "api minute-quota reach limit, must slower, retry next minute")
NO_JSON: Refusal = (47001, "data format error")
WITHDRAWN: Refusal = (48001, "api unauthorized")
NO_API: Refusal = (40066, "invalid url")


def parameter(words: str) -> Refusal:
    """A refused business parameter."""
    return (40097, f"invalid args: {words}")


@dataclass(frozen=True)
class Call:
    """A call that passed the gate."""

    method: str
    params: dict[str, Any]
    shop: str


class Refused(Exception):  # noqa: N818 - what the platform answers, not an error of ours
    """Raised by an endpoint that does not take what was asked."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal[1])
        self.refusal = refusal


def app_of(outside: Outside, shop: str) -> tuple[str, str]:
    """A shop's own app: id and secret."""
    return (
        f"wx{outside.secret('weixin_shop', shop)[:16]}",
        outside.secret("weixin_shop", shop, "secret")[:32],
    )


def shops(outside: Outside) -> list[dict[str, Any]]:
    """The channel's shops."""
    return list(
        outside.frames["shops"].filter(pl.col("channel") == "weixin_shop").iter_rows(named=True)
    )


def is_token_call(request: Request) -> bool:
    """Whether a token is asked for."""
    return request.path in _TOKENS


def admitted(request: Request, outside: Outside) -> Call:
    """Check token and body.

    Raises:
        Refused: In the platform's code and words.
    """
    pair = outside.tokens.holder(request.query.get("access_token", ""))
    if pair is None:
        raise Refused(UNKNOWN)
    shop = pair.owner.partition("#")[0]
    if outside.tokens.is_withdrawn(shop):
        raise Refused(WITHDRAWN)
    if not outside.tokens.is_live(pair):
        raise Refused(EXPIRED)
    params = request.json()
    if not isinstance(params, dict):
        raise Refused(NO_JSON)
    return Call(request.path.strip("/"), params, shop)


def token(request: Request, outside: Outside) -> Answer:
    """/cgi-bin/token, whose newest token alone lives, and stable_token, which keeps one.

    Raises:
        Refused: Grant type, app or secret is wrong.
    """
    is_stable = request.path == _TOKENS[1]
    asked = request.json() if is_stable else request.query
    if not isinstance(asked, dict | type(request.query)):
        raise Refused(NO_JSON)
    if asked.get("grant_type") != "client_credential":
        raise Refused(GRANT)
    apps = {app_of(outside, shop["shop_id"])[0]: shop["shop_id"] for shop in shops(outside)}
    shop = apps.get(str(asked.get("appid")))
    if shop is None:
        raise Refused(APP)
    if asked.get("secret") != app_of(outside, shop)[1]:
        raise Refused(SECRET)
    if outside.tokens.is_withdrawn(shop):
        raise Refused(WITHDRAWN)
    # Tokens of the two calls are independent of each other.
    owner = f"{shop}#stable" if is_stable else f"{shop}#plain"
    kept = outside.tokens.live(owner)
    is_fresh = kept is not None and kept.access_until - outside.now() > RENEWED_BEFORE
    if kept is None or not is_stable or not is_fresh or asked.get("force_refresh"):
        if kept is not None:
            outside.tokens.end(kept, within=GRACE)
        kept = outside.tokens.issue(owner, ACCESS_FOR, ACCESS_FOR)
    left = int((kept.access_until - outside.now()).total_seconds())
    return Answer(orjson.dumps({"access_token": kept.access, "expires_in": left}))


def granted(payload: bytes) -> Answer:
    """The flat envelope around an answer's own keys (JSON without its braces)."""
    return Answer(b'{"errcode":0,"errmsg":"ok",' + payload + b"}")


def refused(refusal: Refusal) -> Answer:
    """A refusal; HTTP says 200 all the same."""
    code, words = refusal
    said = f"{words} rid: 00000000-00000000-00000000"
    return Answer(orjson.dumps({"errcode": code, "errmsg": said}))
