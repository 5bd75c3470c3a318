"""A world as a folder of Parquet, and the proof that a folder is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from pipelines.errors import InputRefusedError
from pipelines.sandbox.world.columns import Column
from pipelines.sandbox.world.schema import TABLES

_HINT = "docs/world.md says what each table holds. Nothing was started."


def write_world(path: Path, frames: Mapping[str, pl.DataFrame]) -> None:
    """Write a world; a folder half written is never taken for one (``company`` comes last)."""
    path.mkdir(parents=True, exist_ok=True)
    for name in [*(table for table in TABLES if table != "company"), "company"]:
        frames[name].write_parquet(path / f"{name}.parquet")


def is_world(path: Path) -> bool:
    """Whether a folder holds a world that was written to its end."""
    return (path / "company.parquet").exists()


def read_world(path: Path) -> dict[str, pl.DataFrame]:
    """Read a world and hold it against the schema.

    Raises:
        InputRefusedError: A table or column is missing or of another type, a value is missing,
            doubled, unknown or refers to nothing: names the table, the column and the row.
    """
    if not path.is_dir():
        raise InputRefusedError(f"{path} is not a folder.", _HINT)
    frames = {name: _read(path, name) for name in TABLES}
    for name, frame in frames.items():
        for said in _problems(name, frame, frames):
            raise InputRefusedError(f"{path.name} is not a world: {said}.", _HINT)
    return frames


def _read(path: Path, name: str) -> pl.DataFrame:
    file = path / f"{name}.parquet"
    if not file.exists():
        raise InputRefusedError(f"{path.name} is not a world: table {name} is missing.", _HINT)
    frame = pl.read_parquet(file)
    for column, meant in TABLES[name].columns.items():
        if column not in frame.columns:
            raise InputRefusedError(
                f"{path.name} is not a world: table {name} has no column {column}.", _HINT
            )
        if frame.schema[column] != meant.dtype:
            raise InputRefusedError(
                f"{path.name} is not a world: {name}.{column} is {frame.schema[column]},"
                f" it must be {meant.dtype}.",
                _HINT,
            )
    return frame.select(list(TABLES[name].columns))


def _problems(name: str, frame: pl.DataFrame, frames: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """What is wrong with a table, the first row of each problem; cells are not quoted."""
    for column, meant in TABLES[name].columns.items():
        for wrong, said in _broken(frame[column], meant, frames):
            row = wrong.arg_true()
            if len(row):
                yield f"{name}.{column}, row {row[0] + 1}: {said}"
    key = list(TABLES[name].key)
    row = frame.select(pl.struct(key).is_duplicated().arg_true()).to_series()
    if len(row):
        yield f"{name}, row {row[0] + 1}: its key ({', '.join(key)}) is there twice"


def _broken(
    values: pl.Series, meant: Column, frames: Mapping[str, pl.DataFrame]
) -> Iterator[tuple[pl.Series, str]]:
    """Which rows break a column's promise, and which promise."""
    if not meant.nullable:
        yield values.is_null(), "no value"
    if meant.one_of:
        known = pl.Series(meant.one_of)
        yield (
            values.is_not_null() & ~values.is_in(known.implode()),
            f"not one of {', '.join(known)}",
        )
    if meant.refers_to:
        table, column = meant.refers_to.split(".")
        there = frames[table][column].unique()
        yield (
            values.is_not_null() & ~values.is_in(there.implode()),
            f"refers to a {table}.{column} that is not there",
        )


def load_world(path: Path) -> dict[str, pl.DataFrame]:
    """Read a world that was proved before, without proving it again."""
    return {name: pl.read_parquet(path / f"{name}.parquet") for name in TABLES}
