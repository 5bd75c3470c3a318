"""Times that stand in file names: when the file was exported, and which day it reports."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from pipelines.settings import SHANGHAI
from pipelines.sources.inbox.mapping import Mapping

_FORMATS = {8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_FIRST_YEAR, _LAST_YEAR = 2009, 2099


@dataclass(frozen=True)
class NameTimes:
    """What a file's name says; None where it says nothing."""

    exported_at: datetime | None = None
    report_from: date | None = None
    report_to: date | None = None


def times_in_name(mapping: Mapping, name: str) -> NameTimes:
    """Read a file name with the mapping's patterns; the first that matches counts.

    An impossible date is no date: an id in the same place of the name must not pass for one. A
    member of a .zip that does not say it has its archive's (微信小店 dates the archive alone).
    """
    for part in reversed(name.split("/")):
        for item in mapping.file_names:
            match = re.search(item.pattern, part)
            times = _times(match.groupdict()) if match else None
            if times:
                return times
    return NameTimes()


def _times(found: dict[str, str | None]) -> NameTimes | None:
    exported = _moment(found.get("exported_at")) or _from_unix(found.get("exported_unix"))
    first = _moment(found.get("report_day"))
    last = _moment(found.get("report_day_end")) or first
    if not (exported or first):
        return None
    return NameTimes(exported, first.date() if first else None, last and last.date())


def _moment(text: str | None) -> datetime | None:
    digits = re.sub(r"\D", "", text or "")
    if len(digits) not in _FORMATS:
        return None
    try:
        # Beijing wall clock, kept without a zone as everywhere in the tables.
        moment = datetime.strptime(digits, _FORMATS[len(digits)])  # noqa: DTZ007
    except ValueError:
        return None
    return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def _from_unix(text: str | None) -> datetime | None:
    return datetime.fromtimestamp(int(text), tz=SHANGHAI).replace(tzinfo=None) if text else None
