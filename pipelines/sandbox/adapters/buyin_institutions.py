"""World commissions as institutions see them: an MCN its authors' orders, a 团长 those it helped.

Source: platform notes buyin.md section 4. How a commission is shared out between platform, author
and MCN is invented, in the samples too: what is left of it after the platform's tenth is split.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.buyin_orders import (
    TECH_FEE_BP,
    colonel,
    commissions_as_they_stand,
    common_fields,
    distribution,
    listed,
    shop_commission,
    tech_fee,
)  # fmt: skip
from pipelines.sandbox.adapters.doudian_words import cipher
from pipelines.sandbox.listing import Listing

_SPLIT_BP = 3_000  # of what is left, to the MCN
_NO_SECOND = pl.struct(
    *(
        pl.lit(0).alias(name)
        for name in ("commission_rate", "activity_id", "estimated_commission", "real_commission")
    ),
    pl.lit(0).alias("institution_id"),
    pl.lit("").alias("institution_name"),
    pl.lit(0).alias("colonel_buyin_id"),
)
_PID = pl.struct(pl.lit("").alias(name) for name in ("pid", "external_info", "media_type_name"))


def mcn_listing(
    frames: Mapping[str, pl.DataFrame], institution: str, now: datetime, by: str
) -> Listing:
    """The rows of buyin.instituteOrderMCN."""
    members = frames["authors"].filter(pl.col("institution_id") == institution)["author_id"]
    whose = pl.col("author_id").is_in(members.to_list())
    return listed(commissions_as_they_stand(frames, whose, now), by, _mcn_fields(), extra=True)


def colonel_listing(
    frames: Mapping[str, pl.DataFrame], institution: str, now: datetime, by: str
) -> Listing:
    """The rows of buyin.instituteOrderColonel."""
    whose = pl.col("colonel_id") == institution
    return listed(commissions_as_they_stand(frames, whose, now), by, _colonel_fields())


def _shared_out(amount: str) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Of a commission: the platform's part, the MCN's and the author's."""
    fee = tech_fee(amount)
    left = pl.col(amount) - fee
    mcn = left * _SPLIT_BP // 10_000
    return fee, mcn, left - mcn


def _mcn_fields() -> list[pl.Expr]:
    estimated, settled = _shared_out("estimated_fen"), _shared_out("real_fen")
    zeros = (
        "ads_estimated_commission", "ads_real_commission", "ads_promotion_rate",
        "estimated_user_stepped_commission", "estimated_inst_stepped_commission",
        "settle_user_stepped_commission", "settle_inst_stepped_commission",
    )  # fmt: skip
    return [
        *common_fields(),
        *shop_commission(),
        _openid(),
        pl.lit(_SPLIT_BP).alias("alliance_split_rate"),
        pl.lit(TECH_FEE_BP).alias("tech_service_fee_rate"),
        estimated[0].alias("estimated_tech_service_fee"),
        settled[0].alias("settled_tech_service_fee"),
        estimated[1].alias("estimated_institution_commission"),
        settled[1].alias("institution_commission"),
        estimated[2].alias("estimated_commission"),
        settled[2].alias("real_commission"),
        _PID.alias("pid_info"),
        pl.col("pay_discount_fen").alias("pay_subsidy"),
        pl.col("platform_borne_fen").alias("platform_subsidy"),
        pl.col("author_borne_fen").alias("author_subsidy"),
        *(pl.lit(0).alias(name) for name in zeros),
        pl.lit(False).alias("is_stepped_plan"),
    ]


def _colonel_fields() -> list[pl.Expr]:
    fees = (
        pl.lit(TECH_FEE_BP).alias("tech_service_fee_rate"),
        tech_fee("colonel_estimated_fen").alias("tech_service_fee"),
        tech_fee("colonel_settled_fen").alias("settled_tech_service_fee"),
    )
    return [
        *common_fields(),
        *distribution(),
        _openid(),
        colonel(*fees),
        pl.lit("0").alias("colonel_type"),  # of one level only
        _NO_SECOND.alias("colonel_order_info_second"),
        pl.lit(False).alias("is_trusteeship"),
        pl.lit("").alias("good_share_type"),
    ]


def _openid() -> pl.Expr:
    return cipher("1@#", "", pl.col("author_id")).alias("author_openid")
