"""The page's answers over HTTP, as the browser gets them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from dashboards.app import create_app
from metrics_dictionary.catalog import Catalog
from pipelines.errors import UsageError
from pipelines.settings import Settings
from tests.fakes.metric_reader import FakeMetricReader, entry, published
from tests.unit.dashboards.conftest import Visitor

TWO_DAYS = "?from=2026-11-20&to=2026-11-21"


def test_the_figures_of_the_range_are_shown(visit: Callable[[str], Visitor]) -> None:
    shown = visit("boss").show(TWO_DAYS)

    assert "16,000.78 元" in shown
    assert "12,800.00 元" in shown
    assert "数据截至 2026-11-21 23:05" in shown
    assert "3/3 家店铺数据新鲜" in shown


def test_a_crafted_address_does_not_widen_a_scope(visit: Callable[[str], Visitor]) -> None:
    shown = visit("tmall").show(f"{TWO_DAYS}&shop=dy-demo&shop=dy-book&channel=doudian")

    assert "12,000.00 元" in shown
    assert "3,456.78" not in shown
    assert "16,000.78" not in shown
    assert "抖店" not in shown.replace("不存在或不在你的数据范围内", "")


def test_a_crafted_payload_does_not_widen_a_scope(visit: Callable[[str], Visitor]) -> None:
    answer = visit("tmall").post_show(TWO_DAYS, user="boss", scope={"shops": []})

    text = json.dumps(answer.get_json(), ensure_ascii=False)
    assert "12,000.00 元" in text
    assert "16,000.78" not in text
    assert "3,456.78" not in text


def test_a_channel_scope_sees_its_channel_only(visit: Callable[[str], Visitor]) -> None:
    shown = visit("douyin").show(TWO_DAYS)

    assert "4,000.78 元" in shown
    assert "天猫" not in shown
    assert "12,000.00 元" not in shown


def test_a_scope_without_any_data_is_told_whom_to_ask(
    visit: Callable[[str], Visitor], home: Settings
) -> None:
    from pipelines.registry.users import UserRegistry

    UserRegistry(home).change("tmall", shops=["jd-new"])

    shown = visit("tmall").show("")

    assert "没有权限" in shown
    assert "请联系管理员" in shown


def test_bad_filters_are_said_and_the_page_is_drawn(visit: Callable[[str], Visitor]) -> None:
    shown = visit("boss").show("?from=someday&shop=%27%20OR%201%3D1")

    assert "不是有效日期" in shown
    assert "不存在或不在你的数据范围内" in shown
    assert "28,800.78 元" in shown


def test_late_shops_and_old_data_are_said(
    visit: Callable[[str], Visitor], reader: FakeMetricReader
) -> None:
    reader.published = published(fresh=2).model_copy(
        update={
            "as_of": published().as_of.replace(month=11, day=17),
            "late_shops": ("tmall-b",),
        }
    )

    shown = visit("boss").show("")

    assert "3 家店铺中有 1 家数据延迟（tmall-b）" in shown
    assert "已有 5 天没有新数据" in shown


def test_before_the_first_publish_the_page_says_what_to_run(
    visit: Callable[[str], Visitor], reader: FakeMetricReader
) -> None:
    reader.published = None

    assert "请先运行 koujing run" in visit("boss").show("")


def test_a_failure_is_a_state_with_a_way_to_retry(
    visit: Callable[[str], Visitor], reader: FakeMetricReader
) -> None:
    boss = visit("boss")
    reader.failure = RuntimeError("disk on fire")

    shown = boss.show(TWO_DAYS)

    assert "没有读到数据" in shown
    assert "重试" in shown
    assert "disk on fire" not in shown


def test_a_range_without_figures_says_what_to_do(
    visit: Callable[[str], Visitor], reader: FakeMetricReader
) -> None:
    shown = visit("boss").show("?from=2026-11-21&to=2026-11-21&shop=tmall-demo")

    assert "这个范围内没有数据" in shown
    assert "清空筛选" in shown


def test_an_open_page_follows_a_new_version(
    visit: Callable[[str], Visitor], reader: FakeMetricReader
) -> None:
    boss = visit("boss")
    assert "v20261122.013005" in boss.show("")

    reader.published = published("v20261123.020000")

    assert "v20261123.020000" in boss.show("")


def test_a_dictionary_that_lacks_a_pages_metric_stops_the_start(
    home: Settings, reader: FakeMetricReader
) -> None:
    reader.catalog = Catalog([entry("pay_amt")])

    with pytest.raises(UsageError, match="经营总览"):
        create_app(home, lambda: reader)
