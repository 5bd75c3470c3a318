"""What youzan.trade.get tells beside the order: promotions, parcels, refunds; and parcels' routes.

有赞 names what the platform pays of a discount 平台补贴 (promotion type 513) and knows 平台优惠券
(211). Who bears the latter is not documented: here the shop does. So of the world's platform
discount, the platform's part is a 513 and the shop's part a 211. Authors give no discount here.
Source: platform notes youzan.md, section 4.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.youzan_trades import Frames
from pipelines.sandbox.adapters.youzan_words import EXPRESS_IDS, NOTHING, numbered, yuan

# Column of lines: promotion's type id, type, its name, title.
_PROMOTIONS = {
    "shop_discount_fen": (101, "meetReduce", "满减送", "满减优惠"),
    "shared_fen": (211, "coupon", "平台优惠券", "平台优惠券"),
    "platform_borne_fen": (513, "coupon", "平台补贴", "平台补贴"),
}
_SCANS = {
    "in_transit": 0, "picked_up": 1, "exception": 2, "signed": 3, "out_for_delivery": 5,
}  # fmt: skip


def order_details(
    full: pl.DataFrame, lines: pl.DataFrame, refund_orders: pl.DataFrame
) -> dict[str, bytes]:
    """The data of youzan.trade.get, by tid."""
    joined = (
        full.join(_promotions(lines), on="tid", how="left")
        .join(_deliveries(lines), on="tid", how="left")
        .join(refund_orders, on="tid", how="left")
    )
    told = pl.concat_str(
        pl.lit('{"full_order_info":'), pl.col("full_order_info"),
        pl.lit(',"refund_order":['), pl.col("refund_order").fill_null(""),
        pl.lit('],"delivery_order":['), pl.col("delivery_order").fill_null(""),
        pl.lit('],"order_promotion":'), pl.col("order_promotion"), pl.lit("}"),
    )  # fmt: skip
    return {tid: text.encode() for tid, text in joined.select("tid", told).iter_rows()}


def _promotions(lines: pl.DataFrame) -> pl.DataFrame:
    """Promotions of each trade (order_promotion): every one with its part of each line."""
    shared = pl.col("merchant_borne_fen") - pl.col("shop_discount_fen")
    given = lines.with_columns(shared.alias("shared_fen")).unpivot(
        list(_PROMOTIONS), index=["tid", "line_id"], variable_name="what", value_name="fen"
    )
    codes, types, names, titles = (
        pl.col("what").replace_strict(
            {name: said[part] for name, said in _PROMOTIONS.items()}, return_dtype=kind
        )
        for part, kind in enumerate((pl.Int64, pl.String, pl.String, pl.String))
    )
    of_line = pl.struct(pl.col("line_id").alias("oid"), yuan(pl.col("fen")).alias("discount_fee"))
    promotion = pl.struct(
        codes.alias("promotion_id"),
        types.alias("promotion_type"),
        codes.alias("promotion_type_id"),
        names.alias("promotion_type_name"),
        titles.alias("promotion_title"),
        pl.lit("").alias("promotion_condition"),
        pl.lit("").alias("promotion_content"),
        yuan(pl.col("total_fen")).alias("discount_fee"),
        pl.lit("").alias("coupon_id"),
        pl.col("item_info"),
    )
    listed = (
        given.filter(pl.col("fen") > 0)
        .group_by("tid", "what", maintain_order=True)
        .agg(pl.col("fen").sum().alias("total_fen"), of_line.alias("item_info"))
        .group_by("tid", maintain_order=True)
        .agg(promotion.alias("order"), pl.col("total_fen").sum())
    )
    whole = lines.select("tid").unique(maintain_order=True).join(listed, on="tid", how="left")
    record = pl.struct(
        NOTHING.alias("item"),
        pl.col("order").fill_null([]),
        pl.lit("0.00").alias("item_discount_fee"),
        yuan(pl.col("total_fen").fill_null(0)).alias("order_discount_fee"),
        pl.lit("0.00").alias("adjust_fee"),
    )
    return whole.select("tid", record.struct.json_encode().alias("order_promotion"))


def _deliveries(lines: pl.DataFrame) -> pl.DataFrame:
    """Deliveries of each trade (delivery_order): a parcel, or a course, which has none."""
    sent = lines.drop_nulls("shipped_at").with_columns(
        pl.col("tracking_number").fill_null(""),
        pl.col("carrier").replace_strict(EXPRESS_IDS, return_dtype=pl.Int64).fill_null(0),
    )
    by = ("tid", "shipped_at", "tracking_number", "carrier")
    item = pl.struct(
        pl.col("line_id").alias("oid"), pl.col("quantity").cast(pl.String).alias("num")
    )
    grouped = sent.group_by(by, maintain_order=True).agg(
        item.alias("oids"), pl.col("line_id").first()
    )
    parcel = pl.struct(
        numbered("shipped_at", "line_id", 10).alias("dist_id"),
        pl.struct(
            pl.col("carrier").alias("express_id"), pl.col("tracking_number").alias("express_no")
        ).alias("express_info"),
        pl.col("oids").alias("dist_items"),
    )
    record = pl.struct(
        pl.col("line_id").str.tail(10).cast(pl.Int64).alias("pk_id"),
        pl.lit(1).alias("express_state"),
        pl.lit(0).alias("express_type"),
        pl.col("oids"),
        pl.concat_list(parcel).alias("dists"),
    )
    told = grouped.select("tid", record.struct.json_encode().alias("delivery_order"))
    return told.group_by("tid", maintain_order=True).agg(pl.col("delivery_order").str.join(","))


def routes(frames: Frames, lines: pl.DataFrame, now: datetime) -> dict[str, bytes]:
    """The data of youzan.logistics.expressbyorderno.get, by tid: where each parcel is now."""
    scans = frames["parcel_events"].filter(pl.col("at") < now)
    newest = scans.sort("at").group_by("parcel_id").last()
    sent = (
        lines.drop_nulls("shipped_at")
        .drop_nulls("parcel_id")
        .unique(["tid", "parcel_id"], maintain_order=True)
        .join(newest, on="parcel_id", how="left")
    )
    state = pl.col("event").replace_strict(_SCANS, return_dtype=pl.Int64).fill_null(0)
    trace = pl.concat_str(pl.lit('[{"context":"【'), pl.col("place").fill_null(""), pl.lit('】"}]'))
    record = pl.struct(
        pl.col("parcel_id").str.strip_prefix("PK").cast(pl.Int64).alias("id"),
        pl.col("tracking_number").alias("nu"),
        pl.col("carrier").alias("com"),
        pl.lit("").alias("message"),
        pl.lit("").alias("ep_condition"),
        pl.when(pl.col("event").is_null()).then(pl.lit("0")).otherwise(pl.lit("1")).alias("status"),
        state.alias("state"),
        trace.alias("data"),
        pl.coalesce("at", "shipped_at").dt.epoch("s").alias("created_time"),
        pl.col("carrier").replace_strict(EXPRESS_IDS, return_dtype=pl.Int64).alias("express_id"),
    )
    told = sent.select("tid", record.struct.json_encode().alias("record"))
    grouped = told.group_by("tid", maintain_order=True).agg(pl.col("record").str.join(","))
    return {
        tid: b'{"orderExpressList":[' + text.encode() + b"]}" for tid, text in grouped.iter_rows()
    }
