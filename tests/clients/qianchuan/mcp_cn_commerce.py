"""PyPI mcp-cn-commerce 0.1.6: lists and objects of a query as JSON text, a HEAD before all."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from servers.oceanengine.client import OceanEngine

SIZE = 100
Records = list[dict[str, Any]]
account = json.load(sys.stdin)
today = (datetime.fromtimestamp(account["now"], UTC) + timedelta(hours=8)).date()


class Sandboxed(OceanEngine):
    """The client, somewhere else."""

    BASE_URL = account["url"] + "/open_api/"


async def pages(client: Sandboxed, path: str, asked: dict[str, Any]) -> list[Any]:
    """Entries of a list, numbered from 1."""
    page, total = 0, 1
    found: list[Any] = []
    while page * SIZE < total:
        page += 1
        params = {**asked, "page": page, "page_size": SIZE}
        data = (await client._request("GET", f"v1.0/qianchuan/{path}/", params=params))["data"]
        found += data["list"]
        total = data["page_info"]["total_number"]
    return found


async def read() -> dict[str, Records]:
    """Standard promotion by plan and day."""
    client = Sandboxed(access_token=account["access_token"])
    shop = {"shop_id": account["platform_shop_id"]}
    plans: Records = []
    for advertiser in await pages(client, "shop/advertiser/list", shop):
        asked = {
            "advertiser_id": advertiser,
            "start_date": str(today - timedelta(days=60)),
            "end_date": str(today),
            "fields": ["stat_cost", "pay_order_amount"],
            "filtering": {"marketing_goal": "ALL"},
            "time_granularity": "TIME_GRANULARITY_DAILY",
        }
        plans += await pages(client, "report/ad/get", asked)
    await client.close()
    names = ("ad_id", "stat_datetime", "stat_cost", "pay_order_amount")
    return {"plan_reports": [{name: plan[name] for name in names} for plan in plans]}


json.dump(asyncio.run(read()), sys.stdout)
