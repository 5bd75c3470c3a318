"""The 罗盘 直播明细 export: made-up sessions with the oddities of exports.md."""

# ruff: noqa: DTZ001 - tables hold Beijing wall clock without a zone
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from pipelines.settings import Settings
from pipelines.sources.inbox.checks import check_table
from pipelines.sources.inbox.loader import load_paths
from tests.integration.inbox import made_up

pytestmark = pytest.mark.integration

KIND, LAYOUT = "doudian_live_sessions", "live-sessions-54"
SELECT = (
    "SELECT author_short_id, started_at, ended_at, duration_minutes, view_pv, deal_amount,"
    " pay_amount, reported_pay_per_hour_amount, reported_old_fan_rate, refund_1h_rate,"
    " ad_spend_bound_amount, _extra FROM rows ORDER BY started_at"
)
LANDED = [
    (
        "made_up.room-1",
        datetime(2026, 7, 22, 11, 0, 21),
        datetime(2026, 7, 23, 0, 30, 21),
        Decimal("810.0000"),
        20111,
        Decimal("24500.00"),
        Decimal("24380.50"),
        Decimal("1805.96"),
        Decimal("0.419300"),
        Decimal("0.050000"),
        None,
        None,
    ),
    (
        "1234567890",
        datetime(2026, 8, 3, 6, 30),
        datetime(2026, 8, 3, 6, 34),
        Decimal("4.0000"),
        0,
        Decimal("0.00"),
        None,
        None,
        None,
        None,
        Decimal("12.34"),
        None,
    ),
]


def _sessions() -> list[list[str]]:
    """A session over midnight, a short one without sales, the sum of both, one of nobody."""
    long = {
        "主播头像": "https://example.invalid/face.jpg",
        "主播昵称": "自造小播",
        "主播抖音号": "made_up.room-1",
        "直播开始时间": "2026/07/22 11:00:21",
        "直播结束时间": "2026/07/23 00:30:21",
        "直播时长(分钟)": "810",
        "直播间观看次数": "20,111",
        "直播间成交金额": "¥24,500.00",
        "直播间用户支付金额": "24380.5",
        "单小时用户支付金额": "1805.962963",
        "观看老粉占比": "41.93%",
        "1小时退款率": "5.00%",
        "投放消耗(店铺绑定)": "-",
    }
    short = {
        "主播昵称": "自造二播",
        "主播抖音号": "\t1234567890",
        "直播开始时间": "2026-08-03 06:30",
        "直播结束时间": "2026-08-03 06:34",
        "直播时长(分钟)": "4",
        "直播间观看次数": "0",
        "直播间成交金额": "0",
        "直播间用户支付金额": "-",
        "投放消耗(店铺绑定)": "12.34",
    }
    total = {"主播昵称": "汇总", "直播间观看次数": "20111", "直播间成交金额": "24500.00"}
    nobody = {**short, "主播抖音号": "-"}
    return made_up.table(made_up.headers(KIND, LAYOUT), [long, short, total, nobody])


def _as_csv(folder: Path) -> Path:
    path = folder / "直播明细.csv"
    path.write_text(made_up.delimited(_sessions()), encoding="gb18030")
    return path


def _as_workbook(folder: Path) -> Path:
    path = folder / "直播明细.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(_sessions()):
            sheet.write_row(number, 0, cells)
    return path


@pytest.mark.parametrize("write", [_as_csv, _as_workbook], ids=["csv", "xlsx"])
def test_sessions_are_loaded_one_row_each(
    settings: Settings, tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    (summary,) = load_paths(settings, [write(tmp_path)], "dy-made-up")
    assert (summary.kind, summary.layout) == (KIND, LAYOUT)
    assert (summary.rows_loaded, summary.rows_dropped) == (2, 1)
    assert [(row["line"], row["reason"]) for row in summary.quarantined] == [
        (5, "empty, but every row needs it")
    ]
    assert made_up.landed(settings, KIND, SELECT) == LANDED
    frame = pl.read_parquet(
        f"{settings.home}/raw/raw_inbox/{KIND}/*/*.parquet", hive_partitioning=False
    )
    assert check_table(KIND, frame) == []


def test_the_picture_of_the_host_is_never_kept(settings: Settings, tmp_path: Path) -> None:
    load_paths(settings, [_as_csv(tmp_path)], "dy-made-up")
    kept = made_up.landed(settings, KIND, "SELECT CAST(rows AS VARCHAR) FROM rows")
    assert not [row for row in kept if "face.jpg" in str(row)]


def test_full_width_brackets_and_moved_columns_are_the_same_columns(
    settings: Settings, tmp_path: Path
) -> None:
    rows = [row[::-1] for row in _sessions()[:2]]
    rows[0] = [cell.replace("(", "（").replace(")", "）") for cell in rows[0]]
    path = tmp_path / "直播明细.csv"
    path.write_text(made_up.delimited(rows), encoding="utf-8-sig")
    load_paths(settings, [path], "dy-made-up")
    assert made_up.landed(settings, KIND, SELECT) == LANDED[:1]
