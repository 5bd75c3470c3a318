"""The embedded default: an empty home gets the sandbox's company, shops and credentials included.

A home that holds a load or a shop of its own is never touched.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from queue import SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING

from pipelines.extraction import ExtractionReport, extract
from pipelines.gateway.catalogue import connectors
from pipelines.registry.credentials import CredentialStore
from pipelines.registry.shops import ShopRegistry
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.gateway.connector import Connector
    from pipelines.sandbox.process import SandboxHandle

SANDBOX_URL = "sandbox://"
_CONNECTORS_AT_ONCE = 6  # mostly they wait for what a platform allows a second


@dataclass(frozen=True)
class _UnderWay:
    """A connector's pull that was begun; what it says waits to be heard."""

    report: Future[ExtractionReport | None]
    said: SimpleQueue[str | None]  # None: that was all

    def heard_out(self, progress: Callable[[str], None]) -> ExtractionReport | None:
        """Pass on what is said, until the end."""
        for line in iter(self.said.get, None):
            progress(line)
        return self.report.result()


class Outside:
    """What a run talks to: the platforms, or the sandbox where shops of this home live in it.

    The sandbox is started when the first shop needs it and ended with the run.

    Args:
        settings: The home.
        channels: Only these channels are pulled; none: all.
        since: Pull from here on, whatever was pulled before (a backfill; watermarks stay).
        until: End of the backfill.
        full_refresh: Pull everything that the platforms still answer for.
        world: World of a sandbox that has to be made.
        faults: Its fault profile.
    """

    def __init__(  # noqa: PLR0913 - one argument an option of `koujing run`
        self,
        settings: Settings,
        *,
        channels: tuple[str, ...] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        full_refresh: bool = False,
        world: str = "",
        faults: str = "none",
    ) -> None:
        self.reports: list[ExtractionReport] = []
        self._settings = settings
        self._channels = channels
        self._since, self._until, self._full_refresh = since, until, full_refresh
        self._world, self._faults = world or settings.world, faults
        self._stack = ExitStack()
        self._sandbox: SandboxHandle | None = None
        self._pulls_ahead = False
        self._under_way: dict[str, _UnderWay] = {}

    def __enter__(self) -> Outside:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def seed_empty_home(self) -> int:
        """Register the sandbox's shops where nothing is registered or landed; says how many."""
        from pipelines.landing import RawLake
        from pipelines.registry.seeding import seed_accounts

        if ShopRegistry(self._settings).all() or RawLake(self._settings).complete_loads("inbox"):
            return 0
        return seed_accounts(self._settings, self._started().accounts())

    def pull_ahead(self) -> None:
        """All connectors will be pulled: begin with all when the first is asked for."""
        self._pulls_ahead = True

    def pull(
        self, connector: Connector, progress: Callable[[str], None]
    ) -> ExtractionReport | None:
        """Pull one connector's shops; None where this run leaves its channel out or has no shop."""
        if not self._pulls_ahead:
            return self._pulled(connector, progress)
        if not self._under_way:
            self._begin_all()
        return self._under_way[connector.channel].heard_out(progress)

    def _begin_all(self) -> None:
        """Platforms are pulled side by side, those first that let themselves be asked slowest."""
        if any(
            shop.base_url.startswith(SANDBOX_URL) for shop in ShopRegistry(self._settings).all()
        ):
            self._started()  # ends after the pulls
        pool = ThreadPoolExecutor(_CONNECTORS_AT_ONCE, "pull")
        self._stack.callback(pool.shutdown, cancel_futures=True)
        for each in sorted(connectors().values(), key=lambda each: each.per_second):
            said: SimpleQueue[str | None] = SimpleQueue()
            report = pool.submit(self._said_to, said, each)
            self._under_way[each.channel] = _UnderWay(report, said)

    def _said_to(
        self, said: SimpleQueue[str | None], connector: Connector
    ) -> ExtractionReport | None:
        try:
            return self._pulled(connector, said.put)
        finally:
            said.put(None)

    def _pulled(
        self, connector: Connector, progress: Callable[[str], None]
    ) -> ExtractionReport | None:
        if self._channels and connector.channel not in self._channels:
            return None
        credentials = CredentialStore(self._settings)
        # A shop known by its files alone has no credentials: there is nothing to pull it with.
        shops = [
            shop
            for shop in ShopRegistry(self._settings).all()
            if shop.status == "active" and connector.pulls(shop) and credentials.get(shop.shop_key)
        ]
        if not shops:
            return None
        in_sandbox = any(shop.base_url.startswith(SANDBOX_URL) for shop in shops)
        report = extract(
            self._settings,
            connector,
            sandbox_url=self._started().url if in_sandbox else None,
            since=self._since,
            until=self._until,
            full_refresh=self._full_refresh,
            shops=[shop.shop_key for shop in shops],
            progress=progress,
        )
        self.reports.append(report)
        return report

    def _started(self) -> SandboxHandle:
        from pipelines.sandbox.process import sandbox

        if self._sandbox is None:
            self._sandbox = self._stack.enter_context(
                sandbox(self._settings, world=self._world, faults=self._faults)
            )
        return self._sandbox
