"""Who and what the company deals with: shops, products, SKUs, costs, buyers, authors, agents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from pipelines.sandbox.world.authors import Authors, make_authors
from pipelines.sandbox.world.draws import DAY, Draws, Ints, Size, frame, picked, texts, times

SHOPS_BY_CHANNEL = {
    "doudian": 8, "taobao": 7, "jd": 5, "pdd": 5, "kuaishou": 4, "xiaohongshu": 3,
    "weixin_shop": 3, "youzan": 2, "mall": 1,
}  # fmt: skip
_CHANNEL_NAMES = {
    "doudian": "抖音", "taobao": "天猫", "jd": "京东", "pdd": "拼多多", "kuaishou": "快手",
    "xiaohongshu": "小红书", "weixin_shop": "视频号", "youzan": "有赞", "mall": "官网",
}  # fmt: skip
_SHOP_WORDS = ("旗舰店", "专营店", "课程店", "硬件店", "生活馆", "学习馆", "直营店", "工厂店")
_BRANDS = ("知行", "青禾", "澄明", "拾光")
_COURSES = ("写作训练营", "口语精讲课", "摄影入门课", "理财通识课", "绘画基础班", "阅读提升课")
_HARDWARE = ("学习灯", "点读笔", "降噪耳机", "电子纸本", "桌面支架", "智能台灯", "护眼屏", "录音笔")
_CATEGORIES = {
    "course": ("20000", "教育培训", "20100", "在线课程"),
    "hardware": ("30000", "数码家电", "30100", "智能设备"),
}
_COLOURS = ("深空灰", "象牙白", "薄荷绿", "标准版", "进阶版", "家庭装")
# Province, its code, city, its code, a district and its code (GB/T 2260).
_PLACES = (
    ("广东省", "440000", "广州市", "440100", "天河区", "440106"),
    ("广东省", "440000", "深圳市", "440300", "南山区", "440305"),
    ("浙江省", "330000", "杭州市", "330100", "西湖区", "330106"),
    ("浙江省", "330000", "宁波市", "330200", "鄞州区", "330212"),
    ("江苏省", "320000", "南京市", "320100", "鼓楼区", "320106"),
    ("江苏省", "320000", "苏州市", "320500", "吴中区", "320506"),
    ("北京市", "110000", "北京市", "110100", "海淀区", "110108"),
    ("上海市", "310000", "上海市", "310100", "浦东新区", "310115"),
    ("四川省", "510000", "成都市", "510100", "武侯区", "510107"),
    ("湖北省", "420000", "武汉市", "420100", "洪山区", "420111"),
    ("湖南省", "430000", "长沙市", "430100", "岳麓区", "430104"),
    ("河南省", "410000", "郑州市", "410100", "金水区", "410105"),
    ("山东省", "370000", "青岛市", "370200", "市南区", "370202"),
    ("河北省", "130000", "石家庄市", "130100", "长安区", "130102"),
    ("陕西省", "610000", "西安市", "610100", "雁塔区", "610113"),
    ("福建省", "350000", "厦门市", "350200", "思明区", "350203"),
    ("安徽省", "340000", "合肥市", "340100", "蜀山区", "340104"),
    ("重庆市", "500000", "重庆市", "500100", "渝北区", "500112"),
    ("天津市", "120000", "天津市", "120100", "和平区", "120101"),
    ("辽宁省", "210000", "沈阳市", "210100", "和平区", "210102"),
    ("黑龙江省", "230000", "哈尔滨市", "230100", "南岗区", "230103"),
    ("云南省", "530000", "昆明市", "530100", "五华区", "530102"),
    ("内蒙古自治区", "150000", "呼和浩特市", "150100", "新城区", "150102"),
    ("广西壮族自治区", "450000", "南宁市", "450100", "青秀区", "450103"),
    ("新疆维吾尔自治区", "650000", "乌鲁木齐市", "650100", "天山区", "650102"),
)
_PLACE_SHARES = (9, 8, 6, 4, 5, 5, 6, 6, 5, 4, 4, 5, 4, 3, 3, 3, 3, 3, 2, 2, 2, 2, 1, 2, 1)
_FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚桂英华玉萍红玲建文晓春燕"
_ROADS = ("人民路", "建设路", "解放路", "和平街", "文化巷", "滨河大道", "学院路", "长安街")
DYING_SHOP = "doudian-08"
FIRST_ID = 6_900_000_000_000_000_000


@dataclass(frozen=True)
class Catalogue:
    """The tables, and what the makers of orders look up by position."""

    frames: dict[str, pl.DataFrame]
    shop_ids: list[str]
    shop_channels: list[str]
    sku_shop: Ints
    sku_price: Ints
    sku_list_price: Ints
    sku_product: Ints
    product_is_course: Ints
    product_commission: Ints
    buyers_from: dict[str, tuple[int, int]]  # channel: first and behind the last position
    authors: Authors

    def shops_of(self, channel: str) -> Ints:
        """Positions of a channel's shops."""
        return np.flatnonzero(np.array(self.shop_channels) == channel)


