"""快手's records as declared: the platform's names, integer fen, times in epoch milliseconds.

0 in a time stands for "has not happened". Ids are kept as text whatever the platform sends them as.
Fields that no sample has come from the typed declaration of the public npm client.
"""

from __future__ import annotations

import polars as pl

from pipelines.gateway.connector import ANY_JSON, PiiRule

S, I, B = pl.String, pl.Int64, pl.Boolean  # noqa: E741 - text, whole numbers and yes or no


Fields = dict[str, pl.DataType | type[pl.DataType]]


def _all(kind: type[pl.DataType], names: str) -> Fields:
    return dict.fromkeys(names.split(), kind)


_ROLE = pl.Struct(_all(S, "roleId roleName") | {"roleType": I})
_BASE = pl.Struct(
    {
        **_all(S, "oid buyerOpenId buyerNick buyerImage sellerOpenId sellerNick remark payChannel"),
        **_all(S, "channel multiplePiecesNo orderDomainCode expressCode outSubBiz"),
        **_all(I, "status createTime payTime sendTime recvTime updateTime refundTime"),
        **_all(I, "totalFee discountFee expressFee payType cpsType activityType preSale coType"),
        **_all(I, "commentStatus riskCode theDayOfDeliverGoodsTime promiseTimeStampOfDelivery"),
        **_all(I, "validPromiseShipmentTimeStamp sellerDelayPromiseTimeStamp"),
        **_all(I, "remindShipmentSign remindShipmentTime governmentDiscount"),
        **_all(I, "tradeInPayAfterPromoAmount allowanceExpressFee payChannelDiscount"),
        **_all(B, "enableSplitDeliveryOrder priorityDelivery"),
        "allActivityType": pl.List(I),
        **_all(ANY_JSON, "orderRiskEventInfo disableDeliveryReasonCode orderLabels"),
        "orderSellerRoleInfo": _ROLE,
        # Only open.order.detail has them: where the order came from, and which room or video.
        "carrierType": I,
        "carrierId": S,
        **_all(B, "shopNewBuyer platformNewBuyer"),
        **_all(I, "privacyInfoAuthStatus privacyInfoAuthTime"),
        **_all(ANY_JSON, "orderPoiInfo orderTaxInfo govIndustryPromoInfo"),
    }
)
_SERVICE = pl.Struct(
    {
        **_all(S, "serviceRule"),
        **_all(B, "freight firstOrderGuarantee instantRefund"),
        **_all(I, "freightProviderType instantDelivery"),
        "compensateFake": ANY_JSON,
        "serviceRuleInfo": pl.Struct(
            {
                **_all(S, "depositRule refundRule deliveryMethod certMerchantCode"),
                **_all(I, "deliverGoodsIntervalTime theDayOfDeliverGoodsTime promiseDeliveryTime"),
                **_all(I, "supportVerification certExpireType certStartTime certEndTime"),
                **_all(I, "certExpDays"),
                "saleFlag": B,
            }
        ),
    }
)
_CATEGORY = pl.Struct(_all(S, "itemCid categoryName govCategory govCategoryCode"))
_ITEM_FIELDS: Fields = {
    **_all(S, "orderItemId itemId skuId relItemId relSkuId itemTitle itemPicUrl itemLinkUrl"),
    **_all(S, "skuNick skuDesc goodsCode warehouseCode goodStoreCode"),
    **_all(I, "itemType num originalPrice discountFee price"),
    "itemPrevInfo": ANY_JSON,
    "serviceInfo": _SERVICE,
    "itemExtra": pl.Struct(
        _all(S, "brandName energyLevel productNo") | {"categoryInfo": _CATEGORY}
    ),
}
_ITEM = pl.Struct(_ITEM_FIELDS)
_PARCELS = pl.List(pl.Struct(_all(S, "logisticsId expressNo expressCode")))
_DELIVERY = pl.Struct(
    {
        **_all(B, "splitDeliveryOrder enableAppendPackage"),
        **_all(I, "mergeDeliveryType deliveryNum totalPackageNum maxPackageNum deliveryStatus"),
        **_all(I, "packageNum"),
        "openAddressId": S,
        "serialNumberInfo": ANY_JSON,
    }
)
_SUB_BASE = pl.Struct({"oid": S, **_all(I, "status sendTime updateTime recvTime")})
_STEP = pl.Struct(
    {
        **_all(S, "id payStepName payChannelDesc"),
        **_all(I, "payStepType payStepNo payStepStatus stepPrice skuNum stepTotalPrice"),
        **_all(I, "discountFee expressFee paymentFee payTime startPayTime endPayTime"),
    }
)
_ADDRESS = pl.Struct(
    {
        **_all(S, "province city district town provinceCode cityCode districtCode townCode"),
        **_all(S, "encryptedConsignee desensitiseConsignee encryptedMobile desensitiseMobile"),
        **_all(S, "encryptedAddress desensitiseAddress"),
        "rechargeAccount": ANY_JSON,
    }
)
_NOTE = pl.Struct(_all(S, "note flagTagCode operatorName") | {"createTime": I})
ORDER: Fields = {
    "orderBaseInfo": _BASE,
    "orderItemInfo": _ITEM,
    "orderRefundList": pl.List(
        pl.Struct({"refundId": S, **_all(I, "refundStatus handlingWay specialRefundType")})
    ),
    "orderLogisticsInfo": _PARCELS,
    "orderAddress": _ADDRESS,
    "orderDeliveryInfo": _DELIVERY,
    "orderNote": pl.Struct({"sellerNote": ANY_JSON, "orderNoteInfo": pl.List(_NOTE)}),
    "orderStepInfo": pl.Struct(
        {
            "orderPaymentStatus": pl.Struct(_all(I, "payStepType orderPayStatus")),
            "orderPaymentSteps": pl.List(_STEP),
        }
    ),
    "orderCpsInfo": pl.Struct(
        _all(S, "distributorId distributorName activityUserId activityUserNickName")
        | _all(S, "kwaiMoneyUserId kwaiMoneyUserNickName")
    ),
    "subOrderInfo": pl.List(
        pl.Struct(
            {
                "subOrderBaseInfo": _SUB_BASE,
                "subOrderItemInfo": _ITEM,
                "subOrderLogisticsInfo": _PARCELS,
                "subOrderDeliveryInfo": _DELIVERY,
                "subOrderType": I,
            }
        )
    ),
    **_all(ANY_JSON, "orderFlag orderCustomizedInfo addressUpdateAuditInfo"),
}
ORDER_PII: dict[str, PiiRule] = {
    "orderBaseInfo.buyerOpenId": "hash",
    **dict.fromkeys(
        (
            "orderBaseInfo.buyerNick", "orderBaseInfo.buyerImage", "orderBaseInfo.remark",
            "orderBaseInfo.orderPoiInfo", "orderBaseInfo.orderTaxInfo",
            "orderNote.orderNoteInfo.operatorName", "orderDeliveryInfo.openAddressId",
            "subOrderInfo.subOrderDeliveryInfo.openAddressId",
            "orderCustomizedInfo", "addressUpdateAuditInfo",
        ),
        "drop",
    ),
    **{
        f"orderAddress.{field.name}": "drop"
        for field in _ADDRESS.fields
        if field.name not in ("province", "city", "provinceCode", "cityCode")
    },
}  # fmt: skip

