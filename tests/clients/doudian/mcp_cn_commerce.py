"""PyPI mcp-cn-commerce 0.1.6: holds requests and answers against the official fields."""

import asyncio
import json
import sys
from typing import Any

from servers.doudian.client import DouDianClient

SIZE = 100
Records = list[dict[str, Any]]
account = json.load(sys.stdin)


class Sandboxed(DouDianClient):
    """The client, somewhere else."""

    BASE_URL = account["url"] + "/"


async def pages(client: Sandboxed, path: str, name: str, asked: dict[str, Any]) -> Records:
    """Records of a numbered list."""
    page, total = 0, 1
    found: Records = []
    while page * SIZE < total:
        data = await client.request(path, {**asked, "page": page, "size": SIZE})
        page, total = page + 1, data["total"]
        found += data[name]
    return found


async def read() -> dict[str, Records]:
    """Orders, after-sales and what was really refunded."""
    app = account["credentials"]
    client = Sandboxed(
        app["app_key"], app["app_secret"], account["access_token"], account["platform_shop_id"]
    )
    start, end = account["now"] - 30 * 86_400, account["now"]
    of_orders = {"order_by": "update_time", "order_asc": True}
    of_orders |= {"update_time_start": start, "update_time_end": end}
    orders = await pages(client, "order/searchList", "shop_order_list", of_orders)
    of_requests = {"order_by": ["update_time asc"]}
    of_requests |= {"update_start_time": start, "update_end_time": end}
    requests = await pages(client, "afterSale/List", "items", of_requests)
    ids = [request["aftersale_info"]["aftersale_id"] for request in requests]
    details = [
        await client.request(
            "afterSale/Detail", {"after_sale_id": each, "need_operation_record": False}
        )
        for each in ids
    ]
    await client.close()
    names = ("order_id", "update_time", "order_amount", "pay_amount", "order_status")
    info, detail = "aftersale_info", "process_info.after_sale_info"
    return {
        "orders": [{name: order[name] for name in names} for order in orders],
        "aftersales": [
            {
                f"{info}.aftersale_id": request[info]["aftersale_id"],
                f"{info}.refund_amount": request[info]["refund_amount"],
                "order_info.shop_order_id": request["order_info"]["shop_order_id"],
            }
            for request in requests
        ],
        "aftersale_details": [
            {
                f"{detail}.after_sale_id": each["process_info"]["after_sale_info"]["after_sale_id"],
                f"{detail}.real_refund_amount": each["process_info"]["after_sale_info"][
                    "real_refund_amount"
                ],
            }
            for each in details
        ],
    }


json.dump(asyncio.run(read()), sys.stdout)
