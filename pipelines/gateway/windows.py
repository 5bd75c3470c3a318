"""Which windows to pull: since the watermark, what is due again, or what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pipelines.gateway.connector import Connector, Stream, Window

_SHOWN = "%Y-%m-%d %H:%M"
PullKind = Literal["incremental", "revisit", "backfill", "sweep"]


@dataclass(frozen=True)
class Pull:
    """One window to pull, and why. Only incremental ones move the watermark.

    A sweep pulls no records: it compares all keys with the lake's and finds what was deleted. That
    of a whole list comes behind its pull, which has the keys, and never where that failed.
    """

    kind: PullKind
    window: Window


@dataclass(frozen=True)
class History:
    """What the lake knows of one shop's stream."""

    watermark: datetime | None = None
    first_end: datetime | None = None  # end of the first pull: a revisit is due from then on
    revisited: Sequence[tuple[datetime, datetime]] = ()  # windows of earlier revisits
    swept: datetime | None = None


def planned(stream: Stream, history: History, now: datetime) -> list[Pull]:
    """What is due now, oldest first."""
    oldest = now - stream.horizon
    start = oldest if history.watermark is None else max(history.watermark - stream.overlap, oldest)
    pulls = [Pull("incremental", each) for each in sliced(stream, start, now)]
    if history.watermark is None:
        return pulls
    if stream.is_whole and pulls:
        pulls.append(Pull("sweep", pulls[-1].window))
    if stream.keys and now - (history.swept or history.first_end or now) >= stream.sweep_every:
        pulls.append(Pull("sweep", Window(oldest, now)))
    for revisit in stream.revisits:
        reach = max(now - revisit.reach, oldest)
        deep_enough = [
            end
            for begin, end in history.revisited
            if begin <= end - revisit.reach + stream.max_window
        ]
        if now - max(deep_enough, default=history.first_end or now) >= revisit.every:
            # Behind what is new: a revisit that fails holds nothing up.
            return [*pulls, *(Pull("revisit", each) for each in sliced(stream, reach, start))]
    return pulls


def asked_for(
    stream: Stream, now: datetime, since: datetime | None, until: datetime | None
) -> list[Pull]:
    """A backfill, within what the platform still answers for."""
    start = max(since or now - stream.horizon, now - stream.horizon)
    pulls = [Pull("backfill", each) for each in sliced(stream, start, min(until or now, now))]
    if pulls and (stream.is_whole or (stream.keys and since is None and until is None)):
        pulls.append(Pull("sweep", Window(start, now)))
    return pulls


def reach_of(
    connector: Connector, now: datetime, since: datetime | None, until: datetime | None
) -> list[str]:
    """What of a backfill cannot be asked for, in words; nothing where all of it can."""
    said = []
    # A list that is always read whole knows no past that one could ask for.
    dated = [stream for stream in connector.streams if stream.overlap]
    short = [stream for stream in dated if since and since < now - stream.horizon]
    if since and since >= now:
        said.append(
            f"--since {since:{_SHOWN}} lies ahead of {connector.title}'s clock ({now:{_SHOWN}}):"
            " nothing was asked of it. Name a time that is over."
        )
    elif until and until > now:
        said.append(
            f"--until {until:{_SHOWN}} lies ahead of {connector.title}'s clock: asked until"
            f" {now:{_SHOWN}}."
        )
    if short:
        told = ", ".join(f"{each.table} {now - each.horizon:%Y-%m-%d}" for each in short)
        asked = any(asked_for(stream, now, since, until) for stream in connector.streams)
        said.append(
            f"{connector.title} answers only from then on: {told}"
            f"{'' if asked else '; nothing was asked of it'}. What is older is in its own exports:"
            " koujing inbox load FILE --shop KEY"
        )
    return said


def sliced(stream: Stream, start: datetime, end: datetime) -> list[Window]:
    """[start, end) in windows that the platform takes, whole days where the stream wants them."""
    if stream.whole_days:
        start = start.replace(hour=0, minute=0, second=0, microsecond=0)
        end = _next_midnight(end)
    windows = []
    while start < end:
        stop = min(start + stream.max_window, end)
        windows.append(Window(start, stop))
        start = stop
    return windows


def _next_midnight(moment: datetime) -> datetime:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if midnight == moment else midnight + timedelta(days=1)
