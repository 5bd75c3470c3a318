from __future__ import annotations

import json
from decimal import Decimal

import pytest

from pipelines.errors import KoujingError, UsageError
from pipelines.publish.outlet import publish, rollback
from pipelines.publish.versions import PublishedVersion, VersionStore
from pipelines.settings import Settings
from tests.fakes.warehouse import FakeDictionary, FakeWarehouse, at
from tests.integration.publish.conftest import ask

pytestmark = pytest.mark.integration
PAID = "select sum(paid_amount) from marts.fct_orders"


@pytest.fixture
def second(
    settings: Settings, warehouse: FakeWarehouse, first: PublishedVersion
) -> PublishedVersion:
    """The second version: 4.30 instead of 3.30 yuan on 10 November."""
    warehouse.sql("update marts.fct_orders set paid_amount = 4.30 where order_id = '1003'")
    return publish(settings, FakeDictionary(), at("2026-11-23 01:30:05"))


def exported(settings: Settings) -> str:
    latest = json.loads((settings.export_dir / "latest.json").read_text(encoding="utf-8"))
    return str(latest["version"])


def test_both_outlets_go_back_and_the_later_version_stays_listed(
    settings: Settings, first: PublishedVersion, second: PublishedVersion
) -> None:
    assert ask(settings.serving_path, PAID) == [(Decimal("5124.61"),)]
    assert rollback(settings, first.version) == first
    store = VersionStore(settings)
    assert ask(settings.serving_path, PAID) == [(Decimal("5123.61"),)]
    assert exported(settings) == first.version
    assert store.current() == first
    assert store.all() == [second, first]


def test_one_can_go_forward_again(
    settings: Settings, first: PublishedVersion, second: PublishedVersion
) -> None:
    rollback(settings, first.version)
    rollback(settings, second.version)
    assert ask(settings.serving_path, PAID) == [(Decimal("5124.61"),)]
    assert exported(settings) == second.version


def test_the_next_publish_goes_on_from_the_build(
    settings: Settings, first: PublishedVersion, second: PublishedVersion
) -> None:
    rollback(settings, first.version)
    third = publish(settings, FakeDictionary(), at("2026-11-24 01:30:05"))
    assert ask(settings.serving_path, PAID) == [(Decimal("5124.61"),)]
    assert VersionStore(settings).all() == [third, second, first]
    assert exported(settings) == third.version


def test_an_unknown_version_is_refused_and_the_kept_ones_are_named(
    settings: Settings, first: PublishedVersion, second: PublishedVersion
) -> None:
    with pytest.raises(UsageError, match="no published version 'v1'") as caught:
        rollback(settings, "v1")
    assert caught.value.hint == "Kept are: v20261123.013005, v20261122.013005."
    assert VersionStore(settings).current() == second


@pytest.mark.parametrize("lost", ["database", "manifest_path"])
def test_a_damaged_version_is_not_gone_back_to(
    settings: Settings, first: PublishedVersion, second: PublishedVersion, lost: str
) -> None:
    store = VersionStore(settings)
    getattr(store, lost)(first.version).unlink()
    with pytest.raises(KoujingError, match="cannot be served"):
        rollback(settings, first.version)
    assert store.current() == second
    assert exported(settings) == second.version


def test_a_version_that_lost_a_parquet_file_is_not_gone_back_to(
    settings: Settings, first: PublishedVersion, second: PublishedVersion
) -> None:
    (lost,) = (settings.export_dir / "data/fct_orders/order_date=2026-11-09").iterdir()
    lost.unlink()
    with pytest.raises(KoujingError, match="order_date=2026-11-09"):
        rollback(settings, first.version)
    assert VersionStore(settings).current() == second
