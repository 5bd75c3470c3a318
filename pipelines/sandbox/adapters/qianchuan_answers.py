"""千川's envelopes: what is granted, and what is refused in the platform's own words.

Source: platform notes qianchuan.md sections 1 and 5; the words are those of its sample refusals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from pipelines.sandbox.adapter import Answer

WORDS: Mapping[int, str] = {
    40002: "No permission to operate advertiser",
    40100: "Too many requests. Please retry in some seconds.",
    40102: "access_token is expired",
    40103: "refresh_token is expired",
    40104: "access_token is empty",
    40105: "access_token is invalid",
    40107: "refresh_token is invalid",  # exact text unconfirmed
    40115: "auth_code已经使用,请重新授权",
    50000: "System error",
}


class Refused(Exception):  # noqa: N818 - carries the platform's refusal to where it is answered
    """What the platform does not take; HTTP says 200 all the same."""

    def __init__(self, code: int, words: str = "") -> None:
        super().__init__(words)
        said = {"code": code, "message": words or WORDS[code], "request_id": "sandbox", "data": {}}
        self.answer = Answer(orjson.dumps(said))


def granted(data: bytes) -> Answer:
    """The envelope around an answer's data."""
    return Answer(b'{"code":0,"message":"OK","request_id":"sandbox","data":%b}' % data)


def page_of(
    lists: Mapping[str, Sequence[bytes]], paging: tuple[int, int], total: str = "total_number"
) -> Answer:
    """One page (number from 1, size) of a list; some answers have it twice, in two shapes."""
    page, size = paging
    count = len(next(iter(lists.values())))
    info = {"page": page, "page_size": size, total: count, "total_page": -(-count // size)}
    shown = b"".join(
        b'"%b":[%b],' % (name.encode(), b",".join(records[(page - 1) * size : page * size]))
        for name, records in lists.items()
    )
    return granted(b'{%b"page_info":%b}' % (shown, orjson.dumps(info)))
