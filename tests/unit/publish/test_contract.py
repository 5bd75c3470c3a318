from __future__ import annotations

import json

import jsonschema
import pytest
from open_data_contract_standard.model import OpenDataContractStandard

from pipelines.publish.contract import Contract, Retyped, SchemaChange, compare, conclude
from pipelines.publish.metric_tables import METRIC_TABLES
from pipelines.publish.tables import Column, Table

SHOP = Column("shop_key", "VARCHAR", "店铺编码", required=True)
AMOUNT = Column("paid_amount", "DECIMAL(18,2)", "实付金额, 元")
DAY = Column("order_date", "DATE", "下单日")
BEFORE = {
    "marts.fct_orders": {
        "shop_key": "VARCHAR",
        "paid_amount": "DECIMAL(18,2)",
        "order_date": "DATE",
    }
}


def orders(*columns: Column) -> Table:
    return Table("marts", "fct_orders", "订单事实", columns, "order_date")


FIRST = (orders(SHOP, AMOUNT, DAY),)


def published_first() -> Contract:
    contract, _ = conclude(FIRST, SchemaChange(since=None, kind="first"), {}, None)
    return contract


def concluded(tables: tuple[Table, ...]) -> tuple[Contract, SchemaChange]:
    change = compare(BEFORE, tables, "v20261122.013005")
    return conclude(tables, change, {"1.0.0": published_first().digest}, "1.0.0")


def test_the_first_contract_is_1_0_0() -> None:
    assert published_first().schema_version == "1.0.0"


def test_an_unchanged_contract_keeps_its_version() -> None:
    contract, change = concluded(FIRST)
    assert contract.schema_version == "1.0.0"
    assert change == SchemaChange(since="v20261122.013005", kind="none")


def test_a_new_column_raises_the_minor_version() -> None:
    contract, change = concluded((orders(SHOP, AMOUNT, DAY, Column("city", "VARCHAR", "城市")),))
    assert contract.schema_version == "1.1.0"
    assert change.kind == "additive"
    assert change.added == ["marts.fct_orders.city"]


def test_a_removed_column_is_breaking() -> None:
    contract, change = concluded((orders(SHOP, DAY),))
    assert contract.schema_version == "2.0.0"
    assert change.kind == "breaking"
    assert change.removed == ["marts.fct_orders.paid_amount"]


def test_a_retyped_column_is_breaking_even_beside_an_addition() -> None:
    contract, change = concluded(
        (orders(SHOP, Column("paid_amount", "DOUBLE", "金额"), DAY, Column("n", "BIGINT", "数")),)
    )
    assert contract.schema_version == "2.0.0"
    assert change.kind == "breaking"
    assert change.retyped == [
        Retyped(column="marts.fct_orders.paid_amount", before="DECIMAL(18,2)", after="DOUBLE")
    ]
    assert change.added == ["marts.fct_orders.n"]


def test_a_removed_table_is_named_once_not_by_its_columns() -> None:
    tables = (Table("marts", "dim_shops", "店铺", (SHOP,)),)
    _, change = concluded(tables)
    assert change.removed == ["marts.fct_orders"]
    assert change.added == ["marts.dim_shops"]


def test_new_words_raise_the_patch_version() -> None:
    contract, change = concluded(
        (orders(SHOP, Column("paid_amount", "DECIMAL(18,2)", "实付"), DAY),)
    )
    assert contract.schema_version == "1.0.1"
    assert change.kind == "wording"


def test_a_number_is_never_given_twice_after_a_rollback() -> None:
    """1.0.0 and 2.0.0 were published, readers went back to 1.0.0, then a column is added."""
    schemas = {"1.0.0": published_first().digest, "2.0.0": "digest of another contract"}
    tables = (orders(SHOP, AMOUNT, DAY, Column("city", "VARCHAR", "城市")),)
    contract, _ = conclude(tables, compare(BEFORE, tables, "v1"), schemas, "1.0.0")
    assert contract.schema_version == "2.1.0"


def test_a_contract_published_before_gets_its_number_back() -> None:
    schemas = {"1.0.0": published_first().digest, "2.0.0": "digest of another contract"}
    change = SchemaChange(since="v2", kind="breaking", removed=["marts.fct_orders.city"])
    contract, _ = conclude(FIRST, change, schemas, "2.0.0")
    assert contract.schema_version == "1.0.0"


def test_the_contract_is_valid_by_the_standard() -> None:
    contract, _ = conclude(
        (*FIRST, *METRIC_TABLES), SchemaChange(since=None, kind="first"), {}, None
    )
    document = OpenDataContractStandard.from_string(contract.text)
    schema = json.loads(OpenDataContractStandard.json_schema())
    jsonschema.validate(document.model_dump(exclude_none=True, by_alias=True), schema)
    assert document.version == "1.0.0"
    tables = {table.physicalName: table for table in document.schema_ or []}
    columns = {column.name: column for column in tables["marts.fct_orders"].properties or []}
    assert columns["paid_amount"].logicalType == "number"
    assert columns["paid_amount"].description == "实付金额, 元"
    assert columns["order_date"].partitioned is True
    assert columns["shop_key"].required is True


@pytest.mark.parametrize(
    ("data_type", "logical"),
    [
        ("BIGINT", "integer"),
        ("UINTEGER", "integer"),
        ("TIMESTAMP", "timestamp"),
        ("BOOLEAN", "boolean"),
        ("VARCHAR[]", "array"),
        ("MAP(VARCHAR, VARCHAR)", "object"),
        ("STRUCT(kind VARCHAR, metric VARCHAR)[]", "array"),
        ("JSON", "string"),
    ],
)
def test_every_type_has_its_word_in_the_standard(data_type: str, logical: str) -> None:
    tables = (Table("marts", "dim_x", "表", (Column("x", data_type, "列"),)),)
    contract, _ = conclude(tables, SchemaChange(since=None, kind="first"), {}, None)
    document = OpenDataContractStandard.from_string(contract.text)
    assert document.schema_ is not None
    assert document.schema_[0].properties is not None
    assert document.schema_[0].properties[0].logicalType == logical
