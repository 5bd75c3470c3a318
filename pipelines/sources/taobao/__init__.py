"""淘宝/天猫: trades, refunds, items, fee bills and logistics, as TOP words them."""

from __future__ import annotations

from pipelines.gateway.connector import Connector, CredentialField
from pipelines.sources.taobao.client import TaobaoClient
from pipelines.sources.taobao.settings import BASE_URL, CALLS_PER_SECOND
from pipelines.sources.taobao.streams import STREAMS, check

CONNECTOR = Connector(
    channel="taobao",
    title="淘宝/天猫",
    serves={"taobao": "shop"},
    base_url=BASE_URL,
    credentials=(
        CredentialField("app_key", "应用 App Key", secret=False, hint="8 digits", pattern=r"\d{8}"),
        CredentialField("app_secret", "应用 App Secret"),
        CredentialField(
            "session_key",
            "授权 SessionKey（access_token）",
            required=False,
            hint="of a shop's own app: authorised by a person, not to be refreshed",
        ),
        CredentialField(
            "refresh_token",
            "首个 refresh_token",
            required=False,
            hint="of an app of the service market, instead of the SessionKey; used once, the"
            " registry keeps its successors",
        ),
    ),
    client=TaobaoClient,
    streams=STREAMS,
    check=check,
    per_second=CALLS_PER_SECOND,
)
