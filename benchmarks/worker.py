"""One contender in a process of its own: made ready, then timed for one call.

Data flow: task file (JSON) -> the contender's entry -> result file (JSON). Run by the harness as
``python -m benchmarks.worker TASK_FILE RESULT_FILE``.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast


@dataclass(frozen=True)
class Task:
    """What an entry gets.

    Attributes:
        inputs: The benchmark's folder of generated input, shared by its contenders.
        scratch: An empty folder of this one measurement.
        scale: How much to do (rows, for most).
        params: The contender's own settings.
    """

    inputs: Path
    scratch: Path
    scale: int
    params: dict[str, Any]


Call = Callable[[], int]
Entry = Callable[[Task], Call]


def resolve(entry: str) -> Entry:
    """The function that ``module:function`` names."""
    module, _, name = entry.partition(":")
    return cast(Entry, getattr(importlib.import_module(module), name))


def main(task_file: str, result_file: str) -> None:
    """Make the entry ready (imports, warm-up), time its call and write what it counted."""
    task = json.loads(Path(task_file).read_text(encoding="utf-8"))
    call = resolve(task["entry"])(
        Task(Path(task["inputs"]), Path(task["scratch"]), task["scale"], task["params"])
    )
    start = time.perf_counter()
    count = call()
    seconds = time.perf_counter() - start
    result = {"call_seconds": seconds, "count": count}
    Path(result_file).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
