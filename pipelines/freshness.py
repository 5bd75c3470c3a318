"""How far each account was pulled, from the lake's own record of pulls; told alike to all who ask.

An account is as fresh as its least fresh stream: what one connector's stream lacks, no figure of
the shop may claim to have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import duckdb

from pipelines.gateway.catalogue import connectors
from pipelines.gateway.connector import Connector
from pipelines.landing import RawLake
from pipelines.settings import Settings

# A pull that could not even begin is on record under this name, without a window.
ALL_STREAMS = "(all)"
_LAST_PULLS = f"""
with pulls as (select * from read_parquet($files)),
streams as (
    select shop_key, stream,
        max(window_end) filter (status = 'ok' and kind = 'incremental') as complete_until,
        max(finished_at) as tried_at,
        arg_max(coalesce(error, ''), (finished_at, window_end)) as error
    from pulls where stream = any($streams) group by all
),
opened as (
    select shop_key, max(finished_at) as tried_at,
        arg_max(coalesce(error, ''), finished_at) as error
    from pulls where stream = '{ALL_STREAMS}' group by all
),
told as (
    select shop_key,
        case when count(*) = count(complete_until) then min(complete_until) end as complete_until,
        max(tried_at) as tried_at,
        arg_max(error, tried_at) filter (error <> '') as error
    from streams group by all
)
select coalesce(told.shop_key, opened.shop_key), told.complete_until,
    case when told.tried_at is null or opened.tried_at > told.tried_at then opened.error
        else coalesce(told.error, '') end
from told full join opened on told.shop_key = opened.shop_key order by 1
"""


@dataclass(frozen=True)
class Pulled:
    """What one connector has of one account.

    Attributes:
        shop_key: The account.
        connector: Who pulls it.
        complete_until: Everything before it has landed (Shanghai wall clock); None: never pulled
            to the end.
        error: Why the last pull failed, in the platform's words; empty where it did not.
    """

    shop_key: str
    connector: Connector
    complete_until: datetime | None
    error: str


def pulled(settings: Settings, connector: Connector) -> list[Pulled]:
    """One connector's accounts that were ever asked, by their last pull of each stream."""
    files = RawLake(settings).tables(connector.channel).get("pulls", [])
    if not files:
        return []
    asked = {"files": files, "streams": [stream.table for stream in connector.streams]}
    with duckdb.connect() as connection:
        rows = connection.execute(_LAST_PULLS, asked).fetchall()
    return [Pulled(shop, connector, until, error) for shop, until, error in rows]


def pulled_by_all(settings: Settings) -> list[Pulled]:
    """The same of all connectors."""
    return [each for connector in connectors().values() for each in pulled(settings, connector)]


def stale(accounts: Iterable[Pulled]) -> Iterator[tuple[str, str]]:
    """Each account that did not answer, with since when and why; what several hear alike once."""
    failing: dict[str, dict[str, list[Pulled]]] = {}
    for each in accounts:
        if each.error:
            failing.setdefault(each.shop_key, {}).setdefault(each.error, []).append(each)
    for shop, errors in sorted(failing.items()):
        yield shop, "; ".join(_since(alike, error) for error, alike in errors.items())


def _since(alike: list[Pulled], error: str) -> str:
    titles = ", ".join(each.connector.title for each in alike)
    reached = [each.complete_until for each in alike if each.complete_until is not None]
    if len(reached) < len(alike):
        return f"{titles} never pulled: {error}"
    return f"{titles} fresh until {min(reached):%Y-%m-%d %H:%M}: {error}"
