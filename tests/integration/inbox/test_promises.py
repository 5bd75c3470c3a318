"""What the inbox promises whatever it is given: once, newest wins, quarantine, no personal data."""

# ruff: noqa: DTZ001 - tables hold Beijing wall clock without a zone
from __future__ import annotations

import gzip
import os
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.errors import InputRefusedError, UsageError
from pipelines.registry.shops import Shop, ShopRegistry
from pipelines.settings import Settings
from pipelines.sources.inbox.ledger import landed
from pipelines.sources.inbox.loader import FilesRefusedError, load_paths
from pipelines.sources.inbox.normalise import Normaliser
from tests.integration.inbox import made_up

pytestmark = pytest.mark.integration

SHORT = made_up.headers("taobao_orders", "short-7")
LONG = made_up.headers("taobao_orders", "orders-61")
SHOP = "tmall-made-up"


def _short(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([",".join(SHORT), *rows]) + "\n", encoding="utf-8")
    return path


def test_the_same_content_twice_changes_nothing_even_packed_and_renamed(
    settings: Settings, tmp_path: Path
) -> None:
    first = _short(tmp_path / "a.csv", "1,10.00,10.00,上海,2026-07-01 10:00:00,,0.0")
    packed = tmp_path / "b.csv.gz"
    packed.write_bytes(gzip.compress(first.read_bytes()))
    statuses = [item.status for item in load_paths(settings, [first, packed, first], SHOP)]
    assert statuses == ["loaded", "already_loaded"]
    assert [item.status for item in load_paths(settings, [first], SHOP)] == ["already_loaded"]
    assert made_up.landed(settings, "taobao_orders", "SELECT count(*) FROM rows") == [(1,)]
    assert landed(settings, "files").num_rows == 1


def test_an_older_export_loaded_later_never_wins(settings: Settings, tmp_path: Path) -> None:
    newer = _short(
        tmp_path / "ExportOrderList202607050000.csv",
        "1,100.00,0.00,上海,2026-07-01 10:00:00,2026-07-01 10:01:00,100.00",
    )
    older = _short(
        tmp_path / "ExportOrderList202607020000.csv",
        "1,100.00,100.00,上海,2026-07-01 10:00:00,2026-07-01 10:01:00,0.00",
    )
    load_paths(settings, [newer], SHOP)
    load_paths(settings, [older], SHOP)
    query = (
        "SELECT net_paid_amount, _exported_at FROM rows"
        " QUALIFY row_number() OVER (PARTITION BY shop_key, order_id ORDER BY _version DESC) = 1"
    )
    assert made_up.landed(settings, "taobao_orders", query) == [
        (Decimal("0.00"), datetime(2026, 7, 5))
    ]


def test_of_two_exports_of_one_moment_the_one_with_the_newer_event_wins(
    settings: Settings, tmp_path: Path
) -> None:
    moment = datetime(2026, 7, 9)
    before = _short(tmp_path / "z.csv", "1,9.00,0.00,上海,2026-07-01 10:00:00,,0.0")
    after = _short(tmp_path / "a.csv", "1,9.00,9.00,上海,2026-07-01 10:00:00,2026-07-01 11:00:00,0")
    load_paths(settings, [after], SHOP, exported_at=moment)
    load_paths(settings, [before], SHOP, exported_at=moment)
    query = "SELECT paid_at FROM rows ORDER BY _version DESC LIMIT 1"
    assert made_up.landed(settings, "taobao_orders", query) == [(datetime(2026, 7, 1, 11),)]


def test_the_ledger_says_where_the_export_time_came_from(
    settings: Settings, tmp_path: Path
) -> None:
    named = _short(tmp_path / "ExportOrderList20260702030405.csv", "1,1,1,上海,2026-07-01,,0")
    dated = _short(tmp_path / "orders.csv", "2,1,1,上海,2026-07-01,,0")
    os.utime(dated, (1782900000, 1782900000))
    given = _short(tmp_path / "given.csv", "3,1,1,上海,2026-07-01,,0")
    load_paths(settings, [named, dated], SHOP)
    load_paths(settings, [given], SHOP, exported_at=datetime(2026, 7, 3))
    rows = {row["file_name"]: row for row in landed(settings, "files").to_pylist()}
    assert {
        name: (row["exported_at"], row["exported_at_source"]) for name, row in rows.items()
    } == {
        "ExportOrderList20260702030405.csv": (datetime(2026, 7, 2, 3, 4, 5), "file_name"),
        "orders.csv": (datetime(2026, 7, 1, 18, 0), "mtime"),
        "given.csv": (datetime(2026, 7, 3), "option"),
    }


