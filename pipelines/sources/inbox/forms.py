"""The usual form of a column's cells, found on a sample.

Where the general macros look at every possible form, a usual one is a test and a bare cast.
A row is *sure* where every cell has its column's usual form; every other row is read again by the
careful path with the general macros, so a form is a matter of speed and never of meaning (on a
million rows of 61 columns: 20 s of CPU with the general macros alone).
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.sources.inbox.cells import (
    BARE_PROVINCES,
    PROVINCE_STARTS,
    broken_sql,
    quoted,
    value_sql,
)
from pipelines.sources.inbox.mapping import MappedField, Mapping

ENOUGH = 0.99

MACROS = f"""
CREATE MACRO plain_text(x) AS x >= '.' AND x < chr(65000) AND NOT ends_with(x, ' ')
    AND NOT ends_with(x, chr(9)) AND NOT ends_with(x, chr(160)) AND NOT ends_with(x, chr(12288))
    AND NOT (x >= chr(8192) AND x < chr(12289)) AND NOT (x >= chr(160) AND x < chr(174));
CREATE MACRO plain_inside(x) AS NOT contains(x, '.') AND NOT contains(x, '+')
    AND NOT contains(x, ' ') AND NOT contains(x, chr(9)) AND NOT contains(x, '''')
    AND NOT contains(x, ';');
CREATE MACRO plain_id(x) AS x >= '0' AND x < chr(128) AND NOT (x >= '=' AND x < '>')
    AND plain_inside(x) AND NOT contains(x, '"');
CREATE MACRO wrapped_id(x) AS starts_with(x, '="') AND ends_with(x, '"') AND strlen(x) > 3
    AND plain_inside(x) AND NOT contains(x, '""') AND strlen(x) = length(x);
-- One pattern costs half of what five tests of the same text do.
CREATE MACRO plain_money(x) AS regexp_full_match(x, '-?[0-9]+([.][0-9]{{1,2}})?');
CREATE MACRO yuan_money(x) AS regexp_full_match(x, '-?[0-9]+([.][0-9]{{1,2}})?元');
CREATE MACRO plain_datetime(x) AS strlen(x) = 19 AND x >= '1990' AND x < '2100'
    AND NOT contains(x, ' 24:') AND NOT contains(x, '+');
CREATE MACRO plain_count(x) AS plain_number(x) AND NOT contains(x, '.');
-- '广东省 广州市 …' or the province alone; v is what stands before or behind the first space.
CREATE MACRO starts_with_province(x) AS contains('{PROVINCE_STARTS}', left(x, 2));
CREATE MACRO plain_province(x, v) AS starts_with_province(x) AND (strlen(v) = 6
    OR (ends_with(v, '省') AND strlen(v) <= 12)
    OR (ends_with(v, '自治区') AND strlen(v) <= 24
        AND contains('内蒙|广西|西藏|宁夏|新疆', left(x, 2))));
CREATE MACRO plain_city(x, v) AS starts_with_province(x) AND CASE
    WHEN v IS NULL THEN NOT contains(x, ' ') AND plain_province(x, x)
    ELSE (ends_with(v, '市') OR ends_with(v, '自治州') OR ends_with(v, '地区')
        OR ends_with(v, '盟')) AND strlen(v) BETWEEN 9 AND 36 AND strlen(v) = 3 * length(v) END;
"""


@dataclass(frozen=True)
class Native:
    """How DuckDB's CSV reader itself may read cells of a form; a cell of another form stops it.

    ``type`` is what it reads, ``value`` and ``sure`` hold ``{x}`` for the cell as read; an empty
    ``sure`` needs no second look.
    """

    type: str
    value: str
    sure: str


@dataclass(frozen=True)
class Form:
    """How cells of a column usually look.

    ``test`` and ``value`` hold ``{x}`` for the cell, ``test`` also ``{v}`` for the value; an
    empty cell passes unless the field is required.
    ``casts``: a null value of a cell that passes the test is not sure.
    ``ascii``: a filled cell that passes begins with an ASCII character, so it is no Chinese word.
    """

    test: str
    value: str
    casts: bool = False
    ascii: bool = False
    native: Native | None = None


# Addresses cut down to the province, as short order reports have them.
_BARE_PROVINCES = ", ".join(quoted(name) for name in BARE_PROVINCES)
_HASH = (
    "CASE WHEN {x} = '' THEN NULL ELSE sha256(getvariable('outer_pad') ||"
    " unhex(sha256(getvariable('inner_pad') || encode({x})))) END"
)
_FORMS: dict[str, tuple[Form, ...]] = {
    "text": (Form("plain_text({x})", "nullif({x}, '')"),),
    "province": (
        Form(
            f"{{x}} IN ({_BARE_PROVINCES})",
            "nullif({x}, '')",
            native=Native(f"ENUM({_BARE_PROVINCES})", "{x}", ""),
        ),
        Form("plain_province({x}, {v})", "nullif(split_part({x}, ' ', 1), '')"),
    ),
    "city": (
        # Provinces alone name no city; where the reader reads them as such, it does so once.
        Form(
            f"{{x}} IN ({_BARE_PROVINCES})",
            "CAST(NULL AS VARCHAR)",
            native=Native(f"ENUM({_BARE_PROVINCES})", "CAST(NULL AS VARCHAR)", ""),
        ),
        Form("plain_city({x}, {v})", "nullif(split_part({x}, ' ', 2), '')"),
    ),
    "hash": (Form("plain_text({x})", _HASH),),
    "id": (
        Form("plain_id({x})", "nullif({x}, '')", ascii=True),
        Form("wrapped_id({x})", "nullif(substring({x}, 3, strlen({x}) - 3), '')", ascii=True),
    ),
    "money": (
        # No native form: the CSV reader also takes 1e5, 1_000 and more than two decimals.
        Form("plain_money({x})", "TRY_CAST({x} AS DECIMAL(18, 2))", casts=True),
        Form("yuan_money({x})", "TRY_CAST(left({x}, -1) AS DECIMAL(18, 2))", casts=True),
    ),
    "count": (Form("plain_count({x})", "TRY_CAST({x} AS BIGINT)", casts=True),),
    "datetime": (
        Form(
            "plain_datetime({x})",
            "TRY_CAST({x} AS TIMESTAMP)",
            casts=True,
            native=Native("TIMESTAMP", "{x}", "in_range({x}) IS NOT NULL"),
        ),
    ),
}


def forms_of(mapping: Mapping, field: MappedField) -> tuple[Form, ...]:
    """The usual forms that a field's cells may have; none: only the general macro reads it."""
    if field.type == "money" and mapping.rounding == "cent":
        return ()
    return _FORMS.get(field.pii or field.type, ())


def has_form_sql(form: Form, field: MappedField, cell: str, value: str | None = None) -> str:
    """Whether a cell has the form; ``value``: a column that holds its value already."""
    test = form.test.format(x=cell, v=value or form.value.format(x=cell))
    return test if field.required else f"({cell} = '' OR ({test}))"


def sure_sql(
    mapping: Mapping, field: MappedField, form: Form | None, cell: str, *, native: bool
) -> str | None:
    """Whether a cell's value may be taken without a second look; None: always.

    Args:
        mapping: The kind.
        field: The cell's field; its value stands in a column of its name.
        form: The column's usual form; None: the general macro made the value.
        cell: The cell's column.
        native: Whether the CSV reader itself read the cells of forms that it can read.
    """
    value = f'"{field.name}"'
    if native and form and form.native:
        test = form.native.sure.format(x=cell)
        if not test:
            return f"{cell} IS NOT NULL" if field.required else None
        return test if field.required else f"({cell} IS NULL OR {test})"
    if form is None:
        broken = broken_sql(mapping, field, value, cell)
        return f"NOT {broken}" if broken else None
    test = has_form_sql(form, field, cell, value)
    if not form.casts:
        return test
    present = f"{value} IS NOT NULL"
    return f"{test} AND {present if field.required else f'({cell} = {_EMPTY} OR {present})'}"


_EMPTY = "''"


def quick_value_sql(
    mapping: Mapping, field: MappedField, form: Form | None, cell: str, *, native: bool
) -> str:
    """The value of a cell that has the form."""
    if native and form and form.native:
        return form.native.value.format(x=cell)
    return value_sql(mapping, field, cell) if form is None else form.value.format(x=cell)
