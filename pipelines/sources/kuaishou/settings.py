"""快手's limits, as the platform notes (kuaishou.md, read 2026-11-24) have them."""

from __future__ import annotations

from datetime import timedelta

BASE_URL = "https://openapi.kwaixiaodian.com"
ORDER_PAGE, REFUND_PAGE, CPS_PAGE = 50, 100, 80
ITEM_PAGE = BILL_PAGE = 100
HORIZON = timedelta(days=89)  # 90 days back are refused
ORDER_WINDOW = timedelta(days=7)
BILL_WINDOW = timedelta(days=7)  # no figure is published
DAY_WINDOW = timedelta(days=1)  # of refunds and commissions
# The platform narrows windows to hours or minutes on busy days: one that it calls too wide is
# halved, down to this.
NARROWEST = timedelta(minutes=1)
CALLS_PER_SECOND = 300  # of open.order.cursor.list, per app and per user