_OFFER = pl.Struct(
    {
        **_all(I, "type subType discountFee"),
        "bearInfoList": pl.List(pl.Struct(_all(I, "bearer bearAmount hasFund"))),
        "template": ANY_JSON,
    }
)
FEE: Fields = {
    **_all(S, "oid sellerId"),
    **_all(I, "totalFee discountFee expressFee platformAllowance platformBearAmount"),
    **_all(I, "merchantBearAmount sellerRecv buyerPay"),
    "marketingInfoOuters": pl.List(_OFFER),
    "productFeeInfoOuters": pl.List(
        pl.Struct(
            {
                **_all(S, "id oid skuId"),
                **_all(I, "originalPrice price num discountFee"),
                "productMarketingInfoOuters": pl.List(_OFFER),
            }
        )
    ),
}

REFUND: Fields = {
    **_all(S, "refundId oid sellerId itemId relItemId skuId relSkuId skuNick logisticsId"),
    **_all(S, "refundReasonDesc refundDesc"),
    **_all(I, "refundFee refundType handlingWay status negotiateStatus negotiateUpdateTime"),
    **_all(I, "receiptStatus refundReason submitTime createTime updateTime endTime expireTime"),
    **_all(I, "urgeTimes"),
    "requireReturnFreight": B,
    "buyerId": S,
}
REFUND_PII: dict[str, PiiRule] = {"refundDesc": "drop", "buyerId": "drop"}
REFUND_DETAIL: Fields = {
    **REFUND,
    **_all(S, "buyerOpenId pictures sellerDisagreeImages sellerDisagreeDesc negotiateReason"),
    **_all(I, "specialRefundType productNum sellerDisagreeReason timeLimitNegotiateChange"),
    **_all(I, "validNegotiateBuyerModifyTimeStamp"),
    "logisticsInfo": pl.Struct(_all(S, "expressNo expressCode")),
    "exchangeInfo": pl.Struct({"skuId": S, "skuDesc": S, "quantity": I}),
    **_all(ANY_JSON, "address buyerExchangeAddress returnFreightInfo logisticsRiskInfos"),
}
REFUND_DETAIL_PII: dict[str, PiiRule] = {
    **REFUND_PII,
    "buyerOpenId": "hash",
    **dict.fromkeys(
        ("pictures", "sellerDisagreeImages", "address", "buyerExchangeAddress"), "drop"
    ),
    "returnFreightInfo": "drop",
}

