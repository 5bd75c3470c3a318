"""A metric reader with state: a company small enough to add up by hand, and one large enough to
look at. It answers like ``metrics_dictionary.query.MetricReader``, over facts held in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from metrics_dictionary.catalog import TIME_GRAINS, Catalog, MetricEntry
from metrics_dictionary.query import MetricQuery, MetricResult, exact
from pipelines.errors import NothingPublishedError
from pipelines.publish.versions import PublishedVersion

IMMATURE_DAYS = 14


@dataclass(frozen=True)
class Fact:
    """What one shop did on one day in one province; ``spend`` and the rest are its ads."""

    day: date
    shop: str
    channel: str
    province: str | None
    paid: Decimal = Decimal(0)
    orders: int = 0
    placed: int = 0
    refunded: Decimal = Decimal(0)
    refunded_orders: int = 0
    spend: Decimal = Decimal(0)
    impressions: int = 0
    clicks: int = 0
    ad_paid: Decimal = Decimal(0)
    ad_orders: int = 0


def total(name: str) -> Callable[[Sequence[Fact]], Any]:
    return lambda facts: sum((getattr(fact, name) for fact in facts), start=type_zero(name))


def type_zero(name: str) -> Decimal | int:
    return Decimal(0) if name in {"paid", "refunded", "spend", "ad_paid"} else 0


def over(top: str, bottom: str, times: int = 1) -> Callable[[Sequence[Fact]], Decimal | None]:
    def ratio(facts: Sequence[Fact]) -> Decimal | None:
        below = Decimal(total(bottom)(facts))
        return Decimal(total(top)(facts)) * times / below if below else None

    return ratio


def net(facts: Sequence[Fact]) -> Decimal:
    return sum((fact.paid - fact.refunded for fact in facts), start=Decimal(0))


def undated(_: Sequence[Fact]) -> None:
    return None


# By id: name, unit, decimals, direction, additivity, type and formula.
_TABLE = """
pay_amt|支付金额|CNY|2|up|A|simple|买家支付的金额之和，未扣退款
net_pay_amt_by_pay|净支付金额·支付口径|CNY|2|up|A|derived|支付金额 − 退款金额·支付口径
order_cnt|下单订单数|orders|0|up|A-sku|simple|下单的订单去重计数
pay_order_cnt|支付订单数|orders|0|up|A-sku|simple|已支付的订单去重计数
avg_order_value|笔单价|CNY|2|up|R|ratio|支付金额 ÷ 支付订单数
refund_amt_by_pay|退款金额·支付口径|CNY|2|down|A|simple|支付在当期的订单至今退了多少
refund_rate_by_pay|退款率·支付口径|percent|4|down|R|ratio|退款金额·支付口径 ÷ 支付金额
refund_order_rate|退款订单率|percent|4|down|R|ratio|有退款的支付订单数 ÷ 支付订单数
refund_cnt|退款成功单量|cases|0|down|A|simple|退款成功在当期的单数
refund_apply_cnt|售后申请单量|cases|0|down|A|simple|申请在当期的售后单数
refund_amt|退款金额|CNY|2|down|A|simple|退款成功在当期的金额
ad_spend_amt|广告消耗|CNY|2|none|A|simple|广告账户的消耗之和
ad_uni_pay_amt|全域成交金额|CNY|2|up|A|simple|千川全域整体成交金额
ad_uni_order_cnt|全域成交订单数|orders|0|up|A|simple|千川全域整体成交订单数
ad_uni_roi|全域整体支付ROI|ratio|2|up|R|ratio|全域成交金额 ÷ 广告消耗
ad_ctr|广告点击率|percent|4|up|R|ratio|点击数 ÷ 展示数
ad_cpm|千次展示成本|CNY|2|down|R|ratio|1000 × 消耗 ÷ 展示数
shop_roi|全店ROI|ratio|2|up|R|ratio|支付金额 ÷ 广告消耗
"""
_COMPUTED: dict[str, Callable[[Sequence[Fact]], Any]] = {
    "pay_amt": total("paid"),
    "net_pay_amt_by_pay": net,
    "order_cnt": total("placed"),
    "pay_order_cnt": total("orders"),
    "avg_order_value": over("paid", "orders"),
    "refund_amt_by_pay": total("refunded"),
    "refund_rate_by_pay": over("refunded", "paid"),
    "refund_order_rate": over("refunded_orders", "orders"),
    "refund_cnt": undated,
    "refund_apply_cnt": total("refunded_orders"),
    "refund_amt": total("spend"),
    "ad_spend_amt": total("spend"),
    "ad_uni_pay_amt": total("ad_paid"),
    "ad_uni_order_cnt": total("ad_orders"),
    "ad_uni_roi": over("ad_paid", "spend"),
    "ad_ctr": over("clicks", "impressions"),
    "ad_cpm": over("spend", "impressions", 1000),
    "shop_roi": over("paid", "spend"),
}
METRICS = {line.split("|")[0]: line.split("|")[1:] for line in _TABLE.strip().splitlines()}


def entry(name: str) -> MetricEntry:
    """A dictionary entry as the real catalog would hold it."""
    zh, unit, decimals, direction, additive, kind, formula = METRICS[name]
    is_ad = name.startswith("ad_") or name == "shop_roi"
    return MetricEntry(
        id=name,
        zh=zh,
        en=name.replace("_", " "),
        description=f"{zh}的说明：{formula}。",
        business_owner="经营分析组",
        tech_owner="数据平台组",
        unit=unit,
        decimals=int(decimals),
        type=kind,
        formula=formula,
        facts=("fct_order_lines",),
        default_filter="有效订单",
        anchor="AT 消耗日" if is_ad else "RT 退款时间" if name == "refund_amt" else "PT 支付时间",
        dimensions=(*TIME_GRAINS, *_dimensions(name)),
        additive=additive,
        restatement_days=90,
        platform_mapping={"doudian": "罗盘·成交金额"},
        direction=direction,
        status="certified",
        version="1.0.0",
        valid_from=date(2026, 1, 1),
        replaced_by=None,
        aliases=(),
        traps="退款后会变小" if "refund" in name else "含运费，退款未扣",
        example="两单 100 + 50 = 150",
        tests=("golden",),
    )


def _dimensions(name: str) -> tuple[str, ...]:
    if name == "shop_roi":
        return ()
    return ("channel", "shop") if name.startswith("ad_") else ("channel", "shop", "province")


def published(
    version: str = "v20261122.013005", *, fresh: int = 3, total_shops: int = 3
) -> PublishedVersion:
    return PublishedVersion(
        version=version,
        published_at=datetime.fromisoformat("2026-11-22T01:30:05+08:00"),
        data_until=datetime.fromisoformat("2026-11-21T23:05:00+08:00"),
        as_of=datetime.fromisoformat("2026-11-22T01:00:00+08:00"),
        schema_version="1.0.0",
        shops_total=total_shops,
        shops_fresh=fresh,
        tables={"fct_orders": 10},
    )


class FakeMetricReader:
    """Answers queries over facts in memory. ``version``, ``facts`` and ``marks`` may be changed.

    Attributes:
        queries: Every query it was asked, so that a test can see what a page asks.
        marks: Marks that every row of an answer carries, by metric.
        failure: Raised by every query while set.
    """

    def __init__(
        self,
        facts: Iterable[Fact],
        names: dict[str, dict[str, str]],
        promotions: dict[date, str] | None = None,
        version: PublishedVersion | None = None,
    ) -> None:
        self.facts = list(facts)
        self.names = names
        self.promotions = promotions or {}
        self.published: PublishedVersion | None = version or published()
        self.catalog = Catalog(entry(name) for name in METRICS)
        self.marks: dict[str, dict[str, Any]] = {}
        self.queries: list[MetricQuery] = []
        self.failure: Exception | None = None

    @property
    def version(self) -> PublishedVersion:
        if self.published is None:
            raise NothingPublishedError("Nothing is published yet.", "Run: koujing run")
        return self.published

    def data_range(self) -> tuple[date, date]:
        days = [fact.day for fact in self.facts]
        return min(days), max(days)

    def dimension_values(self, dimension: str) -> list[tuple[str, str]]:
        return list(self.names.get(dimension, {}).items())

    def calendar(self, start: date, end: date) -> list[dict[str, Any]]:
        days = [start + timedelta(days=offset) for offset in range((end - start).days + 1)]
        return [
            {
                "date_day": day,
                "is_workday": day.weekday() < 5,
                "holiday_name": None,
                "promo_name": self.promotions.get(day),
            }
            for day in days
        ]

    def run(self, query: MetricQuery) -> MetricResult:
        self.queries.append(query)
        if self.failure is not None:
            raise self.failure
        assert query.start is not None
        assert query.end is not None
        now = self._grouped(query, query.start, query.end)
        rows = [self._row(query, key, facts) for key, facts in now.items()]
        if query.compare:
            start, end, shift = self._before(query)
            before = self._grouped(query, start, end)
            for row, key in zip(rows, now, strict=True):
                earlier = before.get(shift(key))
                for name in query.metrics:
                    previous = self._value(name, earlier or [])
                    row[f"{name}__prev"] = previous
                    row[f"{name}__change"] = (
                        Decimal(row[name]) / Decimal(previous) - 1
                        if previous and row[name] is not None
                        else None
                    )
        marks = [self._marks(query, row) for row in rows]
        return MetricResult(rows=rows, marks=marks, query=query, version=self.version)

    def _before(self, query: MetricQuery) -> tuple[date, date, Callable[[Any], Any]]:
        assert query.start is not None
        assert query.end is not None
        if query.compare == "yoy":
            move = timedelta(days=365)
        else:
            move = timedelta(days=(query.end - query.start).days + 1)
        return (
            query.start - move,
            query.end - move,
            lambda key: tuple(part - move if isinstance(part, date) else part for part in key),
        )

    def _grouped(self, query: MetricQuery, start: date, end: date) -> dict[Any, list[Fact]]:
        groups: dict[Any, list[Fact]] = {} if query.by else {(): []}
        for fact in self.facts:
            if start <= fact.day <= end and all(
                getattr(fact, name) in members for name, members in (query.where or {}).items()
            ):
                groups.setdefault(tuple(_key(fact, by) for by in query.by), []).append(fact)
        return dict(sorted(groups.items(), key=lambda item: str(item[0])))

    def _row(self, query: MetricQuery, key: tuple[Any, ...], facts: list[Fact]) -> dict[str, Any]:
        values = {name: self._value(name, facts) for name in query.metrics}
        return dict(zip(query.by, key, strict=True)) | values

    def _value(self, name: str, facts: list[Fact]) -> Decimal | int | None:
        return exact(_COMPUTED[name](facts), self.catalog[name]) if facts else None

    def _marks(self, query: MetricQuery, row: dict[str, Any]) -> dict[str, dict[str, Any]]:
        found = {name: dict(self.marks[name]) for name in query.metrics if name in self.marks}
        border = self.data_range()[1] - timedelta(days=IMMATURE_DAYS)
        last = row.get("day", query.end)
        for name in query.metrics:
            if "by_pay" in name and last > border:
                found.setdefault(name, {})["immature"] = {
                    "zh": f"{border + timedelta(days=1)} 之后支付的订单仍可能退款",
                    "en": "recent orders may still be refunded",
                }
        return found


def _key(fact: Fact, by: str) -> date | str | None:
    if by == "day":
        return fact.day
    if by == "week":
        return fact.day - timedelta(days=fact.day.weekday())
    if by == "month":
        return fact.day.replace(day=1)
    return getattr(fact, by)


SMALL_NAMES = {
    "shop": {"tmall-demo": "天猫旗舰店", "dy-demo": "抖店旗舰店", "dy-book": "抖店图书专营"},
    "channel": {"taobao": "淘宝/天猫", "doudian": "抖店"},
    "province": {"浙江省": "浙江省", "广东省": "广东省"},
}


def small_reader() -> FakeMetricReader:
    """Three shops, two days and the two days before: every number can be added up by hand.

    20 and 21 November: paid 12,000.00 + 3,456.78 + 544.00 = 16,000.78 in 4 + 2 + 1 = 7 orders,
    refunded 800.00. 18 and 19 November: paid 10,000.00 + 2,800.00 = 12,800.00 in 5 orders.
    """
    tmall, douyin, book = ("tmall-demo", "taobao"), ("dy-demo", "doudian"), ("dy-book", "doudian")
    money = Decimal
    return FakeMetricReader(
        [
            Fact(date(2026, 11, 18), *tmall, "浙江省", money("10000.00"), 4, 5),
            Fact(
                date(2026, 11, 19),
                *douyin,
                "广东省",
                money("2800.00"),
                1,
                1,
                spend=money("500.00"),
                impressions=10_000,
                clicks=200,
                ad_paid=money("1500.00"),
                ad_orders=3,
            ),
            Fact(date(2026, 11, 20), *tmall, "浙江省", money("12000.00"), 4, 6, money("800.00"), 1),
            Fact(
                date(2026, 11, 21),
                *douyin,
                "广东省",
                money("3456.78"),
                2,
                3,
                spend=money("1000.00"),
                impressions=20_000,
                clicks=500,
                ad_paid=money("4000.00"),
                ad_orders=8,
            ),
            Fact(date(2026, 11, 21), *book, None, money("544.00"), 1, 1),
        ],
        names=dict(SMALL_NAMES),
    )


PROVINCES = [
    "广东省",
    "浙江省",
    "江苏省",
    "山东省",
    "四川省",
    "河南省",
    "湖北省",
    "福建省",
    "北京市",
    "上海市",
    "湖南省",
    "内蒙古自治区",
    None,
]
COMPANY = [
    ("dy-flagship", "doudian", "抖店·旗舰店", 42),
    ("tmall-official", "taobao", "天猫·官方旗舰店", 27),
    ("dy-book", "doudian", "抖店·图书专营", 21),
    ("pdd-flagship", "pdd", "拼多多·旗舰店", 13),
    ("jd-self", "jd", "京东·自营旗舰", 12),
    ("wx-study", "weixin_shop", "微信小店·学习馆", 8),
    ("ks-shop", "kuaishou", "快手·小店", 6),
    ("xhs-shop", "xiaohongshu", "小红书·好物", 4),
]


def company_reader(last: date = date(2026, 11, 21), days: int = 90) -> FakeMetricReader:
    """A company over three months, for the eye: a promotion, a missing day, an unknown province."""
    facts = []
    for offset in range(days):
        day = last - timedelta(days=days - 1 - offset)
        if day == last - timedelta(days=18):
            continue
        wave = 100 + (offset * 7) % 13 - (offset * 5) % 11 + (14 if day.weekday() >= 5 else 0)
        boost = {9: 170, 10: 150, 11: 330, 12: 140}.get(day.day, 100) if day.month == 11 else 100
        for number, (shop, channel, _, size) in enumerate(COMPANY):
            if shop == "ks-shop" and day > last - timedelta(days=30):
                continue
            for place, province in enumerate(PROVINCES):
                weight = (len(PROVINCES) - place) ** 2 if province else 9
                paid = (
                    Decimal(size * wave * boost * weight * (100 + (offset + number * 3) % 9))
                    / 20000
                )
                paid = paid.quantize(Decimal("0.01"))
                orders = int(paid / 129) + 1
                ads = channel == "doudian" and place == 0
                facts.append(
                    Fact(
                        day,
                        shop,
                        channel,
                        province,
                        paid,
                        orders,
                        orders + orders // 9,
                        (paid * (11 + (offset + number) % 6) / 100).quantize(Decimal("0.01")),
                        orders // 8,
                        paid * 2 if ads else Decimal(0),
                        int(paid * 19) if ads else 0,
                        int(paid * 19 / 37) if ads else 0,
                        paid * 5 if ads else Decimal(0),
                        orders * 5 if ads else 0,
                    )
                )
    names = {
        "shop": {shop: name for shop, _, name, _ in COMPANY},
        "channel": {
            "doudian": "抖店",
            "taobao": "淘宝/天猫",
            "pdd": "拼多多",
            "jd": "京东",
            "weixin_shop": "微信小店",
            "kuaishou": "快手小店",
            "xiaohongshu": "小红书",
        },
        "province": {province: province for province in PROVINCES if province},
    }
    promotions = {date(2026, 11, day): "双11" for day in (9, 10, 11, 12)}
    reader = FakeMetricReader(facts, names, promotions, published(fresh=7, total_shops=8))
    reader.marks = {
        "refund_amt": {
            "undated": {
                "zh": "该导出无退款时间，无法按退款日统计",
                "en": "the export holds no refund time",
                "metric": "refund_amt_by_pay",
                "value": "312400.00",
            }
        },
        "ad_spend_amt": {
            "duplicates": {
                "zh": "12 条素材在两份报表里重复，已只计一次",
                "en": "12 creatives counted once",
                "metric": "ad_spend_amt",
                "value": "86500.00",
            }
        },
    }
    return reader
