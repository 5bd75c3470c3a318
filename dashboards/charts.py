"""Figures: one message each, quiet, with a fixed height. Numbers become floats only here.

Data flow: ``PageData`` -> points in time -> a Plotly figure as plain JSON, or a spark line as SVG.
A gap in the data is a gap in the line; a day with 0 is 0; what may still change is dashed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from dashboards.figures import PageData
from dashboards.filters import Filters, Grain
from dashboards.numbers import WAN, Number, full, unit_word
from dashboards.theme import FONT, Tokens
from metrics_dictionary.catalog import MetricEntry

TREND_HEIGHT = 272
PANEL_HEIGHT = 176
SPARK_WIDTH, SPARK_HEIGHT = 240, 40


@dataclass(frozen=True)
class Point:
    """One bucket of time. ``value`` None is a gap; ``immature`` may still change."""

    start: date
    value: Number | None
    previous: Number | None = None
    immature: bool = False


def points(data: PageData, metric: str) -> tuple[Point, ...]:
    """A metric over the page's range, one point a bucket, gaps included."""
    grain = data.filters.drawn_grain
    rows = {_bucket(row.values[grain], grain): row for row in data.series}
    found = []
    for start in buckets(data.filters):
        row = rows.get(start)
        found.append(
            Point(start, None)
            if row is None
            else Point(
                start,
                row.number(metric),
                row.previous(metric),
                "immature" in row.marks_of(metric),
            )
        )
    return tuple(found)


def buckets(filters: Filters) -> tuple[date, ...]:
    """The first days of the buckets that a range touches; weeks start on Monday."""
    grain = filters.drawn_grain
    found = [_bucket(filters.start, grain)]
    while (after := _next(found[-1], grain)) <= filters.end:
        found.append(after)
    return tuple(found)


def is_cut(filters: Filters) -> bool:
    """Whether the first or the last week or month lies only partly in the range."""
    drawn = buckets(filters)
    after_last = _next(drawn[-1], filters.drawn_grain)
    return drawn[0] < filters.start or after_last - timedelta(days=1) > filters.end


def gaps(series: Sequence[Point]) -> tuple[date, ...]:
    """The buckets without data between the first and the last one that have some."""
    known = [index for index, point in enumerate(series) if point.value is not None]
    if not known:
        return ()
    return tuple(p.start for p in series[known[0] : known[-1]] if p.value is None)


def trend_figure(
    data: PageData, metric: str, colours: Tokens, *, height: int, promotions: bool = True
) -> dict[str, Any]:
    """A metric over time, the compared period dotted behind it, promotion days shaded."""
    entry, series = data.entries[metric], points(data, metric)
    scale = _scale(entry, series)
    pen = _Pen(entry, scale, data.filters, colours)
    traces = [pen.before(series), pen.settled(series), pen.immature(series)]
    shaded = _promotions(data) if promotions and data.filters.drawn_grain == "day" else []
    return {
        "data": [trace for trace in traces if trace is not None],
        "layout": _layout(data.filters, entry, colours, height)
        | {
            "shapes": [_shade(first, last, colours) for first, last, _ in shaded],
            "annotations": [_shade_name(first, name, colours) for first, _, name in shaded],
        },
    }


def axis_unit(data: PageData, metric: str) -> str:
    """The unit of a trend's axis in words: 万元, 单, %."""
    entry = data.entries[metric]
    scaled = _scale(entry, points(data, metric)) == WAN
    return f"{'万' if scaled else ''}{unit_word(entry.unit)}" or "倍"


def spark(series: Sequence[Point], colours: Tokens) -> str:
    """A spark line as an SVG data address; empty where fewer than two points have a value."""
    values = [point.value for point in series if point.value is not None]
    if len(values) < 2:
        return ""
    low, high = min(Decimal(0), *map(Decimal, values)), max(map(Decimal, values))
    span = high - low or Decimal(1)
    step = (SPARK_WIDTH - 6) / max(len(series) - 1, 1)
    places = [
        None
        if point.value is None
        else (
            3 + index * step,
            SPARK_HEIGHT - 4 - float((Decimal(point.value) - low) / span) * (SPARK_HEIGHT - 8),
        )
        for index, point in enumerate(series)
    ]
    border = _first_immature(series)
    body = "".join(
        _stroke(part, colours.brand, dashed=dashed)
        for dashed, chosen in ((False, places[: border + 1]), (True, places[border:]))
        for part in _runs(chosen)
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SPARK_WIDTH} {SPARK_HEIGHT}" '
        f'preserveAspectRatio="none">{body}</svg>'
    )
    return f"data:image/svg+xml,{quote(svg)}"


