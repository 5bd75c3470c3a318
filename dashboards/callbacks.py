"""What happens on a page: the address decides what is shown, the filters decide the address.

Data flow: filter -> address (in the browser, ``assets/koujing.js``) -> figures (here). Every
callback takes the scope from the session, never from what the browser sends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import structlog
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from dashboards import layout
from dashboards.auth import signed_in
from dashboards.definition import definition
from dashboards.filters import Choices, Filters, defaults, parse, to_search
from dashboards.pieces import Canvas
from dashboards.query import OutOfScopeError, Semantics
from dashboards.spec import Page
from dashboards.theme import tokens
from pipelines.errors import KoujingError, NothingPublishedError

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class View:
    """Everything that one address puts on the page, in the order of ``OUTPUTS``."""

    body: Any = no_update
    notices: Any = no_update
    meta: Any = no_update
    dates: Any = no_update
    days: Any = no_update
    channels: Any = no_update
    channel_options: Any = no_update
    shops: Any = no_update
    shop_options: Any = no_update
    compare: Any = no_update
    grain: Any = no_update
    applied: Any = no_update
    export: Any = no_update
    version: Any = no_update


OUTPUTS = [
    Output("body", "children"),
    Output("notices", "children"),
    Output("meta", "children"),
    Output("f-dates", "value"),
    Output("f-dates", "disabledDatesStrategy"),
    Output("f-channel", "value"),
    Output("f-channel", "options"),
    Output("f-shop", "value"),
    Output("f-shop", "options"),
    Output("f-compare", "value"),
    Output("f-grain", "value"),
    Output("applied", "data"),
    Output("export", "href"),
    Output("shown-version", "data"),
]


def register(app: Dash, page: Page, semantics: Semantics, now: Callable[[], datetime]) -> None:
    """Wire a page up."""
    answers = _Answers(page, semantics, now)
    app.callback(
        OUTPUTS, Input("url", "search"), Input("scheme", "data"), Input("latest-version", "data")
    )(answers.show)
    app.callback(
        Output("latest-version", "data"),
        Input("poll", "n_intervals"),
        State("shown-version", "data"),
        prevent_initial_call=True,
    )(answers.follow)
    app.callback(
        Output("definition", "visible"),
        Output("definition", "title"),
        Output("definition", "children"),
        Input({"type": "definition", "metric": ALL, "place": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )(answers.explain)
    app.clientside_callback(
        ClientsideFunction("koujing", "follow_filters"),
        Output("sink", "data"),
        Input("f-dates", "value"),
        Input("f-channel", "value"),
        Input("f-shop", "value"),
        Input("f-compare", "value"),
        Input("f-grain", "value"),
        State("applied", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("koujing", "scheme"),
        Output("scheme", "data"),
        Input("url", "pathname"),
    )
    app.clientside_callback(
        ClientsideFunction("koujing", "algorithm"),
        Output("provider", "algorithm"),
        Input("scheme", "data"),
    )
    app.clientside_callback(
        ClientsideFunction("koujing", "fold"),
        Output("filters", "className"),
        Input("fold", "n_clicks"),
        prevent_initial_call=True,
    )


class _Answers:
    """The callbacks that the server answers."""

    def __init__(self, page: Page, semantics: Semantics, now: Callable[[], datetime]) -> None:
        self._page = page
        self._semantics = semantics
        self._now = now

    def show(self, search: str | None, scheme: str | None, _: str | None) -> list[Any]:
        """Draw what the address asks for."""
        shown = view(self._page, self._semantics, search or "", scheme or "light", self._now)
        return [getattr(shown, part.name) for part in fields(shown)]

    def follow(self, _: int | None, shown: str | None) -> Any:  # noqa: ANN401  or Dash's no_update
        """Tell an open page that there is a newer version than the one it shows."""
        try:
            current = self._semantics.version.version
        except KoujingError:
            return no_update
        return no_update if current == shown else current

    def explain(self, _: list[int | None]) -> Any:  # noqa: ANN401
        """Open a metric's definition."""
        # A button that has just been drawn triggers this too, with no click.
        if not ctx.triggered_id or not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update
        entry = self._semantics.entries.get(str(ctx.triggered_id["metric"]))
        if entry is None:
            return True, "没有这个指标", "已发布的指标词典里没有它；请刷新页面。"
        return True, entry.zh, definition(entry, self._semantics.version)


