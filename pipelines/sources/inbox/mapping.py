"""What a back-office file is, as data: one YAML file a kind, validated when it is read.

Data flow: ``mappings/<kind>.yml`` -> ``Mapping`` -> recognition, normalisation, checks, docs.
What does not belong here: how a format is opened or how a cell is cleaned.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.errors import KoujingError
from pipelines.sources.inbox.headers import canonical

if TYPE_CHECKING:
    import pyarrow as pa

MAPPINGS_DIR = Path(__file__).parent / "mappings"

FieldType = Literal["id", "text", "money", "count", "rate", "ratio", "datetime", "date"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Header = Annotated[str, Field(min_length=1)]

# Arrow types by name, so that pyarrow is imported only when a schema is asked for.
_ARROW: dict[str, str] = {"money": "18,2", "rate": "18,6", "ratio": "18,4"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MappedField(_Strict):
    """One column of the raw table and the headers it may come from, best first."""

    name: Name
    headers: list[Header] = Field(default=[], description="Empty only with from: file_name.")
    type: FieldType
    unit: str = ""
    required: bool = False
    pii: Literal["hash", "province", "city"] | None = None
    non_negative: bool = False
    event: bool = Field(default=True, description="A datetime that has happened when exported.")
    empty_words: list[str] = Field(default=[], description="Words that say 'nothing here'.")
    labelled: bool = Field(default=False, description="Cells may read 名称-金额;名称-金额.")
    from_file_name: bool = Field(default=False, description="Falls back to report_day.")
    note: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> MappedField:
        if not self.headers and not self.from_file_name:
            raise ValueError("name at least one header, or set from_file_name: true")
        if self.from_file_name and self.type != "date":
            raise ValueError("from_file_name is for a field of type date")
        if self.labelled and self.type != "money":
            raise ValueError("labelled is for a field of type money")
        if self.pii is not None and self.type != "text":
            raise ValueError("pii is for a field of type text")
        if self.type in ("money", "rate", "ratio", "count") and not self.unit:
            raise ValueError("say the unit of a number (CNY, orders, fraction, …)")
        return self


class Layout(_Strict):
    """A header row as it was seen; it names the layout and serves the refusal message."""

    name: str
    seen: str = Field(description="Where this header row was seen, and when.")
    headers: list[Header] = Field(min_length=1)


class TotalRule(_Strict):
    """Rows that are totals or notes: ``field`` is empty, or its cell is one of ``words``."""

    field: Name
    empty: bool = False
    words: list[str] = []
    and_empty: Name | None = Field(default=None, description="And this field is empty as well.")
    grand: bool = Field(default=False, description="Holds the whole report's total.")

    @model_validator(mode="after")
    def _says_something(self) -> TotalRule:
        if self.empty == bool(self.words):
            raise ValueError("say either empty: true or words: [...]")
        return self


class FileNamePattern(_Strict):
    """A regular expression over the file's name with named groups that give its times.

    Groups: ``exported_at`` (digits of a date and time), ``exported_unix`` (seconds),
    ``report_day`` and ``report_day_end`` (digits of a date).
    """

    pattern: str

    @model_validator(mode="after")
    def _compiles(self) -> FileNamePattern:
        try:
            groups = set(re.compile(self.pattern).groupindex)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        known = {"exported_at", "exported_unix", "report_day", "report_day_end"}
        if not groups or groups - known:
            raise ValueError(f"name its groups out of {', '.join(sorted(known))}")
        return self


class Mapping(_Strict):
    """One kind of export: how it is recognised and what each of its columns means."""

    kind: Name
    title: str
    channel: Name
    shop_kind: Literal["shop", "ad_account", "observed"]
    format: Literal["table", "jsonl"] = "table"
    records: str = Field(default="", description="jsonl: the key that holds the list of records.")
    grain: list[Name] = Field(min_length=1)
    source: str = Field(description="Where the headers were confirmed.")
    confirmed: str = Field(description="What is confirmed about the meaning, and what is not.")
    amounts: str = Field(description="What the amounts include.")
    requires: list[list[Header]] = Field(
        min_length=2, description="The signature: one header out of each list must be there."
    )
    layouts: list[Layout] = Field(min_length=1)
    fields: list[MappedField] = Field(min_length=1)
    dropped: list[Header] = Field(default=[], description="Personal data: never read.")
    totals: list[TotalRule] = []
    compare_totals: list[Name] = Field(default=[], description="Fields held against the total.")
    file_names: list[FileNamePattern] = []
    rounding: Literal["exact", "cent"] = "exact"
    extra_cells: Literal["quarantine", "cut"] = "quarantine"

    @model_validator(mode="after")
    def _consistent(self) -> Mapping:
        names = [field.name for field in self.fields]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"fields named twice: {', '.join(twice)}")
        used = {*self.grain, *self.compare_totals, *(rule.field for rule in self.totals)}
        used |= {rule.and_empty for rule in self.totals if rule.and_empty}
        if used - set(names):
            unknown = ", ".join(sorted(used - set(names)))
            raise ValueError(f"grain, totals or compare_totals name unknown fields: {unknown}")
        if (self.format == "jsonl") != bool(self.records):
            raise ValueError("format: jsonl goes with records: <key of the list>")
        return self._every_header_is_placed()

    def _every_header_is_placed(self) -> Mapping:
        """A header of a known layout that nothing reads would end in ``_extra`` for ever."""
        named = [*self.dropped, *(header for field in self.fields for header in field.headers)]
        placed = {canonical(header) for header in named} | {canonical(self.records)}
        for layout in self.layouts:
            stray = [header for header in layout.headers if canonical(header) not in placed]
            if stray:
                raise ValueError(
                    f"layout '{layout.name}': no field and no 'dropped' names {', '.join(stray)}"
                )
        return self

    def field(self, name: str) -> MappedField:
        """The field of that name."""
        return next(field for field in self.fields if field.name == name)


def read_mapping(path: Path) -> Mapping:
    """Read and validate one mapping file.

    Raises:
        KoujingError: The file, the field and what is wrong with it.
    """
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        mapping = Mapping.model_validate(content)
    except yaml.YAMLError as error:
        raise KoujingError(
            f"The mapping {path.name} is not YAML: {error}", "Mend the file and load again."
        ) from error
    except ValidationError as error:
        wrong = "; ".join(_where(item, content) for item in error.errors())
        raise KoujingError(
            f"The mapping {path.name} is not valid: {wrong}",
            "pipelines/sources/inbox/README.md lists what a mapping says.",
        ) from error
    if mapping.kind != path.stem:
        raise KoujingError(
            f"The mapping {path.name} says kind: {mapping.kind}.",
            f"Name the file {mapping.kind}.yml, or the kind {path.stem}.",
        )
    return mapping


def _where(item: Any, content: Any) -> str:  # noqa: ANN401 - pydantic's own error and raw YAML
    """One validation error with the name of the field it stands in, not its number alone."""
    parts: list[str] = []
    here = content
    for step in item["loc"]:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            here = None
        name = here.get("name") if isinstance(here, dict) else None
        parts.append(f"{step} ({name})" if name else str(step))
    place = ".".join(parts) or "the whole mapping"
    return f"{place}: {item['msg'].removeprefix('Value error, ')}"


def read_mappings(folder: Path) -> dict[str, Mapping]:
    """Every mapping of a folder, by kind.

    Raises:
        KoujingError: One of them is not valid.
    """
    return {path.stem: read_mapping(path) for path in sorted(folder.glob("*.yml"))}


@cache
def shipped_mappings() -> dict[str, Mapping]:
    """The mappings that ship with the project, by kind."""
    return read_mappings(MAPPINGS_DIR)


def raw_tables() -> dict[str, pa.Schema]:
    """Every raw table of the inbox: the kinds, the ledger ``files`` and ``quarantine``."""
    import pyarrow as pa

    tables = {kind: raw_schema(mapping) for kind, mapping in shipped_mappings().items()}
    text, number, time = pa.string(), pa.int64(), pa.timestamp("us")
    tables["files"] = pa.schema(
        [
            ("file_id", text),
            ("file_name", text),
            ("kind", text),
            ("layout", text),
            ("shop_key", text),
            ("exported_at", time),
            ("exported_at_source", text),
            ("rows_loaded", number),
            ("rows_quarantined", number),
            ("rows_total_dropped", number),
            ("loaded_at", time),
            ("_dlt_load_id", text),
        ]
    )
    tables["quarantine"] = pa.schema(
        [
            ("file_id", text),
            ("file_name", text),
            ("kind", text),
            ("shop_key", text),
            ("line", number),
            ("column_header", text),
            ("cell", text),
            ("reason", text),
            ("raw_row", text),
            ("quarantined_at", time),
            ("_dlt_load_id", text),
        ]
    )
    return tables


def raw_schema(mapping: Mapping) -> pa.Schema:
    """The Arrow schema of a kind's raw table: business columns, then where the row came from."""
    import pyarrow as pa

    return pa.schema(
        [
            ("shop_key", pa.string()),
            *((field.name, arrow_type(field.type)) for field in mapping.fields),
            ("_extra", pa.string()),
            ("_file_id", pa.string()),
            ("_file_name", pa.string()),
            ("_line", pa.int64()),
            ("_exported_at", pa.timestamp("us")),
            ("_version", pa.string()),
            ("_dlt_load_id", pa.string()),
        ]
    )


def arrow_type(field_type: FieldType) -> pa.DataType:
    """The Arrow type that cells of a field type become."""
    import pyarrow as pa

    if field_type in _ARROW:
        precision, scale = _ARROW[field_type].split(",")
        return pa.decimal128(int(precision), int(scale))
    plain = {"count": pa.int64(), "datetime": pa.timestamp("us"), "date": pa.date32()}
    return plain.get(field_type, pa.string())