@dataclass(frozen=True)
class _Pen:
    entry: MetricEntry
    scale: Decimal
    filters: Filters
    colours: Tokens

    def before(self, series: Sequence[Point]) -> dict[str, Any] | None:
        """The compared period, laid under the asked one."""
        if all(point.previous is None for point in series):
            return None
        return self._line(
            self.filters.compare_words,
            [(point.start, point.previous) for point in series],
            {"color": self.colours.faint, "width": 1.5, "dash": "dot"},
        )

    def settled(self, series: Sequence[Point]) -> dict[str, Any]:
        """The part of the asked period that will not change much any more."""
        border = _first_immature(series)
        drawn = [(p.start, p.value if i <= border else None) for i, p in enumerate(series)]
        trace = self._line("本期", drawn, {"color": self.colours.brand, "width": 2.5})
        values = [value for _, value in drawn]
        alone = [_is_alone(values, index) for index in range(len(values))]
        # A point between two gaps has no line to either side: only a marker can show it.
        return trace | {
            "mode": "lines+markers",
            "marker": {"size": [6 if one else 0 for one in alone], "color": self.colours.brand},
        }

    def immature(self, series: Sequence[Point]) -> dict[str, Any] | None:
        """The part that may still change, joined to the settled one."""
        border = _first_immature(series)
        if border >= len(series):
            return None
        drawn = [(p.start, p.value if i >= border else None) for i, p in enumerate(series)]
        line = {"color": self.colours.brand, "width": 2.5, "dash": "dash"}
        return self._line("本期（未成熟）", drawn, line)

    def _line(
        self, name: str, drawn: Sequence[tuple[date, Number | None]], line: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": [day.isoformat() for day, _ in drawn],
            "y": [None if v is None else float(Decimal(v) / self.scale) for _, v in drawn],
            "customdata": [full(v, self.entry.unit, self.entry.decimals) for _, v in drawn],
            "hovertemplate": "%{customdata}",
            "line": dict(line),
            "connectgaps": False,
            "showlegend": False,
        }


def _layout(filters: Filters, entry: MetricEntry, colours: Tokens, height: int) -> dict[str, Any]:
    quiet = {"color": colours.secondary, "size": 12, "family": FONT}
    dates = {"day": "%m-%d", "week": "%m-%d 周", "month": "%Y-%m"}[filters.drawn_grain]
    return {
        "height": height,
        "margin": {"l": 44, "r": 12, "t": 24, "b": 28},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": quiet,
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": colours.card, "bordercolor": colours.line, "font": quiet},
        "dragmode": False,
        "xaxis": {
            "type": "date",
            "tickformat": dates,
            "hoverformat": "%Y-%m-%d",
            "showgrid": False,
            "fixedrange": True,
            "range": _across(filters),
            "nticks": 6,
            "linecolor": colours.line,
            "tickfont": quiet,
        },
        "yaxis": {
            "rangemode": "tozero",
            "fixedrange": True,
            "nticks": 5,
            "gridcolor": colours.line,
            "zeroline": False,
            "tickfont": quiet,
            "tickformat": ".1~%" if entry.unit == "percent" else ",~r",
        },
    }


def _across(filters: Filters) -> list[str]:
    """The drawn range, half a day wider on each side, so that no point lies on an edge."""
    drawn = buckets(filters)
    return [f"{drawn[0] - timedelta(days=1)} 12:00", f"{drawn[-1]} 12:00"]


def _promotions(data: PageData) -> list[tuple[date, date, str]]:
    """Runs of days of the same promotion: first day, last day, name."""
    runs: list[tuple[date, date, str]] = []
    for day in data.calendar:
        name, when = day.get("promo_name"), day["date_day"]
        if not name:
            continue
        if runs and runs[-1][2] == name and runs[-1][1] + timedelta(days=1) == when:
            runs[-1] = (runs[-1][0], when, name)
        else:
            runs.append((when, when, name))
    return runs


def _shade(first: date, last: date, colours: Tokens) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": f"{first - timedelta(days=1)} 12:00",
        "x1": f"{last} 12:00",
        "y0": 0,
        "y1": 1,
        "fillcolor": colours.promo,
        "line": {"width": 0},
        "layer": "below",
    }


def _shade_name(first: date, name: str, colours: Tokens) -> dict[str, Any]:
    return {
        "x": f"{first - timedelta(days=1)} 12:00",
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "xanchor": "left",
        "text": name,
        "showarrow": False,
        "font": {"color": colours.immature, "size": 12, "family": FONT},
    }


def _scale(entry: MetricEntry, series: Sequence[Point]) -> Decimal:
    if entry.unit in {"percent", "ratio"}:
        return Decimal(1)
    seen = [abs(Decimal(v)) for p in series for v in (p.value, p.previous) if v is not None]
    return WAN if seen and max(seen) >= WAN else Decimal(1)


def _first_immature(series: Sequence[Point]) -> int:
    """The last settled index: the dashed part starts on it, so that the line does not break."""
    for index, point in enumerate(series):
        if point.immature:
            return max(index - 1, 0)
    return len(series)


def _is_alone(values: Sequence[Number | None], index: int) -> bool:
    beside = (*values[max(index - 1, 0) : index], *values[index + 1 : index + 2])
    return values[index] is not None and all(value is None for value in beside)


def _runs(
    places: Sequence[tuple[float, float] | None],
) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for place in places:
        if place is None:
            runs.append([])
        else:
            runs[-1].append(place)
    return [run for run in runs if run]


def _stroke(run: Sequence[tuple[float, float]], colour: str, *, dashed: bool) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    area = (
        f'<polygon points="{run[0][0]:.1f},{SPARK_HEIGHT} {path} {run[-1][0]:.1f},{SPARK_HEIGHT}" '
        f'fill="{colour}" opacity="0.07"/>'
    )
    return (
        f'{area}<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6" '
        f'vector-effect="non-scaling-stroke" stroke-linejoin="round"{dash}/>'
    )


def _bucket(day: date, grain: Grain) -> date:
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def _next(start: date, grain: Grain) -> date:
    if grain == "day":
        return start + timedelta(days=1)
    if grain == "week":
        return start + timedelta(days=7)
    return (start.replace(day=28) + timedelta(days=4)).replace(day=1)