def test_three_broken_rows_are_named_and_the_rest_loads(settings: Settings, tmp_path: Path) -> None:
    path = _short(
        tmp_path / "orders.csv",
        "1,10.00,10.00,上海,2026-07-01 10:00:00,,0.0",
        "2,12.345,0.0,上海,2026-07-01 10:00:00,,0.0",
        '3,"10.00,10.00,上海,2026-07-01 10:00:00,,0.0',
        "4,10.00,10.00,上海,2026-07-01 10:00:00,,0.0",
        "5,10.00,10.00,上海,2026-02-30 10:00:00,,0.0",
        '6,"1,010.00",10.00,"上海",2026-07-01 10:00:00,,0.0',
    )
    (summary,) = load_paths(settings, [path], SHOP)
    assert (summary.rows_loaded, summary.rows_quarantined) == (3, 3)
    rows = landed(settings, "quarantine").to_pylist()
    assert [
        (row["file_name"], row["line"], row["column_header"], row["cell"], row["reason"])
        for row in sorted(rows, key=lambda row: int(row["line"]))
    ] == [
        ("orders.csv", 3, "总金额", "12.345", "more than two decimals"),
        ("orders.csv", 4, None, None, "a quote that is never closed"),
        (
            "orders.csv",
            6,
            "订单创建时间",
            "2026-02-30 10:00:00",
            "not a date and time that exists",
        ),
    ]
    query = "SELECT order_id, _line FROM rows ORDER BY _line"
    assert made_up.landed(settings, "taobao_orders", query) == [("1", 2), ("4", 5), ("6", 7)]


