"""Cells: every written form of the exports notes (rules 6 to 8), and what is never guessed."""

# ruff: noqa: DTZ001 - tables hold Beijing wall clock without a zone
from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sources.inbox import cells, forms

DAMAGED = None


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as db:
        db.execute(cells.MACROS)
        db.execute(forms.MACROS)
        yield db


@pytest.fixture(scope="module")
def read(database: duckdb.DuckDBPyConnection) -> Callable[[str, str], object]:
    def call(macro: str, cell: str) -> object:
        row = database.execute(f"SELECT {macro}(?::VARCHAR)", [cell]).fetchone()
        return row[0] if row else None

    return call


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('="6917926768823643751"', "6917926768823643751"),
        ("=6917926768823643751", "6917926768823643751"),
        ("\t6917926768823643751", "6917926768823643751"),
        ('"\t6917926768823643751"', "6917926768823643751"),
        ("'6917926768823643751", "6917926768823643751"),
        (" 6917926768823643751 ", "6917926768823643751"),
        ("P800347296683184211", "P800347296683184211"),
        ("260517-607198974342268", "260517-607198974342268"),
        ("No:SF123", "No:SF123"),
        ("10.5", "10.5"),
        ("1.23E+18", DAMAGED),
        ("1E+18", DAMAGED),
        ("6917926768823643751.0", DAMAGED),
        ("-", None),
        ("", None),
        ('=""', None),
    ],
)
def test_ids_stay_text(read: Callable[[str, str], object], cell: str, value: str | None) -> None:
    assert read("id_of", cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12.30", "12.30"),
        ("12", "12.00"),
        ("0.0", "0.00"),
        ("¥29.90", "29.90"),
        ("￥1,029.90", "1029.90"),
        ("12.30元", "12.30"),
        ("12元", "12.00"),
        ("1,234,567.89元", "1234567.89"),
        ("1，234.50", "1234.50"),
        ("(12.30)", "-12.30"),
        ("（12.30）", "-12.30"),
        ("-5.00", "-5.00"),
        ("¥-3.20", "-3.20"),
        ("+5", "5.00"),
        ("\t12.30 ", "12.30"),
        ("12.3000", "12.30"),
        ("-", None),
        ("--", None),
        ("—", None),
        ("", None),
        ("12.345", None),
        ("1,23", None),
        ("1e3", None),
        ("1_0", None),
        ("12.30.4", None),
        ("abc", None),
    ],
)
def test_money(read: Callable[[str, str], object], cell: str, value: str | None) -> None:
    assert read("money_of", cell) == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("新人券-5.00", "5.00"),
        ("新人券-5.00;满减-10", "15.00"),
        ("5.00", "5.00"),
        ("-", None),
        ("新人券5.00", None),
        ("新人券-5.00;满减", None),
    ],
)
def test_labelled_money(read: Callable[[str, str], object], cell: str, value: str | None) -> None:
    assert read("money_labelled_of", cell) == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1.5399999618530273", "1.54"), ("0.005", "0.01"), ("4.0e-05", "0.00"), ("-0.005", "-0.01")],
)
def test_float_noise_is_rounded_half_up_where_the_mapping_says_so(
    read: Callable[[str, str], object], cell: str, value: str
) -> None:
    assert read("money_rounded_of", cell) == Decimal(value)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2026-06-24 10:51:58", datetime(2026, 6, 24, 10, 51, 58)),
        ("2026/7/22 11:00:21", datetime(2026, 7, 22, 11, 0, 21)),
        ("2026-08-03 06:30", datetime(2026, 8, 3, 6, 30)),
        ("2026年6月1日", datetime(2026, 6, 1)),
        ("2026年6月1日 10:11:12", datetime(2026, 6, 1, 10, 11, 12)),
        ("2026.06.01", datetime(2026, 6, 1)),
        ("20260708", datetime(2026, 7, 8)),
        ("\t2026-06-24 10:51:58", datetime(2026, 6, 24, 10, 51, 58)),
        ("2026-06-24T10:51:58", datetime(2026, 6, 24, 10, 51, 58)),
        ("-", None),
        ("0000-00-00", None),
        ("0000-00-00 00:00:00", None),
        ("2026-02-30", None),
        ("2026/2/29 10:00", None),
        ("2026-06-24 24:00:00", None),
        ("2026-06-24 10:51:58+08", None),
        ("1899-12-31 00:00:00", None),
        ("46197.45", None),
        ("epoch", None),
        ("infinity", None),
    ],
)
def test_datetimes(read: Callable[[str, str], object], cell: str, value: datetime | None) -> None:
    assert read("datetime_of", cell) == value


def test_dates_of_the_listings(read: Callable[[str, str], object]) -> None:
    assert read("date_of", "2016/11/5") == date(2016, 11, 5)


@pytest.mark.parametrize(
    ("macro", "cell", "value"),
    [
        ("rate_of", "41.93%", Decimal("0.419300")),
        ("rate_of", "0.03660000115633011", Decimal("0.036600")),
        ("rate_of", "%", None),
        ("ratio_of", "1,234.5", Decimal("1234.5000")),
        ("count_of", "53,348", 53348),
        ("count_of", "3.0", 3),
        ("count_of", "3.5", None),
        ("count_of", "1e3", None),
        ("text_of", "\t自造面霜　", "自造面霜"),
        ("text_of", "-", None),
        ("text_of", "a b", "a b"),
    ],
)
def test_other_types(
    read: Callable[[str, str], object], macro: str, cell: str, value: object
) -> None:
    assert read(macro, cell) == value


