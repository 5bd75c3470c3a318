"""PyPI doudian 0.6: legacy err_no, a wall clock as timestamp, bodies in ASCII escapes."""

import json
import sys
from collections.abc import Iterator
from typing import Any

from doudian import AppType, DouDian

SIZE = 100
account = json.load(sys.stdin)
app = account["credentials"]
client = DouDian(app["app_key"], app["app_secret"], app_type=AppType.TOOL)
client._gate_way = account["url"]
assert client.init_token(account["platform_shop_id"]), "no token"


def orders() -> Iterator[dict[str, Any]]:
    """Page after page."""
    page, total = 0, 1
    while page * SIZE < total:
        asked = {
            "order_by": "update_time",
            "order_asc": True,
            "update_time_start": account["now"] - 30 * 86_400,
            "update_time_end": account["now"],
            "page": page,
            "size": SIZE,
            "remark": "中文",  # no word of the platform: only to have it in a signed body
        }
        answer = client.request("/order/searchList", asked)
        assert answer["err_no"] == 0, answer
        page, total = page + 1, answer["data"]["total"]
        yield from answer["data"]["shop_order_list"]


names = ("order_id", "update_time", "order_amount", "pay_amount", "pay_type")
told = {"orders": [{name: order[name] for name in names} for order in orders()]}
json.dump(told, sys.stdout)
