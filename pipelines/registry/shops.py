"""Shops and ad accounts: who they are, on which channel, and whether they are in use."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.errors import UsageError
from pipelines.registry.audit import note
from pipelines.registry.store import ShopRow, registry_engine
from pipelines.settings import Settings, shanghai_now

ShopKind = Literal["shop", "ad_account", "institution", "warehouse", "observed"]
_KEY = re.compile(r"^[a-z0-9][a-z0-9_.-]{0,79}$")


class Shop(BaseModel):
    """A registered shop.

    ``kind`` is ``shop`` (sells), ``ad_account`` (buys traffic), ``institution`` (earns commissions
    as MCN or 招商团长), ``warehouse`` (keeps the stock of all shops) or ``observed`` (someone
    else's shop whose public listing is watched); only the first counts in our sales.
    ``parent_shop_key`` is the shop that an ad account buys for; ``base_url`` beats the channel's
    own address.
    """

    model_config = ConfigDict(frozen=True)

    shop_key: str
    channel: str
    kind: ShopKind = "shop"
    name: str
    status: Literal["active", "disabled"] = "active"
    origin: str = "manual"
    platform_shop_id: str = ""
    parent_shop_key: str = ""
    base_url: str = ""

    @field_validator("shop_key")
    @classmethod
    def _readable_key(cls, value: str) -> str:
        if not _KEY.match(value):
            raise UsageError(
                f"'{value}' is not a shop key.",
                "Use 1 to 80 of a-z, 0-9, '-', '_' and '.', starting with a letter or digit: "
                "--shop tmall-flagship",
            )
        return value


class ShopRegistry:
    """Reads and changes the registered shops of one home."""

    def __init__(self, settings: Settings) -> None:
        self._engine = registry_engine(settings)

    def all(self) -> list[Shop]:
        """Every shop, by key."""
        with Session(self._engine) as session:
            rows = session.scalars(select(ShopRow).order_by(ShopRow.shop_key))
            return [_to_shop(row) for row in rows]

    def get(self, shop_key: str) -> Shop | None:
        """One shop, or None where it is not registered."""
        with Session(self._engine) as session:
            row = session.get(ShopRow, shop_key)
            return None if row is None else _to_shop(row)

    def add(self, shop: Shop) -> None:
        """Register a shop that is not there yet.

        Raises:
            UsageError: The key is taken.
        """
        with Session(self._engine) as session, session.begin():
            if session.get(ShopRow, shop.shop_key) is not None:
                raise UsageError(
                    f"Shop '{shop.shop_key}' is registered already.",
                    "See it with: koujing shop list",
                )
            session.add(ShopRow(**shop.model_dump(), registered_at=shanghai_now()))
            note(session, "add", shop.shop_key, f"{shop.kind} on {shop.channel}")

    def change(self, shop_key: str, **changed: str | None) -> Shop:
        """Change what is given of name, status, base_url, platform_shop_id, parent_shop_key.

        Returns:
            What the shop is now.

        Raises:
            UsageError: No such shop.
        """
        with Session(self._engine) as session, session.begin():
            row = session.get(ShopRow, shop_key)
            if row is None:
                known = ", ".join(shop.shop_key for shop in self.all()) or "none yet"
                raise UsageError(f"No shop '{shop_key}'.", f"Registered: {known}.")
            given = {field: value for field, value in changed.items() if value is not None}
            for field, value in given.items():
                setattr(row, field, value)
            if given:
                note(session, "change", shop_key, ", ".join(f"{k}={v}" for k, v in given.items()))
            return _to_shop(row)


def _to_shop(row: ShopRow) -> Shop:
    return Shop.model_validate(
        {field: getattr(row, field) for field in Shop.model_fields}, strict=False
    )
