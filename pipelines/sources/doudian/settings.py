"""抖店's limits, as the platform notes (doudian.md, read 2026-11-24) have them."""

from __future__ import annotations

from datetime import timedelta

BASE_URL = "https://openapi-fxg.jinritemai.com"
PAGE_SIZE = 100  # error 20008 above
MOST_ROWS = 50_000  # page * size; error 20013 above: such a window is split
HORIZON = timedelta(days=89)  # error 20022 beyond 90 days
BILL_WINDOW = timedelta(days=7)
# No figure is published (unconfirmed): a guard against our own mistakes. What the platform answers
# when it is too much (60000) is obeyed with backoff.
CALLS_PER_SECOND = 400
