"""Who and where: horizontal bars of shares, and the sortable table."""

from __future__ import annotations

from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from dashboards.figures import Figures
from dashboards.numbers import full, share_text, short
from dashboards.pieces import Canvas, card, change_parts, info, moved, nothing
from dashboards.spec import RankingBlock, TableBlock

UNKNOWN, REST = "unknown", "rest"


def ranking(canvas: Canvas, block: RankingBlock, place: str) -> Component:
    """Bars of an additive metric's parts: the largest, the rest together, and the unknown."""
    entry = canvas.data.entries[block.metric]
    bars = _bars(canvas, block)
    whole = sum((value for _, value, _ in bars), start=Decimal(0))
    # The rest is a sum of many: as a bar it would dwarf the ones that it is beside.
    largest = max((value for _, value, style in bars if style != REST), default=Decimal(0))
    drawn = [
        html.Div(
            [
                html.Span(name, className="bar-name", title=name),
                html.Span(
                    html.Span(
                        className=f"bar {style}".strip(),
                        style={"width": f"{_width(value, largest, style):.2f}%"},
                    ),
                    className="bar-track",
                ),
                html.Span(
                    [
                        str(short(value, entry.unit, entry.decimals)),
                        html.Em(share_text(value, whole) if whole else ""),
                    ],
                    className="bar-value",
                ),
            ],
            className="bar-row",
            title=f"{name}：{full(value, entry.unit, entry.decimals)}",
        )
        for name, value, style in bars
    ]
    return card(
        block.title,
        html.Div(drawn, className="bars")
        if drawn
        else nothing(canvas, block.metric, "没有可以按此拆分的数据。"),
        note=f"{entry.zh}与占比",
        action=info(canvas, block.metric, place, "查看定义"),
        width=block.width,
    )


def _bars(canvas: Canvas, block: RankingBlock) -> list[tuple[str, Decimal, str]]:
    """Name, value and style of each bar; the unknown never hides in the rest."""
    known: list[tuple[str, Decimal, str]] = []
    unknown: list[tuple[str, Decimal, str]] = []
    for row in canvas.data.breakdowns.get(block.by, ()):
        key, value = row.values.get(block.by), row.number(block.metric)
        if not value:
            continue
        if key:
            known.append((canvas.data.label(block.by, str(key)), Decimal(value), ""))
        else:
            unknown.append((block.unknown, Decimal(value), UNKNOWN))
    known.sort(key=lambda bar: bar[1], reverse=True)
    shown, rest = known[: block.limit], known[block.limit :]
    if shown:
        shown[0] = (*shown[0][:2], "first")
    if rest:
        together = sum((value for _, value, _ in rest), start=Decimal(0))
        shown.append((f"其余 {len(rest)} 个", together, REST))
    return shown + unknown


def _width(value: Decimal, largest: Decimal, style: str) -> Decimal:
    if style == REST or largest <= 0:
        return Decimal(0)
    return max(value / largest * 100, Decimal(0))


def table(canvas: Canvas, block: TableBlock) -> Component:
    """Metrics by one dimension, ordered by the column that the address names."""
    data = canvas.data
    rows = list(data.breakdowns.get(block.by, ()))
    chosen, upward = _order(canvas, block)
    rows.sort(key=lambda row: _sort_key(row.number(chosen), upward=upward))
    header = [html.Th("店铺" if block.by == "shop" else block.by, scope="col")]
    for index, name in enumerate(block.metrics):
        header.append(_column_head(canvas, name, chosen, upward=upward))
        if index == 0:
            header.append(html.Th(f"较{data.filters.compare_words}", scope="col", className="num"))
    body = [_row(canvas, block, row) for row in rows[: block.limit]]
    extra = len(rows) - block.limit
    return card(
        block.title,
        [
            html.Div(
                html.Table([html.Thead(html.Tr(header)), html.Tbody(body)], className="table"),
                className="table-scroll",
                tabIndex="0",
            )
            if body
            else nothing(canvas, block.metrics[0], "所选日期内没有店铺数据。"),
            html.Div(f"还有 {extra} 家未列出，导出文件里有全部。", className="gap-note")
            if extra > 0
            else None,
        ],
        note=f"共 {len(rows)} 家 · 点列名排序，点店铺名只看该店",
        width=block.width,
    )


def _row(canvas: Canvas, block: TableBlock, row: Figures) -> Component:
    key = str(row.values.get(block.by) or "")
    name = canvas.data.label(block.by, key) or "未知"
    narrow = block.by == "shop" and key in canvas.choices.shops
    cells = [html.Th(canvas.link(name, shops=(key,)) if narrow else name, scope="row")]
    for index, metric in enumerate(block.metrics):
        entry = canvas.data.entries[metric]
        value = row.number(metric)
        cells.append(
            html.Td(
                str(short(value, entry.unit, entry.decimals)),
                className="num",
                title=full(value, entry.unit, entry.decimals),
            )
        )
        if index == 0:
            cells.append(html.Td(change_parts(moved(canvas, row, metric)), className="num"))
    return html.Tr(cells, **{"data-key": key})


def _column_head(canvas: Canvas, metric: str, chosen: str, *, upward: bool) -> Component:
    active = metric == chosen
    turned = f"-{metric}" if active and not upward else metric
    arrow = ("↑" if upward else "↓") if active else ""
    return html.Th(
        canvas.link(f"{canvas.name(metric)}{arrow}", sort=turned),
        scope="col",
        className="num sorted" if active else "num",
        **{"aria-sort": ("ascending" if upward else "descending") if active else "none"},
    )


def _order(canvas: Canvas, block: TableBlock) -> tuple[str, bool]:
    asked = canvas.data.filters.sort
    metric = asked.removeprefix("-")
    return (metric, asked.startswith("-")) if metric in block.metrics else (block.metrics[0], False)


def _sort_key(value: Decimal | int | None, *, upward: bool) -> tuple[bool, Decimal]:
    """Undefined values come last either way."""
    number = Decimal(value or 0)
    return value is None, number if upward else -number
