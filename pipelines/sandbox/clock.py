"""The sandbox's clock: stands still until it is advanced, and is kept in the home."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.settings import SHANGHAI, Settings

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class Clock:
    """The clock of one home's sandbox."""

    def __init__(self, settings: Settings) -> None:
        self.path: Path = settings.home / "sandbox" / "clock.json"
        self._now: datetime | None = None

    def now(self) -> datetime:
        """What it shows, Asia/Shanghai.

        Raises:
            UsageError: No sandbox was started in this home yet.
        """
        if self._now is None:
            if not self.path.exists():
                raise UsageError(
                    "This home has no sandbox yet.", "Start one with: koujing sandbox up"
                )
            shown = json.loads(self.path.read_text(encoding="utf-8"))["now"]
            self._now = datetime.fromisoformat(shown).astimezone(SHANGHAI)
        return self._now

    def is_set(self) -> bool:
        """Whether it shows a time at all."""
        return self.path.exists()

    def set(self, moment: datetime) -> None:
        """Set it, for this and every later start."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        written = self.path.with_suffix(".new")
        written.write_text(json.dumps({"now": moment.isoformat()}), encoding="utf-8")
        written.replace(self.path)
        self._now = moment.astimezone(SHANGHAI)

    def advance(self, span: timedelta) -> datetime:
        """Move it on; returns what it shows then."""
        self.set(self.now() + span)
        return self.now()


def span_of(text: str) -> timedelta:
    """A span such as 90s, 30m, 26h or 2d.

    Raises:
        UsageError: Nothing of the sort, or backwards.
    """
    unit = _UNITS.get(text[-1:], 0)
    if not unit or not text[:-1].isdigit() or int(text[:-1]) == 0:
        raise UsageError(f"'{text}' is no span of time.", "Such as: 30m, 1h, 26h, 2d.")
    return timedelta(seconds=int(text[:-1]) * unit)
