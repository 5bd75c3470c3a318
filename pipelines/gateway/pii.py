"""Buyers' data leaves here only as keyed hashes, or not at all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import duckdb

from pipelines.gateway.connector import PiiRule

_BLOCK = 64
# Mobile numbers in free text, wherever they stand.
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
# HMAC-SHA256 (RFC 2104) with both pads prepared; the key is never part of a statement's text.
_MACRO = (
    "CREATE MACRO keyed_hash(x) AS CASE WHEN x IS NULL OR x = '' THEN NULL ELSE"
    " sha256(getvariable('outer_pad') || unhex(sha256(getvariable('inner_pad') || encode(x)))) END"
)


def prepare_hashing(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Give a connection the macro ``keyed_hash``."""
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    for name, mask in (("inner_pad", 0x36), ("outer_pad", 0x5C)):
        connection.execute(f"SET VARIABLE {name} = ?::BLOB", [bytes(byte ^ mask for byte in block)])
    connection.execute(_MACRO)


def hashed_sql(cell: str, node: Any, pii: Mapping[str, PiiRule], path: str) -> str:  # noqa: ANN401
    """A field's value with everything hashed that has to be; the field itself where nothing has.

    Args:
        cell: SQL of the value as read.
        node: The field as ``shapes.landed`` has it.
        pii: The stream's rules.
        path: The field's dotted path.
    """
    if pii.get(path) == "hash":
        return f"keyed_hash({cell})"
    if not any(name.startswith(f"{path}.") and rule == "hash" for name, rule in pii.items()):
        return cell
    if isinstance(node, list):
        inner = hashed_sql("item", node[0], pii, path)
        return f"list_transform({cell}, lambda item: {inner})"
    parts = ", ".join(
        f"'{name}': " + hashed_sql(f'{cell}."{name}"', child, pii, f"{path}.{name}")
        for name, child in node.items()
    )
    return f"CASE WHEN {cell} IS NULL THEN NULL ELSE {{{parts}}} END"


def scrubbed(record: Any, pii: Mapping[str, PiiRule], prefix: str = "") -> Any:  # noqa: ANN401 - JSON
    """A record without what the rules name, and without phone numbers in its texts."""
    if isinstance(record, dict):
        return {
            name: scrubbed(value, pii, f"{prefix}{name}.")
            for name, value in record.items()
            if f"{prefix}{name}" not in pii
        }
    if isinstance(record, list):
        return [scrubbed(each, pii, prefix) for each in record]
    if isinstance(record, str):
        return _PHONE.sub("***", record)
    return record
