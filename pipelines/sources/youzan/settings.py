"""有赞's addresses and limits, as the platform notes (youzan.md, read 2026-11-26) have them."""

from __future__ import annotations

from datetime import timedelta

BASE_URL = "https://open.youzanyun.com"
VERSIONS = {
    "youzan.trades.sold.get": "4.0.4",
    "youzan.trade.get": "4.0.2",
    "youzan.trade.refund.search": "3.0.1",
    "youzan.trade.refund.get": "3.0.1",
    "youzan.trade.refund.messages.get": "3.0.0",
    "youzan.items.onsale.get": "3.0.0",
    "youzan.items.inventory.get": "3.0.0",
    "youzan.item.detail.get": "1.0.1",
    "youzan.logistics.express.get": "3.0.0",
    "youzan.logistics.expressbyorderno.get": "3.0.0",
    "youzan.pay.customer.query.querybillrecord": "1.0.0",
    "youzan.shop.get": "3.0.0",
}
PAGE_SIZE = 100
# The last row that pages reach; a window with more of them is halved.
MOST_ORDERS = 10_000  # page_no <= 100
MOST_REFUNDS = 3_000  # page_no * page_size
MOST_ITEMS = 3_900  # page_no * page_size < 4000
WINDOW = timedelta(days=30)  # three months at most
# One call a record: what is done of a pull that breaks off is kept by the day.
DETAIL_WINDOW = timedelta(days=1)
# Orders since 2020 are answered for; half a year is what the monthly quota of calls bears at first.
HORIZON = timedelta(days=180)
ITEM_HORIZON = timedelta(days=5 * 365)
CALLS_PER_SECOND = 100  # 300 a shop for items; no figure is published for orders
# The credential that turns bill records on, and what it says.
BILLS, ASSUMED = "bills", "assumed"
