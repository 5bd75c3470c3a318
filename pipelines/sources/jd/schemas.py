"""京东's records as declared: the platform's names, money in yuan as text, times as they come.

Yuan stand as text, whether the platform sends text ("12.30") or a number (12.3); only
``applyRefundSum`` is whole fen. Order times are wall clock, those of goods epoch milliseconds,
those of services either. Cipher text and masks of receivers are never landed.
"""

from __future__ import annotations

import polars as pl

from pipelines.gateway.connector import ANY_JSON, PiiRule

S, I = pl.String, pl.Int64  # noqa: E741 - text and whole numbers, a hundred times below
Fields = dict[str, pl.DataType | type[pl.DataType]]


def _all(kind: type[pl.DataType], names: str) -> Fields:
    return dict.fromkeys(names.split(), kind)


_CONSIGNEE = pl.Struct(
    _all(
        S,
        "fullname telephone mobile fullAddress province provinceId city cityId county countyId town"
        " townId desen_mobile desen_telephone",
    )
)
_ITEM = pl.Struct(
    _all(
        S,
        "id skuId outerSkuId wareId skuName jdPrice itemTotal giftPoint productNo serviceName"
        " newStoreId itemExt invoiceContentId",
    )
)
_COUPON = pl.Struct(_all(S, "orderId skuId couponType couponPrice"))
# In the platform's own SDK, not in the notes: what of the order has left, with carrier and time.
_SHIPMENT = pl.Struct(
    {
        **_all(I, "shipmentId packageNum shipmentTime shipmentModifyTime"),
        **_all(S, "logicId waybillId"),
        "skus": pl.List(pl.Struct({**_all(S, "skuUuid skuId"), "num": I})),
    }
)
ORDER: Fields = {
    **_all(S, "orderId venderId parentOrderId directParentOrderId orderType payType"),
    **_all(S, "orderTotalPrice orderSellerPrice orderPayment freightPrice sellerDiscount"),
    **_all(S, "actualPay shouldPay totalOriginalPrice totalSellerReceivable totalSellerDiscount"),
    **_all(S, "payDiscount balanceUsed serviceFee taxFee orderState orderStateRemark"),
    **_all(S, "deliveryType invoiceInfo orderRemark venderRemark"),
    **_all(S, "orderStartTime orderEndTime paymentConfirmTime modified"),
    **_all(S, "returnOrder waybill logisticsId orderSource storeOrder storeId scDT tuiHuoWuYou"),
    **_all(S, "orderSign sendpayMap dataVersion pin open_id_buyer xid_buyer"),
    "idSopShipmenttype": I,
    # Objects that come as [] where they are empty.
    **_all(ANY_JSON, "invoiceEasyInfo vatInfo commission"),
    "consigneeInfo": _CONSIGNEE,
    "itemInfoList": pl.List(_ITEM),
    "couponDetailList": pl.List(_COUPON),
    "partialLogisticsInfoModel": pl.List(_SHIPMENT),
}
ORDER_PII: dict[str, PiiRule] = {
    **dict.fromkeys(("pin", "open_id_buyer", "xid_buyer"), "hash"),
    **dict.fromkeys(("orderRemark", "invoiceInfo", "invoiceEasyInfo", "vatInfo"), "drop"),
    **{
        f"consigneeInfo.{name}": "drop"
        for name in (
            "fullname", "telephone", "mobile", "fullAddress", "desen_mobile", "desen_telephone",
            "county", "countyId", "town", "townId",
        )
    },
}  # fmt: skip
# What is named comes: nothing that would be dropped whole is even asked for.
ORDER_FIELDS = ",".join(name for name in ORDER if ORDER_PII.get(name) != "drop")

