"""The blocks of a page, drawn: one function a kind, from ``PageData`` to Dash components.

A number always comes with its name in the dictionary's words, unit, change, marks and ⓘ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboards import charts
from dashboards.filters import GRAIN_WORDS
from dashboards.numbers import full, short
from dashboards.pieces import Canvas, card, change_line, info, nothing, value_of
from dashboards.rankings import ranking, table
from dashboards.spec import (
    Block,
    NumberBlock,
    PanelBlock,
    RankingBlock,
    TableBlock,
    TrendBlock,
    WatchBlock,
)
from dashboards.watch import sentences

MARK_WORDS = {
    "undated": "有退款无时间",
    "immature": "未成熟",
    "duplicates": "疑似重复",
    "incomplete": "字段不全",
}
GRAPH_CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}


def draw(canvas: Canvas, block: Block, place: str) -> Component:
    """One block.

    Args:
        canvas: Figures, filters and colours.
        block: What to draw.
        place: Unique on the page; part of the ids of the block's buttons.
    """
    match block:
        case NumberBlock():
            return _number(canvas, block, place)
        case TrendBlock():
            return _trend(canvas, block, place)
        case RankingBlock():
            return ranking(canvas, block, place)
        case PanelBlock():
            return _panel(canvas, block, place)
        case TableBlock():
            return table(canvas, block)
        case WatchBlock():
            return _watch(canvas, block, place)


def _number(canvas: Canvas, block: NumberBlock, place: str) -> Component:
    data, metric = canvas.data, block.metric
    context = [_context(canvas, name) for name in block.context]
    line = charts.spark(charts.points(data, metric), canvas.colours)
    return html.Section(
        [
            html.Div(
                [html.H3(canvas.name(metric), className="name"), info(canvas, metric, place)],
                className="card-head",
            ),
            value_of(canvas, metric, "value"),
            change_line(canvas, data.totals, metric),
            html.Img(src=line, className="spark", alt=f"{canvas.name(metric)}走势")
            if line
            else html.Div(className="spark"),
            html.Div(context, className="context"),
            _tags(canvas, metric),
        ],
        className="card number",
        **{"data-metric": metric},
    )


def _trend(canvas: Canvas, block: TrendBlock, place: str) -> Component:
    data, entry = canvas.data, canvas.data.entries[block.metric]
    unit = charts.axis_unit(data, block.metric)
    grain = GRAIN_WORDS[data.filters.drawn_grain]
    return card(
        block.title,
        [_graph(canvas, block.metric, charts.TREND_HEIGHT), _gap_note(canvas, block.metric)],
        note=f"{grain} · {_anchor(entry.anchor)} · {unit}",
        action=info(canvas, block.metric, place, "查看定义"),
        width=block.width,
    )


def _panel(canvas: Canvas, block: PanelBlock, place: str) -> Component:
    data, trend = canvas.data, canvas.data.entries[block.trend]
    minis = [
        html.Div(
            [
                html.Div(
                    [
                        html.Span(canvas.name(name), className="name"),
                        info(canvas, name, f"{place}-{name}"),
                    ],
                    className="card-head",
                ),
                value_of(canvas, name, "mini-value"),
                change_line(canvas, data.totals, name, brief=True),
                _tags(canvas, name),
            ],
            className="mini",
            **{"data-metric": name},
        )
        for name in block.metrics
    ]
    grain = GRAIN_WORDS[data.filters.drawn_grain]
    caption = f"{trend.zh} · {grain} · {charts.axis_unit(data, block.trend)}"
    return card(
        block.title,
        [
            html.Div(minis, className="minis"),
            _mark_words(canvas, block.metrics),
            html.Div(caption, className="caption"),
            _graph(canvas, block.trend, charts.PANEL_HEIGHT),
            _gap_note(canvas, block.trend),
        ],
        width=block.width,
    )


def _watch(canvas: Canvas, block: WatchBlock, place: str) -> Component:
    items = []
    for index, sentence in enumerate(sentences(canvas.data, block)):
        actions = [info(canvas, sentence.metric, f"{place}-{index}", "查看定义")]
        if sentence.narrow_to and sentence.narrow_to[0] == "shop":
            actions.insert(0, canvas.link("只看该店", shops=(sentence.narrow_to[1],)))
        items.append(html.Li([html.B(sentence.subject), " ", sentence.text, *_spaced(actions)]))
    return card(
        block.title,
        html.Ul(items, className="watch")
        if items
        else html.P("所选范围内没有需要特别留意的变化或数据问题。", className="quiet"),
        note="按影响金额排序",
        width=block.width,
    )


def _graph(canvas: Canvas, metric: str, height: int) -> Component:
    series = charts.points(canvas.data, metric)
    if all(point.value is None for point in series):
        return html.Div(
            nothing(canvas, metric, "所选范围内没有数据。"),
            className="no-line",
            style={"height": f"{height}px"},
        )
    return html.Div(
        [
            _legend(canvas, series),
            dcc.Graph(
                figure=charts.trend_figure(canvas.data, metric, canvas.colours, height=height),
                config=GRAPH_CONFIG,
                style={"height": f"{height}px"},
                responsive=True,
            ),
        ]
    )


def _legend(canvas: Canvas, series: Sequence[charts.Point]) -> Component:
    kinds: list[tuple[str, str, Callable[[charts.Point], bool]]] = [
        ("now", "本期", lambda point: point.value is not None),
        ("immature", "未成熟，仍会变化", lambda point: point.immature),
        ("before", canvas.data.filters.compare_words, lambda point: point.previous is not None),
    ]
    return html.Div(
        [
            html.Span([html.I(className=f"key {kind}"), words])
            for kind, words, seen in kinds
            if any(map(seen, series))
        ],
        className="legend",
    )


def _gap_note(canvas: Canvas, metric: str) -> Component | None:
    """What the line does not show by itself: gaps, and weeks or months that are not whole."""
    filters = canvas.data.filters
    word = {"day": "天", "week": "周", "month": "个月"}[filters.drawn_grain]
    notes = []
    missing = charts.gaps(charts.points(canvas.data, metric))
    if missing:
        listed = "、".join(f"{day:%m-%d}" for day in missing[:4])
        more = " 等" if len(missing) > 4 else ""
        notes.append(f"{len(missing)} {word}没有数据（{listed}{more}），图中留空。")
    if charts.is_cut(filters):
        notes.append(
            f"首尾的{GRAIN_WORDS[filters.drawn_grain]}不足整{GRAIN_WORDS[filters.drawn_grain]}。"
        )
    return html.Div("".join(notes), className="gap-note") if notes else None


def _context(canvas: Canvas, metric: str) -> Component:
    entry, value = canvas.data.entries[metric], canvas.data.totals.number(metric)
    return html.Span(
        f"{entry.zh} {short(value, entry.unit, entry.decimals)}",
        title=full(value, entry.unit, entry.decimals),
        **{"data-metric": metric},
    )


def _tags(canvas: Canvas, metric: str) -> Component | None:
    marks = canvas.data.totals.marks_of(metric)
    if not marks:
        return None
    return html.Div(
        [
            html.Span(
                MARK_WORDS.get(kind, kind), className="tag", title=str(mark.get("zh") or kind)
            )
            for kind, mark in marks.items()
        ],
        className="tags",
    )


def _mark_words(canvas: Canvas, metrics: Sequence[str]) -> Component | None:
    """The marks of a panel in full, each once: a phone has no hover."""
    said: dict[str, list[str]] = {}
    for metric in metrics:
        for kind, mark in canvas.data.totals.marks_of(metric).items():
            words = str(mark.get("zh") or kind).rstrip("。")
            said.setdefault(words, []).append(canvas.name(metric))
    if not said:
        return None
    lines = [html.Div(f"{'、'.join(names)}：{words}。") for words, names in said.items()]
    return html.Div(lines, className="mark-words")


def _anchor(anchor: str) -> str:
    """The words of an anchor: ``PT 支付时间`` is 支付时间."""
    code, _, words = anchor.partition(" ")
    return words or code


def _spaced(actions: Sequence[Component]) -> list[Any]:
    return [part for action in actions for part in ("　", action)]
