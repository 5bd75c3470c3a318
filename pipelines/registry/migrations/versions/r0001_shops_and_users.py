"""Shops and users. A registry from before the migrations has both: it is taken as it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make what is not there."""
    present = set(sa.inspect(op.get_bind()).get_table_names())
    if "shops" not in present:
        op.create_table(
            "shops",
            sa.Column("shop_key", sa.String(80), primary_key=True),
            sa.Column("channel", sa.String(40), nullable=False),
            sa.Column("kind", sa.String(20), nullable=False),
            sa.Column("name", sa.String(200), nullable=False),
            sa.Column("status", sa.String(20), nullable=False),
            sa.Column("origin", sa.String(40), nullable=False),
            sa.Column("registered_at", sa.DateTime, nullable=False),
        )
    if "users" not in present:
        op.create_table(
            "users",
            sa.Column("name", sa.String(80), primary_key=True),
            sa.Column("role", sa.String(30), nullable=False),
            sa.Column("password_hash", sa.String(200), nullable=False),
            sa.Column("channels", sa.JSON, nullable=False),
            sa.Column("shops", sa.JSON, nullable=False),
            sa.Column("created_at", sa.DateTime, nullable=False),
        )
