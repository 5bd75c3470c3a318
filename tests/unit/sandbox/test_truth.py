"""The world's own books over a tiny world, every figure worked out by hand.

A figure of a day that is not written here is 0 or not there. Quotients have twelve places.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from pipelines.sandbox.truth import truth
from tests.unit.sandbox.tiny import NOW, OTHER, SHOP, Frames, changed, tiny_world

_EACH_DAY_ONE = dict.fromkeys(("11-01", "11-09", "11-10", "11-11", "11-12", "11-13", "11-14"), "1")
BOOKS: dict[str, dict[str, str]] = {
    # What was placed: o4 and o5 with their deposits, o9 never paid, o3 before midnight.
    "order_cnt": {"11-01": "1", "11-09": "4", "11-10": "5", "11-12": "3", "11-13": "1",
                  "11-14": "1"},
    "order_line_cnt": {"11-01": "1", "11-09": "4", "11-10": "6", "11-12": "5", "11-13": "1",
                       "11-14": "1"},
    "order_amt": {"11-01": "30", "11-09": "275", "11-10": "378", "11-12": "150.37",
                  "11-13": "25", "11-14": "77"},
    "order_pay_cnt": {"11-01": "1", "11-09": "3", "11-10": "4", "11-12": "3", "11-13": "1",
                      "11-14": "1"},
    "order_pay_rate": {"11-01": "1", "11-09": "0.75", "11-10": "0.8", "11-12": "1", "11-13": "1",
                       "11-14": "1"},
    "exception_order_cnt": {"11-12": "1"},
    # What was paid. 11-10: o1 86, o2 200, o16 15. 11-12: o4 150, o10 60.37, o11 60, o12 30.
    "pay_amt": {"11-01": "30", "11-09": "25", "11-10": "301", "11-11": "45", "11-12": "300.37",
                "11-13": "25", "11-14": "77"},
    "pay_order_cnt": _EACH_DAY_ONE | {"11-09": "2", "11-10": "3", "11-12": "4"},
    "pay_line_cnt": _EACH_DAY_ONE | {"11-09": "2", "11-10": "4", "11-12": "6"},
    "pay_qty": _EACH_DAY_ONE | {"11-09": "2", "11-10": "4", "11-12": "7"},
    "pay_buyer_uv": _EACH_DAY_ONE | {"11-09": "2", "11-10": "2", "11-12": "4"},
    # A bought twice on 11-10 and is old on 11-11 and 11-12; B's and D's first orders were none.
    "new_buyer_uv": {"11-01": "1", "11-09": "2", "11-10": "2", "11-12": "3", "11-13": "1",
                     "11-14": "1"},
    "old_buyer_uv": {"11-11": "1", "11-12": "1"},
    "new_buyer_pay_amt": {"11-01": "30", "11-09": "25", "11-10": "301", "11-12": "240.37",
                          "11-13": "25", "11-14": "77"},
    "new_buyer_pay_share": {"11-01": "1", "11-09": "1", "11-10": "1", "11-12": "0.800246362819",
                            "11-13": "1", "11-14": "1"},
    "shop_active_cnt": _EACH_DAY_ONE,
    # 11-10: M1, the gift's M3, M4. 11-12: M1 by two SKUs, M2.
    "active_sku_cnt": _EACH_DAY_ONE | {"11-10": "3", "11-12": "2"},
    "list_amt": {"11-01": "30", "11-09": "25", "11-10": "315", "11-11": "50", "11-12": "300",
                 "11-13": "25", "11-14": "77"},
    "pay_goods_amt": {"11-01": "30", "11-09": "25", "11-10": "295", "11-11": "45",
                      "11-12": "300.37", "11-13": "25", "11-14": "77"},
    "discount_rate": {"11-10": "0.063492063492", "11-11": "0.1", "11-12": "-0.001233333333"},
    "receivable_amt": {"11-01": "30", "11-09": "25", "11-10": "305", "11-11": "50",
                       "11-12": "300.37", "11-13": "25", "11-14": "77"},
    "shop_disc_amt": {"11-10": "5"},
    "merchant_borne_amt": {"11-10": "6"},
    "plat_borne_amt": {"11-10": "2", "11-11": "5"},
    "freight_income_amt": {"11-10": "6"},
    "avg_order_value": {"11-01": "30", "11-09": "12.5", "11-10": "100.333333333333",
                        "11-11": "45", "11-12": "75.0925", "11-13": "25", "11-14": "77"},
    "avg_buyer_value": {"11-01": "30", "11-09": "12.5", "11-10": "150.5", "11-11": "45",
                        "11-12": "75.0925", "11-13": "25", "11-14": "77"},
    "avg_unit_price": {"11-01": "30", "11-09": "12.5", "11-10": "73.75", "11-11": "45",
                       "11-12": "42.91", "11-13": "25", "11-14": "77"},
    "units_per_order": _EACH_DAY_ONE | {"11-10": "1.333333333333", "11-12": "1.75"},
    "finish_amt": {"11-10": "30", "11-11": "200", "11-13": "86"},
    "presale_deposit_amt": {"11-09": "50"},
    "presale_deposit_order_cnt": {"11-09": "2"},
    "presale_tail_order_cnt": {"11-09": "1"},
    "presale_tail_rate": {"11-09": "0.5"},
    # After-sales. 11-14: r1 30, r2 10, r3 5; r8's 200 leave in this very second.
    "refund_apply_cnt": {"11-07": "1", "11-08": "1", "11-11": "1", "11-12": "3", "11-13": "2",
                         "11-14": "4"},
    "refund_cnt": {"11-08": "2", "11-12": "2", "11-13": "1", "11-14": "3"},
    "refund_amt": {"11-08": "1.5", "11-12": "70", "11-13": "4", "11-14": "45"},
    "refund_amt_by_pay": {"11-01": "1.5", "11-10": "45", "11-11": "4", "11-12": "70"},
    "refund_order_cnt_by_pay": {"11-01": "1", "11-10": "1", "11-11": "1", "11-12": "2"},
    "refund_order_rate": {"11-01": "1", "11-10": "0.333333333333", "11-11": "1", "11-12": "0.5"},
    "refund_rate": {"11-12": "0.233045910044", "11-13": "0.16", "11-14": "0.584415584416"},
    "refund_rate_by_pay": {"11-01": "0.05", "11-10": "0.149501661130", "11-11": "0.088888888889",
                           "11-12": "0.233045910044"},
    "net_pay_amt": {"11-01": "30", "11-08": "-1.5", "11-09": "25", "11-10": "301", "11-11": "45",
                    "11-12": "230.37", "11-13": "21", "11-14": "32"},
    "net_pay_amt_by_pay": {"11-01": "28.5", "11-09": "25", "11-10": "256", "11-11": "41",
                           "11-12": "230.37", "11-13": "25", "11-14": "77"},
    "refund_pre_ship_amt_by_pay": {"11-11": "4", "11-12": "70"},
    "refund_pre_ship_rate": {"11-11": "0.088888888889", "11-12": "0.233045910044"},
    "ship_line_cnt": {"11-01": "1", "11-09": "2", "11-10": "2", "11-11": "1", "11-12": "1",
                      "11-13": "2", "11-14": "1"},
    "ship_paid_amt": {"11-01": "30", "11-09": "25", "11-10": "215", "11-11": "86", "11-13": "65",
                      "11-14": "60.37"},
    "refund_post_ship_amt": {"11-01": "1.5", "11-11": "45", "11-13": "4"},
    "refund_post_ship_rate": {"11-01": "0.05", "11-11": "0.523255813953",
                              "11-13": "0.061538461538"},
    "return_line_cnt": {"11-11": "1"},
    "return_rate": {"11-11": "1"},
    "refund_only_line_cnt": {"11-01": "1", "11-11": "1"},
    "refund_only_rate": {"11-01": "1", "11-11": "1"},
    "exchange_cnt": {"11-14": "1"},
    # 11-12: half, half and one hour. 11-14: r2, r3 half an hour, r5 one; r13 was never answered.
    "aftersale_first_h": {"11-07": "1", "11-08": "0.5", "11-11": "1", "11-12": "0.666666666667",
                          "11-13": "1.5", "11-14": "0.666666666667"},
    # 11-13: r10, 4 h 10 s. 11-14: 20 h, 1 h, 50 min, 26 h, 7 h, 8 h.
    "aftersale_done_h": {"11-08": "12.5", "11-12": "0.916666666667", "11-13": "4.002777777778",
                         "11-14": "10.472222222222"},
    # Ads. The hour 20:00 begins in this very second.
    "ad_spend_amt": {"11-10": "30", "11-11": "4", "11-14": "8"},
    "ad_cash_spend_amt": {"11-10": "28", "11-11": "4", "11-14": "8"},
    "ad_uni_spend_amt": {"11-10": "20", "11-11": "4"},
    "ad_std_spend_amt": {"11-10": "10", "11-14": "8"},
    "ad_imp_spend_amt": {"11-10": "10", "11-14": "8"},
    "ad_imp_pv": {"11-10": "5000", "11-14": "1000"},
    "ad_click_cnt": {"11-10": "100", "11-14": "10"},
    "ad_conv_cnt": {"11-10": "4"},
    "ad_ctr": {"11-10": "0.02", "11-14": "0.01"},
    "ad_cpm": {"11-10": "2", "11-14": "8"},
    "ad_cpc": {"11-10": "0.1", "11-14": "0.8"},
    "ad_cvr": {"11-10": "0.04"},
    "ad_cpa": {"11-10": "2.5"},
    # 11-09: the test order 100 direct, o2 200. 11-10: o1 86 direct; 全域 o3 45 and its coupon 1.
    "ad_direct_pay_amt": {"11-09": "100", "11-10": "86"},
    "ad_indirect_pay_amt_w7": {"10-31": "30", "11-09": "200"},
    "ad_all_pay_amt_w7": {"10-31": "30", "11-09": "300", "11-10": "86"},
    "ad_uni_order_cnt": {"11-10": "1"},
    "ad_uni_pay_amt": {"11-10": "46"},
    "ad_uni_roi": {"11-10": "2.3"},
    "ad_coupon_amt": {"11-10": "4"},
    "ad_direct_roi": {"11-10": "8.6"},
    "ad_all_roi_w7": {"11-10": "8.6"},
    # o19: r11 in its seventh day, r12 a second later. o1 was finished before it was refunded.
    "ad_refund_amt_w7": {"10-31": "1", "11-09": "40", "11-10": "45"},
    "ad_net_roi": {"11-10": "4.1"},
    "ad_settle_amt_w7": {"11-09": "200", "11-10": "41"},
    "ad_settle_amt_w14": {"10-31": "28.5", "11-09": "200", "11-10": "41"},
    "ad_settle_roi_w7": {"11-10": "4.1"},
    "ad_settle_roi_w14": {"11-10": "4.1"},
    "ad_fee_rate": {"11-10": "0.099667774086", "11-11": "0.088888888889",
                    "11-14": "0.103896103896"},
    "ad_fee_rate_net": {"11-10": "0.109375", "11-11": "0.097560975610",
                        "11-14": "0.103896103896"},
    "shop_roi": {"11-10": "10.033333333333", "11-11": "11.25", "11-14": "9.625"},
    "shop_net_roi": {"11-10": "8.533333333333", "11-11": "10.25", "11-14": "9.625"},
    # Rooms, on the day of their start. The night room sold o3 while on, o15 later, o16 not.
    "live_session_cnt": {"10-10": "1", "11-10": "1", "11-14": "1"},
    "live_dur_h": {"10-10": "1", "11-10": "2"},
    "live_pay_amt": {"11-10": "45", "11-14": "77"},
    "live_pay_amt_w30": {"10-10": "12", "11-10": "70", "11-14": "77"},
    "live_refund_amt": {"11-10": "4"},
    "live_net_pay_amt": {"10-10": "12", "11-10": "66", "11-14": "77"},
    "live_refund_rate": {"11-10": "0.057142857143"},
    "live_view_pv": {"10-10": "100", "11-10": "1000", "11-14": "500"},
    "live_gpm": {"11-10": "45", "11-14": "154"},
    "live_hour_amt": {"11-10": "22.5"},
    "live_self_pay_amt": {"10-10": "12", "11-14": "77"},
    "live_self_share": {"10-10": "1", "11-14": "1"},
    "live_ad_spend_amt": {"11-10": "34", "11-14": "3"},
    "live_room_roi": {"11-10": "1.323529411765", "11-14": "25.666666666667"},
    # Authors: o2 and o16 on 11-10 by two guests; o13, o17, o18 by the shop's own account.
    "affiliate_pay_amt": {"11-10": "215", "11-11": "45", "11-13": "25"},
    "affiliate_share": {"11-10": "0.714285714286", "11-11": "1", "11-13": "1"},
    "author_active_cnt": {"11-09": "1", "11-10": "2", "11-11": "1", "11-13": "1", "11-14": "1"},
    # The 补单's 0.70 is owed too; what was refunded before it settled has no base.
    "commission_est_amt": {"11-10": "2.2", "11-11": "4.5", "11-13": "2.5"},
    "commission_settled_amt": {"11-13": "2.05", "11-14": "2.05"},
    "commission_base_amt": {"11-14": "66"},
    "commission_rate": {"11-14": "0.031060606061"},
    "colonel_fee_amt": {"11-13": "0.2", "11-14": "0.21"},
    # Bills. 11-14: 86 - 10 + 2 + 2, 200 + 5, and 3 of a stranger.
    "settle_income_amt": {"11-12": "70", "11-14": "288"},
    "settle_fee_amt": {"11-13": "3", "11-14": "15.9"},
    "settle_amt": {"11-12": "70", "11-13": "-3", "11-14": "267.1"},
    "settle_fee_rate": {"11-14": "0.055208333333"},
    "subsidy_in_amt": {"11-14": "9"},
    "post_settle_refund_amt": {"11-14": "4.9"},
    "platform_fee_amt": {"11-14": "5.6"},
    # b1 after 18 hours, b2 after 3 days and an hour.
    "settle_cycle_d": {"11-14": "1.895833333333"},
    "recon_bill_only_cnt": {"11-14": "1"},
    # Shipping. o1's gift went out a day after the order; o10 and o11 on 11-12 are due.
    "ship_order_cnt": {"11-01": "1", "11-09": "2", "11-10": "2", "11-11": "1", "11-13": "2",
                       "11-14": "1"},
    "package_cnt": {"11-09": "1", "11-11": "1", "11-12": "1", "11-13": "1"},
    "pay_to_ship_h": {"11-01": "0.083333333333", "11-09": "0.083333333333",
                      "11-10": "0.066666666667", "11-11": "24.916666666667",
                      "11-12": "47.916666666667", "11-13": "34.5", "11-14": "48.983333333333"},
    "ship_due_order_cnt": {"11-10": "1", "11-11": "1", "11-12": "2"},
    "ship_48h_order_cnt": {"11-10": "1", "11-11": "1", "11-12": "1"},
    "ship_48h_rate": {"11-10": "1", "11-11": "1", "11-12": "0.5"},
}  # fmt: skip


def _numbers(written: dict[str, str]) -> dict[str, Decimal]:
    return {key: Decimal(number) for key, number in written.items()}


@pytest.fixture(scope="module")
def books() -> pl.DataFrame:
    return truth(tiny_world(), NOW, ("doudian",))


def test_every_metric_has_a_number_worked_out_by_hand(books: pl.DataFrame) -> None:
    assert set(books["metric"]) == set(BOOKS)


@pytest.mark.parametrize("metric", sorted(BOOKS))
def test_the_books_say_what_the_hand_says(books: pl.DataFrame, metric: str) -> None:
    rows = books.filter((pl.col("metric") == metric) & (pl.col("value") != 0))
    said = {f"{day:%m-%d}": value for day, value in rows["day", "value"].rows()}
    assert said == _numbers(BOOKS[metric])
    assert set(rows["shop"]) == {SHOP}


def test_another_channels_shop_has_its_own_books() -> None:
    books = truth(tiny_world(), NOW, ("pdd",)).filter(pl.col("value") != 0)
    assert set(books["shop"]) == {OTHER}
    said = dict(books["metric", "value"].rows())
    assert said["ship_48h_rate"] == 1
    assert {metric: said[metric] for metric in said if metric.startswith(("ad_", "shop_"))} == (
        _numbers(
            {
                "ad_spend_amt": "7", "ad_imp_spend_amt": "7", "ad_imp_pv": "2000",
                "ad_click_cnt": "20", "ad_conv_cnt": "1", "ad_ctr": "0.01", "ad_cpm": "3.5",
                "ad_cpc": "0.35", "ad_cvr": "0.05", "ad_cpa": "7", "ad_fee_rate": "0.14",
                "shop_active_cnt": "1", "shop_roi": "7.142857142857",
                "shop_net_roi": "7.142857142857",
            }
        )
    )  # fmt: skip


def test_pinduoduo_tells_no_order_that_was_not_paid_and_nothing_of_buyers() -> None:
    def figures(world: Frames) -> dict[str, Decimal]:
        books = truth(world, NOW, ("pdd",))
        return dict(books.filter(pl.col("value") != 0)["metric", "value"].rows())

    paid = figures(tiny_world())
    assert (paid["order_cnt"], paid["order_amt"]) == (1, 50)
    assert not paid.keys() & {"pay_buyer_uv", "new_buyer_uv", "avg_buyer_value"}
    waits = changed(tiny_world(), "orders", "o14", paid_at=None)
    assert "order_cnt" not in figures(waits)
    with_deposit = changed(waits, "orders", "o14", deposit_paid_at="11-12 09:00")
    assert figures(with_deposit)["order_cnt"] == 1


def test_both_channels_together_are_both_books() -> None:
    world = tiny_world()
    apart = pl.concat([truth(world, NOW, (channel,)) for channel in ("doudian", "pdd")])
    together = truth(world, NOW, ("doudian", "pdd"))
    assert together.equals(apart.sort("metric", "shop", "day"))
