"""What is loaded of a shop of the own mall; parents before children."""

from __future__ import annotations

from functools import partial

from pipelines.gateway.database import table_stream
from pipelines.sources.mall import schemas

_of_shop = partial(table_stream, of_shop="store_id")

STREAMS = (
    _of_shop("member", "商城 会员", schemas.MEMBER, ("member_id",), pii=schemas.MEMBER_PII),
    _of_shop("product", "商城 商品", schemas.PRODUCT, ("product_id",)),
    _of_shop("sku", "商城 规格", schemas.SKU, ("sku_id",)),
    _of_shop("orders", "商城 订单", schemas.ORDER, ("order_no",), pii=schemas.ORDER_PII),
    _of_shop("order_item", "商城 订单明细", schemas.ITEM, ("item_id",)),
    _of_shop("payment", "商城 支付流水", schemas.PAYMENT, ("payment_no",)),
    _of_shop("coupon", "商城 优惠券", schemas.COUPON, ("coupon_id",), pii=schemas.HELD_PII),
    _of_shop("point_log", "商城 积分流水", schemas.POINT_LOG, ("log_id",), pii=schemas.HELD_PII),
    _of_shop("after_sale", "商城 售后单", schemas.AFTER_SALE, ("after_sale_no",)),
    _of_shop("shipment", "商城 发货单", schemas.SHIPMENT, ("shipment_no",)),
    _of_shop(
        "shipment_item", "商城 发货明细", schemas.SHIPMENT_ITEM, ("shipment_no", "item_id")
    ),
    _of_shop(
        "shipment_trace", "商城 物流轨迹", schemas.SHIPMENT_TRACE,
        ("shipment_no", "node_code", "node_time"),
    ),
    _of_shop("settlement", "商城 清分明细", schemas.SETTLEMENT, ("settle_no", "fee_code")),
    # A cart is emptied by ordering: nearly all of its rows may be gone a day later.
    _of_shop(
        "cart_item", "商城 购物车", schemas.CART_ITEM, ("cart_item_id",), pii=schemas.HELD_PII,
        may_lose=1,
    ),
)  # fmt: skip
