"""仓库: stock documents, what lies there, parcels and their scans, of the warehouse's database."""

from __future__ import annotations

from pipelines.gateway.database import database_connector
from pipelines.sources.wms.streams import STREAMS

CONNECTOR = database_connector("wms", "仓库", "warehouse", STREAMS)
