"""What databases refuse is told in the gateway's words; addresses that are none are told too."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines.errors import KoujingError, UsageError
from pipelines.gateway.database import DatabaseSession, database_connector
from pipelines.gateway.database_errors import refusal
from pipelines.gateway.errors import (
    ParameterRefused,
    PermissionMissing,
    PlatformBusy,
    PlatformError,
    ShapeChanged,
    SignatureRefused,
    Unreachable,
)
from pipelines.registry.credentials import CredentialStore
from pipelines.registry.shops import Shop, ShopRegistry
from pipelines.settings import Settings

SHOP = Shop(shop_key="mall-x", channel="mall", name="商城")


class MySqlError(Exception):
    """As MySQL's drivers raise it: number and words."""


def of(original: Exception) -> PlatformError:
    failed = sa.exc.OperationalError("SELECT 1", {}, original)
    return refusal(failed, "mall-x", "reader", "mall.orders")


@pytest.mark.parametrize(
    ("number", "kind", "hint"),
    [
        (1045, SignatureRefused, "--credential database_url=-"),
        (1049, ParameterRefused, "--credential database_url=-"),
        (1142, PermissionMissing, "GRANT SELECT ON mall.orders TO reader"),
        (1146, ShapeChanged, "schemas.py"),
        (1054, ShapeChanged, "schemas.py"),
        (1040, PlatformBusy, "koujing shop check"),
        (2003, Unreachable, "koujing shop check mall-x"),
        (9999, PlatformError, "koujing shop check"),
    ],
)
def test_mysql_s_numbers_are_understood(number: int, kind: type, hint: str) -> None:
    error = of(MySqlError(number, "its own words"))
    assert type(error) is kind
    assert (error.words, error.code) == ("its own words", str(number))
    assert hint in error.hint


def test_what_is_unknown_names_its_class_and_no_value() -> None:
    error = refusal(ValueError("17012345678"), "mall-x", "reader", "mall.orders")
    assert error.message == "ValueError while reading mall.orders"


def opened(tmp_path: Path, url: str) -> DatabaseSession:
    settings = Settings(home=tmp_path / "home", _env_file=None)
    ShopRegistry(settings).add(SHOP)
    CredentialStore(settings).set("mall-x", {"database_url": url})
    connector = database_connector("mall", "商城", "shop", ())
    return DatabaseSession(settings, connector, SHOP, "")


@pytest.mark.parametrize("url", ["not a url", "oracle://reader:hush@db/mall"])
def test_an_address_that_is_none_is_said_without_its_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError) as refused:
        opened(tmp_path, url)
    assert "database_url of mall-x" in refused.value.message
    assert "hush" not in str(refused.value)
    assert "postgresql+psycopg://" in refused.value.hint


def test_a_driver_that_is_not_installed_is_said_with_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(KoujingError) as refused:
        opened(tmp_path, "mysql://reader:hush@db.example/mall")
    assert refused.value.message == "mall-x needs the driver pymysql, which is not installed."
    assert "install pymysql" in refused.value.hint
    assert "hush" not in str(refused.value)
