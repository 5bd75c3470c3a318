"""A real shop's month, real 千川 creatives and a real GBK file, to the cent, by every way out.

Totals: totals.json beside each set, computed outside the project.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser, expect

from dashboards.app import create_app
from pipelines.registry.users import UserRegistry
from pipelines.settings import Settings
from tests.e2e.conftest import Home
from tests.e2e.dashboards.conftest import PASSWORD, Reading, served

pytestmark = [pytest.mark.e2e, pytest.mark.shared_data, pytest.mark.xdist_group("real")]

METRICS = "pay_amt,pay_order_cnt,order_cnt,order_amt,refund_amt_by_pay"
FEBRUARY = ("--from", "2020-02-01", "--to", "2020-03-01")
EXPECTED = {
    "order_cnt": 28010,
    "order_amt": "2995760.61",
    "pay_order_cnt": 24087,
    "pay_amt": "2474823.07",
    "refund_amt_by_pay": "572335.92",
}
FILES = {
    "tmall-demo": "tmall_orders_2020_02/tmall_order_report.csv.gz",
    "qianchuan-demo": "qianchuan_materials_2024_11/materials.jsonl.gz",
    "listing-demo": "double11_cosmetics_2016/双十一淘宝美妆数据_gbk.csv.gz",
}


@pytest.fixture(scope="module")
def home(make_home: Callable[[], Home], shared_data: Path) -> Home:
    home = make_home()
    for shop in ("listing-demo", "tmall-demo", "qianchuan-demo"):
        home.run("inbox", "load", str(shared_data / FILES[shop]), "--shop", shop)
    home.run("run")
    return home


def figures(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "_marks"}


def test_the_month_is_exact(home: Home) -> None:
    (row,) = home.query(METRICS, *FEBRUARY)
    assert figures(row) == EXPECTED


def test_days_are_exact_and_a_day_without_orders_is_a_zero(home: Home) -> None:
    rows = {row["day"]: row for row in home.query("order_cnt,pay_amt", "--by", "day", *FEBRUARY)}
    assert len(rows) == 30
    days = ("2020-02-01", "2020-02-08", "2020-02-14", "2020-02-16", "2020-02-25")
    assert [rows[day]["order_cnt"] for day in days] == [176, 0, 7, 0, 3416]
    assert rows["2020-02-25"]["pay_amt"] == "299421.20"
    assert rows["2020-03-01"]["pay_amt"] == "476.00"  # six orders created in February


def test_provinces_are_exact(home: Home) -> None:
    rows = home.query("order_cnt,net_pay_amt_by_pay", "--by", "province", *FEBRUARY)
    found = {row["province"]: (row["order_cnt"], row["net_pay_amt_by_pay"]) for row in rows}
    assert len(found) == 31
    assert found["上海"] == (3353, "264039.78")
    assert found["广东省"] == (2463, "147822.90")
    assert found["江苏省"] == (2126, "159359.18")


def test_a_refund_without_a_time_is_said_and_not_guessed(home: Home) -> None:
    (row,) = home.query("refund_amt", *FEBRUARY)
    assert row["refund_amt"] is None
    assert row["_marks"]["refund_amt"]["undated"]["value"] == "572335.92"


def test_creatives_by_day_are_exact_and_twins_are_flagged(home: Home) -> None:
    metrics = "ad_spend_amt,ad_uni_pay_amt,ad_uni_order_cnt,ad_imp_pv,ad_click_cnt"
    day_8, day_9 = home.query(metrics, "--by", "day", "--from", "2024-11-08", "--to", "2024-11-09")
    assert figures(day_9) == {
        "day": "2024-11-09", "ad_spend_amt": "58985.52", "ad_uni_pay_amt": "134360.38",
        "ad_uni_order_cnt": 466, "ad_imp_pv": 229374, "ad_click_cnt": 8797,
    }  # fmt: skip
    assert figures(day_8)["ad_spend_amt"] == "36400.30"
    assert figures(day_8)["ad_uni_pay_amt"] == "90696.20"
    assert figures(day_8)["ad_uni_order_cnt"] == 310
    assert "duplicates" in day_9["_marks"]["ad_spend_amt"]
    with duckdb.connect(str(home.path / "serving" / "koujing.duckdb"), read_only=True) as db:
        flagged = db.execute(
            "SELECT stat_date::text, count(*) FILTER (is_duplicate_suspect),"
            " sum(spend_amount) FILTER (NOT is_repeated_row) FROM marts.fct_ad_daily"
            " GROUP BY 1 ORDER BY 1"
        ).fetchall()
    assert flagged == [
        ("2024-11-08", 26, Decimal("26274.66")),
        ("2024-11-09", 6, Decimal("54606.86")),
    ]


def test_the_gbk_file_is_whole_and_readable(home: Home) -> None:
    with duckdb.connect(str(home.path / "serving" / "koujing.duckdb"), read_only=True) as db:
        rows = db.execute(
            "SELECT count(*), sum(price_amount), sum(sale_count), sum(comment_count),"
            " count(*) FILTER (is_repeated_row), count(DISTINCT item_id),"
            " count(*) FILTER (title LIKE '%自然堂%') > 500 FROM marts.fct_listing_snapshots"
        ).fetchall()
    assert rows == [(27598, Decimal("10012098.89"), 310545987, 28302104, 86, 3497, True)]


def test_sql_and_parquet_give_the_same_numbers(home: Home) -> None:
    query = (
        "SELECT count(*), sum(order_amount), count(*) FILTER (is_paid), sum(paid_amount),"
        " sum(refunded_amount) FILTER (is_paid) FROM {orders} WHERE shop_key = 'tmall-demo'"
    )
    by_sql = [
        28010, Decimal("2995760.61"), 24087, Decimal("2474823.07"), Decimal("572335.92")
    ]  # fmt: skip
    with duckdb.connect(str(home.path / "serving" / "koujing.duckdb"), read_only=True) as db:
        assert list(db.execute(query.format(orders="marts.fct_orders")).fetchall()[0]) == by_sql
    export = home.path / "export"
    latest = json.loads((export / "latest.json").read_text())
    manifest = json.loads((export / latest["manifest"]).read_text())
    files = [
        str(export / file["path"])
        for table in manifest["tables"]
        if table["name"] == "marts.fct_orders"
        for file in table["files"]
    ]
    with duckdb.connect() as db:
        listed = "read_parquet([" + ", ".join(f"'{file}'" for file in files) + "])"
        assert list(db.execute(query.format(orders=listed)).fetchall()[0]) == by_sql


def test_the_numbers_stand_on_the_page(home: Home, browser: Browser) -> None:
    settings = Settings(home=home.path, _env_file=None)
    UserRegistry(settings).add("boss", PASSWORD, "manager")
    page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    with served(create_app(settings)) as address:
        reading = Reading(page, address)
        reading.open("/?from=2020-02-01&to=2020-03-01&shop=tmall-demo")
        assert reading.card("pay_amt")["full"] == "2,474,823.07 元"
        assert reading.card("pay_order_cnt")["full"] == "24,087 单"
        refunds = page.locator("#aftersales")
        expect(refunds.get_by_text("57.23", exact=False).first).to_be_visible()
        expect(refunds.get_by_text("来源未给退款时间", exact=False).first).to_be_visible()
        assert reading.complaints == []
        reading.open("/?from=2024-11-09&to=2024-11-09")
        assert reading.card("ad_spend_amt")["full"] == "58,985.52 元"
    page.close()


def test_loading_again_in_another_order_changes_nothing(home: Home, shared_data: Path) -> None:
    for shop in ("qianchuan-demo", "tmall-demo", "listing-demo"):
        printed = home.run("inbox", "load", str(shared_data / FILES[shop]), "--shop", shop)
        assert "already loaded" in printed
    home.run("run")
    (row,) = home.query(METRICS, *FEBRUARY)
    assert figures(row) == EXPECTED


def test_refused_words_and_typos_are_answered_in_words(home: Home) -> None:
    refused = home.run("metric", "query", "gmv", *FEBRUARY, exit_code=2)
    assert "order_amt" in refused
    assert "pay_amt" in refused
    typo = home.run("metric", "query", "pay_amount", *FEBRUARY, exit_code=2)
    assert "pay_amt" in typo
    by_name = home.query("支付金额", *FEBRUARY)
    assert by_name[0]["pay_amt"] == "2474823.07"