def view(
    page: Page, semantics: Semantics, search: str, scheme: str, now: Callable[[], datetime]
) -> View:
    """What an address shows to the signed-in user; a failure is a state of the page."""
    scope = signed_in().scope
    again = ("重试", f"{page.path}{search if search.startswith('?') else ''}")
    try:
        version = semantics.version
        choices = semantics.choices(scope, page)
        filters, notices = parse(search, choices)
        framed = View(
            notices=layout.warnings(version, notices, now()),
            meta=layout.freshness(version),
            version=version.version,
            **_controls(page, filters, choices),
        )
        data = semantics.page_data(scope, page, filters)
    except NothingPublishedError:
        return View(
            body=layout.state(
                "还没有发布过数据",
                "请先运行 koujing run：它会读取数据、计算并发布；发布后本页会自动更新。",
                link=again,
            ),
            notices=[],
        )
    except OutOfScopeError as error:
        return View(body=layout.state("没有权限", f"{error.message}{error.hint}"), notices=[])
    except KoujingError as error:
        log.warning("page_failed", page=page.path, error=str(error))
        return View(body=_failed(f"{error.message} {error.hint}", again), notices=[])
    except Exception:
        log.exception("page_failed", page=page.path)
        return View(body=_failed("读取已发布数据时出错，详情见服务日志。", again), notices=[])
    if data.is_empty:
        return _with(framed, _empty(page, filters, choices))
    return _with(framed, layout.rows(Canvas(data, choices, tokens(scheme))))


def _with(framed: View, body: Component) -> View:
    return replace(framed, body=body)


def _controls(page: Page, filters: Filters, choices: Choices) -> dict[str, Any]:
    usual = defaults(choices)
    dates = [filters.start.isoformat(), filters.end.isoformat()]
    search = to_search(filters, choices)
    return {
        "dates": dates,
        "days": [
            {"mode": "lt", "target": "specific-date", "value": choices.first.isoformat()},
            {"mode": "gt", "target": "specific-date", "value": choices.last.isoformat()},
        ],
        "channels": list(filters.channels),
        "channel_options": _options(choices.channels),
        "shops": list(filters.shops),
        "shop_options": _options(choices.shops),
        "compare": filters.compare,
        "grain": filters.drawn_grain,
        "applied": {
            "values": {
                "dates": dates,
                "channels": list(filters.channels),
                "shops": list(filters.shops),
                "compare": filters.compare,
                "grain": filters.drawn_grain,
            },
            "usual": {
                "dates": [usual.start.isoformat(), usual.end.isoformat()],
                "compare": usual.compare,
            },
            "grain": filters.grain,
            "sort": filters.sort,
        },
        "export": f"/download/overview.csv{search}",
    }


def _options(members: Any) -> list[dict[str, str]]:  # noqa: ANN401
    return [{"value": key, "label": label} for key, label in members.items()]


def _failed(text: str, again: tuple[str, str]) -> Component:
    return layout.state("没有读到数据", text, kind="failed", link=again)


def _empty(page: Page, filters: Filters, choices: Choices) -> Component:
    chosen = [choices.channels[key] for key in filters.channels]
    chosen += [choices.shops[key] for key in filters.shops]
    return layout.state(
        "这个范围内没有数据",
        f"{'、'.join(chosen) or '全部店铺'}在 {filters.start} 至 {filters.end} "
        "没有订单、退款或广告消耗。"
        f"全部数据从 {choices.first} 到 {choices.last}：请放宽日期，或清空店铺与渠道筛选。",
        link=("清空筛选", page.path),
    )
