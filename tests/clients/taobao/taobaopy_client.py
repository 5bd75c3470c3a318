"""PyPI taobaopy 6.0.1: HMAC-MD5, everything in the form, the machine's own wall clock."""

import json
import sys
from collections.abc import Iterator
from typing import Any

from taobaopy.taobao import TaoBaoAPIClient

SIZE = 100
account = json.load(sys.stdin)
app = account["credentials"]
client = TaoBaoAPIClient(app["app_key"], app["app_secret"], domain=account["url"])
client.set_access_token(account["access_token"])
names = ("tid", "type", "status", "payment", "post_fee", "modified", "receiver_state")


def trades() -> Iterator[dict[str, Any]]:
    """Page after page of what was placed."""
    page, has_next = 0, True
    while has_next:
        page += 1
        answer = client.trades_sold_get(
            fields=",".join(names), page_no=page, page_size=SIZE, use_has_next=True,
            start_created="2026-10-01 00:00:00", tag="中文",
        )["trades_sold_get_response"]  # fmt: skip
        has_next = answer["has_next"]
        yield from answer.get("trades", {}).get("trade", ())


shippings = client.logistics_orders_get(fields="order_code,out_sid,created", page_size=SIZE)
total = shippings["logistics_orders_get_response"]["total_results"]
found = []
for page in range(1, total // SIZE + 2):
    answer = client.logistics_orders_get(
        fields="order_code,out_sid,created", page_no=page, page_size=SIZE
    )
    found += answer["logistics_orders_get_response"].get("shippings", {}).get("shipping", [])
json.dump({"trades": list(trades()), "shippings": found}, sys.stdout)
