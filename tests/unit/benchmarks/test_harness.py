"""The harness: ratios within a run, the same work by all, results that can be read again."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as command
from benchmarks import report
from benchmarks.harness import (
    Benchmark,
    BenchmarkError,
    Contender,
    Measurement,
    Target,
    compare,
    measure,
    run,
    summarise,
)

CONTENDERS = "tests.unit.benchmarks.contenders"
NOON = datetime(2026, 11, 21, 12, 0, 0)  # noqa: DTZ001 - only printed


def taken(call: float, peak: float = 100.0) -> Measurement:
    return Measurement(call_seconds=call, process_seconds=call + 1, peak_rss_mb=peak, count=7)


def tiny(*contenders: Contender, **changes: object) -> Benchmark:
    settings: dict[str, Any] = {
        "name": "tiny",
        "title": "lines counted",
        "prepare": f"{CONTENDERS}:prepare",
        "contenders": contenders,
        "baseline": contenders[0].name,
        "scale": 40,
        "quick_scale": 5,
        "unit": "lines",
        "repeats": 1,
    }
    return Benchmark(**{**settings, **changes})


def counter(name: str, **params: object) -> Contender:
    return Contender(name, f"{CONTENDERS}:count_lines", params)


def test_ratio_is_taken_round_by_round_then_its_median() -> None:
    # The third round met a slow machine: both are slow, and their ratio is not.
    ours = [taken(2.0), taken(3.0), taken(20.0)]
    theirs = [taken(1.0), taken(2.0), taken(8.0)]

    ratio = compare(ours, theirs)

    assert ratio["call"] == {"min": 1.5, "median": 2.0, "all": [2.0, 1.5, 2.5]}


def test_peak_is_the_highest_of_all_rounds() -> None:
    ours = [taken(1.0, peak=150.0), taken(1.0, peak=300.0)]
    theirs = [taken(1.0, peak=100.0), taken(1.0, peak=120.0)]

    assert summarise(ours)["peak_rss_mb"] == 300.0
    assert compare(ours, theirs)["peak_rss"] == 2.5


def test_summary_gives_minimum_and_median_of_call_and_process() -> None:
    summary = summarise([taken(3.0), taken(1.0), taken(2.5)])

    assert summary["call_seconds"] == {"min": 1.0, "median": 2.5, "all": [3.0, 1.0, 2.5]}
    assert summary["process_seconds"] == {"min": 2.0, "median": 3.5, "all": [4.0, 2.0, 3.5]}
    assert summary["count"] == 7


def test_each_contender_runs_once_a_round_and_they_take_turns(tmp_path: Path) -> None:
    said: list[str] = []
    benchmark = tiny(counter("a"), counter("b"), repeats=2)

    result = run(benchmark, tmp_path, say=said.append)

    order = [line.split()[3] for line in said if " round " in line]
    assert order == ["a", "b", "b", "a"]
    assert result["contenders"]["a"]["count"] == 40
    assert len(result["contenders"]["b"]["call_seconds"]["all"]) == 2
    assert list(result["ratios"]) == ["b"]


def test_scratch_is_empty_for_every_measurement_and_gone_afterwards(tmp_path: Path) -> None:
    run(tiny(counter("a"), repeats=2), tmp_path, say=lambda line: None)

    assert not (tmp_path / "scratch").exists()


@pytest.mark.parametrize(
    ("at_most", "verdict"),
    [pytest.param(1e9, "met", id="met"), pytest.param(0.0, "missed", id="missed")],
)
def test_target_is_judged(tmp_path: Path, at_most: float, verdict: str) -> None:
    benchmark = tiny(counter("a"), counter("b"), targets=(Target("b", "a", at_most),))

    [target] = run(benchmark, tmp_path, say=lambda line: None)["targets"]

    assert target["verdict"] == verdict
    assert target["ratio"] > 0


def test_quick_run_is_small_and_not_judged(tmp_path: Path) -> None:
    benchmark = tiny(counter("a"), counter("b"), targets=(Target("b", "a", 0.0),))

    result = run(benchmark, tmp_path, quick=True, repeats=1, say=lambda line: None)

    assert result["scale"] == 5
    assert result["targets"][0]["verdict"] == "not judged"


def test_contenders_that_count_differently_are_refused(tmp_path: Path) -> None:
    benchmark = tiny(counter("a"), counter("b", off_by=1))

    with pytest.raises(BenchmarkError, match="did not do the same work"):
        run(benchmark, tmp_path, say=lambda line: None)


def test_failing_contender_is_named_with_its_last_words(tmp_path: Path) -> None:
    benchmark = tiny(Contender("unlucky", f"{CONTENDERS}:fail"))

    with pytest.raises(BenchmarkError, match=r"unlucky ended with 1:[\s\S]*no luck with 40 lines"):
        run(benchmark, tmp_path, say=lambda line: None)


def test_measured_process_sees_no_koujing_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOUJING_HOME", "/somewhere/else")

    counted = measure(Contender("env", f"{CONTENDERS}:count_settings"), tmp_path, tmp_path, 1)

    assert counted.count == 0
    assert counted.peak_rss_mb > 5
    assert counted.process_seconds > counted.call_seconds


def result_of(name: str, verdict: str = "met") -> dict[str, Any]:
    return {
        "benchmark": name,
        "title": "lines counted",
        "scale": 40,
        "unit": "lines",
        "rounds": 1,
        "contenders": {"a": summarise([taken(1.0)]), "b": summarise([taken(2.5, peak=250.0)])},
        "ratios": {"b": compare([taken(2.5)], [taken(1.0)])},
        "targets": [
            {"contender": "b", "baseline": "a", "at_most": 3, "ratio": 2.5, "verdict": verdict}
        ],
    }


def test_results_are_valid_json_and_latest_keeps_every_benchmark(tmp_path: Path) -> None:
    path = report.write({**result_of("one"), **report.surroundings(NOON)}, tmp_path, NOON)
    report.write(result_of("two"), tmp_path, NOON)

    assert path.name == "one-20261121T120000.json"
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["ratios"]["b"]["call"]["median"] == 2.5
    assert written["at"] == "2026-11-21T12:00:00"
    assert written["machine"]["cpus"] >= 1
    assert set(written["versions"]) >= {"python", "duckdb", "polars", "dlt"}
    latest = json.loads((tmp_path / "latest.json").read_text(encoding="utf-8"))
    assert sorted(latest) == ["one", "two"]
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "latest.json",
        "one-20261121T120000.json",
        "two-20261121T120000.json",
    ]


def test_table_says_the_target_in_words() -> None:
    shown = report.table(result_of("one", verdict="missed"))

    assert "target: b at most 3 × a: 2.50 × = MISSED" in shown
    assert "2.500s" in shown


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param([], 0, id="a missed target is only told"),
        pytest.param(["--check"], 1, id="with --check it fails"),
    ],
)
def test_command_writes_results_and_fails_only_when_asked_to_check(
    tmp_path: Path, arguments: list[str], code: int
) -> None:
    missed = tiny(counter("a"), counter("b"), targets=(Target("b", "a", 0.0),))

    assert command.main(["tiny", "--out", str(tmp_path), *arguments], {"tiny": missed}) == code
    assert json.loads((tmp_path / "latest.json").read_text())["tiny"]["benchmark"] == "tiny"


def test_unknown_benchmark_is_refused_with_the_known_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["inbox"])

    assert ended.value.code == 2
    assert "no benchmark inbox; there are: inbox_csv" in capsys.readouterr().err
