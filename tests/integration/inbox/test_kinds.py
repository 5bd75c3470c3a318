"""Each shipped kind: made-up files with the oddities of exports.md, and the real sets."""

# ruff: noqa: DTZ001 - tables hold Beijing wall clock without a zone
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from pipelines.settings import Settings
from pipelines.sources.inbox.checks import check_table
from pipelines.sources.inbox.loader import FilesRefusedError, load_paths
from tests.integration.inbox import made_up

pytestmark = pytest.mark.integration

DAILY = "全域数据_素材分析_视频_{0} 00_00_00-{1} 23_59_59-a1b2.xlsx"


def _frame(settings: Settings, kind: str) -> pl.DataFrame:
    return pl.read_parquet(
        f"{settings.home}/raw/raw_inbox/{kind}/*/*.parquet", hive_partitioning=False
    )


def _doudian_order(sub_order: int, **cells: str) -> dict[str, str]:
    row = {
        "主订单编号": "\t6917926768823640000",
        "子订单编号": f"\t{6917926768823640000 + sub_order}",
        "选购商品": "\t自造面霜",
        "商品规格": "\t50g",
        "商品数量": "2",
        "商品ID": "\t3600000000000000001",
        "商家编码": "\tSKU-1",
        "订单应付金额": "1,198.00",
        "运费": "0.00",
        "平台优惠": "新人券-5.00;满减-10.00",
        "商家优惠": "-",
        "收件人": "##AbCd",
        "收件人手机号": "$$AbCd",
        "省": "广东省",
        "市": "广州市",
        "区": "天河区",
        "详细地址": "##XyZ幸福路",
        "订单提交时间": "2026-06-24 10:51:58",
        "支付完成时间": "2026/6/24 10:52",
        "订单完成时间": "-",
        "订单状态": "已发货",
        "承诺发货时间": "2026-06-26 10:51:58",
        "售后状态": "-",
        "达人ID": "\t99",
    }
    return {**row, **cells}


@pytest.mark.parametrize("layout", ["orders-74", "orders-75"])
def test_doudian_orders_of_both_long_layouts(
    settings: Settings, tmp_path: Path, layout: str
) -> None:
    columns = made_up.headers("doudian_orders", layout)
    rows = [
        _doudian_order(1),
        _doudian_order(2, 子订单编号="M1;M2"),
        _doudian_order(3, 子订单编号="6.91793E+18"),
    ]
    path = tmp_path / "1791430000_new.csv"
    path.write_text(made_up.delimited(made_up.table(columns, rows)), encoding="utf-8-sig")
    (summary,) = load_paths(settings, [path], "dy-made-up")
    assert (summary.kind, summary.layout) == ("doudian_orders", layout)
    assert [(row["line"], row["reason"]) for row in summary.quarantined] == [
        (3, "several ids in one cell: export one row each"),
        (4, "damaged by a spreadsheet (1.23E+18 or .0): digits are lost for good"),
    ]
    query = (
        "SELECT sub_order_id, product_name, product_id, quantity, due_amount,"
        " platform_discount_amount, merchant_discount_amount, province, city, paid_at, finished_at,"
        " promise_ship_at, aftersale_status, author_id, _exported_at, _version[:39] FROM rows"
    )
    assert made_up.landed(settings, "doudian_orders", query) == [
        (
            "6917926768823640001",
            "自造面霜",
            "3600000000000000001",
            2,
            Decimal("1198.00"),
            Decimal("15.00"),
            None,
            "广东省",
            "广州市",
            datetime(2026, 6, 24, 10, 52),
            None,
            datetime(2026, 6, 26, 10, 51, 58),
            None,
            "99",
            datetime(2026, 10, 8, 11, 26, 40),
            "2026-10-08T11:26:40|2026-06-24T10:52:00",
        )
    ]
    assert check_table("doudian_orders", _frame(settings, "doudian_orders")) == []


