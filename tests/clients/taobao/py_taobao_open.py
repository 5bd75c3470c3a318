"""PyPI py-taobao-open 1.0.3: MD5, epoch milliseconds, system parameters in the query."""

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import taobao_open
from taobao_open.api.base import RestApi

SIZE = 100
account = json.load(sys.stdin)
app = account["credentials"]
address = urlsplit(account["url"])
now = datetime.fromtimestamp(account["now"], UTC).replace(tzinfo=None) + timedelta(hours=8)


def ask(method: str, **params: object) -> dict[str, Any]:
    """One call; a class of the client's own for a method is these two lines."""
    call = type("Call", (RestApi,), {"getapiname": lambda _: f"taobao.{method}"})(
        address.hostname, address.port
    )
    call.set_app_info(taobao_open.appinfo(app["app_key"], app["app_secret"]))
    vars(call).update(params)
    answer = call.getResponse(account["access_token"])
    inside: dict[str, Any] = answer[method.replace(".", "_") + "_response"]
    return inside


def every(method: str, outer: str, inner: str, **params: object) -> list[dict[str, Any]]:
    """All records of a numbered list."""
    found: list[dict[str, Any]] = []
    page, total = 0, 1
    while page * SIZE < total:
        page += 1
        answer = ask(method, page_no=page, page_size=SIZE, **params)
        total = answer["total_results"]
        found += answer.get(outer, {}).get(inner, [])
    return found


def bills() -> list[dict[str, Any]]:
    """Day by day, forwards while there is more."""
    found: list[dict[str, Any]] = []
    for days in range(20):
        end = now - timedelta(days=days)
        page, more = 0, True
        while more:
            page += 1
            answer = ask(
                "bill.bills.get", fields="bid,account_id,amount,trade_id,pay_time", page_no=page,
                page_size=SIZE, start_time=f"{end - timedelta(days=1):%Y-%m-%d %H:%M:%S}",
                end_time=f"{end:%Y-%m-%d %H:%M:%S}",
            )  # fmt: skip
            more = answer["has_next"]
            found += answer.get("bills", {}).get("bill", [])
    return found


refund = "refund_id,tid,oid,status,refund_fee,created,end_time,dispute_type"
item = "num_iid,title,price,outer_id,modified"
items = every("items.onsale.get", "items", "item", fields=item)
items += every("items.inventory.get", "items", "item", fields=item)
told = {
    "refunds": [
        {name: each.get(name) for name in refund.split(",")}
        for each in every("refunds.receive.get", "refunds", "refund", fields=refund)
    ],
    "items": items,
    "skus": ask(
        "item.skus.get",
        fields="sku_id,num_iid,price,outer_id,properties_name",
        num_iids=",".join(str(each["num_iid"]) for each in items[:40]),
    )["skus"]["sku"],
    "bills": bills(),
}
json.dump(told, sys.stdout)
