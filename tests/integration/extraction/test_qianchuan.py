"""千川 accounts from the sandbox into the lake: sums equal the world's, whatever goes wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import httpx
import polars as pl
import pytest

from pipelines.extraction import ExtractionReport
from pipelines.gateway.catalogue import connectors
from pipelines.gateway.errors import SignatureRefused
from pipelines.gateway.session import open_session
from pipelines.landing import RawLake
from pipelines.registry.credentials import CredentialStore
from pipelines.registry.seeding import seed_accounts
from pipelines.registry.shops import ShopRegistry
from pipelines.sandbox.process import SandboxHandle, sandbox
from pipelines.sandbox.world.draws import CLOCK_AT
from pipelines.sandbox.world.generate import generate
from pipelines.settings import Settings
from tests.integration.extraction import lake

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("extraction")]
ACCOUNT = "qianchuan-04"
SHOP = "doudian-04"
TABLES = {
    "advertisers": "adv_id",
    "account_reports": "advertiser_id, stat_datetime",
    "plan_reports": "advertiser_id, ad_id, stat_datetime",
    "plan_reports_hourly": "advertiser_id, ad_id, stat_datetime",
    "uni_reports": "advertiser_id, stat_date",
    "uni_plans": "advertiser_id, ad_info.id, stat_date",
    "live_rooms": "advertiser_id, room_id",
    "finance_days": "advertiser_id, date",
    "order_attributions": "advertiser_id, order_id, ad_id",
}
Figures = dict[tuple[str, ...], tuple[int, ...]]


@cache
def world() -> dict[str, pl.DataFrame]:
    return generate("small")


def pull(home: Settings, running: SandboxHandle, *accounts: str) -> ExtractionReport:
    return lake.pull(home, running, "qianchuan", *(accounts or (ACCOUNT,)))


def newest(home: Settings, table: str) -> pl.DataFrame:
    return lake.newest(home, "qianchuan", table, TABLES[table]).filter(
        pl.col("shop_key") == ACCOUNT
    )


@pytest.fixture(scope="module")
def plain(running: SandboxHandle, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose pull met no fault."""
    home = lake.home_of(tmp_path_factory.mktemp("plain"), running)
    report = pull(home, running)
    assert report.failures() == []
    # 14 days of use, 5 authors: no question is asked in vain a hundred times over.
    assert lake.requests_of(report) < 180
    return home


# --- what the world says, by itself -----------------------------------------------------------


def _visible_hours(now: datetime) -> pl.DataFrame:
    """Clocks of these tests stand at whole hours."""
    today = pl.col("stat_date") == now.date()
    return (
        world()["ad_hours"]
        .join(world()["ad_plans"].filter(pl.col("shop_id") == SHOP), on="plan_id")
        .filter((pl.col("stat_date") < now.date()) | (today & (pl.col("hour") < now.hour)))
        .with_columns((pl.col("cash_fen") + pl.col("grant_fen")).alias("fen"))
    )


def _credited(now: datetime) -> pl.DataFrame:
    return (
        world()["ad_conversions"]
        .join(world()["ad_plans"].filter(pl.col("shop_id") == SHOP), on="plan_id")
        .join(world()["orders"].select("order_id", "paid_at", "paid_fen"), on="order_id")
        .filter(pl.col("paid_at") < now)
        .with_columns(pl.col("clicked_at").dt.date().alias("stat_date"))
    )


def figures(frame: pl.DataFrame, keys: list[pl.Expr], *values: pl.Expr) -> Figures:
    """Sums by some keys, as text; keys of which all is 0 are left out."""
    sums = frame.group_by([key.cast(pl.String).alias(f"k{n}") for n, key in enumerate(keys)]).agg(
        value.sum().round(0).cast(pl.Int64).alias(f"v{n}") for n, value in enumerate(values)
    )
    rows = ((row[: len(keys)], row[len(keys) :]) for row in sums.rows())
    return {key: said for key, said in rows if any(said)}


PLAN_DAY = [pl.col("plan_id"), pl.col("stat_date")]


def world_spend(now: datetime, scope: str) -> Figures:
    hours = _visible_hours(now).filter(pl.col("scope") == scope)
    return figures(hours, PLAN_DAY, pl.col("fen"))


def world_charges(now: datetime) -> Figures:
    parts = (pl.col("fen"), pl.col("cash_fen"), pl.col("grant_fen"))
    return figures(_visible_hours(now), [pl.col("stat_date")], *parts)


def world_direct(now: datetime) -> Figures:
    credited = _credited(now).filter(pl.col("scope") == "standard", pl.col("kind") == "direct")
    return figures(credited, PLAN_DAY, pl.col("pay_fen"))


