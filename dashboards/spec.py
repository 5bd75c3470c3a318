"""The whole grammar of a page. A page is data: it names metric ids and dimensions, nothing else.

Data flow: ``pages/*.yml`` -> ``load_pages`` -> ``check`` against the dictionary -> layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from metrics_dictionary.catalog import MetricEntry
from pipelines.errors import UsageError

PAGES_DIR = Path(__file__).parent / "pages"
FilterName = Literal["date_range", "shop", "channel", "compare", "grain"]
Width = Literal["full", "wide", "half", "narrow"]


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NumberBlock(_Node):
    """A headline card: one metric with its change, spark line and lines of context."""

    kind: Literal["number"]
    metric: str
    context: tuple[str, ...] = ()


class TrendBlock(_Node):
    """One metric over time, the compared period dotted, promotion days shaded."""

    kind: Literal["trend"]
    title: str
    metric: str
    width: Width = "wide"


class RankingBlock(_Node):
    """Horizontal bars: which members of a dimension make up an additive metric."""

    kind: Literal["ranking"]
    title: str
    metric: str
    by: str
    limit: int = Field(default=10, ge=3, le=50)
    unknown: str = "未知"
    width: Width = "narrow"


class PanelBlock(_Node):
    """A theme in one card: small numbers and one metric over time."""

    kind: Literal["panel"]
    title: str
    metrics: tuple[str, ...] = Field(min_length=1)
    trend: str
    width: Width = "half"


class TableBlock(_Node):
    """A ranking in a table: metrics by one dimension, sortable, the first one with its change."""

    kind: Literal["table"]
    title: str
    by: str
    metrics: tuple[str, ...] = Field(min_length=1)
    limit: int = Field(default=20, ge=5, le=200)
    width: Width = "wide"


class MarkRule(_Node):
    """Say it when a metric carries a mark (undated, incomplete, duplicates, immature)."""

    rule: Literal["mark"]
    metric: str
    mark: str


class SilentRule(_Node):
    """Name the members of a dimension for which an additive metric was there before and is gone."""

    rule: Literal["silent"]
    by: str
    metric: str


class MoversRule(_Node):
    """Name the members of a dimension whose additive metric moved most, in money or count."""

    rule: Literal["movers"]
    by: str
    metric: str
    limit: int = Field(default=3, ge=1, le=10)


class WatchBlock(_Node):
    """Sentences with an action, ordered by the money they touch."""

    kind: Literal["watch"]
    title: str
    rules: tuple[Annotated[MarkRule | SilentRule | MoversRule, Field(discriminator="rule")], ...]
    width: Width = "narrow"


Block = Annotated[
    NumberBlock | TrendBlock | RankingBlock | PanelBlock | TableBlock | WatchBlock,
    Field(discriminator="kind"),
]


class Row(_Node):
    """One row of blocks; its name is the anchor in the page's navigation."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: str
    blocks: tuple[Block, ...] = Field(min_length=1)


class Page(_Node):
    """A page: its address, its filters and its rows, top to bottom in reading order."""

    title: str
    path: str = Field(pattern=r"^/[a-z0-9/-]*$")
    filters: tuple[FilterName, ...]
    rows: tuple[Row, ...] = Field(min_length=1)

    def blocks(self) -> Iterator[Block]:
        """Every block, in reading order."""
        for row in self.rows:
            yield from row.blocks

    def total_metrics(self) -> tuple[str, ...]:
        """The metrics asked for the whole range, each once."""
        return _once(name for block in self.blocks() for name in _totals_of(block))

    def series_metrics(self) -> tuple[str, ...]:
        """The metrics asked over time, each once."""
        return _once(name for block in self.blocks() for name in _series_of(block))

    def breakdowns(self) -> dict[str, tuple[str, ...]]:
        """The metrics asked by each dimension, each once."""
        found: dict[str, list[str]] = {}
        for block in self.blocks():
            for by, name in _broken_down(block):
                found.setdefault(by, []).append(name)
        return {by: _once(names) for by, names in found.items()}

    def vanishing(self) -> tuple[tuple[str, str], ...]:
        """Dimension and metric for which members that were there before are looked for."""
        return tuple(
            dict.fromkeys(
                (rule.by, rule.metric)
                for block in self.blocks()
                if isinstance(block, WatchBlock)
                for rule in block.rules
                if isinstance(rule, SilentRule)
            )
        )

    def sortable(self) -> tuple[str, ...]:
        """The columns by which the page's tables can be ordered."""
        return _once(
            name
            for block in self.blocks()
            if isinstance(block, TableBlock)
            for name in block.metrics
        )


