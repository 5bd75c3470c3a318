"""快手小店: orders and what they cost whom, refunds, items, bills and commissions."""

from __future__ import annotations

from pipelines.gateway.connector import Connector, CredentialField
from pipelines.sources.kuaishou.client import KuaishouClient
from pipelines.sources.kuaishou.settings import BASE_URL, CALLS_PER_SECOND
from pipelines.sources.kuaishou.streams import STREAMS, check

CONNECTOR = Connector(
    channel="kuaishou",
    title="快手小店",
    serves={"kuaishou": "shop"},
    base_url=BASE_URL,
    credentials=(
        CredentialField(
            "app_key", "应用 appKey", secret=False, hint="ks and digits", pattern=r"ks\d+"
        ),
        CredentialField("app_secret", "应用 appSecret"),
        CredentialField(
            "sign_secret", "应用 signSecret", hint="the third secret of the app, for signatures"
        ),
        CredentialField(
            "refresh_token",
            "首个 refresh_token",
            hint="from the app's OAuth callback; used once, the registry keeps its successors;"
            " after 180 days the owner has to authorise again",
        ),
    ),
    client=KuaishouClient,
    streams=STREAMS,
    check=check,
    per_second=CALLS_PER_SECOND,
)
