"""巨量千川: ad accounts' reports, 全域 plans, live rooms and money, as the platform words them."""

from __future__ import annotations

from pipelines.gateway.connector import Connector, CredentialField
from pipelines.sources.qianchuan.client import QianchuanClient
from pipelines.sources.qianchuan.settings import BASE_URL, CALLS_PER_SECOND, MONEY_SETTING
from pipelines.sources.qianchuan.streams import STREAMS, check

CONNECTOR = Connector(
    channel="qianchuan",
    title="巨量千川",
    serves={"qianchuan": "ad_account"},
    base_url=BASE_URL,
    credentials=(
        CredentialField("app_id", "应用 APP ID", secret=False, hint="digits", pattern=r"\d+"),
        CredentialField("app_secret", "应用 Secret"),
        CredentialField(
            "refresh_token",
            "首个 refresh_token",
            hint="from the app's OAuth callback; used once, the registry keeps its successors",
        ),
        CredentialField(
            MONEY_SETTING,
            "金额单位",
            secret=False,
            required=False,
            hint="uni_promotion/list=yuan: only where an endpoint's amounts are of another unit",
            logs_in=False,
        ),
    ),
    client=QianchuanClient,
    streams=STREAMS,
    check=check,
    per_second=CALLS_PER_SECOND,
)
