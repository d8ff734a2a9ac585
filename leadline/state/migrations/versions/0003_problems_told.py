"""Problems remember whether people were told of their beginning and their end."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the two columns. What is there already was told in the log, as it used to be."""
    op.add_column("problems", sa.Column("opening_told_at", PLAIN_TEXT, nullable=True))
    op.add_column("problems", sa.Column("end_told_at", PLAIN_TEXT, nullable=True))
    op.execute(sa.text("UPDATE problems SET opening_told_at = last_seen_at, end_told_at = ended_at"))
