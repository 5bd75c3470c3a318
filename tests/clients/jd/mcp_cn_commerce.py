"""PyPI mcp-cn-commerce 0.1.6: a form with Chinese text; holds answers against the documents."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from servers.jd.client import JDMCP

Records = list[dict[str, Any]]
account = json.load(sys.stdin)
now = datetime.fromtimestamp(account["now"], UTC) + timedelta(hours=8)


class Sandboxed(JDMCP):
    """The client, somewhere else."""

    BASE_URL = account["url"] + "/routerjson"


def at(days: int) -> str:
    """A wall clock some days ago."""
    return f"{now - timedelta(days=days):%Y-%m-%d %H:%M:%S}"


async def ask(client: Sandboxed, method: str, params: dict[str, Any]) -> dict[str, Any]:
    """What a method answers."""
    answer = await client._call(method, params)
    found: dict[str, Any] = answer[method.replace(".", "_") + "_responce"]
    return found


async def orders(client: Sandboxed) -> Records:
    """A month by modified time."""
    asked = {
        "source_id": "JOS",
        "order_state": "ALL",
        "start_date": at(28),
        "end_date": at(0),
        "optional_fields": "orderStateRemark,shouldPay,paymentConfirmTime",
        "page_size": "100",
    }
    found: Records = []
    page, total = 0, 1
    while len(found) < total:
        page += 1
        answer = await ask(client, "jingdong.pop.order.search", {**asked, "page": str(page)})
        total = int(answer["searchorderinfo_result"]["orderTotal"])
        found += answer["searchorderinfo_result"]["orderInfoList"]
    return found


async def refunds(client: Sandboxed) -> Records:
    """All services of the last weeks by application, those of orders that got money back."""
    found: Records = []
    for days in (21, 14, 7):
        window = {"applyTimeBegin": at(days), "applyTimeEnd": at(days - 7)}
        page, rows, total = 0, 0, 1
        while rows < total:
            page += 1
            asked = {**window, "pageNumber": page, "pageSize": 50}
            answer = await ask(client, "jingdong.asc.serviceAndRefund.view", asked)
            total = answer["pageResult"]["totalCount"]
            rows += len(answer["pageResult"]["data"])
            found += answer["pageResult"]["data"]
    bill = "sameOrderServiceBill"
    refunded = {each[bill]["orderId"] for each in found if each["status"] == 13}
    return [each for each in found if each[bill]["orderId"] in refunded]


async def read() -> dict[str, Records]:
    """Orders, refunds with the first one's amount proved, the shop."""
    app = account["credentials"]
    client = Sandboxed(app["app_key"], app["app_secret"], account["access_token"])
    listed = await orders(client)
    services = await refunds(client)
    for each in services:
        asked = {"afsServiceId": each["sameOrderServiceBill"]["serviceId"]}
        amount = await ask(client, "jingdong.b2c.shop.aftersales.refund.get", asked)
        actual = amount["result"]["data"].get("afsActualRefundDetail")
        assert (actual or {}).get("actualRefundAmount") == each["refoundAmount"], each
    shop = (await ask(client, "jingdong.vender.shop.query", {}))["shop_jos_result"]
    await client.close()
    names = ("orderId", "modified", "orderState", "orderStateRemark", "shouldPay")
    bill = "sameOrderServiceBill"
    return {
        "orders": [{name: order[name] for name in names} for order in listed],
        "service_refunds": [
            {
                f"{bill}.serviceId": each[bill]["serviceId"],
                "completeTime": each["completeTime"],
                "status": each["status"],
            }
            for each in services
        ],
        "shop_infos": [{name: shop[name] for name in ("vender_id", "shop_id", "shop_name")}],
    }


json.dump(asyncio.run(read()), sys.stdout)
