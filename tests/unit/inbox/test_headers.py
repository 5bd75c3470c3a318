"""Headers: found by name, compared without their noise, recognised or refused with reasons."""

from __future__ import annotations

import pytest

from pipelines.errors import InputRefusedError
from pipelines.sources.inbox.grids import Row
from pipelines.sources.inbox.headers import canonical, find_header, looks_personal
from pipelines.sources.inbox.mapping import shipped_mappings
from pipelines.sources.inbox.recognise import has_signature, recognise


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("收货地址 ", "收货地址"),
        ("\ufeff订单编号", "订单编号"),
        ("\t整体消耗\r\n", "整体消耗"),
        ("应付金额（元）", "应付金额(元)"),
        ("动帐流水号", "动账流水号"),
        ("店铺Id", "店铺ID"),
        ("订单\u200b编号", "订单编号"),
    ],
)
def test_headers_that_are_one(left: str, right: str) -> None:
    assert canonical(left) == canonical(right)


def test_the_exact_name_comes_first_and_a_part_of_a_name_never_matches() -> None:
    headers = ["净成交金额结算率", "净成交金额 ", "总金额(旧版)", "总金额"]
    assert find_header(headers, ["净成交金额"]) == 1
    assert find_header(headers, ["总金额"]) == 3
    assert find_header(["应付金额(元)", "应付金额（元）"], ["应付金额（元）"]) == 1
    assert find_header(["净成交金额结算率"], ["净成交金额"]) is None


@pytest.mark.parametrize(
    ("header", "personal"),
    [
        ("收货人姓名", True),
        ("联系手机2", True),
        ("详细 地址", True),
        ("收件人身份证号", True),
        ("买家备注", True),
        ("Receiver", True),
        ("商品重量", False),
        ("仓库", False),
    ],
)
def test_unknown_headers_that_announce_personal_data(header: str, personal: bool) -> None:
    assert looks_personal(header) is personal


def _row(line: int, *cells: str) -> Row:
    return Row(line, list(cells), None, line)


SHORT = (
    "订单编号",
    "总金额",
    "买家实际支付金额",
    "收货地址 ",
    "订单创建时间",
    "订单付款时间 ",
    "退款金额",
)


def test_the_header_may_stand_below_notes_and_its_columns_in_any_order() -> None:
    preview = [_row(1, "订单报表"), _row(2, "导出人", "甲"), _row(4, *reversed(SHORT), "新列")]
    found = recognise(preview, shipped_mappings(), "x.csv")
    assert (found.mapping.kind, found.layout, found.columns.header_line) == (
        "taobao_orders",
        "short-7",
        4,
    )
    assert found.columns.by_field["order_id"] == 6
    assert found.columns.by_field["refund_amount"] == 0
    assert [found.columns.headers[position] for position in found.columns.extra] == ["新列"]


@pytest.mark.parametrize(
    ("kind", "layout"),
    [(kind, item.name) for kind, m in shipped_mappings().items() for item in m.layouts],
)
def test_every_known_header_row_is_recognised_and_placed_whole(kind: str, layout: str) -> None:
    mapping = shipped_mappings()[kind]
    headers = next(item.headers for item in mapping.layouts if item.name == layout)
    found = recognise([_row(1, *headers)], shipped_mappings(), "x")
    assert (found.mapping.kind, found.layout) == (kind, layout)
    assert found.columns.extra == []
    assert found.columns.personal == []


def test_every_known_header_row_is_of_one_kind_only() -> None:
    kinds = shipped_mappings()
    fitting = {
        (kind, layout.name): [
            name for name, other in kinds.items() if has_signature(other, layout.headers)
        ]
        for kind, mapping in kinds.items()
        for layout in mapping.layouts
    }
    assert {place for place, names in fitting.items() if names != [place[0]]} == set()


@pytest.mark.shared_data
def test_every_confirmed_header_row_is_recognised(export_headers: dict[str, list[str]]) -> None:
    found = {
        name: recognise([_row(1, *headers)], shipped_mappings(), name)
        for name, headers in export_headers.items()
    }
    assert len(found) == 33
    for name, headers in export_headers.items():
        mapping = found[name].mapping
        assert found[name].columns.extra == found[name].columns.personal == [], name
        assert headers in [layout.headers for layout in mapping.layouts], name
        others = [kind for kind, item in shipped_mappings().items() if has_signature(item, headers)]
        assert others == [mapping.kind], name


def test_an_alipay_file_of_before_is_not_taken_for_a_bill_of_pdd() -> None:
    headers = [
        *("账务流水号", "业务流水号", "商户订单号", "商品名称", "发生时间", "对方账号"),
        *("收入金额（+元）", "支出金额（-元）", "账户余额（元）", "交易渠道", "业务类型", "备注"),
    ]
    with pytest.raises(InputRefusedError) as refused:
        recognise([_row(1, *headers)], shipped_mappings(), "账务明细.csv")
    assert "no known kind of export" in refused.value.message


def test_a_twin_of_a_column_is_kept_apart() -> None:
    found = recognise([_row(1, *SHORT, "总金额")], shipped_mappings(), "x")
    assert found.columns.by_field["total_amount"] == 1
    assert [found.columns.headers[position] for position in found.columns.extra] == ["总金额#2"]


def test_an_unknown_file_is_refused_with_the_nearest_kind_and_what_differs() -> None:
    headers = [header for header in SHORT if header != "总金额"] + ["商品总价(元)"]
    with pytest.raises(InputRefusedError) as refused:
        recognise([_row(1, *headers)], shipped_mappings(), "订单.csv")
    assert "Nearest: taobao_orders" in refused.value.message
    assert "It must have: 总金额." in refused.value.message
    assert "that the file lacks: 总金额." in refused.value.message
    assert "that the layout lacks: 商品总价(元)." in refused.value.message


def test_a_file_without_any_header_is_refused_without_quoting_its_cells() -> None:
    with pytest.raises(InputRefusedError) as refused:
        recognise([_row(1, "张三", "13812345678")], shipped_mappings(), "x.csv")
    assert "no known kind" in refused.value.message
    assert "张三" not in str(refused.value)
    assert "13812345678" not in str(refused.value)
