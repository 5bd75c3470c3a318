"""精选联盟 from the sandbox into the lake: sums equal the world's, whatever goes wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from pipelines.diagnosis import Finding, diagnose
from pipelines.extraction import ExtractionReport
from pipelines.gateway.catalogue import connectors
from pipelines.gateway.session import open_session
from pipelines.landing import RawLake
from pipelines.registry.credentials import CredentialStore
from pipelines.registry.health import Health, check_all
from pipelines.registry.shops import ShopRegistry
from pipelines.sandbox.process import SandboxHandle, sandbox
from pipelines.sandbox.world.draws import CLOCK_AT
from pipelines.sandbox.world.generate import generate
from pipelines.settings import Settings
from tests.integration.extraction import lake

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("extraction")]
SHOP, MCN, COLONEL = "doudian-05", "buyin-mcn-01", "buyin-colonel-01"
TABLES = {
    "alliance_orders": "order_id", "settlements": "order_id, phase_id",
    "self_authors": "author_id", "alliance_products": "product_id",
    "mcn_orders": "order_id", "colonel_orders": "order_id",
}  # fmt: skip
Sums = dict[str, tuple[int, ...]]


@cache
def world() -> dict[str, pl.DataFrame]:
    return generate("small")


def pull(home: Settings, running: SandboxHandle, *accounts: str) -> ExtractionReport:
    return lake.pull(home, running, "buyin", *(accounts or (SHOP, MCN, COLONEL)))


def newest(home: Settings, table: str) -> pl.DataFrame:
    return lake.newest(home, "buyin", table, TABLES[table])


def content(home: Settings) -> dict[str, list[str]]:
    """The newest records, whenever they were seen."""
    return {
        table: sorted(newest(home, table).drop("_observed_at").write_ndjson().splitlines())
        for table in TABLES
    }


@pytest.fixture(scope="module")
def plain(running: SandboxHandle, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose pull met no fault."""
    home = lake.home_of(tmp_path_factory.mktemp("plain"), running)
    report = pull(home, running)
    assert report.failures() == []
    # The busiest shop: 144 orders, 20 a call, and a call a month before them.
    assert sum(each.requests for each in report.streams if each.shop_key == SHOP) == 16
    return home


# --- what the world says, by itself -----------------------------------------------------------


def commissions(now: datetime) -> pl.DataFrame:
    authors = world()["authors"].select("author_id", "institution_id")
    return world()["commissions"].filter(pl.col("paid_at") < now).join(authors, on="author_id")


def of_shop(now: datetime) -> pl.DataFrame:
    return commissions(now).filter(pl.col("shop_id") == SHOP)


def of_mcn(now: datetime) -> pl.DataFrame:
    return commissions(now).filter(pl.col("institution_id") == "6800000000000000001")


def of_colonel(now: datetime) -> pl.DataFrame:
    return commissions(now).filter(pl.col("colonel_id") == "7200000000000000011")


def real(now: datetime) -> pl.Expr:
    """What is settled and was not taken back."""
    stands = (pl.col("settled_at") < now) & (pl.col("refunded_at") >= now).fill_null(value=True)
    return pl.when(stands).then("settled_fen").otherwise(0).alias("real")


def phases(now: datetime) -> Sums:
    """Commission and 团长 fee by line and phase."""
    settled = world()["commission_phases"].filter(pl.col("settled_at") < now)
    rows = settled.join(of_shop(now), on="line_id", how="semi").select(
        "line_id", "phase", "commission_fen", "colonel_fen"
    )
    return {f"{line}/{phase}": tuple(fen) for line, phase, *fen in rows.iter_rows()}


def sums(held: pl.DataFrame, key: str, *figures: str | pl.Expr) -> Sums:
    return {line: tuple(fen) for line, *fen in held.select(key, *figures).iter_rows()}


def check_against_the_world(home: Settings, now: datetime) -> None:
    for table, held in (("alliance_orders", of_shop(now)), ("mcn_orders", of_mcn(now))):
        shown = sums(
            newest(home, table), "order_id", "shop_estimated_commission", "shop_real_commission"
        )
        assert shown == sums(held, "line_id", "estimated_fen", real(now))
    fees = newest(home, "colonel_orders").unnest("colonel_order_info", separator="_")
    parts = [f"colonel_order_info_{part}_commission" for part in ("estimated", "real")]
    settled = pl.when(pl.col("settled_at") < now).then("colonel_settled_fen").otherwise(0)
    world_fees = sums(of_colonel(now), "line_id", "colonel_estimated_fen", settled.alias("real"))
    assert sums(fees, "order_id", *parts) == world_fees
    rows = newest(home, "settlements").with_columns(
        pl.concat_str("order_id", pl.lit("/"), "phase_id").alias("key")
    )
    assert sums(rows, "key", "settle_shop_commission", "settle_colonel_commission") == phases(now)


# --- the pulls --------------------------------------------------------------------------------


def test_all_streams_land_and_fit_their_declaration(plain: Settings) -> None:
    assert lake.broken_promises(plain, "buyin") == []


def test_what_lands_is_the_worlds_to_the_fen(plain: Settings) -> None:
    assert len(phases(CLOCK_AT)) == 15
    check_against_the_world(plain, CLOCK_AT)


def test_an_account_sees_its_own_only(plain: Settings) -> None:
    seen = {table: set(newest(plain, table)["shop_key"]) for table in TABLES}
    assert seen == {
        "alliance_orders": {SHOP}, "settlements": {SHOP}, "self_authors": {SHOP},
        "alliance_products": {SHOP}, "mcn_orders": {MCN}, "colonel_orders": {COLONEL},
    }  # fmt: skip
    # Each of several shops, and none of the orders of other institutions: checked above.
    assert newest(plain, "mcn_orders")["shop_id"].n_unique() == 8


