"""What 快手's renderers share: epoch milliseconds, codes, addresses, an item's looks."""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.adapters.doudian_words import cipher

# The platform's codes for sending (物流公司编号).
CARRIERS = {"shunfeng": "4", "yuantong": "6", "zhongtong": "9", "jtexpress": "109"}
PAY_TYPES = {"wechat": 1, "alipay": 2, "card": 3, "balance": 3, "later": 88}
PAY_CHANNELS = {
    "wechat": "WECHAT", "alipay": "ALIPAY", "card": "PINGAN", "balance": "PINGAN",
    "later": "ALIPAY",
}  # fmt: skip


def ms(name: str) -> pl.Expr:
    """Epoch milliseconds; 0 stands for what has not happened."""
    return pl.col(name).dt.epoch("ms").fill_null(0)


def seconds(name: str) -> pl.Expr:
    """Epoch seconds, which lists are ordered by."""
    return pl.col(name).dt.epoch("s")


def number(name: str) -> pl.Expr:
    """A digits-only id as the number that the platform sends."""
    return pl.col(name).cast(pl.Int64).fill_null(0)


def empty(kind: pl.DataType | type[pl.DataType] = pl.Int64) -> pl.Expr:
    """An empty list."""
    return pl.lit([], dtype=pl.List(kind))


def by_id(rendered: pl.DataFrame, key: str) -> dict[str, bytes]:
    """Records by an id, from a frame with both."""
    return {number: text.encode() for number, text in rendered.select(key, "record").iter_rows()}


def constants(**values: int | str | bool) -> list[pl.Expr]:
    """Fields that say the same of every record."""
    return [pl.lit(value).alias(name) for name, value in values.items()]


def address() -> pl.Expr:
    """The receiver: places in clear, all else as cipher text and masks."""

    def hidden(kind: str, around: str) -> pl.Expr:
        text = cipher(around, "", pl.col("line_id"), pl.col(kind))
        return pl.concat_str(text, pl.lit(f"{around}1{around}"))

    return pl.struct(
        "province",
        "city",
        pl.col("town").alias("district"),
        pl.lit("示例街道").alias("town"),
        number("province_id").alias("provinceCode"),
        number("city_id").alias("cityCode"),
        number("town_id").alias("districtCode"),
        (number("town_id") * 1000).alias("townCode"),
        hidden("name", "~").alias("encryptedConsignee"),
        (pl.col("name").str.head(1) + "**").alias("desensitiseConsignee"),
        hidden("phone", "$").alias("encryptedMobile"),
        (pl.col("phone").str.head(3) + "****" + pl.col("phone").str.tail(2)).alias(
            "desensitiseMobile"
        ),
        hidden("address", "#").alias("encryptedAddress"),
        (pl.col("town") + "***").alias("desensitiseAddress"),
    ).alias("orderAddress")


def item(*, is_gift: bool = False) -> pl.Expr:
    """The one SKU of an order, or a gift beside it."""
    price = pl.lit(0, pl.Int64) if is_gift else pl.col("price_fen")
    given = pl.lit(0, pl.Int64) if is_gift else pl.col("discount_fen")
    virtual = pl.col("product_kind") == "course"
    category = pl.struct(
        number("second_category_id").alias("itemCid"),
        pl.col("second_category").alias("categoryName"),
        *constants(govCategory="", govCategoryCode=""),
    ).alias("categoryInfo")
    return pl.struct(
        number("line_id").alias("orderItemId"),
        number("product_id").alias("itemId"),
        number("sku_id").alias("skuId"),
        *constants(relItemId=0, relSkuId=0),
        pl.col("product_name").alias("itemTitle"),
        pl.format("https://example.invalid/item/{}.jpg", "product_id").alias("itemPicUrl"),
        pl.format("https://example.invalid/detail?id={}", "product_id").alias("itemLinkUrl"),
        *constants(itemType=1),
        pl.col("quantity").alias("num"),
        (pl.lit(0, pl.Int64) if is_gift else pl.col("list_price_fen")).alias("originalPrice"),
        given.alias("discountFee"),
        price.alias("price"),
        pl.col("merchant_code").alias("skuNick"),
        pl.col("spec_value").alias("skuDesc"),
        pl.col("spu_code").alias("goodsCode"),
        pl.lit("").alias("warehouseCode"),
        pl.struct(
            pl.struct(
                pl.when(virtual)
                .then(pl.lit("certificate"))
                .otherwise(pl.lit("logistics"))
                .alias("deliveryMethod")
            ).alias("serviceRuleInfo")
        ).alias("serviceInfo"),
        pl.struct(
            pl.col("brand").alias("brandName"),
            *constants(energyLevel="", productNo=""),
            category,
        ).alias("itemExtra"),
    )