@pytest.mark.parametrize(
    ("address", "province", "city"),
    [
        ("广东省 广州市 天河区 幸福路1号", "广东省", "广州市"),
        ("广东省广州市天河区1", "广东省", "广州市"),
        ("上海 上海市 浦东新区", "上海", "上海市"),
        ("内蒙古自治区 锡林郭勒盟 x", "内蒙古自治区", "锡林郭勒盟"),
        ("湖北省 恩施土家族苗族自治州 恩施市", "湖北省", "恩施土家族苗族自治州"),
        ("内蒙古自治区", "内蒙古自治区", None),
        ("上海", "上海", None),
        ("广州市", None, "广州市"),
        ("张三 13812345678", None, None),
        ("张三", None, None),
        ("张三丰住在某小区里", None, None),
    ],
)
def test_an_address_is_cut_to_province_and_city(
    read: Callable[[str, str], object], address: str, province: str | None, city: str | None
) -> None:
    assert (read("province_of", address), read("city_of", address)) == (province, city)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("张三", "***"),
        ("13812345678", "***"),
        ("138 1234 5678", "***"),
        ("62345678", "***"),
        ("110101199003071234", "***"),
        ("tb_member_1", "***"),
        ("310000", "***"),
        ('="6917926768823643751"', "6917926768823643751"),
        ("1,234.50元", "1,234.50元"),
        ("2026-06-24 10:51:58", "2026-06-24 10:51:58"),
        ("", ""),
    ],
)
def test_of_a_row_that_cannot_be_placed_only_ids_dates_and_amounts_show(
    read: Callable[[str, str], object], cell: str, shown: str
) -> None:
    assert read("masked_by_shape", cell) == shown


@settings(deadline=None)
@given(fen=st.integers(-(10**11), 10**11), form=st.sampled_from(["{}", "¥{}", "{}元", " {}\t"]))
def test_money_text_and_fen_are_one(
    read: Callable[[str, str], object], fen: int, form: str
) -> None:
    sign, amount = ("-" if fen < 0 else ""), abs(fen)
    for whole in (f"{amount // 100}", f"{amount // 100:,}"):
        cell = form.format(f"{sign}{whole}.{amount % 100:02d}")
        assert read("money_of", cell) == Decimal(fen).scaleb(-2)


QUICK_AND_GENERAL = [
    ("plain_money", "TRY_CAST({x} AS DECIMAL(18, 2))", "money_of"),
    ("yuan_money", "TRY_CAST(left({x}, -1) AS DECIMAL(18, 2))", "money_of"),
    ("plain_count", "TRY_CAST({x} AS BIGINT)", "count_of"),
    ("plain_id", "{x}", "id_of"),
    ("wrapped_id", "substring({x}, 3, strlen({x}) - 3)", "id_of"),
    ("plain_text", "{x}", "text_of"),
]


PROVINCES = ["广东省", "黑龙江省", "上海", "内蒙古自治区", "香港特别行政区", "海南", "重庆市"]
CITIES = [
    "广州市",
    "张家口市",
    "锡林郭勒盟",
    "恩施土家族苗族自治州",
    "阿里地区",
    "市辖区",
    "天河区",
]
PLACES = [*PROVINCES, *CITIES, "张三", "幸福路8号", "13812345678", ""]


@settings(deadline=None)
@given(address=st.lists(st.sampled_from(PLACES), max_size=4), gap=st.sampled_from([" ", "", "  "]))
@pytest.mark.parametrize(
    ("part", "number"), [("province", 1), ("city", 2)], ids=["province", "city"]
)
def test_an_address_of_the_usual_form_is_cut_as_any_other(
    database: duckdb.DuckDBPyConnection, part: str, number: int, address: list[str], gap: str
) -> None:
    row = database.execute(
        f"SELECT plain_{part}(x, v), v, {part}_of(x) FROM"
        f" (SELECT x, nullif(split_part(x, ' ', {number}), '') AS v FROM (SELECT ?::VARCHAR AS x))",
        [gap.join(address)],
    ).fetchone()
    assert row is not None
    is_usual, quick, careful = row
    assert not is_usual or quick == careful


@settings(deadline=None)
@given(cells_seen=st.lists(st.text("0123456789.,-+¥元eE_() \t=\"'", max_size=24), min_size=1))
@pytest.mark.parametrize(
    ("test", "value", "general"), QUICK_AND_GENERAL, ids=[case[0] for case in QUICK_AND_GENERAL]
)
def test_a_usual_form_is_a_matter_of_speed_never_of_meaning(
    database: duckdb.DuckDBPyConnection,
    test: str,
    value: str,
    general: str,
    cells_seen: list[str],
) -> None:
    differing = database.execute(
        f"SELECT x, {value.format(x='x')}, {general}(x) FROM (SELECT unnest(?::VARCHAR[]) AS x)"
        f" WHERE {test}(x) AND {value.format(x='x')} IS NOT NULL"
        f" AND {value.format(x='x')} IS DISTINCT FROM {general}(x)",
        [cells_seen],
    ).fetchall()
    assert differing == []
