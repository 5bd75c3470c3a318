"""A company's own database as a source: read-only, in windows of its update times, as Arrow.

Data flow: credentials (one URL) -> engine -> dlt's ``sql_table`` with the Arrow backend -> batches
of rows. The database's own clock ends the windows. What the declaration drops is never selected:
it does not leave the database. PostgreSQL and MySQL; another needs its lines in ``_ON_CONNECT``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import polars as pl
import pyarrow as pa
import sqlalchemy as sa
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from pipelines.errors import KoujingError, UsageError
from pipelines.gateway.connector import Connector, CredentialField, PiiRule, Rows, Stream, Window
from pipelines.gateway.database_errors import refusal
from pipelines.gateway.errors import PASSING, ShapeChanged, Unreachable
from pipelines.gateway.rows import UNDECLARED
from pipelines.gateway.session import handed_over
from pipelines.registry.shops import Shop, ShopKind
from pipelines.settings import SHANGHAI, Settings

URL, SCHEMA = "database_url", "schema"
_EXAMPLE = "postgresql+psycopg://reader:PASSWORD@db.example:5432/mall"
# A plain name means the driver that is known to work.
_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
_ON_CONNECT = {
    "postgresql": (
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "SET TIME ZONE 'Asia/Shanghai'",
    ),
    "mysql": ("SET SESSION TRANSACTION READ ONLY", "SET time_zone = '+08:00'"),
}
_ATTEMPTS = 4
_BATCH_ROWS = 10_000
_YEAR = timedelta(days=366)
_SANDBOX_SECONDS = 600  # the first who asks waits until the database is filled


@dataclass(frozen=True)
class SourceTable:
    """What is read of one table or view.

    Attributes:
        name: Its name.
        key: What identifies a row.
        columns: What is selected.
        dropped: What is never selected.
        updated: The column that says when a row was last changed.
        of_shop: The column that names the shop, where the table holds several shops' rows.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    dropped: tuple[str, ...]
    updated: str
    of_shop: str

    def read(self, session: DatabaseSession, window: Window) -> Iterator[Rows]:
        """All rows that were changed in a window."""
        return map(Rows, session.batches(self, window))

    def keys(self, session: DatabaseSession) -> Iterator[pa.Table]:
        """The keys of all rows."""
        return session.batches(self)


def table_stream(  # noqa: PLR0913 - what a table declares
    name: str,
    title: str,
    fields: Mapping[str, pl.DataType | type[pl.DataType]],
    key: tuple[str, ...],
    *,
    pii: Mapping[str, PiiRule] | None = None,
    updated: str = "update_time",
    of_shop: str = "",
    may_lose: float = 0.5,
) -> Stream:
    """A stream over one table: changed rows by update time, deleted ones by a daily key sweep."""
    rules = pii or {}
    dropped = tuple(column for column, rule in rules.items() if rule == "drop")
    columns = tuple(column for column in fields if column not in dropped)
    table = SourceTable(name, key, columns, dropped, updated, of_shop)
    return Stream(
        name, title, fields, key, table.read, version=updated, pii=rules, max_window=_YEAR,
        horizon=10 * _YEAR, keys=table.keys, may_lose=may_lose,
    )  # fmt: skip


def database_connector(
    channel: str, title: str, kind: ShopKind, streams: tuple[Stream, ...]
) -> Connector:
    """A connector whose source is a database."""
    return Connector(
        channel=channel,
        title=title,
        serves={channel: kind},
        base_url="",
        credentials=(
            CredentialField(
                URL, "数据库地址（只读账号）", hint=_EXAMPLE, pattern=r"\w+(\+\w+)?://\S+"
            ),
            CredentialField(SCHEMA, "表所在的 schema", secret=False, required=False, hint=channel),
        ),
        client=None,
        streams=streams,
        check=check,
        opens=DatabaseSession,
    )


def check(session: DatabaseSession) -> str:
    """Ask every table for nothing: proves login, tables, columns and rights."""
    now = session.now()
    for stream in session.connector.streams:
        for _ in stream.read(session, Window(now, now)):
            pass
    return f"{len(session.connector.streams)} tables of schema {session.schema} can be read"


