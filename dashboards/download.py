"""The page's figures as a CSV file: every digit, with the dictionary's names and units."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from dashboards.figures import Figures, PageData
from dashboards.filters import GRAIN_WORDS
from dashboards.numbers import unit_word

HEADER = [
    "区块",
    "维度",
    "成员键",
    "成员",
    "指标",
    "指标id",
    "时间口径",
    "单位",
    "数值",
    "对比期数值",
    "变化率",
    "标记",
    "开始",
    "结束",
    "对比",
    "发布版本",
    "数据截至",
]
DIMENSION_WORDS = {"shop": "店铺", "channel": "渠道", "province": "省份"}


def to_csv(data: PageData) -> bytes:
    """The figures in long form, UTF-8 with a byte order mark, since Excel asks for one.

    Percentages are rates 0..1, money is yuan; nothing is rounded.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows(_lines(data))
    return text.getvalue().encode("utf-8-sig")


def _lines(data: PageData) -> Iterator[list[str]]:
    grain = data.filters.drawn_grain
    for metric in data.page.total_metrics():
        yield _line(data, "合计", ("", "", ""), data.totals, metric)
    for row in data.series:
        start = str(row.values[grain])
        for metric in data.page.series_metrics():
            yield _line(data, "趋势", (GRAIN_WORDS[grain], start, start), row, metric)
    for by, metrics in data.page.breakdowns().items():
        word = DIMENSION_WORDS.get(by, by)
        for row in data.breakdowns.get(by, ()):
            key = str(row.values.get(by) or "")
            for metric in metrics:
                label = data.label(by, key) or "未知"
                yield _line(data, f"按{word}", (word, key, label), row, metric)


def _line(
    data: PageData, block: str, member: tuple[str, str, str], row: Figures, metric: str
) -> list[str]:
    entry, filters = data.entries[metric], data.filters
    marks = [str(mark.get("zh") or kind) for kind, mark in row.marks_of(metric).items()]
    if metric in data.left_out:
        marks.append(data.left_out[metric])
    return [
        block,
        *map(_harmless, member),
        entry.zh,
        entry.id,
        entry.anchor,
        unit_word(entry.unit),
        _text(row.number(metric)),
        _text(row.previous(metric)),
        _text(row.change(metric)),
        "；".join(marks),
        filters.start.isoformat(),
        filters.end.isoformat(),
        filters.compare_words,
        data.version.version,
        f"{data.version.data_until:%Y-%m-%d %H:%M}",
    ]


def _text(value: Any) -> str:  # noqa: ANN401  Decimal, int, date or None
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)


def _harmless(text: str) -> str:
    """A name that starts like a formula would be run by a spreadsheet."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def file_name(data: PageData) -> str:
    """What the file is called: page, range and version."""
    start: date = data.filters.start
    return f"{data.page.title}_{start}_{data.filters.end}_{data.version.version}.csv"