# The platform's own SDK, PresaleOrderVO.
PRESALE: Fields = {
    **_all(S, "id userPin presaleId skuID orderId shopID productName companyid"),
    **_all(S, "freight payBargainReal payBargainPlan payBalanceReal payBalancePlan yushouPrice"),
    **_all(S, "bargainTime balanceTime createTime updateTime orderTime balanceEndTimePlan"),
    **_all(S, "balanceStartTime balanceEndTime"),
    **_all(I, "skuCount orderStatus orderType yn orderPayType"),
}
PRESALE_PII: dict[str, PiiRule] = {"userPin": "hash"}

REFUND_APPLY: Fields = {
    **_all(S, "id orderId buyerId buyerName applyTime checkTime checkUserName checkRemark"),
    "modified": S,
    **_all(I, "applyRefundSum status"),
}
REFUND_APPLY_PII: dict[str, PiiRule] = {
    "buyerId": "hash", "buyerName": "drop", "checkRemark": "drop",
}  # fmt: skip

# The platform's own SDK, ServiceBrief.
SERVICE: Fields = {
    **_all(S, "serviceId applyId parentService orderId skuId skuUuid wareName orderTypeName"),
    **_all(S, "applyTime updateTime updateDate approveTime processTime freightUpdateDate"),
    **_all(S, "customerExpectName serviceStatusName approveResultName processResultName"),
    **_all(S, "questionTypeCid1Name questionTypeCid2Name wareTypeName skuTypeName"),
    **_all(S, "platformSrcName actualPayPrice expressCode"),
    **_all(S, "approvePin approveName processPin processName extJsonStr"),
    **_all(S, "customerPin openIdBuyer xidBuyer customerName customerTel pickwareAddress oaid"),
    **_all(I, "customerExpect serviceStatus orderType serviceCount approveResult processResult"),
    **_all(I, "questionTypeCid1 questionTypeCid2 pickwareType platformSrc wareType skuType"),
    **_all(I, "customerGrade sysVersion"),
}
SERVICE_PII: dict[str, PiiRule] = {
    **dict.fromkeys(("customerPin", "openIdBuyer", "xidBuyer"), "hash"),
    **dict.fromkeys(
        (
            "customerName", "customerTel", "pickwareAddress", "oaid", "extJsonStr", "approvePin",
            "approveName", "processPin", "processName",
        ),
        "drop",
    ),
}  # fmt: skip

_BILL = pl.Struct(
    _all(
        S,
        "serviceId afsApplyId orderId wareId wareName approveName afsApplyTime approveDate"
        " questionDesc customerPin approveNotes applyReason",
    )
)
# ``refoundAmount`` is the platform's spelling; its unit is in no document.
SERVICE_REFUND: Fields = {
    **_all(S, "afsRefundId refoundAmount completeTime"),
    "status": I,
    "sameOrderServiceBill": _BILL,
}
SERVICE_REFUND_PII: dict[str, PiiRule] = {
    "sameOrderServiceBill.customerPin": "hash",
    "sameOrderServiceBill.questionDesc": "drop",
    "sameOrderServiceBill.approveNotes": "drop",
    "sameOrderServiceBill.approveName": "drop",
}
SERVICE_AMOUNT: Fields = {
    "success": pl.Boolean,
    **_all(S, "errorCode errorMsg"),
    "data": pl.Struct(
        {
            "orderId": S,
            "afsActualRefundDetail": pl.Struct({"actualRefundAmount": S}),
            "afsEstimateRefundDetail": pl.Struct({"maxRefundAmount": S}),
        }
    ),
}

WARE: Fields = {
    **_all(S, "wareId title outerId itemNum jdPrice marketPrice categoryId brandId brandName"),
    **_all(I, "wareStatus stockNum created modified onlineTime"),
}
SKU: Fields = {
    **_all(S, "skuId wareId skuName jdPrice outerId barCode"),
    **_all(I, "status stockNum created modified"),
}
SHOP: Fields = {
    **_all(S, "vender_id shop_id shop_name logo_url brief category_main category_main_name"),
    "open_time": I,
}
VENDER: Fields = {**_all(S, "vender_id shop_id shop_name category_main"), "col_type": I}
