"""巨量千川: the endpoints that an ad account's numbers come from, over the world.

Data flow: a call's token and parameters (``qianchuan_tokens``, ``qianchuan_asked``) -> figures of
the world at the clock -> records in the platform's words -> a page of them. Nothing is signed.
Source: platform notes qianchuan.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping

from pipelines.sandbox.adapter import Account, Adapter, Answer, Outside, Request
from pipelines.sandbox.adapters import qianchuan_reports as reports
from pipelines.sandbox.adapters import qianchuan_rooms as rooms
from pipelines.sandbox.adapters import qianchuan_tokens as tokens
from pipelines.sandbox.adapters.qianchuan_answers import Refused, page_of
from pipelines.sandbox.adapters.qianchuan_asked import Asked

_PREFIX = "/open_api/"
_OWN = "v1.0/qianchuan/"
_SIZES = range(1, 101)
_FAULTS = {"rate_limited": 40100, "busy": 50000, "token_dead": 40102}

Endpoint = Callable[[Asked, Outside], Answer]


class Qianchuan(Adapter):
    """千川's marketing API."""

    channel = "qianchuan"
    record_lists = ("list", "adv_id_list", "aweme_id_list", "ad_list", "room_list")
    flipped_field = "stat_cost"

    def owns(self, request: Request) -> bool:
        """Paths of the marketing API."""
        return request.path.startswith(_PREFIX)

    def method(self, request: Request) -> str:
        """The path without what all share."""
        return request.path.removeprefix(_PREFIX).removeprefix(_OWN).strip("/")

    def accounts(self, outside: Outside) -> list[Account]:
        """One account a 抖店 shop that advertises."""
        return [
            Account(
                shop_key=owner.key,
                channel=self.channel,
                kind="ad_account",
                name=owner.name,
                platform_shop_id=owner.platform_shop_id,
                parent_shop_key=owner.shop,
                settings={},
                credentials=tokens.credentials(owner.key, outside),
            )
            for owner in tokens.owners(outside).values()
        ]

    def answer(self, request: Request, outside: Outside) -> Answer:
        """Check and render."""
        method = self.method(request)
        try:
            if method in tokens.CALLS:
                return tokens.CALLS[method](request, outside)
            asked = Asked.of(tokens.admitted(request, outside), request)
            return _ENDPOINTS.get(method, _unknown)(asked, outside)
        except Refused as refusal:
            return refusal.answer

    def endless(self, body: bytes) -> bytes:
        """A total that no page reaches."""
        return re.sub(rb'"(total_num(?:ber)?)":\d+', rb'"\1":99999999', body, count=1)

    def fault(self, kind: str, request: Request) -> Answer | None:
        """In the words of qianchuan.md section 5."""
        if kind not in _FAULTS or (kind == "token_dead" and "/oauth2/" in request.path):
            return None
        return Refused(_FAULTS[kind]).answer


def _paged(
    records: reports.Records,
    name: str = "list",
    total: str = "total_number",
    sizes: Container[int] = _SIZES,
) -> Endpoint:
    """A list, rendered whole once and cut into pages."""

    def endpoint(asked: Asked, outside: Outside) -> Answer:
        paging = asked.page(sizes)
        key = ("qianchuan list", records, *asked.but_page())
        whole = outside.rendered(key, lambda: records(asked, outside))
        return page_of({name: whole}, paging, total)

    return endpoint


def _unknown(asked: Asked, outside: Outside) -> Answer:
    del asked, outside
    raise Refused(40000, "no such api")


def _advertisers(asked: Asked, outside: Outside) -> Answer:
    """shop/advertiser/list: each advertiser as a number and as an object."""
    del outside  # who advertises for a shop does not change
    if asked.text("shop_id") != asked.owner.platform_shop_id:
        raise Refused(40002, "No permission to operate shop")
    numbers = [each.encode() for each in asked.owner.advertisers]
    objects = [b'{"adv_id":%b,"extra_permission":[]}' % each for each in numbers]
    return page_of({"list": numbers, "adv_id_list": objects}, asked.page(_SIZES))


_ENDPOINTS: Mapping[str, Endpoint] = {
    "shop/advertiser/list": _advertisers,
    "aweme/authorized/get": _paged(rooms.authors, "aweme_id_list"),
    "report/advertiser/get": _paged(reports.standard_report(by_plan=False), sizes=range(1, 501)),
    "report/ad/get": _paged(reports.standard_report(by_plan=True), sizes=range(1, 501)),
    "report/uni_promotion/get": reports.uni_report,
    "uni_promotion/list": _paged(reports.uni_plans, "ad_list", "total_num", (10, 20, 50, 100, 200)),
    "today_live/room/get": _paged(rooms.live_rooms, "room_list", "total_num"),
    "finance/detail/get": _paged(reports.charged_days, sizes=range(1, 201)),
    "report/long_transfer/order/get": _paged(reports.attributions),
}
ADAPTER = Qianchuan()
