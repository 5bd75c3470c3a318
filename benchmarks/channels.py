"""Every connector's whole first pull of its busiest account, beside the floor for the same pages.

``koujing`` is ``extract`` with everything on. ``floor`` asks the same windows of the same streams
through the same signed session, decodes the pages with polars and writes Parquet, without dlt,
hashing, proof or quarantine; of a database it writes the batches as they come. A platform that lets
itself be asked slowly (小红书: 100 calls a second) bounds both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from benchmarks.harness import PROJECT_ROOT, Benchmark, Contender
from benchmarks.worker import Call, Task

if TYPE_CHECKING:
    import polars as pl

    from pipelines.gateway.connector import Connector, Page, Rows, Stream
    from pipelines.settings import Settings

_BATCH = 50  # pages
_OPEN = ExitStack()  # the sandbox of this process; it ends with it


def prepare(task: Task) -> Call:
    """A home with the sandbox's small world."""

    def make() -> int:
        from pipelines.sandbox.process import prepare_world
        from pipelines.settings import Settings

        prepare_world(Settings(home=task.inputs / "home"), "small")
        return task.scale

    return make


def _ready(task: Task) -> tuple[Settings, str, Connector, str]:
    """A home of its own, its sandbox, the connector and its account that sells most."""
    import shutil

    from pipelines.gateway.catalogue import connectors
    from pipelines.registry.seeding import seed_accounts
    from pipelines.registry.shops import ShopRegistry
    from pipelines.sandbox.process import sandbox
    from pipelines.sandbox.world.storage import read_world
    from pipelines.settings import Settings

    settings = Settings(home=task.scratch / "home")
    shutil.copytree(task.inputs / "home", settings.home)
    handle = _OPEN.enter_context(sandbox(settings))
    seed_accounts(settings, handle.accounts())
    connector = connectors()[task.params["channel"]]
    orders = read_world(settings.home / "sandbox" / "world")["orders"]
    sales = dict(orders["shop_id"].value_counts().iter_rows())
    accounts = [each for each in ShopRegistry(settings).all() if connector.pulls(each)]
    busiest = max(
        accounts, key=lambda each: sales.get(each.parent_shop_key or each.shop_key, 0)
    ).shop_key
    return settings, handle.url, connector, busiest


def koujing(task: Task) -> Call:
    """``extract`` of all streams, with everything on."""
    import shutil

    from pipelines.extraction import extract

    settings, url, connector, account = _ready(task)

    def pull() -> int:
        report = extract(settings, connector, sandbox_url=url, shops=[account])
        assert not report.failures(), report.failures()
        return sum(each.rows for each in report.streams)

    pull()  # loads what is loaded once, and has the sandbox render its pages
    shutil.rmtree(settings.home / "raw")
    return pull


def floor(task: Task) -> Call:
    """Fetch, polars decode, write Parquet."""
    from pipelines.gateway.session import open_session
    from pipelines.registry.shops import ShopRegistry

    settings, url, connector, account = _ready(task)
    shop = ShopRegistry(settings).get(account)
    assert shop is not None, "seeded above"
    session = _OPEN.enter_context(open_session(settings, connector, shop, url))
    # What a record can look like is known before the timing, as it is to ours.
    shapes = {stream.table: _shape(list(_answers(stream, session))) for stream in connector.streams}

    def fetch() -> int:
        return sum(
            _landed(stream, session, shapes[stream.table], task) for stream in connector.streams
        )

    return fetch


def _answers(stream: Stream, session: Any) -> Iterator[Page | Rows]:  # noqa: ANN401 - any account
    """All that a first pull of a stream is told."""
    from pipelines.gateway.windows import sliced

    now = session.now()
    for window in sliced(stream, now - stream.horizon, now):
        yield from stream.read(session, window)


def _shape(pages: list[Page | Rows]) -> pl.DataType | None:
    import polars as pl

    from pipelines.gateway.connector import Page

    bodies = [page.body.decode() for page in pages if isinstance(page, Page)]
    return pl.Series(bodies).str.json_decode(infer_schema_length=None).dtype if bodies else None


def _landed(stream: Stream, session: Any, shape: pl.DataType | None, task: Task) -> int:  # noqa: ANN401
    """Write a stream's records; how many there were."""
    import pyarrow.parquet as pq

    from pipelines.gateway.connector import Page

    waiting: list[Page] = []
    count, files = 0, 0

    def name() -> str:
        nonlocal files
        files += 1
        return str(task.scratch / f"{stream.table}-{files}.parquet")

    for answer in _answers(stream, session):
        if not isinstance(answer, Page):
            pq.write_table(answer.table, name())
            count += answer.table.num_rows
            continue
        waiting.append(answer)
        if len(waiting) == _BATCH:
            count += _written(waiting, shape, name)
            waiting = []
    return count + (_written(waiting, shape, name) if waiting else 0)


def _written(pages: list[Page], shape: Any, name: Callable[[], str]) -> int:  # noqa: ANN401
    """Decode pages of one shape and write their records."""
    import polars as pl

    records = pl.Series("record", [page.body.decode() for page in pages]).str.json_decode(shape)
    for step in pages[0].path:
        records = records.struct.field(step)
    if pages[0].is_list:
        records = records.explode()
    records = records.drop_nulls()
    if len(records):
        records.to_frame("record").write_parquet(name())
    return len(records)


def _benchmarks() -> tuple[Benchmark, ...]:
    # Connectors are found by their folders: reading names loads none of them.
    folders = sorted((PROJECT_ROOT / "pipelines" / "sources").glob("*/streams.py"))
    return tuple(
        Benchmark(
            name=f"pull_{channel}",
            title=f"{channel}: all streams of its busiest account, first pull",
            prepare="benchmarks.channels:prepare",
            contenders=[
                Contender(way, f"benchmarks.channels:{way}", {"channel": channel})
                for way in ("floor", "koujing")
            ],
            baseline="floor",
            scale=1,
            quick_scale=1,
            unit="accounts",
            repeats=3,
        )
        for channel in (folder.parent.name for folder in folders)
    )


BENCHMARKS = _benchmarks()
