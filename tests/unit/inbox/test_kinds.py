"""Each kind: a made-up file with the oddities of exports.md, and the typed rows made of it."""

# ruff: noqa: DTZ001 - tables hold Beijing wall clock without a zone
from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from pipelines.sources.inbox.checks import check_table
from pipelines.sources.inbox.documents import Document
from pipelines.sources.inbox.mapping import shipped_mappings
from pipelines.sources.inbox.normalise import Normaliser, Origin
from pipelines.sources.inbox.opening import open_table

CASES: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "kinds.yml").read_text(encoding="utf-8")
)
TESTED_ELSEWHERE = {  # tests/integration/inbox, with the real sets
    "doudian_aftersales", "doudian_live_sessions", "doudian_orders", "qianchuan_material_snapshots",
    "qianchuan_materials", "taobao_listings", "taobao_orders",
}  # fmt: skip
PERSONAL = re.compile("欧阳测试君|幸福路|13987654321|fox|11010119900307123X|西湖区|南山区|武侯区")


@dataclass(frozen=True)
class Read:
    """What the loader made of a file."""

    kind: str
    layout: str
    rows: list[dict[str, Any]]
    quarantined: list[list[object]]
    dropped: int
    gaps: list[str]
    broken_promises: list[str]


def _file(kind: str, case: dict[str, Any]) -> bytes:
    layout = next(item for item in shipped_mappings()[kind].layouts if item.name == case["layout"])
    renamed = case.get("rename", {})
    headers = [renamed.get(name, name) for name in layout.headers] + case.get("more", [])
    unknown = {cell for row in case["rows"] for cell in row} - set(headers)
    assert unknown == set()
    below = [(case["below"] + [""] * len(headers))[: len(headers)]] if "below" in case else []
    rows = [headers, *below, *([row.get(name, "") for name in headers] for row in case["rows"])]
    end = [""] if case.get("trailing_comma") else []
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([*row, *end] for row in rows)
    above = "".join(f"{line}\r\n" for line in case.get("above", []))
    return (above + text.getvalue()).encode(case.get("encoding", "utf-8-sig"))


def _read(kind: str, case: dict[str, Any], folder: Path) -> Read:
    path = folder / "export.csv"
    path.write_bytes(_file(kind, case))
    document = Document(path.name, path, "f1", "text", datetime(2026, 8, 1))
    opened = open_table(document, shipped_mappings(), folder)
    normaliser = Normaliser(
        opened.recognised.mapping,
        opened.recognised.columns,
        report_day=None,
        key=b"secret",
        scratch=folder,
        memory_limit="4GB",
    )
    opened.feed(normaliser)
    written = normaliser.write_rows(folder, Origin("s", "f1", path.name, datetime(2026, 8, 1)), "1")
    frames = [pl.read_parquet(file) for file, _ in written]
    read = Read(
        kind=opened.recognised.mapping.kind,
        layout=opened.recognised.layout,
        rows=pl.concat(frames, how="diagonal").sort("_line").to_dicts(),
        quarantined=[[row["line"], row["reason"]] for row in normaliser.quarantined(9)],
        dropped=normaliser.rows_total_dropped,
        gaps=normaliser.total_gaps(),
        broken_promises=[failure for frame in frames for failure in check_table(kind, frame)],
    )
    normaliser.close()
    return read


@pytest.fixture(scope="module", params=CASES)
def read(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Read:
    return _read(request.param, CASES[request.param], tmp_path_factory.mktemp(request.param))


def test_a_made_up_file_of_each_kind_is_read_to_typed_rows(read: Read) -> None:
    case = CASES[read.kind]
    assert read.layout == case["layout"]
    assert read.quarantined == case.get("quarantined", [])
    # Notes above the header are not rows and are not counted.
    assert read.dropped == case.get("dropped", 0)
    found = [
        {name: None if row.get(name) is None else str(row[name]) for name in expected}
        for row, expected in zip(read.rows, case["expected"], strict=True)
    ]
    assert found == case["expected"]
    assert [gap.split(":")[0] for gap in read.gaps] == case.get("gaps", [])
    assert read.broken_promises == []


def test_nothing_personal_is_kept(read: Read) -> None:
    assert PERSONAL.findall(str(read.rows)) == []
    for name in CASES[read.kind].get("hashed", []):
        assert re.fullmatch("[0-9a-f]{64}", read.rows[0][name])
    assert all(row["_extra"] is None for row in read.rows)


def test_every_kind_has_a_file() -> None:
    assert {*CASES, *TESTED_ELSEWHERE} == set(shipped_mappings())
