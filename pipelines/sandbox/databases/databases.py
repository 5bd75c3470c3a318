"""The databases of a sandbox: who may log in, and where they listen once somebody asks."""

from __future__ import annotations

from threading import Lock

from pipelines.sandbox.adapter import Account, Outside
from pipelines.sandbox.commits import Commits
from pipelines.sandbox.databases import mall, wms
from pipelines.sandbox.databases.filling import Filled
from pipelines.sandbox.databases.relation import Moment
from pipelines.sandbox.databases.server import Postgres

MALL, WMS = "mall", "wms"
_RELATIONS = {MALL: mall.RELATIONS, WMS: wms.RELATIONS}


class Databases:
    """The mall's and the warehouse's, on one server that is started when first asked for."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._server: Postgres | None = None
        self._filled: dict[str, Filled] = {}
        self._commits = Commits()
        self._lock = Lock()

    def commit_by(self, commits: Commits) -> None:
        """Commit changes as a fault profile says from now on."""
        self._commits = commits

    def accounts(self) -> list[Account]:
        """The mall's shops and the warehouse, each with the URL of its database."""
        shops = self._outside.frames["shops"]
        malls = [
            Account(
                shop["shop_id"], MALL, "shop", shop["name"], shop["platform_shop_id"], None, {},
                {"database_url": self._url(MALL)},
            )
            for shop in shops.iter_rows(named=True)
            if shop["channel"] == MALL
        ]  # fmt: skip
        warehouse = Account(
            "wms-01", WMS, "warehouse", "仓库(虚构)", "", None, {},
            {"database_url": self._url(WMS)},
        )  # fmt: skip
        return [*malls, warehouse]

    def address(self, name: str) -> dict[str, str]:
        """Where a database listens; it shows the sandbox's clock then.

        Raises:
            KeyError: There is none of that name.
        """
        with self._lock:
            relations = _RELATIONS[name]
            if self._server is None:
                self._server = Postgres()
            if name not in self._filled:
                filled = Filled(name, f"{name}_reader", relations)
                filled.create(self._server, self._password(name))
                self._filled[name] = filled
            self._bring(self._filled[name])
            return self._server.address

    def follow(self) -> None:
        """Bring those that are up to the sandbox's clock."""
        with self._lock:
            for filled in self._filled.values():
                self._bring(filled)

    def lock_out(self, shop_key: str) -> None:
        """End the login of an account, for good; nothing where it has none here."""
        with self._lock:
            for account in self.accounts():
                if account.shop_key == shop_key and account.channel in self._filled:
                    assert self._server is not None, "one is filled once it is up"
                    self._server.lock_out(self._filled[account.channel].reader)

    def stop(self) -> None:
        """End the server, if it was started."""
        with self._lock:
            if self._server is not None:
                self._server.stop()

    def _bring(self, filled: Filled) -> None:
        assert self._server is not None, "one is filled once it is up"
        channel = MALL if filled.name == MALL else ""
        moment = Moment(self._outside.frames, self._outside.now(), channel)
        filled.bring(self._server, moment, self._commits)

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://{name}_reader:{self._password(name)}@{name}.sandbox/{name}"

    def _password(self, name: str) -> str:
        return self._outside.secret(name, "database")
