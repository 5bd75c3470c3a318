"""拾号 from the other side: it sells what the world's own mall sells, under a key of its own."""

from __future__ import annotations

import hashlib
import hmac
import re
from urllib.parse import urlencode

import orjson
import polars as pl

from pipelines.sandbox.adapter import Account, Adapter, Answer, Outside, Request
from pipelines.sandbox.listing import Listing, page_of

_WORDS = {1: "签名错误", 2: "店铺已取消授权", 3: "调用过于频繁", 4: "系统繁忙", 5: "登录已过期"}
_STEPS = ("created_at", "paid_at", "finished_at", "closed_at")
_LINE_STEPS = ("shipped_at", "signed_at", "finished_at")
_LINE = (
    "line_id", "product_id", "quantity", "is_gift", "list_fen", "goods_fen", "freight_fen",
    "shop_discount_fen", "platform_discount_fen", "author_discount_fen", "pay_discount_fen",
    "platform_borne_fen", "merchant_borne_fen", "author_borne_fen", "order_fen", "paid_fen",
)  # fmt: skip


def _refused(code: int) -> Answer:
    return Answer(orjson.dumps({"code": code, "words": _WORDS[code]}))


class Toy(Adapter):
    """One list."""

    channel = "toy"
    record_lists = ("orders",)
    flipped_field = "order_id"

    def owns(self, request: Request) -> bool:
        """Everything under its name."""
        return request.path.startswith("/toy/")

    def method(self, request: Request) -> str:
        """What follows it."""
        return request.path.removeprefix("/toy/")

    def accounts(self, outside: Outside) -> list[Account]:
        """The mall twice: the second account sells the same."""
        mall = outside.frames["shops"].row(by_predicate=pl.col("channel") == "mall", named=True)
        return [
            Account(
                f"toy-0{number}", "toy", "shop", f"拾号 {number}", str(number), mall["shop_id"],
                {}, {"secret": outside.secret("toy", str(number))},
            )
            for number in (1, 2)
        ]  # fmt: skip

    def answer(self, request: Request, outside: Outside) -> Answer:
        """Check the signature; a page."""
        query = dict(request.query)
        text = urlencode(sorted((k, v) for k, v in query.items() if k != "sign")).encode()
        secret = outside.secret("toy", query.get("shop", "")).encode()
        if hmac.new(secret, text, hashlib.sha256).hexdigest() != query.get("sign"):
            return _refused(1)
        if outside.tokens.is_withdrawn(f"toy-0{query['shop']}"):
            return _refused(2)
        listing = outside.rendered(("toy", query["shop"]), lambda: _orders(outside))
        inside = listing.window(int(query["start"]), int(query["end"]))
        page = listing.page(page_of(inside, int(query["page"]), int(query["size"])))
        return Answer(b'{"code":0,"total":%d,"orders":[%b]}' % (len(inside), page))

    def endless(self, body: bytes) -> bytes:
        """A total that no page reaches."""
        return re.sub(rb'"total":\d+', b'"total":99999999', body, count=1)

    def fault(self, kind: str, request: Request) -> Answer | None:
        """By its codes."""
        del request
        codes = {"rate_limited": 3, "busy": 4, "token_dead": 5}
        return _refused(codes[kind]) if kind in codes else None


def _seconds(*names: str) -> list[pl.Expr]:
    return [pl.col(name).dt.epoch("s").alias(name) for name in names]


def _orders(outside: Outside) -> Listing:
    now, frames = outside.now(), outside.frames
    mall = frames["shops"].filter(pl.col("channel") == "mall")["shop_id"].implode()

    def happened(*names: str) -> list[pl.Expr]:
        return [pl.when(pl.col(name) < now).then(pl.col(name)).alias(name) for name in names]

    products = frames["products"].select("product_id", "kind", pl.col("name").alias("product_name"))
    skus = frames["skus"].select("sku_id", pl.col("merchant_code").alias("sku"))
    lines = (
        frames["order_lines"]
        .with_columns(happened(*_LINE_STEPS))
        .join(products, on="product_id")
        .join(skus, on="sku_id")
        .with_columns(pl.max_horizontal(_LINE_STEPS).alias("line_updated"))
    )
    line = pl.struct(
        *_LINE, *_seconds(*_LINE_STEPS), "product_name", "sku",
        (pl.col("kind") != "hardware").alias("is_virtual"),
    )  # fmt: skip
    grouped = lines.group_by("order_id").agg(
        line.sort_by("line_number").alias("lines"), pl.col("line_updated").max()
    )
    buyers = frames["buyers"].select("buyer_id", "province", "city")
    orders = (
        frames["orders"]
        .filter(pl.col("shop_id").is_in(mall) & (pl.col("created_at") < now))
        .with_columns(happened(*_STEPS))
        .join(grouped, on="order_id")
        .join(buyers, on="buyer_id")
        .with_columns(pl.max_horizontal(*_STEPS, "line_updated").alias("updated_at"))
    )
    status = (
        pl.when(pl.col("closed_at").is_not_null()).then(pl.lit("closed"))
        .when(pl.col("finished_at").is_not_null()).then(pl.lit("done"))
        .when(pl.col("paid_at").is_not_null()).then(pl.lit("paid"))
        .otherwise(pl.lit("new"))
    )  # fmt: skip
    record = pl.struct(
        "order_id", status.alias("status"), pl.col("buyer_id").alias("buyer"), "province", "city",
        # It has no type of trade for samples: the shop says so in its remark.
        pl.when(pl.col("trade_type") == "sample").then(pl.lit("寄样"))
        .otherwise(pl.col("seller_remark")).alias("remark"),
        *_seconds("created_at", "paid_at", "updated_at"),
        "lines",
    ).struct.json_encode()  # fmt: skip
    rendered = orders.select("order_id", *_seconds("updated_at"), record.alias("record"))
    return Listing.of(rendered, "updated_at", "order_id", "record")


ADAPTER = Toy()
