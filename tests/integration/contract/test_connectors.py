"""The contract of a connector: no list of names, whoever has a folder is asked.

What moves or is committed late is asked in ``extraction/test_moving_records`` of all connectors;
that each number is true, in ``e2e/test_company``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from pipelines.extraction import ExtractionReport, extract
from pipelines.gateway.catalogue import connectors
from pipelines.gateway.connector import Connector, Stream
from pipelines.gateway.session import open_session
from pipelines.landing import RawLake
from pipelines.registry.credentials import CredentialStore
from pipelines.registry.shops import ShopRegistry
from pipelines.sandbox.process import SandboxHandle
from pipelines.settings import SHANGHAI, Settings
from tests.integration.extraction import lake

pytestmark = pytest.mark.integration
# What connectors meet in their platform's own words; the wire's faults are the gateway's, once.
FAULTS = ("rate_limited+token_dead", "duplicate+unknown_field+type_flip")
every_connector = pytest.mark.parametrize(
    "channel",
    # What a connector says plainly is pulled once, in the process that asks everything else of it.
    [
        pytest.param(each, marks=pytest.mark.xdist_group(f"contract-{each}"))
        for each in connectors()
    ],
)
PERIOD = timedelta(days=2)
Content = dict[str, list[str]]


def several_accounts(home: Settings, connector: Connector) -> list[str]:
    """The same, where one can be spoilt and another stays."""
    found = lake.accounts(home, connector)
    if len(found) < 2:
        pytest.skip(f"{connector.title} has one account here: see tests/integration/databases")
    return found


def pull(home: Settings, running: SandboxHandle, channel: str, *shops: str) -> ExtractionReport:
    """The last days of some accounts: what one pull of many windows has, a few have as well."""
    return extract(
        home, connectors()[channel], sandbox_url=running.url, shops=shops,
        since=running.now() - PERIOD, until=running.now(),
    )  # fmt: skip


def key_of(stream: Stream) -> str:
    return ", ".join(stream.key) or "shop_key"


def content(home: Settings, connector: Connector) -> Content:
    """The newest records, whenever they were seen."""
    landed = RawLake(home).tables(connector.channel)
    return {
        stream.table: sorted(
            lake.newest(home, connector.channel, stream.table, key_of(stream))
            .drop("_observed_at")
            .write_ndjson()
            .splitlines()
        )
        for stream in connector.streams
        if stream.table in landed
    }


@dataclass(frozen=True)
class Plain:
    """A connector's quietest account, and what it says where nothing goes wrong."""

    home: Settings
    account: str
    said: Content


@pytest.fixture(scope="module")
def plain(
    running: SandboxHandle, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Plain]:
    @cache
    def of(channel: str) -> Plain:
        connector = connectors()[channel]
        home = lake.home_of(tmp_path_factory.mktemp(channel), running)
        account = lake.accounts(home, connector)[0]
        assert pull(home, running, channel, account).failures() == []
        return Plain(home, account, content(home, connector))

    return of


@every_connector
def test_it_lands_what_it_declares(plain: Callable[[str], Plain], channel: str) -> None:
    known = plain(channel)
    broken = lake.broken_promises(known.home, channel)
    assert [each for each in broken if "nothing landed" not in each] == []
    # Some streams are another kind of account's; the account's own all say something.
    assert sum(map(bool, known.said.values())) > len(connectors()[channel].streams) / 2


@every_connector
def test_a_window_pulled_twice_is_as_if_pulled_once(
    running: SandboxHandle, plain: Callable[[str], Plain], tmp_path: Path, channel: str
) -> None:
    known = plain(channel)
    home = lake.copy_of(known.home.home, tmp_path / "again")
    assert pull(home, running, channel, known.account).failures() == []
    assert content(home, connectors()[channel]) == known.said


def moments(home: Settings, channel: str, stream: Stream) -> list[datetime]:
    """When a stream's records were updated, as their version says it."""
    landed = RawLake(home).tables(channel).get(stream.table, [])
    if not stream.version or not landed:
        return []
    rows = duckdb.sql(f"SELECT DISTINCT _version FROM read_parquet({landed})").fetchall()
    found = (moment_of(version.split("|")[0].lstrip("0")) for (version,) in rows)
    return sorted(each for each in found if each is not None)


def moment_of(version: str) -> datetime | None:
    if re.fullmatch(r"\d{10}|\d{13}", version):
        return datetime.fromtimestamp(int(version[:10]), SHANGHAI)
    if re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", version):
        return datetime.fromisoformat(version[:19]).replace(tzinfo=SHANGHAI)
    return None


