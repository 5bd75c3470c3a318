"""抖店: orders, after-sales, products, bills and parcels, as the platform words them."""

from __future__ import annotations

from pipelines.gateway.connector import Connector, CredentialField
from pipelines.sources.doudian.client import DoudianClient
from pipelines.sources.doudian.settings import BASE_URL, CALLS_PER_SECOND
from pipelines.sources.doudian.streams import STREAMS, check

CONNECTOR = Connector(
    channel="doudian",
    title="抖店",
    serves={"doudian": "shop"},
    base_url=BASE_URL,
    credentials=(
        CredentialField(
            "app_key", "应用 app_key", secret=False, hint="19 digits", pattern=r"\d{19}"
        ),
        CredentialField("app_secret", "应用 app_secret"),
    ),
    client=DoudianClient,
    streams=STREAMS,
    check=check,
    per_second=CALLS_PER_SECOND,
)
