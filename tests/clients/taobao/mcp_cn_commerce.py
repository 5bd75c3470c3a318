"""PyPI mcp-cn-commerce 0.1.6: all in the query, empty values unsigned, contracts of each method."""

import asyncio
import json
import sys
from typing import Any

from servers.taobao.client import TaobaoMCP

SIZE = 100
Records = list[dict[str, Any]]
account = json.load(sys.stdin)


class Sandboxed(TaobaoMCP):
    """The client, somewhere else."""

    BASE_URL = account["url"] + "/router/rest"


async def pages(client: Sandboxed, method: str, outer: str, inner: str, **asked: object) -> Records:
    """Records of a numbered list, numbered from 1."""
    page, total = 0, 1
    found: Records = []
    while page * SIZE < total:
        page += 1
        params = {**asked, "page_no": page, "page_size": SIZE}
        answer = await client._call(f"taobao.{method}", params)
        inside = answer[method.replace(".", "_") + "_response"]
        total = inside["total_results"]
        found += inside[outer][inner]
    return found


async def details(
    client: Sandboxed, method: str, name: str, key: str, fields: str, of: Records
) -> Records:
    """One record after the other, by id."""
    found: Records = []
    for each in of:
        asked = {"fields": fields, key: each[key]}
        answer = await client._call(f"taobao.{method}", asked)
        record = answer[method.replace(".", "_") + "_response"][name]
        found.append({field: record.get(field) for field in fields.split(",")})
    return found


async def read() -> dict[str, Records]:
    """Trades and refunds with what only their details say."""
    app = account["credentials"]
    client = Sandboxed(
        app_key=app["app_key"], app_secret=app["app_secret"], access_token=account["access_token"]
    )
    trades = await pages(
        client, "trades.sold.get", "trades", "trade",
        fields="tid", start_created="2026-10-01 00:00:00",
    )  # fmt: skip
    refunds = await pages(
        client, "refunds.receive.get", "refunds", "refund", fields="refund_id", buyer_nick=""
    )
    return {
        "trades": await details(
            client, "trade.fullinfo.get", "trade", "tid",
            "tid,status,payment,pay_time,modified,end_time,received_payment,platform_subsidy_fee",
            trades,
        ),
        "refunds": await details(
            client, "refund.get", "refund", "refund_id",
            "refund_id,tid,oid,status,refund_fee,created,end_time,dispute_type", refunds,
        ),
    }  # fmt: skip


json.dump(asyncio.run(read()), sys.stdout)
