"""小红书's limits, as the platform notes (xiaohongshu.md, read 2026-11-28) have them."""

from __future__ import annotations

from datetime import timedelta

BASE_URL = "https://ark.xiaohongshu.com"
PATH = "/ark/open_api/v3/common_controller"
VERSION = "2.0"
CALLS_PER_SECOND = 100  # an app; a method may be called 200 times
PAGE_SIZE = 100
MOST_ROWS = 10_000  # of one window of orders: 100 pages of 100
UPDATED_WINDOW = timedelta(minutes=30)
CREATED_WINDOW = timedelta(hours=24)
FINANCE_WINDOW = timedelta(hours=24)
KOS_PAGE_SIZE = 1_000
# A day by update is 48 questions. What lies further back is looked up in what was placed since the
# horizon, one question a day of it, once a pull.
ASKED_BY_UPDATE = timedelta(days=3)
HORIZON = timedelta(days=90)  # none is published: as far back as a first pull reaches
