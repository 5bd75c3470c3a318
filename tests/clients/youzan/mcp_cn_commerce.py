"""PyPI mcp-cn-commerce 0.1.6: holds requests and answers against the official fields."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from servers.youzan.client import YouzanClient
from shared.cn_commerce_base import RateLimitConfig

SIZE = 100
DAYS = 30
Records = list[dict[str, Any]]
account = json.load(sys.stdin)


class Sandboxed(YouzanClient):
    """The client, somewhere else."""

    BASE_URL = account["url"] + "/api/"


def wall(seconds: int) -> str:
    moment = datetime.fromtimestamp(seconds, UTC).astimezone(timezone(timedelta(hours=8)))
    return f"{moment:%Y-%m-%d %H:%M:%S}"


async def pages(
    client: Sandboxed, endpoint: str, inside: str, total: str, asked: dict[str, Any]
) -> Records:
    """Records of a numbered list."""
    found: Records = []
    page, count = 1, 1
    while (page - 1) * SIZE < count:
        answer = await client._call(endpoint, {**asked, "page_no": page, "page_size": SIZE})
        page, count = page + 1, answer["data"][total]
        found += answer["data"][inside]
    return found


async def read() -> dict[str, Records]:
    """Orders, what was really paid for them, after-sales, what was really given back."""
    client = Sandboxed(
        access_token=account["access_token"],
        rate_limit_config=RateLimitConfig(default_requests_per_second=500),
    )
    start, end = account["now"] - DAYS * 86_400, account["now"]
    listed = await pages(
        client, "youzan.trades.sold.get/4.0.4", "full_order_info_list", "total_results",
        {"start_update": wall(start), "end_update": wall(end)},
    )  # fmt: skip
    orders = [each["full_order_info"] for each in listed]
    details = [
        (await client._call("youzan.trade.get/4.0.2", {"tid": order["order_info"]["tid"]}))["data"]
        for order in orders
    ]
    refunds = await pages(
        client, "youzan.trade.refund.search/3.0.1", "refunds", "total",
        {"update_time_start": start, "update_time_end": end},
    )  # fmt: skip
    given = [
        (await client._call("youzan.trade.refund.get/3.0.1", {"refund_id": each["refund_id"]}))[
            "data"
        ]
        for each in refunds
    ]
    shop = (await client._call("youzan.shop.get/3.0.0"))["data"]
    await client.close()
    info, pay = "full_order_info.order_info", "full_order_info.pay_info"
    return {
        "orders": [
            {
                f"{info}.tid": order["order_info"]["tid"],
                f"{info}.update_time": order["order_info"]["update_time"],
                f"{info}.status": order["order_info"]["status"],
                f"{pay}.payment": order["pay_info"]["payment"],
            }
            for order in orders
        ],
        "order_details": [
            {
                "tid": each["full_order_info"]["order_info"]["tid"],
                f"{pay}.real_payment": each["full_order_info"]["pay_info"]["real_payment"],
                "order_promotion.order_discount_fee": each["order_promotion"]["order_discount_fee"],
            }
            for each in details
        ],
        "refunds": [
            {name: each[name] for name in ("refund_id", "status", "tid")} for each in refunds
        ],
        "refund_details": [
            {name: each[name] for name in ("refund_id", "oid", "refund_fee", "refund_success_time")}
            for each in given
        ],
        "shop_infos": [{"id": shop["id"], "name": shop["name"]}],
    }


json.dump(asyncio.run(read()), sys.stdout)
