"""A made-up build: a small warehouse, dbt's artifacts for it, and a dictionary of three metrics.

Three shops, three days, every number written out by hand: the tests state what must come of it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import duckdb

from pipelines.settings import SHANGHAI, Settings

COLUMNS: dict[str, dict[str, tuple[str, str]]] = {
    "dim_shops": {
        "shop_key": ("varchar", "店铺编码"),
        "shop_name": ("varchar", "店铺名称"),
        "channel": ("varchar", "渠道编码"),
    },
    "fct_orders": {
        "shop_key": ("varchar", "店铺编码"),
        "channel": ("varchar", "渠道编码"),
        "order_id": ("varchar", "订单号"),
        "order_date": ("date", "下单日; 空: 平台没有给出下单时间"),
        "paid_amount": ("decimal(18,2)", "实付金额, 元, 未扣退款"),
        "quantity": ("bigint", "件数"),
    },
    "data_freshness": {
        "shop_key": ("varchar", "店铺编码"),
        "channel": ("varchar", "渠道编码"),
        "kind": ("varchar", "种类: shop 店铺, ad_account 广告账户"),
        "newest_event_at": ("timestamp", "最新业务时刻"),
        "newest_export_at": ("timestamp", "最新导出时刻"),
    },
}
DESCRIPTIONS = {
    "dim_shops": "店铺维度, 一店一行",
    "fct_orders": "订单事实, 一单一行; '含' 未支付",
    "data_freshness": "各店数据新鲜度",
}
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "dim_shops": [
        ("tmall-a", "甲店", "taobao"),
        ("tmall-b", "乙店", "taobao"),
        ("doudian-c", "丙店", "doudian"),
    ],
    "fct_orders": [
        ("tmall-a", "taobao", "1001", "2026-11-09", "100.10", 1),
        ("tmall-b", "taobao", "1002", "2026-11-09", "20.20", 2),
        ("tmall-a", "taobao", "1003", "2026-11-10", "3.30", 1),
        ("doudian-c", "doudian", "1004", "2026-11-11", "5000.00", 10),
        ("doudian-c", "doudian", "1005", "2026-11-11", "0.01", 1),
        ("tmall-b", "taobao", "1006", None, None, 1),
    ],
    "data_freshness": [
        ("tmall-a", "taobao", "shop", "2026-11-10 21:00:00", "2026-11-12 08:00:00"),
        ("tmall-b", "taobao", "shop", "2026-11-09 12:00:00", "2026-11-10 08:00:00"),
        ("doudian-c", "doudian", "shop", "2026-11-11 23:59:59", "2026-11-11 20:00:00"),
        ("qc-d", "qianchuan", "ad_account", None, "2026-11-12 07:00:00"),
    ],
}


@dataclass
class FakeWarehouse:
    """The build database and dbt's artifacts of one home. Change it, then publish again."""

    settings: Settings
    columns: dict[str, dict[str, tuple[str, str]]] = field(
        default_factory=lambda: {table: dict(columns) for table, columns in COLUMNS.items()}
    )
    descriptions: dict[str, str] = field(default_factory=lambda: dict(DESCRIPTIONS))

    def build(self) -> FakeWarehouse:
        """Write the warehouse with its first rows, and the artifacts."""
        path = self.settings.warehouse_path
        shutil.rmtree(path.parent, ignore_errors=True)
        path.parent.mkdir(parents=True)
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema marts")
            connection.execute("create schema staging")
            connection.execute("create table staging.stg_orders as select 'secret' as raw_name")
            for table, rows in ROWS.items():
                columns = ", ".join(
                    f"{name} {kind}" for name, (kind, _) in self.columns[table].items()
                )
                connection.execute(f"create table marts.{table} ({columns})")
                marks = ", ".join("?" * len(rows[0]))
                connection.executemany(f"insert into marts.{table} values ({marks})", rows)
        self.write_artifacts()
        return self

    def sql(self, *statements: str) -> None:
        """Change the build, as another dbt run would."""
        with duckdb.connect(str(self.settings.warehouse_path)) as connection:
            for statement in statements:
                connection.execute(statement)

    def write_artifacts(self) -> None:
        """Write dbt's manifest and semantic manifest, from ``columns`` and ``descriptions``."""
        nodes = {
            f"model.koujing.{table}": {
                "resource_type": "model",
                "schema": "marts",
                "name": table,
                "alias": table,
                "description": self.descriptions[table],
                "config": {
                    "materialized": "table",
                    "meta": {"export_partition": "order_date"} if table == "fct_orders" else {},
                },
                "columns": {
                    name: {"name": name, "description": text} for name, (_, text) in columns.items()
                },
            }
            for table, columns in self.columns.items()
        }
        target = self.settings.dbt_target_dir
        target.mkdir(parents=True, exist_ok=True)
        (target / "manifest.json").write_text(json.dumps({"nodes": nodes}), encoding="utf-8")
        (target / "semantic_manifest.json").write_text('{"metrics": []}', encoding="utf-8")


