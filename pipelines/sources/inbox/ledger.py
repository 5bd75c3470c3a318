"""What has been loaded, read from the lake itself: the only memory of the inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import fsspec

from pipelines.landing import RawLake
from pipelines.settings import Settings
from pipelines.sources.inbox.mapping import raw_tables

if TYPE_CHECKING:
    import pyarrow as pa

CHANNEL = "inbox"


def landed(settings: Settings, table: str) -> pa.Table:
    """All rows of one of the inbox's own tables (``files``, ``quarantine``) of complete loads."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = raw_tables()[table]
    parts = []
    for url in RawLake(settings).tables(CHANNEL).get(table, []):
        with fsspec.open(url, "rb") as file:
            parts.append(pq.read_table(file).select(schema.names).cast(schema))
    return pa.concat_tables(parts) if parts else schema.empty_table()


def loads_of(settings: Settings, file_id: str) -> list[dict[str, Any]]:
    """The ledger's rows of one content, oldest first; in practice none or one."""
    rows: list[dict[str, Any]] = landed(settings, "files").to_pylist()
    return [row for row in rows if row["file_id"] == file_id]
