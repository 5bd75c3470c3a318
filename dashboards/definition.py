"""A metric's definition as the drawer shows it: the dictionary's entry, nothing added."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboards.numbers import unit_word
from metrics_dictionary.catalog import MetricEntry
from pipelines.publish.versions import PublishedVersion

DIRECTION_WORDS = {"up": "越高越好", "down": "越低越好", "none": "没有好坏方向"}
ADDITIVE_WORDS = {
    "A": "可在任何维度与日期上相加",
    "A-sku": "除商品与 SKU 外可相加",
    "D": "去重计数，不可相加",
    "R": "比率，总是由分子分母重算，不可相加或平均",
    "S": "时点值，不可跨日相加",
}
STATUS_WORDS = {"certified": "已认证", "draft": "草稿", "deprecated": "已停用"}


def definition(entry: MetricEntry, version: PublishedVersion) -> Component:
    """The definition of one metric, with the time of the data it was counted on."""
    mapping = "；".join(f"{name}：{words}" for name, words in entry.platform_mapping.items())
    restated = (
        f"{entry.restatement_days} 天内会随退款等回填" if entry.restatement_days else "不回填"
    )
    lines = [
        ("公式", entry.formula),
        ("时间口径", entry.anchor),
        ("单位", unit_word(entry.unit) or "倍"),
        ("说明", entry.description),
        ("默认范围", entry.default_filter),
        ("常见误用", entry.traps),
        ("方向", DIRECTION_WORDS.get(entry.direction, entry.direction)),
        ("可加性", ADDITIVE_WORDS.get(entry.additive, entry.additive)),
        ("重述", restated),
        ("平台对应", mapping),
        ("例", entry.example),
        ("业务负责", entry.business_owner),
        ("技术负责", entry.tech_owner),
        (
            "版本",
            f"{entry.version}（{STATUS_WORDS.get(entry.status, entry.status)}，"
            f"自 {entry.valid_from} 起）",
        ),
        ("数据时间", f"截至 {version.data_until:%Y-%m-%d %H:%M}，发布版本 {version.version}"),
    ]
    return html.Div(
        [
            html.P(html.Code(entry.id), className="metric-id"),
            html.Dl(
                [part for name, text in lines if text for part in (html.Dt(name), html.Dd(text))],
                className="definition",
            ),
        ]
    )
