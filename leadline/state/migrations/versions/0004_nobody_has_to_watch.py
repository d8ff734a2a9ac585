"""Audits, budgets that processes share, separations of records, what became of tasks, and foreign writes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, PLAIN_TEXT, primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, PLAIN_TEXT, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def upgrade() -> None:
    """Add the columns and tables. Of what is there already nobody knows more than before."""
    op.add_column("records", sa.Column("merged_into", PLAIN_TEXT, nullable=True))
    op.create_index("records_by_survivor", "records", ["connection", "merged_into"])
    op.add_column("events", sa.Column("modified_at", PLAIN_TEXT, nullable=True))
    for name in ("overwritten_at", "overwritten"):
        op.add_column("delivered", sa.Column(name, PLAIN_TEXT, nullable=True))
    for name in ("content", "settled_at", "settled"):
        op.add_column("tasks", sa.Column(name, PLAIN_TEXT, nullable=True))
    pair = ("connection", "object", "id", "other_connection", "other_object", "other_id")
    op.create_table("separations", *(_key(name) for name in pair), _text("since"))
    op.create_table(
        "audits", _key("connection"), _key("stream"), _text("at"), _number("seen"), _number("repaired"), _number("removed")
    )
    op.create_table(
        "removals",
        *(_key(name) for name in ("connection", "object", "id")),
        *(_text(name) for name in ("stream", "at")),
        *(sa.Column(name, PLAIN_TEXT, nullable=True) for name in ("reason", "merged_into")),
    )
    op.create_table("sightings", _key("connection"), _key("object"), _key("id"))
    op.create_table("budgets", _key("connection"), _text("state"), _text("updated_at"))
    op.create_table("standings", _key("person_id"), _text("standing"))
