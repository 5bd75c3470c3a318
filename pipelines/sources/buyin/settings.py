"""精选联盟's limits, as the platform notes (buyin.md, read 2026-11-24) have them."""

from __future__ import annotations

from datetime import timedelta

from pipelines.sources.doudian import settings as doudian

BASE_URL = doudian.BASE_URL
CALLS_PER_SECOND = doudian.CALLS_PER_SECOND

ORDER_PAGE = 20
SETTLEMENT_PAGE = 100
INSTITUTION_PAGE = 200
LIST_PAGE = 20

HORIZON = timedelta(days=89)  # errors 1036, 1039 and 4168 beyond 90 days
WINDOW = timedelta(days=30)  # 90 days would do; a window that fails is asked for again as a whole
# The alliance's update time is not the time of a status change: an order moves for weeks.
MOVING = timedelta(days=30)

ROLE = "auth_subject_type"  # credential and setting of an institution's account
MCN, COLONEL = "MCN", "Colonel"
