"""京东: orders, pre-sales, refunds before and after shipping, wares and SKUs in its own words."""

from __future__ import annotations

from pipelines.gateway.connector import Connector, CredentialField
from pipelines.sources.jd.client import JdClient
from pipelines.sources.jd.settings import BASE_URL, CALLS_PER_SECOND
from pipelines.sources.jd.streams import STREAMS, check

CONNECTOR = Connector(
    channel="jd",
    title="京东",
    serves={"jd": "shop"},
    base_url=BASE_URL,
    credentials=(
        CredentialField("app_key", "应用 AppKey", secret=False),
        CredentialField("app_secret", "应用 AppSecret"),
        CredentialField(
            "code",
            "授权码 code",
            hint="from the address that the authorisation page leads back to; works once, the"
            " registry keeps the tokens that it gives",
        ),
    ),
    client=JdClient,
    streams=STREAMS,
    check=check,
    per_second=CALLS_PER_SECOND,
)
