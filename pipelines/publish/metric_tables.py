"""The dictionary and the daily metrics as tables of the serving database.

Data flow: metric dictionary -> ``metrics.metric_dictionary``, ``metrics.metric_aliases``; its SQL
over the version's marts -> ``metrics.metrics_daily``.
What does not belong here: any formula. The SQL comes from the dictionary.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import duckdb

from pipelines.publish.serving import create
from pipelines.publish.tables import METRICS, Column, Table, quoted, refuse

# Metrics that may be summed over days, shops and channels; the others are audited by rows alone.
_SUMMABLE = ("A", "A-sku")
_DIMENSIONS = {"shop": "shop_key", "channel": "channel"}

DICTIONARY_TABLE = Table(
    schema=METRICS,
    name="metric_dictionary",
    description="指标字典: 每个指标一行, 口径以此为准",
    columns=(
        Column("metric_id", "VARCHAR", "指标编码, 全局唯一, 不重复使用"),
        Column("name_zh", "VARCHAR", "指标中文名"),
        Column("name_en", "VARCHAR", "指标英文名"),
        Column("description", "VARCHAR", "指标说明: 算什么, 不算什么, 何时为空"),
        Column("business_owner", "VARCHAR", "业务负责人"),
        Column("tech_owner", "VARCHAR", "技术负责人"),
        Column("unit", "VARCHAR", "单位, 如 CNY 元, orders 单, ratio 比率 (0 到 1)"),
        Column("decimals", "INTEGER", "展示时保留的小数位数"),
        Column("type", "VARCHAR", "类型: simple 原子, ratio 比率, derived 复合, cumulative 累计"),
        Column("formula", "VARCHAR", "口径公式 (中文)"),
        Column("inputs", "VARCHAR[]", "由哪些指标算出; 空: 直接取自事实表"),
        Column("facts", "VARCHAR[]", "取数所用的事实表"),
        Column("default_filter", "VARCHAR", "默认过滤条件"),
        Column("anchor", "VARCHAR", "时间口径: 按哪个时间归属到日, 如 PT 支付时间"),
        Column("grains", "VARCHAR[]", "可用的时间粒度"),
        Column("dimensions", "VARCHAR[]", "可用的维度"),
        Column(
            "additive",
            "VARCHAR",
            "可加性: A 可加, A-sku 除商品外可加, D 去重不可加, R 比率须重算, S 时间上不可加",
        ),
        Column("restatement_days", "INTEGER", "回溯天数: 最近这些天的数会因退款等继续变化"),
        Column(
            "platform_mapping", "MAP(VARCHAR, VARCHAR)", "与各平台后台指标的对应与差异, 平台 → 说明"
        ),
        Column(
            "marks",
            "STRUCT(kind VARCHAR, metric VARCHAR)[]",
            "须一并说明的标记: 种类 kind 与反映其大小的指标 metric",
        ),
        Column("direction", "VARCHAR", "好坏方向: up 越高越好, down 越低越好, none 无方向"),
        Column("status", "VARCHAR", "状态: draft 草稿, certified 已认证, deprecated 已停用"),
        Column("version", "VARCHAR", "口径版本"),
        Column("valid_from", "DATE", "本口径生效日期"),
        Column("valid_to", "DATE", "本口径失效日期; 空: 仍有效"),
        Column("replaced_by", "VARCHAR", "停用后由哪个指标替代; 空: 未停用"),
        Column("aliases", "VARCHAR[]", "别名与平台叫法"),
        Column("traps", "VARCHAR", "易错点"),
        Column("example", "VARCHAR", "算例: 输入与结果"),
        Column("tests", "VARCHAR[]", "守护本指标的测试"),
        Column("storable_daily", "BOOLEAN", "是否存入指标日表 metrics_daily"),
    ),
)
_FIELD_OF = {"metric_id": "id", "name_zh": "zh", "name_en": "en"}
ALIASES_TABLE = Table(
    schema=METRICS,
    name="metric_aliases",
    description="指标别名: 每个名字 (编码、中文名、别名) 一行, 只指向一个指标",
    columns=(
        Column("alias", "VARCHAR", "名字"),
        Column("metric_id", "VARCHAR", "所指的指标编码"),
        Column("kind", "VARCHAR", "名字的种类: id 编码, zh 中文名, alias 别名"),
    ),
)
DAILY_TABLE = Table(
    schema=METRICS,
    name="metrics_daily",
    description="指标日表: 指标 × 日 × 店铺一行; 只含可以相加的指标; 没有行即为 0",
    columns=(
        Column("metric_id", "VARCHAR", "指标编码, 口径见 metric_dictionary"),
        Column("metric_name", "VARCHAR", "指标中文名"),
        Column("date_day", "DATE", "业务日, 按指标自己的时间口径 (见 metric_dictionary.anchor)"),
        Column("shop_key", "VARCHAR", "店铺编码; 空: 指标不分店铺"),
        Column("channel", "VARCHAR", "渠道编码; 空: 指标不分渠道"),
        Column("value", "DECIMAL(38,6)", "指标值, 单位见 unit"),
        Column("unit", "VARCHAR", "单位"),
        Column("metric_version", "VARCHAR", "计算时的口径版本"),
    ),
    partition_by="date_day",
)
METRIC_TABLES = (DICTIONARY_TABLE, ALIASES_TABLE, DAILY_TABLE)


class Entry(Protocol):
    """What the outlet needs of a dictionary entry (``metrics_dictionary.catalog.MetricEntry``)."""

    @property
    def id(self) -> str:
        """Unique id."""

    @property
    def zh(self) -> str:
        """Chinese name."""

    @property
    def grains(self) -> Sequence[str]:
        """Time grains it may be asked by."""

    @property
    def facts(self) -> Sequence[str]:
        """Fact tables it reads."""

    @property
    def anchor(self) -> str:
        """Which time dates it."""

    @property
    def dimensions(self) -> Sequence[str]:
        """Short names of its dimensions."""

    @property
    def additive(self) -> str:
        """Over what it may be summed."""

    @property
    def aliases(self) -> Sequence[str]:
        """Other names."""

    @property
    def storable_daily(self) -> bool:
        """Whether it may be stored by day and shop."""

    def model_dump(self, *, mode: str = ...) -> dict[str, Any]:
        """All fields."""


class Dictionary(Protocol):
    """The metric dictionary: its entries, and the SQL of its metrics."""

    @property
    def entries(self) -> Sequence[Entry]:
        """Every metric."""

    def compile(self, metrics: Sequence[str], by: Sequence[str]) -> str:
        """DuckDB SQL whose columns are the dimensions' short names, then the metric ids."""


