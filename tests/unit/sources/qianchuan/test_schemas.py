"""Samples of every endpoint that is loaded come in whole, and money to the last digit."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.gateway.checks import check_stream
from pipelines.registry.shops import Shop
from pipelines.sources.qianchuan import CONNECTOR
from tests.unit.sources.playing import FakeSession, days, read_sample, records

SHOP = Shop(
    shop_key="qianchuan-01", channel="qianchuan", kind="ad_account", name="千川",
    platform_shop_id="4463798",
)  # fmt: skip
STREAMS = {stream.table: stream for stream in CONNECTOR.streams}
AUTHORS = {"data": {"aweme_id_list": [{"aweme_id": 1888}], "page_info": {"total_number": 1}}}


def _played(sample: dict[str, Any]) -> FakeSession:
    """One advertiser and one author; everything else answers with the sample."""

    def answer(method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        if method == "shop/advertiser/list" and "adv_id_list" not in sample["data"]:
            adv = {"adv_id_list": [{"adv_id": 1799000000000001}], "page_info": {"total_number": 1}}
            return {"data": adv}
        if method == "report/ad/get" and len(params["fields"]) == 1:
            return {"data": {"list": [{"ad_id": 7}], "page_info": {"total_number": 1}}}
        if method == "finance/detail/get" and "list" not in sample["data"]:
            return {"data": {"list": [], "page_info": {"total_number": 0}}}
        return AUTHORS if method == "aweme/authorized/get" else sample

    return FakeSession(SHOP, answer)


# Rows differ from the sample's where the same answer comes for several questions: eight kinds of
# 全域 plans, two goals of attributions.
@pytest.mark.parametrize(
    ("table", "sample", "rows", "shown"),
    [
        ("advertisers", "shop.advertiser.list", 2, {"adv_id": "1799000000000001"}),
        (
            "account_reports",
            "report.advertiser.get",
            3,
            {"advertiser_id": "1799000000000001", "stat_datetime": "2025-11-11 00:00:00"}
            | {"stat_cost": 1503.27, "pay_order_amount": 6039.0, "money_unit": "yuan"},
        ),
        (
            "plan_reports",
            "report.ad.get",
            2,
            {"ad_id": "1799100000000001", "stat_cost": 1200.38, "luban_live_comment_cnt": 31.0},
        ),
        ("plan_reports_hourly", "report.ad.get", 2, {"ad_id": "1799100000000001"}),
        (
            "uni_reports",
            "report.uni_promotion.get",
            1,
            {"advertiser_id": "1799000000000001", "stat_date": "2025-11-12", "money_unit": "yuan"}
            | {"stat_cost": 2388.11, "total_pay_order_coupon_amount_for_roi2": 240.0},
        ),
        (
            "uni_plans",
            "uni_promotion.list",
            8,
            {"stat_date": "2025-11-12", "money_unit": "1e-5 yuan"},
        ),
        (
            "live_rooms",
            "today_live.room.get",
            2,
            {"room_id": "7571800000000000101", "aweme_id": "1888800000000001"}
            | {"stat_cost": 174938000.0, "money_unit": "1e-5 yuan", "stat_date": "2025-11-12"},
        ),
        (
            "finance_days",
            "finance.detail.get",
            2,
            {"date": "2025-11-11", "cost": 150327000.0, "money_unit": "1e-5 yuan"},
        ),
        (
            "order_attributions",
            "report.long_transfer.order.get",
            2,
            {"order_id": "6930000000000010001", "pay_type": "DIRECT", "order_amount": 84.0},
        ),
    ],
)
def test_a_sample_comes_in_without_unknown_or_refused_fields(
    platform_samples: Path, table: str, sample: str, rows: int, shown: dict[str, Any]
) -> None:
    session = _played(read_sample(platform_samples, "qianchuan", sample))
    done = records(STREAMS[table], session, days("2025-11-12"))
    assert (done.refused, done.unknown) == ([], {})
    landed = done.table.to_pylist()
    assert len(landed) == rows
    assert {name: landed[0][name] for name in shown} == shown
    assert landed[0]["_extra"] is None
    assert check_stream(STREAMS[table], pl.DataFrame(done.table)) == []


def test_every_stream_has_a_sample_above() -> None:
    assert set(STREAMS) == {
        "advertisers", "account_reports", "plan_reports", "plan_reports_hourly", "uni_reports",
        "uni_plans", "live_rooms", "finance_days", "order_attributions",
    }  # fmt: skip


def test_the_nested_plan_keeps_ids_as_text_and_its_budget_in_yuan(platform_samples: Path) -> None:
    session = _played(read_sample(platform_samples, "qianchuan", "uni_promotion.list"))
    plan = records(STREAMS["uni_plans"], session, days("2025-11-12")).table.to_pylist()[0]
    assert plan["ad_info"]["id"] == "1799100000000009"
    assert plan["ad_info"]["budget"] == 3000.0
    assert plan["stats_info"]["stat_cost"] == 238811000.0
    assert plan["room_info"][0]["anchor_id"] == "1888800000000001"


MONEY = [
    ("0.01", "yuan", 1),
    ("0.07", "yuan", 7),
    ("1.005e2", "yuan", 10050),
    ("1200.38", "yuan", 120038),
    ("4950.0", "yuan", 495000),
    ("0", "yuan", 0),
    ("-12.3", "yuan", -1230),
    ("8388608.29", "yuan", 838860829),
    ("999999999999.99", "yuan", 99999999999999),
    ("174938000", "1e-5 yuan", 174938),
    ("1", "1e-5 yuan", 0),
    ("9007199254740000", "1e-5 yuan", 9007199254740),
]


def test_money_survives_binary_floating_point_to_the_last_digit() -> None:
    """As staging reads it: a decimal with five places, then fen by the unit that the row names."""
    rows = b",".join(
        b'{"advertiser_id":1,"stat_datetime":"%d","stat_cost":%b}' % (number, text.encode())
        for number, (text, _, _) in enumerate(MONEY)
    )
    body = b'{"data":{"list":[%b],"page_info":{"total_number":12}}}' % rows
    advertiser = {"adv_id_list": [{"adv_id": 1}], "page_info": {"total_number": 1}}
    session = FakeSession(
        SHOP, lambda method, _: body if method.startswith("report/") else {"data": advertiser}
    )
    done = records(STREAMS["account_reports"], session, days("2025-11-12"))
    with duckdb.connect() as db:
        db.register("landed", done.table)
        read = db.execute(
            "SELECT CAST(stat_cost AS DECIMAL(28, 5)) FROM landed ORDER BY _line"
        ).fetchall()
    scale = {"yuan": Decimal(100), "1e-5 yuan": Decimal("0.001")}
    fen = [
        int((cell * scale[unit]).to_integral_value())
        for (cell,), (_, unit, _) in zip(read, MONEY, strict=True)
    ]
    assert fen == [expected for _, _, expected in MONEY]


def test_every_cent_up_to_ten_thousand_yuan_is_exact() -> None:
    with duckdb.connect() as db:
        wrong = db.execute(
            "SELECT count(*) FROM (SELECT range AS fen, json_transform(format("
            """'{{"m":{}.{:02d}}}', range // 100, range % 100), '{"m":"DOUBLE"}').m AS yuan"""
            " FROM range(1000000)) WHERE CAST(CAST(yuan AS DECIMAL(18, 5)) * 100 AS BIGINT) <> fen"
        ).fetchone()
    assert wrong == (0,)
