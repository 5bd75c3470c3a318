"""The data contract of the export: what tables look like, and what changed since the last version.

The contract is written in the Open Data Contract Standard (https://bitol.io), one document a
schema version. Versions read ``major.minor.patch``: major when a column went or changed its type
(a reader may break), minor when something was added, patch when only the words changed.
What does not belong here: rows and files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from pipelines.publish.fingerprints import digest_of
from pipelines.publish.tables import Column, Table

if TYPE_CHECKING:
    from open_data_contract_standard.model import OpenDataContractStandard, SchemaProperty

_API_VERSION = "v3.1.0"
_LOGICAL_TYPES = (
    (re.compile(r"\[\d*\]$"), "array"),
    (re.compile(r"^MAP\("), "object"),
    (re.compile(r"^STRUCT\("), "object"),
    (re.compile(r"^DATE$"), "date"),
    (re.compile(r"^TIMESTAMP"), "timestamp"),
    (re.compile(r"^TIME"), "time"),
    (re.compile(r"^BOOLEAN$"), "boolean"),
    (re.compile(r"INT(EGER)?$"), "integer"),
    (re.compile(r"^(DECIMAL|FLOAT|DOUBLE)"), "number"),
)
# Which part of a schema version a change raises: of 2.4.1, breaking makes 3.0.0.
_RAISES = {"breaking": 0, "additive": 1, "wording": 2}


class Retyped(BaseModel):
    """A column whose type changed."""

    column: str
    before: str
    after: str


class SchemaChange(BaseModel):
    """What a version's tables changed against the version that readers had before it.

    Attributes:
        since: That version; None for the first.
        kind: ``breaking``: a column or table went, or a column changed its type.
        added: ``marts.fct_orders.city``, or ``marts.fct_orders`` for a whole table.
        removed: The same, for what is gone.
    """

    since: str | None
    kind: Literal["first", "none", "wording", "additive", "breaking"]
    added: list[str] = []
    removed: list[str] = []
    retyped: list[Retyped] = []


@dataclass(frozen=True)
class Contract:
    """A schema version, with the digest and the YAML text of its contract."""

    schema_version: str
    digest: str
    text: str


def compare(before: dict[str, dict[str, str]], tables: Iterable[Table], since: str) -> SchemaChange:
    """Compare the tables with those of an earlier version (column types by column, by table).

    The kind is ``none`` if only words may have changed.
    """
    old, new = _flat(before), _flat(shape_of(tables))
    added = sorted(new.keys() - old.keys())
    removed = sorted(old.keys() - new.keys())
    retyped = [
        Retyped(column=name, before=old[name], after=new[name])
        for name in sorted(old.keys() & new.keys())
        if old[name] != new[name]
    ]
    kind: Literal["none", "additive", "breaking"] = "additive" if added else "none"
    return SchemaChange(
        since=since,
        kind="breaking" if removed or retyped else kind,
        added=_whole_tables(added),
        removed=_whole_tables(removed),
        retyped=retyped,
    )


def shape_of(tables: Iterable[Table]) -> dict[str, dict[str, str]]:
    """Column types by column, by table."""
    return {
        table.key: {column.name: column.data_type for column in table.columns} for table in tables
    }


def conclude(
    tables: Iterable[Table], change: SchemaChange, schemas: dict[str, str], current: str | None
) -> tuple[Contract, SchemaChange]:
    """Name the schema version, and write its contract.

    A contract that was published before keeps its version; a new one gets a number above all
    that were ever given, so that a number never means two things, not even after a rollback.

    Args:
        tables: To be published.
        change: Against the version that readers have.
        schemas: Contract digests by the schema versions given so far.
        current: The schema version readers have.

    Returns:
        The contract, and the change with its final kind.
    """
    tables = sorted(tables, key=lambda table: table.key)
    digest = digest_of(contract_document(tables, "0.0.0").to_yaml())
    known = {digest: version for version, digest in schemas.items()}
    if change.kind == "none" and schemas.get(str(current)) != digest:
        change = change.model_copy(update={"kind": "wording"})
    version = known.get(digest) or _next_version(change, schemas)
    return Contract(version, digest, contract_document(tables, version).to_yaml()), change


def contract_document(tables: Iterable[Table], schema_version: str) -> OpenDataContractStandard:
    """The contract as the standard's own model."""
    from open_data_contract_standard.model import (
        Description,
        OpenDataContractStandard,
        SchemaObject,
        Server,
    )

    return OpenDataContractStandard(
        apiVersion=_API_VERSION,
        kind="DataContract",
        id="koujing-export",
        name="口径 Koujing: 全渠道经营数据",
        version=schema_version,
        status="active",
        domain="retail",
        dataProduct="koujing",
        description=Description(
            purpose="各渠道店铺的订单、退款、投放等明细与汇总, 指标字典与指标日表, 供数据平台取用",
            usage="先读 latest.json, 再读其所指的 manifest; 只取其中列出的文件, 按 sha256 校验",
            limitations="金额单位元 (DECIMAL), 时间为北京时间; 文件发布后不再改动; 比率不可相加",
        ),
        servers=[
            Server(
                server="export",
                type="local",
                format="parquet",
                path="./latest.json",
                description="从 latest.json 到 manifest 再到文件; 目录里有多个版本, 不要通配读取",
            )
        ],
        schema=[
            SchemaObject(
                name=table.name,
                physicalName=table.key,
                physicalType="table",
                logicalType="object",
                description=table.description,
                properties=[_property(column, table.partition_by) for column in table.columns],
            )
            for table in tables
        ],
    )


def _property(column: Column, partition_by: str | None) -> SchemaProperty:
    from open_data_contract_standard.model import SchemaProperty

    is_partition = column.name == partition_by
    logical = _logical_type(column.data_type)
    item = column.data_type.removesuffix("[]")
    return SchemaProperty(
        name=column.name,
        logicalType=logical,
        physicalType=column.data_type,
        description=column.description,
        required=column.required or None,
        partitioned=is_partition or None,
        partitionKeyPosition=1 if is_partition else None,
        items=(
            SchemaProperty(logicalType=_logical_type(item), physicalType=item)
            if logical == "array"
            else None
        ),
    )


def _logical_type(data_type: str) -> str:
    for pattern, logical in _LOGICAL_TYPES:
        if pattern.search(data_type):
            return logical
    return "string"


def _flat(shape: dict[str, dict[str, str]]) -> dict[str, str]:
    """Types by ``table.column``; a table itself counts as a column of type ''."""
    flat = {
        f"{table}.{name}": kind
        for table, columns in shape.items()
        for name, kind in columns.items()
    }
    return flat | dict.fromkeys(shape, "")


def _whole_tables(names: list[str]) -> list[str]:
    """Leave out the columns of tables that are named whole."""
    tables = {name for name in names if name.count(".") == 1}
    return [name for name in names if name in tables or name.rsplit(".", 1)[0] not in tables]


def _next_version(change: SchemaChange, schemas: dict[str, str]) -> str:
    if not schemas:
        return "1.0.0"
    highest = max(tuple(int(part) for part in version.split(".")) for version in schemas)
    at = _RAISES[change.kind]
    return ".".join(str(part) for part in (*highest[:at], highest[at] + 1, 0, 0)[:3])
