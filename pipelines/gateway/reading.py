"""Pages to Arrow at C speed: DuckDB's ``json_transform``, prepared once a stream.

Planning that statement over hundreds of nested fields takes longer than reading a page, so the
statement stays and looks at whatever pages are there when it is executed. What is made of the
records (hashes, versions) is made in Arrow: more of DuckDB's operators would each prepare vectors
for all the fields. Measured on 抖店 orders: 9 ms a batch before the first byte is read, 40 without.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.gateway import shapes
from pipelines.gateway.connector import Page, Stream
from pipelines.gateway.errors import MalformedAnswer

# DuckDB reads pages in pieces: what a piece holds is in memory several times.
_PIECE_BYTES = 512 * 1024
_NOTHING = pa.table({"body": pa.array([], pa.string())})
_numbers = itertools.count()


@dataclass(frozen=True)
class Records:
    """All records of some pages, null where one is no object, and the position of their page."""

    values: pa.StructArray
    pages: pa.Array


class Reader:
    """Reads one stream's pages, which all have their records in the same place."""

    def __init__(self, stream: Stream, connection: duckdb.DuckDBPyConnection) -> None:
        self._db = connection
        self._one = shapes.json_type(shapes.landed(stream.fields, {}))
        self._texts = _Texts()
        self._statements: dict[tuple[tuple[str, ...], bool], str] = {}

    def read(self, page: Page, texts: pa.Array) -> Records:
        """All records of some pages.

        Args:
            page: One of them, for where its records stand.
            texts: Their bodies.

        Raises:
            MalformedAnswer: One is no JSON.
        """
        statement = self._statement(page)
        self._texts.table = _in_pieces(texts)
        try:
            read = self._db.sql(f"EXECUTE {statement}").to_arrow_table()
        except duckdb.InvalidInputException as error:
            raise MalformedAnswer("An answer is no JSON") from error
        finally:
            self._texts.table = _NOTHING
        inside = read["read"].combine_chunks()
        for name in page.path:
            inside = inside.field(name)
        if not page.is_list:
            return Records(inside, pa.array(range(len(inside)), pa.int64()))
        counts = pc.fill_null(pc.list_value_length(inside), 0).to_numpy()
        return Records(inside.flatten(), pa.array(np.repeat(np.arange(len(counts)), counts)))

    def _statement(self, page: Page) -> str:
        where = (page.path, page.is_list)
        if where not in self._statements:
            number = next(_numbers)
            shape: Any = [self._one] if page.is_list else self._one
            for name in reversed(page.path):
                shape = {name: shape}
            quoted = json.dumps(shape).replace("'", "''")
            self._db.register(f"texts_{number}", self._texts)
            self._db.execute(
                f"PREPARE read_{number} AS"
                f" SELECT json_transform(body, '{quoted}') AS read FROM texts_{number}"
            )
            self._statements[where] = f"read_{number}"
        return self._statements[where]


class _Texts:
    """A table for DuckDB that is asked anew what it holds at every execution."""

    def __init__(self) -> None:
        self.table = _NOTHING

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        return self.table.schema.__arrow_c_schema__()


def _in_pieces(texts: pa.Array) -> pa.Table:
    whole = pa.table({"body": texts})
    piece = max(1, _PIECE_BYTES * len(texts) // max(1, texts.nbytes))
    return pa.Table.from_batches(whole.to_batches(max_chunksize=piece))