@every_connector
def test_windows_are_half_open(
    home: Settings, running: SandboxHandle, plain: Callable[[str], Plain], channel: str
) -> None:
    """Cut at the very second of a record and at midnight: nothing twice, nothing missing."""
    connector, whole = connectors()[channel], plain(channel)
    dated = [each for each in connector.streams if each.overlap and not each.whole_days]
    known = [moment for stream in dated for moment in moments(whole.home, channel, stream)]
    if not known:
        pytest.skip(f"{connector.title} has no stream by the second")
    known.sort()
    cut = known[len(known) // 2]
    midnight = cut.replace(hour=0, minute=0, second=0) + timedelta(days=1)
    now = running.now()
    for since, until in pairwise(sorted({now - PERIOD, cut, midnight, now})):
        report = extract(
            home, connector, sandbox_url=running.url, shops=[whole.account],
            since=since, until=until,
        )  # fmt: skip
        assert report.failures() == []
    assert content(home, connector) == whole.said
    landed = RawLake(home).tables(channel)
    for stream in dated:
        if stream.table in landed:
            # One window sees a record once, also where another one begins.
            seen_twice = duckdb.sql(
                f"SELECT {key_of(stream)}, _version FROM read_parquet({landed[stream.table]})"
                " GROUP BY ALL HAVING count(DISTINCT _dlt_load_id) > 1"
            ).fetchall()
            assert (stream.table, seen_twice) == (stream.table, [])


@every_connector
def test_a_time_when_nothing_happened_is_no_error(
    home: Settings, running: SandboxHandle, channel: str
) -> None:
    connector = connectors()[channel]
    since = running.now() - timedelta(days=40)  # the company's books begin a month later
    report = extract(
        home, connector, sandbox_url=running.url, shops=lake.accounts(home, connector)[:1],
        since=since, until=since + timedelta(hours=1),
    )  # fmt: skip
    assert report.failures() == []
    quiet = {each.table for each in connector.streams if each.overlap and not each.whole_days}
    assert [each.stream for each in report.streams if each.rows and each.stream in quiet] == []


@every_connector
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_changes_no_record(
    home: Settings, running: SandboxHandle, plain: Callable[[str], Plain], channel: str, fault: str
) -> None:
    connector, known = connectors()[channel], plain(channel)
    if connector.opens is not None:
        pytest.skip("a database has none of these: see tests/integration/databases")
    for seed in range(1, 33):  # until the fault came and the pull came through
        running.faults(fault, seed)
        failures = pull(home, running, channel, known.account).failures()
        if not failures and ("unknown_field" not in fault or unknown_fields(home, channel)):
            break
    assert failures == []
    assert content(home, connector) == known.said
    if "type_flip" not in fault:  # a record that came broken three times in a row waits there
        assert "quarantine" not in RawLake(home).tables(channel)
    if "unknown_field" in fault:
        assert unknown_fields(home, channel)


def unknown_fields(home: Settings, channel: str) -> list[tuple[str]]:
    landed = RawLake(home).tables(channel)["pulls"]
    return duckdb.sql(
        f"SELECT unknown_fields FROM read_parquet({landed}) WHERE unknown_fields IS NOT NULL"
    ).fetchall()


@every_connector
def test_a_list_without_end_is_a_clear_error_or_read_to_its_true_end(
    home: Settings, running: SandboxHandle, plain: Callable[[str], Plain], channel: str
) -> None:
    known = plain(channel)
    if connectors()[channel].opens is not None:
        pytest.skip("a database has no pages")
    running.faults("page_loop", 2)
    failures = pull(home, running, channel, known.account).failures()
    assert all(re.search("promises|circles|same page", each) for each in failures), failures
    if failures:
        running.faults("none")
        assert pull(home, running, channel, known.account).failures() == []
    assert content(home, connectors()[channel]) == known.said


@every_connector
def test_a_platform_that_is_down_is_asked_for_two_streams_and_then_left_alone(
    home: Settings, running: SandboxHandle, plain: Callable[[str], Plain], channel: str
) -> None:
    known = plain(channel)
    if connectors()[channel].opens is not None:
        pytest.skip("a database that is away fails at once: see tests/integration/databases")
    running.faults(f"reset@{channel}")
    report = pull(home, running, channel, known.account)
    asked = [each for each in report.streams if each.requests]
    assert len(asked) == min(2, len(report.streams))
    # Told once, for all streams, in the words of those that were asked.
    (told,) = report.failures()
    assert "No answer" in told or "server failed" in told
    assert len(report.streams) == len(connectors()[channel].streams)


@every_connector
def test_a_wrong_secret_is_one_clear_message_and_spoils_no_other_account(
    home: Settings, running: SandboxHandle, channel: str
) -> None:
    connector = connectors()[channel]
    quiet, wrong, *_ = several_accounts(home, connector)
    secret = next(each for each in connector.credentials if each.secret and each.logs_in)
    CredentialStore(home).set(wrong, {secret.name: "not-the-secret"})
    report = pull(home, running, channel, quiet, wrong)
    failures = report.failures()
    assert len(failures) == 1
    assert failures[0].startswith(wrong)
    assert [each.stream for each in report.streams if each.shop_key == quiet and each.error] == []
    assert content(home, connector) != {}


@every_connector
def test_an_authorisation_taken_back_is_said(
    home: Settings, running: SandboxHandle, channel: str
) -> None:
    taken = several_accounts(home, connectors()[channel])[-1]
    with open_session(
        home, connectors()[channel], ShopRegistry(home).get(taken), running.url
    ) as session:
        connectors()[channel].check(session)  # it has a token now
    running.kill_tokens(taken)
    failures = pull(home, running, channel, taken).failures()
    assert failures
    assert all(each.startswith(taken) for each in failures)


@every_connector
def test_a_pull_that_is_cut_off_is_simply_run_again(
    home: Settings, running: SandboxHandle, plain: Callable[[str], Plain], channel: str
) -> None:
    """Real kills are in ``extraction`` and ``e2e``; here every connector's load ends half-way."""
    connector, known = connectors()[channel], plain(channel)

    class CutOff(BaseException):
        pass

    def cut(_: str) -> None:
        raise CutOff

    with pytest.raises(CutOff):
        extract(
            home, connector, sandbox_url=running.url, shops=[known.account],
            since=running.now() - PERIOD, until=running.now(), progress=cut,
        )  # fmt: skip
    assert RawLake(home).tables(channel) == {}
    assert pull(home, running, channel, known.account).failures() == []
    assert content(home, connector) == known.said
