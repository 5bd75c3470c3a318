"""Runs contenders side by side and compares them within the run.

Every measurement is a fresh process; the contenders take turns, and each round starts with
another one, so that a slow minute of the machine meets all of them. This process imports nothing
heavy: what a parent holds in memory would be counted as its children's peak.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class BenchmarkError(Exception):
    """A contender failed, or the contenders did not do the same work."""


@dataclass(frozen=True)
class Contender:
    """One way to do the work: ``entry`` is ``module:function``, see ``worker.Entry``."""

    name: str
    entry: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """The promise: the median over rounds of contender ÷ baseline (call time) is ``at_most``."""

    contender: str
    baseline: str
    at_most: float


@dataclass(frozen=True)
class Benchmark:
    """A comparison. Ratios are taken against ``baseline``; ``prepare`` is an entry as well."""

    name: str
    title: str
    prepare: str
    contenders: Sequence[Contender]
    baseline: str
    scale: int
    quick_scale: int
    unit: str = "rows"
    targets: Sequence[Target] = ()
    repeats: int = 5


@dataclass(frozen=True)
class Measurement:
    """One call: seconds of the call alone and of its process, peak memory, items counted."""

    call_seconds: float
    process_seconds: float
    peak_rss_mb: float
    count: int


def run(
    benchmark: Benchmark,
    work: Path,
    *,
    quick: bool = False,
    repeats: int | None = None,
    say: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Measure all contenders of a benchmark.

    Args:
        benchmark: What to run.
        work: An empty folder for inputs and scratch.
        quick: A small scale and two rounds; too small to judge a target by.
        repeats: Rounds, where they differ from the benchmark's own.
        say: Takes progress lines.

    Returns:
        The result as a JSON object; times in seconds, memory in MB (10^6 bytes).

    Raises:
        BenchmarkError: A contender failed, or two of them counted different numbers of items.
    """
    scale = benchmark.quick_scale if quick else benchmark.scale
    rounds = repeats or (2 if quick else benchmark.repeats)
    inputs = work / "inputs"
    inputs.mkdir(parents=True)
    say(f"{benchmark.name}: preparing {scale:,} {benchmark.unit}")
    measure(Contender("prepare", benchmark.prepare), inputs, work, scale)
    found: dict[str, list[Measurement]] = {each.name: [] for each in benchmark.contenders}
    for turn in range(rounds):
        for contender in _rotated(benchmark.contenders, turn):
            taken = measure(contender, inputs, work, scale)
            found[contender.name].append(taken)
            say(
                f"{benchmark.name}: round {turn + 1}/{rounds} {contender.name} "
                f"{taken.call_seconds:.3f} s"
            )
    _check_same_work(found)
    return {
        "benchmark": benchmark.name,
        "title": benchmark.title,
        "scale": scale,
        "unit": benchmark.unit,
        "quick": quick,
        "rounds": rounds,
        "contenders": {name: summarise(taken) for name, taken in found.items()},
        "ratios": {
            name: compare(taken, found[benchmark.baseline])
            for name, taken in found.items()
            if name != benchmark.baseline
        },
        "baseline": benchmark.baseline,
        "targets": [_judge(target, found, quick=quick) for target in benchmark.targets],
    }


def measure(contender: Contender, inputs: Path, work: Path, scale: int) -> Measurement:
    """Run one contender once, in a process and a scratch folder of its own.

    Raises:
        BenchmarkError: The process failed; the message ends with its last lines.
    """
    scratch = work / "scratch"
    scratch.mkdir()
    task_file, result_file, log_file = (work / name for name in ("task", "result", "log"))
    task = {
        "entry": contender.entry,
        "inputs": str(inputs),
        "scratch": str(scratch),
        "scale": scale,
        "params": dict(contender.params),
    }
    task_file.write_text(json.dumps(task), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.worker", str(task_file), str(result_file)]
    with log_file.open("wb") as log:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, cwd=scratch, env=_environment()
        )
        # wait4 gives the usage of this one child (and of the children it waited for).
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    shutil.rmtree(scratch)
    if process.returncode != 0:
        tail = "\n".join(log_file.read_text("utf-8", "replace").splitlines()[-15:])
        raise BenchmarkError(f"{contender.name} ended with {process.returncode}:\n{tail}")
    result = json.loads(result_file.read_text(encoding="utf-8"))
    return Measurement(
        call_seconds=result["call_seconds"],
        process_seconds=seconds,
        peak_rss_mb=_megabytes(usage.ru_maxrss),
        count=result["count"],
    )


def summarise(taken: Sequence[Measurement]) -> dict[str, Any]:
    """Minimum and median of the times, the highest peak, and every single value."""
    calls = [each.call_seconds for each in taken]
    processes = [each.process_seconds for each in taken]
    return {
        "call_seconds": _spread(calls),
        "process_seconds": _spread(processes),
        "peak_rss_mb": round(max(each.peak_rss_mb for each in taken), 1),
        "count": taken[0].count,
        "per_second": round(taken[0].count / statistics.median(calls)),
    }


def compare(taken: Sequence[Measurement], baseline: Sequence[Measurement]) -> dict[str, Any]:
    """Call time of one contender ÷ the baseline's, round by round, and peak memory likewise."""
    by_round = [
        own.call_seconds / other.call_seconds for own, other in zip(taken, baseline, strict=True)
    ]
    peak = max(each.peak_rss_mb for each in taken) / max(each.peak_rss_mb for each in baseline)
    return {"call": _spread(by_round), "peak_rss": round(peak, 3)}


def _spread(values: Sequence[float]) -> dict[str, Any]:
    return {
        "min": round(min(values), 4),
        "median": round(statistics.median(values), 4),
        "all": [round(value, 4) for value in values],
    }


def _judge(
    target: Target, found: Mapping[str, Sequence[Measurement]], *, quick: bool
) -> dict[str, Any]:
    ratio = compare(found[target.contender], found[target.baseline])["call"]["median"]
    verdict = "met" if ratio <= target.at_most else "missed"
    return {
        "contender": target.contender,
        "baseline": target.baseline,
        "at_most": target.at_most,
        "ratio": ratio,
        "verdict": "not judged" if quick else verdict,
    }


def _check_same_work(found: Mapping[str, Sequence[Measurement]]) -> None:
    counts = {name: {each.count for each in taken} for name, taken in found.items()}
    if len(set().union(*counts.values())) != 1:
        raise BenchmarkError(f"the contenders did not do the same work: {counts}")


def _rotated(contenders: Sequence[Contender], turn: int) -> list[Contender]:
    first = turn % len(contenders)
    return [*contenders[first:], *contenders[:first]]


def _environment() -> dict[str, str]:
    # A measurement must not see this home's settings, nor (by its working folder) its .env.
    kept = {key: value for key, value in os.environ.items() if not key.startswith("KOUJING_")}
    return {**kept, "DO_NOT_TRACK": "1", "PYTHONPATH": str(PROJECT_ROOT)}


def _megabytes(maxrss: int) -> float:
    return maxrss / 1e6 if sys.platform == "darwin" else maxrss * 1024 / 1e6