def test_good_rows_of_a_sound_file_keep_their_lines(settings: Settings, tmp_path: Path) -> None:
    # Long enough for several of DuckDB's vectors and for the careful path beside the quick one.
    rows = [f"{n},{n}.00,0.00,上海,2026-07-01 10:00:00,,0.0" for n in range(1, 30_001)]
    rows[17_000] = "17001,oops,0.00,上海,2026-07-01 10:00:00,,0.0"
    rows[20_000] = "20001,¥20001.00,0.00,上海,2026年7月1日,,-"
    (summary,) = load_paths(settings, [_short(tmp_path / "orders.csv", *rows)], SHOP)
    assert (summary.rows_loaded, summary.rows_quarantined) == (29_999, 1)
    query = (
        "SELECT count(*), sum(total_amount),"
        " count(*) FILTER (_line <> CAST(order_id AS BIGINT) + 1) FROM rows"
    )
    # 1 + 2 + … + 30000 = 450015000, less the row that cannot be read
    assert made_up.landed(settings, "taobao_orders", query) == [
        (29_999, Decimal("449997999.00"), 0)
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_sound_text_is_left_to_duckdb_alone(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    newline: str,
    encoding: str,
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a sound file was read by the slow way")

    monkeypatch.setattr(Normaliser, "read_rows", refuse)
    rows = made_up.table(LONG, [made_up.taobao_order(n, **{"退款金额": "0.00"}) for n in (1, 2)])
    path = tmp_path / "orders.csv"
    path.write_bytes(made_up.delimited(rows, newline=newline).encode(encoding))
    (summary,) = load_paths(settings, [path], SHOP)
    assert summary.rows_loaded == 2


def test_a_cell_over_several_lines_is_one_cell(settings: Settings, tmp_path: Path) -> None:
    rows = made_up.table(
        LONG, [made_up.taobao_order(n, **{"宝贝标题 ": f"第{n}件\n两行"}) for n in (1, 2, 3)]
    )
    path = tmp_path / "orders.csv"
    path.write_text(made_up.delimited(rows), encoding="utf-8")
    load_paths(settings, [path], SHOP)
    query = "SELECT title, _line FROM rows ORDER BY order_id"
    assert made_up.landed(settings, "taobao_orders", query) == [
        ("第1件\n两行", 2),
        ("第2件\n两行", 4),
        ("第3件\n两行", 6),
    ]


def test_nothing_personal_is_in_clear_anywhere_in_the_home(
    settings: Settings, tmp_path: Path
) -> None:
    columns = [*LONG, "收件人手机号2", "仓库说法"]
    orders = [
        made_up.taobao_order(
            1, **{"收件人手机号2": made_up.PHONE, "仓库说法": f"电话{made_up.PHONE}"}
        ),
        made_up.taobao_order(2, **{"总金额": "十二元"}),
        # Cells moved to the left: the receiver's name stands under other headers.
        made_up.taobao_order(
            3,
            **{
                "总金额": made_up.RECEIVER,
                "订单创建时间": made_up.PHONE,
                "订单状态": made_up.BUYER_NAME,
                "宝贝标题 ": made_up.STREET,
            },
        ),
    ]
    text = made_up.delimited(made_up.table(columns, orders))
    cut = made_up.delimited(made_up.table(columns, [made_up.taobao_order(4)])).splitlines()[1]
    text += cut.rsplit(",", 3)[0] + "\n"
    path = tmp_path / "orders.csv"
    path.write_text(text, encoding="utf-8")
    (summary,) = load_paths(settings, [path], SHOP)
    assert (summary.rows_loaded, summary.rows_quarantined) == (1, 3)
    assert summary.unknown_columns == ["仓库说法"]
    assert "收件人手机号2" in " ".join(summary.notes)

    kept = made_up.landed(settings, "taobao_orders", "SELECT CAST(rows AS VARCHAR) FROM rows")
    broken = made_up.landed(settings, "quarantine", "SELECT CAST(rows AS VARCHAR) FROM rows")
    everything = f"{kept} {broken} {summary}"
    assert "浙江省" in everything
    assert "12000000000000000" in everything
    for secret in made_up.PERSONAL:
        assert secret not in everything
    for file in settings.home.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            for secret in made_up.PERSONAL:
                assert secret.encode() not in content
                assert secret.encode("gb18030") not in content


def test_one_buyer_has_one_key_and_a_home_of_its_own_has_another(tmp_path: Path) -> None:
    keys = []
    for home in ("one", "two"):
        settings = Settings(home=tmp_path / home, _env_file=None)
        path = tmp_path / "orders.csv"
        rows = made_up.table(LONG, [made_up.taobao_order(1), made_up.taobao_order(2)])
        path.write_text(made_up.delimited(rows), encoding="utf-8")
        load_paths(settings, [path], SHOP)
        keys += made_up.landed(settings, "taobao_orders", "SELECT DISTINCT buyer_key FROM rows")
    assert len(keys) == 2
    assert keys[0] != keys[1]
    assert all(len(str(key)) == 64 for (key,) in keys)


def test_the_keyed_hash_is_hmac_sha256_of_the_name(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", pii_key="k" * 32, _env_file=None)
    path = tmp_path / "orders.csv"
    rows = made_up.table(LONG, [made_up.taobao_order(1)])
    path.write_text(made_up.delimited(rows), encoding="utf-8")
    load_paths(settings, [path], SHOP)
    # printf %s 月下独酌的狐狸 | openssl dgst -sha256 -hmac kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk
    expected = "a203a0bb88923d111e37f10f0675a78b5acf3726055af0d35ca73d82c1215914"
    assert made_up.landed(settings, "taobao_orders", "SELECT buyer_key FROM rows") == [(expected,)]


def test_a_shop_is_registered_on_the_way_and_another_channels_shop_is_refused(
    settings: Settings, tmp_path: Path
) -> None:
    path = _short(tmp_path / "a.csv", "1,10.00,10.00,上海,2026-07-01 10:00:00,,0.0")
    (summary,) = load_paths(settings, [path], SHOP, shop_name="天猫旗舰店")
    assert summary.notes == ["registered shop 'tmall-made-up' on channel taobao"]
    shop = ShopRegistry(settings).get(SHOP)
    assert shop is not None
    assert (shop.channel, shop.kind, shop.name, shop.origin) == (
        "taobao",
        "shop",
        "天猫旗舰店",
        "inbox",
    )
    ShopRegistry(settings).add(Shop(shop_key="dy", channel="doudian", name="抖店"))
    other = _short(tmp_path / "b.csv", "2,10.00,10.00,上海,2026-07-01 10:00:00,,0.0")
    with pytest.raises(FilesRefusedError, match="is on channel doudian"):
        load_paths(settings, [other], "dy")
    assert landed(settings, "files").num_rows == 1


def test_one_content_belongs_to_one_shop(settings: Settings, tmp_path: Path) -> None:
    path = _short(tmp_path / "a.csv", "1,10.00,10.00,上海,2026-07-01 10:00:00,,0.0")
    load_paths(settings, [path], SHOP)
    with pytest.raises(InputRefusedError, match="for shop 'tmall-made-up' already"):
        load_paths(settings, [path], "tmall-other")
    assert ShopRegistry(settings).get("tmall-other") is None


def test_one_refused_file_does_not_stop_the_others(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    _short(folder / "a.csv", "1,10.00,10.00,上海,2026-07-01 10:00:00,,0.0")
    (folder / "b.csv").write_text("订单号,商品总价(元),支付时间\n1,2,3\n", encoding="utf-8")
    (folder / "c.csv").write_bytes(b"")
    (folder / ".hidden").write_text("x")
    _short(folder / "d.csv")
    with pytest.raises(FilesRefusedError) as refused:
        load_paths(settings, [folder], SHOP)
    assert refused.value.exit_code == 3
    assert [(item.file, item.status) for item in refused.value.summaries] == [
        ("a.csv", "loaded"),
        ("b.csv", "refused"),
        ("c.csv", "refused"),
        ("d.csv", "loaded"),
    ]
    assert "holds a header row and nothing else" in refused.value.summaries[3].notes[0]
    assert "c.csv is empty" in refused.value.message


def test_wrong_questions_are_refused_before_any_work(settings: Settings, tmp_path: Path) -> None:
    path = _short(tmp_path / "a.csv", "1,10.00,10.00,上海,2026-07-01 10:00:00,,0.0")
    with pytest.raises(UsageError, match="No such file"):
        load_paths(settings, [tmp_path / "nothing.csv"], SHOP)
    with pytest.raises(UsageError, match="not a shop key"):
        load_paths(settings, [path], "天猫 店")
    with pytest.raises(UsageError, match="No kind 'taobao_order'") as refused:
        load_paths(settings, [path], SHOP, kind="taobao_order")
    assert "Did you mean taobao_orders?" in refused.value.hint
    assert not (settings.home / "raw").exists()
