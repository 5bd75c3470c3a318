"""Every sample answer that we load goes through its stream's declaration as it is."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.gateway.connector import Page
from pipelines.gateway.decode import Decoded, Decoder, Fetched
from pipelines.gateway.pii import prepare_hashing
from pipelines.sources.doudian import CONNECTOR

STREAMS = {stream.table: stream for stream in CONNECTOR.streams}
SAMPLES = [
    ("orders", "order.searchList", ("data", "shop_order_list"), True, 4),
    ("aftersales", "afterSale.List", ("data", "items"), True, 3),
    ("aftersale_details", "afterSale.Detail", ("data",), False, 1),
    ("products", "product.listV2", ("data", "data"), True, None),
    ("skus", "sku.list", ("data",), True, 2),
    ("settlement_bills", "order.getSettleBillDetailV3", ("data", "data"), True, 4),
    ("parcel_routes", "logistics.trackNoRouteDetail", ("data",), False, 1),
    ("shop_infos", "open.getAuthInfo", ("data",), False, 1),
]


def decoded(table: str, body: bytes, path: tuple[str, ...], *, is_list: bool) -> Decoded:
    stream = STREAMS[table]
    constants = dict.fromkeys(stream.constants, "x")
    page = Page(body, path, constants, is_list=is_list)
    with duckdb.connect() as connection:
        prepare_hashing(connection, b"k" * 32)
        fetched = Fetched("dy", page, datetime(2026, 11, 14, 20))  # noqa: DTZ001
        return Decoder(stream, connection).decode([fetched], "1.1", 1)


@pytest.mark.parametrize(
    ("table", "method", "path", "is_list", "rows"), SAMPLES, ids=[each[1] for each in SAMPLES]
)
def test_a_sample_fits_its_declaration(
    platform_samples: Path,
    table: str,
    method: str,
    path: tuple[str, ...],
    is_list: bool,
    rows: int | None,
) -> None:
    body = (platform_samples / "doudian" / f"{method}.composed.json").read_bytes()
    done = decoded(table, body, path, is_list=is_list)
    assert done.refused == []
    assert dict(done.unknown) == {}
    records: Any = json.loads(body)
    for name in path:
        records = records[name]
    assert done.table.num_rows == (rows or len(records))


def test_amounts_ids_and_buyers_of_the_sample_order(platform_samples: Path) -> None:
    body = (platform_samples / "doudian" / "order.searchList.composed.json").read_bytes()
    order = decoded("orders", body, ("data", "shop_order_list"), is_list=True).table.to_pylist()[1]
    assert order["order_id"] == "6930000000000010001"
    assert (order["order_amount"], order["pay_amount"]) == (21700, 19400)
    assert [line["room_id"] for line in order["sku_order_list"]] == [7571800000000000101] * 2
    assert order["_version"].startswith("00000000001763038800|")
    assert len(order["doudian_open_id"]) == 64
    told = str(order)
    assert "FAKEtel" not in told
    assert "encrypt_detail" not in told
    assert "绿色包装" not in told  # what a buyer writes may hold anything
