"""One made-up export in every format that people send: all come to the same rows."""

# ruff: noqa: DTZ001 - tables hold Beijing wall clock without a zone
from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from pipelines.settings import Settings
from pipelines.sources.inbox.loader import FilesRefusedError, load_paths
from tests.integration.inbox import made_up

pytestmark = pytest.mark.integration

COLUMNS = made_up.headers("taobao_orders", "orders-61")
ROWS = made_up.table(
    COLUMNS,
    [
        made_up.taobao_order(1),
        made_up.taobao_order(
            2,
            **{
                "总金额": "1,234.50",
                "买家实际支付金额": "¥1,000.00",
                "退款金额": "234.50",
                "订单付款时间 ": "2026/7/22 11:00:21",
                "订单状态": "买家已付款，等待卖家发货",
            },
        ),
    ],
)
EXPECTED = [
    (
        "1200000000000000001",
        Decimal("100.00"),
        Decimal("100.00"),
        None,
        datetime(2026, 7, 1, 10, 1),
        "浙江省",
        "杭州市",
        "自造口红",
    ),
    (
        "1200000000000000002",
        Decimal("1234.50"),
        Decimal("1000.00"),
        Decimal("234.50"),
        datetime(2026, 7, 22, 11, 0, 21),
        "浙江省",
        "杭州市",
        "自造口红",
    ),
]
QUERY = (
    "SELECT order_id, total_amount, net_paid_amount, refund_amount, paid_at, province, city, title"
    " FROM rows ORDER BY order_id"
)


def _csv(encoding: str, delimiter: str = ",", newline: str = "\n") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / "export.csv"
        path.write_bytes(made_up.delimited(ROWS, delimiter, newline).encode(encoding))
        return path

    return write


def _with_title_rows(folder: Path) -> Path:
    path = folder / "export.csv"
    text = "订单报表\n导出时间：2026-07-30,,\n" + made_up.delimited(ROWS) + "共2条\n"
    path.write_text(text, encoding="utf-8")
    return path


def _gzip(folder: Path) -> Path:
    path = folder / "export.csv.gz"
    path.write_bytes(gzip.compress(made_up.delimited(ROWS).encode("gb18030")))
    return path


def _zip(folder: Path) -> Path:
    path = folder / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../outside/orders.csv", made_up.delimited(ROWS))
        archive.writestr("__MACOSX/._orders.csv", "rubbish")
    return path


def _xlsx(folder: Path) -> Path:
    path = folder / "export.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("说明").write_string(0, 0, "请勿修改")
        sheet = book.add_worksheet("订单报表")
        sheet.write_string(0, 0, "订单报表")
        for number, row in enumerate(ROWS):
            for column, cell in enumerate(row):
                sheet.write_string(number + 2, column, cell)
    return path


def _xlsx_named_csv(folder: Path) -> Path:
    return _xlsx(folder).rename(folder / "export.csv")


def _html(folder: Path) -> Path:
    path = folder / "export.xls"
    path.write_bytes(made_up.html(ROWS).encode("gb18030"))
    return path


FORMATS = {
    "utf-8": _csv("utf-8"),
    "utf-8 with BOM": _csv("utf-8-sig"),
    "gb18030": _csv("gb18030"),
    "utf-16": _csv("utf-16"),
    "tabs": _csv("utf-8", "\t"),
    "windows line ends": _csv("gb18030", newline="\r\n"),
    "title rows and a note": _with_title_rows,
    "gzip": _gzip,
    "zip": _zip,
    "xlsx": _xlsx,
    "xlsx named csv": _xlsx_named_csv,
    "html named xls": _html,
}


@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)
def test_every_format_comes_to_the_same_rows(
    settings: Settings, tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    (summary,) = load_paths(settings, [write(tmp_path)], "tmall-made-up")
    assert (summary.kind, summary.rows_loaded, summary.rows_quarantined) == ("taobao_orders", 2, 0)
    assert made_up.landed(settings, "taobao_orders", QUERY) == EXPECTED


def test_an_old_xls_workbook_and_a_locked_one_are_told_apart(
    settings: Settings, tmp_path: Path
) -> None:
    broken = tmp_path / "export.xls"
    broken.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 2000)
    with pytest.raises(FilesRefusedError, match="cannot be read as a workbook"):
        load_paths(settings, [broken], "tmall-made-up")


