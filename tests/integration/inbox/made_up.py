"""Made-up exports: the headers are those of exports.md, every row is invented.

No platform's real order file is public; names, phones and addresses here belong to nobody.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import duckdb

from pipelines.settings import Settings
from pipelines.sources.inbox.mapping import shipped_mappings

BUYER_NAME = "月下独酌的狐狸"
RECEIVER = "欧阳测试君"
PHONE = "13987654321"
ALIPAY = "fox_example@made-up.cn"
STREET = "幸福路八十八号楼"
MESSAGE = "请打给欧阳测试君13987654321"
PERSONAL = (BUYER_NAME, RECEIVER, PHONE, ALIPAY, STREET, "打给")


def headers(kind: str, layout: str) -> list[str]:
    """A known header row, verbatim."""
    return next(
        list(item.headers) for item in shipped_mappings()[kind].layouts if item.name == layout
    )


def taobao_order(number: int, **cells: str) -> dict[str, str]:
    """One order of the 61-column layout, with all the personal data that the real one carries."""
    row = {
        "订单编号": f'="{1200000000000000000 + number}"',
        "买家会员名": BUYER_NAME,
        "买家支付宝账号": ALIPAY,
        "支付单号": f"\t{2026070122001000000000000 + number}",
        "支付详情": ALIPAY,
        "买家应付货款": "95.00",
        "买家应付邮费": "5.00",
        "总金额": "100.00",
        "买家实际支付金额": "100.00",
        "订单状态": "交易成功",
        "买家留言": MESSAGE,
        "收货人姓名": RECEIVER,
        "收货地址 ": f"浙江省 杭州市 西湖区 {STREET}(310000)",
        "联系电话 ": "",
        "联系手机": f"'{PHONE}",
        "订单创建时间": "2026-07-01 10:00:00",
        "订单付款时间 ": "2026-07-01 10:01:00",
        "宝贝标题 ": "自造口红",
        "宝贝总数量": "1",
        "退款金额": "无退款申请",
        "确认收货时间": "",
        "打款商家金额": "100.00元",
        "订单备注": MESSAGE,
        "主订单编号": f'="{1200000000000000000 + number}"',
    }
    return {**row, **cells}


def table(columns: list[str], rows: list[dict[str, str]]) -> list[list[str]]:
    """Header row and rows, in the columns' order."""
    return [columns, *([row.get(column, "") for column in columns] for row in rows)]


def delimited(rows: list[list[str]], delimiter: str = ",", newline: str = "\n") -> str:
    """Rows as delimited text."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=newline).writerows(rows)
    return text.getvalue()


def html(rows: list[list[str]]) -> str:
    """Rows as the HTML table that 千牛 names .xls."""
    body = "".join(
        "<tr>" + "".join(f"<td style='x'>{cell}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=GBK"></head>'
        f"<body><table border=1>{body}</table></body></html>"
    )


def landed(settings: Settings, table_name: str, select: str) -> list[tuple[object, ...]]:
    """Run a query over what complete and incomplete loads left of a table (``rows``)."""
    files = f"{settings.home}/raw/raw_inbox/{table_name}/*/*.parquet"
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        if not list(Path(settings.home).glob(f"raw/raw_inbox/{table_name}/*/*.parquet")):
            return []
        db.execute(f"CREATE VIEW rows AS FROM read_parquet('{files}', union_by_name = true)")
        return db.execute(select).fetchall()
