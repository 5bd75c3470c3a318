"""The mall's tables, column by column as its database has them. Amounts are yuan, times Shanghai's.

``store_id`` names the shop in every table: one database serves them all.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines.gateway.connector import PiiRule

Fields = Mapping[str, pl.DataType | type[pl.DataType]]
Pii = Mapping[str, PiiRule]
YUAN = pl.Decimal(18, 2)
TIME = pl.Datetime("us")
TEXT, WHOLE = pl.String, pl.Int64
_AMOUNTS: Fields = {
    "goods_amount": YUAN,
    "freight_amount": YUAN,
    "shop_discount_amount": YUAN,
    "coupon_amount": YUAN,
    "pay_discount_amount": YUAN,
    "payable_amount": YUAN,  # after all discounts but the last
}

ORDER: Fields = {
    "order_no": TEXT,
    "store_id": TEXT,
    "member_id": TEXT,
    "terminal": TEXT,  # PC, APP, MINI
    "entry": TEXT,
    "order_type": WHOLE,  # 1 普通 2 预售 3 寄样 4 赠品
    # 10 待付款 15 已付定金 20 待发货 25 部分发货 30 已发货 40 完成 90 取消 95 退款关闭
    "order_status": WHOLE,
    **_AMOUNTS,
    "points_used": WHOLE,
    "points_amount": YUAN,  # of shop_discount_amount
    "deposit_amount": YUAN,
    "deposit_time": TIME,
    "pay_time": TIME,
    "promise_ship_time": TIME,
    "finish_time": TIME,
    "close_time": TIME,
    "close_reason": TEXT,
    "buyer_message": TEXT,
    "seller_memo": TEXT,
    "receiver_name": TEXT,
    "receiver_mobile": TEXT,
    "receiver_province": TEXT,
    "receiver_city": TEXT,
    "receiver_district": TEXT,
    "receiver_address": TEXT,
    "create_time": TIME,
    "update_time": TIME,
}
ORDER_PII: Pii = {
    "member_id": "hash",
    "buyer_message": "drop",
    "receiver_name": "drop",
    "receiver_mobile": "drop",
    "receiver_district": "drop",
    "receiver_address": "drop",
}

ITEM: Fields = {
    "item_id": TEXT,
    "order_no": TEXT,
    "store_id": TEXT,
    "product_id": TEXT,
    "product_name": TEXT,
    "sku_id": TEXT,
    "sku_code": TEXT,
    "spec_text": TEXT,
    "is_gift": pl.Boolean,
    "is_virtual": pl.Boolean,
    "item_status": WHOLE,  # as order_status
    "quantity": WHOLE,
    "list_amount": YUAN,
    **_AMOUNTS,
    "coupon_group_amount": YUAN,  # of coupon_amount, what the group bears
    "coupon_shop_amount": YUAN,  # and what the shop does
    "ship_time": TIME,
    "sign_time": TIME,
    "finish_time": TIME,
    "close_time": TIME,
    "update_time": TIME,
}

PAYMENT: Fields = {
    "payment_no": TEXT,
    "order_no": TEXT,
    "store_id": TEXT,
    "stage": WHOLE,  # 1 全款 2 定金 3 尾款
    "pay_method": TEXT,
    "amount": YUAN,
    "pay_time": TIME,
    "update_time": TIME,
}

AFTER_SALE: Fields = {
    "after_sale_no": TEXT,
    "order_no": TEXT,
    "item_id": TEXT,
    "store_id": TEXT,
    "after_sale_type": WHOLE,  # 1 未发货退款 2 仅退款 3 退货退款 4 换货 5 补发 6 价保
    "after_sale_status": WHOLE,  # 10 待审核 20 待退货 30 待收货 40 处理中 50 完成 60 拒绝 70 撤销
    "reason": TEXT,
    "quantity": WHOLE,
    "apply_amount": YUAN,
    "refund_amount": YUAN,  # really given back; null before
    "refund_freight_amount": YUAN,
    "apply_time": TIME,
    "handle_time": TIME,
    "deadline_time": TIME,
    "return_time": TIME,
    "receive_time": TIME,
    "refund_time": TIME,
    "finish_time": TIME,
    "update_time": TIME,
}

SETTLEMENT: Fields = {
    "settle_no": TEXT,
    "fee_code": TEXT,
    "store_id": TEXT,
    "order_no": TEXT,
    "item_id": TEXT,
    "settle_type": WHOLE,  # 1 结算 2 结算后退款 3 保证金退款 4 其他
    "amount": YUAN,  # income +, deduction -
    "net_amount": YUAN,  # of the whole settle_no
    "settle_time": TIME,
    "update_time": TIME,
}

MEMBER: Fields = {
    "member_id": TEXT,
    "store_id": TEXT,
    "real_name": TEXT,
    "mobile": TEXT,
    "province": TEXT,
    "city": TEXT,
    "address": TEXT,
    "level": WHOLE,
    "points": WHOLE,
    "source": TEXT,  # as terminal
    "register_time": TIME,
    "update_time": TIME,
}
MEMBER_PII: Pii = {
    "member_id": "hash",
    "real_name": "drop",
    "mobile": "drop",
    "address": "drop",
}

POINT_LOG: Fields = {
    "log_id": TEXT,
    "member_id": TEXT,
    "store_id": TEXT,
    "change_type": TEXT,  # EARN, SPEND, RETURN
    "points": WHOLE,  # signed
    "order_no": TEXT,
    "create_time": TIME,
    "update_time": TIME,
}

COUPON: Fields = {
    "coupon_id": TEXT,
    "member_id": TEXT,
    "store_id": TEXT,
    "coupon_name": TEXT,
    "amount": YUAN,
    "coupon_status": WHOLE,  # 0 未用 1 已用 2 过期
    "order_no": TEXT,
    "issue_time": TIME,
    "expire_time": TIME,
    "use_time": TIME,
    "update_time": TIME,
}

CART_ITEM: Fields = {
    "cart_item_id": TEXT,
    "member_id": TEXT,
    "store_id": TEXT,
    "sku_id": TEXT,
    "quantity": WHOLE,
    "add_time": TIME,
    "update_time": TIME,
}
HELD_PII: Pii = {"member_id": "hash"}

PRODUCT: Fields = {
    "product_id": TEXT,
    "store_id": TEXT,
    "spu_code": TEXT,
    "product_name": TEXT,
    "first_category": TEXT,
    "second_category": TEXT,
    "is_on_shelf": pl.Boolean,
    "create_time": TIME,
    "update_time": TIME,
}

SKU: Fields = {
    "sku_id": TEXT,
    "product_id": TEXT,
    "store_id": TEXT,
    "sku_code": TEXT,
    "spec_text": TEXT,
    "list_price": YUAN,
    "price": YUAN,
    "stock": WHOLE,
    "update_time": TIME,
}

SHIPMENT: Fields = {
    "shipment_no": TEXT,
    "store_id": TEXT,
    "carrier_code": TEXT,
    "carrier_name": TEXT,
    "tracking_no": TEXT,
    "ship_time": TIME,
    "sign_time": TIME,
    "update_time": TIME,
}

SHIPMENT_ITEM: Fields = {
    "shipment_no": TEXT,
    "item_id": TEXT,
    "order_no": TEXT,
    "store_id": TEXT,
    "quantity": WHOLE,
    "update_time": TIME,
}

SHIPMENT_TRACE: Fields = {
    "shipment_no": TEXT,
    "node_code": TEXT,
    "node_time": TIME,
    "store_id": TEXT,
    "place": TEXT,
    "update_time": TIME,
}
