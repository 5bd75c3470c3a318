"""What the lake's own record of pulls says of each shop's stream: how far it was pulled, and when.

Data flow: raw table ``pulls`` of complete loads -> History -> ``windows``. A pull that failed or
never landed never happened.
"""

from __future__ import annotations

from datetime import datetime

import duckdb

from pipelines.gateway.connector import Connector
from pipelines.gateway.windows import History
from pipelines.landing import RawLake
from pipelines.settings import SHANGHAI, Settings

Key = tuple[str, str]  # shop, stream


def histories(settings: Settings, connector: Connector) -> dict[Key, History]:
    """What the lake's complete loads say of earlier pulls, by shop and stream."""
    files = RawLake(settings).tables(connector.channel).get("pulls", [])
    if not files:
        return {}
    with duckdb.connect() as connection:
        rows = connection.execute(
            "WITH loads AS ("
            " SELECT shop_key, stream, _dlt_load_id,"
            "  max(window_end) FILTER (kind = 'incremental') AS reached,"
            "  list({'a': window_start, 'b': window_end}) FILTER (kind = 'revisit') AS revisited,"
            "  max(window_end) FILTER (kind = 'sweep') AS swept"
            " FROM read_parquet(?) WHERE status = 'ok' AND window_end IS NOT NULL"
            " GROUP BY ALL)"
            " SELECT shop_key, stream, max(reached), min(reached), flatten(list(revisited)),"
            " max(swept)"
            " FROM loads GROUP BY shop_key, stream",
            [files],
        ).fetchall()
    return {
        (shop, stream): History(
            _aware(watermark),
            _aware(first),
            [(_shanghai(each["a"]), _shanghai(each["b"])) for each in revisited or ()],
            _aware(swept),
        )
        for shop, stream, watermark, first, revisited, swept in rows
    }


def _shanghai(wall: datetime) -> datetime:
    return wall.replace(tzinfo=SHANGHAI)


def _aware(wall: datetime | None) -> datetime | None:
    return None if wall is None else _shanghai(wall)
