"""A PostgreSQL with one small table and a clock that tests set, and a home that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from tenacity import wait_none

from pipelines.extraction import ExtractionReport, extract
from pipelines.gateway import database
from pipelines.gateway.database import database_connector, table_stream
from pipelines.landing import RawLake
from pipelines.registry.credentials import CredentialStore
from pipelines.registry.shops import Shop, ShopRegistry
from pipelines.sandbox.databases.server import Connection, Postgres
from pipelines.settings import SHANGHAI, Settings

NOON = datetime(2026, 11, 14, 12, tzinfo=SHANGHAI)
SHOP, STORE = "toy-main", "S1"
_TABLE = """
CREATE SCHEMA toy;
CREATE TABLE toy.orders (
    order_no bigint PRIMARY KEY, store_id varchar, buyer varchar, phone varchar,
    amount numeric(12, 2), update_time timestamp NOT NULL
);
CREATE SCHEMA clock;
CREATE TABLE clock.shown (at timestamptz);
INSERT INTO clock.shown VALUES (NULL);
CREATE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM clock.shown';
GRANT USAGE ON SCHEMA toy, clock TO toy_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA toy, clock TO toy_reader;
ALTER ROLE toy_reader SET search_path = clock, pg_catalog, toy;
"""
TOY = database_connector(
    "toy",
    "玩具",
    "shop",
    (
        table_stream(
            "orders",
            "订单",
            {
                "order_no": pl.String,
                "store_id": pl.String,
                "buyer": pl.String,
                "phone": pl.String,
                "amount": pl.Decimal(18, 2),
                "update_time": pl.Datetime("us"),
            },
            ("order_no",),
            pii={"buyer": "hash", "phone": "drop"},
            of_shop="store_id",
        ),
    ),
)


@dataclass
class Toy:
    """The database as its owner changes it, and the home that reads it."""

    owner: Connection
    server: Postgres
    home: Settings

    def run(self, statement: str, *values: object) -> None:
        self.owner.execute(statement.encode(), values)

    def show(self, moment: datetime) -> None:
        self.run("UPDATE clock.shown SET at = %s", moment)

    def put(self, order: int, at: datetime, amount: str = "1.00", store: str = STORE) -> None:
        self.run(
            "INSERT INTO toy.orders (order_no, store_id, buyer, phone, amount, update_time)"
            " VALUES (%s, %s, %s, '17012345678', %s, %s)"
            " ON CONFLICT (order_no) DO UPDATE SET amount = EXCLUDED.amount,"
            " update_time = EXCLUDED.update_time",
            order, store, f"M-{order}", amount, at.replace(tzinfo=None),
        )  # fmt: skip

    def url(self, password: str = "right") -> str:  # noqa: S107 - of a scratch database
        where = self.server.address
        return (
            f"postgresql://toy_reader:{password}@/{self.owner.info.dbname}"
            f"?host={where['host']}&port={where['port']}"
        )

    def pull(self, **options: Any) -> ExtractionReport:  # noqa: ANN401 - of extract
        return extract(self.home, TOY, **options)

    def rows(self, report: ExtractionReport) -> int:
        assert report.failures() == []
        return sum(each.rows for each in report.streams)

    def landed(self, table: str) -> str:
        return f"read_parquet({RawLake(self.home).tables('toy').get(table, [])})"

    def newest(self) -> dict[str, str]:
        """Order to amount, newest versions."""
        rows = duckdb.sql(
            f"SELECT order_no, CAST(amount AS VARCHAR) FROM {self.landed('orders')}"
            " QUALIFY row_number() OVER (PARTITION BY order_no"
            " ORDER BY _version DESC, _dlt_load_id DESC) = 1"
        ).fetchall()
        return dict(rows)

    def tombstones(self) -> list[tuple[str, bool]]:
        if "deletions" not in RawLake(self.home).tables("toy"):
            return []
        return duckdb.sql(
            f"SELECT record_key, is_gone FROM {self.landed('deletions')} ORDER BY ALL"
        ).fetchall()


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    running = Postgres()
    yield running
    running.stop()


@pytest.fixture
def toy(tmp_path: Path, server: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toy]:
    monkeypatch.setattr(database, "wait_exponential_jitter", lambda **_: wait_none())
    home = Settings(home=tmp_path / "home", _env_file=None)
    name = f"toy_{abs(hash(str(tmp_path))):x}"
    server.create(name, "toy_reader", "right")
    with server.connect(name, autocommit=True) as owner:
        owner.execute(_TABLE)
        made = Toy(owner, server, home)
        made.show(NOON)
        ShopRegistry(home).add(
            Shop(shop_key=SHOP, channel="toy", name="玩具店", platform_shop_id=STORE)
        )
        CredentialStore(home).set(SHOP, {"database_url": made.url()})
        yield made
    with server.connect(autocommit=True) as owner:
        owner.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
        owner.execute("DROP ROLE toy_reader")
