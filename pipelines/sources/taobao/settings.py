"""TOP's limits, as the platform notes (taobao.md) and TOP's metadata (2023-10) have them."""

from __future__ import annotations

from datetime import timedelta

BASE_URL = "https://eco.taobao.com"
PATH = "/router/rest"
PAGE_SIZE = 100
ITEM_PAGE_SIZE = 200
SKUS_OF = 40  # items a call of item.skus.get
MOST_ITEMS = 20_000  # page_no * page_size; such a window is split
MOST_BILLS = 5_000  # rows a window; likewise
DAY = timedelta(days=1)  # trades and bills: the widest window
WEEK = timedelta(days=7)  # refunds and logistics orders, which name no limit
HORIZON = timedelta(days=89)  # lists reach three months back
# QPS is set per app and API and no figure is published (unconfirmed): a guard against our own
# mistakes. What the platform answers when it is too much (code 7) is obeyed with backoff.
CALLS_PER_SECOND = 400
# The filter's default leaves other types out. Names of the filter and of rows are two vocabularies:
# all of both.
TYPES = ",".join(
    (
        "fixed", "auction", "guarantee_trade", "auto_delivery", "independent_simple_trade",
        "independent_shop_trade", "ec", "cod", "fenxiao", "game_equipment", "shopex_trade",
        "netcn_trade", "external_trade", "o2o_offlinetrade", "step", "nopaid", "pre_auth_type",
    )
)  # fmt: skip