def test_long_numbers_that_a_spreadsheet_rounded_are_quarantined(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "export.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        columns = made_up.headers("taobao_orders", "short-7")
        sheet.write_row(0, 0, columns)
        for line, order in enumerate((6917926768823643751, "6917926768823644160"), 1):
            cells = [order, "10.00", "10.00", "上海", "2026-07-01 10:00:00", "", "0.0"]
            for column, cell in enumerate(cells):
                (sheet.write_number if isinstance(cell, int) else sheet.write_string)(
                    line, column, cell
                )
    (summary,) = load_paths(settings, [path], "tmall-made-up")
    # The column mixes numbers and text, so a text that could be a rounded number is doubted too.
    assert (summary.rows_loaded, summary.rows_quarantined) == (0, 2)
    assert {row["column_header"] for row in summary.quarantined} == {"订单编号"}


def test_a_text_id_that_could_be_a_rounded_number_is_kept_where_all_cells_are_text(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "export.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for column, header in enumerate(made_up.headers("taobao_orders", "short-7")):
            sheet.write_string(0, column, header)
        cells = ["6917926768823644160", "10.00", "10.00", "上海", "2026-07-01 10:00:00", "", "0"]
        for column, cell in enumerate(cells):
            sheet.write_string(1, column, cell)
    load_paths(settings, [path], "tmall-made-up")
    assert made_up.landed(settings, "taobao_orders", "SELECT order_id FROM rows") == [
        ("6917926768823644160",)
    ]


def test_a_locked_zip_is_refused_with_what_to_do(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "orders.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("orders.csv", made_up.delimited(ROWS))
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(signature) + offset] |= 1  # the 'encrypted' flag
    path.write_bytes(raw)
    with pytest.raises(FilesRefusedError, match="locked with a password") as refused:
        load_paths(settings, [path], "tmall-made-up")
    assert "password" in refused.value.hint


def test_one_bad_member_of_a_zip_does_not_stop_the_others(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "orders.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "")
        archive.writestr("b.csv", made_up.delimited(ROWS))
        archive.writestr("c.csv", "订单号,商品总价(元)\n1,2\n")
    with pytest.raises(FilesRefusedError) as refused:
        load_paths(settings, [path], "tmall-made-up")
    assert [(item.file, item.status) for item in refused.value.summaries] == [
        ("orders.zip", "refused"),
        ("orders.zip/b.csv", "loaded"),
        ("orders.zip/c.csv", "refused"),
    ]


def test_rows_of_commas_alone_are_no_rows(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    blank = "," * (len(COLUMNS) - 1) + "\n"
    path.write_text(made_up.delimited(ROWS) + blank * 3, encoding="utf-8")
    (summary,) = load_paths(settings, [path], "tmall-made-up")
    assert (summary.rows_loaded, summary.rows_quarantined, summary.rows_dropped) == (2, 0, 0)


def test_a_zip_bomb_is_refused(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "orders.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("orders.csv", b"0" * (80 * 1024**2))
    with pytest.raises(FilesRefusedError, match="unpacks to more than"):
        load_paths(settings, [path], "tmall-made-up")


def test_a_gbk_file_with_an_ascii_start_is_read_as_gbk(settings: Settings, tmp_path: Path) -> None:
    # The header of the listings is ASCII but for one cell; here even that is left out.
    lines = ["update_time,id,title,price,sale_count,comment_count"]
    lines += [f"2016/11/5,A{n},plain title,9.5,,{n}" for n in range(9_000)]
    lines.append("2016/11/5,A9000,自然堂面霜,139,26719,")
    path = tmp_path / "listings.csv"
    path.write_bytes("\n".join(lines).encode("gb18030"))
    (summary,) = load_paths(settings, [path], "watched")
    assert summary.rows_loaded == 9001
    query = "SELECT title, sale_count, comment_count FROM rows WHERE item_id = 'A9000'"
    assert made_up.landed(settings, "taobao_listings", query) == [("自然堂面霜", 26719, None)]


def test_bytes_of_no_known_encoding_are_refused(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(b"\x81\xff\xfe,\xff\xff\n\xff\x00\x01,\x02\n" * 20)
    with pytest.raises(FilesRefusedError, match="neither UTF-8 nor GB18030"):
        load_paths(settings, [path], "tmall-made-up")
