"""Cells to values, as DuckDB macros: the only place that knows how a cell may be written.

Each macro takes the cell's text (null or '' is empty) and returns the value, or null where there is
no value or the text cannot be read; ``is_blank`` tells the two apart. Every macro has a cheap test
before its regular expression, since an order export of a million rows has sixty million cells
(measured on the 61-column layout: 3 times slower when each cell meets a regular expression).

The forms are those of the exports notes, rules 6 to 8. What does not belong here: which column is
of which type (the mappings say).
"""

from __future__ import annotations

from collections.abc import Callable

from pipelines.sources.inbox.mapping import MappedField, Mapping

_BLANKS = r"[\s\x{00A0}\x{200B}-\x{200F}\x{2060}\x{3000}\x{FEFF}]"
_AMOUNT = r"(\d{1,3}([,，]\d{3})+|\d+)?(\.\d{1,2}0*|\.)?"
_SIGNED = rf"[-+]?[¥￥]?[-+]?{_AMOUNT}{_BLANKS}*元?"
_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|"
    "贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|海外"
)
_PROVINCE = rf"(?:{_PROVINCES})(?:省|市|维吾尔自治区|壮族自治区|回族自治区|自治区|特别行政区)?"
BARE_PROVINCES = (
    *(name + suffix for name in _PROVINCES.split("|") for suffix in ("", "省", "市", "自治区")),
    *("新疆维吾尔自治区", "广西壮族自治区", "宁夏回族自治区", "香港特别行政区", "澳门特别行政区"),
)
PROVINCE_STARTS = "|".join(name[:2] for name in _PROVINCES.split("|"))
_CITY = r"\p{Han}{2,11}?(?:市|自治州|地区|盟)"
_CITY_ALONE = r"\p{Han}{1,11}(?:市|州|盟|地区|县|区)"
# A mobile number or an identity card, whatever stands around it.
PHONE_OR_CARD = (
    r"(^|\D)((?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}"
    r"|[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx])($|\D)"
)
_TIMES = (
    "'%Y-%m-%d %H:%M:%S','%Y-%m-%d %H:%M','%Y-%m-%d','%Y-%m-%d %H:%M:%S.%f',"
    "'%Y年%m月%d日','%Y年%m月%d日 %H:%M:%S','%Y年%m月%d日 %H:%M','%Y年%m月%d日%H:%M:%S',"
    "'%Y年%m月%d日 %H时%M分%S秒','%Y年%m月%d日%H时%M分%S秒',"
    "'%Y%m%d','%Y%m%d%H%M%S','%Y%m%d %H:%M:%S'"
)

