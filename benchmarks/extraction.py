"""抖店 orders with lines over HTTP from one sandbox into Parquet, three ways side by side.

``koujing`` is ``extract`` with everything on: signing, limits, retries, hashing, unknown fields,
quarantine, dlt. ``floor`` fetches the same pages, decodes them with polars and writes Parquet,
without dlt. ``rest_api`` is dlt's generic source and its dict path into the same destination. The
sandbox is started and has rendered its pages before the timing; it runs in a process of its own.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Benchmark, Contender, Target
from benchmarks.worker import Call, Task

if TYPE_CHECKING:
    import polars as pl

    from pipelines.settings import Settings

PAGE = 100
_SPAN_DAYS = 14  # of the small world up to its clock
_SPREAD = 5  # copies lie one behind the other, within the 89 days that the platform lists
_REST_WINDOW_DAYS = 5  # dlt's source cannot halve a window: none of these has 50,000 rows
_OPEN = ExitStack()  # the sandbox of this process; it ends with it


def prepare(task: Task) -> Call:
    """A home whose sandbox has one 抖店 shop with as many visible orders as asked."""

    def make() -> int:
        from pipelines.sandbox.clock import Clock
        from pipelines.sandbox.world.draws import CLOCK_AT
        from pipelines.sandbox.world.generate import generate
        from pipelines.sandbox.world.storage import write_world
        from pipelines.settings import Settings

        settings = Settings(home=task.inputs / "home")
        frames = _of_one_shop(generate("small"), task.scale)
        write_world(settings.home / "sandbox" / "world", frames)
        Clock(settings).set(CLOCK_AT)
        return frames["orders"].height

    return make


def _of_one_shop(frames: dict[str, pl.DataFrame], count: int) -> dict[str, pl.DataFrame]:
    """The visible orders of all 抖店 shops as one shop's, again and again under new ids.

    The copies spread over ten weeks, so that windows hold no more than the platform pages.
    """
    import polars as pl

    from pipelines.sandbox.world.draws import CLOCK_AT

    shop = pl.lit("doudian-01").alias("shop_id")
    seen = pl.col("shop_id").str.starts_with("doudian") & (pl.col("created_at") < CLOCK_AT)
    orders = frames["orders"].filter(seen)
    lines = frames["order_lines"].join(orders.select("order_id"), on="order_id", how="semi")
    copies = pl.DataFrame({"copy": range(-(-count // orders.height))})
    number = pl.col("copy").cast(pl.Int64)
    earlier = pl.duration(days=number % _SPREAD * _SPAN_DAYS)

    def again(frame: pl.DataFrame, *ids: str) -> pl.DataFrame:
        fresh = [
            (pl.col(name).cast(pl.Int64) + number * 10_000_000).cast(pl.String) for name in ids
        ]
        times = [pl.col(n) - earlier for n, kind in frame.schema.items() if kind == pl.Datetime]
        return frame.join(copies, how="cross").with_columns(shop, *fresh, *times).drop("copy")

    many = again(orders, "order_id").head(count)
    rest = {name: frame.clear() for name, frame in frames.items() if name not in _KEPT}
    return {
        **{name: frames[name] for name in _KEPT},
        **rest,
        "orders": many,
        "order_lines": again(lines, "line_id", "order_id").join(
            many.select("order_id"), on="order_id", how="semi"
        ),
    }


_KEPT = ("company", "shops", "products", "skus", "buyers", "authors", "live_sessions")


def _ready(task: Task) -> tuple[Settings, str]:
    """A home of its own and a sandbox that has rendered its pages."""
    import shutil

    from pipelines.registry.seeding import seed_accounts
    from pipelines.sandbox.process import sandbox
    from pipelines.settings import Settings

    settings = Settings(home=task.scratch / "home")
    shutil.copytree(task.inputs / "home", settings.home, copy_function=os.link)
    handle = _OPEN.enter_context(sandbox(settings))
    seed_accounts(settings, handle.accounts())
    next(_pages(settings, handle.url))
    return settings, handle.url


def _pages(settings: Settings, url: str) -> Iterator[bytes]:
    """All pages of the shop's orders, signed, the last page first."""
    from pipelines.gateway.catalogue import connectors
    from pipelines.gateway.connector import Window
    from pipelines.gateway.session import open_session
    from pipelines.registry.shops import ShopRegistry
    from pipelines.sources.doudian.settings import HORIZON
    from pipelines.sources.doudian.streams import read_orders

    shop = ShopRegistry(settings).get("doudian-01")
    assert shop is not None, "seeded above"
    with open_session(settings, connectors()["doudian"], shop, url) as session:
        window = Window(session.now() - HORIZON, session.now())
        for page in read_orders(session, window):
            yield page.body


def koujing(task: Task) -> Call:
    """``extract`` of the orders alone, with everything on."""
    from dataclasses import replace

    from pipelines.extraction import extract
    from pipelines.gateway.catalogue import connectors

    settings, url = _ready(task)
    connector = connectors()["doudian"]
    orders = replace(connector, streams=connector.streams[:1])

    # What is loaded once a process (dlt, DuckDB) is not what is measured.
    extract(settings, orders, sandbox_url=url, shops=["doudian-02"])

    def pull() -> int:
        report = extract(settings, orders, sandbox_url=url, shops=["doudian-01"])
        assert not report.failures(), report.failures()
        return task.scale

    return pull


