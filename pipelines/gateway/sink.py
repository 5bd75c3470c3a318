"""Collects pages of all shops by stream and writes them as one Parquet file a raw table.

Safe for threads: shops are fetched side by side, their pages meet here. Memory holds one batch a
stream, whatever the history.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from threading import RLock

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.gateway.catalogue import PULLS, QUARANTINE, raw_schemas
from pipelines.gateway.connector import Connector, Stream
from pipelines.gateway.decode import Decoder, Fetched, Refused
from pipelines.gateway.pii import prepare_hashing
from pipelines.landing import LandedFile

_BATCH_PAGES = 50
_BATCH_BYTES = 24 * 1024 * 1024


class Sink:
    """One load's raw tables."""

    def __init__(
        self, connector: Connector, folder: Path, load_id: str, key: bytes, memory_limit: str
    ) -> None:
        self._schemas = raw_schemas(connector)
        self._folder = folder
        self._load_id = load_id
        self._lock = RLock()
        self._db = duckdb.connect(config={"memory_limit": memory_limit})
        prepare_hashing(self._db, key)
        self._decoders = {each.table: Decoder(each, self._db) for each in connector.streams}
        self._waiting: dict[tuple[str, str], list[Fetched]] = defaultdict(list)
        self._bytes: Counter[tuple[str, str]] = Counter()
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._lines: Counter[str] = Counter()
        self.rows: Counter[tuple[str, str]] = Counter()  # shop, stream
        self.refused: dict[tuple[str, str], list[Refused]] = defaultdict(list)
        self.unknown: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)

    @property
    def rows_in_all(self) -> int:
        """Records written so far."""
        return sum(self._lines.values())

    def add(self, stream: Stream, fetched: Fetched) -> None:
        """Take a page; a full batch of its shop is decoded and written."""
        key = (fetched.shop_key, stream.table)
        with self._lock:
            self._waiting[key].append(fetched)
            self._bytes[key] += len(fetched.page.body)
            full = len(self._waiting[key]) >= _BATCH_PAGES or self._bytes[key] >= _BATCH_BYTES
        if full:
            self.flush(stream, fetched.shop_key)

    def flush(self, stream: Stream, shop: str) -> None:
        """Decode and write what waits of a shop's stream.

        Raises:
            MalformedAnswer: A page among them is no JSON; none of the batch is written.
        """
        with self._lock:
            batch = self._waiting.pop((shop, stream.table), [])
            self._bytes[shop, stream.table] = 0
            if not batch:
                return
            decoder = self._decoders[stream.table]
            done = decoder.decode(batch, self._load_id, self._lines[stream.table] + 1)
            for each in done.refused:
                self.refused[each.shop_key, stream.table].append(each)
            for (_, path), count in done.unknown.items():
                self.unknown[shop, stream.table][path] += count
            self.rows[shop, stream.table] += done.table.num_rows
            self._lines[stream.table] += done.table.num_rows
            self._write(stream.table, done.table)

    def write_pulls(self, pulls: Sequence[dict[str, object]]) -> None:
        """The record of what was pulled."""
        rows = [{**pull, "_dlt_load_id": self._load_id} for pull in pulls]
        self._write("pulls", pa.Table.from_pylist(rows, PULLS))

    def write_quarantine(self) -> None:
        """Records that could not be read even when asked for again."""
        rows = [
            {
                "shop_key": each.shop_key, "stream": stream, "reason": each.reason,
                "field": each.field, "record": each.record, "observed_at": each.observed_at,
                "_dlt_load_id": self._load_id,
            }
            for (_, stream), refused in self.refused.items()
            for each in refused
        ]  # fmt: skip
        self._write("quarantine", pa.Table.from_pylist(rows, QUARANTINE))

    def unknown_fields(self, shop: str, stream: str) -> str | None:
        """Fields that nobody declared, with how often they came, as JSON."""
        counted = self.unknown.get((shop, stream))
        return json.dumps(counted, ensure_ascii=False, sort_keys=True) if counted else None

    def close(self) -> list[LandedFile]:
        """End all files; what was written."""
        self._db.close()
        files = []
        for table, writer in self._writers.items():
            writer.close()
            path = self._path(table)
            rows = pq.ParquetFile(path).metadata.num_rows
            files.append(LandedFile(table, path, rows))
        return files

    def _write(self, table: str, rows: pa.Table) -> None:
        if rows.num_rows == 0:
            return
        if table not in self._writers:
            self._writers[table] = pq.ParquetWriter(self._path(table), self._schemas[table])
        self._writers[table].write_table(rows)

    def _path(self, table: str) -> Path:
        return self._folder / f"{table}.parquet"
