from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from open_data_contract_standard.model import OpenDataContractStandard

from pipelines.errors import BuildFailedError, KoujingError
from pipelines.publish.contract import Retyped
from pipelines.publish.export import Manifest
from pipelines.publish.outlet import publish, publish_lock
from pipelines.publish.versions import PublishedVersion, VersionStore
from pipelines.settings import SHANGHAI, Settings
from tests.fakes.warehouse import FakeDictionary, FakeWarehouse, at
from tests.integration.publish.conftest import ask

pytestmark = pytest.mark.integration
LATER, LATEST = at("2026-11-23 01:30:05"), at("2026-11-24 01:30:05")


def manifest_of(settings: Settings, version: str) -> Manifest:
    return Manifest.model_validate_json(VersionStore(settings).manifest_path(version).read_bytes())


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_version_says_what_it_holds(settings: Settings, first: PublishedVersion) -> None:
    assert first == PublishedVersion(
        version="v20261122.013005",
        published_at=datetime(2026, 11, 22, 1, 30, 5, tzinfo=SHANGHAI),
        data_until=datetime(2026, 11, 11, 23, 59, 59, tzinfo=SHANGHAI),
        as_of=datetime(2026, 11, 12, 8, 0, tzinfo=SHANGHAI),
        schema_version="1.0.0",
        shops_total=3,
        shops_fresh=2,
        late_shops=("tmall-b",),
        tables={
            "marts.data_freshness": 4,
            "marts.dim_shops": 3,
            "marts.fct_orders": 6,
            "metrics.metric_aliases": 8,
            "metrics.metric_dictionary": 3,
            "metrics.metrics_daily": 8,
        },
    )
    assert VersionStore(settings).current() == first
    assert VersionStore(settings).all() == [first]


def test_an_analyst_finds_chinese_comments_on_every_table_and_column(
    settings: Settings, first: PublishedVersion
) -> None:
    comments = dict(
        ask(
            settings.serving_path,
            "select table_name, comment from duckdb_tables() union all "
            "select table_name || '.' || column_name, comment from duckdb_columns() "
            "where database_name = 'koujing'",
        )
    )
    assert comments["fct_orders"] == "订单事实, 一单一行; '含' 未支付"
    assert comments["fct_orders.paid_amount"] == "实付金额, 元, 未扣退款"
    assert len(comments) > 60
    assert all(any("一" <= letter <= "鿿" for letter in str(c)) for c in comments.values())


def test_only_marts_and_metrics_are_published(settings: Settings, first: PublishedVersion) -> None:
    tables = ask(
        settings.serving_path, "select schema_name || '.' || table_name from duckdb_tables()"
    )
    assert sorted(str(name) for (name,) in tables) == [
        "main.readme",
        "marts.data_freshness",
        "marts.dim_shops",
        "marts.fct_orders",
        "metrics.metric_aliases",
        "metrics.metric_dictionary",
        "metrics.metrics_daily",
        "metrics.published_version",
    ]


def test_daily_metrics_are_tidy_and_leave_ratios_out(
    settings: Settings, first: PublishedVersion
) -> None:
    rows = ask(
        settings.serving_path,
        "select metric_id, date_day::varchar, shop_key, channel, value, unit "
        "from metrics.metrics_daily order by 1, 2, 3",
    )
    assert rows == [
        ("pay_amt", "2026-11-09", "tmall-a", "taobao", Decimal("100.10"), "CNY"),
        ("pay_amt", "2026-11-09", "tmall-b", "taobao", Decimal("20.20"), "CNY"),
        ("pay_amt", "2026-11-10", "tmall-a", "taobao", Decimal("3.30"), "CNY"),
        ("pay_amt", "2026-11-11", "doudian-c", "doudian", Decimal("5000.01"), "CNY"),
        ("pay_qty", "2026-11-09", "tmall-a", "taobao", Decimal(1), "pieces"),
        ("pay_qty", "2026-11-09", "tmall-b", "taobao", Decimal(2), "pieces"),
        ("pay_qty", "2026-11-10", "tmall-a", "taobao", Decimal(1), "pieces"),
        ("pay_qty", "2026-11-11", "doudian-c", "doudian", Decimal(11), "pieces"),
    ]


