"""A database's rows to raw rows, on Arrow from end to end: types proved, buyers' data hashed.

Data flow: batches of rows -> polars: each column as its declaration says, exactly or not at all ->
rows that do not fit to quarantine -> keyed hashes -> landed. A column whose type was changed costs
no row that still holds what was declared: numbers that came as text are numbers. One that cannot
hold it any more (a float for money) ends the stream with its name, and no row is passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import orjson
import polars as pl
import pyarrow as pa

from pipelines.gateway import shapes
from pipelines.gateway.connector import Rows, Stream
from pipelines.gateway.decode import Decoded, Fetched, Refused, landed_schema, versions
from pipelines.gateway.errors import ShapeChanged
from pipelines.gateway.pii import scrubbed
from pipelines.settings import SHANGHAI

UNDECLARED = "_extra."
_TIME_TEXT = "%Y-%m-%d %H:%M:%S%.f"


class RowsDecoder:
    """Decodes one stream's rows on a connection that can hash (``pii.prepare_hashing``)."""

    def __init__(self, stream: Stream, connection: duckdb.DuckDBPyConnection) -> None:
        self._stream = stream
        self._db = connection
        self._schema = landed_schema(stream)
        self._kept = list(shapes.landed(stream.fields, stream.pii))
        self._hashed = [name for name, rule in stream.pii.items() if rule == "hash"]

    def decode(self, batch: Sequence[Fetched[Rows]], load_id: str, first_line: int) -> Decoded:
        """All rows of some batches.

        Raises:
            ShapeChanged: A column cannot hold what is declared.
        """
        done = Decoded(self._schema.empty_table())
        parts: list[pa.Table] = []
        for each in batch:
            parts.append(self._landed(each, load_id, first_line, done))
            first_line += parts[-1].num_rows
        done.table = pa.concat_tables([done.table, *parts])
        return done

    def _landed(
        self, fetched: Fetched[Rows], load_id: str, first_line: int, done: Decoded
    ) -> pa.Table:
        came = pl.from_arrow(fetched.page.table)
        assert isinstance(came, pl.DataFrame), "a table, not a column"
        good = self._fitting(came, fetched, done)
        rows = good.height
        seen = pa.repeat(pa.scalar(fetched.observed_at, pa.timestamp("us")), rows)
        columns: dict[str, Any] = {
            "shop_key": pa.repeat(pa.scalar(fetched.shop_key, pa.string()), rows),
            **{name: good[name].to_arrow() for name in self._kept},
            "_extra": self._extra(good, fetched, done),
            "_version": versions(good[self._stream.version].to_arrow(), seen),
            "_line": pa.array(range(first_line, first_line + rows), pa.int64()),
            "_observed_at": seen,
            "_dlt_load_id": pa.repeat(pa.scalar(load_id, pa.string()), rows),
            **self.hashed(good),
        }
        cells = [
            columns[field.name].cast(field.type, safe=field.name != "_observed_at")
            for field in self._schema
        ]
        return pa.Table.from_arrays(cells, schema=self._schema)

    def _fitting(self, came: pl.DataFrame, fetched: Fetched[Rows], done: Decoded) -> pl.DataFrame:
        """The rows that hold what is declared; the others are refused."""
        held = came.with_columns(self._as_declared(name, came.schema[name]) for name in self._kept)
        broken = {name: came[name].is_not_null() & held[name].is_null() for name in self._kept}
        names = [name for name, rows in broken.items() if rows.any()]
        if not names:
            return held
        is_broken = pl.select(pl.any_horizontal(*(broken[name] for name in names))).to_series()
        for row in is_broken.arg_true():
            fields = ", ".join(name for name in names if broken[name][row])
            record = scrubbed(came.row(row, named=True), self._stream.pii)
            text = orjson.dumps(record, default=str).decode()
            done.refused.append(
                Refused(
                    fetched.shop_key,
                    "another type than declared",
                    fields,
                    text,
                    fetched.observed_at,
                )
            )
        return held.filter(~is_broken)

    def _as_declared(self, name: str, found: pl.DataType) -> pl.Expr:
        declared = self._stream.fields[name]
        value = as_declared(name, found, declared)
        if value is None:
            raise ShapeChanged(
                f"{self._stream.table}.{name} holds {found} now, {declared} is declared"
            )
        return value.alias(name)

    def _extra(self, good: pl.DataFrame, fetched: Fetched[Rows], done: Decoded) -> pa.Array:
        """Columns that nobody declared, as JSON, without phone numbers."""
        names = [name for name in good.columns if name.startswith(UNDECLARED)]
        if not names:
            return pa.nulls(good.height, pa.string())
        shown = [name.removeprefix(UNDECLARED) for name in names]
        for name in shown:
            done.unknown[fetched.shop_key, name] += good.height
        rows = good.select(names).rename(dict(zip(names, shown, strict=True))).iter_rows(named=True)
        return pa.array([orjson.dumps(scrubbed(row, {})).decode() for row in rows], pa.string())

    def hashed(self, rows: pl.DataFrame) -> dict[str, pa.ChunkedArray]:
        """The columns to hash that some rows have, hashed."""
        there = [name for name in self._hashed if name in rows.columns]
        if not there:
            return {}
        clear = rows.select(pl.col(name).cast(pl.String) for name in there).to_arrow()
        self._db.register("clear", clear)
        try:
            told = ", ".join(f'keyed_hash("{name}") AS "{name}"' for name in there)
            read = self._db.sql(f"SELECT {told} FROM clear").to_arrow_table()
        finally:
            self._db.unregister("clear")
        return {name: read[name] for name in there}


def as_declared(name: str, found: pl.DataType, declared: Any) -> pl.Expr | None:  # noqa: ANN401
    """A column as its declaration says, null where a value is something else.

    Args:
        name: The column.
        found: Its type in the database.
        declared: A polars type or class of one.

    Returns:
        None where no value of that type can be what is declared.
    """
    column = pl.col(name)
    if found in (declared, pl.Null):
        return column.cast(declared)
    if declared == pl.String:
        return column.cast(pl.String) if found.is_integer() else None
    if declared == pl.Boolean:
        is_flag = pl.when(column.is_in([0, 1])).then(column == 1)
        return is_flag if found.is_integer() else None
    if declared == pl.Datetime("us"):
        return _moment(column, found)
    return _number(column, found, declared)


def _number(column: pl.Expr, found: pl.DataType, declared: Any) -> pl.Expr | None:  # noqa: ANN401
    """Whole numbers and decimals: nothing may be cut off, and a float is none."""
    value = column.cast(declared, strict=False)
    if found.is_integer() or found.is_decimal():
        return pl.when(value.cast(found, strict=False) == column).then(value)
    if found != pl.String:
        return None
    scale = declared.scale if isinstance(declared, pl.Decimal) else 0
    pattern = rf"^-?\d{{1,15}}(\.\d{{1,{scale}}})?$" if scale else r"^-?\d{1,18}$"
    return pl.when(column.str.contains(pattern)).then(value)


def _moment(column: pl.Expr, found: pl.DataType) -> pl.Expr | None:
    """Shanghai's wall clock, to the microsecond."""
    if found == pl.String:
        return column.str.to_datetime(_TIME_TEXT, time_unit="us", strict=False)
    if not isinstance(found, pl.Datetime):
        return None
    wall = column.dt.convert_time_zone(str(SHANGHAI)) if found.time_zone else column
    return wall.dt.replace_time_zone(None).cast(pl.Datetime("us"))
