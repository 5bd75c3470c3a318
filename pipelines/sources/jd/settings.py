"""京东's addresses and limits, as the platform notes (jd.md, read 2026-11-24) have them."""

from __future__ import annotations

from datetime import timedelta

BASE_URL = "https://api.jd.com"
LOGIN_URL = "https://open-oauth.jd.com"
# No figure is published (unconfirmed): a guard against our own mistakes. What the platform answers
# when it is too much (2) is obeyed with backoff.
CALLS_PER_SECOND = 100

# The platform refreshes within 24 hours before the end, and never after it.
RENEW_BEFORE = timedelta(hours=23, minutes=45)

ORDER_PAGE = 100
MOST_ORDERS = 300 * ORDER_PAGE  # 300 pages (a third party's word); such a window is split
ORDER_WINDOW = timedelta(days=28)  # a calendar month at most
HORIZON = timedelta(days=89)  # three months by modified time

REFUND_PAGE = 50
MOST_REFUNDS = 100 * REFUND_PAGE  # pageIndex ends at 100
SERVICE_WINDOW = timedelta(days=7)  # of application times; taken for update times too
REFUND_SPAN = timedelta(days=30)
# Lists that know no time of change are asked this far back for what became of a record since.
REFUND_REACH = timedelta(days=15)  # of a cancelled order, until its money is back
PRESALE_REACH = timedelta(days=45)  # of a pre-sale, until its balance is paid
PRESALE_PAGE = 50

WARE_PAGE = 20
SKU_PAGE = 50
