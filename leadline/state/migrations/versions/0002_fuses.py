"""Fuses: deliveries that wait for a person's word."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "fuses",
        sa.Column("connection", PLAIN_TEXT, nullable=False),
        sa.Column("kind", PLAIN_TEXT, nullable=False),
        sa.Column("why", PLAIN_TEXT, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("approved_size", sa.Integer, nullable=False),
        sa.Column("blown_at", PLAIN_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("connection", "kind"),
    )
