"""The warehouse's tables, column by column as its database has them. Costs are yuan."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines.gateway.connector import PiiRule

Fields = Mapping[str, pl.DataType | type[pl.DataType]]
YUAN = pl.Decimal(18, 2)
TIME = pl.Datetime("us")
TEXT, WHOLE = pl.String, pl.Int64

STOCK_DOCUMENT: Fields = {
    "doc_no": TEXT,
    "doc_type": TEXT,  # CG 采购 XS 销售 TH 退货 DB 调拨 HH 换货 BF 补发 QC 期初
    "direction": WHOLE,  # 1 入 2 出
    "warehouse_code": TEXT,
    "shop_code": TEXT,  # the shop's key in the registry
    "source_no": TEXT,
    "doc_status": WHOLE,  # 1 未过账（在途、待出库） 2 已过账
    "create_time": TIME,
    "post_time": TIME,
    "update_time": TIME,
}

STOCK_DOCUMENT_LINE: Fields = {
    "doc_no": TEXT,
    "line_no": WHOLE,
    "sku_code": TEXT,
    "quantity": WHOLE,  # > 0 in both directions
    "unit_cost": YUAN,
    "order_no": TEXT,
    "order_line_no": TEXT,
    "update_time": TIME,
}

STOCK: Fields = {
    "warehouse_code": TEXT,
    "sku_code": TEXT,
    "on_hand": WHOLE,
    "purchase_in_transit": WHOLE,
    "sale_in_transit": WHOLE,
    "update_time": TIME,
}

PARCEL: Fields = {
    "parcel_no": TEXT,
    "shop_code": TEXT,
    "warehouse_code": TEXT,
    "carrier_code": TEXT,
    "carrier_name": TEXT,
    "tracking_no": TEXT,
    "receiver_name": TEXT,
    "receiver_phone": TEXT,
    "receiver_province": TEXT,
    "receiver_city": TEXT,
    "receiver_address": TEXT,
    "freight_cost": YUAN,
    "parcel_status": WHOLE,  # 1 已出库 2 已签收 9 异常
    "ship_time": TIME,
    "sign_time": TIME,
    "update_time": TIME,
}
PARCEL_PII: Mapping[str, PiiRule] = {
    "receiver_name": "drop",
    "receiver_phone": "drop",
    "receiver_address": "drop",
}

PARCEL_ITEM: Fields = {
    "parcel_no": TEXT,
    "order_line_no": TEXT,
    "order_no": TEXT,
    "sku_code": TEXT,
    "quantity": WHOLE,
    "update_time": TIME,
}

PARCEL_TRACK: Fields = {
    "parcel_no": TEXT,
    "node_code": TEXT,  # GOT TRANS SENDING SIGNED PROBLEM
    "node_time": TIME,
    "place": TEXT,
    "update_time": TIME,
}
