"""The dictionary as a page of Markdown, generated: ``koujing metric docs``."""

from __future__ import annotations

from metrics_dictionary.catalog import Catalog, MetricEntry

_HEAD = """\
# 指标目录

由 `koujing metric docs` 从 `metrics_dictionary/definitions/` 生成，请勿手改；测试会核对。
时间为北京时间，金额为元。可加性：A 可加，A-sku 除商品维度外可加，D 去重计数，R 比率。

被拒绝的词（含义不止一个）：{refused}

| id | 名称 | 单位 | 公式 | 时间口径 | 可加性 | 容易错在 |
| --- | --- | --- | --- | --- | --- | --- |
"""


def render(catalog: Catalog) -> str:
    """The whole catalogue as one Markdown table."""
    refused = "；".join(
        f"`{word}` → {'、'.join(f'`{candidate}`' for candidate in candidates)}"
        for word, candidates in catalog.refused.items()
    )
    return _HEAD.format(refused=refused) + "".join(_row(entry) for entry in catalog.entries)


def _row(entry: MetricEntry) -> str:
    cells = (
        f"`{entry.id}`",
        entry.zh,
        entry.unit,
        entry.formula,
        entry.anchor,
        entry.additive,
        entry.traps,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"
