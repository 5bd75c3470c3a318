"""A database read again and again: what changed, what came late, what was deleted, what broke."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pytest

from pipelines.extraction import ExtractionReport
from pipelines.gateway.session import open_session
from pipelines.registry.credentials import CredentialStore
from pipelines.registry.shops import ShopRegistry
from tests.integration.databases.conftest import NOON, SHOP, TOY, Toy

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("databases")]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def error_of(report: ExtractionReport) -> str:
    (failure,) = report.failures()
    return failure


def test_only_what_changed_travels_again(toy: Toy) -> None:
    toy.put(1, NOON - 400 * DAY)
    toy.put(2, NOON - 2 * HOUR)
    assert toy.rows(toy.pull()) == 2
    toy.show(NOON + HOUR)
    toy.put(2, NOON + MINUTE, "9.99")
    toy.put(3, NOON + 2 * MINUTE)
    assert toy.rows(toy.pull()) == 2
    assert toy.newest() == {"1": "1.00", "2": "9.99", "3": "1.00"}


def test_the_overlap_finds_what_was_committed_late(toy: Toy) -> None:
    toy.put(1, NOON - HOUR)
    with toy.server.connect(toy.owner.info.dbname) as slow:
        slow.execute(
            "INSERT INTO toy.orders VALUES (2, 'S1', 'M-2', NULL, 5, '2026-11-14 11:50:00')"
        )
        toy.pull()
        assert toy.newest() == {"1": "1.00"}
    toy.show(NOON + HOUR)
    assert toy.rows(toy.pull()) == 1
    assert toy.newest() == {"1": "1.00", "2": "5.00"}


def test_the_database_s_clock_ends_the_windows(toy: Toy) -> None:
    toy.put(1, NOON + MINUTE)  # from a machine whose clock is ahead
    assert toy.rows(toy.pull()) == 0
    toy.show(NOON + HOUR)
    assert toy.rows(toy.pull()) == 1


def test_a_row_that_was_deleted_gets_a_tombstone_and_one_that_is_back_loses_it(toy: Toy) -> None:
    for order in (1, 2, 3):
        toy.put(order, NOON - HOUR)
    toy.pull()
    toy.run("DELETE FROM toy.orders WHERE order_no = 2")
    toy.show(NOON + HOUR)
    toy.pull()
    assert toy.tombstones() == []  # keys are swept once a day
    toy.show(NOON + DAY)
    toy.pull()
    assert toy.tombstones() == [("2", True)]
    toy.show(NOON + 2 * DAY)
    toy.pull()
    assert toy.tombstones() == [("2", True)]  # told once
    toy.put(2, NOON - HOUR)  # out of a backup, as it was
    toy.show(NOON + 3 * DAY)
    toy.pull()
    assert toy.tombstones() == [("2", False), ("2", True)]


def test_a_table_that_lost_most_of_its_rows_is_not_believed_at_once(toy: Toy) -> None:
    toy.run(
        "INSERT INTO toy.orders SELECT n, 'S1', 'M', NULL, 1, '2026-11-14 11:00:00'"
        " FROM generate_series(1, 300) AS n"
    )
    assert toy.rows(toy.pull()) == 300
    toy.run("DELETE FROM toy.orders WHERE order_no > 100")
    toy.show(NOON + DAY)
    report = toy.pull()
    assert "orders has lost 200 of 300 rows; none was taken for deleted" in error_of(report)
    assert toy.tombstones() == []
    assert toy.rows(toy.pull(full_refresh=True)) == 100
    assert len(toy.tombstones()) == 200


def test_each_shop_gets_its_own_rows(toy: Toy) -> None:
    toy.put(1, NOON - HOUR)
    toy.put(2, NOON - HOUR, store="S2")
    assert toy.rows(toy.pull()) == 1
    toy.run("DELETE FROM toy.orders WHERE order_no = 2")
    toy.show(NOON + DAY)
    toy.pull()
    assert toy.tombstones() == []


def test_nothing_of_a_buyer_leaves_in_clear(toy: Toy) -> None:
    toy.put(1, NOON - HOUR)
    toy.pull()
    (row,) = duckdb.sql(f"SELECT * FROM {toy.landed('orders')}").pl().iter_rows(named=True)
    assert "phone" not in row
    assert len(row["buyer"]) == 64
    assert not any("17012345678" in str(value) or "M-1" in str(value) for value in row.values())


def test_a_column_of_text_costs_only_the_rows_that_hold_no_number(toy: Toy) -> None:
    toy.put(1, NOON - HOUR, "2.50")
    toy.put(2, NOON - HOUR)
    toy.run("ALTER TABLE toy.orders ALTER amount TYPE varchar")
    toy.run("UPDATE toy.orders SET amount = 'free' WHERE order_no = 2")
    report = toy.pull()
    assert [(each.rows, each.quarantined) for each in report.streams] == [(1, 1)]
    assert toy.newest() == {"1": "2.50"}
    (record,) = duckdb.sql(f"SELECT record FROM {toy.landed('quarantine')}").fetchall()
    assert "17012345678" not in record[0]
    assert "M-2" not in record[0]


def test_a_type_that_cannot_hold_money_stops_the_stream_and_loses_nothing(toy: Toy) -> None:
    toy.put(1, NOON - HOUR)
    toy.run("ALTER TABLE toy.orders ALTER amount TYPE double precision")
    assert "orders.amount holds Float64 now" in error_of(toy.pull())
    toy.run("ALTER TABLE toy.orders ALTER amount TYPE numeric(10, 2)")
    toy.show(NOON + DAY)
    assert toy.rows(toy.pull()) == 1


def test_a_new_column_is_kept_and_told(toy: Toy) -> None:
    toy.put(1, NOON - HOUR)
    toy.run("ALTER TABLE toy.orders ADD tags jsonb DEFAULT '{\"vip\": true}'")
    toy.pull()
    extra = duckdb.sql(f"SELECT _extra FROM {toy.landed('orders')}").fetchall()
    assert extra == [('{"tags":"{\\"vip\\": true}"}',)]
    told = duckdb.sql(
        f"SELECT unknown_fields FROM {toy.landed('pulls')} WHERE unknown_fields IS NOT NULL"
    ).fetchall()
    assert told == [('{"tags": 1}',)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("ALTER TABLE toy.orders RENAME amount TO total", "toy.orders has no column amount"),
        ("DROP TABLE toy.orders", "There is no table toy.orders"),
        ("REVOKE SELECT ON toy.orders FROM toy_reader", "permission denied for table orders"),
        ("REVOKE USAGE ON SCHEMA toy FROM toy_reader", "permission denied for schema toy"),
    ],
)
def test_what_the_database_does_not_give_is_said_in_words(toy: Toy, change: str, said: str) -> None:
    toy.put(1, NOON - HOUR)
    toy.run(change)
    assert said in error_of(toy.pull())
    shop = ShopRegistry(toy.home).get(SHOP)
    with (
        pytest.raises(Exception, match=said),
        open_session(toy.home, TOY, shop) as session,
    ):
        TOY.check(session)


def test_rights_that_are_given_back_find_all_that_was_missed(toy: Toy) -> None:
    toy.put(1, NOON - HOUR)
    toy.pull()
    toy.run("REVOKE SELECT ON toy.orders FROM toy_reader")
    toy.put(2, NOON + MINUTE)
    toy.show(NOON + 5 * HOUR)
    toy.pull()
    toy.run("GRANT SELECT ON toy.orders TO toy_reader")
    toy.show(NOON + 9 * HOUR)
    assert toy.rows(toy.pull()) == 1
    assert toy.newest() == {"1": "1.00", "2": "1.00"}


@pytest.mark.parametrize(
    ("url", "said", "hint"),
    [
        pytest.param(
            lambda toy: toy.url("wrong"), "password authentication failed",
            "--credential database_url=-", id="wrong password",
        ),
        pytest.param(
            lambda toy: toy.url().replace(toy.owner.info.dbname, "nowhere"), "does not exist",
            "koujing shop", id="no such database",
        ),
        pytest.param(
            lambda _: "postgresql://toy_reader:right@127.0.0.1:1/toy", "127.0.0.1",
            "koujing shop check", id="unreachable",
        ),
    ],
)  # fmt: skip
def test_a_database_that_does_not_open_is_said_without_its_password(
    toy: Toy, url: object, said: str, hint: str
) -> None:
    assert callable(url)
    CredentialStore(toy.home).set(SHOP, {"database_url": url(toy)})
    report = toy.pull()
    assert said in error_of(report)
    assert ":right@" not in error_of(report)
    assert "wrong" not in error_of(report)
    shop = ShopRegistry(toy.home).get(SHOP)
    with (
        pytest.raises(Exception, match=said) as refused,
        open_session(toy.home, TOY, shop),
    ):
        pass
    assert hint in refused.value.hint


def test_nothing_can_be_written(toy: Toy) -> None:
    toy.run("GRANT INSERT ON toy.orders TO toy_reader")
    shop = ShopRegistry(toy.home).get(SHOP)
    with (
        open_session(toy.home, TOY, shop) as session,
        session._engine.connect() as line,
        pytest.raises(Exception, match="read-only transaction"),
    ):
        line.exec_driver_sql("INSERT INTO toy.orders (order_no) VALUES (1)")


def test_a_backfill_reads_its_window_and_moves_no_mark(toy: Toy) -> None:
    toy.put(1, NOON - 3 * DAY)
    toy.put(2, NOON - HOUR)
    report = toy.pull(since=NOON - 4 * DAY, until=NOON - DAY)
    assert toy.rows(report) == 1
    assert toy.rows(toy.pull()) == 2


def test_a_table_far_larger_than_a_batch_comes_whole(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.gateway import database

    monkeypatch.setattr(database, "_BATCH_ROWS", 1_000)
    toy.run(
        "INSERT INTO toy.orders SELECT n, 'S1', 'M', NULL, n * 0.01,"
        " timestamp '2026-11-14 00:00:00' + n * interval '1 second'"
        " FROM generate_series(1, 12345) AS n"
    )
    assert toy.rows(toy.pull()) == 12_345
    total = duckdb.sql(f"SELECT CAST(sum(amount) AS VARCHAR) FROM {toy.landed('orders')}")
    assert total.fetchall() == [("762056.85",)]  # 12,345 * 12,346 / 2 fen