def test_the_dictionary_is_a_table_and_every_name_leads_to_it(
    settings: Settings, first: PublishedVersion
) -> None:
    rows = ask(
        settings.serving_path,
        "select name_zh, unit, platform_mapping['taobao'], marks[1].metric, storable_daily "
        "from metrics.metric_dictionary natural join metrics.metric_aliases "
        "where alias = '支付GMV'",
    )
    assert rows == [("支付金额", "CNY", "生意参谋 支付金额", "order_line_cnt", True)]


def test_the_files_are_as_the_manifest_says_and_sum_like_the_serving_database(
    settings: Settings, first: PublishedVersion
) -> None:
    latest = json.loads((settings.export_dir / "latest.json").read_text(encoding="utf-8"))
    content = (settings.export_dir / latest["manifest"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == latest["manifest_sha256"]
    manifest = Manifest.model_validate_json(content)
    for table in manifest.tables:
        for file in table.files:
            data = (settings.export_dir / file.path).read_bytes()
            assert (hashlib.sha256(data).hexdigest(), len(data)) == (file.sha256, file.bytes)
    orders = next(table for table in manifest.tables if table.name == "marts.fct_orders")
    assert (orders.rows, orders.totals) == (6, {"paid_amount": "5123.61", "quantity": "16"})
    assert [(file.partition["order_date"], file.rows) for file in orders.files] == [
        ("2026-11-09", 2),
        ("2026-11-10", 1),
        ("2026-11-11", 2),
        (None, 1),
    ]
    paths = [str(settings.export_dir / file.path) for file in orders.files]
    parquet = duckdb.execute(
        "select count(*), sum(paid_amount), sum(quantity) from read_parquet(?)", [paths]
    ).fetchall()
    served = ask(
        settings.serving_path,
        "select count(*), sum(paid_amount), sum(quantity) from marts.fct_orders",
    )
    assert parquet == served == [(6, Decimal("5123.61"), 16)]


def test_the_guides_sql_reads_one_version_of_the_export(
    settings: Settings, warehouse: FakeWarehouse, first: PublishedVersion
) -> None:
    """docs/outlet.md shows how to read a manifest's files; a glob would find two versions."""
    warehouse.sql("update marts.fct_orders set paid_amount = 4.30 where order_id = '1003'")
    second = publish(settings, FakeDictionary(), LATER)
    guide = (Path(__file__).parents[3] / "docs" / "outlet.md").read_text(encoding="utf-8")
    sql = guide.split("```sql\n-- read a manifest")[1].split("```")[0]
    sql = sql[sql.index("\n") :].replace("EXPORT", str(settings.export_dir))
    with duckdb.connect() as connection:
        setting, reading = sql.replace("VERSION", second.version).strip().split(";\n")
        connection.execute(setting)
        rows = connection.execute(reading).fetchall()
    assert rows == [(6, Decimal("5124.61"))]


def test_a_changed_day_writes_that_days_files_only(
    settings: Settings, warehouse: FakeWarehouse, first: PublishedVersion
) -> None:
    before = digests(settings.export_dir / "data")
    warehouse.sql("update marts.fct_orders set paid_amount = 4.30 where order_id = '1003'")
    second = publish(settings, FakeDictionary(), LATER)
    written = digests(settings.export_dir / "data").keys() - before.keys()
    assert sorted(
        Path(path).parent.relative_to(settings.export_dir / "data").as_posix() for path in written
    ) == [
        "fct_orders/order_date=2026-11-10",
        "metrics_daily/date_day=2026-11-10",
    ]
    assert ask(settings.serving_path, "select sum(paid_amount) from marts.fct_orders") == [
        (Decimal("5124.61"),)
    ]
    assert second.schema_version == "1.0.0"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            "delete from marts.fct_orders where order_date = '2026-11-10'",
            (5, "5120.31"),
            id="a day gone",
        ),
        pytest.param(
            "delete from marts.fct_orders where order_date is null",
            (5, "5123.61"),
            id="the undated gone",
        ),
        pytest.param(
            "insert into marts.fct_orders values ('tmall-a', 'taobao', '1007', '2026-11-12', 7, 1)",
            (7, "5130.61"),
            id="a new day",
        ),
        pytest.param(
            "update marts.fct_orders set order_date = '2026-11-10' where order_id = '1001'",
            (6, "5123.61"),
            id="moved to another day",
        ),
        pytest.param("delete from marts.fct_orders", (0, None), id="emptied"),
    ],
)
def test_any_change_of_the_build_arrives_whole(
    settings: Settings,
    warehouse: FakeWarehouse,
    first: PublishedVersion,
    change: str,
    expected: tuple[int, str | None],
) -> None:
    rows, paid = expected
    warehouse.sql(change)
    second = publish(settings, FakeDictionary(), LATER)
    orders = next(
        t for t in manifest_of(settings, second.version).tables if t.name == "marts.fct_orders"
    )
    assert ask(
        settings.serving_path, "select count(*), sum(paid_amount) from marts.fct_orders"
    ) == [(rows, paid and Decimal(paid))]
    assert (sum(file.rows for file in orders.files), orders.totals["paid_amount"]) == (rows, paid)