def make_catalogue(size: Size, seed: int) -> Catalogue:
    """All that stands before the first order."""
    shop_ids, channels = _shop_keys()
    shops = _shops(shop_ids, channels, size, Draws(seed, "shops"))
    products, is_course, commission = _products(shop_ids, size, Draws(seed, "products"))
    skus, sku_shop, sku_product, price, list_price = _skus(products, size, Draws(seed, "skus"))
    buyers, buyers_from = _buyers(size, Draws(seed, "buyers"))
    authors = make_authors(shop_ids, channels, seed)
    frames = {
        "shops": shops,
        "products": products,
        "skus": skus,
        "sku_costs": _costs(skus, size, Draws(seed, "costs")),
        "buyers": buyers,
        "authors": authors.frame,
        "agents": frame(
            "agents",
            {
                "agent_id": [f"agent-{n:02d}" for n in range(1, 13)],
                "name": [f"客服{n:02d}号" for n in range(1, 13)],
            },
        ),
    }
    return Catalogue(
        frames, shop_ids, channels, sku_shop, price, list_price, sku_product, is_course,
        commission, buyers_from, authors,
    )  # fmt: skip


def _shop_keys() -> tuple[list[str], list[str]]:
    keys = [
        (f"{channel}-{number:02d}", channel)
        for channel, count in SHOPS_BY_CHANNEL.items()
        for number in range(1, count + 1)
    ]
    return [key for key, _ in keys], [channel for _, channel in keys]


def _shops(shop_ids: list[str], channels: list[str], size: Size, draws: Draws) -> pl.DataFrame:
    count = len(shop_ids)
    return frame(
        "shops",
        {
            "shop_id": shop_ids,
            "channel": channels,
            "platform_shop_id": texts(4_460_000 + 37 * np.arange(1, count + 1)),
            "name": [
                f"{_BRANDS[n % len(_BRANDS)]}{_CHANNEL_NAMES[channel]}"
                f"{_SHOP_WORDS[n % len(_SHOP_WORDS)]}(虚构)"
                for n, channel in enumerate(channels)
            ],
            "opened_at": times(size.start - draws.whole(90, 900, count) * DAY),
            "is_dying": [shop == DYING_SHOP for shop in shop_ids],
            "fee_rate_bp": [500 if channel == "pdd" else 200 for channel in channels],
            "settle_days": [3 if channel in ("doudian", "kuaishou") else 7 for channel in channels],
        },
    )


def _products(shop_ids: list[str], size: Size, draws: Draws) -> tuple[pl.DataFrame, Ints, Ints]:
    per_shop = size.products_a_shop
    count = len(shop_ids) * per_shop
    number = np.tile(np.arange(per_shop), len(shop_ids))
    is_course = (number % 3 == 0).astype(np.int64)
    listed = size.start - draws.whole(5, 400, count) * DAY
    changed = np.where(draws.chance(0.25, count), draws.whole(size.start, size.end, count), listed)
    gone = np.where(
        draws.chance(0.04, count), draws.whole(size.start + DAY, size.end, count), np.int64(-1)
    )
    commission = np.where(draws.chance(0.7, count), draws.whole(8, 31, count) * 100, 0)
    words = [_COURSES if course else _HARDWARE for course in is_course]
    kinds = ["course" if course else "hardware" for course in is_course]
    products = frame(
        "products",
        {
            "product_id": texts(3_650_000_000_000_000_000 + 1_003 * np.arange(1, count + 1)),
            "shop_id": [shop for shop in shop_ids for _ in range(per_shop)],
            "spu_code": [f"SPU-{n + 1:03d}" for n in number],
            "name": [
                f"{_BRANDS[n % 4]}{words[i][n % len(words[i])]}{n + 1:02d}款"
                for i, n in enumerate(number)
            ],
            "brand": [_BRANDS[n % 4] for n in number],
            "kind": kinds,
            **{
                name: [_CATEGORIES[kind][position] for kind in kinds]
                for position, name in enumerate(
                    ("first_category_id", "first_category", "second_category_id", "second_category")
                )
            },
            "created_at": times(listed),
            "updated_at": times(np.maximum(listed, np.maximum(changed, 0))),
            "off_shelf_at": times(gone),
            "commission_bp": commission,
        },
    )
    return products, is_course, commission