_PROP = pl.Struct(
    {
        **_all(S, "skuPropId propId propName propValueId propValueName itemId skuId imageUrl"),
        **_all(I, "isValid isMainProp propSortNum propValueSortNum propVersion"),
    }
)
SKU = pl.Struct(
    {
        **_all(S, "kwaiSkuId relSkuId kwaiItemId imageUrl specification appkey skuNick gtinCode"),
        **_all(I, "skuStock reserveStock skuSalePrice volume isValid createTime updateTime"),
        "goodsCode": ANY_JSON,
        "skuProp": pl.List(_PROP),
    }
)
ITEM: Fields = {
    **_all(S, "kwaiItemId userId relItemId title details mainImageUrl linkUrl categoryId"),
    **_all(S, "categoryName auditReason shelfStatusUpdateReason appkey expressTemplateId"),
    "duplicationReason": S,
    **_all(I, "price volume createTime updateTime auditStatus shelfStatus fromType itemStatus"),
    **_all(I, "itemType duplicationStatus"),
    "multipleStock": B,
    "skuList": pl.List(SKU),
    **_all(ANY_JSON, "imageUrls serviceRule"),
}

# Amounts are text; fen, where no unit is said (unconfirmed), but yuan in otherAmountDesc.
BILL: Fields = {
    **_all(S, "orderNo productId productName productNum orderCreateTime distributorId"),
    **_all(S, "activityUserId collectMode kzkId serviceUserId serviceCommissionRole"),
    **_all(S, "settlementStatus settlementTime settlementRule accountChannel accountName"),
    **_all(S, "merchantId orderRemark mcnId otherAmountDetail otherAmountDesc hongbaoDetail"),
    **_all(S, "actualPayAmount platformAllowanceAmount anchorHongBaoAmount totalIncome"),
    **_all(S, "totalRefundAmount platformCommissionAmount distributorCommissionAmount"),
    **_all(S, "activityUserCommissionAmount kzkCommissionAmount serviceAmount totalOutgoingAmount"),
    **_all(S, "settlementAmount czjAmount platformPayMarketAllowanceAmount"),
    **_all(S, "governmentSubsidyAmount presellSettleAmount huabeiAmount"),
    "otherAmount": I,
    "refundInfo": pl.List(
        pl.Struct(
            {
                "refundId": S,
                **_all(I, "actualPayRefund platformAllowanceRefund"),
                "platformPayMarketAllowanceRefund": I,
            }
        )
    ),
}
LATE_REFUND: Fields = {
    **_all(S, "refundNo orderId mcnId noRecoverReason shortVideoStatus secondActivityUserStatus"),
    **_all(S, "distributorStatus cutterStatus kzkStatus activityUserStatus serviceStatus"),
    **_all(S, "platformStatus mcnRecoverStatus"),
    **_all(I, "refundApplyTime refundFinishTime settlementTime tradeSuccessTime refundAmount"),
    **_all(I, "freightRefundAmount actualPayAmount platformAllowanceAmount anchorHongBaoAmount"),
    **_all(I, "platformAllowanceRefundAmount sellerPlatformCommissionAmount platformAmount"),
    **_all(I, "platformTime distributorAmount distributorCommision distributorTrAmount"),
    **_all(I, "distributorCompleteTime activityUserAmount activityUserCommision"),
    **_all(I, "activityUserCompleteTime secondActivityUserAmount secondActivityUserCommision"),
    **_all(I, "secondActivityUserCompleteTime kzkAmount kzkCompleteTime serviceAmount"),
    **_all(I, "serviceCompleteTime cutterAmount cutterCompleteTime shortVideoAmount"),
    **_all(I, "shortVideoCompleteTime mcnRecoverAmount mcnRecoverTime"),
    "recover": B,
}

CPS_ORDER: Fields = {
    **_all(S, "oid distributorId distributorName sellerId activityUserId activityUserNickname"),
    **_all(S, "buyerOpenId buyerId orderChannel activityId itemId promoterId promoterNickname"),
    **_all(S, "secondActivityUserId kwaimoneyUserId settlementBizTypeDesc"),
    **_all(I, "status settlementTime settlementSuccessTime refundTime payTime expressFee totalFee"),
    **_all(I, "baseAmount commissionRate estimatedIncome createTime updateTime platformDpRate"),
    **_all(I, "investmentPromotionRate investmentPromotionAmount settlementBizType"),
    **_all(I, "promoterServiceInCome promoterExcitationInCome investmentServiceInCome"),
    **_all(I, "investmentExcitationInCome orderTradeAmount orderCreateTime orderUpdateTime"),
    **_all(I, "cpsOrderStatus shareRate platformRate attributionCpsType serviceIncome"),
    "excitationInCome": I,
}
CPS_PII: dict[str, PiiRule] = {"buyerOpenId": "hash", "buyerId": "drop"}

SELLER: Fields = _all(S, "name sex head bigHead sellerId openId") | {"staffInfo": ANY_JSON}
SELLER_PII: dict[str, PiiRule] = dict.fromkeys(("sex", "head", "bigHead", "staffInfo"), "drop")
_SCORES = (
    "shopExpScoreStr productQualityScoreStr contentQualifyScoreStr customerServiceScoreStr"
    " logisticsServiceScoreStr afterSalesServiceScoreStr"
)
SHOP_INFO: Fields = {"shopName": S, "shopType": I, "shopScoreInfo": pl.Struct(_all(S, _SCORES))}
