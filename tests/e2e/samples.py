"""What the made-up samples add up to, as worked out outside the project (totals.json)."""

from __future__ import annotations

import json
from typing import Any

import yaml

from pipelines.settings import PROJECT_ROOT
from tests.e2e.conftest import Home

TOTALS = json.loads((PROJECT_ROOT / "data" / "samples" / "totals.json").read_text("utf-8"))
SAMPLES = PROJECT_ROOT / "data" / "samples"
METRICS = "order_cnt,pay_order_cnt,order_amt,pay_amt,refund_amt_by_pay,pay_qty,ad_spend_amt"


def expected() -> dict[str, Any]:
    totals = TOTALS["all_shops"]
    return {
        "order_cnt": totals["orders"],
        "pay_order_cnt": totals["paid_orders"],
        "order_amt": totals["order_amount"],
        "pay_amt": totals["gross_paid_amount"],
        "refund_amt_by_pay": totals["refund_amount_by_pay"],
        "pay_qty": totals["paid_quantity"],
        "ad_spend_amt": totals["ad_spend_amount"],
    }


def figures(home: Home) -> dict[str, Any]:
    (row,) = home.query(METRICS)
    return {name: value for name, value in row.items() if name != "_marks"}


def load_samples(home: Home) -> None:
    """Load the made-up exports, as a person would who tries the inbox."""
    for sample in yaml.safe_load((SAMPLES / "manifest.yml").read_text(encoding="utf-8")):
        exported_at = ("--exported-at", sample["exported_at"].replace("T", " "))
        home.run(
            "inbox", "load", str(SAMPLES / sample["file"]), "--shop", sample["shop"], *exported_at
        )
