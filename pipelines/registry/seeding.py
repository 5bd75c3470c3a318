"""Registers the sandbox's company in an empty home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.registry.credentials import CredentialStore
from pipelines.registry.shops import Shop, ShopRegistry
from pipelines.settings import Settings

ORIGIN = "sandbox"
BASE_URL = "sandbox://"


def seed_accounts(settings: Settings, accounts: Sequence[Mapping[str, Any]]) -> int:
    """Register accounts that are not there yet, credentials included; how many were new.

    What a person changed in a registered one stays.
    """
    registry, credentials = ShopRegistry(settings), CredentialStore(settings)
    present = {shop.shop_key for shop in registry.all()}
    fresh = [account for account in accounts if account["shop_key"] not in present]
    for account in fresh:
        registry.add(
            Shop(
                shop_key=account["shop_key"],
                channel=account["channel"],
                kind=account["kind"],
                name=account["name"],
                origin=ORIGIN,
                platform_shop_id=account["platform_shop_id"],
                parent_shop_key=account["parent_shop_key"] or "",
                base_url=BASE_URL,
            )
        )
        if account["credentials"]:
            credentials.set(account["shop_key"], account["credentials"])
    return len(fresh)
