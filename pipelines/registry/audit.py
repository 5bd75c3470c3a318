"""The log of changes: who changed what in the registry, and when. Never a secret's value."""

from __future__ import annotations

import getpass
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.registry.store import AuditRow, registry_engine
from pipelines.settings import Settings, shanghai_now


class Change(BaseModel):
    """One change."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    at: datetime
    who: str
    action: str
    shop_key: str
    what: str


def note(session: Session, action: str, shop_key: str, what: str) -> None:
    """Write a change down, in the transaction that makes it."""
    session.add(
        AuditRow(
            at=shanghai_now().replace(tzinfo=None),
            who=_who(),
            action=action,
            shop_key=shop_key,
            what=what,
        )
    )


def changes(settings: Settings, limit: int = 50) -> list[Change]:
    """The newest changes, newest first."""
    with Session(registry_engine(settings)) as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(limit))
        return [Change.model_validate(row) for row in rows]


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
