"""Tiny contenders: they do no work worth timing, they only behave in a known way."""

from __future__ import annotations

import os

from benchmarks.worker import Call, Task


def prepare(task: Task) -> Call:
    def make() -> int:
        (task.inputs / "lines.txt").write_text("line\n" * task.scale)
        return task.scale

    return make


def count_lines(task: Task) -> Call:
    (task.scratch / "left behind").write_text("made ready")
    path = task.inputs / "lines.txt"
    return lambda: len(path.read_text().splitlines()) + task.params.get("off_by", 0)


def count_settings(task: Task) -> Call:
    return lambda: sum(name.startswith("KOUJING_") for name in os.environ)


def fail(task: Task) -> Call:
    def call() -> int:
        raise RuntimeError(f"no luck with {task.scale} lines")

    return call
