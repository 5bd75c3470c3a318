"""Brings a database to the sandbox's clock: rows that have changed since, rows that are deleted.

A row changes with its update time and in no other way, so what is new is what was updated since the
database was filled last. Some changes are committed late where the fault profile says so: they
stay out until the database is asked for again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl
from psycopg import sql

from pipelines.sandbox.commits import LATE_BY, Commits
from pipelines.sandbox.databases.relation import GONE, Moment, Relation
from pipelines.sandbox.databases.server import Postgres

_ROWS_AT_ONCE = 100_000
# The clock of the database is the sandbox's: its readers ask for now() and find this one.
_CLOCK = """
CREATE SCHEMA sandbox_clock;
CREATE TABLE sandbox_clock.shown (at timestamptz);
INSERT INTO sandbox_clock.shown VALUES (NULL);
CREATE FUNCTION sandbox_clock.now() RETURNS timestamptz LANGUAGE sql STABLE
    AS 'SELECT at FROM sandbox_clock.shown';
"""
_GRANTS = """
GRANT USAGE ON SCHEMA sandbox_clock, {schema} TO {reader};
GRANT SELECT ON ALL TABLES IN SCHEMA sandbox_clock, {schema} TO {reader};
ALTER ROLE {reader} IN DATABASE {schema} SET search_path = sandbox_clock, pg_catalog, {schema};
"""


@dataclass
class Filled:
    """One database, its schema of the same name, and the moment that it shows."""

    name: str
    reader: str
    relations: Sequence[Relation]
    filled_at: datetime | None = None
    _held_back: dict[str, pl.DataFrame] = field(default_factory=dict)  # keys of late changes

    def create(self, server: Postgres, password: str) -> None:
        """Make it, empty."""
        server.create(self.name, self.reader, password)
        names = {"schema": sql.Identifier(self.name), "reader": sql.Identifier(self.reader)}
        with server.connect(self.name) as connection:
            connection.execute(_CLOCK)
            connection.execute(sql.SQL("CREATE SCHEMA {schema}").format(**names))
            for relation in self.relations:
                connection.execute(relation.ddl(self.name))
            connection.execute(sql.SQL(_GRANTS).format(**names))

    def bring(self, server: Postgres, moment: Moment, commits: Commits) -> None:
        """Show a later moment, all tables at once."""
        begins = moment.frames["company"]["clock_at"][0]
        recent = _wall(max(begins, moment.now - LATE_BY))
        held_back: dict[str, pl.DataFrame] = {}
        with server.connect(self.name) as connection, connection.cursor() as cursor:
            for relation in self.relations:
                rows = relation.at(moment)
                is_gone = (pl.col(GONE) < moment.now).fill_null(value=False)
                changed = self._changed(relation, rows.filter(~is_gone))
                late = _late(relation, changed, recent, commits)
                late = late.join(self._held(relation, rows), on=relation.key, how="anti")
                held_back[relation.name] = late.select(relation.key)
                changed = changed.join(late, on=relation.key, how="anti").drop(GONE)
                taken = self._taken(relation, changed, rows.filter(is_gone))
                _write(cursor, self.name, relation, changed, taken)
            cursor.execute("UPDATE sandbox_clock.shown SET at = %s", [moment.now])
        self.filled_at, self._held_back = moment.now, held_back

    def _changed(self, relation: Relation, rows: pl.DataFrame) -> pl.DataFrame:
        """What was updated since, and what was held back."""
        if self.filled_at is None:
            return rows
        is_new = pl.col("update_time") >= _wall(self.filled_at)
        held = rows.join(self._held(relation, rows), on=relation.key, how="semi")
        return pl.concat([rows.filter(is_new), held]).unique(relation.key, maintain_order=True)

    def _held(self, relation: Relation, rows: pl.DataFrame) -> pl.DataFrame:
        return self._held_back.get(relation.name, rows.select(relation.key).clear())

    def _taken(self, relation: Relation, changed: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
        """The keys of what is there and should not be, or not as it is."""
        if self.filled_at is None:
            return changed.select(relation.key).clear()
        lately = gone.filter(pl.col(GONE) >= self.filled_at)
        return pl.concat([changed.select(relation.key), lately.select(relation.key)])


def _wall(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def _late(
    relation: Relation, changed: pl.DataFrame, recent: datetime, commits: Commits
) -> pl.DataFrame:
    """Changes of the last minutes that are not committed yet."""
    fresh = changed.filter(pl.col("update_time") >= recent)
    waits = [commits.waits("/".join(map(str, key))) for key in fresh.select(relation.key).rows()]
    return fresh.filter(pl.Series(waits, dtype=pl.Boolean))


def _write(
    cursor: Any,  # noqa: ANN401 - psycopg's
    schema: str,
    relation: Relation,
    changed: pl.DataFrame,
    taken: pl.DataFrame,
) -> None:
    """Take away what changed or is gone, and put in what changed."""
    table = f"{schema}.{relation.name}"
    if taken.height:
        names = ", ".join(relation.key)
        same = " AND ".join(f"{relation.name}.{name} = taken.{name}" for name in relation.key)
        cursor.execute(f"CREATE TEMP TABLE taken AS SELECT {names} FROM {table} LIMIT 0")
        _copy(cursor, "taken", taken)
        cursor.execute(f"DELETE FROM {table} USING taken WHERE {same}")
        cursor.execute("DROP TABLE taken")
    if changed.height:
        _copy(cursor, table, changed)


def _copy(cursor: Any, table: str, rows: pl.DataFrame) -> None:  # noqa: ANN401 - psycopg's
    names = ", ".join(rows.columns)
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)") as copy:
        for part in rows.iter_slices(_ROWS_AT_ONCE):
            copy.write(part.write_csv(include_header=False, quote_style="non_numeric").encode())
