"""精选联盟's wire is 抖店's; institutions log in another way and are refused by their role."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.errors import UsageError
from pipelines.gateway.errors import PermissionMissing, PlatformError
from pipelines.registry.shops import Shop
from pipelines.sources.buyin.settings import COLONEL, MCN, ROLE
from pipelines.sources.doudian.client import DoudianClient

# buyin.md, section 5: the code that ends a refusal's sub_code, and who may call instead.
_ROLES: Mapping[str, str] = {"4196": "电商MCN机构", "4197": "招商团长", "4198": "抖客"}


class BuyinClient(DoudianClient):
    """抖店's client: same gateway, signature, tokens and error envelope."""

    def __init__(self, shop: Shop, credentials: Mapping[str, str]) -> None:
        super().__init__(shop, credentials)
        self._role = credentials.get(ROLE, "") if shop.kind == "institution" else ""
        if shop.kind == "institution" and self._role not in (MCN, COLONEL):
            raise UsageError(
                f"{shop.shop_key} is an institution without a role that can be asked.",
                f"Say which: koujing shop set {shop.shop_key} --credential {ROLE}={MCN}"
                f" (or {COLONEL})",
            )

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

    def subject(self) -> dict[str, str]:
        """A shop as on 抖店; an institution by its role, its id as platform shop id."""
        if not self._role:
            return super().subject()
        return {"auth_subject_type": self._role, "auth_id": self._shop.platform_shop_id}