def world_uni(now: datetime) -> Figures:
    """Count and 整体成交金额 by plan and day."""
    credited = _credited(now).filter(pl.col("scope") == "uni")
    one = pl.col("order_id").is_not_null().cast(pl.Int64)
    return figures(credited, PLAN_DAY, one, pl.col("pay_fen") + pl.col("coupon_fen"))


def world_rooms(now: datetime) -> Figures:
    """By room: orders and money paid while it was on, what was spent on it."""
    opened = world()["live_sessions"].filter(
        (pl.col("shop_id") == SHOP) & (pl.col("started_at") < now)
    )
    paid = (
        world()["orders"]
        .join(opened.select("session_id", "started_at", "ended_at"), on="session_id")
        .filter(
            pl.col("paid_at") < now,
            pl.col("paid_at") >= pl.col("started_at"),
            pl.col("paid_at") <= pl.col("ended_at"),
        )
    )
    spent = _visible_hours(now).drop_nulls("session_id").select("session_id", "fen")
    rows = pl.concat([paid.select("session_id", "paid_fen"), spent], how="diagonal")
    one = pl.col("paid_fen").is_not_null()
    return figures(rows, [pl.col("session_id")], one.cast(pl.Int64), *map(pl.col, rows.columns[1:]))


# --- what the lake says, in fen ---------------------------------------------------------------


def fen(column: pl.Expr) -> pl.Expr:
    """By the unit that each row names."""
    is_yuan = pl.col("money_unit") == "yuan"
    return pl.when(is_yuan).then(column * 100).otherwise(column / 1_000)


_DAY = pl.col("stat_datetime").str.slice(0, 10)
_UNI = pl.col("stats_info").struct
_PLAN_DAY = [pl.col("ad_id"), _DAY]
_UNI_PLAN_DAY = [pl.col("ad_info").struct["id"], pl.col("stat_date")]


def differences(home: Settings, now: datetime) -> list[str]:
    """Every figure of the lake that is not the world's at a moment."""
    standard, uni, rooms, days = (
        newest(home, table) for table in ("plan_reports", "uni_plans", "live_rooms", "finance_days")
    )
    gmv = fen(_UNI["total_pay_order_gmv_include_coupon_for_roi2"])
    room = (pl.col("live_pay_order_count_alias"), fen(pl.col("live_pay_order_gmv_alias")))
    pairs = {
        "standard spend": (
            figures(standard, _PLAN_DAY, fen(pl.col("stat_cost"))), world_spend(now, "standard"),
        ),
        "direct pay": (
            figures(standard, _PLAN_DAY, fen(pl.col("pay_order_amount"))), world_direct(now),
        ),
        "uni spend": (figures(uni, _UNI_PLAN_DAY, fen(_UNI["stat_cost"])), world_spend(now, "uni")),
        "uni pay": (
            figures(uni, _UNI_PLAN_DAY, _UNI["total_pay_order_count_for_roi2"], gmv),
            world_uni(now),
        ),
        "charges": (
            figures(
                days, [pl.col("date")],
                *(fen(pl.col(name)) for name in ("cost", "cash_cost", "grant_cost")),
            ),
            world_charges(now),
        ),
        "rooms": (
            figures(rooms, [pl.col("room_id")], *room, fen(pl.col("stat_cost"))), world_rooms(now),
        ),
    }  # fmt: skip
    return [
        f"{what} {key}: lake {said.get(key)}, world {true.get(key)}"
        for what, (said, true) in pairs.items()
        for key in sorted(said.keys() | true.keys())
        if said.get(key) != true.get(key)
    ]


# --- tests ------------------------------------------------------------------------------------


def test_all_streams_land_and_fit_their_declaration(plain: Settings) -> None:
    assert {stream.table for stream in connectors()["qianchuan"].streams} == set(TABLES)
    assert lake.broken_promises(plain, "qianchuan") == []
    files = RawLake(plain).tables("qianchuan")["pulls"]
    assert pl.read_parquet(files)["unknown_fields"].null_count() == len(pl.read_parquet(files))


def test_the_lake_says_what_the_world_says(plain: Settings) -> None:
    assert differences(plain, CLOCK_AT) == []
    # Not because nothing was there.
    assert len(world_direct(CLOCK_AT)) > 10
    assert len(world_uni(CLOCK_AT)) > 10
    assert len(world_rooms(CLOCK_AT)) > 5


