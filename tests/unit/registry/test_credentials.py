"""Credentials are sealed at rest, bound to their shop, and survive a new key."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from pipelines.errors import KoujingError, UsageError
from pipelines.registry.audit import changes
from pipelines.registry.credentials import CredentialStore, Token
from pipelines.registry.shops import Shop, ShopRegistry
from pipelines.settings import SHANGHAI, Settings

SECRET = "the-very-secret-value"
UNTIL = datetime(2026, 11, 21, 20, tzinfo=SHANGHAI)
TOKEN = Token("access-in-clear", "refresh-in-clear", UNTIL, UNTIL + timedelta(days=7))


@pytest.fixture
def store(settings: Settings) -> CredentialStore:
    for key in ("a", "b"):
        ShopRegistry(settings).add(Shop(shop_key=key, channel="doudian", name=key))
    store = CredentialStore(settings)
    store.set("a", {"app_key": "684", "app_secret": SECRET})
    return store


def _database(settings: Settings) -> Path:
    return settings.registry_dir / "registry.sqlite"


def test_what_was_handed_over_comes_back(store: CredentialStore) -> None:
    assert store.get("a") == {"app_key": "684", "app_secret": SECRET}
    assert store.get("b") == {}
    assert store.holders() == {"a"}


def test_tokens_come_back_with_their_times(store: CredentialStore) -> None:
    assert store.read_token("a") is None
    store.write_token("a", TOKEN)
    assert store.read_token("a") == TOKEN
    store.clear_token("a")
    assert store.read_token("a") is None


def test_new_credentials_end_the_old_token(store: CredentialStore) -> None:
    store.write_token("a", TOKEN)
    store.set("a", {"app_secret": "another"})
    assert store.read_token("a") is None
    assert store.get("a")["app_key"] == "684"


def test_a_setting_that_no_token_was_got_with_leaves_the_token(store: CredentialStore) -> None:
    store.write_token("a", TOKEN)
    store.set("a", {"money_units": "uni_promotion/list=yuan"}, forget_token=False)
    assert store.read_token("a") == TOKEN
    assert store.get("a")["money_units"] == "uni_promotion/list=yuan"


def test_nothing_lies_in_clear(store: CredentialStore, settings: Settings) -> None:
    store.write_token("a", TOKEN)
    for path in settings.home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert SECRET.encode() not in content, path
            assert b"in-clear" not in content, path
    assert all(SECRET not in change.what for change in changes(settings))
    assert [change.action for change in changes(settings)] == ["credentials", "add", "add"]


def test_key_files_are_the_owner_s_alone(store: CredentialStore, settings: Settings) -> None:
    key = settings.registry_dir / "credentials.key"
    assert key.stat().st_mode & 0o077 == 0
    assert _database(settings).stat().st_mode & 0o077 == 0
    key.chmod(0o644)
    with pytest.raises(KoujingError, match="open to others"):
        store.get("a")


def test_a_sealed_text_under_another_shop_is_refused(
    store: CredentialStore, settings: Settings
) -> None:
    with sqlite3.connect(_database(settings)) as connection:
        connection.execute("INSERT INTO credentials SELECT 'b', name, ciphertext FROM credentials")
    with pytest.raises(KoujingError, match="tampered"):
        store.get("b")


def test_another_key_opens_nothing_and_says_what_to_do(
    store: CredentialStore, settings: Settings
) -> None:
    (settings.registry_dir / "credentials.key").write_bytes(Fernet.generate_key())
    with pytest.raises(KoujingError, match="cannot be opened") as refused:
        store.get("a")
    assert "backup" in refused.value.hint


def test_a_new_key_seals_everything_anew(store: CredentialStore, settings: Settings) -> None:
    store.write_token("a", TOKEN)
    key = settings.registry_dir / "credentials.key"
    old = key.read_bytes()
    assert store.rotate_key() == 3
    assert key.read_bytes() != old
    assert store.get("a")["app_secret"] == SECRET
    assert store.read_token("a") == TOKEN
    key.write_bytes(old)
    with pytest.raises(KoujingError, match="cannot be opened"):
        store.get("a")


def test_a_key_of_the_environment_is_used_and_not_rotated_from_here(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    settings = Settings(home=tmp_path / "home", credentials_key=key, _env_file=None)
    ShopRegistry(settings).add(Shop(shop_key="a", channel="doudian", name="a"))
    store = CredentialStore(settings)
    store.set("a", {"app_secret": SECRET})
    assert not (settings.registry_dir / "credentials.key").exists()
    assert store.get("a") == {"app_secret": SECRET}
    with pytest.raises(UsageError, match="KOUJING_CREDENTIALS_KEY"):
        store.rotate_key()
    broken = Settings(home=tmp_path / "home", credentials_key="short", _env_file=None)
    with pytest.raises(KoujingError, match="form"):
        CredentialStore(broken).get("a")


def test_a_shop_that_is_not_there_is_said(store: CredentialStore) -> None:
    with pytest.raises(UsageError, match="No shop 'z'"):
        store.set("z", {"app_secret": "x"})


def test_a_registry_from_before_the_migrations_keeps_what_it_holds(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "old", _env_file=None)
    settings.registry_dir.mkdir(parents=True)
    with sqlite3.connect(_database(settings)) as connection:
        connection.executescript(
            "CREATE TABLE shops (shop_key VARCHAR(80) PRIMARY KEY, channel VARCHAR(40) NOT NULL,"
            " kind VARCHAR(20) NOT NULL, name VARCHAR(200) NOT NULL, status VARCHAR(20) NOT NULL,"
            " origin VARCHAR(40) NOT NULL, registered_at DATETIME NOT NULL);"
            "CREATE TABLE users (name VARCHAR(80) PRIMARY KEY, role VARCHAR(30) NOT NULL,"
            " password_hash VARCHAR(200) NOT NULL, channels JSON NOT NULL, shops JSON NOT NULL,"
            " created_at DATETIME NOT NULL);"
            "INSERT INTO shops VALUES ('t', 'taobao', 'shop', '旗舰店', 'active', 'inbox',"
            " '2026-11-22 10:00:00');"
        )
    (shop,) = ShopRegistry(settings).all()
    assert (shop.shop_key, shop.name, shop.base_url) == ("t", "旗舰店", "")
    CredentialStore(settings).set("t", {"app_secret": SECRET})
    assert CredentialStore(settings).get("t") == {"app_secret": SECRET}
