"""``koujing inbox`` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.commands.inbox import inbox_app
from tests.integration.inbox import made_up

pytestmark = pytest.mark.integration


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KOUJING_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_load_then_look_at_files_and_quarantine(home: Path) -> None:
    header = ",".join(made_up.headers("taobao_orders", "short-7"))
    path = home / "orders.csv"
    path.write_text(
        f"{header}\n1,10.00,10.00,上海,2026-07-01 10:00:00,,0.0\n2,[abc],0,上海,2026-07-01,,0\n",
        encoding="utf-8",
    )
    runner = CliRunner()
    loaded = runner.invoke(inbox_app, ["load", str(path), "--shop", "tmall-made-up"])
    assert loaded.exit_code == 0
    assert "koujing run" in loaded.output
    assert "[abc]" in loaded.output
    again = runner.invoke(inbox_app, ["load", str(path), "--shop", "tmall-made-up"])
    assert again.exit_code == 0
    assert "already loaded" in again.output
    assert "koujing run" not in again.output

    files = json.loads(runner.invoke(inbox_app, ["files", "--format", "json"]).output)
    assert [(row["file_name"], row["rows_loaded"], row["rows_quarantined"]) for row in files] == [
        ("orders.csv", 1, 1)
    ]
    broken = runner.invoke(
        inbox_app, ["quarantine", "--file", "orders.csv", "--format", "csv"]
    ).output.splitlines()
    assert broken[1].startswith("orders.csv,3,总金额,[abc],not an amount,taobao_orders,")


def test_an_empty_home_says_so(home: Path) -> None:
    runner = CliRunner()
    assert "Nothing has been loaded yet" in runner.invoke(inbox_app, ["files"]).output
    assert "No row is in quarantine" in runner.invoke(inbox_app, ["quarantine"]).output
    assert runner.invoke(inbox_app, ["quarantine", "--file", "x.csv"]).exit_code == 1
    kinds = runner.invoke(inbox_app, ["kinds"]).output
    assert "taobao_orders" in kinds
    assert not (home / "home").exists()
