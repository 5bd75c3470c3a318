"""小红书: orders, after-sales, parcels, products, money and commissions, as the platform says."""

from __future__ import annotations

from pipelines.gateway.connector import Connector, CredentialField
from pipelines.sources.xiaohongshu.client import XiaohongshuClient
from pipelines.sources.xiaohongshu.settings import BASE_URL, CALLS_PER_SECOND
from pipelines.sources.xiaohongshu.streams import STREAMS, check

CONNECTOR = Connector(
    channel="xiaohongshu",
    title="小红书",
    serves={"xiaohongshu": "shop"},
    base_url=BASE_URL,
    credentials=(
        CredentialField("app_id", "应用 appId", secret=False),
        CredentialField("app_secret", "应用 appSecret"),
        CredentialField(
            "code",
            "授权码 code",
            hint="from the redirect after the shop's main account agreed; lives 10 minutes, so run"
            " koujing shop check at once: the registry keeps the tokens that it gives",
        ),
    ),
    client=XiaohongshuClient,
    streams=STREAMS,
    check=check,
    per_second=CALLS_PER_SECOND,
)
