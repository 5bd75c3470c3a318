"""What a run leaves behind: JSON files, and a table on the screen."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.harness import PROJECT_ROOT

PACKAGES = ("duckdb", "polars", "pyarrow", "dlt", "metricflow")


def surroundings(now: datetime) -> dict[str, Any]:
    """Where and of what the run was: time, machine, versions, git revision."""
    return {
        "at": now.isoformat(timespec="seconds"),
        "revision": _revision(),
        "machine": {
            "system": platform.platform(),
            "cpu": _cpu(),
            "cpus": os.cpu_count(),
            "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        },
        "versions": {"python": platform.python_version(), **_versions()},
    }


def write(result: Mapping[str, Any], folder: Path, now: datetime) -> Path:
    """Write ``<name>-<time>.json`` and put the result into ``latest.json`` under its name."""
    folder.mkdir(parents=True, exist_ok=True)
    name = str(result["benchmark"])
    path = folder / f"{name}-{now:%Y%m%dT%H%M%S}.json"
    _replace(path, result)
    latest = folder / "latest.json"
    known = json.loads(latest.read_text(encoding="utf-8")) if latest.exists() else {}
    _replace(latest, {**known, name: result})
    return path


def table(result: Mapping[str, Any]) -> str:
    """The result in words: one line a contender, one a target."""
    lines = [
        f"{result['title']}: {result['scale']:,} {result['unit']}, {result['rounds']} rounds",
        f"  {'contender':<20}{'call min':>10}{'median':>10}"
        f"{'process':>10}{'items/s':>10}{'peak MB':>10}{'ratio':>8}",
    ]
    for name, taken in result["contenders"].items():
        ratio = result["ratios"].get(name)
        shown = f"{ratio['call']['median']:.2f}" if ratio else "1"
        lines.append(
            f"  {name:<20}{taken['call_seconds']['min']:>9.3f}s"
            f"{taken['call_seconds']['median']:>9.3f}s"
            f"{taken['process_seconds']['median']:>9.3f}s{taken['per_second']:>10,}"
            f"{taken['peak_rss_mb']:>10.0f}{shown:>8}"
        )
    lines += [
        f"  target: {target['contender']} at most {target['at_most']:g} × {target['baseline']}: "
        f"{target['ratio']:.2f} × = {target['verdict'].upper()}"
        for target in result["targets"]
    ]
    return "\n".join(lines)


def _replace(path: Path, document: Mapping[str, Any]) -> None:
    half_written = path.with_suffix(".tmp")
    half_written.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    half_written.replace(path)


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def _revision() -> str:
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],  # noqa: S607 - git as found
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def _cpu() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
