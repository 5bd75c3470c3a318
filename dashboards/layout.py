"""The frame around a page: navigation, filters, the line that says how fresh the data is, states.

Nothing here asks for figures; ``callbacks.py`` fills the frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import feffery_antd_components as fac
from dash import dcc, html
from dash.development.base_component import Component

from dashboards.cards import draw
from dashboards.filters import COMPARE_WORDS, GRAIN_WORDS
from dashboards.pieces import Canvas
from dashboards.spec import Page
from dashboards.theme import FONT, PRIMARY
from pipelines.publish.versions import PublishedVersion

STALE_HOURS = 36
_NAMED = 5  # late shops that a line names


@dataclass(frozen=True)
class Visitor:
    """Who looks at the page; ``csrf`` lets their log-out form through."""

    name: str
    role: str
    csrf: str


def frame(page: Page, pages: Sequence[Page], visitor: Visitor, poll: int) -> Component:
    """The page before its figures are there: a skeleton, so that nothing jumps."""
    return fac.AntdConfigProvider(
        [
            dcc.Location(id="url", refresh=False),
            dcc.Store(id="applied"),
            dcc.Store(id="shown-version"),
            dcc.Store(id="latest-version"),
            dcc.Store(id="scheme"),
            dcc.Store(id="sink"),
            dcc.Interval(id="poll", interval=poll * 1000),
            html.Div(
                [
                    _side(page, pages, visitor),
                    html.Main(
                        [
                            html.Header(
                                [
                                    html.Div(
                                        [
                                            html.H1(page.title),
                                            html.Div(id="meta", className="meta"),
                                        ],
                                        className="headline",
                                    ),
                                    _filters(page),
                                ],
                                className="head",
                            ),
                            html.Div(id="notices"),
                            html.Div(skeleton(page), id="body"),
                        ],
                        className="main",
                    ),
                ],
                className="shell",
            ),
            fac.AntdDrawer(id="definition", visible=False, width="min(440px, 100vw)"),
        ],
        id="provider",
        locale="zh-cn",
        primaryColor=PRIMARY,
        token={"fontFamily": FONT},
    )


def rows(canvas: Canvas) -> Component:
    """The page's rows with its figures."""
    return html.Div(
        [
            html.Div(
                [
                    draw(canvas, block, f"{row.id}-{index}")
                    for index, block in enumerate(row.blocks)
                ],
                id=row.id,
                className="row numbers" if row.blocks[0].kind == "number" else "row",
            )
            for row in canvas.data.page.rows
        ]
    )


def skeleton(page: Page) -> Component:
    """Grey shapes where the blocks will be."""
    return html.Div(
        [
            html.Div(
                [
                    html.Div(
                        [html.Div(className=f"bone {size}") for size in ("a", "b", "c")],
                        className=f"card {'number' if block.kind == 'number' else block.width}",
                    )
                    for block in row.blocks
                ],
                className="row numbers" if row.blocks[0].kind == "number" else "row",
            )
            for row in page.rows
        ],
        className="skeleton",
        **{"aria-label": "正在读取数据"},
    )


def freshness(version: PublishedVersion) -> list[Component]:
    """Data until when, which version, how many shops are fresh."""
    return [
        html.Span(f"数据截至 {version.data_until:%Y-%m-%d %H:%M}"),
        html.Span(f"发布版本 {version.version}"),
        html.Span(f"{version.shops_fresh}/{version.shops_total} 家店铺数据新鲜"),
    ]


def warnings(version: PublishedVersion, notices: Sequence[str], now: datetime) -> list[Component]:
    """The amber lines above the figures: what is stale, and what of the address was ignored."""
    lines = list(notices)
    late = version.shops_total - version.shops_fresh
    if late > 0:
        named = "、".join(version.late_shops[:_NAMED])
        more = " 等" if len(version.late_shops) > _NAMED else ""
        lines.append(
            f"{version.shops_total} 家店铺中有 {late} 家数据延迟"
            + (f"（{named}{more}）" if named else "")
            + f"，其数字可能不全（最近一次取数 {version.as_of:%m-%d %H:%M}）。"
        )
    hours = int((now - version.as_of).total_seconds() // 3600)
    if hours >= STALE_HOURS:
        age = f"{hours // 24} 天" if hours >= 48 else f"{hours} 小时"
        lines.append(
            f"最近一次取数是 {version.as_of:%Y-%m-%d %H:%M}，已有 {age}没有新数据；"
            "请导入新的导出文件后运行 koujing run。"
        )
    return [html.Div(line, className="amber", role="status") for line in lines]


def state(
    title: str, text: str, *, kind: str = "", link: tuple[str, str] | None = None
) -> Component:
    """A page without figures: what happened and what to do.

    Args:
        title: What happened.
        text: Why, and what to do.
        kind: ``failed`` or nothing.
        link: Words and address of the way on.
    """
    return html.Div(
        [
            html.H2(title),
            html.P(text),
            html.A(link[0], href=link[1], className="button") if link else None,
        ],
        className=f"card state {kind}".strip(),
        role="alert" if kind == "failed" else "status",
    )


def _side(page: Page, pages: Sequence[Page], visitor: Visitor) -> Component:
    links: list[Component] = []
    for each in pages:
        here = each.path == page.path
        links.append(html.A(each.title, href=each.path, className="nav here" if here else "nav"))
        if here:
            links += [html.A(row.name, href=f"#{row.id}", className="nav sub") for row in page.rows]
    return html.Aside(
        [
            html.Div([html.Span("口", className="brand-mark"), "口径 Koujing"], className="brand"),
            html.Nav(links, **{"aria-label": "页面"}),
            html.Form(
                [
                    html.Span([html.B(visitor.name), html.Span(visitor.role)], className="who"),
                    dcc.Input(type="hidden", name="csrf", value=visitor.csrf),
                    html.Button("退出", type="submit", className="text-button"),
                ],
                action="/logout",
                method="POST",
                className="account",
            ),
        ],
        className="side",
    )


def _filters(page: Page) -> Component:
    made = {
        "date_range": lambda: fac.AntdDateRangePicker(
            id="f-dates",
            format="YYYY-MM-DD",
            allowClear=False,
            placeholder=["开始日期", "结束日期"],
        ),
        "channel": lambda: _select("f-channel", "全部渠道"),
        "shop": lambda: _select("f-shop", "全部店铺"),
        "compare": lambda: fac.AntdSegmented(
            id="f-compare",
            options=[{"label": f"较{word}", "value": key} for key, word in COMPARE_WORDS.items()],
        ),
        "grain": lambda: fac.AntdSegmented(
            id="f-grain",
            options=[{"label": word, "value": key} for key, word in GRAIN_WORDS.items()],
        ),
    }
    return html.Div(
        [
            html.Button("筛选", id="fold", className="button quiet-button fold"),
            html.Div([made[name]() for name in page.filters], id="filters", className="filters"),
            html.A("导出", id="export", className="button", href="#", download=""),
        ],
        className="toolbar",
    )


def _select(name: str, placeholder: str) -> Component:
    return fac.AntdSelect(
        id=name,
        mode="multiple",
        placeholder=placeholder,
        maxTagCount="responsive",
        optionFilterProp="label",
        allowClear=True,
        locale="zh-cn",
        className="members",
    )
