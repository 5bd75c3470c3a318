"""PyPI wechatpy 1.8.18: its own token handling set aside, bodies in UTF-8."""

import json
import sys
from collections.abc import Iterator
from typing import Any

from wechatpy import WeChatClient

account = json.load(sys.stdin)
app = account["credentials"]
WeChatClient.API_BASE_URL = account["url"] + "/"
client = WeChatClient(app["app_id"], app["app_secret"], access_token=account["access_token"])


def orders() -> Iterator[dict[str, Any]]:
    """Week after week, page after page, order after order."""
    end = account["now"]
    for start in range(end - 28 * 86_400, end, 7 * 86_400):
        within = {"start_time": start, "end_time": start + 7 * 86_400}
        key, more = "", True
        while more:
            asked = {"update_time_range": within, "page_size": 100, "next_key": key, "title": "茶"}
            page = client.post("channels/ec/order/list/get", data=asked)
            key, more = page["next_key"], page["has_more"]
            for each in page["order_id_list"]:
                yield client.post("channels/ec/order/get", data={"order_id": each})["order"]


names = ("order_id", "update_time", "status")
told = [
    {name: order[name] for name in names}
    | {"order_detail.price_info.order_price": order["order_detail"]["price_info"]["order_price"]}
    for order in orders()
]
json.dump({"orders": told}, sys.stdout)
