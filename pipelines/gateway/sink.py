"""Collects pages of all shops by stream and writes them as one Parquet file a raw table.

Data flow: fetching threads -> batches of pages or rows -> one decoding thread -> row groups. Shops
are fetched side by side, their pages meet here; who fetches goes on while a batch is decoded.
Memory holds few batches and one row group's worth of rows, whatever the history.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore, Lock
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.gateway.catalogue import DELETIONS, PULLS, QUARANTINE, raw_schemas
from pipelines.gateway.connector import Connector, Stream
from pipelines.gateway.decode import Decoded, Decoder, Fetched, Refused
from pipelines.gateway.pii import prepare_hashing
from pipelines.gateway.rows import RowsDecoder
from pipelines.landing import LandedFile

_BATCH_PAGES = 50
_BATCH_BYTES = 4 * 1024 * 1024
_BATCHES_AT_ONCE = 2  # one that is decoded, one that waits for it
_ROW_GROUP_BYTES = 8 * 1024 * 1024
Key = tuple[str, str]


class Sink:
    """One load's raw tables."""

    def __init__(
        self, connector: Connector, folder: Path, load_id: str, key: bytes, memory_limit: str
    ) -> None:
        self._schemas = raw_schemas(connector)
        self._folder = folder
        self._load_id = load_id
        self._db = duckdb.connect(
            config={
                "memory_limit": memory_limit,
                # One thread decodes. More of DuckDB's own end no sooner with a few pages, and cost
                # a third more in all: each prepares vectors for hundreds of nested fields.
                "threads": 1,
                # What a batch needed is given back: kept, it adds up to tens of megabytes.
                "allocator_flush_threshold": "4MB",
            }
        )
        prepare_hashing(self._db, key)
        # What a database gives is rows already; what comes over HTTP is pages.
        make: Callable[..., Any] = Decoder if connector.opens is None else RowsDecoder
        self._decoders = {each.table: make(each, self._db) for each in connector.streams}
        self._lock = Lock()
        self._waiting: dict[Key, list[Fetched[Any]]] = defaultdict(list)
        self._whole: Counter[Key] = Counter()  # pages that wait, of windows that came to their end
        self._bytes: Counter[Key] = Counter()
        self._worker = ThreadPoolExecutor(1, "decode")
        self._room = BoundedSemaphore(_BATCHES_AT_ONCE)
        self._under_way: dict[Key, list[Future[None]]] = defaultdict(list)
        self._row_groups: dict[str, list[pa.Table]] = defaultdict(list)
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._unwritten: Exception | None = None
        self._lines: Counter[str] = Counter()
        self._swept: list[pa.Table] = []
        self._lists = {each.table: each.key for each in connector.streams if each.is_whole}
        self._listed: dict[Key, list[pa.Table]] = defaultdict(list)
        self.rows: Counter[Key] = Counter()  # shop, stream
        self.refused: dict[Key, list[Refused]] = defaultdict(list)
        self.unknown: dict[Key, Counter[str]] = defaultdict(Counter)

    def __enter__(self) -> Sink:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._worker.shutdown()
        self._db.close()

    @property
    def rows_in_all(self) -> int:
        """Records decoded so far."""
        return sum(self._lines.values())

    def add(self, stream: Stream, fetched: Fetched[Any]) -> None:
        """Take a page; a full batch of its shop is handed over for decoding.

        Raises:
            MalformedAnswer: A page of an earlier batch is no JSON.
        """
        key = (fetched.shop_key, stream.table)
        with self._lock:
            self._waiting[key].append(fetched)
            self._bytes[key] += fetched.page.size
            full = len(self._waiting[key]) >= _BATCH_PAGES or self._bytes[key] >= _BATCH_BYTES
        if full:
            self._hand_over(key)
            for done in [each for each in self._under_way[key] if each.done()]:
                done.result()

    def flush(self, stream: Stream, shop: str) -> None:
        """Decode what waits of a shop's stream, and see that all of it came through.

        Raises:
            MalformedAnswer: A page is no JSON; none of its batch is written.
        """
        key = (shop, stream.table)
        self._hand_over(key)
        under_way = self._under_way.pop(key, [])
        for each in under_way:
            each.result()

    def end_window(self, stream: Stream, shop: str) -> None:
        """All pages of a window were taken: ``forget_window`` leaves them."""
        key = (shop, stream.table)
        with self._lock:
            self._whole[key] = len(self._waiting[key])

    def forget_window(self, stream: Stream, shop: str) -> None:
        """Drop what waits of a window that failed; ``flush`` judges whole ones before it."""
        key = (shop, stream.table)
        with self._lock:
            waiting = self._waiting[key]
            del waiting[self._whole[key] :]
            self._bytes[key] = sum(each.page.size for each in waiting)

    def forget(self, stream: Stream, shop: str) -> None:
        """Drop all that waits of a shop's stream, whatever comes of what is under way."""
        key = (shop, stream.table)
        with self._lock:
            self._waiting.pop(key, None)
            self._bytes[key] = self._whole[key] = 0
        for each in self._under_way.pop(key, []):
            each.exception()  # waits; why it is dropped is known already

    def refusals(self, stream: Stream, shop: str) -> int:
        """How many records of a shop's stream broke their declaration."""
        return len(self.refused.get((shop, stream.table), ()))

    def take_back(self, stream: Stream, shop: str, count: int) -> None:
        """Keep only the first ``count`` refusals: the others' windows are asked for again."""
        del self.refused[shop, stream.table][count:]

    def _hand_over(self, key: Key) -> None:
        with self._lock:
            batch = self._waiting.pop(key, [])
            self._bytes[key] = self._whole[key] = 0
        if batch:
            self._room.acquire()
            self._under_way[key].append(self._worker.submit(self._decode, key, batch))

    def _decode(self, key: Key, batch: Sequence[Fetched[Any]]) -> None:
        """Runs on the one decoding thread, which alone touches decoders, counts and writers."""
        _, table = key
        try:
            done: Decoded = self._decoders[table].decode(
                batch, self._load_id, self._lines[table] + 1
            )
            self._count(key, done)
            self._write(table, done.table)
            if table in self._lists:
                self._listed[key].append(done.table.select(self._lists[table]))
        finally:
            self._room.release()

    def _count(self, key: Key, done: Decoded) -> None:
        self.refused[key] += done.refused
        for (_, path), count in done.unknown.items():
            self.unknown[key][path] += count
        self.rows[key] += done.table.num_rows
        self._lines[key[1]] += done.table.num_rows

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

    def write_deletions(self, found: pa.Table) -> None:
        """What a sweep found gone, or back again."""
        load = pa.repeat(pa.scalar(self._load_id, pa.string()), found.num_rows)
        table = found.append_column("_dlt_load_id", load).select(DELETIONS.names).cast(DELETIONS)
        with self._lock:
            self._swept.append(table)

    def listed(self, stream: Stream, shop: str) -> list[pa.Table] | None:
        """The keys that a whole list showed; None where not all of it was read into this load."""
        key = (shop, stream.table)
        return None if self.refused.get(key) else self._listed.get(key)

    def unknown_fields(self, shop: str, stream: str) -> str | None:
        """Fields that nobody declared, with how often they came, as JSON."""
        counted = self.unknown.get((shop, stream))
        return json.dumps(counted, ensure_ascii=False, sort_keys=True) if counted else None

    def files(self) -> list[LandedFile]:
        """End all files; what was written.

        Raises:
            OSError: Rows could not be written: the load must not be taken for whole.
        """
        self._worker.shutdown()
        for each in self._swept:  # the decoding thread writes all else
            self._write("deletions", each)
        self._write_row_groups()
        if self._unwritten is not None:
            raise self._unwritten
        files = []
        for table, writer in self._writers.items():
            writer.close()
            path = self._path(table)
            rows = pq.ParquetFile(path).metadata.num_rows
            files.append(LandedFile(table, path, rows))
        return files

    def _write(self, table: str, rows: pa.Table) -> None:
        """Keep rows until they fill a row group; small ones are slow to read and large to store."""
        if rows.num_rows:
            self._row_groups[table].append(rows)
        held = sum(each.nbytes for group in self._row_groups.values() for each in group)
        if held >= _ROW_GROUP_BYTES:
            self._write_row_groups()

    def _write_row_groups(self) -> None:
        try:
            while self._row_groups:
                table, rows = self._row_groups.popitem()
                if table not in self._writers:
                    self._writers[table] = pq.ParquetWriter(self._path(table), self._schemas[table])
                whole = pa.concat_tables(rows)
                self._writers[table].write_table(whole, row_group_size=max(1, whole.num_rows))
                del whole, rows
            pa.default_memory_pool().release_unused()
        except Exception as error:
            # Among them are rows of pulls that count as done.
            self._unwritten = error
            raise

    def _path(self, table: str) -> Path:
        return self._folder / f"{table}.parquet"
