from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Thread
from typing import Any

import pytest
from dash import Dash
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from dashboards.app import create_app
from pipelines.registry.users import UserRegistry
from pipelines.settings import Settings
from tests.fakes.metric_reader import FakeMetricReader, small_reader

PASSWORD = "a long enough password"
NOW = datetime.fromisoformat("2026-11-22T01:30:00+08:00")


class SwitchableReader(FakeMetricReader):
    """One reader for one server; every test starts it afresh."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget what a test has changed."""
        self.__dict__ = small_reader().__dict__


@contextmanager
def served(app: Dash) -> Iterator[str]:
    """The pages on a free port of the loopback, until the block ends."""
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def everybodys_reader() -> SwitchableReader:
    return SwitchableReader()


@pytest.fixture(scope="session")
def address(
    tmp_path_factory: pytest.TempPathFactory, everybodys_reader: SwitchableReader
) -> Iterator[str]:
    """The pages over the fake reader, on a free port, until the tests end.

    One server for all: hashing passwords and reading the scripts are what takes time.
    """
    settings = Settings(home=tmp_path_factory.mktemp("home"), _env_file=None)
    users = UserRegistry(settings)
    users.add("boss", PASSWORD, "manager")
    users.add("tmall", PASSWORD, "shop_operator", shops=["tmall-demo"])
    app = create_app(settings, lambda: everybodys_reader, now=lambda: NOW, poll_seconds=1)
    with served(app) as address:
        yield address


@pytest.fixture
def reader(everybodys_reader: SwitchableReader) -> FakeMetricReader:
    everybodys_reader.restart()
    return everybodys_reader


class Reading:
    """A person before a page: what they see, and what the browser complained about."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type == "error" else None,
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str = "/", name: str = "boss") -> None:
        """Open a path, log in where asked, and wait for the figures or a state."""
        self.page.goto(f"{self.address}{path}")
        if "/login" in self.page.url:
            self.page.fill("#name", name)
            self.page.fill("#password", PASSWORD)
            self.page.click("button[type=submit]")
        self.page.locator("#body .row[id], #body .state").first.wait_for()

    def card(self, metric: str) -> dict[str, Any]:
        """A headline card: its value as written and its full figure."""
        card = self.page.locator(f"section.number[data-metric={metric}]")
        value = card.locator(".value")
        return {
            "value": value.inner_text().replace("\n", " "),
            "full": value.get_attribute("title"),
            "change": card.locator(".change").inner_text(),
        }


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Browser contexts that keep their login and their scripts from test to test."""
    kept: dict[tuple[object, ...], BrowserContext] = {}

    def context(**options: Any) -> BrowserContext:  # noqa: ANN401
        key = tuple(sorted(options.items()))
        if key not in kept:
            width = options.get("width", 1440)
            kept[key] = browser.new_context(
                viewport={"width": width, "height": 900},
                color_scheme=options.get("scheme", "light"),
                locale="zh-CN",
            )
            kept[key].set_default_timeout(15_000)
        return kept[key]

    yield context
    for each in kept.values():
        each.close()


@pytest.fixture
def read(
    contexts: Callable[..., BrowserContext], address: str, reader: FakeMetricReader
) -> Iterator[Callable[..., Reading]]:
    """Opens a page: ``read(width=390)``; ``read(who="…")`` starts with cookies of its own."""
    pages = []

    def begin(**options: Any) -> Reading:  # noqa: ANN401
        page = contexts(**options).new_page()
        pages.append(page)
        return Reading(page, address)

    yield begin
    for page in pages:
        page.close()
