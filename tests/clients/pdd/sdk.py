"""PyPI pdd-sdk 1.0.8: system parameters in the query, business ones in the form, plain HTTP."""

import json
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pdd_sdk
from pdd_sdk.api.base import RestApi

SIZE = 50
Records = list[dict[str, Any]]
account = json.load(sys.stdin)
pdd_sdk.setDefaultAppInfo(
    account["credentials"]["client_id"], account["credentials"]["client_secret"]
)
address = urlsplit(account["url"])


def call(method: str, **asked: Any) -> dict[str, Any]:  # noqa: ANN401
    """Its generic request, which ships with the affiliates' methods alone."""

    class Asked(RestApi):
        def getapiname(self) -> str:
            return method

    request = Asked(str(address.hostname), address.port)
    request.access_token = account["access_token"]
    for name, value in asked.items():
        setattr(request, name, value)
    answer: dict[str, Any] = request.getResponse()
    return answer


def orders(days: int) -> Iterator[dict[str, Any]]:
    """By the days of their deals, page after page."""
    for day in range(days):
        end = account["now"] - day * 86_400
        page, more = 1, True
        while more:
            answer = call(
                "pdd.order.list.get", start_confirm_at=end - 86_400, end_confirm_at=end, page=page,
                page_size=SIZE, order_status=5, refund_status=5, use_has_next="true",
            )["order_list_get_response"]  # fmt: skip
            page, more = page + 1, answer["has_next"]
            yield from answer["order_list"]


def goods() -> Iterator[dict[str, Any]]:
    """All that the shop has."""
    page, total = 0, 1
    while page * SIZE < total:
        page += 1
        answer = call("pdd.goods.list.get", page=page, page_size=SIZE)["goods_list_get_response"]
        total = answer["total_count"]
        yield from answer["goods_list"]


found = list(orders(30))
refunds: Records = [
    row
    for order in found
    if order["after_sales_status"]
    for row in call(
        "pdd.refund.list.increment.get", order_sn=order["order_sn"], after_sales_status=1,
        after_sales_type=1,
    )["refund_increment_get_response"]["refund_list"]
]  # fmt: skip
json.dump(
    {
        "orders": [
            {
                "order_sn": order["order_sn"],
                "order_status": order["order_status"],
                "updated_at": order["updated_at"],
                "pay_amount": str(order["pay_amount"]),
            }
            for order in found
        ],
        "refunds": [
            {name: row[name] for name in ("id", "order_sn", "refund_amount", "updated_time")}
            for row in refunds
        ],
        "goods": [{name: row[name] for name in ("goods_id", "goods_name")} for row in goods()],
    },
    sys.stdout,
)
