"""小红书's records as declared: the platform's names and units, which differ by family.

``order.*``, ``product.*`` and ``bill.*`` have integer fen; ``afterSale.*`` yuan as JSON numbers and
``finance.*`` yuan as text, both kept as the digits that came. Times are epoch milliseconds, 0 for
"has not happened". Buyers' words, receivers and addresses below the city are never landed.
"""

from __future__ import annotations

import polars as pl

from pipelines.gateway.connector import ANY_JSON, PiiRule

S, I, B = pl.String, pl.Int64, pl.Boolean  # noqa: E741 - text, whole numbers, flags
Fields = dict[str, pl.DataType | type[pl.DataType]]


def _all(kind: type[pl.DataType], names: str) -> Fields:
    return dict.fromkeys(names.split(), kind)


def _list_of(*fields: Fields) -> pl.List:
    return pl.List(pl.Struct({name: kind for each in fields for name, kind in each.items()}))


_COMPONENT = _list_of(
    _all(S, "skuId erpCode barcode scSkuCode registerName skuName"),
    _all(I, "quantity pricePerSku taxPerSku paidAmountPerSku depositAmountPerSku"),
    _all(I, "merchantDiscountPerSku redDiscountPerSku rawPricePerSku"),
)
_ORDER_SKU = _list_of(
    _all(S, "skuId skuName erpcode skuSpec skuImage kolId kolName itemId itemName"),
    _all(I, "skuQuantity totalPaidAmount totalMerchantDiscount totalRedDiscount totalTaxAmount"),
    _all(I, "totalNetWeight skuTag deliveryMode skuAfterSaleStatus"),
    {
        "isChannel": B,
        "skuDetailList": _COMPONENT,
        "skuIdentifyCodeInfo": pl.Struct(_all(S, "sNCode barCode iMEI1Code iMEI2Code")),
    },
)
ORDER: Fields = {
    **_all(S, "orderId planInfoId planInfoName receiverCountryId receiverCountryName"),
    **_all(S, "receiverProvinceId receiverProvinceName receiverCityId receiverCityName"),
    **_all(S, "receiverDistrictId receiverDistrictName customerRemark sellerRemark"),
    **_all(S, "originalOrderId logistics expressTrackingNo expressCompanyCode receiverName"),
    **_all(S, "receiverPhone receiverAddress openAddressId shopId shopName whcode userId"),
    **_all(S, "customsCode outTradeNo subsidySupplierId subsidySupplierName subsidyWpServiceCode"),
    **_all(I, "orderType orderStatus orderAfterSalesStatus cancelStatus createdTime paidTime"),
    **_all(I, "updateTime deliveryTime cancelTime finishTime promiseLastDeliveryTime"),
    **_all(I, "sellerRemarkFlag presaleDeliveryStartTime presaleDeliveryEndTime"),
    **_all(I, "totalNetWeightAmount totalPayAmount totalShippingFree totalDepositAmount"),
    **_all(I, "totalMerchantDiscount totalRedDiscount merchantActualReceiveAmount"),
    **_all(I, "totalChangePriceAmount outPromotionAmount paymentType logisticsMode"),
    "unpack": B,
    "orderTagList": pl.List(S),
    "skuList": _ORDER_SKU,
    "simpleDeliveryOrderList": _list_of(
        _all(I, "deliveryOrderIndex status"),
        _all(S, "expressTrackingNo expressCompanyCode"),
        {"skuIdList": pl.List(S)},
    ),
    **_all(
        ANY_JSON, "boundExtendInfo transferExtendInfo subsidySkuIdentifyCodeRequiredInfo"
    ),  # customs and subsidy papers that no model reads
}
ORDER_PII: dict[str, PiiRule] = {
    "userId": "hash",
    **dict.fromkeys(
        (
            "receiverDistrictId", "receiverDistrictName", "receiverName", "receiverPhone",
            "receiverAddress", "openAddressId", "customerRemark",
        ),
        "drop",
    ),
}  # fmt: skip

