from __future__ import annotations

from pathlib import Path

import pytest

from dashboards.spec import Page, check, load_pages
from pipelines.errors import UsageError
from tests.fakes.metric_reader import METRICS, entry

ENTRIES = {name: entry(name) for name in METRICS}


def page(*blocks: dict[str, object]) -> Page:
    rows = [{"id": "one", "name": "一", "blocks": list(blocks)}]
    return Page.model_validate({"title": "页", "path": "/", "filters": ["shop"], "rows": rows})


def test_the_overview_names_only_what_the_dictionary_has() -> None:
    (overview,) = load_pages()

    check(overview, ENTRIES)

    assert overview.title == "经营总览"
    headline = [block for block in overview.blocks() if block.kind == "number"]
    assert [block.metric for block in headline] == [
        "pay_amt",
        "net_pay_amt_by_pay",
        "pay_order_cnt",
        "refund_rate_by_pay",
        "ad_spend_amt",
        "shop_roi",
    ]


def test_an_unknown_metric_is_named_with_its_nearest() -> None:
    wrong = page({"kind": "number", "metric": "pay_amount"})

    with pytest.raises(UsageError, match="no metric 'pay_amount'") as raised:
        check(wrong, ENTRIES)

    assert "pay_amt" in raised.value.hint


def test_a_dimension_that_the_metric_lacks_is_named() -> None:
    wrong = page({"kind": "ranking", "title": "省份", "metric": "ad_spend_amt", "by": "province"})

    with pytest.raises(UsageError, match="ad_spend_amt cannot be asked by 'province'"):
        check(wrong, ENTRIES)


def test_a_ratio_has_no_shares_to_rank() -> None:
    wrong = page({"kind": "ranking", "title": "省份", "metric": "avg_order_value", "by": "shop"})

    with pytest.raises(UsageError, match="does not add up"):
        check(wrong, ENTRIES)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("title: 页\npath: /\nfilters: []\nrows: []\n", "rows"),
        ("title: 页\npath: /\nfilters: [region]\nrows: []\n", "filters"),
        ("title: [\n", "broken.yml"),
        (
            "title: 页\npath: /\nfilters: []\nrows:\n"
            "  - {id: a, name: 一, blocks: [{kind: number, metric: pay_amt, sql: select 1}]}\n",
            "sql",
        ),
    ],
    ids=["no rows", "unknown filter", "not yaml", "a field that the grammar lacks"],
)
def test_a_file_that_breaks_the_grammar_is_refused_by_name(
    tmp_path: Path, text: str, named: str
) -> None:
    (tmp_path / "broken.yml").write_text(text, encoding="utf-8")

    with pytest.raises(UsageError, match=named) as raised:
        load_pages(tmp_path)

    assert "broken.yml" in raised.value.message
