from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboards.app import create_app
from dashboards.callbacks import OUTPUTS
from pipelines.registry.shops import Shop, ShopRegistry
from pipelines.registry.users import UserRegistry
from pipelines.settings import Settings
from tests.fakes.metric_reader import FakeMetricReader, small_reader

PASSWORD = "a long enough password"
NOW = datetime.fromisoformat("2026-11-22T01:30:00+08:00")


@pytest.fixture
def reader() -> FakeMetricReader:
    return small_reader()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with the three shops of ``small_reader`` and three users.

    Made once: hashing passwords is slow on purpose.
    """
    settings = Settings(home=tmp_path_factory.mktemp("prepared"), _env_file=None)
    shops = ShopRegistry(settings)
    for key, channel in (("tmall-demo", "taobao"), ("dy-demo", "doudian"), ("dy-book", "doudian")):
        shops.add(Shop(shop_key=key, channel=channel, name=key))
    users = UserRegistry(settings)
    users.add("boss", PASSWORD, "manager")
    users.add("tmall", PASSWORD, "shop_operator", shops=["tmall-demo"])
    users.add("douyin", PASSWORD, "analyst", channels=["doudian"])
    return settings.registry_dir


@pytest.fixture
def home(settings: Settings, prepared: Path) -> Settings:
    """A home of its own with the prepared registry."""
    shutil.copytree(prepared, settings.registry_dir)
    return settings


class Visitor:
    """Talks to the pages over HTTP as a browser does, without one."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def login(self, name: str, password: str = PASSWORD, **form: str) -> TestResponse:
        page = self.client.get("/login").get_data(as_text=True)
        token = re.search(r'name="csrf" value="([^"]+)"', page)
        fields = {"csrf": token.group(1) if token else ""} | form
        return self.client.post("/login", data={"name": name, "password": password} | fields)

    def show(self, search: str) -> str:
        """The page's answer to an address, as the text that the browser receives."""
        answer = self.post_show(search)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return json.dumps(answer.get_json(), ensure_ascii=False)

    def post_show(self, search: str, **extra: object) -> TestResponse:
        outputs = [{"id": o.component_id, "property": o.component_property} for o in OUTPUTS]
        name = "...".join(f"{o['id']}.{o['property']}" for o in outputs)
        payload = {
            "output": f"..{name}..",
            "outputs": outputs,
            "inputs": [
                {"id": "url", "property": "search", "value": search},
                {"id": "scheme", "property": "data", "value": "light"},
                {"id": "latest-version", "property": "data", "value": None},
            ],
            "changedPropIds": ["url.search"],
        }
        return self.client.post("/_dash-update-component", json=payload | extra)


@pytest.fixture
def visit(home: Settings, reader: FakeMetricReader) -> Callable[[str], Visitor]:
    """A signed-in visitor by user name, all on one server; an empty name is nobody."""
    app = create_app(home, lambda: reader, now=lambda: NOW)

    def as_user(name: str) -> Visitor:
        visitor = Visitor(app.server.test_client())
        if name:
            assert visitor.login(name).status_code == 302
        return visitor

    return as_user
