"""PyPI ks-shop-python-sdk 0.3.0: MD5, JSON with blanks in it, no parameter where there is none."""

import contextlib
import json
import sys
from collections.abc import Iterator
from typing import Any

from ks_shop_api.base import RestApi
from ks_shop_api.distribution.request import OpenSellerOrderCpsListRequest
from ks_shop_api.funds.request import OpenFundsFinancialSettledBillDetailRequest
from ks_shop_api.item.request import OpenItemListGetRequest
from ks_shop_api.order.request import OpenOrderCursorListRequest
from ks_shop_api.refund.request import (
    OpenSellerOrderRefundDetailRequest,
    OpenSellerOrderRefundPcursorListRequest,
)
from ks_shop_api.user.request import OpenUserSellerGetRequest

DAY = 86_400_000
Records = list[dict[str, Any]]
account = json.load(sys.stdin)
app = account["credentials"]
NOW = account["now"] * 1000


def call(kind: type[RestApi], asked: dict[str, Any]) -> dict[str, Any]:
    """One call; the client prints what it signs, which is no part of the answer."""
    api = kind(app["app_key"], app["app_secret"], app["sign_secret"])
    api.base_url = account["url"]
    with contextlib.redirect_stdout(sys.stderr):
        answer = api.getResponse(account["access_token"], asked)
    assert answer["result"] == 1, answer
    data: dict[str, Any] = answer["data"]
    return data


def listed(
    kind: type[RestApi],
    records: str,
    days: int,
    asked: dict[str, Any],
    *,
    begin: str = "beginTime",
    end: str = "endTime",
    cursor: str = "pcursor",
) -> Iterator[dict[str, Any]]:
    """Every record of the last month, window by window."""
    for start in range(NOW - 28 * DAY, NOW, days * DAY):
        place, page = "", 0
        while place not in ("nomore", "no_more"):
            page += 1
            window = {begin: start, end: start + days * DAY - 1, cursor: place, "currentPage": page}
            data = call(kind, {**asked, **window})
            place = data[cursor]
            yield from data[records]


sorted_by_update = {"queryType": 2, "sort": 2}
orders = list(
    listed(
        OpenOrderCursorListRequest, "orderList", 7,
        {**sorted_by_update, "orderViewStatus": 1, "cpsType": 0, "pageSize": 50}, cursor="cursor",
    )
)  # fmt: skip
base = [order["orderBaseInfo"] for order in orders]
refunds = list(
    listed(
        OpenSellerOrderRefundPcursorListRequest, "refundOrderInfoList", 1,
        {**sorted_by_update, "type": 9, "pageSize": 100, "option": {"needExchange": True}},
    )
)  # fmt: skip
details = [
    call(OpenSellerOrderRefundDetailRequest, {"refundId": each["refundId"]}) for each in refunds
]
commissions = listed(
    OpenSellerOrderCpsListRequest,
    "cpsOrderList",
    1,
    {**sorted_by_update, "type": 1, "pageSize": 80},
)
bills = listed(
    OpenFundsFinancialSettledBillDetailRequest, "orders", 1, {"size": 100},
    begin="settlementStartTime", end="settlementEndTime", cursor="cursor",
)  # fmt: skip
items = call(OpenItemListGetRequest, {"pageNumber": 1, "pageSize": 100, "itemStatus": 1})["items"]


def only(records: Any, *names: str) -> Records:  # noqa: ANN401
    """Some fields of each record."""
    return [{name: record[name] for name in names} for record in records]


of_orders = ("oid", "updateTime", "status", "totalFee", "discountFee", "expressFee")
told = {
    "orders": [{f"orderBaseInfo.{name}": each[name] for name in of_orders} for each in base],
    "refunds": only(refunds, "refundId", "oid", "refundFee", "status", "handlingWay"),
    "refund_details": only(details, "refundId", "specialRefundType"),
    "cps_orders": only(commissions, "oid", "estimatedIncome", "status", "updateTime"),
    "settled_bills": only(bills, "orderNo", "settlementAmount", "settlementTime"),
    "items": only(items, "kwaiItemId", "title", "price"),
    "sellers": only([call(OpenUserSellerGetRequest, {})], "sellerId", "name", "openId"),
}
json.dump(told, sys.stdout)
