"""A back office's order CSV into the lake, beside DuckDB's own COPY of the same file to Parquet.

``koujing`` times ``load_paths`` inside a process that is warm (one tiny file loaded before),
``duckdb_copy`` times COPY in the same way: the target compares these two. The ``…_process``
contenders time a whole command, interpreter start and imports included.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.harness import PROJECT_ROOT, Benchmark, Contender, Target
from benchmarks.worker import Call, Task

SAMPLE = PROJECT_ROOT / "data" / "samples" / "ExportOrderList202611210930.csv"
SHOP = "bench-tmall"
NAME = "ExportOrderList202611210930.csv"  # the export's time is read from the name
WARM_UP_ROWS = 20


def prepare_short(task: Task) -> Call:
    """The seven columns of an order report, as many rows as asked, UTF-8."""

    def make() -> int:
        import duckdb

        duckdb.sql(f"""
            COPY (
                SELECT
                    3120000000000000000 + i AS "订单编号",
                    total AS "总金额",
                    CASE WHEN is_paid AND NOT is_refunded THEN total ELSE 0 END
                        AS "买家实际支付金额",
                    ['广东省', '浙江省', '上海', '四川省', '内蒙古自治区'][1 + place]
                        AS "收货地址 ",
                    created_at AS "订单创建时间",
                    CASE WHEN is_paid THEN created_at + INTERVAL 9 SECOND END AS "订单付款时间 ",
                    CASE WHEN is_paid AND is_refunded THEN total ELSE 0 END AS "退款金额"
                FROM (
                    SELECT
                        i,
                        CAST(9 + hash(i, 1) % 90000 / 100 AS DECIMAL(18, 1)) AS total,
                        hash(i, 2) % 8 > 0 AS is_paid,
                        hash(i, 4) % 10 = 0 AS is_refunded,
                        CAST(hash(i, 3) % 5 AS BIGINT) AS place,
                        TIMESTAMP '2026-09-22'
                            + to_seconds(CAST(hash(i, 5) % 5100000 AS BIGINT)) AS created_at
                    FROM range({task.scale}) AS numbers(i)
                )
            ) TO '{_orders(task)}' (HEADER)
        """)
        _cut(_orders(task), _warm_up(task), WARM_UP_ROWS)
        return task.scale

    return make


def prepare_wide(task: Task) -> Call:
    """The sample's 61-column rows again and again under new ids, in UTF-8 and in GB18030."""

    def make() -> int:
        import duckdb

        source = task.scratch / "sample.csv"
        source.write_text(SAMPLE.read_text(encoding="gb18030"), encoding="utf-8")
        duckdb.sql(f"""
            COPY (
                SELECT * EXCLUDE (again) REPLACE (
                    '="' || 3120000000000000000 + row_number() OVER () || '"' AS "订单编号"
                )
                FROM read_csv('{source}', header = true, all_varchar = true, auto_detect = false,
                    delim = ',', quote = '"', escape = '"',
                    columns = {_text_columns(source)})
                CROSS JOIN range({task.scale} // 1000) AS times(again)
                LIMIT {task.scale}
            ) TO '{_orders(task)}' (HEADER)
        """)
        _cut(_orders(task), _warm_up(task), WARM_UP_ROWS)
        for path in (_orders(task), _warm_up(task)):
            _recode(path, _in_gb18030(path))
        return task.scale

    return make


def koujing(task: Task) -> Call:
    """``load_paths`` in process; ``encoding`` gb18030 takes the file that way."""
    from pipelines.settings import Settings

    gb18030 = task.params.get("encoding") == "gb18030"
    orders, tiny = _orders(task), _warm_up(task)
    if gb18030:
        orders, tiny = _in_gb18030(orders), _in_gb18030(tiny)

    def load(home: str, path: Path) -> int:
        from pipelines.sources.inbox.loader import load_paths

        settings = Settings(home=task.scratch / home)
        return sum(each.rows_loaded for each in load_paths(settings, [path], shop=SHOP))

    load("warm-up", tiny)
    return lambda: load("home", orders)


