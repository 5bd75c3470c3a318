"""Where things live and how they are tuned: one settings object, read from the environment.

All state lives under ``KOUJING_HOME``, so two homes never meet. Nothing is read at import.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent
SHANGHAI = ZoneInfo("Asia/Shanghai")
DATABASE_NAME = "koujing"


class Settings(BaseSettings):
    """Koujing's settings (environment prefix ``KOUJING_``; see ``.env.example``)."""

    model_config = SettingsConfigDict(env_prefix="KOUJING_", env_file=".env", extra="ignore")

    home: Path = PROJECT_ROOT / "data"
    lake_url: str = Field(default="", description="Raw lake; empty: <home>/raw. s3://… works too.")
    keep_versions: int = Field(default=5, ge=2, description="Published versions kept readable.")
    duckdb_memory_limit: str = "4GB"
    world: str = Field(
        default="small",
        description="World of the sandbox that an empty home gets: small, demo, large or a folder.",
    )
    registry_url: str = Field(
        default="", repr=False, description="Registry on PostgreSQL; empty: SQLite in the home."
    )
    credentials_key: str = Field(
        default="", repr=False, description="Key that seals credentials; empty: a key file."
    )
    pii_key: str = Field(default="", repr=False, description="Overrides the key file.")
    dashboard_host: str = "127.0.0.1"
    dashboard_port: int = 8050
    log_level: str = "WARNING"

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @property
    def raw_url(self) -> str:
        """The raw lake's root: a local folder by default."""
        return self.lake_url or str(self.home / "raw")

    @property
    def warehouse_path(self) -> Path:
        """The build database. Only a run opens it; readers never do."""
        return self.home / "warehouse" / f"{DATABASE_NAME}.duckdb"

    @property
    def serving_path(self) -> Path:
        """The published database: analysts, pages and the metric commands open it read-only."""
        return self.home / "serving" / f"{DATABASE_NAME}.duckdb"

    @property
    def export_dir(self) -> Path:
        """Published Parquet with its manifests."""
        return self.home / "export"

    @property
    def registry_dir(self) -> Path:
        """Shops, users and key files."""
        return self.home / "registry"

    @property
    def tmp_dir(self) -> Path:
        """Scratch space; emptied by whoever holds the lake lock."""
        return self.home / "tmp"

    @property
    def dbt_target_dir(self) -> Path:
        """Dbt's artifacts of this home (manifest, semantic manifest, run results)."""
        return self.home / "dbt_target"

    @property
    def dagster_home(self) -> Path:
        """Dagster's instance folder."""
        return self.home / "dagster"

    @cached_property
    def locks_dir(self) -> Path:
        """Lock files: one writer of the lake and one of the warehouse at a time."""
        path = self.home / "locks"
        path.mkdir(parents=True, exist_ok=True)
        return path


def shanghai_now() -> datetime:
    """Now, as an aware datetime in Asia/Shanghai."""
    return datetime.now(tz=SHANGHAI)
