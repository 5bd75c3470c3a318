"""PyPI mcp-cn-commerce 0.1.6: everything in one form, empty values left out of the signature."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from servers.pinduoduo.client import PinduoduoMCP

SIZE = 100
Records = list[dict[str, Any]]
account = json.load(sys.stdin)
today = (datetime.fromtimestamp(account["now"], UTC) + timedelta(hours=8)).date()


class Sandboxed(PinduoduoMCP):
    """The client, somewhere else."""

    BASE_URL = account["url"] + "/api/router"


async def updated(client: Sandboxed, halves: int) -> Records:
    """Orders by update time, half an hour at a time, the last page first as the platform says."""
    found: Records = []
    for half in range(halves):
        end = account["now"] - half * 1800
        asked = {"start_updated_at": end - 1800, "end_updated_at": end, "page_size": SIZE}

        async def page(number: int, asked: dict[str, int] = asked) -> dict[str, Any]:
            said = {**asked, "page": number, "buyer_note": ""}
            answer = await client._call("pdd.order.number.list.increment.get", said)
            told: dict[str, Any] = answer["order_sn_increment_get_response"]
            return told

        total = (await page(1))["total_count"]
        for number in range(-(-total // SIZE), 0, -1):
            found += (await page(number))["order_sn_list"]
    return found


async def read() -> dict[str, Records]:
    """What changed in three days, and what each day of ads cost."""
    app = account["credentials"]
    client = Sandboxed(app["client_id"], app["client_secret"], account["access_token"])
    orders = await updated(client, 3 * 48)
    ads: Records = []
    for scene in (0, 2):
        for start, end in ((today - timedelta(days=60), today - timedelta(days=1)), (today, today)):
            asked = {
                "startDateString": str(start),
                "endDateString": str(end),
                "queryDimensionType": 0,
                "scenesType": scene,
            }
            answer = await client._call("pdd.ad.api.report.daily.report.query", asked)
            days = answer["response"]["result"]["dailyReportList"]
            ads += [
                {"scenes_type": scene, "date": day["date"], "spend": str(day["spend"])}
                for day in days
            ]
    await client.close()
    names = ("order_sn", "order_status", "refund_status", "updated_at")
    return {
        "order_updates": [{name: order[name] for name in names} for order in orders],
        "ad_account_days": ads,
    }


json.dump(asyncio.run(read()), sys.stdout)
