from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.filters import Choices, Filters, defaults, parse, to_search

CHOICES = Choices(
    first=date(2026, 1, 1),
    last=date(2026, 11, 21),
    shops={"tmall-demo": "天猫旗舰店", "dy-demo": "抖店旗舰店"},
    channels={"taobao": "淘宝/天猫", "doudian": "抖店"},
    sorts=("pay_amt", "pay_order_cnt"),
)


def test_an_empty_address_is_the_last_30_days_with_data() -> None:
    filters, notices = parse("", CHOICES)

    assert (filters.start, filters.end) == (date(2026, 10, 23), date(2026, 11, 21))
    assert filters.compare == "previous_period"
    assert notices == ()


def test_a_shorter_history_starts_at_its_first_day() -> None:
    short = Choices(first=date(2026, 11, 18), last=date(2026, 11, 21))

    assert defaults(short) == Filters(date(2026, 11, 18), date(2026, 11, 21))


def test_every_filter_is_read_from_the_address() -> None:
    filters, notices = parse(
        "?from=2026-11-01&to=2026-11-11&channel=doudian&shop=dy-demo&shop=tmall-demo"
        "&compare=yoy&grain=week&sort=-pay_order_cnt",
        CHOICES,
    )

    assert filters == Filters(
        date(2026, 11, 1),
        date(2026, 11, 11),
        shops=("dy-demo", "tmall-demo"),
        channels=("doudian",),
        compare="yoy",
        grain="week",
        sort="-pay_order_cnt",
    )
    assert notices == ()


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("?from=yesterday&to=2026-11-11", "不是有效日期"),
        ("?from=2026-11-11&to=2026-11-01", "晚于结束日期"),
        ("?from=2031-01-01&to=2031-02-01", "没有数据"),
        ("?shop=nowhere", "店铺「nowhere」不存在或不在你的数据范围内"),
        ("?channel=%3Cscript%3E", "渠道「<script>」"),
        ("?compare=never", "对比方式「never」"),
        ("?grain=hour", "粒度「hour」"),
        ("?sort=price", "排序「price」"),
        ("?utm_source=mail", "参数「utm_source」"),
        ("?" + "shop=a&" * 1000, "太长"),
    ],
)
def test_what_cannot_be_used_is_ignored_and_said(search: str, said: str) -> None:
    filters, notices = parse(search, CHOICES)

    assert filters == defaults(CHOICES)
    assert len(notices) == 1
    assert said in notices[0]


def test_days_without_data_are_cut_off_and_said() -> None:
    filters, notices = parse("?from=2026-11-20&to=2026-12-31", CHOICES)

    assert (filters.start, filters.end) == (date(2026, 11, 20), date(2026, 11, 21))
    assert "已截为 2026-11-20 至 2026-11-21" in notices[0]


@pytest.mark.parametrize(
    ("days", "grain"), [(1, "day"), (62, "day"), (63, "week"), (400, "week"), (401, "month")]
)
def test_the_grain_follows_the_length_of_the_range(days: int, grain: str) -> None:
    last = date(2026, 11, 21)

    assert Filters(last - timedelta(days=days - 1), last).drawn_grain == grain


filters_of_the_data = st.builds(
    lambda days, shops, channels, compare, grain, sort: Filters(
        min(days), max(days), tuple(shops), tuple(channels), compare, grain, sort
    ),
    st.lists(st.dates(CHOICES.first, CHOICES.last), min_size=1, max_size=2),
    st.lists(st.sampled_from(sorted(CHOICES.shops)), unique=True),
    st.lists(st.sampled_from(sorted(CHOICES.channels)), unique=True),
    st.sampled_from(["previous_period", "yoy"]),
    st.sampled_from([None, "day", "week", "month"]),
    st.sampled_from(["", "pay_amt", "-pay_amt", "pay_order_cnt"]),
)


@given(filters_of_the_data)
def test_an_address_gives_back_the_filters_that_made_it(filters: Filters) -> None:
    assert parse(to_search(filters, CHOICES), CHOICES) == (filters, ())


@given(st.text(max_size=300))
def test_no_address_crashes_the_page(search: str) -> None:
    filters, _ = parse(search, CHOICES)

    assert CHOICES.first <= filters.start <= filters.end <= CHOICES.last
    assert set(filters.shops) <= set(CHOICES.shops)
