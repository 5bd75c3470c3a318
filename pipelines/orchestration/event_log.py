"""Dagster's event log in SQLite, with connections that are kept.

Dagster's own opens an engine and a file for every event and waits for the disk at each: a run of
this project has 2,500 events, and storing them took more than half of the time of a run on little
data. The files are the same, in the same place: either class reads what the other wrote.
"""

from __future__ import annotations

import os
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event

_BUSY_SECONDS = 60  # as long as others may write
_KEPT = 8  # runs whose files stay open, the newest


class KeptEventLog(SqliteEventLogStorage):
    """The event log of the instance in a folder (``dagster.yaml``: ``event_log_storage``)."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> KeptEventLog:
        """``base_dir`` is Dagster's home: the log stands where Dagster would put it."""
        return cls(str(Path(config_value["base_dir"]) / "history" / "runs"), inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection
        if shard != INDEX_SHARD_NAME:
            # The webserver watches the file for news, which stand beside it (-wal) for a while.
            os.utime(self.path_for_shard(shard))

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            engine = create_engine(
                self.conn_string_for_shard(shard), connect_args={"timeout": _BUSY_SECONDS}
            )
            event.listen(engine, "connect", _trust_the_system)
            self._engines[shard] = engine
        self._engines.move_to_end(shard)
        while len(self._engines) > _KEPT:
            self._engines.popitem(last=False)[1].dispose()
        return self._engines[shard]

    def wipe(self) -> None:
        """Forget all events."""
        self._close()
        super().wipe()

    def dispose(self) -> None:
        """Close all files."""
        super().dispose()
        self._close()

    def _close(self) -> None:
        while self._engines:
            self._engines.popitem()[1].dispose()


def _trust_the_system(connection: sqlite3.Connection, _record: object) -> None:
    """No waiting for the disk: a killed process loses nothing, a power cut the last events."""
    connection.execute("PRAGMA synchronous = NORMAL")
