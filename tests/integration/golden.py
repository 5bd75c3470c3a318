"""The golden orders (MADE UP, tests/fixtures/golden): their files, and their numbers on paper."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent.parent / "fixtures" / "golden"
TAOBAO_ORDERS = FOLDER / "taobao_orders.csv"

# In the order they are loaded: shop, file.
FILES = (
    ("golden-tmall", TAOBAO_ORDERS),
    ("golden-doudian", FOLDER / "doudian_orders.csv"),
    ("golden-doudian", FOLDER / "doudian_aftersales.csv"),
    ("golden-ads", FOLDER / "全域推广数据-视频-示例.csv"),
)

# Every metric over all seven days, worked out by hand from the rows above.
TOTALS = {
    "order_cnt": 8,  # T1 to T5, P1 to P3
    "order_line_cnt": 9,
    "order_amt": "543.00",  # 100 + 56 + 30 + 20 + 95, 92 + 30 + 40 + 80
    "exception_order_cnt": 1,  # T5
    "pay_amt": "471.00",  # 100 + 56 + 20 + 95, 90 + 30 + 80
    "pay_order_cnt": 6,
    "pay_line_cnt": 7,
    "pay_qty": 8,  # 2 + 1 + 1, 2 + 1 + 1; T4 says none
    "pay_line_unknown_qty_cnt": 1,
    "pay_buyer_uv": 3,  # one of the four paying 淘宝 orders is the same buyer's
    "pay_order_unknown_buyer_cnt": 2,  # P1, P3
    "avg_order_value": "78.50",  # 471 / 6
    "avg_buyer_value": "157.00",  # 471 / 3
    "units_per_order": "1.33",  # 8 / 6
    "order_pay_cnt": 6,
    "order_pay_rate": "0.7500",  # 6 / 8
    "net_pay_amt_by_pay": "380.00",  # 471 - 91
    "net_pay_amt": "440.00",  # 471 - 31
    "refund_apply_cnt": 3,
    "refund_cnt": 2,
    "refund_amt": "31.00",  # 20 + 11, the two with a date
    "refund_undated_amt": "60.00",  # T1
    "refund_amt_by_pay": "91.00",  # 60 + 20 + 11
    "refund_rate": "0.0658",  # 31 / 471
    "refund_rate_by_pay": "0.1932",  # 91 / 471
    "refund_order_cnt_by_pay": 2,  # T1, P1
    "refund_order_rate": "0.3333",  # 2 / 6
    "ad_spend_amt": "100.00",
    "ad_repeated_spend_amt": "40.00",
    "ad_imp_pv": 2500,
    "ad_click_cnt": 110,
    "ad_ctr": "0.0440",  # 110 / 2500
    "ad_cpm": "40.00",  # 1000 * 100 / 2500
    "ad_cpc": "0.91",  # 100 / 110
    "ad_uni_order_cnt": 5,
    "ad_uni_pay_amt": "250.00",
    "ad_uni_spend_amt": "100.00",
    "ad_uni_roi": "2.50",
    "shop_roi": "4.71",  # 471 / 100
    "shop_net_roi": "3.80",  # 380 / 100
    "ad_fee_rate": "0.2123",  # 100 / 471
}
