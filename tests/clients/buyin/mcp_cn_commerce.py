"""PyPI mcp-cn-commerce 0.1.6: the alliance behind 抖店's gateway, with the 抖店 shop's token."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from servers.doudian.client import DouDianClient

account = json.load(sys.stdin)
now = datetime.fromtimestamp(account["now"], UTC) + timedelta(hours=8)


class Sandboxed(DouDianClient):
    """The client, somewhere else."""

    BASE_URL = account["url"] + "/"


async def read() -> dict[str, list[dict[str, Any]]]:
    """Commission orders, a cursor's page at a time."""
    app = account["credentials"]
    client = Sandboxed(
        app["app_key"], app["app_secret"], account["access_token"], account["platform_shop_id"]
    )
    orders: list[dict[str, Any]] = []
    cursor = "0"
    while cursor:
        asked = {
            "time_type": "update",
            "start_time": f"{now - timedelta(days=60):%Y-%m-%d %H:%M:%S}",
            "end_time": f"{now:%Y-%m-%d %H:%M:%S}",
            "size": 20,
            "cursor": cursor,
        }
        data = (await client.request("buyin/queryShopAllianceOrder", asked))["data"]
        orders += data["orders"]
        cursor = data["cursor"]
    await client.close()
    names = ("order_id", "flow_point", "total_pay_amount", "shop_estimated_commission")
    return {"alliance_orders": [{name: order[name] for name in names} for order in orders]}


json.dump(asyncio.run(read()), sys.stdout)
