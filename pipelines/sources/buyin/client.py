"""精选联盟's wire is 抖店's; institutions log in another way and are refused by their role."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipelines.gateway.errors import PermissionMissing, PlatformError
from pipelines.registry.credentials import Token
from pipelines.registry.shops import Shop
from pipelines.sources.buyin.settings import ROLE
from pipelines.sources.doudian.client import DoudianClient, Exchange

# buyin.md, section 5: the code that ends a refusal's sub_code, and who may call instead.
_ROLES: Mapping[str, str] = {"4196": "电商MCN机构", "4197": "招商团长", "4198": "抖客"}


class BuyinClient(DoudianClient):
    """抖店's client: same gateway, signature, tokens and error envelope."""

    def __init__(self, shop: Shop, credentials: Mapping[str, str]) -> None:
        super().__init__(shop, credentials)
        self._role = credentials.get(ROLE, "")

    def judge(self, method: str, body: bytes) -> None:
        """Raise what a refusal means; a wrong role in words of its own."""
        try:
            super().judge(method, body)
        except PlatformError as refused:
            role = _ROLES.get(refused.code.rpartition(":")[2])
            if role is None:
                raise
            hint = f"Only an account authorised as {role} may call this."
            raise PermissionMissing(refused.words, refused.code, hint) from None

    def log_in(self, exchange: Exchange, now: datetime) -> Token:
        """A shop logs in as on 抖店; an institution with its role, its id as platform shop id."""
        if not self._role:
            return super().log_in(exchange, now)

        def as_institution(method: str, asked: Mapping[str, Any]) -> bytes:
            theirs = {name: value for name, value in asked.items() if name != "shop_id"}
            who = {"auth_subject_type": self._role, "auth_id": asked["shop_id"]}
            return exchange(method, {**theirs, **who})

        return super().log_in(as_institution, now)
