"""A metric query as the dictionary compiles it, beside the same question in hand-written SQL.

Both run on one file of a million order lines, warm, several times a call; compiling is not in the
time, since compiled SQL is kept. That both give the same numbers is checked before the timing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from benchmarks.harness import Benchmark, BenchmarkError, Contender
from benchmarks.worker import Call, Task

METRICS = ("pay_amt", "pay_order_cnt", "avg_order_value")
START, END = date(2026, 9, 22), date(2026, 11, 20)
RUNS = 10
# A DuckDB catalog is named after its file, and the compiled SQL names the catalog.
DATABASE = "koujing.duckdb"
MANIFEST = "semantic_manifest.json"

BY_HAND = f"""
    SELECT dim_dates.date_day AS day, shops.shop_key AS shop,
        coalesce(paid.amount, 0) AS pay_amt, coalesce(paid.orders, 0) AS pay_order_cnt,
        paid.amount / nullif(paid.orders, 0) AS avg_order_value
    FROM marts.dim_dates
    CROSS JOIN (SELECT DISTINCT shop_key FROM marts.fct_order_lines) AS shops
    LEFT JOIN (
        SELECT pay_date, shop_key, sum(paid_amount) AS amount,
            count(DISTINCT order_key) AS orders
        FROM marts.fct_order_lines
        WHERE is_valid AND pay_date BETWEEN DATE '{START}' AND DATE '{END}'
        GROUP BY ALL
    ) AS paid ON paid.pay_date = dim_dates.date_day AND paid.shop_key = shops.shop_key
    WHERE dim_dates.date_day BETWEEN DATE '{START}' AND DATE '{END}'
    ORDER BY day, shop
"""


def prepare(task: Task) -> Call:
    """Order lines of 38 shops over the sixty days, and the dictionary as dbt parses it."""

    def make() -> int:
        import duckdb

        from pipelines.parsing import parsed_semantic_manifest
        from pipelines.settings import Settings

        manifest = parsed_semantic_manifest(Settings(home=task.scratch / "home"))
        (task.inputs / MANIFEST).write_bytes(manifest.read_bytes())
        with duckdb.connect(str(task.inputs / DATABASE)) as connection:
            connection.execute("CREATE SCHEMA marts")
            connection.execute(_dates_sql())
            connection.execute(_order_lines_sql(task.scale))
        return task.scale

    return make


def compiled(task: Task) -> Call:
    """What ``MetricEngine`` compiles for the question."""
    from metrics_dictionary.engine import MetricEngine

    engine = MetricEngine(task.inputs / MANIFEST)
    return _timed(task, engine.compile(METRICS, ("day", "shop"), START, END))


def by_hand(task: Task) -> Call:
    """The question as an analyst writes it."""
    return _timed(task, BY_HAND)


def _timed(task: Task, sql: str) -> Call:
    query = _query(task.inputs / DATABASE)
    if _rounded(query(sql)) != _rounded(query(BY_HAND)):
        raise BenchmarkError("the compiled query and the hand-written one give other numbers")

    def call() -> int:
        return sum(len(query(sql)) for _ in range(RUNS))

    return call


def _query(database: Path) -> Callable[[str], list[tuple[object, ...]]]:
    import duckdb

    connection = duckdb.connect(str(database), read_only=True)
    return lambda sql: connection.execute(sql).fetchall()


def _rounded(rows: list[tuple[object, ...]]) -> list[tuple[str, ...]]:
    # A ratio is a double in one and a decimal in the other: compare it to the cent.
    return [(*map(str, row[:3]), f"{float(str(row[3])):.0f}", _cents(row[4])) for row in rows]


def _cents(value: object) -> str:
    return "" if value is None else f"{float(str(value)):.2f}"


def _dates_sql() -> str:
    return """
        CREATE TABLE marts.dim_dates AS
        SELECT
            CAST(day AS DATE) AS date_day,
            CAST(date_trunc('week', day) AS DATE) AS week_start,
            CAST(date_trunc('month', day) AS DATE) AS month_start,
            CAST(date_trunc('quarter', day) AS DATE) AS quarter_start,
            CAST(date_trunc('year', day) AS DATE) AS year_start
        FROM range(TIMESTAMP '2015-01-01', TIMESTAMP '2028-01-01', INTERVAL 1 DAY) AS days(day)
    """


def _order_lines_sql(lines: int) -> str:
    return f"""
        CREATE TABLE marts.fct_order_lines AS
        SELECT
            md5('line' || i) AS order_line_key,
            md5('order' || i // 2) AS order_key,
            'taobao' AS channel,
            'shop-' || hash(i // 2, 1) % 38 AS shop_key,
            CAST('2026-09-22' AS DATE) + CAST(hash(i // 2, 2) % 60 AS INTEGER) AS order_date,
            CASE WHEN hash(i // 2, 3) % 8 > 0 THEN order_date END AS pay_date,
            'province-' || hash(i // 2, 4) % 31 AS province,
            md5('buyer' || hash(i // 2, 5) % 300000) AS buyer_key,
            'product-' || hash(i, 6) % 500 AS product_id,
            'sku-' || hash(i, 7) % 1500 AS sku_id,
            CAST(1 + hash(i, 8) % 3 AS BIGINT) AS quantity,
            CAST(9 + hash(i, 9) % 90000 / 100 AS DECIMAL(18, 2)) AS order_amount,
            CASE WHEN pay_date IS NOT NULL THEN order_amount END AS paid_amount,
            false AS is_exception,
            true AS is_valid
        FROM range({lines}) AS numbers(i)
        ORDER BY order_date
    """


BENCHMARKS = (
    Benchmark(
        name="metric_query",
        title=f"{', '.join(METRICS)} by day and shop, {RUNS} times",
        prepare="benchmarks.metric_query:prepare",
        contenders=(
            Contender("by_hand", "benchmarks.metric_query:by_hand"),
            Contender("compiled", "benchmarks.metric_query:compiled"),
        ),
        baseline="by_hand",
        scale=1_000_000,
        quick_scale=50_000,
        unit="order lines",
    ),
)