class DefinedDictionary:
    """The dictionary of a semantic manifest, as dbt wrote it."""

    def __init__(self, semantic_manifest: Path) -> None:
        from metrics_dictionary.catalog import Catalog
        from metrics_dictionary.engine import MetricEngine

        self.entries: Sequence[Entry] = Catalog.load(semantic_manifest).entries
        self._engine = MetricEngine(semantic_manifest)

    def compile(self, metrics: Sequence[str], by: Sequence[str]) -> str:
        """DuckDB SQL of some metrics by some dimensions."""
        return str(self._engine.compile(metrics, by))


def write_metric_tables(connection: duckdb.DuckDBPyConnection, dictionary: Dictionary) -> None:
    """Write the dictionary, its aliases and the daily metrics into the open database.

    Raises:
        BuildFailedError: An entry has a field without a column, or a daily metric is a float.
    """
    _write_dictionary(connection, dictionary.entries)
    create(connection, DAILY_TABLE)
    for group, dimensions in daily_groups(dictionary.entries):
        _write_daily(connection, dictionary, group, dimensions)


def daily_groups(entries: Iterable[Entry]) -> list[tuple[list[str], tuple[str, ...]]]:
    """Daily metrics that one statement can answer: same facts, same anchor, same dimensions.

    Returns:
        Metric ids, with the dimensions (of shop and channel) that they know.
    """
    groups: dict[tuple[Any, ...], tuple[list[str], tuple[str, ...]]] = {}
    for entry in entries:
        if entry.storable_daily:
            dimensions = tuple(name for name in _DIMENSIONS if name in entry.dimensions)
            key = (tuple(sorted(entry.facts)), entry.anchor, dimensions)
            groups.setdefault(key, ([], dimensions))[0].append(entry.id)
    return list(groups.values())


def whole_sums(connection: duckdb.DuckDBPyConnection, dictionary: Dictionary) -> dict[str, Decimal]:
    """Each summable daily metric asked as a whole: one number over all days and shops."""
    summable = {entry.id for entry in dictionary.entries if entry.additive in _SUMMABLE}
    sums: dict[str, Decimal] = {}
    for group, _ in daily_groups(dictionary.entries):
        asked = [metric for metric in group if metric in summable]
        if asked:
            names = ", ".join(quoted(metric) for metric in asked)
            sql = dictionary.compile(asked, ())
            row = connection.execute(f"select {names} from ({sql})").fetchone()
            values = row or [None] * len(asked)
            sums |= {
                metric: Decimal(value or 0) for metric, value in zip(asked, values, strict=True)
            }
    return sums


