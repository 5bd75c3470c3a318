"""What a channel's platform does not tell: figures that nobody who asks it could know.

The world knows them, so its books would have them; a home that says nothing there is right. Each
platform's adapter says which, ratios of a missing figure among them.
is named with what is missing, ratios of a missing figure among them.
"""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.app import found_adapters
from pipelines.sandbox.truth.books import Books

from pipelines.sandbox.truth.books import Books

_UNTOLD = {
    "pdd": (
        # No stable id of a buyer, in no API.
        "pay_buyer_uv", "avg_buyer_value", "new_buyer_uv", "old_buyer_uv", "new_buyer_pay_amt",
        "new_buyer_pay_share",
        # When the shop first acted on an after-sale.
        "aftersale_first_h",
        # Which part of the spend was cash.
        "ad_cash_spend_amt", "ad_fee_rate_net",
    ),
    "jd": (
        # A list price: orders and SKUs know the page's price alone.
        "list_amt", "discount_rate",
        # Settlement: there is no API for shops in China, only an export.
        "settle_income_amt", "settle_fee_amt", "settle_amt", "subsidy_in_amt",
        "post_settle_refund_amt", "platform_fee_amt", "settle_fee_rate", "settle_cycle_d",
    "kuaishou": (
        # When a room began and ended, and how many came: only which room an order is from.
        "live_session_cnt", "live_dur_h", "live_view_pv", "live_pay_amt", "live_pay_amt_w30",
        "live_self_pay_amt", "live_refund_amt", "live_ad_spend_amt", "live_net_pay_amt",
        "live_hour_amt", "live_refund_rate", "live_self_share", "live_room_roi", "live_gpm",
    ),
}  # fmt: skip


def told(figures: pl.DataFrame, books: Books) -> pl.DataFrame:
    """Figures (metric, shop and more) without those that the shop's platform does not tell."""
    untold = [
        pl.col("metric").is_in(adapter.untold) & books.shops_of(adapter.channel, named="shop")
        for adapter in found_adapters()
        pl.col("metric").is_in(metrics) & books.shops_of(channel, named="shop")
        for channel, metrics in _UNTOLD.items()
    ]
    return figures.filter(~pl.any_horizontal(untold))
