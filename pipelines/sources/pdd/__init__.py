"""拼多多: orders, after-sales, goods, account files, parcels, ads, as the platform words them."""

from __future__ import annotations

from pipelines.gateway.connector import Connector, CredentialField
from pipelines.sources.pdd.client import PddClient
from pipelines.sources.pdd.settings import BASE_URL, CALLS_PER_SECOND
from pipelines.sources.pdd.streams import STREAMS, check

CONNECTOR = Connector(
    channel="pdd",
    title="拼多多",
    serves={"pdd": "shop"},
    base_url=BASE_URL,
    credentials=(
        CredentialField("client_id", "应用 client_id", secret=False),
        CredentialField("client_secret", "应用 client_secret"),
        CredentialField(
            "code",
            "授权码 code",
            required=False,
            hint="from the authorisation's callback: lives ten minutes; koujing shop check uses it",
        ),
        CredentialField(
            "refresh_token",
            "首个 refresh_token",
            required=False,
            hint="in place of code, where the app's own service has one already",
        ),
    ),
    client=PddClient,
    streams=STREAMS,
    check=check,
    per_second=CALLS_PER_SECOND,
)
