"""The server of the pages: assembles spec, dictionary, door and layout. Makes no figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from threading import Thread

import flask
from dash import Dash, html
from dash.development.base_component import Component
from flask_login import current_user

from dashboards import callbacks, theme
from dashboards.auth import csrf_token, guard, secure, signed_in
from dashboards.download import file_name, to_csv
from dashboards.filters import parse
from dashboards.layout import Visitor, frame
from dashboards.query import OutOfScopeError, Reader, Semantics
from dashboards.spec import Page, check, load_pages
from pipelines.errors import KoujingError, NothingPublishedError
from pipelines.registry.shops import ShopRegistry
from pipelines.settings import Settings, shanghai_now

POLL_SECONDS = 20


def create_app(
    settings: Settings,
    open_reader: Callable[[], Reader] | None = None,
    *,
    now: Callable[[], datetime] = shanghai_now,
    poll_seconds: int = POLL_SECONDS,
    warm: bool = False,
) -> Dash:
    """Build the app; it starts whether or not anything is published.

    Args:
        settings: The home.
        open_reader: Opens the metric reader; by default the published one.
        now: The clock that judges how old the data is.
        poll_seconds: How often an open page asks for a newly published version.
        warm: Answer the first visit ahead, beside the start.

    Raises:
        UsageError: A page does not follow the grammar, or names what the dictionary lacks.
    """
    pages = load_pages()
    semantics = Semantics(open_reader or _published(settings), lambda: _shop_channels(settings))
    _check_all(pages, semantics)
    server = flask.Flask(__name__, static_folder=None)
    guard(server, settings)
    overview = pages[0]
    app = Dash(
        __name__,
        server=server,
        title=f"{overview.title} · 口径 Koujing",
        update_title=None,
        serve_locally=True,
        external_stylesheets=["/theme.css"],
        add_log_handler=False,
        enable_mcp=False,
        suppress_callback_exceptions=True,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        index_string=_INDEX,
    )

    def layout() -> Component:
        if not current_user.is_authenticated:
            return html.Div()  # Dash draws the layout once for itself, when it starts
        user = signed_in().user
        visitor = Visitor(user.name, user.role_name, csrf_token())
        return frame(overview, pages, visitor, poll_seconds)

    app.layout = layout
    callbacks.register(app, overview, semantics, now)
    _routes(server, overview, semantics)
    secure(server, app.csp_hashes())
    if warm:
        Thread(target=semantics.warm, args=(overview,), daemon=True).start()
    return app


def make_server() -> flask.Flask:
    """The WSGI application over the home that the environment names (``koujing dashboard``)."""
    server: flask.Flask = create_app(Settings(), warm=True).server
    return server


def _routes(server: flask.Flask, page: Page, semantics: Semantics) -> None:
    @server.get("/healthz")
    def healthz() -> flask.Response:
        try:
            version: str | None = semantics.version.version
        except NothingPublishedError:
            version = None
        return flask.jsonify(status="ok", version=version)

    @server.get("/theme.css")
    def theme_css() -> flask.Response:
        return flask.Response(theme.css(), mimetype="text/css")

    @server.get("/download/overview.csv")
    def download() -> flask.typing.ResponseReturnValue:
        scope = signed_in().scope
        try:
            filters, _ = parse(
                flask.request.query_string.decode(errors="replace"),
                semantics.choices(scope, page),
            )
            data = semantics.page_data(scope, page, filters)
        except KoujingError as error:
            status = 403 if isinstance(error, OutOfScopeError) else 503
            return flask.Response(str(error), status, mimetype="text/plain")
        return flask.send_file(
            BytesIO(to_csv(data)),
            mimetype="text/csv",
            as_attachment=True,
            download_name=file_name(data),
        )


def _check_all(pages: tuple[Page, ...], semantics: Semantics) -> None:
    try:
        entries = semantics.entries
    except NothingPublishedError:
        return  # checked again with every figure that is asked for
    for page in pages:
        check(page, entries)


def _published(settings: Settings) -> Callable[[], Reader]:
    def open_published() -> Reader:
        # MetricFlow takes seconds to import: only when the first page is asked for.
        from metrics_dictionary.query import MetricReader

        return MetricReader(settings)

    return open_published


def _shop_channels(settings: Settings) -> dict[str, str]:
    return {shop.shop_key: shop.channel for shop in ShopRegistry(settings).all()}


_INDEX = """<!DOCTYPE html>
<html lang="zh-CN">
    <head>
        {%metas%}
        <title>{%title%}</title>
        <link rel="icon" href="data:,">
        {%css%}
    </head>
    <body>
        {%app_entry%}
        <footer>
            {%config%}
            {%scripts%}
            {%renderer%}
        </footer>
    </body>
</html>"""
