"""精选联盟: commission orders, settlement, authors and products, by the 抖店 shop's tokens."""

from __future__ import annotations

from pipelines.gateway.connector import Connector, CredentialField
from pipelines.sources.buyin.client import BuyinClient
from pipelines.sources.buyin.settings import BASE_URL, CALLS_PER_SECOND, ROLE
from pipelines.sources.buyin.streams import STREAMS, check

CONNECTOR = Connector(
    channel="buyin",
    title="精选联盟",
    serves={"doudian": "shop", "buyin": "institution"},
    base_url=BASE_URL,
    credentials=(
        CredentialField(
            "app_key", "应用 app_key", secret=False, hint="19 digits", pattern=r"\d{19}"
        ),
        CredentialField("app_secret", "应用 app_secret"),
        CredentialField(
            ROLE,
            "机构角色",
            secret=False,
            required=False,
            hint="MCN or Colonel; only for an institution's own account",
        ),
    ),
    client=BuyinClient,
    streams=STREAMS,
    check=check,
    per_second=CALLS_PER_SECOND,
)
