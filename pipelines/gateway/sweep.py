"""Hard deletes: the keys that a source has now against those that the lake knows of.

A row that is deleted leaves no update time behind, so no window can find it. A sweep has all keys
of a database's table, or of a platform's list that was read to its end; what the lake has beside
them is gone, and lands as a tombstone in the raw table ``deletions``. A key that is there again
after one (a backup put back) lands as its end. To staging a record is gone whose newest version is
no newer than its tombstone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from pipelines.gateway.connector import Account, Stream
from pipelines.gateway.errors import ParameterRefused
from pipelines.gateway.pii import prepare_hashing
from pipelines.gateway.rows import RowsDecoder

_MEMORY = "256MB"
# So few rows can go at once in any table; of a list none beyond its share, since it may hold just
# one, and a list that comes back empty looks the same where a right was lost.
_ALWAYS_BELIEVED = 100
_NO_TOMBSTONES = (
    "SELECT NULL::VARCHAR AS shop_key, NULL::VARCHAR AS stream, NULL::VARCHAR AS record_key,"
    " NULL::BOOLEAN AS is_gone, NULL::VARCHAR AS _dlt_load_id WHERE false"
)
_COMPARED = """
    CREATE TABLE compared AS
    WITH known AS (
        SELECT {key} AS record_key, max(_dlt_load_id) AS seen_in
        FROM read_parquet(?) WHERE shop_key = ? GROUP BY ALL
    ),
    told AS (
        SELECT record_key, max(_dlt_load_id) AS told_in, arg_max(is_gone, _dlt_load_id) AS is_gone
        FROM ({tombstones}) WHERE shop_key = ? AND stream = ? GROUP BY ALL
    )
    SELECT
        known.record_key,
        present.record_key IS NULL AS is_gone,
        coalesce(told.is_gone AND told_in >= seen_in, false) AS was_gone
    FROM known LEFT JOIN told USING (record_key)
    LEFT JOIN (SELECT DISTINCT record_key FROM present) AS present USING (record_key)
"""


def sweep(  # noqa: PLR0913 - what is compared, and with what
    stream: Stream,
    session: Account,
    landed: Mapping[str, Sequence[str]],
    present: Iterable[pa.Table] | None = None,
    *,
    key: bytes,
    scratch: Path,
    believes_all: bool,
) -> pa.Table | None:
    """What was deleted, or is there again, since the lake was last told.

    Args:
        stream: What to sweep.
        session: Whose.
        landed: The connector's raw tables with the files of complete loads.
        present: The keys that a list showed, as they landed; asked for (``keys``) where not given.
        key: Hashes keys that must not be landed in clear.
        scratch: Takes what does not fit into memory.
        believes_all: However much is gone.

    Returns:
        Rows of ``deletions``; None where the lake knows nothing yet.

    Raises:
        ParameterRefused: More is gone than the stream may lose.
    """
    if stream.table not in landed:
        return None
    shop = session.shop.shop_key
    observed = session.now().replace(tzinfo=None)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "temp_directory": str(scratch),
        "threads": 1,
    }
    with duckdb.connect(config=config) as db:
        prepare_hashing(db, key)
        _write_present(db, stream, _asked(db, stream, session) if present is None else present)
        _compare(db, stream, shop, landed)
        if not believes_all:
            _believable(db, stream)
        found = "SELECT record_key, is_gone FROM compared WHERE is_gone <> was_gone"
        return _with_whose(db.sql(found).to_arrow_table(), shop, stream.table, observed)


def _with_whose(found: pa.Table, shop: str, table: str, observed: datetime) -> pa.Table:
    told = {
        "shop_key": pa.scalar(shop),
        "stream": pa.scalar(table),
        "observed_at": pa.scalar(observed, pa.timestamp("us")),
    }
    for name, value in told.items():
        found = found.append_column(name, pa.repeat(value, found.num_rows))
    return found


def _record_key(stream: Stream) -> str:
    columns = ", ".join(f'CAST("{name}" AS VARCHAR)' for name in stream.key)
    return f"concat_ws('|', {columns})"


def _asked(db: duckdb.DuckDBPyConnection, stream: Stream, session: Account) -> Iterator[pa.Table]:
    """The keys that are there now, as they would land."""
    assert stream.keys is not None, "what is not read whole has them"
    decoder = RowsDecoder(stream, db)
    for batch in stream.keys(session):
        rows = pl.from_arrow(batch)
        assert isinstance(rows, pl.DataFrame), "a table, not a column"
        hashed = decoder.hashed(rows)
        yield pa.table({name: hashed.get(name, batch[name]) for name in stream.key})


def _write_present(
    db: duckdb.DuckDBPyConnection, stream: Stream, present: Iterable[pa.Table]
) -> None:
    db.execute("CREATE TABLE present (record_key VARCHAR)")
    for keys in present:
        db.register("keys", keys)
        db.execute(f"INSERT INTO present SELECT {_record_key(stream)} FROM keys")
        db.unregister("keys")


def _compare(
    db: duckdb.DuckDBPyConnection, stream: Stream, shop: str, landed: Mapping[str, Sequence[str]]
) -> None:
    files = list(landed.get("deletions", ()))
    tombstones = "SELECT * FROM read_parquet(?)" if files else _NO_TOMBSTONES
    db.execute(
        _COMPARED.format(key=_record_key(stream), tombstones=tombstones),
        [list(landed[stream.table]), shop, *([files] if files else []), shop, stream.table],
    )


def _believable(db: duckdb.DuckDBPyConnection, stream: Stream) -> None:
    ((known, gone),) = db.execute(
        "SELECT count(*), count(*) FILTER (is_gone) FROM compared WHERE NOT was_gone"
    ).fetchall()
    always = 0 if stream.is_whole else _ALWAYS_BELIEVED
    if gone > max(always, known * stream.may_lose):
        raise ParameterRefused(
            f"{stream.table} has lost {gone:,} of {known:,} rows; none was taken for deleted. Is it"
            " the right source, and may we see all of it? If they are really gone:"
            " koujing run --full-refresh"
        )
