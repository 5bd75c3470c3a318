from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from metrics_dictionary.catalog import Catalog, Mark, MetricEntry
from pipelines.errors import KoujingError, UsageError


def entry(metric_id: str, zh: str, **changes: Any) -> MetricEntry:  # noqa: ANN401
    fields: dict[str, Any] = {
        "id": metric_id, "zh": zh, "en": metric_id, "description": f"{zh}。",
        "business_owner": "运营", "tech_owner": "数据", "unit": "CNY", "decimals": 2,
        "type": "simple", "formula": "合计", "facts": ("fct_order_lines",), "default_filter": "无",
        "anchor": "PT", "dimensions": ("day", "shop", "channel"), "additive": "A",
        "direction": "up", "status": "certified", "version": "1.0",
        "valid_from": date(2026, 1, 1), "traps": "无", "example": "1 → 1", "tests": ("golden",),
    }  # fmt: skip
    return MetricEntry(**{**fields, **changes})


REFUSED_CANDIDATES = (
    "order_amt", "net_pay_amt_by_pay", "ad_uni_pay_amt", "shop_roi", "shop_net_roi", "ad_uni_roi",
    "refund_rate_by_pay", "refund_rate", "refund_order_rate", "avg_order_value", "avg_buyer_value",
)  # fmt: skip


@pytest.fixture
def catalog() -> Catalog:
    named = [
        entry("pay_amt", "支付金额", aliases=("成交金额",)),
        entry("refund_undated_amt", "无退款时间的退款金额"),
        entry("refund_amt", "退款金额", marks=(Mark(kind="undated", metric="refund_undated_amt"),)),
        entry("net_pay_amt", "净支付金额·当期口径", inputs=("pay_amt", "refund_amt")),
    ]
    return Catalog([*named, *(entry(name, f"指标{name}") for name in REFUSED_CANDIDATES)])


@pytest.mark.parametrize("name", ["pay_amt", "PAY_AMT", "支付金额", "成交金额", " 支付金额 "])
def test_a_metric_answers_to_its_id_name_and_alias(catalog: Catalog, name: str) -> None:
    assert catalog.resolve(name).id == "pay_amt"


@pytest.mark.parametrize("name", ["净支付金额·当期口径", "净支付金额当期口径"])
def test_dots_and_brackets_do_not_matter(catalog: Catalog, name: str) -> None:
    assert catalog.resolve(name).id == "net_pay_amt"


@pytest.mark.parametrize(
    ("word", "candidates"),
    [
        ("gmv", ["order_amt", "pay_amt", "net_pay_amt_by_pay", "ad_uni_pay_amt"]),
        ("GMV", ["order_amt", "pay_amt"]),
        ("roi", ["shop_roi", "ad_uni_roi"]),
        ("退款率", ["refund_rate_by_pay", "refund_rate"]),
        ("客单价", ["avg_order_value", "avg_buyer_value"]),
    ],
)
def test_a_word_with_several_meanings_is_refused_with_its_candidates(
    catalog: Catalog, word: str, candidates: list[str]
) -> None:
    with pytest.raises(UsageError, match="means several numbers") as refused:
        catalog.resolve(word)
    assert all(candidate in refused.value.hint for candidate in candidates)


@pytest.mark.parametrize(("typo", "nearest"), [("pay_amout", "pay_amt"), ("支付金而", "支付金额")])
def test_an_unknown_name_is_answered_with_the_nearest(
    catalog: Catalog, typo: str, nearest: str
) -> None:
    with pytest.raises(UsageError, match="There is no metric") as refused:
        catalog.resolve(typo)
    assert nearest in refused.value.hint


def test_one_name_for_two_metrics_is_an_error() -> None:
    with pytest.raises(KoujingError, match="stands for both"):
        Catalog(
            [entry("pay_amt", "支付金额"), entry("order_amt", "下单金额", aliases=("支付金额",))]
        )


def test_a_reference_to_nothing_is_an_error(catalog: Catalog) -> None:
    with pytest.raises(KoujingError, match="refers to ghost_amt"):
        Catalog([*catalog.entries, entry("x_amt", "某金额", inputs=("ghost_amt",))])


def test_a_derived_metric_carries_its_inputs_marks(catalog: Catalog) -> None:
    assert catalog.marks_of("net_pay_amt") == (
        (Mark(kind="undated", metric="refund_undated_amt"), "refund_amt"),
    )


@pytest.mark.parametrize(
    ("additive", "dimensions", "storable"),
    [
        ("A", ("day", "shop", "channel"), True),
        ("A-sku", ("day", "shop", "channel"), True),
        ("D", ("day", "shop", "channel"), False),  # distinct buyers cannot be added up
        ("R", ("day", "shop", "channel"), False),
        ("A", ("day",), False),
    ],
)
def test_only_what_adds_up_is_stored_daily(
    additive: str, dimensions: tuple[str, ...], storable: bool
) -> None:
    assert entry("m", "某", additive=additive, dimensions=dimensions).storable_daily is storable