_VARIANTS = _list_of(_all(S, "id name value valueId"))
_RETURN_SKU = _list_of(
    _all(S, "skuId skuName image price appliedTotalAmountYuan scskucode barcode skuERPCode"),
    _all(I, "boughtCount appliedCount"),
    {"variants": _VARIANTS},
)
_WAYBILL = pl.Struct(
    {
        **_all(S, "expressNo expressCompanyCode expressCompanyName"),
        **_all(I, "fillExpressNoTime expressSignTime"),
    }
)
AFTERSALE: Fields = {
    "afterSaleInfo": pl.Struct(
        {
            **_all(S, "returnsId reasonNameZh userId orderId desc expectedRefundAmountYuan"),
            **_all(S, "openAddressId closeReasonZh appliedShipFeeAmountYuan"),
            **_all(S, "appliedSkusAmountYuan refundAmountYuan"),
            **_all(I, "returnType reasonId status applyTime updatedAt expireTime returnsTag"),
            **_all(I, "refundStatus cargoStatus refundTime"),
            "supportCarriageInsurance": B,
            "skus": _RETURN_SKU,
            "exchangeSKUs": _RETURN_SKU,
            **_all(ANY_JSON, "returnAddress proofPhotos"),
        }
    ),
    "logisticsInfo": pl.Struct(dict.fromkeys(("afterSale", "exchange", "order"), _WAYBILL)),
    "negotiateRecords": _list_of(
        _all(S, "title operatorRoleName time"), {"operatorRole": I, "attributes": ANY_JSON}
    ),
}
AFTERSALE_PII: dict[str, PiiRule] = {
    "afterSaleInfo.userId": "hash",
    **dict.fromkeys(
        (
            "afterSaleInfo.desc", "afterSaleInfo.openAddressId", "afterSaleInfo.returnAddress",
            "afterSaleInfo.proofPhotos", "negotiateRecords.attributes",
        ),
        "drop",
    ),
}  # fmt: skip

TRACK: Fields = {
    **_all(S, "orderId deliveryOrderId currentStatusDesc expressCompanyCode expressCompanyName"),
    "expressNo": S,
    "records": _list_of(
        _all(S, "eventAt eventDesc trackingPartnerSyncAt trackingStatusDesc"),
        _all(I, "nodeId subNodeId trackingStatus"),
        {"location": pl.Struct(_all(S, "provinceName cityName"))},
    ),
}

_ITEM = pl.Struct(
    {
        **_all(S, "id name ename brandId categoryId shippingTemplateId videoUrl articleNo"),
        **_all(S, "transparentImage description"),
        **_all(I, "shippingGrossWeight deliveryMode freeReturn createTime updateTime"),
        **_all(B, "isChannel enableMultiWarehouse"),
        **_all(ANY_JSON, "attributes variantIds images imageDescriptions faq"),
    }
)
_SKU = pl.Struct(
    {
        **_all(S, "id itemId name logisticsPlanId whcode erpCode specImage barcode scSkucode"),
        "logisticsName": S,
        **_all(I, "ipq originalPrice price stock priceType createTime updateTime deliveryFlag"),
        "rowNumber": I,
        **_all(B, "buyable isGift"),
        "variants": _VARIANTS,
        "deliveryTime": pl.Struct(_all(S, "time type")),
        "unionItemDetails": ANY_JSON,
    }
)
SKU: Fields = {"item": _ITEM, "sku": _SKU}

_SHARE = (
    "taxAmount commissionAmount cpsAmount noTaxReason noCommissionReason noCpsReason"
    " goodsAmount payAmount appPromotion"
)
TRANSACTION: Fields = {
    **_all(S, "transactionId packageId deliveryId transactionBizNo returnId"),
    **_all(S, "predictableSettleTime amount goodsAmount payAmount appPromotion freightAmount"),
    **_all(S, "freightAppPromotion taxAmount freightTaxAmount commissionAmount payChannelAmount"),
    **_all(S, "cpsAmount installmentAmount extraAmount calculateRemark noFreightReason"),
    **_all(S, "noTaxReason noFreightTaxReason noPayChannelReason noInstallmentReason"),
    **_all(S, "noExtraReason"),
    **_all(I, "statementType transactionBizType settleBizType orderTime canSettleTime"),
    **_all(I, "settledTime erqingType transactionSettleStatus commonSettleStatus"),
    "goodsDetails": _list_of(
        _all(S, f"transactionId newSkuId rawAmount sellerPromotion noGoodsReason {_SHARE}"),
        _all(S, "serviceCommissionAmount redCommissionAmount commissionReturnAmount"),
        _all(S, "noCommissionReturnReason"),
        {"newSkuQuantity": I},
    ),
}
EXPENSE: Fields = {
    **_all(S, "expenseId baseBizType packageId bizNo amount"),
    **_all(I, "settledTime erqingType settleBizType transactionSettleStatus commonSettleStatus"),
}
CPS: Fields = {
    "cpsUserSettleDetails": _list_of(
        _all(S, "packageId goodsId goodsName sellerId kolUserId kolUserName settleStatus"),
        _all(I, "goodsTotal dealTotalAmount returnTotalAmount taxTotalAmount carryingTotalAmount"),
        _all(I, "sellerRate kolUserShareRatio kolUserRate kolUserCommissionAmount"),
        _all(I, "orderTime finishTime canSettleTime settleTime"),
        {"returnIds": pl.List(S)},
    )
}
KOS_SALE: Fields = {
    **_all(S, "packageId skuId skuName itemId itemName payDate accountUserId accountUserName"),
    **_all(S, "accountType newCarrierNameGroup entranceChannel carrierId carrierName"),
    **_all(S, "carrierCreateTime payGmv redAccountUserId"),
    "goodsTotal": I,
}
