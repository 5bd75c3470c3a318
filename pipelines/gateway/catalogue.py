"""Finds the connector folders; a folder under ``sources/`` that says ``CONNECTOR`` is one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import pyarrow as pa

from pipelines import sources
from pipelines.gateway.connector import Connector
from pipelines.gateway.decode import landed_schema

_TIME = pa.timestamp("us")
PULLS = pa.schema(
    [
        ("shop_key", pa.string()), ("stream", pa.string()), ("kind", pa.string()),
        ("window_start", _TIME), ("window_end", _TIME),
        ("started_at", _TIME), ("finished_at", _TIME),
        ("requests", pa.int64()), ("rows", pa.int64()), ("quarantined", pa.int64()),
        ("unknown_fields", pa.string()), ("status", pa.string()), ("error", pa.string()),
        ("_dlt_load_id", pa.string()),
    ]
)  # fmt: skip
QUARANTINE = pa.schema(
    [
        ("shop_key", pa.string()), ("stream", pa.string()), ("reason", pa.string()),
        ("field", pa.string()), ("record", pa.string()), ("observed_at", _TIME),
        ("_dlt_load_id", pa.string()),
    ]
)  # fmt: skip
DELETIONS = pa.schema(
    [
        ("shop_key", pa.string()), ("stream", pa.string()), ("record_key", pa.string()),
        ("is_gone", pa.bool_()), ("observed_at", _TIME), ("_dlt_load_id", pa.string()),
    ]
)  # fmt: skip


@cache
def connectors() -> dict[str, Connector]:
    """Every connector by channel, in the order of their names."""
    found = {}
    for each in pkgutil.iter_modules(sources.__path__):
        module = importlib.import_module(f"{sources.__name__}.{each.name}")
        if (connector := getattr(module, "CONNECTOR", None)) is not None:
            found[connector.channel] = connector
    return found


def raw_schemas(connector: Connector) -> dict[str, pa.Schema]:
    """All raw tables of a connector with their declared columns."""
    sweeps = any(stream.keys or stream.is_whole for stream in connector.streams)
    return {
        **{stream.table: landed_schema(stream) for stream in connector.streams},
        "pulls": PULLS,
        "quarantine": QUARANTINE,
        **({"deletions": DELETIONS} if sweeps else {}),
    }