MACROS = rf"""
CREATE MACRO trimmed(x) AS regexp_replace(x, '^{_BLANKS}+|{_BLANKS}+$', '', 'g');
CREATE MACRO is_blank(x) AS x IS NULL OR x = '' OR (
    (x < '.' OR x >= chr(128)) AND strlen(x) < 24
    AND trimmed(x) IN ('', '-', '--', '---', '—', '——', '－', '–'));

CREATE MACRO text_of(x) AS CASE
    WHEN x = '' THEN NULL
    WHEN x >= '.' AND NOT ends_with(x, ' ') AND NOT ends_with(x, chr(9))
        AND NOT ends_with(x, chr(10)) AND NOT ends_with(x, chr(12288))
        AND NOT ends_with(x, chr(160)) AND NOT (x >= chr(8192) AND x < chr(12289))
        AND x < chr(65000) AND NOT (x >= chr(160) AND x < chr(161)) THEN x
    WHEN is_blank(x) THEN NULL
    ELSE nullif(trimmed(x), '') END;

CREATE MACRO bare_id(x) AS
    regexp_extract(x, '^(?:{_BLANKS}|[''"=])*(.*?)(?:{_BLANKS}|[''"])*$', 1, 's');
CREATE MACRO is_damaged_id(x) AS
    regexp_full_match(x, '\d+\.0*|\d(\.\d+)?[eE]\+\d+|\d\.\d+[eE]\d+');
CREATE MACRO id_slow(x) AS CASE WHEN is_blank(x) OR is_damaged_id(bare_id(x)) THEN NULL
    ELSE nullif(bare_id(x), '') END;
CREATE MACRO id_of(x) AS CASE
    WHEN x = '' THEN NULL
    WHEN contains(x, '.') OR contains(x, '+') OR contains(x, ' ') OR contains(x, chr(9))
        OR contains(x, '''') THEN id_slow(x)
    WHEN x >= '0' AND x < chr(128) AND NOT (x >= '=' AND x < '>') AND NOT contains(x, '"') THEN x
    -- ="1234", the usual wrapping, without a regular expression
    WHEN starts_with(x, '="') AND ends_with(x, '"') AND strlen(x) > 3
        THEN replace(replace(x, '=', ''), '"', '')
    ELSE id_slow(x) END;

CREATE MACRO plain_number(x) AS x >= '-' AND x < ':'
    AND NOT contains(x, 'e') AND NOT contains(x, 'E') AND NOT contains(x, '_');
CREATE MACRO amount_digits(x) AS CAST(
    CASE WHEN contains(x, '-') OR contains(x, '(') THEN '-' ELSE '' END
    || regexp_replace(x, '[^0-9.]', '', 'g') AS VARCHAR);
CREATE MACRO half_width(x) AS replace(replace(trimmed(x), '（', '('), '）', ')');
CREATE MACRO money_slow(x) AS CASE
    WHEN is_blank(x) OR NOT regexp_matches(x, '\d') THEN NULL
    WHEN regexp_full_match(half_width(x), '{_SIGNED}|\(¥?￥?{_AMOUNT}元?\)')
        THEN TRY_CAST(amount_digits(half_width(x)) AS DECIMAL(18, 2)) END;
CREATE MACRO money_of(x) AS CASE
    WHEN x = '' THEN NULL
    WHEN plain_number(x) AND instr(x, '.') IN (0, strlen(x), strlen(x) - 1, strlen(x) - 2)
        AND NOT ends_with(x, '元') THEN COALESCE(TRY_CAST(x AS DECIMAL(18, 2)), money_slow(x))
    WHEN plain_number(x) AND ends_with(x, '元')
        AND instr(x, '.') IN (0, length(x) - 2, length(x) - 3)
        THEN COALESCE(TRY_CAST(left(x, -1) AS DECIMAL(18, 2)), money_slow(x))
    ELSE money_slow(x) END;
CREATE MACRO money_rounded_of(x) AS CASE WHEN x = '' THEN NULL ELSE COALESCE(
    CASE WHEN regexp_full_match(x, '-?\d+(\.\d+)?([eE][-+]?\d+)?')
        THEN CAST(TRY_CAST(x AS DECIMAL(38, 18)) AS DECIMAL(18, 2)) END, money_slow(x)) END;
CREATE MACRO labelled_parts(x) AS list_filter(
    list_transform(regexp_split_to_array(x, '[;；|\n]'), lambda part: trimmed(part)),
    lambda part: part <> '');
CREATE MACRO money_labelled_of(x) AS CASE WHEN x = '' THEN NULL ELSE COALESCE(money_of(x), CASE
    WHEN regexp_matches(x, '[^-\d]') AND NOT is_blank(x) AND len(list_filter(labelled_parts(x),
        lambda part: NOT regexp_full_match(part, '.*[^-\d.].*-\d+(\.\d{{1,2}})?'))) = 0
    THEN CAST(list_sum(list_transform(labelled_parts(x), lambda part:
        TRY_CAST(regexp_extract(part, '-(\d+(\.\d{{1,2}})?)$', 1) AS DECIMAL(18, 2))))
        AS DECIMAL(18, 2)) END) END;

CREATE MACRO count_slow(x) AS CASE
    WHEN regexp_full_match(trimmed(x), '[-+]?(\d{{1,3}}([,，]\d{{3}})+|\d+)(\.0+)?')
    THEN TRY_CAST(regexp_replace(regexp_replace(trimmed(x), '\.0+$', ''), '[,，+]', '', 'g')
        AS BIGINT) END;
CREATE MACRO count_of(x) AS CASE WHEN x = '' THEN NULL ELSE COALESCE(
    CASE WHEN plain_number(x) AND NOT contains(x, '.') THEN TRY_CAST(x AS BIGINT) END,
    count_slow(x)) END;

CREATE MACRO decimal_of(x) AS CASE
    WHEN regexp_full_match(x, '[-+]?\d+(\.\d+)?([eE][-+]?\d+)?')
        THEN TRY_CAST(x AS DECIMAL(38, 18))
    WHEN regexp_full_match(x, '[-+]?\d{{1,3}}([,，]\d{{3}})+(\.\d+)?')
        THEN TRY_CAST(regexp_replace(x, '[,，]', '', 'g') AS DECIMAL(38, 18)) END;
CREATE MACRO rate_of(x) AS CASE WHEN x = '' THEN NULL
    WHEN regexp_matches(x, '[%％]') THEN CAST(
        CAST(decimal_of(regexp_extract(trimmed(x), '^(.*\d){_BLANKS}*[%％]$', 1))
            AS DECIMAL(24, 12)) * CAST(0.01 AS DECIMAL(3, 2)) AS DECIMAL(18, 6))
    ELSE CAST(decimal_of(trimmed(x)) AS DECIMAL(18, 6)) END;
CREATE MACRO ratio_of(x) AS CASE WHEN x = '' THEN NULL
    ELSE CAST(decimal_of(trimmed(x)) AS DECIMAL(18, 4)) END;

CREATE MACRO is_zero_time(x) AS starts_with(trimmed(x), '0000-00-00');
CREATE MACRO in_range(t) AS CASE WHEN t >= TIMESTAMP '1990-01-01' AND t < TIMESTAMP '2100-01-01'
    THEN t END;
CREATE MACRO datetime_slow(x) AS CASE WHEN length(x) < 40 THEN in_range(try_strptime(
    regexp_replace(regexp_replace(replace(trimmed(x), 'T', ' '), '[/.](\d{{1,2}})[/.]', '-\1-'),
        '{_BLANKS}+', ' ', 'g'), [{_TIMES}])) END;
CREATE MACRO datetime_of(x) AS CASE WHEN x = '' THEN NULL ELSE COALESCE(
    -- 19 characters from 1990 on leave room for nothing but YYYY-MM-DD HH:MM:SS.
    CASE WHEN strlen(x) = 19 AND x >= '1990' AND x < '2100' AND NOT contains(x, ' 24:')
        AND NOT contains(x, '+') THEN TRY_CAST(x AS TIMESTAMP)
    WHEN strlen(x) BETWEEN 8 AND 18 AND x >= '1990' AND x < '2100' AND NOT contains(x, ' 24:')
        AND NOT contains(x, '+') AND NOT contains(x, '(')
        THEN in_range(TRY_CAST(x AS TIMESTAMP)) END, datetime_slow(x)) END;
CREATE MACRO date_of(x) AS CAST(datetime_of(x) AS DATE);

-- An address is most often '广东省 广州市 …' or the province alone: a small expression each, since
-- one that allows every form is five times slower.
CREATE MACRO province_of(x) AS CASE WHEN x = '' THEN NULL ELSE COALESCE(
    CASE WHEN contains('{PROVINCE_STARTS}', left(x, 2)) THEN CASE WHEN strlen(x) <= 12
        AND (ends_with(x, '省') OR strlen(x) = 6) THEN x
        ELSE nullif(regexp_extract(x, '^(..省) ', 1), '') END END,
    nullif(regexp_extract(x, '^{_BLANKS}*({_PROVINCE})', 1), '')) END;
CREATE MACRO city_of(x) AS CASE
    WHEN x = '' OR (strlen(x) <= 12 AND (ends_with(x, '省') OR strlen(x) <= 6)) THEN NULL
    WHEN contains('{PROVINCE_STARTS}', left(x, 2)) AND contains(x, ' ') THEN COALESCE(
        nullif(regexp_extract(x, '^..省 (..市) ', 1), ''),
        nullif(regexp_extract(x, '^{_BLANKS}*{_PROVINCE}{_BLANKS}*({_CITY})', 1), ''))
    WHEN strlen(x) <= 36 AND NOT contains(x, ' ') AND regexp_full_match(x, '{_CITY_ALONE}')
        AND NOT regexp_matches(x, '^{_PROVINCE}.') THEN x
    ELSE nullif(regexp_extract(x, '^{_BLANKS}*{_PROVINCE}{_BLANKS}*({_CITY})', 1), '') END;
-- HMAC-SHA256 (RFC 2104) with both pads prepared; the key is never part of a statement's text.
CREATE MACRO keyed_hash_of(x) AS CASE WHEN is_blank(x) THEN NULL ELSE sha256(
    getvariable('outer_pad') || unhex(sha256(getvariable('inner_pad') || encode(trimmed(x))))) END;
CREATE MACRO masked(x) AS CASE WHEN is_blank(x) THEN '' ELSE '***' END;
CREATE MACRO without_phones(x) AS regexp_replace(x, '{PHONE_OR_CARD}', '\1***\3', 'g');
-- For rows whose cells cannot be told apart: only what has the form of an id, a date or money.
CREATE MACRO masked_by_shape(x) AS CASE
    WHEN is_blank(x) THEN ''
    WHEN regexp_matches(x, '{PHONE_OR_CARD}') THEN '***'
    WHEN regexp_full_match(bare_id(x), '[A-Z]?\d{{15,22}}|-?[¥￥]?'
        || '(\d{{1,3}}(,\d{{3}})+|\d+)\.\d{{1,4}}元?|-?\d{{1,5}}'
        || '|\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}([ T]+[\d:]+)?') THEN bare_id(x)
    ELSE '***' END;
"""

