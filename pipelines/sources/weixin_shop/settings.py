"""微信小店's limits, as the platform notes (weixin_shop.md, read 2026-11-24) have them."""

from __future__ import annotations

from datetime import timedelta

BASE_URL = "https://api.weixin.qq.com"
PAGE_SIZE = 100  # orders
PRODUCT_PAGE_SIZE = 30  # most is unconfirmed
FLOW_PAGE_SIZE = 50  # as the platform's own sample asks; most is unconfirmed
ORDER_WINDOW = timedelta(days=7)
AFTER_SALE_WINDOW = timedelta(days=1)
# How far back lists answer is not published (unconfirmed); our first pull reaches this far.
HORIZON = timedelta(days=90)
LIVE_HORIZON = timedelta(days=30)
# No figure is published (unconfirmed): a guard against our own mistakes. What the platform answers
# when it is too much (45011) is obeyed with backoff.
CALLS_PER_SECOND = 400
