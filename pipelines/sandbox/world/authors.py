"""Who sells for the shops on each channel that knows creators: own accounts and affiliates.

What a channel lets creators do is data here (``CREATORS``). What they sell is drawn in ``rooms``
and ``sales``, what they are paid in ``payouts``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.sandbox.world.draws import Draws, Flags, Ints, frame, picked, texts

Named = tuple[tuple[str, str], ...]  # id and name of each
Numbered = tuple[str, int, int]  # a prefix; id n is first + n * step


@dataclass(frozen=True)
class Creators:
    """What a channel lets creators do.

    Attributes:
        affiliates: How many there are beside the shops' own accounts.
        called: What an affiliate's and an own account's name are made with.
        account_ids: Ids of authors.
        short_ids: Ids that authors show.
        room_ids: Ids of live sessions; none where the channel shows us no rooms.
        evenings: Share of evenings on which a shop's own room broadcasts.
        exposed: How many persons a room is typically shown to.
        own_posts: Share of the authors' posts that are the shop's own.
        gives_discounts: Whether an author can give a discount of their own.
        institutions: Whom affiliates belong to.
        brokers: Who takes a fee beside the commission: 团长, on 视频号 机构.
        phased: Share of commissions that are settled in two phases.
    """

    channel: str
    affiliates: int
    called: tuple[str, str]
    account_ids: Numbered
    short_ids: Numbered
    room_ids: Numbered | None = None
    evenings: float = 0
    exposed: int = 0
    own_posts: float = 0
    gives_discounts: bool = True
    institutions: Named = ()
    brokers: Named = ()
    phased: float = 0

    def draws(self, seed: int, subject: str) -> Draws:
        """The channel's own stream; 抖店, which was there first, has the subject's bare name."""
        return Draws(seed, subject if self.channel == "doudian" else f"{self.channel} {subject}")


CREATORS = (
    Creators(
        "doudian",
        affiliates=24,
        called=("达人", "直播间"),
        account_ids=("", 92_000_000_000_000, 1_000_003),
        short_ids=("dy", 88_800_000, 1),
        room_ids=("", 7_400_000_000_000_000_000, 1_009),
        evenings=1,
        exposed=40_000,
        institutions=(
            ("6800000000000000001", "星河机构(虚构)"),
            ("6800000000000000002", "云帆机构(虚构)"),
            ("6800000000000000003", "山海机构(虚构)"),
        ),
        brokers=(
            ("7200000000000000011", "招商团长甲(虚构)"),
            ("7200000000000000022", "招商团长乙(虚构)"),
        ),
        phased=0.1,
    ),
    Creators(
        "kuaishou",
        affiliates=12,
        called=("快手达人", "快手直播间"),
        account_ids=("", 3_900_000_000, 1_009),
        short_ids=("ks", 66_600_000, 1),
        room_ids=("", 11_800_000_000, 1_013),
        evenings=0.9,
        exposed=25_000,
        institutions=(("9500001", "快手机构甲(虚构)"), ("9500002", "快手机构乙(虚构)")),
        brokers=(("900000777", "快手团长甲(虚构)"), ("900000888", "快手团长乙(虚构)")),
    ),
    Creators(
        "weixin_shop",
        affiliates=9,
        called=("视频号达人", "视频号直播间"),
        account_ids=("sph", 7_700_000_000, 1_019),
        short_ids=("v", 55_500_000, 1),
        room_ids=("export/KJ", 600_000_000, 1_021),
        evenings=0.6,
        exposed=12_000,
        brokers=(("9440001", "视频号机构甲(虚构)"), ("9440002", "视频号机构乙(虚构)")),
    ),
    Creators(
        "xiaohongshu",
        affiliates=15,
        called=("小红书博主", "小红书店铺号"),
        account_ids=("5f00000000000", 10_000_000_000, 1_031),
        short_ids=("", 944_000_000, 1),
        own_posts=0.25,
        gives_discounts=False,
    ),
)


@dataclass(frozen=True)
class Authors:
    """The table, and positions in it."""

    frame: pl.DataFrame
    own: dict[int, int]  # position of a shop: of its own account
    affiliates: dict[str, Ints]  # by channel
    is_affiliate: Flags  # one an author, and False behind the last, where NEVER points

    def own_of(self, shops: Ints) -> Ints:
        """The own accounts of shops, one each."""
        return np.array([self.own[int(shop)] for shop in shops], dtype=np.int64)


def make_authors(shop_ids: Sequence[str], channels: Sequence[str], seed: int) -> Authors:
    """The own accounts of each channel's shops, then its affiliates; channel by channel."""
    frames: list[pl.DataFrame] = []
    own: dict[int, int] = {}
    affiliates: dict[str, Ints] = {}
    is_affiliate: list[bool] = []
    for creators in CREATORS:
        shops = [n for n, channel in enumerate(channels) if channel == creators.channel]
        first = len(is_affiliate)
        own |= {shop: first + n for n, shop in enumerate(shops)}
        affiliates[creators.channel] = first + len(shops) + np.arange(creators.affiliates)
        is_affiliate += [False] * len(shops) + [True] * creators.affiliates
        frames.append(_frame(creators, [shop_ids[n] for n in shops], seed))
    return Authors(pl.concat(frames), own, affiliates, np.array([*is_affiliate, False]))


def _frame(creators: Creators, own_shops: list[str], seed: int) -> pl.DataFrame:
    draws = creators.draws(seed, "authors")
    count = len(own_shops) + creators.affiliates
    numbers = np.arange(1, count + 1)
    is_own = np.arange(count) < len(own_shops)
    in_institution = draws.chance(0.5, count) & ~is_own & bool(creators.institutions)
    institution = draws.whole(0, max(len(creators.institutions), 1), count)
    institution = np.where(in_institution, institution, -1)
    affiliate, own = creators.called
    return frame(
        "authors",
        {
            "author_id": numbered(creators.account_ids, numbers),
            "channel": [creators.channel] * count,
            "buyin_id": (
                texts(7_100_000_000_000_000_000 + numbers * 1_000_033)
                if creators.channel == "doudian"
                else [None] * count
            ),
            "short_id": numbered(creators.short_ids, numbers),
            "nickname": [
                f"{own_shops[n]}{own}"
                if n < len(own_shops)
                else f"{affiliate}{n - len(own_shops) + 1:02d}(虚构)"
                for n in range(count)
            ],
            "own_shop_id": picked(own_shops, np.where(is_own, np.arange(count), -1)),
            "institution_id": picked([each for each, _ in creators.institutions], institution),
            "institution": picked([each for _, each in creators.institutions], institution),
        },
    )


def numbered(ids: Numbered, numbers: Ints) -> pl.Series:
    """Ids by their numbers."""
    prefix, first, step = ids
    return texts(first + numbers * step, prefix)
