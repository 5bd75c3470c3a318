"""World ads in 拼多多's words: reports of the mall as an advertiser and of its plans, in 厘.

An hour's spend shows once the hour has begun; an order once it is paid, on the day of the click:
old days grow. gmv and orderNum are all credited orders, direct and indirect; cvr and
transactionCost are by them. The reports do not tell cash from grants. Source: pdd.md section 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import orjson
import polars as pl

from pipelines.sandbox.adapter import Answer
from pipelines.sandbox.adapters.pdd_gateway import Call, Refused

_SCENES = {"search": 0, "display": 2}
_SUMS = ("spend", "impression", "click", "orderNum", "gmv")
_MOST_DAYS = 90
Rows = list[dict[str, object]]


def ad_figures(frames: Mapping[str, pl.DataFrame], now: datetime) -> pl.DataFrame:
    """shop_id, scene, plan_id, name, day and sums (money in 厘) of all malls' plans."""
    accounts = frames["ad_accounts"].filter(pl.col("platform") == "pdd")
    plans = frames["ad_plans"].join(accounts.select("account_id"), on="account_id", how="semi")
    begins = pl.col("stat_date").cast(pl.Datetime("us")) + pl.duration(hours="hour")
    spent = frames["ad_hours"].filter(begins.dt.replace_time_zone("Asia/Shanghai") < now)
    credited = frames["ad_conversions"].join(
        frames["orders"].filter(pl.col("paid_at") < now).select("order_id"), on="order_id"
    )
    figures = pl.concat(
        [
            spent.select(
                "plan_id", pl.col("stat_date").alias("day"),
                ((pl.col("cash_fen") + pl.col("grant_fen")) * 10).alias("spend"),
                pl.col("impressions").alias("impression"), pl.col("clicks").alias("click"),
            ),
            credited.select(
                "plan_id", pl.col("clicked_at").dt.date().alias("day"),
                pl.lit(1, pl.Int64).alias("orderNum"), (pl.col("pay_fen") * 10).alias("gmv"),
            ),
        ],
        how="diagonal",
    )  # fmt: skip
    scene = pl.col("goal").replace_strict(_SCENES, return_dtype=pl.Int64).alias("scene")
    of_plan = plans.select("shop_id", scene, "plan_id", "name")
    return of_plan.join(figures, on="plan_id").group_by(
        "shop_id", "scene", "plan_id", "name", "day"
    ).agg(pl.col(_SUMS).fill_null(0).sum())  # fmt: skip


def daily(call: Call, figures: pl.DataFrame, today: date) -> Answer:
    """pdd.ad.api.report.daily.report.query, of the mall (0) or of one plan (1)."""
    mine = _asked(call, figures, today)
    if call.whole("queryDimensionType") == 1:
        mine = mine.filter(pl.col("plan_id") == call.params.get("entityId", ""))
    rows = [{"date": str(row.pop("day")), **_worded(row)} for row in _summed(mine, "day")]
    return _answered({"dailyReportList": rows, "sumReport": _all(mine)})


def entities(call: Call, figures: pl.DataFrame, today: date) -> Answer:
    """pdd.ad.api.report.entity.report.query: the mall's plans, each summed over the span."""
    mine = _asked(call, figures, today)
    if (call.whole("entityDimensionType", 0), call.whole("queryDimensionType")) != (0, 1):
        raise Refused(10000, "当前只支持查询广告主下的计划")
    rows: Rows = [
        {
            "entityId": int(str(row.pop("plan_id"))),
            "dimensionType": 1,
            "externalFieldValues": {},
            **_worded(row),
        }
        for row in _summed(mine, "plan_id")
    ]
    page = orjson.loads(call.params.get("queryRange", "{}"))
    number, size = int(page.get("pageNumber", 1)), int(page.get("pageSize", len(rows) or 1))
    shown = rows[(number - 1) * size : number * size]
    return _answered({"entityReportList": shown, "sumReport": _all(mine), "total": len(rows)})


def plans(call: Call, frames: Mapping[str, pl.DataFrame]) -> Answer:
    """pdd.ad.api.plan.query.list: the plans of a scene with their names."""
    scene = call.whole("scenesType")
    mine = frames["ad_plans"].filter(
        (pl.col("shop_id") == call.mall.shop)
        & (pl.col("goal").replace_strict(_SCENES, default=None) == scene)
    )
    rows: Rows = [
        {"planId": int(plan), "planName": name, "maxCost": budget * 10, "status": 1}
        for plan, name, budget in mine.select("plan_id", "name", "budget_fen").rows()
    ]
    return _answered(rows)


def _asked(call: Call, figures: pl.DataFrame, today: date) -> pl.DataFrame:
    try:
        start, end = (
            date.fromisoformat(call.params.get(name, ""))
            for name in ("startDateString", "endDateString")
        )
    except ValueError:
        raise Refused(10000, "日期格式错误") from None
    if start < end == today or (today - start).days > _MOST_DAYS:
        raise Refused(50001, "不能跨今日和历史查询，仅支持90天内数据")
    return figures.filter(
        (pl.col("shop_id") == call.mall.shop)
        & (pl.col("scene") == call.whole("scenesType"))
        & pl.col("day").is_between(start, end)
    )


def _summed(figures: pl.DataFrame, by: str) -> Rows:
    return figures.group_by(by).agg(pl.col(_SUMS).sum()).sort(by).to_dicts()


def _all(figures: pl.DataFrame) -> dict[str, object]:
    return _worded(figures.select(pl.col(_SUMS).sum()).row(0, named=True))


def _worded(sums: Mapping[str, object]) -> dict[str, object]:
    """Sums with the ratios that the platform makes of them, as text; 0 where there is nothing."""
    spend, shown, clicked, sold, gmv = (int(str(sums[name])) for name in _SUMS)

    def ratio(over: int, under: int, decimals: int) -> str:
        return f"{over / under if under else 0:.{decimals}f}"

    return {
        "impression": shown, "click": clicked, "orderNum": sold, "spend": spend, "gmv": gmv,
        "ctr": ratio(clicked, shown, 4), "cvr": ratio(sold, clicked, 4),
        "cpc": ratio(spend, clicked, 0), "cpm": ratio(spend * 1000, shown, 0),
        "roi": ratio(gmv, spend, 2), "avgPayAmount": ratio(gmv, sold, 0),
        "transactionCost": ratio(spend, sold, 0), "mallFavNum": 0, "goodsFavNum": 0,
    }  # fmt: skip


def _answered(result: object) -> Answer:
    inside = {"success": True, "errorCode": 1000, "errorMsg": None, "result": result}
    return Answer(orjson.dumps({"response": inside}))