def koujing_process(task: Task) -> Call:
    """``koujing inbox load`` as a command, in an empty home."""
    koujing_command = Path(sys.executable).with_name("koujing")

    def load() -> int:
        subprocess.run(
            [koujing_command, "inbox", "load", _orders(task), "--shop", SHOP],
            env={"KOUJING_HOME": str(task.scratch / "home"), "PATH": "/usr/bin:/bin"},
            check=True,
        )
        return task.scale

    return load


def duckdb_copy(task: Task) -> Call:
    """``COPY (FROM read_csv(…)) TO … (FORMAT parquet)`` in process."""
    import duckdb

    def copy(source: Path, target: Path) -> int:
        with duckdb.connect() as connection:
            done = connection.execute(_copy_sql(source, target)).fetchone()
        return int(done[0]) if done else 0

    copy(_warm_up(task), task.scratch / "warm-up.parquet")
    return lambda: copy(_orders(task), task.scratch / "orders.parquet")


def duckdb_process(task: Task) -> Call:
    """The same COPY in a new interpreter."""
    sql = _copy_sql(_orders(task), task.scratch / "orders.parquet")

    def copy() -> int:
        subprocess.run([sys.executable, "-c", f"import duckdb; duckdb.sql({sql!r})"], check=True)
        return task.scale

    return copy


def _copy_sql(source: Path, target: Path) -> str:
    return f"COPY (FROM read_csv('{source}')) TO '{target}' (FORMAT parquet)"


def _orders(task: Task) -> Path:
    return task.inputs / NAME


def _warm_up(task: Task) -> Path:
    folder = task.inputs / "warm-up"
    folder.mkdir(exist_ok=True)
    return folder / NAME


def _in_gb18030(path: Path) -> Path:
    folder = path.parent / "gb18030"
    folder.mkdir(exist_ok=True)
    return folder / path.name


def _text_columns(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        header = file.readline().rstrip("\r\n").split(",")
    return str(dict.fromkeys(header, "VARCHAR"))


def _cut(source: Path, target: Path, rows: int) -> None:
    with source.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as cut:
        for _ in range(rows + 1):
            cut.write(next(lines))


def _recode(source: Path, target: Path) -> None:
    with source.open(encoding="utf-8") as lines, target.open("w", encoding="gb18030") as recoded:
        for line in lines:
            recoded.write(line)


_WHOLE_PROCESS = (
    Contender("koujing_process", "benchmarks.inbox_csv:koujing_process"),
    Contender("duckdb_process", "benchmarks.inbox_csv:duckdb_process"),
)
_SIDE_BY_SIDE = (
    Contender("duckdb_copy", "benchmarks.inbox_csv:duckdb_copy"),
    Contender("koujing", "benchmarks.inbox_csv:koujing"),
)

BENCHMARKS = (
    Benchmark(
        name="inbox_csv",
        title="order CSV of 61 columns (千牛) into the lake",
        prepare="benchmarks.inbox_csv:prepare_wide",
        contenders=(
            *_SIDE_BY_SIDE,
            Contender("koujing_gb18030", "benchmarks.inbox_csv:koujing", {"encoding": "gb18030"}),
        ),
        baseline="duckdb_copy",
        scale=1_000_000,
        quick_scale=20_000,
        targets=(Target("koujing", "duckdb_copy", 3),),
    ),
    Benchmark(
        name="inbox_csv_short",
        title="order CSV of 7 columns into the lake",
        prepare="benchmarks.inbox_csv:prepare_short",
        contenders=(*_SIDE_BY_SIDE, *_WHOLE_PROCESS),
        baseline="duckdb_copy",
        scale=1_000_000,
        quick_scale=100_000,
        targets=(Target("koujing", "duckdb_copy", 3),),
    ),
)
