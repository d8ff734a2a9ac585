"""What qualification, hand-over and follow-up keep: verdicts of reps, and what followed a crossing."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, PLAIN_TEXT, primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, PLAIN_TEXT, nullable=False)


def _optional(name: str) -> sa.Column[str]:
    return sa.Column(name, PLAIN_TEXT, nullable=True)


def upgrade() -> None:
    """Add the tables, and what the history of a record told."""
    op.create_table(
        "feedback",
        *(_key(name) for name in ("connection", "object", "record_id", "at")),
        _text("value"),
        _optional("breakdown"),
    )
    op.create_table(
        "followups",
        _key("crossing_id"),
        *(_text(name) for name in ("person_id", "connection", "task_key", "due_at")),
        *(_optional(name) for name in ("owner_id", "responded_at", "response", "breach")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("escalated", "told")),
        _optional("look_at"),
    )
    op.create_index("followups_by_person", "followups", ["person_id"])
    op.create_index("followups_by_look", "followups", ["connection", "look_at"])
    op.create_table(
        "accounts", *(_key(name) for name in ("connection", "object", "id")), _optional("content"), _optional("due_since")
    )
    op.create_index("accounts_due", "accounts", ["due_since"])
    op.add_column("records", sa.Column("told_dates", PLAIN_TEXT, nullable=False, server_default="{}"))
    op.add_column("records", sa.Column("dated_for", PLAIN_TEXT, nullable=False, server_default=""))
    op.create_index("records_undated", "records", ["connection", "stream", "dated_for"])
    op.add_column("persons", sa.Column("outdated_since", PLAIN_TEXT, nullable=True))
    op.create_index("persons_outdated", "persons", ["outdated_since"])
    op.create_index("scores_by_moment", "scores", ["as_of", "person_id"])
    op.create_index("scores_by_rules", "scores", ["rules_hash", "person_id"])
