"""Mappings: what a mistake in one says, and the times that file names hold."""

# ruff: noqa: DTZ001 - tables hold Beijing wall clock without a zone
from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from pipelines.errors import KoujingError
from pipelines.sources.inbox import raw_tables
from pipelines.sources.inbox.mapping import MAPPINGS_DIR, read_mapping, shipped_mappings
from pipelines.sources.inbox.names import NameTimes, times_in_name

PRICE = 3  # the position of price_amount
MISTAKES: dict[str, Callable[[dict[str, Any]], object]] = {
    "unknown key": lambda m: m["fields"][PRICE].update(currency="CNY"),
    "unknown type": lambda m: m["fields"][PRICE].update(type="float"),
    "no unit": lambda m: m["fields"][PRICE].pop("unit"),
    "grain": lambda m: m.update(grain=["item", "snapshot_date"]),
    "stray header": lambda m: m["layouts"][0]["headers"].append("收藏数"),
    "two of a name": lambda m: m["fields"].append(m["fields"][2]),
    "total rule": lambda m: m.update(totals=[{"field": "title"}]),
    "file name": lambda m: m.update(file_names=[{"pattern": "(?P<day>x)"}]),
    "kind": lambda m: m.update(kind="listings"),
    "amounts missing": lambda m: m.pop("amounts"),
}


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        ("unknown key", r"fields\.3 \(price_amount\)\.currency: Extra inputs are not permitted"),
        ("unknown type", r"fields\.3 \(price_amount\)\.type: Input should be 'id', 'text'"),
        ("no unit", r"fields\.3 \(price_amount\): say the unit of a number"),
        ("grain", "name unknown fields: item"),
        ("stray header", "layout 'listings-2016': no field and no 'dropped' names 收藏数"),
        ("two of a name", "fields named twice: title"),
        ("total rule", "say either empty: true or words"),
        ("file name", "name its groups out of exported_at"),
        ("kind", "says kind: listings"),
        ("amounts missing", "amounts: Field required"),
    ],
)
def test_a_mistake_names_file_field_and_what_is_wrong(
    tmp_path: Path, mistake: str, message: str
) -> None:
    content = yaml.safe_load((MAPPINGS_DIR / "taobao_listings.yml").read_text(encoding="utf-8"))
    MISTAKES[mistake](content)
    path = tmp_path / "taobao_listings.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(KoujingError, match=message) as error:
        read_mapping(path)
    assert "taobao_listings.yml" in error.value.message


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text("kind: [", encoding="utf-8")
    with pytest.raises(KoujingError, match=r"x\.yml is not YAML"):
        read_mapping(path)


def test_raw_tables_name_every_kind_and_their_own() -> None:
    tables = raw_tables()
    assert set(tables) == {*shipped_mappings(), "files", "quarantine"}
    assert len(shipped_mappings()) == 32
    orders = tables["taobao_orders"]
    assert orders.field("net_paid_amount").type == pa.decimal128(18, 2)
    assert orders.field("order_id").type == pa.string()
    assert orders.field("paid_at").type == pa.timestamp("us")
    for kind in shipped_mappings():
        assert {"shop_key", "_file_id", "_line", "_version", "_extra"} <= set(tables[kind].names)


@pytest.mark.parametrize(
    ("kind", "name", "times"),
    [
        ("doudian_orders", "1791430000_new.csv", NameTimes(datetime(2026, 10, 8, 11, 26, 40))),
        ("doudian_orders", "orders.csv", NameTimes()),
        ("taobao_orders", "ExportOrderList202607010203.csv", NameTimes(datetime(2026, 7, 1, 2, 3))),
        (
            "taobao_orders",
            "a.zip/ExportOrderList20260701020304.csv",
            NameTimes(datetime(2026, 7, 1, 2, 3, 4)),
        ),
        (
            "weixin_shop_orders",
            "微信小店订单_wx01_2026年06月12日22时04分13秒.zip/订单.xlsx",
            NameTimes(datetime(2026, 6, 12, 22, 4, 13)),
        ),
        (
            "pdd_orders",
            "orders_export2026-06-12-22-01-40.csv",
            NameTimes(datetime(2026, 6, 12, 22, 1, 40)),
        ),
        (
            "doudian_settlements",
            "DL20260612220140123.csv",
            NameTimes(datetime(2026, 6, 12, 22, 1, 40)),
        ),
        (
            "taobao_order_items",
            "ExportItemlList202606122201.csv",
            NameTimes(datetime(2026, 6, 12, 22, 1)),
        ),
        ("taobao_orders", "ExportOrderList209999123456.csv", NameTimes()),
        ("taobao_orders", "ExportOrderList15043218.csv", NameTimes()),
        (
            "qianchuan_materials",
            "全域数据_素材分析_视频_2026-06-01 00_00_00-2026-06-02 23_59_59-a1.xlsx",
            NameTimes(None, date(2026, 6, 1), date(2026, 6, 2)),
        ),
    ],
)
def test_times_in_file_names(kind: str, name: str, times: NameTimes) -> None:
    assert times_in_name(shipped_mappings()[kind], name) == times