class DatabaseSession:
    """Implements ``connector.Account`` over one connection to a database."""

    def __init__(self, settings: Settings, connector: Connector, shop: Shop, address: str) -> None:
        credentials, self.settings = handed_over(settings, connector, shop)
        self.shop = shop
        self.connector = connector
        self.requests = 0
        self.schema = self.settings.get(SCHEMA) or connector.channel
        self._engine = _engine(_url(credentials[URL], shop, connector.channel, address), shop)
        self._known = sa.MetaData(schema=self.schema)
        self._retrying = Retrying(
            retry=retry_if_exception_type(PASSING),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_exponential_jitter(initial=0.2, max=2),
            reraise=True,
        )
        self._begins: dict[str, datetime | None] = {}
        self._opened_at = self.now()  # who cannot log in is told at once

    def now(self) -> datetime:
        """The database's clock, Asia/Shanghai, whole seconds."""

        def once() -> datetime:
            self.requests += 1
            with self._refusals(), self._engine.connect() as connection:
                told: datetime = connection.execute(sa.text("SELECT now()")).scalar_one()
            return told

        return _as_told(self._retrying.copy()(once)).replace(microsecond=0)

    def batches(self, table: SourceTable, window: Window | None = None) -> Iterator[pa.Table]:
        """Rows of a table in batches: those of a window, or of all only the keys.

        Raises:
            PlatformError: The database refused, or the table is not what is declared.
        """
        from dlt.sources.sql_database import sql_table

        with self._refusals(table.name):
            reflected = self._reflected(table)
            if (
                window
                and window.end < self._opened_at
                and self._begins_after(reflected, table, window)
            ):
                return

            def chosen(query: sa.Select[Any], *_: object) -> sa.Select[Any]:
                query = self._of_shop(query, reflected, table)
                if window is None:
                    return query.with_only_columns(*_named(reflected, table.key))
                cursor = reflected.c[table.updated]
                start, end = (_as_stored(each, cursor) for each in (window.start, window.end))
                query = query.with_only_columns(*_selected(table, reflected))
                return query.where(cursor >= start, cursor < end).order_by(cursor)

            self.requests += 1
            yield from sql_table(
                self._engine,
                table=table.name,
                metadata=self._known,
                backend="pyarrow",
                chunk_size=_BATCH_ROWS,
                reflection_level="full_with_precision",
                query_adapter_callback=chosen,
            )

    def close(self) -> None:
        """Give the connection back."""
        self._engine.dispose()

    def _begins_after(self, reflected: sa.Table, table: SourceTable, window: Window) -> bool:
        """Whether a table has nothing that old: a first pull begins where the table does."""
        if table.name not in self._begins:
            cursor = reflected.c[table.updated]
            self.requests += 1
            with self._engine.connect() as connection:
                asked = self._of_shop(sa.select(sa.func.min(cursor)), reflected, table)
                earliest: datetime | None = connection.execute(asked).scalar_one()
            self._begins[table.name] = earliest and _as_told(earliest)
        begins = self._begins[table.name]
        return begins is None or begins >= window.end

    def _of_shop(
        self, query: sa.Select[Any], reflected: sa.Table, table: SourceTable
    ) -> sa.Select[Any]:
        store = self.shop.platform_shop_id
        if not (table.of_shop and store):
            return query
        return query.where(sa.cast(reflected.c[table.of_shop], sa.Text) == store)

    def _reflected(self, table: SourceTable) -> sa.Table:
        """The table as it is now, which has all that is declared.

        Raises:
            ShapeChanged: It lacks a column.
        """
        reflected = sa.Table(table.name, self._known, autoload_with=self._engine, resolve_fks=False)
        wanted = (*table.columns, *table.key, table.updated, *filter(None, [table.of_shop]))
        missing = sorted(set(wanted) - set(reflected.c.keys()))
        if missing:
            raise ShapeChanged(f"{self.schema}.{table.name} has no column {', '.join(missing)}")
        return reflected

    @contextmanager
    def _refusals(self, table: str = "") -> Iterator[None]:
        try:
            yield
        except KoujingError:
            raise
        except Exception as error:
            what = f"{self.schema}.{table}" if table else ""
            raise refusal(error, self.shop.shop_key, self._engine.url.username, what) from None


def _named(table: sa.Table, names: tuple[str, ...]) -> Iterator[sa.Column[Any]]:
    return (table.c[name] for name in names)


def _selected(table: SourceTable, reflected: sa.Table) -> list[sa.ColumnElement[Any]]:
    """What is declared, and as text what nobody declared."""
    told = {*table.columns, *table.dropped}
    unknown = [column for column in reflected.c if column.name not in told]
    return [
        *_named(reflected, table.columns),
        *(sa.cast(column, sa.Text).label(f"{UNDECLARED}{column.name}") for column in unknown),
    ]


def _as_told(moment: datetime) -> datetime:
    """A time of the database, Asia/Shanghai: one without a zone is the session's wall clock."""
    return moment.astimezone(SHANGHAI) if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _as_stored(moment: datetime, cursor: sa.Column[Any]) -> datetime:
    """A moment as the update time has it: Shanghai's wall clock, or aware."""
    return moment if getattr(cursor.type, "timezone", False) else moment.replace(tzinfo=None)


def _url(text: str, shop: Shop, channel: str, address: str) -> sa.URL:
    """The database's URL, with another address where one is set.

    Raises:
        UsageError: It is none.
        Unreachable: The sandbox has none.
    """
    hint = f"Such as {_EXAMPLE}: koujing shop set {shop.shop_key} --credential {URL}=-"
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise UsageError(f"{URL} of {shop.shop_key} is no database address.", hint) from None
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if url.get_backend_name() not in _ON_CONNECT:
        raise UsageError(
            f"{URL} of {shop.shop_key} names {url.drivername}, which is not read yet.", hint
        )
    if address.startswith("http"):
        return url.set(host=None, port=None, query=_in_sandbox(address, channel))
    host, _, port = address.partition(":")
    return url.set(host=host, port=int(port) if port else url.port) if host else url


def _in_sandbox(address: str, channel: str) -> dict[str, str]:
    """Where the sandbox has a database of that name, brought to its clock."""
    try:
        answer = httpx.get(f"{address}/_sandbox/database/{channel}", timeout=_SANDBOX_SECONDS)
        told: dict[str, str] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Unreachable(f"No database from {address}: {type(error).__name__}") from None
    if answer.status_code != httpx.codes.OK:
        raise Unreachable(told.get("error", f"No database from {address}"))
    return told


def _engine(url: sa.URL, shop: Shop) -> sa.Engine:
    """An engine whose connections read and never write.

    Raises:
        KoujingError: Its driver is not installed.
    """
    try:
        engine = sa.create_engine(
            url, pool_size=1, pool_pre_ping=True, connect_args={"connect_timeout": 10}
        )
    except (ModuleNotFoundError, sa.exc.NoSuchModuleError) as error:
        name = url.get_driver_name()
        raise KoujingError(
            f"{shop.shop_key} needs the driver {name}, which is not installed.",
            f"Install it beside Koujing: .venv/bin/uv pip install {name} ({error})",
        ) from None

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - of whichever driver
        with connection.cursor() as cursor:
            for statement in _ON_CONNECT[url.get_backend_name()]:
                cursor.execute(statement)
        connection.commit()

    return engine