@dataclass(frozen=True)
class FakeEntry:
    """A dictionary entry with the fields of ``metrics_dictionary.catalog.MetricEntry``."""

    id: str
    zh: str
    unit: str
    additive: str = "A"
    aliases: tuple[str, ...] = ()
    facts: tuple[str, ...] = ("OL",)
    anchor: str = "OT 下单时间"
    dimensions: tuple[str, ...] = ("day", "month", "shop", "channel")

    @property
    def grains(self) -> tuple[str, ...]:
        """Time grains."""
        return ("day", "month")

    @property
    def storable_daily(self) -> bool:
        """Whether it may be added up."""
        return self.additive in {"A", "A-sku"}

    def model_dump(self, *, mode: str = "python") -> dict[str, Any]:
        """All fields."""
        day: Any = date(2026, 1, 1)
        return {
            "id": self.id,
            "zh": self.zh,
            "en": self.id.replace("_", " "),
            "description": f"{self.zh}: 测试用",
            "business_owner": "运营",
            "tech_owner": "数据",
            "unit": self.unit,
            "decimals": 2,
            "type": "simple",
            "formula": f"求和({self.id})",
            "inputs": [],
            "facts": list(self.facts),
            "default_filter": "无",
            "anchor": self.anchor,
            "dimensions": list(self.dimensions),
            "additive": self.additive,
            "restatement_days": 0,
            "platform_mapping": {"taobao": "生意参谋 支付金额"},
            "marks": [{"kind": "undated", "metric": "order_line_cnt"}],
            "direction": "up",
            "status": "certified",
            "version": "1.0",
            "valid_from": day.isoformat() if mode == "json" else day,
            "valid_to": None,
            "replaced_by": None,
            "aliases": list(self.aliases),
            "traps": "无",
            "example": "1 单 2 元 → 2.00",
            "tests": ["test_made_up"],
        }


ENTRIES = (
    FakeEntry("pay_amt", "支付金额", "CNY", aliases=("支付GMV", "成交金额")),
    FakeEntry("pay_qty", "支付件数", "pieces"),
    FakeEntry("avg_unit_price", "件单价", "CNY", additive="R"),
)
_FORMULAS = {
    "pay_amt": "sum(paid_amount)",
    "pay_qty": "sum(quantity)",
    "avg_unit_price": "sum(paid_amount) / sum(quantity)",
}


@dataclass(frozen=True)
class FakeDictionary:
    """Answers like the metric engine: dimensions first, then metrics, only dated records."""

    entries: Sequence[FakeEntry] = ENTRIES
    formulas: dict[str, str] = field(default_factory=lambda: dict(_FORMULAS))

    def compile(self, metrics: Sequence[str], by: Sequence[str]) -> str:
        """SQL over the made-up orders."""
        dimensions = {"day": "order_date", "shop": "shop_key", "channel": "channel"}
        selected = [f'{dimensions[name]} as "{name}"' for name in by]
        selected += [f'{self.formulas[metric]} as "{metric}"' for metric in metrics]
        grouped = f" group by {', '.join(dimensions[name] for name in by)}" if by else ""
        return (
            f"select {', '.join(selected)} from koujing.marts.fct_orders "
            f"where order_date is not null{grouped}"
        )


def at(moment: str) -> Callable[[], datetime]:
    """A clock that stands still, at a moment in Asia/Shanghai."""
    return lambda: datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)
