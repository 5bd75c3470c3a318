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
    """One shop, as all connectors that pull it found it."""

    shop_key: str
    channel: str
    works: bool
    said: str
    hint: str


@dataclass(frozen=True)
class _Heard:
    """What one connector's call came to."""

    title: str
    works: bool
    said: str
    hint: str = ""


def check_all(settings: Settings, shop_keys: Sequence[str]) -> list[Health]:
    """Ask the platforms of these shops; all active ones with credentials where none is named.

    Raises:
        UsageError: A named shop is not registered, or has no credentials.
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
    wanted = [
        shops[key]
        for key in shop_keys or sorted(holders)
        if shop_keys or shops[key].status == "active"
    ]
    with ExitStack() as stack:
        in_sandbox = any(shop.base_url.startswith("sandbox://") for shop in wanted)
        url = stack.enter_context(sandbox(settings)).url if in_sandbox else None
        heard = [
            (shop, [_ask(settings, connector, shop, url) for connector in _pulling(shop)])
            for shop in wanted
        ]
    return [_together(shop, each) for shop, each in heard if each]


def _pulling(shop: Shop) -> list[Connector]:
    """The connectors that pull a shop, its own channel's first."""
    found = [each for each in connectors().values() if each.pulls(shop)]
    return sorted(found, key=lambda each: each.channel != shop.channel)


def _ask(settings: Settings, connector: Connector, shop: Shop, url: str | None) -> _Heard:
    try:
        with open_session(settings, connector, shop, url) as session:
            return _Heard(connector.title, True, connector.check(session))
    except KoujingError as error:
        return _Heard(connector.title, False, error.message, error.hint)


def _together(shop: Shop, heard: Sequence[_Heard]) -> Health:
    """One shop, one row: what several connectors hear alike is said once."""
    titles: dict[str, list[str]] = {}
    for each in heard:
        titles.setdefault(each.said, []).append(each.title)
    several = len(heard) > 1
    said = [f"{', '.join(who)}: {words}" if several else words for words, who in titles.items()]
    hints = dict.fromkeys(each.hint for each in heard if each.hint)
    works = all(each.works for each in heard)
    return Health(shop.shop_key, shop.channel, works, "; ".join(said), " ".join(hints))