def test_an_unchanged_build_is_published_again_without_writing_parquet(
    settings: Settings, first: PublishedVersion
) -> None:
    before = digests(settings.export_dir / "data")
    second = publish(settings, FakeDictionary(), LATER)
    assert digests(settings.export_dir / "data") == before
    assert VersionStore(settings).all() == [second, first]
    assert ask(settings.serving_path, "select version from metrics.published_version") == [
        ("v20261123.013005",)
    ]


def test_a_second_publish_within_the_second_gets_a_suffix(
    settings: Settings, first: PublishedVersion
) -> None:
    again = [publish(settings, FakeDictionary(), at("2026-11-22 01:30:05")) for _ in range(2)]
    assert [version.version for version in again] == ["v20261122.013005-2", "v20261122.013005-3"]


def test_an_older_version_never_changes(
    settings: Settings, warehouse: FakeWarehouse, first: PublishedVersion
) -> None:
    folder = VersionStore(settings).database(first.version).parent
    before = digests(folder) | digests(settings.export_dir / "data")
    for day, clock in ((9, LATER), (10, LATEST)):
        warehouse.sql(f"delete from marts.fct_orders where order_date = '2026-11-{day:02}'")
        publish(settings, FakeDictionary(), clock)
    after = digests(folder) | digests(settings.export_dir / "data")
    assert {path: after[path] for path in before} == before


def test_versions_beyond_the_kept_ones_are_pruned_with_the_files_only_they_name(
    settings: Settings, warehouse: FakeWarehouse, first: PublishedVersion
) -> None:
    keeping_two = settings.model_copy(update={"keep_versions": 2})
    warehouse.sql("update marts.fct_orders set paid_amount = 4.30 where order_id = '1003'")
    second = publish(keeping_two, FakeDictionary(), LATER)
    warehouse.sql("update marts.fct_orders set paid_amount = 5.30 where order_id = '1003'")
    third = publish(keeping_two, FakeDictionary(), LATEST)
    store = VersionStore(settings)
    assert store.all() == [third, second]
    folders = store.folder(first.version).parent.iterdir()
    assert sorted(folder.name for folder in folders) == [second.version, third.version]
    manifests = (settings.export_dir / "manifests").iterdir()
    assert sorted(path.stem for path in manifests) == [second.version, third.version]
    named = {
        path
        for version in (second, third)
        for path in manifest_of(settings, version.version).paths()
    }
    there = (settings.export_dir / "data").rglob("*.parquet")
    assert {path.relative_to(settings.export_dir).as_posix() for path in there} == named
    assert len([path for path in named if "order_date=2026-11-10" in path]) == 2


def test_a_lost_parquet_file_is_written_again(settings: Settings, first: PublishedVersion) -> None:
    (lost,) = (settings.export_dir / "data/fct_orders/order_date=2026-11-10").iterdir()
    lost.unlink()
    second = publish(settings, FakeDictionary(), LATER)
    paths = manifest_of(settings, second.version).paths()
    assert sum("order_date=2026-11-10" in path for path in paths) == 1
    assert all((settings.export_dir / path).exists() for path in paths)


