"""自营商城: orders, payments, after-sales, members and shipments of the company's own database."""

from __future__ import annotations

from pipelines.gateway.database import database_connector
from pipelines.sources.mall.streams import STREAMS

CONNECTOR = database_connector("mall", "自营商城", "shop", STREAMS)