def floor(task: Task) -> Call:
    """Fetch, polars decode, write Parquet."""
    import polars as pl

    settings, url = _ready(task)
    # What some orders only have (a deposit, a parcel) stands on one of the first pages.
    told = [body.decode() for body in itertools.islice(_pages(settings, url), 40)]
    shape = pl.Series(told).str.json_decode(infer_schema_length=None)
    dtype = _without_empty(shape.dtype)

    def fetch() -> int:
        batch: list[str] = []
        files = 0
        for body in _pages(settings, url):
            batch.append(body.decode())
            if len(batch) == 50:
                _write(pl.Series(batch), dtype, task, files)
                files, batch = files + 1, []
        if batch:
            _write(pl.Series(batch), dtype, task, files)
        return task.scale

    return fetch


def _write(pages: pl.Series, dtype: Any, task: Task, number: int) -> None:  # noqa: ANN401
    orders = pages.str.json_decode(dtype).struct.field("data").struct.field("shop_order_list")
    orders.explode().struct.unnest().write_parquet(task.scratch / f"{number}.parquet")


def _without_empty(dtype: Any) -> Any:  # noqa: ANN401 - nested types
    """The inferred type with text where nothing was there to infer from."""
    import polars as pl

    if isinstance(dtype, pl.List):
        return pl.List(_without_empty(dtype.inner))
    if isinstance(dtype, pl.Struct):
        return pl.Struct({field.name: _without_empty(field.dtype) for field in dtype.fields})
    return pl.String if dtype == pl.Null else dtype


def rest_api(task: Task) -> Call:
    """Dlt's ``rest_api`` source over the same endpoint, normalised from dicts, to Parquet."""
    import dlt
    from dlt.common.configuration import configspec
    from dlt.sources.helpers.requests import Request
    from dlt.sources.helpers.rest_client.auth import AuthConfigBase
    from dlt.sources.rest_api import rest_api_source

    from pipelines.registry.credentials import CredentialStore
    from pipelines.sandbox.clock import Clock
    from pipelines.sources.doudian.client import sign

    settings, url = _ready(task)
    store = CredentialStore(settings)
    keys, token = store.get("doudian-01"), store.read_token("doudian-01")
    assert token is not None, "a page was fetched above"
    now = int(Clock(settings).now().timestamp())

    @configspec
    class Signed(AuthConfigBase):
        def __call__(self, request: Request) -> Request:
            stamp, body = str(now), request.body or b"{}"
            method, key = "order.searchList", keys["app_key"]
            query = {
                "app_key": key,
                "method": method,
                "timestamp": stamp,
                "v": "2",
                "sign_method": "hmac-sha256",
                "access_token": token.access,
                "sign": sign(keys["app_secret"], key, method, bytes(body), stamp),
            }
            request.prepare_url(f"{url}/order/searchList", query)
            return request

    window = _REST_WINDOW_DAYS * 86_400

    def resource(end: int) -> Any:  # noqa: ANN401 - dlt's configuration
        return {
            "name": f"orders_until_{end}",
            "table_name": "orders",
            "endpoint": {
                "path": "order/searchList",
                "method": "POST",
                "json": {
                    "order_by": "update_time", "order_asc": True, "size": PAGE, "page": 0,
                    "update_time_start": end - window, "update_time_end": end,
                },
                "data_selector": "data.shop_order_list",
                "paginator": {
                    "type": "page_number", "base_page": 0, "page_body_path": "page",
                    "total_path": None, "stop_after_empty_page": True,
                },
            },
        }  # fmt: skip

    source = rest_api_source(
        {
            "client": {"base_url": url, "auth": Signed()},
            "resources": [resource(end) for end in range(now, now - 80 * 86_400, -window)],
        }
    )

    def load() -> int:
        pipeline = dlt.pipeline(
            "rest", destination=dlt.destinations.filesystem(str(task.scratch / "lake")),
            dataset_name="raw", pipelines_dir=str(task.scratch / "dlt"),
        )  # fmt: skip
        pipeline.run(source, loader_file_format="parquet")
        return int(pipeline.last_trace.last_normalize_info.row_counts["orders"])

    return load


_WAYS = (
    Contender("floor", "benchmarks.extraction:floor"),
    Contender("koujing", "benchmarks.extraction:koujing"),
    Contender("rest_api", "benchmarks.extraction:rest_api"),
)

BENCHMARKS = (
    Benchmark(
        name="extraction_doudian",
        title="抖店 orders with lines over HTTP into Parquet",
        prepare="benchmarks.extraction:prepare",
        contenders=_WAYS,
        baseline="floor",
        scale=200_000,
        quick_scale=2_000,
        unit="orders",
        targets=(
            Target("koujing", "floor", 1.6),
            Target("koujing", "rest_api", 1 / 3.5),
        ),
        repeats=1,  # dlt's dict path alone takes minutes
    ),
)
