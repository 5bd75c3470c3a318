"""The registry's tables and its one engine: SQLite under ``KOUJING_HOME``, PostgreSQL by URL."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import JSON, DateTime, ForeignKey, String, Text, create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from pipelines.locks import held
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
    platform_shop_id: Mapped[str] = mapped_column(String(80), default="")
    parent_shop_key: Mapped[str] = mapped_column(String(80), default="")
    base_url: Mapped[str] = mapped_column(String(300), default="")
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


class CredentialRow(Base):
    """One thing that a shop's owner handed over, encrypted."""

    __tablename__ = "credentials"

    shop_key: Mapped[str] = mapped_column(ForeignKey("shops.shop_key"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    ciphertext: Mapped[str] = mapped_column(Text)


class TokenRow(Base):
    """A shop's tokens, encrypted; when they end stands in clear (UTC)."""

    __tablename__ = "tokens"

    shop_key: Mapped[str] = mapped_column(ForeignKey("shops.shop_key"), primary_key=True)
    ciphertext: Mapped[str] = mapped_column(Text)
    access_expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    refresh_expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class AuditRow(Base):
    """One change of the registry: who changed what. Never a secret's value."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40))
    shop_key: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(Text)


def registry_engine(settings: Settings) -> Engine:
    """Open the registry, brought to today's layout on the first call of a process."""
    if settings.registry_url:
        return _opened(settings.registry_url, settings)
    settings.registry_dir.mkdir(parents=True, exist_ok=True)
    path = settings.registry_dir / "registry.sqlite"
    path.touch(mode=0o600)  # it holds password hashes and sealed credentials
    return _opened(f"sqlite:///{path}", settings)


_engines: dict[str, Engine] = {}


def _opened(url: str, settings: Settings) -> Engine:
    if url not in _engines:
        engine = create_engine(url)
        with held(settings, "registry", "The registry is still being brought up to date.", 60):
            migrate(engine)
        _engines[url] = engine
    return _engines[url]


@cache
def _alembic_config() -> object:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "pipelines.registry:migrations")
    return config


def migrate(engine: Engine) -> None:
    """Bring a registry of any age to today's layout; what stands in it stays."""
    from alembic import command
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = _alembic_config()
    assert isinstance(config, Config), "made above"
    with engine.begin() as connection:
        newest = ScriptDirectory.from_config(config).get_current_head()
        if MigrationContext.configure(connection).get_current_revision() == newest:
            return
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
