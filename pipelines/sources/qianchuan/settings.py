"""千川's limits and money units, as the platform notes (qianchuan.md, 2026-11-24) have them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pipelines.errors import UsageError

BASE_URL = "https://api.oceanengine.com"
# No figure is published (unconfirmed): a guard against our own mistakes. What the platform answers
# when it is too much (40100) is obeyed with backoff.
CALLS_PER_SECOND = 400

ACCOUNT_REPORT = "report/advertiser/get"
PLAN_REPORT = "report/ad/get"
UNI_REPORT = "report/uni_promotion/get"
UNI_PLANS = "uni_promotion/list"
LIVE_ROOMS = "today_live/room/get"
FINANCE = "finance/detail/get"
ATTRIBUTION = "report/long_transfer/order/get"
ADVERTISERS = "shop/advertiser/list"
AUTHORS = "aweme/authorized/get"

REPORT_PAGE = 500
LIST_PAGE = 100
PLAN_PAGE = 200  # one of 10, 20, 50, 100, 200
FINANCE_PAGE = 200
UNI_FIELDS_AT_ONCE = 11  # the most that are known to be answered; too many are a 50000

MATURING = timedelta(days=14)  # how long a day's numbers move
DAILY_SPAN = timedelta(days=180)  # the widest question by day, and how far back days are kept
HORIZON = DAILY_SPAN - timedelta(days=1)  # windows begin at midnight: today is the 180th day
HOURLY_WINDOW = timedelta(days=7)
ATTRIBUTION_HORIZON = timedelta(days=89)
LIVE_HORIZON = timedelta(days=90)  # no limit is published; older rooms come from the 罗盘 export

YUAN = "yuan"
MICRO = "1e-5 yuan"
UNITS = (YUAN, MICRO)
# The sources disagree for uni_promotion/list and the live reports (qianchuan.md, section 6): the
# likelier unit stands here, an account's setting ``money_units`` beats it.
MONEY_UNITS: Mapping[str, str] = {
    ACCOUNT_REPORT: YUAN,
    PLAN_REPORT: YUAN,
    UNI_REPORT: YUAN,
    UNI_PLANS: MICRO,
    LIVE_ROOMS: MICRO,
    FINANCE: MICRO,
    ATTRIBUTION: YUAN,
}


MONEY_SETTING = "money_units"  # "endpoint=unit, endpoint=unit"


def money_unit(endpoint: str, settings: Mapping[str, str]) -> str:
    """The unit in which an endpoint words money for an account.

    Raises:
        UsageError: The account's setting names no endpoint or unit of ours.
    """
    return {**MONEY_UNITS, **_units_of(settings.get(MONEY_SETTING, ""))}[endpoint]


def _units_of(setting: str) -> dict[str, str]:
    said = [part.partition("=") for part in setting.split(",") if part.strip()]
    units = {endpoint.strip(): unit.strip() for endpoint, _, unit in said}
    for endpoint, unit in units.items():
        if endpoint not in MONEY_UNITS or unit not in UNITS:
            raise UsageError(
                f"{MONEY_SETTING} says '{endpoint}={unit}'.",
                f"ENDPOINT=UNIT with a unit of {', '.join(UNITS)} and an endpoint of"
                f" {', '.join(MONEY_UNITS)}",
            )
    return units
