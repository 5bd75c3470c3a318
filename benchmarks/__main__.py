"""``python -m benchmarks``: run the benchmarks and keep their results."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks import channels, extraction, harness, inbox_csv, metric_query, report

BENCHMARKS = {
    benchmark.name: benchmark
    for benchmark in (
        *inbox_csv.BENCHMARKS,
        *metric_query.BENCHMARKS,
        *extraction.BENCHMARKS,
        *channels.BENCHMARKS,
    )
}


def main(
    arguments: Sequence[str] | None = None,
    benchmarks: Mapping[str, harness.Benchmark] = BENCHMARKS,
) -> int:
    """Run what was asked for.

    Returns:
        0; 1 with ``--check`` where a target was missed; 2 where a contender failed.
    """
    parser = _parser(benchmarks)
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in benchmarks]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are: {', '.join(benchmarks)}")
    missed = False
    for name in options.names or benchmarks:
        with tempfile.TemporaryDirectory(prefix="koujing-bench-", dir=options.work) as work:
            try:
                result = harness.run(
                    benchmarks[name], Path(work), quick=options.quick, repeats=options.repeats
                )
            except harness.BenchmarkError as error:
                print(f"{name}: {error}", file=sys.stderr)
                return 2
        now = datetime.now(tz=ZoneInfo("Asia/Shanghai"))
        path = report.write({**result, **report.surroundings(now)}, options.out, now)
        print(f"\n{report.table(result)}\n  written to {path}\n")
        missed |= any(target["verdict"] == "missed" for target in result["targets"])
    return 1 if options.check and missed else 0


def _parser(benchmarks: Mapping[str, harness.Benchmark]) -> argparse.ArgumentParser:
    home = Path(os.environ.get("KOUJING_HOME") or harness.PROJECT_ROOT / "data")
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Koujing beside the engine's own way; ratios within one run.",
        epilog="example: python -m benchmarks inbox_csv --repeats 3",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(benchmarks))
    parser.add_argument("--quick", action="store_true", help="small and not judged: does it run?")
    parser.add_argument("--repeats", type=int, help="rounds (default: the benchmark's own)")
    parser.add_argument("--check", action="store_true", help="exit 1 where a target is missed")
    parser.add_argument("--out", type=Path, default=home / "bench", help="default: %(default)s")
    parser.add_argument("--work", type=Path, help="where inputs are made (default: the temp dir)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