def test_standard_and_uni_spend_together_are_what_was_charged(plain: Settings) -> None:
    spent = [
        newest(plain, "account_reports").select(_DAY.alias("day"), fen(pl.col("stat_cost"))),
        newest(plain, "uni_reports").select(
            pl.col("stat_date").alias("day"), fen(pl.col("stat_cost"))
        ),
    ]
    charged = newest(plain, "finance_days")
    assert figures(pl.concat(spent), [pl.col("day")], pl.col("stat_cost")) == figures(
        charged, [pl.col("date")], fen(pl.col("cost"))
    )


def test_hours_sum_to_their_days(plain: Settings) -> None:
    names = ("stat_cost", "show_cnt", "pay_order_amount", "all_order_pay_gmv_7days")
    sums = [100 * pl.col(name) for name in names]
    hours, days = newest(plain, "plan_reports_hourly"), newest(plain, "plan_reports")
    first = hours.select(_DAY.min()).item()
    assert first == "2026-11-08"
    assert figures(hours, _PLAN_DAY, *sums) == figures(days.filter(first <= _DAY), _PLAN_DAY, *sums)


def test_every_order_credited_to_a_standard_plan_is_told(plain: Settings) -> None:
    told = newest(plain, "order_attributions")
    credited = _credited(CLOCK_AT).filter(pl.col("scope") == "standard")
    assert figures(told, [pl.col("order_id"), pl.col("ad_id")], fen(pl.col("order_amount"))) == (
        figures(credited, [pl.col("order_id"), pl.col("plan_id")], pl.col("pay_fen"))
    )


@pytest.mark.parametrize("profile", ["realistic", "hostile"])
def test_faults_change_no_record(
    home: Settings, running: SandboxHandle, plain: Settings, profile: str
) -> None:
    for seed in range(1, 9):
        running.faults(profile, seed)
        report = pull(home, running)
        # A record whose type stayed flipped is in quarantine: said, and mended by the next pull.
        if not report.failures() and not any(each.quarantined for each in report.streams):
            break
    assert lake.content(home, "qianchuan", TABLES) == lake.content(plain, "qianchuan", TABLES)


def test_a_day_later_a_fortnight_is_read_again_though_the_sandbox_was_restarted(
    tmp_path: Path,
) -> None:
    home = Settings(home=tmp_path / "home", pii_key=lake.KEY, _env_file=None)
    with sandbox(home) as handle:
        seed_accounts(home, handle.accounts())
        assert pull(home, handle).failures() == []
    before = differences(home, CLOCK_AT + timedelta(hours=26))
    with sandbox(home) as handle:  # it has forgotten all tokens
        handle.advance(26 * 3_600)
        later = pull(home, handle)
        assert later.failures() == []
        renewed = handle.stats()["qianchuan oauth2/refresh_token"]
    assert before != []
    assert differences(home, CLOCK_AT + timedelta(hours=26)) == []
    assert renewed == 2  # the forgotten token, then the owner's first one
    windows = pl.read_parquet(RawLake(home).tables("qianchuan")["pulls"]).filter(
        (pl.col("stream") == "plan_reports") & (pl.col("window_end") == datetime(2026, 11, 16))  # noqa: DTZ001
    )
    assert windows["window_start"].to_list() == [datetime(2026, 11, 1)]  # noqa: DTZ001


def test_a_withdrawn_authorisation_fails_only_its_account(
    home: Settings, running: SandboxHandle
) -> None:
    withdrawn = "qianchuan-06"
    assert pull(home, running, withdrawn).failures() == []
    running.kill_tokens(withdrawn)
    report = pull(home, running, withdrawn, ACCOUNT)
    (failure,) = report.failures()
    assert failure.startswith(withdrawn)
    assert "refresh_token is expired (40103)" in failure
    assert all(each.error == "" for each in report.streams if each.shop_key == ACCOUNT)
    assert differences(home, CLOCK_AT) == []


def test_a_check_says_the_advertisers_or_what_is_wrong(
    home: Settings, running: SandboxHandle
) -> None:
    assert check(home, running, ACCOUNT) == "1 advertisers: 1799000000000004"
    CredentialStore(home).set(ACCOUNT, {"app_secret": "not-the-secret"})
    with pytest.raises(SignatureRefused, match="secret is wrong") as refused:
        check(home, running, ACCOUNT)
    assert "--credential app_secret=" in refused.value.hint


def check(home: Settings, running: SandboxHandle, account: str) -> str:
    connector = connectors()["qianchuan"]
    with open_session(home, connector, ShopRegistry(home).get(account), running.url) as session:
        return connector.check(session)


def test_the_root_answers_a_head(running: SandboxHandle) -> None:
    assert httpx.head(f"{running.url}/open_api/").status_code == httpx.codes.OK