_TYPE_MACRO = {
    "id": "id_of",
    "text": "text_of",
    "money": "money_of",
    "count": "count_of",
    "rate": "rate_of",
    "ratio": "ratio_of",
    "datetime": "datetime_of",
    "date": "date_of",
}
_PII_MACRO = {"hash": "keyed_hash_of", "province": "province_of", "city": "city_of"}


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def value_sql(mapping: Mapping, field: MappedField, cell: str) -> str:
    """The expression that turns a cell into the field's value (null where there is none).

    Args:
        mapping: Says how amounts are rounded.
        field: Says the type.
        cell: A SQL expression of the cell's text.
    """
    if field.empty_words:
        words = ", ".join(quoted(word) for word in field.empty_words)
        cell = f"CASE WHEN trimmed({cell}) IN ({words}) THEN '' ELSE {cell} END"
    if field.pii is not None:
        return f"{_PII_MACRO[field.pii]}({cell})"
    if field.labelled:
        return f"money_labelled_of({cell})"
    if field.type == "money" and mapping.rounding == "cent":
        return f"money_rounded_of({cell})"
    return f"{_TYPE_MACRO[field.type]}({cell})"


def reason_sql(mapping: Mapping, field: MappedField, value: str, cell: str) -> str | None:
    """The expression that says why a cell cannot be kept, null where it can; None: it always can.

    Args:
        mapping: Its grain may not hold several ids in one cell.
        field: The field that the cell belongs to.
        value: A SQL expression of the field's value.
        cell: A SQL expression of the cell's text.
    """
    cases: list[str] = []
    if field.required:
        cases.append(f"WHEN is_blank({cell}) THEN 'empty, but every row needs it'")
    if field.name in mapping.grain and field.type == "id":
        cases.append(
            f"WHEN contains({value}, ';') THEN 'several ids in one cell: export one row each'"
        )
    if field.pii is None and field.type != "text":
        cases.append(
            f"WHEN {value} IS NULL AND NOT ({_says_nothing(field, cell)})"
            f" THEN {_UNREADABLE[field.type](cell)}"
        )
    return f"CASE {' '.join(cases)} END" if cases else None


