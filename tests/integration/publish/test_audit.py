from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import BuildFailedError
from pipelines.publish.audit import audit
from pipelines.publish.export import Manifest
from pipelines.publish.fingerprints import fingerprint
from pipelines.publish.outlet import publish
from pipelines.publish.serving import BUILD, opened_with_build
from pipelines.publish.tables import describe_marts
from pipelines.publish.versions import PublishedVersion, VersionStore
from pipelines.settings import Settings
from tests.fakes.warehouse import FakeDictionary, FakeEntry, FakeWarehouse, at

pytestmark = pytest.mark.integration
LATER = at("2026-11-23 01:30:05")


def manifest_of(settings: Settings, version: PublishedVersion) -> Manifest:
    text = VersionStore(settings).manifest_path(version.version).read_bytes()
    return Manifest.model_validate_json(text)


def audited(
    settings: Settings, version: PublishedVersion, manifest: Manifest | None = None
) -> None:
    """Audit a published version once more, as it now lies on the disk."""
    database = VersionStore(settings).database(version.version)
    with opened_with_build(database, settings, read_only=True) as connection:
        tables = describe_marts(connection, BUILD, settings.dbt_target_dir / "manifest.json")
        marts = {table: fingerprint(connection, table, BUILD) for table in tables}
    manifest = manifest or manifest_of(settings, version)
    audit(database, settings, marts, manifest, FakeDictionary())


def test_a_good_version_passes(settings: Settings, first: PublishedVersion) -> None:
    audited(settings, first)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (
            "update marts.fct_orders set paid_amount = 100.11 where order_id = '1001'",
            "marts.fct_orders: paid_amount is 5123.62 served, 5123.61 built",
        ),
        (
            "update marts.fct_orders set shop_key = 'tmall-b' where order_id = '1001'",
            "marts.fct_orders: the rows served are not the rows built",
        ),
        (
            "delete from marts.fct_orders where order_date is null",
            "marts.fct_orders: rows is 5 served, 6 built",
        ),
        ("drop table marts.dim_shops", "marts.dim_shops: is missing"),
        ("create table marts.stg_raw as select 1 as x", "marts.stg_raw: does not belong there"),
        (
            "comment on column marts.dim_shops.channel is null",
            "marts.dim_shops.channel: has no comment",
        ),
        (
            "delete from metrics.metrics_daily where date_day = '2026-11-10'",
            "pay_amt sums to 5120.310000, asked as a whole it is 5123.61",
        ),
        ("delete from metrics.metric_dictionary", "metrics.metric_dictionary: is empty"),
    ],
)
def test_a_damaged_database_is_refused(
    settings: Settings, first: PublishedVersion, damage: str, complaint: str
) -> None:
    database = VersionStore(settings).database(first.version)
    database.chmod(0o644)
    with duckdb.connect(str(database)) as connection:
        connection.execute(damage)
    with pytest.raises(BuildFailedError) as caught:
        audited(settings, first)
    assert complaint in caught.value.message


def test_a_parquet_file_with_another_amount_is_refused(
    settings: Settings, first: PublishedVersion
) -> None:
    (path,) = (settings.export_dir / "data/fct_orders/order_date=2026-11-10").iterdir()
    size = path.stat().st_size
    duckdb.execute(
        f"copy (select * replace (4.30::decimal(18, 2) as paid_amount) from '{path}') "
        f"to '{path}.new' (format parquet)"
    )
    Path(f"{path}.new").replace(path)
    manifest = manifest_of(settings, first)
    (listed,) = [f for t in manifest.tables for f in t.files if f.path.endswith(path.name)]
    assert listed.bytes == size
    listed.bytes = path.stat().st_size
    with pytest.raises(BuildFailedError, match=r"paid_amount is 5124\.61 exported, 5123\.61 serv"):
        audited(settings, first, manifest)


def test_a_parquet_file_damaged_on_the_disk_is_refused(
    settings: Settings, first: PublishedVersion
) -> None:
    (path,) = (settings.export_dir / "data/fct_orders/order_date=2026-11-10").iterdir()
    size = path.stat().st_size
    path.chmod(0o644)
    path.write_bytes(bytes(size))
    with pytest.raises(BuildFailedError, match=r"marts\.fct_orders: its Parquet cannot be read"):
        audited(settings, first)


def test_a_missing_parquet_file_is_refused(settings: Settings, first: PublishedVersion) -> None:
    (path,) = (settings.export_dir / "data/fct_orders/order_date=2026-11-10").iterdir()
    path.unlink()
    with pytest.raises(BuildFailedError, match="is missing or has another size"):
        audited(settings, first)


@dataclass(frozen=True)
class LossyDictionary(FakeDictionary):
    """Loses a shop when asked by shop, as a join that drops rows would."""

    def compile(self, metrics: Sequence[str], by: Sequence[str]) -> str:
        sql = super().compile(metrics, by)
        return sql.replace("where", "where shop_key <> 'doudian-c' and") if by else sql


def test_daily_metrics_that_lose_rows_are_not_published(
    settings: Settings, first: PublishedVersion, warehouse: FakeWarehouse
) -> None:
    warehouse.sql("update marts.fct_orders set quantity = 2 where order_id = '1003'")
    with pytest.raises(BuildFailedError, match=r"pay_amt sums to 123\.600000, asked as a whole"):
        publish(settings, LossyDictionary(), LATER)
    assert VersionStore(settings).all() == [first]
    assert [path.name for path in (settings.serving_path.parent / "versions").iterdir()] == [
        first.version
    ]


def test_a_metric_computed_as_a_float_is_not_stored(
    settings: Settings, warehouse: FakeWarehouse
) -> None:
    dictionary = FakeDictionary(
        (FakeEntry("pay_amt", "支付金额", "CNY"),), {"pay_amt": "sum(paid_amount::double)"}
    )
    with pytest.raises(BuildFailedError, match="pay_amt is computed as DOUBLE"):
        publish(settings, dictionary, LATER)


def test_a_number_that_parquet_cannot_hold_exactly_is_refused(
    settings: Settings, warehouse: FakeWarehouse
) -> None:
    """DuckDB writes a HUGEINT, which sum(bigint) makes, into Parquet as a double."""
    warehouse.sql("alter table marts.fct_orders alter quantity type hugeint")
    with pytest.raises(BuildFailedError, match="quantity: is HUGEINT, Parquet holds DOUBLE"):
        publish(settings, FakeDictionary(), LATER)
