"""The dictionary's entries: what a metric is called, means, and is counted by.

Read from the semantic manifest that dbt makes of ``definitions/``; nothing here defines a number.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.errors import KoujingError, UsageError

REFUSED_NAMES_PATH = Path(__file__).parent / "refused_names.yml"
MarkKind = Literal["undated", "incomplete", "duplicates"]


class Mark(BaseModel):
    """A metric whose figure must be said beside another one when it is not zero."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: MarkKind
    metric: str


class MetricEntry(BaseModel):
    """One metric as the dictionary holds it (fields: metrics catalogue, section 1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    zh: str
    en: str
    description: str
    business_owner: str
    tech_owner: str
    unit: str
    decimals: int = Field(ge=0, le=6)
    type: Literal["simple", "ratio", "derived", "cumulative"]
    formula: str
    inputs: tuple[str, ...] = ()
    facts: tuple[str, ...]
    default_filter: str
    anchor: str
    dimensions: tuple[str, ...]
    additive: Literal["A", "A-sku", "S", "D", "R"]
    restatement_days: int = 0
    platform_mapping: dict[str, str] = {}
    marks: tuple[Mark, ...] = ()
    direction: Literal["up", "down", "none"]
    status: Literal["draft", "certified", "deprecated"]
    version: str
    valid_from: date
    valid_to: date | None = None
    replaced_by: str | None = None
    aliases: tuple[str, ...] = ()
    traps: str
    example: str
    tests: tuple[str, ...]

    @property
    def grains(self) -> tuple[str, ...]:
        """The time grains it may be asked by."""
        return tuple(name for name in self.dimensions if name in TIME_GRAINS)

    @property
    def storable_daily(self) -> bool:
        """Whether its daily figure a shop may be stored and added up again."""
        return self.additive in {"A", "A-sku"} and {"day", "shop", "channel"} <= set(
            self.dimensions
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it answers to."""
        return (self.id, self.zh, *self.aliases)


TIME_GRAINS = ("day", "week", "month", "quarter", "year")


class Catalog:
    """All entries of one dictionary version, found by id, Chinese name or alias."""

    def __init__(self, entries: Iterable[MetricEntry]) -> None:
        self.entries = tuple(sorted(entries, key=lambda entry: entry.id))
        self._by_id = {entry.id: entry for entry in self.entries}
        self._by_name: dict[str, MetricEntry] = {}
        for entry in self.entries:
            for name in entry.names:
                taken = self._by_name.setdefault(_canonical(name), entry)
                if taken is not entry:
                    raise KoujingError(
                        f"The name '{name}' stands for both {taken.id} and {entry.id}.",
                        "A name resolves to one metric: change one of the aliases in "
                        "metrics_dictionary/definitions/.",
                    )
        self._refused = _refused_names()
        self._check_references()

    @classmethod
    def load(cls, semantic_manifest: Path) -> Catalog:
        """Read the entries of a semantic manifest.

        Raises:
            KoujingError: An entry lacks a field or has a wrong one, or a name is not unique.
        """
        manifest = json.loads(semantic_manifest.read_text(encoding="utf-8"))
        return cls(_entry(metric) for metric in manifest["metrics"])

    def __getitem__(self, metric_id: str) -> MetricEntry:
        return self._by_id[metric_id]

    def resolve(self, name: str) -> MetricEntry:
        """The one metric that ``name`` (id, Chinese name or alias) stands for.

        Raises:
            UsageError: The word means several numbers (its candidates are named), or nothing
                (the nearest names are named).
        """
        wanted = _canonical(name)
        if wanted in self._refused:
            candidates = "\n".join(
                f"  {entry.id}  {entry.zh}: {entry.description}"
                for entry in (self._by_id[candidate] for candidate in self._refused[wanted])
            )
            raise UsageError(
                f"'{name}' means several numbers, so it is not answered.",
                f"Ask for one of these:\n{candidates}",
            )
        if wanted in self._by_name:
            return self._by_name[wanted]
        raise UsageError(f"There is no metric '{name}'.", self._nearest(wanted))

    def marks_of(self, metric_id: str) -> tuple[tuple[Mark, str], ...]:
        """A metric's marks, its own and its inputs', each with the metric that bears it."""
        entry = self._by_id[metric_id]
        inherited = tuple(pair for name in entry.inputs for pair in self.marks_of(name))
        own = tuple((mark, metric_id) for mark in entry.marks)
        return tuple(dict.fromkeys(own + inherited))

    def _nearest(self, wanted: str) -> str:
        close = difflib.get_close_matches(wanted, list(self._by_name), n=3, cutoff=0.5)
        close += [name for name in self._by_name if wanted in name and name not in close][:3]
        if not close:
            return "See all of them with: koujing metric list"
        named = ", ".join(f"{self._by_name[name].id} ({self._by_name[name].zh})" for name in close)
        return f"Did you mean: {named}? All of them: koujing metric list"

    def _check_references(self) -> None:
        for entry in self.entries:
            wanted = (*entry.inputs, *(mark.metric for mark in entry.marks))
            missing = [name for name in wanted if name not in self._by_id]
            if missing:
                raise KoujingError(
                    f"Metric {entry.id} refers to {', '.join(missing)}, which is not defined.",
                    "Define it in metrics_dictionary/definitions/, or correct the name.",
                )

    @cached_property
    def refused(self) -> dict[str, tuple[str, ...]]:
        """The refused words and their candidates."""
        return dict(self._refused)


def _entry(metric: dict[str, Any]) -> MetricEntry:
    params = metric["type_params"]
    inputs = [params.get("numerator"), params.get("denominator"), *(params.get("metrics") or [])]
    meta = (metric.get("config") or {}).get("meta") or {}
    try:
        return MetricEntry(
            id=metric["name"],
            zh=metric.get("label") or "",
            description=metric.get("description") or "",
            type=metric["type"],
            inputs=tuple(item["name"] for item in inputs if item),
            **meta,
        )
    except (ValidationError, TypeError) as error:
        raise KoujingError(
            f"Metric {metric['name']} is not a whole dictionary entry: {error}",
            "Complete config.meta in metrics_dictionary/definitions/.",
        ) from error


def _refused_names() -> dict[str, tuple[str, ...]]:
    words = yaml.safe_load(REFUSED_NAMES_PATH.read_text(encoding="utf-8"))
    return {_canonical(word): tuple(candidates) for word, candidates in words.items()}


def _canonical(name: str) -> str:
    """Names are compared without case, spaces, and the kind of brackets or dots."""
    swaps = str.maketrans({"（": "(", "）": ")", "·": "", "・": "", " ": ""})
    return name.strip().lower().translate(swaps)
