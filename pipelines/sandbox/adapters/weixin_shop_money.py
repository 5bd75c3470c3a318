"""World bills and commissions as flows of a shop's two accounts: its own and the alliance's.

The shop's account has one flow an order, moment and kind. The platform has no kind for what others
add to the buyer's money: subsidies of platform, author and wallet are folded into one income of
kind 99 (分账). The alliance's account has what is paid to authors (10) and institutions (12) for
each order line, as expenses, and what they give back, as income.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.doudian_words import epoch
from pipelines.sandbox.adapters.weixin_shop_words import Frames, of_shop, records
from pipelines.sandbox.listing import Listing

_KINDS = {
    "user_paid": 1, "refund_before_settle": 3, "platform_subsidy": 99, "author_subsidy": 99,
    "pay_subsidy": 99, "platform_fee": 11, "commission": 10, "colonel_fee": 12,
    "freight_insurance": 16, "channel_fee": 2, "penalty": 2, "other": 2,
}  # fmt: skip
_AUTHOR, _AGENCY, _REFUND = 10, 12, 3
_ACCOUNTS = {"funds": "shop", "league/funds": "league"}


def flow_ids(frames: Frames, shop: str, now: datetime, account: str) -> Listing:
    """The flows of an account as the list has them, by the time of booking."""
    flows = _FLOWS[_ACCOUNTS[account]](frames, shop, now)
    name = pl.format('"{}"', "flow_id").alias("id")
    return Listing.of(flows.select(epoch("at").alias("at"), "flow_id", name), "at", "flow_id", "id")


def flow_records(frames: Frames, shop: str, now: datetime, account: str) -> dict[str, bytes]:
    """The records of getfundsflowdetail, by id."""
    is_league = _ACCOUNTS[account] == "league"
    flows = _FLOWS[_ACCOUNTS[account]](frames, shop, now).sort("at", "flow_id")
    related = pl.struct(
        pl.lit("RelatedType_Order" if is_league else 1).alias("related_type"),
        "order_id",
        pl.concat_str(pl.lit("42000000"), pl.col("order_id")).alias("transaction_id"),
    )
    record = pl.struct(
        "flow_id",
        pl.col("kind").alias("funds_type"),
        pl.when(pl.col("fen") > 0).then(1).otherwise(2).alias("flow_type"),
        pl.col("fen").abs().alias("amount"),
        (pl.col("fen").cum_sum() + 100_000_000).alias("balance"),
        pl.concat_list(related).alias("related_info_list"),
        pl.col("at").dt.strftime("%Y-%m-%d %H:%M:%S").alias("bookkeeping_time"),
        pl.lit("").alias("remark"),
    )
    return records(flows, "flow_id", record)


def _of_shop(frames: Frames, shop: str, now: datetime) -> pl.DataFrame:
    bills = of_shop(frames, "bills", shop, now, "settled_at").select(
        "bill_id", "order_id", "type", pl.col("settled_at").alias("at")
    )
    kind = pl.col("fee_type").replace_strict(_KINDS, return_dtype=pl.Int64)
    is_late = (pl.col("type") == "refund_after_settle") & (pl.col("fee_type") == "user_paid")
    return (
        frames["bill_items"]
        .join(bills, on="bill_id")
        .with_columns(pl.when(is_late).then(_REFUND).otherwise(kind).alias("kind"))
        .group_by("order_id", "at", "kind")
        .agg(pl.col("amount_fen").sum().alias("fen"), pl.col("bill_id").min())
        .filter(pl.col("fen") != 0)
        .with_columns(
            pl.concat_str(pl.lit("1"), pl.col("bill_id").str.tail(-2), _two_digits()).alias(
                "flow_id"
            )
        )
    )


def _of_league(frames: Frames, shop: str, now: datetime) -> pl.DataFrame:
    owed = frames["commissions"].filter(pl.col("shop_id") == shop).select("line_id", "order_id")
    phases = frames["commission_phases"].filter(pl.col("settled_at") < now).join(owed, on="line_id")
    both = [
        phases.select(
            "line_id", "order_id", "phase", pl.col("settled_at").alias("at"),
            pl.lit(kind).alias("kind"), (-pl.col(name)).alias("fen"),
        )
        for kind, name in ((_AUTHOR, "commission_fen"), (_AGENCY, "colonel_fen"))
    ]  # fmt: skip
    number = (pl.col("line_id"), pl.col("phase").cast(pl.String), _two_digits())
    return (
        pl.concat(both)
        .filter(pl.col("fen") != 0)
        .with_columns(pl.concat_str(pl.lit("2"), *number).alias("flow_id"))
    )


def _two_digits() -> pl.Expr:
    return pl.col("kind").cast(pl.String).str.zfill(2)


_FLOWS = {"shop": _of_shop, "league": _of_league}
