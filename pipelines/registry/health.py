"""Whether shops can be pulled: one signed call each, and what the platform said, in words."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from pipelines.errors import KoujingError, UsageError
from pipelines.gateway.catalogue import connectors
from pipelines.gateway.connector import Connector
from pipelines.gateway.session import open_session
from pipelines.registry.credentials import CredentialStore
from pipelines.registry.shops import Shop, ShopRegistry
from pipelines.sandbox.process import sandbox
from pipelines.settings import Settings


@dataclass(frozen=True)
class Health:
    """One shop on one channel."""

    shop_key: str
    channel: str
    works: bool
    said: str
    hint: str


def check_all(settings: Settings, shop_keys: Sequence[str]) -> list[Health]:
    """Ask the platforms of these shops; all active ones with credentials where none is named.

    Raises:
        UsageError: A named shop is not registered, or has no connector or credentials.
    """
    shops = {shop.shop_key: shop for shop in ShopRegistry(settings).all()}
    holders = CredentialStore(settings).holders()
    for key in shop_keys:
        if key not in shops:
            raise UsageError(f"No shop '{key}'.", "See: koujing shop list")
        if key not in holders:
            raise UsageError(
                f"{key} has no credentials: it is known by its files alone.",
                f"Hand them over: koujing shop set {key} --credential NAME=VALUE",
            )
    wanted = shop_keys or sorted(holders)
    with ExitStack() as stack:
        in_sandbox = any(shops[key].base_url.startswith("sandbox://") for key in wanted)
        url = stack.enter_context(sandbox(settings)).url if in_sandbox else None
        return [
            _check(settings, connector, shops[key], url)
            for key in wanted
            for connector in connectors().values()
            if shops[key].channel in connector.serves
            and shops[key].kind == connector.kind
            and (shop_keys or shops[key].status == "active")
        ]


def _check(settings: Settings, connector: Connector, shop: Shop, url: str | None) -> Health:
    try:
        with open_session(settings, connector, shop, url) as session:
            said = connector.check(session)
    except KoujingError as error:
        return Health(shop.shop_key, connector.channel, False, error.message, error.hint)
    return Health(shop.shop_key, connector.channel, True, said, "")