def load_pages(folder: Path = PAGES_DIR) -> tuple[Page, ...]:
    """Read every page of a folder, by path.

    Raises:
        UsageError: A file is not a page; the message names the file and the place in it.
    """
    pages = []
    for file in sorted(folder.glob("*.yml")):
        try:
            pages.append(Page.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))))
        except (ValidationError, yaml.YAMLError) as error:
            raise UsageError(
                f"The page {file.name} does not follow the grammar: {error}",
                "The grammar is dashboards/spec.py; every field is named there.",
            ) from error
    return tuple(sorted(pages, key=lambda page: page.path))


def check(page: Page, entries: Mapping[str, MetricEntry]) -> None:
    """See that the dictionary knows every name that a page uses.

    Raises:
        UsageError: An unknown metric, a dimension that a metric cannot be asked by, or a share or
            ranking of a metric whose parts do not add up.
    """
    broken = page.breakdowns()
    for name in (*page.total_metrics(), *page.series_metrics()):
        _known(page, name, entries)
    for by, names in broken.items():
        for name in names:
            entry = _known(page, name, entries)
            if by not in entry.dimensions:
                raise UsageError(
                    f"Page {page.title}: {name} cannot be asked by '{by}'.",
                    f"Its dimensions are: {', '.join(entry.dimensions)}.",
                )
    for block in page.blocks():
        if isinstance(block, RankingBlock) and not _adds_up(entries[block.metric], block.by):
            raise UsageError(
                f"Page {page.title}: {block.metric} does not add up by '{block.by}', "
                "so its parts have no share.",
                "Rank an additive metric, or show this one in a table.",
            )


def _adds_up(entry: MetricEntry, by: str) -> bool:
    return entry.additive == "A" or (entry.additive == "A-sku" and by not in {"sku", "product"})


def _known(page: Page, name: str, entries: Mapping[str, MetricEntry]) -> MetricEntry:
    if name not in entries:
        near = get_close_matches(name, entries, n=3) or sorted(entries)
        raise UsageError(
            f"Page {page.title}: the dictionary has no metric '{name}'.",
            f"Did you mean: {', '.join(near)}?",
        )
    return entries[name]


def _totals_of(block: Block) -> tuple[str, ...]:
    match block:
        case NumberBlock():
            return (block.metric, *block.context)
        case TrendBlock():
            return (block.metric,)
        case PanelBlock():
            return (*block.metrics, block.trend)
        case WatchBlock():
            return tuple(rule.metric for rule in block.rules if isinstance(rule, MarkRule))
        case _:
            return ()


def _series_of(block: Block) -> tuple[str, ...]:
    match block:
        case NumberBlock() | TrendBlock():
            return (block.metric,)
        case PanelBlock():
            return (block.trend,)
        case _:
            return ()


def _broken_down(block: Block) -> tuple[tuple[str, str], ...]:
    match block:
        case RankingBlock():
            return ((block.by, block.metric),)
        case TableBlock():
            return tuple((block.by, name) for name in block.metrics)
        case WatchBlock():
            return tuple(
                (rule.by, rule.metric)
                for rule in block.rules
                if isinstance(rule, SilentRule | MoversRule)
            )
        case _:
            return ()


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