def broken_sql(mapping: Mapping, field: MappedField, value: str, cell: str) -> str | None:
    """The cheap form of ``reason_sql``: whether a cell cannot be kept.

    A CASE, because outside of one DuckDB works both sides of AND and OR out for every row.
    """
    if field.pii is not None or field.type == "text":
        return f"CASE WHEN is_blank({cell}) THEN true ELSE false END" if field.required else None
    several = field.name in mapping.grain and field.type == "id"
    cases = [
        *([f"WHEN contains({value}, ';') THEN true"] if several else []),
        f"WHEN {value} IS NOT NULL THEN false",
        *(() if field.required else (f"WHEN {_says_nothing(field, cell)} THEN false",)),
    ]
    return f"CASE {' '.join(cases)} ELSE true END"


def _says_nothing(field: MappedField, cell: str) -> str:
    nothing = f"is_blank({cell})"
    if field.empty_words:
        words = ", ".join(quoted(word) for word in field.empty_words)
        nothing += f" OR trimmed({cell}) IN ({words})"
    if field.type in ("datetime", "date"):
        nothing += f" OR is_zero_time({cell})"
    return nothing


def _why_not_money(cell: str) -> str:
    return (
        f"CASE WHEN regexp_matches({cell}, '\\.\\d{{3,}}') THEN 'more than two decimals'"
        " ELSE 'not an amount' END"
    )


def _always(reason: str) -> Callable[[str], str]:
    return lambda _cell: quoted(reason)


_UNREADABLE: dict[str, Callable[[str], str]] = {
    "id": _always("damaged by a spreadsheet (1.23E+18 or .0): digits are lost for good"),
    "money": _why_not_money,
    "count": _always("not a whole number"),
    "rate": _always("not a rate"),
    "ratio": _always("not a number"),
    "datetime": _always("not a date and time that exists"),
    "date": _always("not a date that exists"),
}
