"""PyPI jd-sdk 1.1.1: everything in the query of a POST, the whole address as its target."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jd
from jd.api.base import RestApi

account = json.load(sys.stdin)
app = account["credentials"]
jd.setDefaultAppInfo(app["app_key"], app["app_secret"])
address = urlsplit(account["url"])
now = datetime.fromtimestamp(account["now"], UTC) + timedelta(hours=8)
NAMES = ("orderId", "modified", "orderState", "shouldPay", "actualPay")


def ask(method: str, **params: object) -> dict[str, Any]:
    """The one value of an answer, beside its code."""

    class Request(RestApi):  # type: ignore[misc]
        """A method that the client has no class for."""

        def getapiname(self) -> str:
            return method

    request = Request(address.hostname, address.port)
    for name, value in params.items():
        setattr(request, name, value)
    (inside,) = request.getResponse(account["access_token"]).values()
    assert inside.pop("code") == "0", inside
    (result,) = inside.values()
    return dict(result)


def orders() -> Iterator[dict[str, Any]]:
    """Page after page of a month by modified time."""
    page, seen, total = 0, 0, 1
    while seen < total:
        page += 1
        result = ask(
            "jingdong.pop.order.search",
            start_date=f"{now - timedelta(days=28):%Y-%m-%d %H:%M:%S}",
            end_date=f"{now:%Y-%m-%d %H:%M:%S}",
            optional_fields=",".join(NAMES),
            page=str(page),
            page_size="100",
        )
        assert result["apiResult"]["success"], result
        total = int(result["orderTotal"])
        seen += len(result["orderInfoList"])
        yield from result["orderInfoList"]


def goods(method: str, **params: object) -> list[dict[str, Any]]:
    """All records of a list of goods, in one page."""
    return list(ask(method, pageNo=1, **params)["data"])


listed = [{name: order[name] for name in NAMES} for order in orders()]
skus = goods("jingdong.sku.read.searchSkuList", page_size=100)
wares = goods("jingdong.ware.read.searchWare4Valid", pageSize=100)
told = {
    "orders": listed,
    "skus": [{name: sku[name] for name in ("skuId", "wareId", "outerId")} for sku in skus],
    "wares": [{name: ware[name] for name in ("wareId", "title", "modified")} for ware in wares],
}
json.dump(told, sys.stdout)
