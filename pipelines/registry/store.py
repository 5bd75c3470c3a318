"""The registry's tables and its one engine. SQLite under ``KOUJING_HOME``; one file, one writer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, String, create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from pipelines.settings import Settings


class Base(DeclarativeBase):
    """Declarative base of the registry's tables."""


class ShopRow(Base):
    """One shop or ad account."""

    __tablename__ = "shops"

    shop_key: Mapped[str] = mapped_column(String(80), primary_key=True)
    channel: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(20))
    origin: Mapped[str] = mapped_column(String(40))
    registered_at: Mapped[datetime]


class UserRow(Base):
    """One person who may open the pages, with the scope that they see."""

    __tablename__ = "users"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    role: Mapped[str] = mapped_column(String(30))
    password_hash: Mapped[str] = mapped_column(String(200))
    channels: Mapped[list[str]] = mapped_column(JSON)
    shops: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]


def registry_engine(settings: Settings) -> Engine:
    """Open the registry, creating its file and tables on the first call."""
    settings.registry_dir.mkdir(parents=True, exist_ok=True)
    path = settings.registry_dir / "registry.sqlite"
    path.touch(mode=0o600)  # it holds password hashes
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    return engine
