"""The raw lake: the one way records are landed, and the one way landed records are found again.

Data flow: connector -> Parquet in a dlt load package -> raw lake -> views over complete loads.
Layout: ``raw_<channel>/<table>/load_date=YYYY-MM-DD/<load_id>.<file_id>.parquet``, append-only.
What does not belong here: what a record means (dbt), where it came from (``sources/``).
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import fsspec

from pipelines.errors import KoujingError
from pipelines.locks import held
from pipelines.settings import Settings

LAYOUT = "{table_name}/load_date={YYYY}-{MM}-{DD}/{load_id}.{file_id}.{ext}"


@dataclass(frozen=True)
class LandedFile:
    """A Parquet file ready to be imported into a raw table."""

    table: str
    path: Path
    rows: int


@contextmanager
def lake_lock(settings: Settings, channel: str, wait_seconds: float = 600) -> Iterator[Path]:
    """Be the only writer of a channel's part of the lake; yields an empty scratch folder.

    What a killed writer left behind there is removed.

    Raises:
        KoujingError: Another writer held it for longer than ``wait_seconds``.
    """
    busy = f"Another load is still writing to raw_{channel}."
    with held(settings, f"lake-{channel}", busy, wait_seconds):
        scratch = _scratch_of(settings, channel)
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        yield scratch


def _scratch_of(settings: Settings, channel: str) -> Path:
    return settings.tmp_dir / channel


def land_files(
    settings: Settings,
    channel: str,
    tables: Sequence[str],
    write: Callable[[str, Path], list[LandedFile]],
) -> str:
    """Land Parquet files as one load: all of them become visible, or none.

    The files are imported as they are: dlt neither reads nor rewrites the rows (its item path
    over bulk files was measured at 6.7 times the engine's own COPY).

    Args:
        settings: The home and the lake.
        channel: Lands in ``raw_<channel>``.
        tables: The raw tables that ``write`` may fill.
        write: Called once with the load id and a scratch folder; writes the Parquet files (with
            a ``_dlt_load_id`` column) and says what it wrote.

    Returns:
        The load id, complete when this returns.

    Raises:
        KoujingError: dlt could not complete the load; nothing of it is visible.
    """
    os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
    os.environ.setdefault("RESTORE_FROM_DESTINATION", "false")
    # Columns keep the platform's own names (orderId), and so files are imported as they are.
    os.environ.setdefault("SCHEMA__NAMING", "direct")
    import dlt

    # A fresh working folder per load: a killed load leaves nothing to resume, only files that
    # no complete load names, which are never read.
    with tempfile.TemporaryDirectory(dir=_scratch_of(settings, channel)) as scratch:
        pipeline = dlt.pipeline(
            channel,
            # No table of ours has the layout's "/" in its name.
            destination=dlt.destinations.filesystem(
                settings.raw_url, layout=LAYOUT, warn_unsafe_layout_separators=False
            ),
            dataset_name=f"raw_{channel}",
            pipelines_dir=str(Path(scratch) / "dlt"),
        )
        source = _import_source(channel, tables, lambda load_id: write(load_id, Path(scratch)))
        info = pipeline.run(source, loader_file_format="parquet")
        if info.has_failed_jobs:
            raise KoujingError(f"The load into raw_{channel} failed: {info}", "Nothing was landed.")
        return str(info.loads_ids[0])


def _import_source(
    channel: str, tables: Sequence[str], write: Callable[[str], list[LandedFile]]
) -> Any:  # noqa: ANN401 - dlt types sources dynamically
    """A dlt source with one resource a table; the files are written when extraction starts."""
    import dlt
    import pyarrow.parquet as pq
    from dlt.common.libs.pyarrow import py_arrow_to_table_schema_columns
    from dlt.common.storages.load_package import load_package_state

    written = cache(write)  # every resource asks; the first one makes the files

    def imported(table: str) -> Iterator[Any]:
        for file in written(load_package_state()["load_id"]):
            if file.table == table:
                # Columns said outright, as the file has them: where dlt's idea of a time zone or
                # of what may be null differs, it reads and rewrites the whole file.
                schema = pq.read_schema(file.path)
                hints = dlt.mark.make_hints(columns=py_arrow_to_table_schema_columns(schema))
                yield dlt.mark.with_file_import(str(file.path), "parquet", file.rows, hints=hints)

    @dlt.source(name=channel)
    def files() -> list[Any]:
        return [
            dlt.resource(imported, name=table, write_disposition="append").bind(table)
            for table in tables
        ]

    return files()


@dataclass(frozen=True)
class RawLake:
    """Finds what complete loads have landed. A file of an unfinished load is never listed."""

    settings: Settings

    def complete_loads(self, channel: str) -> set[str]:
        """Load ids that dlt recorded as complete (status 0)."""
        fs, root = fsspec.url_to_fs(f"{self.settings.raw_url}/raw_{channel}/_dlt_loads")
        if not fs.exists(root):
            return set()
        loads = set()
        for path in fs.glob(f"{root}/*.jsonl"):
            for line in fs.cat_file(path).decode().splitlines():
                # A record half written by a killed process is not a complete load.
                try:
                    record = json.loads(line)
                except json.JSONDecodeError:
                    continue
                if record.get("status") == 0:
                    loads.add(str(record["load_id"]))
        return loads

    def tables(self, channel: str) -> dict[str, list[str]]:
        """Each raw table's Parquet files of complete loads, oldest load first."""
        complete = self.complete_loads(channel)
        fs, root = fsspec.url_to_fs(f"{self.settings.raw_url}/raw_{channel}")
        found: dict[str, list[str]] = {}
        if not complete:
            return found
        for path in sorted(fs.glob(f"{root}/*/load_date=*/*.parquet"), key=_load_of):
            if _load_of(path) in complete:
                table = path.removeprefix(root).strip("/").split("/")[0]
                found.setdefault(table, []).append(fs.unstrip_protocol(path))
        return found


def _load_of(path: str) -> str:
    """The load id in a file name ``<seconds>.<fraction>.<file_id>.parquet``."""
    return ".".join(path.rsplit("/", 1)[-1].split(".")[:2])
