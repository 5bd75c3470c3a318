"""Every sample answer that we load goes through its stream's declaration as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.registry.shops import Shop
from pipelines.sources.kuaishou import CONNECTOR
from tests.unit.sources.playing import FakeSession, days, read_sample, records

STREAMS = {stream.table: stream for stream in CONNECTOR.streams}
SHOP = Shop(shop_key="ks", channel="kuaishou", name="ks", platform_shop_id="700000001")
LISTED = {"orders": 3, "refunds": 2, "items": 1, "settled_bills": 2}


def landed(samples: Path, table: str) -> list[dict[str, Any]]:
    """What comes of the samples, played back as the platform would; nothing may be left over."""

    def answer(method: str, _: object) -> dict[str, Any]:
        said = read_sample(samples, "kuaishou", method)
        if method == "open.order.cursor.list":
            said["data"]["cursor"] = "nomore"
        return said

    done = records(STREAMS[table], FakeSession(SHOP, answer), days("2024-11-18"))
    assert done.refused == []
    assert dict(done.unknown) == {}
    rows: list[dict[str, Any]] = done.table.to_pylist()
    return rows


@pytest.mark.parametrize("table", LISTED)
def test_a_list_fits_its_declaration(platform_samples: Path, table: str) -> None:
    assert len(landed(platform_samples, table)) == LISTED[table]


@pytest.mark.parametrize("table", ["sellers", "shop_infos"])
def test_an_answer_of_the_account_itself_fits(platform_samples: Path, table: str) -> None:
    assert len(landed(platform_samples, table)) == 1


@pytest.mark.parametrize(
    ("table", "count"), [("order_fees", 2), ("order_details", 1), ("refund_details", 2)]
)
def test_details_fit_their_declaration(platform_samples: Path, table: str, count: int) -> None:
    # Of the three sample orders two have a discount and one was sold live.
    assert len(landed(platform_samples, table)) == count


def test_amounts_ids_and_buyers_of_the_sample_orders(platform_samples: Path) -> None:
    first = landed(platform_samples, "orders")[0]
    base = first["orderBaseInfo"]
    assert base["oid"] == "2432300000000001"
    assert (base["totalFee"], base["discountFee"]) == (9300, 1000)
    assert len(base["buyerOpenId"]) == 64
    assert first["_version"].startswith("00000001731859331000|")
    assert first["orderAddress"] == {
        "province": "浙江省", "city": "杭州市", "provinceCode": "330000", "cityCode": "330100",
    }  # fmt: skip
    told = str(first)
    for word in ("测试买家甲", "请尽快发货", "FAKEENC", "100****0000", "西湖区", "fakeOpenAddress"):
        assert word not in told


def test_bill_amounts_stay_the_text_that_they_are(platform_samples: Path) -> None:
    bill = landed(platform_samples, "settled_bills")[0]
    assert (bill["orderNo"], bill["actualPayAmount"], bill["otherAmountDesc"]) == (
        "2432300000000003", "18800", "0.00",
    )  # fmt: skip


def test_what_a_buyer_wrote_about_a_refund_is_not_kept(platform_samples: Path) -> None:
    for table in ("refunds", "refund_details"):
        refund = landed(platform_samples, table)[0]
        assert "测试说明" not in str(refund)
        assert refund["refundReasonDesc"]
