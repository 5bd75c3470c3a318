"""Public clients page through the sandbox and see what our connectors see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import pytest

from pipelines.gateway.catalogue import connectors
from pipelines.gateway.session import open_session
from pipelines.landing import RawLake
from pipelines.registry.credentials import CredentialStore
from pipelines.registry.shops import Shop, ShopRegistry
from pipelines.sandbox.process import SandboxHandle, sandbox
from pipelines.settings import PROJECT_ROOT, Settings
from tests.integration.extraction import lake

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("clients")]
FOLDER = Path(__file__).parent
CLIENTS = sorted(FOLDER.glob("*/*.py"))
OWN_ENVIRONMENT = PROJECT_ROOT / ".venv-clients"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    settings = Settings(home=tmp_path_factory.mktemp("outside"), _env_file=None)
    with sandbox(settings) as handle:
        yield handle


@pytest.fixture(scope="module")
def home(running: SandboxHandle, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return lake.home_of(tmp_path_factory.mktemp("home"), running)


def quiet_shop(home: Settings, channel: str) -> Shop:
    """Which the clients ask for as a shop; institutions see other lists."""
    known = {shop.shop_key: shop for shop in ShopRegistry(home).all()}
    pulled = (known[key] for key in lake.accounts(home, connectors()[channel]))
    return next(shop for shop in pulled if shop.kind != "institution")


def told_to_client(home: Settings, running: SandboxHandle, channel: str) -> dict[str, Any]:
    """An account with a token that lives (see README.md)."""
    shop, store = quiet_shop(home, channel), CredentialStore(home)
    with open_session(home, connectors()[channel], shop, running.url) as session:
        connectors()[channel].check(session)
    token = store.read_token(shop.shop_key)
    assert token is not None
    return {
        "url": running.url,
        "now": int(running.now().timestamp()),
        "shop_key": shop.shop_key,
        "platform_shop_id": shop.platform_shop_id,
        "credentials": store.get(shop.shop_key),
        "access_token": token.access,
    }


def environments() -> list[Path]:
    """The main one, and that of the clients once it is whole."""
    locked, installed = FOLDER / "requirements.txt", OWN_ENVIRONMENT / ".installed"
    whole = installed.exists() and installed.read_bytes() == locked.read_bytes()
    return [Path(sys.executable), *([OWN_ENVIRONMENT / "bin" / "python"] if whole else [])]


def answer_of(client: Path, told: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Run a client, as on a machine in China: some sign the machine's own wall clock."""
    variables = {"PATH": os.environ["PATH"], "TZ": "Asia/Shanghai", "NO_PROXY": "*"}
    pythons = environments()
    for python in pythons:
        done = subprocess.run(
            [python, "-P", client], input=json.dumps(told), env=variables, capture_output=True,
            text=True, check=False, timeout=120,
        )  # fmt: skip
        if "ModuleNotFoundError" not in done.stderr:
            break
    else:
        if len(pythons) == 1:
            pytest.skip(f"no {OWN_ENVIRONMENT.name} with the clients: run bash tests/clients.sh")
    assert done.returncode == 0, done.stderr
    answer: dict[str, list[dict[str, Any]]] = json.loads(done.stdout)
    return answer


def texts(records: Iterable[Iterable[Any]]) -> list[tuple[Any, ...]]:
    """In one order; an id is a number to some and a text to others."""
    return sorted(
        tuple(str(value) if isinstance(value, int) else value for value in record)
        for record in records
    )


def landed(
    home: Settings, running: SandboxHandle, channel: str, table: str, fields: list[str]
) -> list[tuple[Any, ...]]:
    """What our connector landed of the account."""
    if table not in RawLake(home).tables(channel):
        shop = quiet_shop(home, channel).shop_key
        assert lake.pull(home, running, channel, shop).failures() == []
    files = RawLake(home).tables(channel)[table]
    return duckdb.sql(f"SELECT DISTINCT {', '.join(fields)} FROM read_parquet({files})").fetchall()


@pytest.mark.parametrize("client", CLIENTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_public_client_sees_what_our_connector_sees(
    home: Settings, running: SandboxHandle, client: Path
) -> None:
    channel = client.parent.name
    answer = answer_of(client, told_to_client(home, running, channel))
    assert answer
    for table, records in answer.items():
        assert records, f"{table}: nothing"
        fields = list(records[0])
        seen = [[record[field] for field in fields] for record in records]
        assert texts(seen) == texts(landed(home, running, channel, table, fields)), table


def test_a_target_may_be_the_whole_address_and_a_head_is_never_refused(
    running: SandboxHandle,
) -> None:
    """Some clients send the one, and ask the other before all."""
    address = urlsplit(running.url)
    connection = HTTPConnection(str(address.hostname), address.port)
    connection.request("GET", f"{running.url}/_sandbox/health?from=afar")
    assert json.loads(connection.getresponse().read())["faults"] == "none"
    for path in ("/", "/open_api/", "/router/rest"):
        connection.request("HEAD", path)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
    connection.close()
