"""A backfill asks for what was asked, no more and no less, and leaves every mark where it was."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.embedded import Outside
from pipelines.errors import NothingPublishedError, UsageError
from pipelines.extraction import ExtractionReport, extract
from pipelines.gateway.catalogue import connectors
from pipelines.gateway.connector import Stream
from pipelines.landing import RawLake
from pipelines.orchestration import job
from pipelines.registry.seeding import seed_accounts
from pipelines.sandbox.process import SandboxHandle
from pipelines.settings import SHANGHAI, Settings
from tests.integration.extraction import lake

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("extraction")]
ACCOUNTS = {"buyin": "doudian-05", "qianchuan": "qianchuan-01"}
NOW = datetime(2026, 11, 14, 20)  # noqa: DTZ001 - the small world's clock, as the lake has it
SINCE, UNTIL = datetime(2026, 11, 3), datetime(2026, 11, 6)  # noqa: DTZ001
every_account = pytest.mark.parametrize("channel", ACCOUNTS)


def asked(
    home: Settings, running: SandboxHandle, channel: str, **options: object
) -> ExtractionReport:
    times = {
        name: value.replace(tzinfo=SHANGHAI) if isinstance(value, datetime) else value
        for name, value in options.items()
    }
    return extract(
        home, connectors()[channel], sandbox_url=running.url, shops=[ACCOUNTS[channel]],
        **times,  # type: ignore[arg-type]
    )  # fmt: skip


def newest_pulls(home: Settings, channel: str) -> dict[str, pl.DataFrame]:
    """The windows of the newest load by stream, oldest first."""
    newest = RawLake(home).tables(channel)["pulls"][-1]
    pulls = pl.read_parquet(newest).sort("stream", "window_start")
    return {str(name): rows for (name,), rows in pulls.group_by("stream")}


def span(pulls: pl.DataFrame) -> tuple[datetime, datetime]:
    """From where to where windows reach that leave no gap and overlap nowhere."""
    for before, after in pairwise(pulls.iter_rows(named=True)):
        assert before["window_end"] == after["window_start"]
    return pulls["window_start"][0], pulls["window_end"][-1]


def dated(channel: str) -> list[Stream]:
    """The streams that have a past; the other lists are always read whole."""
    return [stream for stream in connectors()[channel].streams if stream.overlap]


def begins(stream: Stream, moment: datetime) -> datetime:
    """Where a window from then on begins."""
    return moment.replace(hour=0, minute=0) if stream.whole_days else moment


def ends(stream: Stream, moment: datetime) -> datetime:
    whole = begins(stream, moment)
    return whole if whole == moment else whole + timedelta(days=1)


@every_account
def test_exactly_the_asked_days_are_pulled_and_no_mark_moves(
    home: Settings, running: SandboxHandle, channel: str
) -> None:
    assert asked(home, running, channel).failures() == []
    loads = len(RawLake(home).complete_loads(channel))
    assert asked(home, running, channel, since=SINCE, until=UNTIL).failures() == []
    assert len(RawLake(home).complete_loads(channel)) == loads + 1
    pulls = newest_pulls(home, channel)
    # Two days of the last week by the hour were over long ago; a list has no past to ask for.
    answered = [each for each in dated(channel) if each.horizon > NOW - UNTIL]
    assert set(pulls) == {each.table for each in answered}
    assert {kind for rows in pulls.values() for kind in rows["kind"]} == {"backfill"}
    assert {span(pulls[each.table]) for each in answered} == {(SINCE, UNTIL)}

    assert asked(home, running, channel).failures() == []
    again = newest_pulls(home, channel)
    for stream in dated(channel):
        new = again[stream.table].filter(pl.col("kind") == "incremental")
        mark = ends(stream, NOW)
        assert span(new) == (begins(stream, mark - stream.overlap), mark), stream.table


@every_account
def test_a_full_refresh_asks_for_all_that_is_answered(
    home: Settings, running: SandboxHandle, channel: str
) -> None:
    report = asked(home, running, channel, full_refresh=True)
    assert (report.failures(), report.notices) == ([], [])
    pulls = newest_pulls(home, channel)
    for stream in connectors()[channel].streams:
        # Behind a list that is read whole comes the look at what left it.
        rows = pulls[stream.table].filter(pl.col("kind") != "sweep")
        assert set(rows["kind"]) == {"backfill"}
        assert span(rows) == (begins(stream, NOW - stream.horizon), ends(stream, NOW))


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        pytest.param(
            datetime(2020, 1, 1), datetime(2020, 2, 1), "alliance_orders 2026-08-17",  # noqa: DTZ001
            id="long ago",
        ),
        pytest.param(datetime(2027, 1, 1), None, "clock (2026-11-14 20:00)", id="ahead"),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_a_time_that_nothing_is_answered_of_is_said_and_is_no_load(
    home: Settings, running: SandboxHandle, since: datetime, until: datetime | None, said: str
) -> None:
    report = asked(home, running, "buyin", since=since, until=until)
    (notice,) = report.notices
    assert said in notice
    assert "nothing was asked of it" in notice
    assert (report.failures(), report.streams) == ([], [])
    assert RawLake(home).complete_loads("buyin") == set()


def test_a_time_that_is_answered_in_part_is_pulled_in_part(
    home: Settings, running: SandboxHandle
) -> None:
    since, until = datetime(2026, 1, 1), datetime(2027, 1, 1)  # noqa: DTZ001
    report = asked(home, running, "buyin", since=since, until=until)
    ahead, long_ago = report.notices
    assert ahead == (
        "--until 2027-01-01 00:00 lies ahead of 精选联盟's clock: asked until 2026-11-14 20:00."
    )
    assert "koujing inbox load" in long_ago
    assert "nothing was asked" not in long_ago
    reached = span(newest_pulls(home, "buyin")["alliance_orders"])
    assert reached == (NOW - timedelta(days=89), NOW)


@pytest.fixture
def pulled_alone(running: SandboxHandle, monkeypatch: pytest.MonkeyPatch) -> list[Outside]:
    """`koujing run` up to what it pulls: building takes minutes and is `e2e/test_company`'s."""
    seen: list[Outside] = []

    def pulls_alone(settings: Settings, progress: object, outside: Outside) -> None:
        del settings, progress
        monkeypatch.setattr(Outside, "_started", lambda _: running)
        with outside:
            for connector in connectors().values():
                outside.pull(connector, lambda _: None)
        seen.append(outside)

    monkeypatch.setattr(job, "run_job", pulls_alone)
    return seen