def _write_dictionary(connection: duckdb.DuckDBPyConnection, entries: Sequence[Entry]) -> None:
    fields = [_FIELD_OF.get(column.name, column.name) for column in DICTIONARY_TABLE.columns]
    rows = [
        entry.model_dump(mode="json")
        | {"grains": list(entry.grains), "storable_daily": entry.storable_daily}
        for entry in entries
    ]
    unknown = sorted({field for row in rows for field in row} - set(fields))
    refuse(
        [f"The dictionary has a field '{field}' that has no column." for field in unknown],
        "Add a column with a Chinese comment to DICTIONARY_TABLE in publish/metric_tables.py.",
    )
    create(connection, DICTIONARY_TABLE)
    shape = {
        field: _json_type(column.data_type)
        for field, column in zip(fields, DICTIONARY_TABLE.columns, strict=True)
    }
    _insert_json(connection, DICTIONARY_TABLE, rows, shape)
    create(connection, ALIASES_TABLE)
    names = [
        {"alias": name, "metric_id": entry.id, "kind": kind}
        for entry in entries
        for name, kind in _names_of(entry).items()
    ]
    columns = {column.name: column.data_type for column in ALIASES_TABLE.columns}
    _insert_json(connection, ALIASES_TABLE, names, columns)


def _names_of(entry: Entry) -> dict[str, str]:
    """Every name of a metric, once, with what kind of name it is."""
    names = dict.fromkeys(entry.aliases, "alias")
    return names | {entry.zh: "zh", entry.id: "id"}


def _json_type(data_type: str) -> list[str] | str:
    """A column's type in the words of ``from_json``: a list is a JSON array of its one type."""
    return [data_type.removesuffix("[]")] if data_type.endswith("[]") else data_type


def _insert_json(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    rows: list[dict[str, Any]],
    shape: Mapping[str, Any],
) -> None:
    """Insert rows in one statement; ``shape`` names their fields in the order of the columns."""
    fields = ", ".join(f"row.{quoted(field)}" for field in shape)
    connection.execute(
        f"insert into {table.relation()} select {fields} "
        "from (select unnest(from_json(?::json, ?)) as row)",
        [json.dumps(rows, ensure_ascii=False), json.dumps([dict(shape)])],
    )


def _write_daily(
    connection: duckdb.DuckDBPyConnection,
    dictionary: Dictionary,
    metrics: list[str],
    dimensions: tuple[str, ...],
) -> None:
    # The dictionary answers every day of the calendar, with 0 where nothing happened: those
    # rows say nothing about a number that is only ever added up, and would be most of the table.
    sql = dictionary.compile(metrics, ("day", *dimensions))
    _refuse_floats(connection, sql, metrics)
    keys = ", ".join(
        f"{quoted(name) if name in dimensions else 'null::varchar'} as {column}"
        for name, column in _DIMENSIONS.items()
    )
    values = ", ".join(f"{quoted(name)}::decimal(38, 6) as {quoted(name)}" for name in metrics)
    names = ", ".join(quoted(name) for name in metrics)
    connection.execute(
        f"""
        insert into {DAILY_TABLE.relation()} by name
        select
            daily.metric_id, entry.name_zh as metric_name, daily.date_day, daily.shop_key,
            daily.channel, daily.value, entry.unit, entry.version as metric_version
        from (
            unpivot (select "day"::date as date_day, {keys}, {values} from ({sql}))
            on {names} into name metric_id value value
        ) as daily
        inner join {DICTIONARY_TABLE.relation()} as entry using (metric_id)
        where daily.value <> 0
        order by daily.metric_id, daily.date_day, daily.shop_key
        """
    )


def _refuse_floats(connection: duckdb.DuckDBPyConnection, sql: str, metrics: Sequence[str]) -> None:
    types = {row[0]: row[1] for row in connection.execute(f"describe {sql}").fetchall()}
    refuse(
        [
            f"Metric {name} is computed as {types[name]}: its sum would not be exact."
            for name in metrics
            if types[name] in ("FLOAT", "DOUBLE")
        ],
        "Let its definition keep decimals, or set storable_daily to false.",
    )
