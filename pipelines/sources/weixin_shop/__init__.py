"""微信小店 (视频号小店): orders, after-sales, products, money, commission and live rooms."""

from __future__ import annotations

from pipelines.gateway.connector import Connector, CredentialField
from pipelines.sources.weixin_shop.client import WeixinShopClient
from pipelines.sources.weixin_shop.settings import BASE_URL, CALLS_PER_SECOND
from pipelines.sources.weixin_shop.streams import STREAMS, check

CONNECTOR = Connector(
    channel="weixin_shop",
    title="微信小店",
    serves={"weixin_shop": "shop"},
    base_url=BASE_URL,
    credentials=(
        CredentialField(
            "app_id", "小店 AppID", secret=False, hint="wx and 16 characters", pattern=r"wx\w{16}"
        ),
        CredentialField("app_secret", "小店 AppSecret", hint="微信小店后台 > 服务市场 > 自研"),
    ),
    client=WeixinShopClient,
    streams=STREAMS,
    check=check,
    per_second=CALLS_PER_SECOND,
)
