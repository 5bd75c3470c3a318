"""`koujing shop add`: each channel says what it needs, a slip of the hand is refused at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.errors import UsageError
from pipelines.gateway.catalogue import connectors
from pipelines.registry.credentials import CredentialStore
from pipelines.registry.shops import ShopRegistry
from pipelines.settings import Settings

FITTING = {
    "doudian": {"app_key": "6" * 19}, "buyin": {"app_key": "6" * 19},
    "taobao": {"app_key": "12345678"},
    "kuaishou": {"app_key": "ks700000000000001"}, "weixin_shop": {"app_id": "wx0123456789abcdef"},
    "qianchuan": {"app_id": "1700000000000001"},
    "mall": {"database_url": "postgresql://reader:secret@db/mall"},
    "wms": {"database_url": "mysql+pymysql://reader:secret@db/wms"},
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("KOUJING_HOME", str(tmp_path))
    return Settings(home=tmp_path, _env_file=None)


def handed(channel: str) -> dict[str, str]:
    """Something for each thing that a channel cannot do without."""
    needed = [field.name for field in connectors()[channel].credentials if field.required]
    return dict.fromkeys(needed, "a-secret") | FITTING.get(channel, {})


def options(values: dict[str, str]) -> list[str]:
    return [part for name, value in values.items() for part in ("--credential", f"{name}={value}")]


@pytest.mark.parametrize("channel", connectors())
def test_a_shop_of_each_channel_is_registered_with_what_it_needs(
    home: Settings, channel: str
) -> None:
    given = handed(channel)
    done = CliRunner().invoke(app, ["shop", "add", channel, "new", *options(given)])
    assert done.exception is None, done.output
    assert CredentialStore(home).get("new") == given
    assert "shop check new" in done.output


@pytest.mark.parametrize("channel", connectors())
def test_each_thing_that_is_missing_is_named(home: Settings, channel: str) -> None:
    given = handed(channel)
    for name in list(given):
        less = {other: value for other, value in given.items() if other != name}
        error = CliRunner().invoke(app, ["shop", "add", channel, "new", *options(less)]).exception
        assert isinstance(error, UsageError)
        assert name in error.message
    assert ShopRegistry(home).all() == []


@pytest.mark.parametrize(
    ("channel", "name", "value"),
    [
        ("doudian", "app_key", "123"),
        ("taobao", "app_key", "1234567x"),
        ("kuaishou", "app_key", "700000000000001"),
        ("weixin_shop", "app_id", "gh0123456789abcdef"),
        ("qianchuan", "app_id", "APP1"),
        ("mall", "database_url", "db.example/mall"),
        ("jd", "app_secret", " copied with a blank"),
        ("jd", "app_secret", ""),
    ],
)
def test_what_does_not_look_like_it_is_refused_and_not_repeated(
    home: Settings, channel: str, name: str, value: str
) -> None:
    given = handed(channel) | {name: value}
    error = CliRunner().invoke(app, ["shop", "add", channel, "new", *options(given)]).exception
    assert isinstance(error, UsageError)
    assert name in error.message
    assert not value or value not in f"{error.message}{error.hint}"
    assert ShopRegistry(home).all() == []
