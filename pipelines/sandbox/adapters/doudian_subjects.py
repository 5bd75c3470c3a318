"""Who authorises the company's app on 抖店's gateway: its shops, and institutions of 精选联盟.

Of the world's institutions, one MCN and one 招商团长 are the company's own and log in.
Source: platform notes doudian.md section 2, buyin.md section 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.sandbox.adapter import Outside

# The platform's auth_subject_type.
SHOP, MCN, COLONEL = "Shop", "MCN", "Colonel"


@dataclass(frozen=True)
class Subject:
    """Someone with tokens of their own."""

    key: str
    role: str
    platform_id: str
    name: str

    @property
    def world_id(self) -> str:
        """What the world's rows call it."""
        return self.key if self.role == SHOP else self.platform_id


def subjects(outside: Outside) -> dict[str, Subject]:
    """All of them, by registry key."""
    return outside.rendered(
        ("subjects",), lambda: {each.key: each for each in _found(outside.frames)}
    )


def _found(frames: Mapping[str, pl.DataFrame]) -> list[Subject]:
    shops = frames["shops"].filter(pl.col("channel") == "doudian")
    return [
        *(
            Subject(key, SHOP, number, name)
            for key, number, name in shops.select("shop_id", "platform_shop_id", "name").rows()
        ),
        *_first("buyin-mcn-01", MCN, frames["authors"], "institution_id", "institution"),
        *_first("buyin-colonel-01", COLONEL, frames["commissions"], "colonel_id", "colonel_name"),
    ]


def _first(key: str, role: str, frame: pl.DataFrame, number: str, name: str) -> list[Subject]:
    """The first institution of a column; none where the world has none."""
    known = frame.select(number, name).drop_nulls(number).sort(number).head(1)
    return [Subject(key, role, *row) for row in known.rows()]