def test_a_serving_file_changed_by_hand_is_not_carried_on(
    settings: Settings, first: PublishedVersion
) -> None:
    database = VersionStore(settings).database(first.version)
    database.chmod(0o644)
    with duckdb.connect(str(database)) as connection:
        connection.execute("update marts.fct_orders set paid_amount = 0")
    publish(settings, FakeDictionary(), LATER)
    assert ask(settings.serving_path, "select sum(paid_amount) from marts.fct_orders") == [
        (Decimal("5123.61"),)
    ]


def test_a_breaking_change_is_told_in_the_manifest_and_the_contract(
    settings: Settings, warehouse: FakeWarehouse, first: PublishedVersion
) -> None:
    warehouse.columns["fct_orders"]["paid_amount"] = ("decimal(18,4)", "实付金额, 元, 未扣退款")
    del warehouse.columns["dim_shops"]["shop_name"]
    warehouse.write_artifacts()
    warehouse.sql(
        "alter table marts.fct_orders alter paid_amount type decimal(18,4)",
        "alter table marts.dim_shops drop column shop_name",
    )
    second = publish(settings, FakeDictionary(), LATER)
    change = manifest_of(settings, second.version).schema_change
    assert (second.schema_version, change.kind, change.since) == (
        "2.0.0",
        "breaking",
        first.version,
    )
    assert change.removed == ["marts.dim_shops.shop_name"]
    assert change.retyped == [
        Retyped(
            column="marts.fct_orders.paid_amount", before="DECIMAL(18,2)", after="DECIMAL(18,4)"
        )
    ]
    contract = OpenDataContractStandard.from_file(str(settings.export_dir / "contracts/2.0.0.yaml"))
    assert contract.version == "2.0.0"
    assert (settings.export_dir / "contracts/1.0.0.yaml").exists()


def test_without_a_comment_nothing_is_published_and_the_last_version_stays(
    settings: Settings, warehouse: FakeWarehouse, first: PublishedVersion
) -> None:
    warehouse.columns["fct_orders"]["paid_amount"] = ("decimal(18,2)", "")
    warehouse.write_artifacts()
    warehouse.sql("delete from marts.fct_orders")
    with pytest.raises(BuildFailedError, match=r"marts\.fct_orders\.paid_amount: no Chinese"):
        publish(settings, FakeDictionary(), LATER)
    assert VersionStore(settings).all() == [first]
    assert ask(settings.serving_path, "select count(*) from marts.fct_orders") == [(6,)]


def test_without_any_data_nothing_is_published(
    settings: Settings, warehouse: FakeWarehouse
) -> None:
    warehouse.sql("delete from marts.data_freshness")
    with pytest.raises(BuildFailedError, match="no shop with data"):
        publish(settings, FakeDictionary(), LATER)
    assert not settings.serving_path.exists()
    assert VersionStore(settings).all() == []


def test_without_a_warehouse_the_remedy_is_a_run(
    settings: Settings, warehouse: FakeWarehouse
) -> None:
    shutil.rmtree(settings.warehouse_path.parent)
    with pytest.raises(BuildFailedError, match="no warehouse") as caught:
        publish(settings, FakeDictionary(), LATER)
    assert "koujing run" in caught.value.hint


def test_while_a_build_writes_nothing_is_published(
    settings: Settings, warehouse: FakeWarehouse
) -> None:
    writing = (
        f"import duckdb; c = duckdb.connect({str(settings.warehouse_path)!r}); print(1); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-uc", writing], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as builder:
        assert builder.stdout is not None
        builder.stdout.readline()
        with pytest.raises(BuildFailedError, match="cannot be read") as caught:
            publish(settings, FakeDictionary(), LATER)
        assert "publish when it has ended" in caught.value.hint
        builder.communicate(b"\n")
    assert publish(settings, FakeDictionary(), LATER).version == "v20261123.013005"


def test_one_publisher_at_a_time(settings: Settings) -> None:
    with (
        publish_lock(settings),
        pytest.raises(KoujingError, match="under way"),
        publish_lock(settings, wait_seconds=0),
    ):
        pytest.fail("a second publisher got in")