def test_doudian_aftersales(settings: Settings, tmp_path: Path) -> None:
    columns = made_up.headers("doudian_aftersales", "aftersales-50")
    row = {
        "售后单号": "'7000000000000000001",
        "订单号": "\t6917926768823640000",
        "商品单号": "\t6917926768823640001",
        "应付金额（元）": "599.00",
        "退商品金额（元）": "599.00",
        "退支付优惠（元）": "-3.00",
        "售后类型": "退货退款",
        "售后状态": "同意退款，退款成功",
        "售后申请时间": "2026-06-25 08:00:00",
        "商家退货联系人姓名": made_up.RECEIVER,
        "商家退货联系人电话": made_up.PHONE,
        "售后备注": made_up.MESSAGE,
        "是否极速退款": "是",
        "操作人": "客服甲",
    }
    path = tmp_path / "售后.csv"
    path.write_text(
        made_up.delimited(made_up.table(columns, [row, {**row, "售后申请时间": "-"}])),
        encoding="gb18030",
    )
    (summary,) = load_paths(settings, [path], "dy-made-up")
    assert summary.quarantined[0]["reason"] == "empty, but every row needs it"
    query = (
        "SELECT aftersale_id, sub_order_id, refund_goods_amount, refund_pay_discount_amount,"
        " applied_at, is_fast_refund, operator FROM rows"
    )
    assert made_up.landed(settings, "doudian_aftersales", query) == [
        (
            "7000000000000000001",
            "6917926768823640001",
            Decimal("599.00"),
            Decimal("-3.00"),
            datetime(2026, 6, 25, 8),
            "是",
            "客服甲",
        )
    ]


def test_qianchuan_csv_with_totals_and_cells_beyond_the_header(
    settings: Settings, tmp_path: Path
) -> None:
    columns = made_up.headers("qianchuan_materials", "video-27")
    base = {"日期": "2026-06-01", "整体支付ROI": "2.50", "整体点击率": "41.93%"}
    rows = made_up.table(
        columns,
        [
            {**base, "日期": "全部", "素材视频名称": "全部", "整体消耗": "1,300.00"}
            | {"素材ID": "-", "整体成交金额": "3,000.00"},
            {**base, "素材视频名称": "甲", "素材ID": "7434065032649982003", "整体消耗": "1,000.00"}
            | {"整体成交金额": "2,500.00", "净成交ROI": "-", "整体展示次数": "53,348"},
            {**base, "素材视频名称": "乙", "素材ID": "7434065032649982004", "整体消耗": "200.00"}
            | {"整体成交金额": "500.00", "净成交ROI": "1.2345"},
            {**base, "素材视频名称": "AIGC动态创意视频素材集合", "素材ID": "", "整体消耗": "100.00"}
            | {"整体成交金额": "0"},
        ],
    )
    rows[2] += ["more", "cells"]
    path = tmp_path / "全域推广数据-视频-x.csv"
    path.write_text(made_up.delimited(rows), encoding="gb18030")
    (summary,) = load_paths(settings, [path], "qc-made-up")
    assert (summary.layout, summary.rows_loaded, summary.rows_dropped) == ("video-27", 2, 2)
    assert "the total row says 整体消耗 1300.00, the rows add up to 1200.00: 100.00 has no row" in (
        " ".join(summary.notes)
    )
    query = (
        "SELECT stat_date, material_id, spend_amount, impression_count, reported_ctr,"
        " reported_net_roi FROM rows ORDER BY material_id"
    )
    assert made_up.landed(settings, "qianchuan_materials", query) == [
        (
            date(2026, 6, 1),
            "7434065032649982003",
            Decimal("1000.00"),
            53348,
            Decimal("0.419300"),
            None,
        ),
        (
            date(2026, 6, 1),
            "7434065032649982004",
            Decimal("200.00"),
            None,
            Decimal("0.419300"),
            Decimal("1.2345"),
        ),
    ]


def _daily_report(path: Path) -> Path:
    columns = made_up.headers("qianchuan_materials", "video-daily-15")
    row = {"素材名称": "甲", "素材ID": "7434065032649982003", "整体消耗": "10.00"}
    row |= {"整体成交金额": "30.00", "整体支付ROI": "3", "1小时内退款率": "5.5%"}
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(made_up.table(columns, [{"素材名称": "汇总"}, row])):
            for column, cell in enumerate(cells):
                sheet.write_string(number, column, cell)
    return path


def test_the_day_of_the_daily_xlsx_stands_in_its_name(settings: Settings, tmp_path: Path) -> None:
    load_paths(settings, [_daily_report(tmp_path / DAILY.format(*["2026-06-01"] * 2))], "qc")
    query = "SELECT stat_date, material_id, refund_1h_rate FROM rows"
    assert made_up.landed(settings, "qianchuan_materials", query) == [
        (date(2026, 6, 1), "7434065032649982003", Decimal("0.055000"))
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [("素材.xlsx", "does not say the day"), (DAILY.format("2026-06-01", "2026-06-03"), "adds up")],
    ids=["no day", "three days"],
)
def test_a_report_whose_day_is_unknown_is_refused(
    settings: Settings, tmp_path: Path, name: str, message: str
) -> None:
    with pytest.raises(FilesRefusedError, match=message):
        load_paths(settings, [_daily_report(tmp_path / name)], "qc")


