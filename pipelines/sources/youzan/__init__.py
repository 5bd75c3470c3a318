"""有赞: orders with promotions and parcels, after-sales, products, as the platform says it."""

from __future__ import annotations

from pipelines.gateway.connector import Connector, CredentialField
from pipelines.sources.youzan.client import YouzanClient
from pipelines.sources.youzan.settings import ASSUMED, BASE_URL, BILLS, CALLS_PER_SECOND
from pipelines.sources.youzan.streams import STREAMS, check

CONNECTOR = Connector(
    channel="youzan",
    title="有赞",
    serves={"youzan": "shop"},
    base_url=BASE_URL,
    credentials=(
        CredentialField("client_id", "应用 client_id", secret=False),
        CredentialField("client_secret", "应用 client_secret"),
        CredentialField(
            "refresh_token",
            "授权 refresh_token（仅工具型应用）",
            required=False,
            hint="only a market app has one; a self-built app logs in by itself",
        ),
        CredentialField(
            BILLS,
            "对账接口",
            secret=False,
            required=False,
            hint=f"'{ASSUMED}' asks for bill records, whose fields are not documented",
            logs_in=False,
        ),
    ),
    client=YouzanClient,
    streams=STREAMS,
    check=check,
    per_second=CALLS_PER_SECOND,
)
