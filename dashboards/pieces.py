"""The parts that every block is drawn with: a card, a number with its unit, a change, ⓘ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboards.figures import Figures, PageData
from dashboards.filters import Choices, to_search
from dashboards.numbers import Change, change_of, full, short
from dashboards.theme import Tokens


@dataclass(frozen=True)
class Canvas:
    """What every block is drawn with."""

    data: PageData
    choices: Choices
    colours: Tokens

    def name(self, metric: str) -> str:
        """The metric's name in the dictionary's words."""
        return self.data.entries[metric].zh

    def link(self, text: str, **changes: Any) -> Component:  # noqa: ANN401  fields of Filters
        """A link to this page with some filters changed; the page's script follows it in place."""
        href = to_search(replace(self.data.filters, **changes), self.choices)
        return html.A(text, href=f"{self.data.page.path}{href}", className="go")


def info(canvas: Canvas, metric: str, place: str, text: str = "ⓘ") -> Component:
    """The button that opens a metric's definition."""
    return html.Button(
        text,
        id={"type": "definition", "metric": metric, "place": place},
        className="info" if text == "ⓘ" else "text-button",
        title=f"{canvas.name(metric)}：查看定义",
        **{"aria-label": f"{canvas.name(metric)}的定义"},
    )


def card(
    title: str,
    children: Any,  # noqa: ANN401  what Dash takes as children
    *,
    note: str = "",
    action: Component | None = None,
    width: str,
) -> Component:
    """A titled card with a quiet note and one action beside the title."""
    return html.Section(
        [
            html.Div(
                [html.H2(title), html.Span(note, className="note"), action],
                className="card-title",
            ),
            *(children if isinstance(children, list) else [children]),
        ],
        className=f"card {width}",
    )


def value_of(canvas: Canvas, metric: str, style: str) -> Component:
    """The whole range's figure, its unit set smaller, every digit on hover."""
    entry, value = canvas.data.entries[metric], canvas.data.totals.number(metric)
    written = short(value, entry.unit, entry.decimals)
    return html.Div(
        [html.Span(written.value), html.Small(written.unit)],
        className=style if value is not None else f"{style} missing",
        title=full(value, entry.unit, entry.decimals),
    )


def moved(canvas: Canvas, row: Figures, metric: str) -> Change | None:
    """How a metric of a row moved, judged by the metric's own direction."""
    entry = canvas.data.entries[metric]
    return change_of(
        row.number(metric),
        row.previous(metric),
        row.change(metric),
        entry.unit,
        entry.direction,
    )


def change_line(canvas: Canvas, row: Figures, metric: str, *, brief: bool = False) -> Component:
    """The change against the compared period, its words, and the earlier figure on hover."""
    entry, words = canvas.data.entries[metric], canvas.data.filters.compare_words
    change, before = moved(canvas, row, metric), row.previous(metric)
    if change is None:
        why = canvas.data.left_out.get(metric) or canvas.data.uncompared
        nothing_before = f"{words}{'无数据' if before is None else '为 0'}"
        text = why or (nothing_before if row.number(metric) is not None else "")
        return html.Div(text, className="change flat")
    return html.Div(
        [
            change_parts(change),
            " ",
            html.Span(f"较{words}", className="versus") if not brief else "",
        ],
        className="change",
        title=f"{words}：{full(before, entry.unit, entry.decimals)}",
    )


def change_parts(change: Change | None) -> Component:
    """Arrow and size of a change; a dash where there is nothing to compare with."""
    if change is None:
        return html.Span("—", className="flat")
    return html.Span(
        [html.I(change.arrow, className="arrow") if change.arrow else "", change.text],
        className=f"moved {change.tone}",
    )


def nothing(canvas: Canvas, metric: str, text: str) -> Component:
    """Why there is no figure to draw."""
    return html.P(canvas.data.left_out.get(metric, text), className="quiet")