def test_a_broken_json_line_is_quarantined_without_its_text(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "materials.jsonl"
    path.write_text(
        '{"id":"1","current_status":"投放中","data":[{"record_date":"2024-11-08 19:34:00",'
        '"overall_spend":1.5399999618530273,"overall_sales":0.005}]}\n'
        '{"id":"2","data":[]}\n'
        f'{{"id":"3", {made_up.RECEIVER}\n',
        encoding="utf-8",
    )
    (summary,) = load_paths(settings, [path], "qc")
    assert "1 documents hold no record" in summary.notes
    assert [(row["line"], row["reason"]) for row in summary.quarantined] == [
        (3, "not a JSON document of this kind")
    ]
    query = "SELECT spend_amount, pay_amount FROM rows"
    assert made_up.landed(settings, "qianchuan_material_snapshots", query) == [
        (Decimal("1.54"), Decimal("0.01"))
    ]
    raw = made_up.landed(settings, "quarantine", "SELECT raw_row FROM rows")
    assert raw == [('{"1":"***"}',)]


@pytest.mark.shared_data
def test_the_real_tmall_orders_add_up(settings: Settings, shared_data: Path) -> None:
    path = shared_data / "tmall_orders_2020_02" / "tmall_order_report.csv.gz"
    (summary,) = load_paths(settings, [path], "tmall-real")
    assert (summary.layout, summary.rows_loaded, summary.rows_quarantined) == ("short-7", 28010, 0)
    query = (
        "SELECT sum(total_amount), sum(net_paid_amount), sum(refund_amount),"
        " count(paid_at), count(DISTINCT province), max(paid_at) FROM rows"
    )
    assert made_up.landed(settings, "taobao_orders", query) == [
        (
            Decimal("2995760.61"),
            Decimal("1902487.15"),
            Decimal("572335.92"),
            24087,
            31,
            datetime(2020, 3, 1, 19, 25, 42),
        )
    ]
    assert check_table("taobao_orders", _frame(settings, "taobao_orders")) == []


@pytest.mark.shared_data
def test_the_real_snapshots_add_up(settings: Settings, shared_data: Path) -> None:
    path = shared_data / "qianchuan_materials_2024_11" / "materials.jsonl.gz"
    (summary,) = load_paths(settings, [path], "qc-real")
    assert (summary.rows_loaded, summary.rows_quarantined) == (786, 0)
    assert "41 documents hold no record" in summary.notes
    query = "SELECT sum(spend_amount), sum(pay_amount), sum(order_count) FROM rows"
    assert made_up.landed(settings, "qianchuan_material_snapshots", query) == [
        (Decimal("761993.61"), Decimal("1739684.07"), 6027)
    ]
    last = (
        "SELECT sum(spend_amount), sum(pay_amount), sum(order_count) FROM (FROM rows WHERE"
        " recorded_at >= DATE '2024-11-09' QUALIFY row_number() OVER"
        " (PARTITION BY material_id ORDER BY recorded_at DESC) = 1)"
    )
    assert made_up.landed(settings, "qianchuan_material_snapshots", last) == [
        (Decimal("58985.52"), Decimal("134360.38"), 466)
    ]


@pytest.mark.shared_data
def test_the_real_gbk_listings_are_readable_and_add_up(
    settings: Settings, shared_data: Path
) -> None:
    path = shared_data / "double11_cosmetics_2016" / "双十一淘宝美妆数据_gbk.csv.gz"
    (summary,) = load_paths(settings, [path], "double11")
    assert (summary.rows_loaded, summary.rows_quarantined) == (27598, 0)
    query = (
        "SELECT sum(price_amount), sum(sale_count), sum(comment_count),"
        " count(*) FILTER (sale_count IS NULL), count(DISTINCT brand_shop_name),"
        " count(*) FILTER (brand_shop_name = '相宜本草'), min(snapshot_date) FROM rows"
    )
    assert made_up.landed(settings, "taobao_listings", query) == [
        (Decimal("10012098.89"), 310545987, 28302104, 2354, 22, 1313, date(2016, 11, 5))
    ]
    title = "SELECT title FROM rows WHERE item_id = 'A18164178225' LIMIT 1"
    assert "自然堂" in str(made_up.landed(settings, "taobao_listings", title))
