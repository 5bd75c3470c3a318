"""The SQL of one file, made from its mapping and its header row."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from pipelines.sources.inbox.cells import broken_sql, quoted, reason_sql, value_sql
from pipelines.sources.inbox.forms import Form, forms_of, has_form_sql, quick_value_sql, sure_sql
from pipelines.sources.inbox.mapping import FieldType, MappedField, Mapping
from pipelines.sources.inbox.recognise import Columns

if TYPE_CHECKING:
    from pipelines.sources.inbox.normalise import Origin

SQL_TYPES: dict[FieldType, str] = {
    "id": "VARCHAR",
    "text": "VARCHAR",
    "money": "DECIMAL(18, 2)",
    "count": "BIGINT",
    "rate": "DECIMAL(18, 6)",
    "ratio": "DECIMAL(18, 4)",
    "datetime": "TIMESTAMP",
    "date": "DATE",
}


class Statements:
    """Statements over a relation with the columns ``cell_0`` and so on, ``over_0`` behind them.

    States of a row: 0 good, 1 total, 2 cannot be kept as it is, 3 the report's own total.
    """

    def __init__(self, mapping: Mapping, columns: Columns, report_day: date | None) -> None:
        self._mapping = mapping
        self._columns = columns
        self._report_day = report_day
        # Only what the file has is carried along; other columns are null in the Parquet file.
        self._held = [
            field
            for field in mapping.fields
            if field.name in columns.by_field or (field.from_file_name and report_day is not None)
        ]
        self._names = [field.name for field in self._held]
        self.landed = [*self._names, "_extra"]
        self._listed = ", ".join(f'"{name}"' for name in self._names)

    def _cell(self, field: MappedField) -> str | None:
        position = self._columns.by_field.get(field.name)
        return None if position is None else f"cell_{position}"

    def _values(
        self, forms: MappingOf[str, Form] | None = None, native: frozenset[str] = frozenset()
    ) -> str:
        parts = []
        for field in self._held:
            cell = self._cell(field)
            if cell is None:
                value = f"DATE '{self._report_day}'"
            elif forms is None:
                value = value_sql(self._mapping, field, cell)
            else:
                form = forms.get(field.name)
                value = quick_value_sql(
                    self._mapping, field, form, cell, native=field.name in native
                )
            parts.append(f'{value} AS "{field.name}"')
        return ", ".join([*parts, f"{self._extra()} AS _extra"])

    def _extra(self) -> str:
        """The columns that no mapping names, as one JSON object; null where all are empty."""
        if not self._columns.extra:
            return "CAST(NULL AS VARCHAR)"
        cells = [f"cell_{position}" for position in self._columns.extra]
        pairs = ", ".join(
            f"{quoted(self._columns.headers[position])}, without_phones(text_of(cell_{position}))"
            for position in self._columns.extra
        )
        nothing = " AND ".join(f"is_blank({cell})" for cell in cells)
        return f"CASE WHEN {nothing} THEN NULL ELSE CAST(json_object({pairs}) AS VARCHAR) END"

    def _state(self, structural: str) -> str:
        broken = [
            sql
            for field in self._mapping.fields
            for cell in [self._cell(field)]
            if cell is not None
            for sql in [broken_sql(self._mapping, field, f'"{field.name}"', cell)]
            if sql is not None
        ]
        return (
            f"CASE WHEN {structural} THEN 2 WHEN {self._totals(grand=True)} THEN 3"
            f" WHEN {self._totals(grand=False)} THEN 1"
            f" WHEN {' OR '.join(broken) or 'false'} THEN 2 ELSE 0 END"
        )

    def _totals(self, *, grand: bool, forms: MappingOf[str, Form] | None = None) -> str:
        """Whether a row is a total; rules that a column's form rules out are not asked."""
        conditions = []
        for rule in self._mapping.totals:
            cell = self._cell(self._mapping.field(rule.field))
            if rule.grand != grand or cell is None:
                continue
            form = (forms or {}).get(rule.field)
            if form is not None and form.ascii and _all_chinese(rule.words) and not rule.empty:
                continue
            words = ", ".join(quoted(word) for word in rule.words)
            # Words of a total are Chinese: an id or a date is passed over by its first byte.
            test = (
                f"is_blank({cell})"
                if rule.empty
                else f"(({cell} < '.' OR {cell} >= chr(128)) AND trimmed({cell}) IN ({words}))"
            )
            other = self._cell(self._mapping.field(rule.and_empty)) if rule.and_empty else None
            conditions.append(f"({test} AND is_blank({other}))" if other else test)
        return " OR ".join(conditions) or "false"

    def sample(self, source: str, rows: int) -> tuple[str, list[tuple[str, Form]]] | None:
        """A query of the share of rows in each usual form, and what its columns stand for."""
        asked = [
            (field, form)
            for field in self._held
            if self._cell(field) is not None
            for form in forms_of(self._mapping, field)
        ]
        if not asked:
            return None
        shares = ", ".join(
            f"avg(CASE WHEN {has_form_sql(form, field, self._cell(field) or '')} THEN 1 ELSE 0 END)"
            for field, form in asked
        )
        query = f"SELECT {shares} FROM (SELECT * FROM {source} LIMIT {rows})"
        return query, [(field.name, form) for field, form in asked]

    def native_fields(self, forms: MappingOf[str, Form]) -> dict[str, str]:
        """Fields that the CSV reader can read itself, each with the type of its cells.

        Not where a total rule looks at the cell's text.
        """
        looked_at = {name for rule in self._mapping.totals for name in (rule.field, rule.and_empty)}
        return {
            field.name: form.native.type
            for field in self._held
            for form in [forms.get(field.name)]
            if form is not None and form.native is not None and field.name not in looked_at
        }

    def create_fast(
        self,
        source: str,
        overflow: int,
        forms: MappingOf[str, Form],
        native: frozenset[str] = frozenset(),
    ) -> str:
        """Table ``fast``: values of every row of a source, in its order, and which are sure.

        Args:
            source: A relation of the file's cells.
            overflow: Columns behind the header's width.
            forms: The usual form of fields that have one.
            native: Fields whose cells the source has read already (``native_fields``); such a
                source holds only rows of the header's width.
        """
        sure = [] if native else [f"cell_{self._columns.width - 1} IS NOT NULL"]
        if not native and self._mapping.extra_cells != "cut":
            # Filled or blank: a row with more cells than headers is looked at again.
            sure += [f"(over_{n} IS NULL OR over_{n} = '')" for n in range(overflow)]
        sure += [
            f"NOT ({totals})"
            for grand in (True, False)
            for totals in [self._totals(grand=grand, forms=forms)]
            if totals != "false"
        ]
        for field in self._held:
            cell = self._cell(field)
            form = forms.get(field.name)
            test = cell and sure_sql(self._mapping, field, form, cell, native=field.name in native)
            if test:
                sure.append(test)
        # CASE, not AND alone: only in a condition does DuckDB stop at the first false one.
        return (
            f"CREATE OR REPLACE TABLE fast AS SELECT {self._listed}, _extra,"
            f" CASE WHEN {' AND '.join(sure)} THEN true ELSE false END AS _sure"
            f" FROM (SELECT *, {self._values(forms, native)} FROM {source})"
        )

    def create_checked(self, source: str) -> str:
        """Table ``checked``: cells, values and state of a batch of rows."""
        return (
            f"CREATE OR REPLACE TEMP TABLE checked AS SELECT *,"
            f" {self._state('_problem IS NOT NULL')} AS _state"
            f" FROM (SELECT *, {self._values()} FROM {source})"
        )

    def create_good(self) -> str:
        """Table ``good``: typed values and the line."""
        columns = ", ".join(f'"{f.name}" {SQL_TYPES[f.type]}' for f in self._held)
        return f"CREATE OR REPLACE TABLE good ({columns}, _extra VARCHAR, _line BIGINT)"

    def create_grand_totals(self) -> str:
        """Table ``grand_totals``: the report's own totals."""
        columns = ", ".join(f'"{f.name}" {SQL_TYPES[f.type]}' for f in self._held)
        return f"CREATE OR REPLACE TABLE grand_totals ({columns})"

    def keep_grand_totals(self) -> str:
        """From ``checked`` into ``grand_totals``."""
        return f"INSERT INTO grand_totals SELECT {self._listed} FROM checked WHERE _state = 3"

    def create_quarantine(self) -> str:
        """Table ``quarantine``: what a person needs to mend a row."""
        return (
            "CREATE OR REPLACE TABLE quarantine (line BIGINT, column_header VARCHAR,"
            " cell VARCHAR, reason VARCHAR, raw_row VARCHAR)"
        )

    def keep_good(self) -> str:
        """From ``checked`` into ``good``."""
        return (
            f"INSERT INTO good SELECT {self._listed}, _extra, _line FROM checked WHERE _state = 0"
        )

    def keep_broken(self) -> str:
        """From ``checked`` into ``quarantine``: one row each, the first broken cell named.

        With two or more broken cells the cells have probably moved under wrong headers, so that a
        name may stand under any of them: then only ids, dates and amounts are shown.
        """
        return (
            "INSERT INTO quarantine SELECT _line,"
            " CASE WHEN _problem IS NULL THEN _broken[1].header END,"
            " CASE WHEN _problem IS NULL AND len(_broken) > 1 THEN masked_by_shape(_broken[1].cell)"
            "  WHEN _problem IS NULL THEN without_phones(_broken[1].cell) END,"
            " coalesce(_problem, _broken[1].reason || CASE WHEN len(_broken) > 1"
            "  THEN '; also broken: ' || array_to_string(list_transform(_broken[2:],"
            "   lambda item: item.header), ', ') ELSE '' END),"
            f" CASE WHEN _problem IS NOT NULL THEN {_UNPLACED_ROW}"
            f"  WHEN len(_broken) > 1 THEN {self._raw_row('masked_by_shape')}"
            f"  ELSE {self._raw_row('without_phones')} END"
            f" FROM (SELECT *, {self._broken()} AS _broken FROM checked WHERE _state = 2)"
        )

    def _broken(self) -> str:
        """A list of the broken cells of a row: header, cell, reason."""
        parts = []
        for field in self._mapping.fields:
            cell = self._cell(field)
            reason = cell and reason_sql(self._mapping, field, f'"{field.name}"', cell)
            if cell and reason:
                position = self._columns.by_field[field.name]
                shown = f"masked({cell})" if position in self._columns.masked else cell
                header = quoted(self._columns.headers[position])
                parts.append(f"{{'header': {header}, 'cell': {shown}, 'reason': {reason}}}")
        return f"list_filter([{', '.join(parts)}], lambda item: item.reason IS NOT NULL)"

    def _raw_row(self, shown: str) -> str:
        pairs = ", ".join(
            f"{quoted(header)},"
            f" {'masked' if position in self._columns.masked else shown}(cell_{position})"
            for position, header in enumerate(self._columns.headers)
        )
        return f"CAST(json_object({pairs}) AS VARCHAR)"

    def newest_event(self, tables: Sequence[str]) -> str | None:
        """The newest time of what happened, over all columns that say so; None: none does."""
        columns = [
            f.name
            for f in self._held
            if f.type in ("datetime", "date") and f.event and self._cell(f) is not None
        ]
        if not columns:
            return f"SELECT TIMESTAMP '{self._report_day}'" if self._report_day else None
        # A null beside them: greatest() of one argument is refused, and it passes nulls over.
        newest = ", ".join(f'CAST(max("{name}") AS TIMESTAMP)' for name in columns)
        selects = " UNION ALL ".join(
            f"SELECT greatest({newest}, NULL) AS newest FROM {table}" for table in tables
        )
        return f"SELECT max(newest) FROM ({selects})"

    def total_and_sum(self, name: str, tables: Sequence[str]) -> str:
        """A field as the report's total row says it, and added up over the rows."""
        rows = " UNION ALL ".join(f'SELECT "{name}" FROM {table}' for table in tables)
        return (
            f'SELECT (SELECT max("{name}") FROM grand_totals), (SELECT sum("{name}") FROM ({rows}))'
        )

    def origin_columns(self, origin: Origin, version: str, load_id: str) -> dict[str, str]:
        """The columns that are alike in every row of a file."""
        return {
            "shop_key": _constant(origin.shop_key, "shop_key"),
            "_file_id": _constant(origin.file_id, "_file_id"),
            "_file_name": _constant(origin.file_name, "_file_name"),
            "_exported_at": f"TIMESTAMP '{origin.exported_at:%Y-%m-%d %H:%M:%S}' AS _exported_at",
            "_version": _constant(version, "_version"),
            "_dlt_load_id": _constant(load_id, "_dlt_load_id"),
        }


def _constant(text: str, name: str) -> str:
    """One text in every row. As an enum the Parquet writer hashes it once and not row by row."""
    return f"CAST({quoted(text)} AS ENUM ({quoted(text)})) AS {name}"


def _all_chinese(words: Sequence[str]) -> bool:
    return all(word and not word[0].isascii() for word in words)


_UNPLACED_ROW = (
    "CAST(to_json(map(list_transform(range(1, len(_cells) + 1), lambda n: CAST(n AS VARCHAR)),"
    " list_transform(_cells, lambda cell: masked_by_shape(cell)))) AS VARCHAR)"
)
