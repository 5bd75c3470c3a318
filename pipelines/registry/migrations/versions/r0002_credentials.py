"""What a shop is called on its platform, sealed credentials and tokens, and the log of changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns and tables."""
    for name, width in (("platform_shop_id", 80), ("parent_shop_key", 80), ("base_url", 300)):
        op.add_column("shops", sa.Column(name, sa.String(width), nullable=False, server_default=""))
    op.create_table(
        "credentials",
        sa.Column("shop_key", sa.String(80), sa.ForeignKey("shops.shop_key"), primary_key=True),
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("ciphertext", sa.Text, nullable=False),
    )
    op.create_table(
        "tokens",
        sa.Column("shop_key", sa.String(80), sa.ForeignKey("shops.shop_key"), primary_key=True),
        sa.Column("ciphertext", sa.Text, nullable=False),
        sa.Column("access_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refresh_expires_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("shop_key", sa.String(80), nullable=False),
        sa.Column("what", sa.Text, nullable=False),
    )