def test_the_command_pulls_the_named_channel_and_days_alone(
    settings: Settings,
    running: SandboxHandle,
    monkeypatch: pytest.MonkeyPatch,
    pulled_alone: list[Outside],
) -> None:
    # 抖店 and 精选联盟 both pull this one.
    seed_accounts(settings, [a for a in running.accounts() if a["shop_key"] == ACCOUNTS["buyin"]])
    monkeypatch.setenv("KOUJING_HOME", str(settings.home))
    monkeypatch.setenv("KOUJING_PII_KEY", lake.KEY)
    result = CliRunner().invoke(
        app, ["run", "--channel", "buyin", "--since", "2026-11-03", "--until", "2026-11-06 00:00"]
    )
    assert isinstance(result.exception, NothingPublishedError), result.exception
    (outside,) = pulled_alone
    assert [report.channel for report in outside.reports] == ["buyin"]
    assert [each.name for each in (settings.home / "raw").iterdir()] == ["raw_buyin"]
    pulls = newest_pulls(settings, "buyin")
    assert span(pulls["alliance_orders"]) == (SINCE, UNTIL)
    assert {kind for rows in pulls.values() for kind in rows["kind"]} == {"backfill"}


@pytest.mark.parametrize(
    ("options", "said", "cure"),
    [
        (["--until", "2026-11-02"], "where a backfill ends", "--since"),
        (["--since", "2026-11-02", "--until", "2026-11-02"], "is not before", "one day is"),
        (["--since", "2026-11-02", "--until", "2026-11-01"], "is not before", "one day is"),
        (["--since", "2026-11-02", "--full-refresh"], "a part of it", "Leave one of them out"),
        (["--channel", "amazon"], "No connector 'amazon'", "There are: buyin, doudian"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_runs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str, cure: str
) -> None:
    monkeypatch.setenv("KOUJING_HOME", str(settings.home))
    error = CliRunner().invoke(app, ["run", *options]).exception
    assert isinstance(error, UsageError)
    assert said in error.message
    assert cure in error.hint
    assert not (settings.home / "raw").exists()


def test_a_time_that_cannot_be_read_is_refused() -> None:
    result = CliRunner().invoke(app, ["run", "--since", "last week"])
    assert result.exit_code == 2
    assert "--since" in result.output
