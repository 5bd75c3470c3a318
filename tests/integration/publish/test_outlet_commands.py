from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from pipelines.commands import outlet
from pipelines.errors import BuildFailedError, UsageError
from pipelines.publish.outlet import publish
from pipelines.publish.versions import PublishedVersion, VersionStore
from pipelines.settings import Settings
from tests.fakes.warehouse import FakeDictionary, at

pytestmark = pytest.mark.integration


@pytest.fixture
def app(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setenv("KOUJING_HOME", str(settings.home))
    application = typer.Typer()
    for command in (outlet.publish, outlet.rollback, outlet.versions):
        application.command()(command)
    return application


@pytest.fixture
def second(settings: Settings, first: PublishedVersion) -> PublishedVersion:
    return publish(settings, FakeDictionary(), at("2026-11-23 01:30:05"))


def test_versions_are_listed_newest_first_with_the_current_one_marked(
    app: typer.Typer, second: PublishedVersion
) -> None:
    result = CliRunner().invoke(app, ["versions"])
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[1][:4] == ["*", "v20261123.013005", "2026-11-23", "01:30:05"]
    assert rows[2][:3] == ["v20261122.013005", "2026-11-22", "01:30:05"]
    assert rows[2][-3:] == ["6", "32", "2/3"]


def test_versions_as_json(app: typer.Typer, second: PublishedVersion) -> None:
    result = CliRunner().invoke(app, ["versions", "--format", "json"])
    rows = json.loads(result.stdout)
    assert [(row["version"], row["is_current"]) for row in rows] == [
        ("v20261123.013005", True),
        ("v20261122.013005", False),
    ]
    assert rows[0]["data_until"] == "2026-11-11T23:59:59+08:00"
    assert rows[0]["tables"]["marts.fct_orders"] == 6


def test_before_the_first_publish_there_is_an_empty_list(app: typer.Typer) -> None:
    assert "Nothing is published yet" in CliRunner().invoke(app, ["versions"]).stdout
    assert json.loads(CliRunner().invoke(app, ["versions", "--format", "json"]).stdout) == []


def test_rollback_answers_with_the_version_readers_now_get(
    app: typer.Typer, settings: Settings, second: PublishedVersion
) -> None:
    result = CliRunner().invoke(app, ["rollback", "v20261122.013005", "--format", "json"])
    (row,) = json.loads(result.stdout)
    current = VersionStore(settings).current()
    assert current is not None
    assert row["version"] == current.version == "v20261122.013005"


def test_rollback_to_an_unknown_version_is_a_usage_error(
    app: typer.Typer, second: PublishedVersion
) -> None:
    assert isinstance(CliRunner().invoke(app, ["rollback", "v1"]).exception, UsageError)


def test_publish_without_a_build_fails_with_the_build_exit_code(app: typer.Typer) -> None:
    error = CliRunner().invoke(app, ["publish"]).exception
    assert isinstance(error, BuildFailedError)
    assert error.exit_code == 5
