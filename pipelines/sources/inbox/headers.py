"""Header cells: when two of them are the same, and which of them announce personal data.

What does not belong here: which header means which field (the mappings say).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

HEADER_SEARCH_ROWS = 20

# Spaces of any width, tabs and line ends, BOM, zero-width marks and soft hyphen.
_INVISIBLE = re.compile(r"[\s\u00a0\u00ad\u200b-\u200f\u2060\u3000\ufeff]+")

# Headers that no mapping names are kept, unless their name says that they hold personal data or
# free text in which buyers write it.
_PERSONAL = re.compile(
    "姓名|电话|手机|地址|收件人|收货人|联系人|联系方式|身份证|证件|会员名|买家昵称|买家账号|支付宝账号|对方账户|"
    "街道|邮编|邮箱|微信号|银行卡|抬头|留言|备注|生日|实名|"
    "name|phone|mobile|address|e-?mail|receiver|buyer|consignee|idcard|passport",
    re.IGNORECASE,
)


def canonical(header: str) -> str:
    """The form in which headers are compared.

    No invisible characters, half-width brackets and letters, 帐 as 账, lower case.
    """
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", header)).replace("帐", "账").casefold()


def looks_personal(header: str) -> bool:
    """Whether a column of this name must not be kept when no mapping speaks for it."""
    return _PERSONAL.search(canonical(header)) is not None


def find_header(headers: Sequence[str], wanted: Iterable[str]) -> int | None:
    """The position of the first wanted header that the row has: exact name first.

    Two columns may differ only in a suffix (净成交金额, 净成交金额结算率), so nothing but a whole
    name matches.
    """
    stripped = [header.strip() for header in headers]
    for name in wanted:
        if name.strip() in stripped:
            return stripped.index(name.strip())
    same = [canonical(header) for header in headers]
    for name in wanted:
        if canonical(name) in same:
            return same.index(canonical(name))
    return None


def without_trailing_blanks(headers: Sequence[str]) -> list[str]:
    """The header row without the empty cells that a comma at its end leaves behind."""
    count = len(headers)
    while count and not canonical(headers[count - 1]):
        count -= 1
    return list(headers[:count])
