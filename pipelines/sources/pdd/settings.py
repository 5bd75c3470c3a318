"""拼多多's limits, as the platform notes (pdd.md, read 2026-11-24) have them."""

from __future__ import annotations

from datetime import timedelta

BASE_URL = "https://gw-api.pinduoduo.com"
ROUTER = "/api/router"
PAGE_SIZE = 100
UPDATE_WINDOW = timedelta(minutes=30)  # lists by update time take no wider one
CONFIRM_WINDOW = timedelta(hours=24)  # the list by time of the deal
HORIZON = timedelta(days=89)  # orders leave the lists 90 days after the deal; ads likewise
# Windows of updates are asked for in half hours: what is older comes by time of the deal instead.
UPDATE_HORIZON = timedelta(days=3)
# The platform asks for windows that ended minutes ago: what comes later than that pushes others of
# its half hour off the pages that were read. Twenty minutes late at most, and that half hour.
LATE = timedelta(minutes=50)
MATURING = timedelta(days=14)  # how long credited orders are still added to a day of ads
# Limits are the mall's: 3000 a minute for orders, 10 a second for after-sales, 2 for ads. What the
# platform answers when it is too much (70031, 52101) is obeyed with backoff.
CALLS_PER_SECOND = 400

ORDERS = "pdd.order.list.get"
UPDATED_ORDERS = "pdd.order.number.list.increment.get"
REFUNDS = "pdd.refund.list.increment.get"
GOODS = "pdd.goods.list.get"
GOODS_DETAIL = "pdd.goods.detail.get"
MALL = "pdd.mall.info.get"
BILL_URL = "pdd.finance.balance.daily.bill.url.get"
TRACE = "pdd.logistics.ordertrace.get"
COMPANIES = "pdd.logistics.companies.get"
AD_DAYS = "pdd.ad.api.report.daily.report.query"
AD_PLANS = "pdd.ad.api.plan.query.list"
AD_ENTITIES = "pdd.ad.api.report.entity.report.query"
TOKEN_CREATE = "pdd.pop.auth.token.create"  # noqa: S105 - a method's name
TOKEN_REFRESH = "pdd.pop.auth.token.refresh"  # noqa: S105
# No method of the platform: a file whose address a method gave.
FILE = "file"

ALL = 1  # of after_sales_status and after_sales_type
SCENES = (0, 2)  # 多多搜索, 多多场景; reports know no other one any more
BY_ADVERTISER, BY_PLAN = 0, 1  # dimensions of reports
