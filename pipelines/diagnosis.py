"""How a home stands: each finding says what it looked at, what it saw, and what to do about it."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pipelines.errors import KoujingError
from pipelines.freshness import Pulled, pulled, stale
from pipelines.gateway.catalogue import connectors
from pipelines.registry.credentials import CredentialStore
from pipelines.registry.shops import ShopRegistry
from pipelines.settings import Settings, shanghai_now

State = Literal["ok", "note", "act"]
_OLD = timedelta(days=2)


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    state: State
    what: str
    said: str
    hint: str = ""


def diagnose(settings: Settings) -> list[Finding]:
    """Everything that can be seen without asking a platform."""
    return [
        *_home(settings),
        *_registry(settings),
        *_pulls(settings),
        *_published(settings),
        *_optional(settings),
    ]


def _home(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    home.mkdir(parents=True, exist_ok=True)
    if os.access(home, os.W_OK):
        free = shutil.disk_usage(home).free // 2**30
        yield Finding("ok" if free > 2 else "act", "home", f"{home}, {free} GiB free")
    else:
        yield Finding(
            "act", "home", f"{home} cannot be written", "Set KOUJING_HOME to a folder of yours."
        )
    for name in ("pii.key", "credentials.key"):
        path = settings.registry_dir / name
        if path.exists() and path.stat().st_mode & 0o077:
            yield Finding("act", name, "open to others", f"chmod 600 {path}")


def _registry(settings: Settings) -> Iterator[Finding]:
    shops = [shop for shop in ShopRegistry(settings).all() if shop.status == "active"]
    if not shops:
        yield Finding(
            "act",
            "shops",
            "none registered",
            "koujing run (the sandbox's company) or koujing shop add",
        )
        return
    counted = Counter(shop.channel for shop in shops)
    told = ", ".join(f"{channel} {count}" for channel, count in sorted(counted.items()))
    yield Finding("ok", "shops", f"{len(shops)} active: {told}")
    store = CredentialStore(settings)
    holders = store.holders()
    bare = [
        shop.shop_key
        for shop in shops
        if shop.shop_key not in holders and any(each.pulls(shop) for each in connectors().values())
    ]
    if bare:
        yield Finding(
            "note", "credentials", f"none for {', '.join(bare)}: known by files alone",
            "koujing shop set SHOP --credential NAME=VALUE",
        )  # fmt: skip
    try:
        for key in sorted(holders):
            store.get(key)
    except KoujingError as error:
        yield Finding("act", "credentials", error.message, error.hint)


def _pulls(settings: Settings) -> Iterator[Finding]:
    everywhere: list[Pulled] = []
    for connector in connectors().values():
        accounts = pulled(settings, connector)
        if not accounts:
            yield Finding("note", connector.title, "nothing pulled yet", "koujing run")
            continue
        answering = sum(not each.error for each in accounts)
        yield Finding("ok", connector.title, f"{answering} of {len(accounts)} accounts answer")
        everywhere += accounts
    for shop, said in stale(everywhere):
        yield Finding("act", shop, said, f"koujing shop check {shop}")


def _published(settings: Settings) -> Iterator[Finding]:
    from pipelines.publish.versions import VersionStore

    try:
        version = VersionStore(settings).current()
    except KoujingError as error:
        yield Finding("act", "published version", error.message, "koujing run")
        return
    if version is None:
        yield Finding("act", "published version", "nothing published yet", "koujing run")
        return
    age = shanghai_now() - version.published_at.astimezone(shanghai_now().tzinfo)
    state: State = "note" if age > _OLD else "ok"
    said = f"{version.version}, data until {version.data_until:%Y-%m-%d %H:%M}"
    yield Finding(state, "published version", said, "koujing run" if state == "note" else "")


def _optional(settings: Settings) -> Iterator[Finding]:
    from pipelines.sandbox.process import running_sandbox

    running = running_sandbox(settings)
    yield Finding("ok", "sandbox", f"running at {running.url}" if running else "not running")
    chromium = Path("/usr/bin/chromium").exists()
    hint = "" if chromium else "bash tests/browser.sh"
    yield Finding(
        "ok" if chromium else "note",
        "Chromium (page tests)",
        "there" if chromium else "not there",
        hint,
    )
