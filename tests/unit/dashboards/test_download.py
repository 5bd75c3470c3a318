from __future__ import annotations

import csv
import io
from collections.abc import Callable

from tests.fakes.metric_reader import FakeMetricReader
from tests.unit.dashboards.conftest import Visitor

TWO_DAYS = "?from=2026-11-20&to=2026-11-21"


def rows_of(visitor: Visitor, search: str) -> list[dict[str, str]]:
    answer = visitor.client.get(f"/download/overview.csv{search}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_the_file_holds_every_digit(visit: Callable[[str], Visitor]) -> None:
    rows = rows_of(visit("boss"), TWO_DAYS)

    (total,) = [row for row in rows if (row["区块"], row["指标id"]) == ("合计", "pay_amt")]
    assert (total["数值"], total["对比期数值"], total["单位"]) == ("16000.78", "12800.00", "元")
    shops = {
        row["成员键"]: row["数值"]
        for row in rows
        if row["区块"] == "按店铺" and row["指标id"] == "pay_amt"
    }
    assert shops == {"dy-book": "544.00", "dy-demo": "3456.78", "tmall-demo": "12000.00"}
    assert {row["发布版本"] for row in rows} == {"v20261122.013005"}


def test_the_file_holds_only_what_its_reader_may_see(visit: Callable[[str], Visitor]) -> None:
    rows = rows_of(visit("tmall"), TWO_DAYS + "&shop=dy-demo")

    (total,) = [row for row in rows if (row["区块"], row["指标id"]) == ("合计", "pay_amt")]
    assert total["数值"] == "12000.00"
    assert not any("dy-demo" in value for row in rows for value in row.values())


def test_excel_is_told_the_encoding_and_runs_no_names(
    visit: Callable[[str], Visitor], reader: FakeMetricReader
) -> None:
    reader.names["shop"] = reader.names["shop"] | {"dy-demo": "=cmd|' /C calc'!A0"}
    answer = visit("boss").client.get(f"/download/overview.csv{TWO_DAYS}")

    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "'=cmd" in answer.data.decode("utf-8-sig")
    assert ",=cmd" not in answer.data.decode("utf-8-sig")
