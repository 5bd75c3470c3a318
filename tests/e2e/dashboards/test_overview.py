"""经营总览 in a real browser, over the fake reader: every expected figure is added up by hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.dashboards.conftest import Reading
from tests.fakes.metric_reader import FakeMetricReader, published

pytestmark = pytest.mark.e2e

Read = Callable[..., Reading]
TWO_DAYS = "/?from=2026-11-20&to=2026-11-21"


def test_after_login_the_figures_are_those_of_the_reader(read: Read) -> None:
    boss = read(who="arriving")
    boss.open(TWO_DAYS)

    assert boss.page.url.endswith(TWO_DAYS)
    assert boss.card("pay_amt") == {
        "value": "1.60万元",
        "full": "16,000.78 元",
        "change": "▲25.0% 较上一周期",
    }
    assert boss.card("pay_order_cnt")["value"] == "7单"
    assert boss.card("refund_rate_by_pay")["value"] == "5.00%"
    assert boss.card("ad_spend_amt")["value"] == "1,000.00元"
    assert boss.card("shop_roi")["value"] == "16.00"
    meta = boss.page.locator("#meta")
    expect(meta).to_contain_text("数据截至 2026-11-21 23:05")
    expect(meta).to_contain_text("v20261122.013005")
    expect(meta).to_contain_text("3/3 家店铺数据新鲜")
    expect(boss.page.locator(".bar-row", has_text="地址无省份")).to_contain_text("544.00 元")
    assert boss.complaints == []


def test_a_wrong_password_is_said_and_nothing_is_shown(read: Read) -> None:
    boss = read(who="guessing")
    boss.page.goto(boss.address)
    boss.page.fill("#name", "boss")
    boss.page.fill("#password", "not the password")
    boss.page.click("button[type=submit]")

    expect(boss.page.locator(".login-problem")).to_have_text("用户名或密码不对。")


def test_a_filter_changes_the_address_and_the_figures_and_survives_a_reload(read: Read) -> None:
    boss = read()
    boss.open(TWO_DAYS)
    boss.page.locator("#f-shop").click()
    boss.page.locator(".ant-select-item-option", has_text="抖店旗舰店").click()

    value = boss.page.locator("section.number[data-metric=pay_amt] .value")
    expect(value).to_have_attribute("title", "3,456.78 元")
    assert boss.page.url.endswith(f"{TWO_DAYS}&shop=dy-demo")

    boss.page.reload()
    expect(value).to_have_attribute("title", "3,456.78 元")
    expect(boss.page.locator("#filters")).to_contain_text("抖店旗舰店")

    assert boss.complaints == []


def test_the_back_button_takes_a_filter_back(read: Read) -> None:
    boss = read()
    boss.open(TWO_DAYS)
    boss.page.locator("#f-compare").get_by_text("较去年同期").click()
    change = boss.page.locator("section.number[data-metric=pay_amt] .change")
    expect(change).to_have_text("去年同期无数据")
    assert "compare=yoy" in boss.page.url

    boss.page.go_back()

    expect(change).to_have_text("▲25.0% 较上一周期")
    assert "compare" not in boss.page.url
    expect(boss.page.locator("#f-compare .ant-segmented-item-selected")).to_have_text("较上一周期")


def test_the_info_button_opens_the_definition(read: Read) -> None:
    boss = read()
    boss.open(TWO_DAYS)
    boss.page.locator("section.number[data-metric=refund_rate_by_pay] .info").click()

    drawer = boss.page.locator(".ant-drawer-content")
    expect(drawer).to_contain_text("退款率·支付口径")
    for part in (
        "退款金额·支付口径 ÷ 支付金额",
        "PT 支付时间",
        "经营分析组",
        "退款后会变小",
        "1.0.0",
    ):
        expect(drawer).to_contain_text(part)
    expect(drawer).to_contain_text("截至 2026-11-21 23:05，发布版本 v20261122.013005")
    assert boss.complaints == []


def test_a_column_name_sorts_the_table_and_stays_in_place(read: Read) -> None:
    boss = read()
    boss.open(TWO_DAYS)
    names = boss.page.locator("#shops tbody th")
    expect(names).to_have_text(["天猫旗舰店", "抖店旗舰店", "抖店图书专营"])

    boss.page.locator("#shops thead a", has_text="支付金额").first.click()

    expect(names).to_have_text(["抖店图书专营", "抖店旗舰店", "天猫旗舰店"])
    assert "sort=-pay_amt" in boss.page.url
    assert boss.page.evaluate("window.scrollY") > 0


def test_a_shop_name_narrows_the_page_to_the_shop(read: Read) -> None:
    boss = read()
    boss.open(TWO_DAYS)
    boss.page.locator("#shops tbody a", has_text="天猫旗舰店").click()

    value = boss.page.locator("section.number[data-metric=pay_amt] .value")
    expect(value).to_have_attribute("title", "12,000.00 元")
    expect(boss.page.locator("section.number[data-metric=shop_roi]")).to_contain_text(
        "不能按店铺统计"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_on_a_phone(read: Read, scheme: str) -> None:
    boss = read(width=390, scheme=scheme)
    boss.open(TWO_DAYS)
    expect(boss.page.locator("#shops tbody tr")).to_have_count(3)

    assert boss.page.evaluate("document.scrollingElement.scrollWidth") <= 390
    expect(boss.page.locator("#f-dates")).to_be_hidden()
    boss.page.get_by_role("button", name="筛选").click()
    expect(boss.page.locator("#f-dates")).to_be_visible()
    boss.page.locator("section.number[data-metric=pay_amt] .info").click()
    expect(boss.page.locator(".ant-drawer-content")).to_contain_text("支付金额")
    assert boss.page.evaluate("document.scrollingElement.scrollWidth") <= 390
    assert boss.complaints == []


def test_bad_filters_are_said_in_amber_and_the_page_is_drawn(read: Read) -> None:
    boss = read()
    boss.open("/?from=someday&shop=nowhere&grain=hour")

    expect(boss.page.locator(".amber")).to_have_count(3)
    assert boss.card("pay_amt")["full"] == "28,800.78 元"
    assert boss.complaints == []


def test_a_range_without_figures_says_what_to_do(read: Read) -> None:
    boss = read()
    boss.open("/?from=2026-11-21&to=2026-11-21&shop=tmall-demo")

    state = boss.page.locator(".state")
    expect(state).to_contain_text("这个范围内没有数据")
    state.get_by_text("清空筛选").click()
    value = boss.page.locator("section.number[data-metric=pay_amt] .value")
    expect(value).to_have_attribute("title", "28,800.78 元")


def test_an_open_page_follows_a_newly_published_version(
    read: Read, reader: FakeMetricReader
) -> None:
    reader.published = None
    boss = read()
    boss.open()
    expect(boss.page.locator(".state")).to_contain_text("请先运行 koujing run")

    reader.published = published("v20261123.020000")

    expect(boss.page.locator("#meta")).to_contain_text("v20261123.020000")
    expect(boss.page.locator("section.number")).to_have_count(6)


def test_a_narrowed_reader_is_offered_and_shown_only_their_shop(read: Read) -> None:
    operator = read(who="operator")
    operator.open(f"{TWO_DAYS}&shop=dy-demo", name="tmall")

    assert operator.card("pay_amt")["full"] == "12,000.00 元"
    expect(operator.page.locator(".amber")).to_contain_text("不在你的数据范围内")
    expect(operator.page.locator("#shops tbody th")).to_have_text(["天猫旗舰店"])


def test_the_download_has_the_figures_of_the_filters(read: Read, tmp_path: Path) -> None:
    boss = read()
    boss.open(f"{TWO_DAYS}&shop=dy-demo")
    with boss.page.expect_download() as started:
        boss.page.locator("#export").click()

    file = tmp_path / "figures.csv"
    started.value.save_as(file)
    assert started.value.suggested_filename.startswith("经营总览_2026-11-20_2026-11-21_v2026")
    assert re.search(r"合计,,,,支付金额,pay_amt,.*,元,3456\.78,", file.read_text("utf-8-sig"))


def test_an_ended_session_leads_to_the_login_and_back(read: Read) -> None:
    boss = read(who="leaving")
    boss.open(TWO_DAYS)
    boss.page.context.clear_cookies()

    # The open page asks for a newer version by itself and learns that it is signed out.
    # Several questions may be under way: each answer leads there and cuts off the one before.
    expect(boss.page).to_have_url(re.compile(r"/login\?next="), timeout=15_000)
    expect(boss.page.locator("#password")).to_be_visible()
    boss.page.wait_for_load_state("networkidle")
    boss.open(TWO_DAYS)

    assert boss.card("pay_amt")["full"] == "16,000.78 元"
