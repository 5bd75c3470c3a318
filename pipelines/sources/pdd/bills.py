"""拼多多's account file: a day of what came into and left the shop's balance, as CSV.

Title, blank, span, ruler, then a header and the rows; what has fewer columns or begins with # is a
sum or a remark. Source: pdd.md section 7; that the API's file is the back office's is unconfirmed.
"""

from __future__ import annotations

import csv

from pipelines.gateway.errors import MalformedAnswer
from pipelines.sources.pdd.schemas import BILL_COLUMNS

_HEADER = "商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述"


def bill_rows(body: bytes) -> list[dict[str, str]]:
    """The rows of a file, in its order.

    Raises:
        MalformedAnswer: It is no account file.
    """
    try:
        lines = body.decode("gb18030").splitlines()
    except UnicodeDecodeError as error:
        raise MalformedAnswer("The account file is no GB18030 text") from error
    table = [[cell.strip() for cell in cells] for cells in csv.reader(lines)]
    try:
        start = table.index(_HEADER.split(","))
    except ValueError as error:
        raise MalformedAnswer("The account file has another header than known") from error
    return [
        dict(zip(BILL_COLUMNS, cells, strict=True))
        for cells in table[start + 1 :]
        if len(cells) == len(BILL_COLUMNS) and any(cells) and not cells[0].startswith("#")
    ]