def _skus(
    products: pl.DataFrame, size: Size, draws: Draws
) -> tuple[pl.DataFrame, Ints, Ints, Ints, Ints]:
    per_product = 2
    count = products.height * per_product
    product = np.repeat(np.arange(products.height), per_product)
    number = product % size.products_a_shop
    variant = np.tile(np.arange(per_product), products.height)
    shared = Draws(7, "prices").whole(29, 900, size.products_a_shop)
    price = shared[number] * 100 + variant * 2_000 + draws.whole(0, 3, count) * 990
    list_price = price + draws.whole(0, 40, count) * 100
    shop = product // size.products_a_shop
    skus = frame(
        "skus",
        {
            "sku_id": texts(1_799_900_000_000_000 + 11 * np.arange(1, count + 1)),
            "product_id": products["product_id"].gather(product),
            "shop_id": products["shop_id"].gather(product),
            "merchant_code": [
                f"KJ-{n + 1:03d}-{v + 1}" for n, v in zip(number, variant, strict=True)
            ],
            "spec_name": ["规格"] * count,
            "spec_value": [
                _COLOURS[(n + v) % len(_COLOURS)] for n, v in zip(number, variant, strict=True)
            ],
            "list_price_fen": list_price,
            "price_fen": price,
            "stock_quantity": draws.whole(0, 2_000, count),
            "created_at": products["created_at"].gather(product),
        },
    )
    return skus, shop, product, price, list_price


def _costs(skus: pl.DataFrame, size: Size, draws: Draws) -> pl.DataFrame:
    cheapest = skus.group_by("merchant_code").agg(pl.col("price_fen").min()).sort("merchant_code")
    count = cheapest.height
    before = (
        cheapest["price_fen"].to_numpy() * (0.2 + 0.3 * draws.generator.random(count))
    ).astype(int)
    middle = date.fromordinal(size.first_day.toordinal() + size.days // 2)
    return frame(
        "sku_costs",
        {
            "merchant_code": [*cheapest["merchant_code"], *cheapest["merchant_code"]],
            "valid_from": [date(2025, 1, 1)] * count + [middle] * count,
            "unit_cost_fen": np.concatenate([before, before + draws.whole(-200, 500, count)]),
        },
    ).sort("merchant_code", "valid_from")


def _buyers(size: Size, draws: Draws) -> tuple[pl.DataFrame, dict[str, tuple[int, int]]]:
    per_channel = size.buyers_a_channel
    channels = list(SHOPS_BY_CHANNEL)
    count = per_channel * len(channels)
    place = draws.one_of(_PLACE_SHARES, count)
    family = picked(list(_FAMILY), draws.whole(0, len(_FAMILY), count))
    given = picked(list(_GIVEN), draws.whole(0, len(_GIVEN), count))
    second = picked(list(_GIVEN), draws.whole(0, len(_GIVEN), count))
    road = picked(_ROADS, draws.whole(0, len(_ROADS), count))
    house, room = texts(draws.whole(1, 999, count)), texts(draws.whole(101, 2_999, count))
    of_channel = picked(channels, np.repeat(np.arange(len(channels)), per_channel))
    number = texts(np.tile(np.arange(per_channel), len(channels)))
    # Numbers of a range that no operator has given out; one each, scattered.
    phone = texts(17_000_000_000 + np.arange(count) * 7_919 % 999_999_937)
    frames = {
        "buyer_id": of_channel + "-open-" + number.str.zfill(7),
        "channel": of_channel,
        "name": family + given + second,
        "phone": phone,
        "address": road + house + "号" + room + "室",
        **{
            name: picked([each[position] for each in _PLACES], place)
            for name, position in (
                ("province", 0), ("province_id", 1), ("city", 2), ("city_id", 3), ("town", 4),
                ("town_id", 5),
            )
        },
    }  # fmt: skip
    ranges = {
        channel: (n * per_channel, (n + 1) * per_channel) for n, channel in enumerate(channels)
    }
    return frame("buyers", dict(frames)), ranges
