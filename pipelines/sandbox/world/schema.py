"""What a world is: a folder of Parquet files, one a table, with exactly these columns.

A world tells a company's whole history, the future of its clock included: every event has its
time, and the sandbox shows what had happened by the clock. Statuses are therefore never stored;
they follow from the times. Money is integer fen, ids are text, times are aware and in
Asia/Shanghai, null means "does not happen". ``docs/world.md`` is made from this file.

What does not belong here: how a platform words a record (``adapters/``), how a world is made
(``generate``), what its numbers are (``pipelines/sandbox/truth``).
"""

from __future__ import annotations

from pipelines.sandbox.world.columns import ID, TEXT, Column, Table
from pipelines.sandbox.world.tables_ads import ADS_TABLES
from pipelines.sandbox.world.tables_company import COMPANY_TABLES
from pipelines.sandbox.world.tables_mall import MALL_TABLES
from pipelines.sandbox.world.tables_payouts import PAYOUT_TABLES
from pipelines.sandbox.world.tables_sales import SALES_TABLES
from pipelines.sandbox.world.tables_service import SERVICE_TABLES
from pipelines.sandbox.world.tables_stock import STOCK_TABLES

DIRT_KINDS = (
    "identity_breaker", "test_order", "brushed_order", "wrong_bill_line", "missing_bill",
)  # fmt: skip

TABLES: dict[str, Table] = {
    **COMPANY_TABLES,
    **SALES_TABLES,
    **SERVICE_TABLES,
    **ADS_TABLES,
    **PAYOUT_TABLES,
    **MALL_TABLES,
    **STOCK_TABLES,
    "dirt": Table(
        "What was planted on purpose.",
        ("kind", "record_id"),
        {
            "kind": Column(TEXT, "What sort.", one_of=DIRT_KINDS),
            "table": Column(TEXT, "Table of the record."),
            "record_id": Column(ID, "Its key."),
            "note": Column(TEXT, "What is wrong with it."),
        },
    ),
}