@pytest.mark.parametrize("profile", ["realistic", "hostile"])
def test_faults_change_no_record(
    home: Settings, running: SandboxHandle, plain: Settings, profile: str
) -> None:
    for seed in range(1, 10):
        running.faults(profile, seed)
        if not pull(home, running).failures():
            break
    assert content(home) == content(plain)
    assert "quarantine" not in RawLake(home).tables("buyin")


# --- time moves on ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    """A sandbox whose clock the tests move on."""
    with sandbox(Settings(home=tmp_path_factory.mktemp("moving"), _env_file=None)) as handle:
        yield handle


def test_a_day_later_only_what_is_new_travels(tmp_path: Path, moving: SandboxHandle) -> None:
    home = lake.home_of(tmp_path / "home", moving)
    first, before = pull(home, moving), len(content(home)["alliance_orders"])
    moving.advance(26 * 3600)
    second = pull(home, moving)
    fresh = lake.home_of(tmp_path / "fresh", moving)
    pull(fresh, moving)
    assert len(content(home)["alliance_orders"]) > before
    assert content(home) == content(fresh)
    check_against_the_world(home, moving.now())
    assert lake.requests_of(second) < lake.requests_of(first) / 2


def ask(home: Settings, running: SandboxHandle, channel: str, shop_key: str = SHOP) -> str:
    shop = ShopRegistry(home).get(shop_key)
    assert shop is not None
    connector = connectors()[channel]
    with open_session(home, connector, shop, running.url) as session:
        connector.check(session)
    token = CredentialStore(home).read_token(shop_key)
    assert token is not None
    return token.access


@pytest.mark.parametrize(("first", "other"), [("doudian", "buyin"), ("buyin", "doudian")])
def test_a_token_that_one_connector_refreshed_serves_the_other(
    tmp_path: Path, moving: SandboxHandle, first: str, other: str
) -> None:
    home = lake.home_of(tmp_path / "home", moving)
    before = moving.stats()
    created = ask(home, moving, first)
    assert ask(home, moving, other) == created
    moving.advance(int(timedelta(days=7).total_seconds()) - 180)  # three minutes are left of it
    refreshed = ask(home, moving, first)
    assert refreshed != created
    assert ask(home, moving, other) == refreshed
    asked = {
        method: moving.stats()[f"doudian {method}"] - before.get(f"doudian {method}", 0)
        for method in ("token.create", "token.refresh")
    }
    assert asked == {"token.create": 1, "token.refresh": 1}


def test_an_institution_refreshes_its_token(tmp_path: Path, moving: SandboxHandle) -> None:
    home = lake.home_of(tmp_path / "home", moving)
    created = ask(home, moving, "buyin", MCN)
    moving.advance(int(timedelta(days=7).total_seconds()) - 180)
    assert ask(home, moving, "buyin", MCN) != created


# --- one shop, two connectors -----------------------------------------------------------------


def checked(home: Settings, running: SandboxHandle, shop: str) -> Health:
    """As `koujing shop check` does, against the running sandbox."""
    note = home.home / "sandbox" / "server.json"
    note.parent.mkdir(exist_ok=True)
    note.write_text(json.dumps({"url": running.url}))
    (health,) = check_all(home, [shop])
    return health


def diagnosed(home: Settings, shop: str) -> Finding:
    (finding,) = (each for each in diagnose(home) if each.what == shop)
    return finding


def test_a_shop_of_two_connectors_is_one_row_with_both_their_words(
    home: Settings, running: SandboxHandle
) -> None:
    works = Health("doudian-06", "doudian", True, "抖店: authorised; 精选联盟: 1 own authors", "")
    assert checked(home, running, "doudian-06") == works
    running.kill_tokens("doudian-06")
    health = checked(home, running, "doudian-06")
    assert (health.works, health.channel) == (False, "doudian")
    assert health.said == (
        "抖店, 精选联盟: token.create: 令牌生成失败 店铺未授权"
        " (50001 dop.token-generate-failed:no-authorization)"
    )
    assert health.hint.count("has to authorise the app again") == 1


def test_a_wrong_secret_is_one_thing_to_do_and_no_more(
    home: Settings, running: SandboxHandle
) -> None:
    for channel in ("doudian", "buyin"):
        lake.pull(home, running, channel, "doudian-07")
    CredentialStore(home).set("doudian-07", {"app_secret": "not-the-secret"})
    for channel in ("doudian", "buyin"):
        lake.pull(home, running, channel, "doudian-07")
    refused = "token.create: 非法的参数 验签失败 (40003 isv.signature-invalid)"
    health = checked(home, running, "doudian-07")
    assert health.said == f"抖店, 精选联盟: {refused}"
    assert health.hint == "Hand over the right one: koujing shop set SHOP --credential app_secret=…"
    finding = diagnosed(home, "doudian-07")
    assert finding.state == "act"
    assert finding.said == f"精选联盟, 抖店 fresh until 2026-11-14 20:00: {refused}"


def test_an_institution_is_checked_as_what_it_is(home: Settings, running: SandboxHandle) -> None:
    assert checked(home, running, MCN).said == "institution, authorised as MCN"
    store = CredentialStore(home)
    store.set(MCN, {"auth_subject_type": "Colonel"})  # not what this institution is
    assert "店铺未授权" in checked(home, running, MCN).said
    store.set(MCN, {"auth_subject_type": "mcn"})
    health = checked(home, running, MCN)
    assert health.said == "buyin-mcn-01 is an institution without a role that can be asked."
    (failure,) = pull(home, running, MCN, SHOP).failures()
    assert failure.startswith("buyin-mcn-01 (buyin: (all))")
