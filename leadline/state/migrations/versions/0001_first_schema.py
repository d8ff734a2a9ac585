"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, PLAIN_TEXT, nullable=optional)


def _crossings() -> None:
    op.create_table(
        "crossings",
        _text("id"),
        _text("person_id"),
        _text("line"),
        sa.Column("ordinal", sa.Integer, nullable=False),
        _text("direction"),
        _text("at"),
        _text("happened_at"),
        _text("task_rule", optional=True),
        _text("outcome"),
        _text("why"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("crossings_by_outcome", "crossings", ["outcome"])
    op.create_index("crossings_by_person", "crossings", ["person_id"])


def _cursors() -> None:
    op.create_table(
        "cursors",
        _text("connection"),
        _text("stream"),
        _text("cursor"),
        _text("updated_at"),
        _text("completed_at", optional=True),
        _text("first_completed_at", optional=True),
        sa.PrimaryKeyConstraint("connection", "stream"),
    )


def _deal_people() -> None:
    op.create_table(
        "deal_people",
        _text("connection"),
        _text("deal_object"),
        _text("deal_id"),
        _text("person_object"),
        _text("person_record_id"),
        _text("role", optional=True),
        sa.PrimaryKeyConstraint("connection", "deal_object", "deal_id", "person_object", "person_record_id"),
    )
    op.create_index("deal_people_by_person", "deal_people", ["connection", "person_object", "person_record_id"])


def _delivered() -> None:
    op.create_table(
        "delivered",
        _text("connection"),
        _text("object"),
        _text("record_id"),
        _text("content"),
        _text("at"),
        sa.PrimaryKeyConstraint("connection", "object", "record_id"),
    )


def _events() -> None:
    op.create_table(
        "events",
        _text("connection"),
        _text("object"),
        _text("id"),
        _text("person_object"),
        _text("person_record_id"),
        _text("type"),
        _text("at"),
        _text("fields"),
        sa.PrimaryKeyConstraint("connection", "object", "id", "person_object", "person_record_id"),
    )
    op.create_index("events_by_person", "events", ["connection", "person_object", "person_record_id"])


def _links() -> None:
    op.create_table(
        "links",
        _text("connection"),
        _text("object"),
        _text("id"),
        _text("other_connection"),
        _text("other_object"),
        _text("other_id"),
        _text("reason"),
        _text("since"),
        sa.PrimaryKeyConstraint("connection", "object", "id", "other_connection", "other_object", "other_id"),
    )
    op.create_index("links_by_other", "links", ["other_connection", "other_object", "other_id"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        _text("id"),
        _text("connection"),
        sa.Column("lane", sa.Integer, nullable=False),
        _text("kind"),
        _text("object"),
        _text("record_id"),
        _text("payload"),
        _text("state"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        _text("not_before"),
        _text("created_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("outbox_next", "outbox", ["connection", "lane", "created_at", "id"])


def _parked() -> None:
    op.create_table(
        "parked",
        _text("id"),
        _text("connection"),
        _text("kind"),
        _text("object"),
        _text("record_id"),
        _text("payload"),
        _text("code"),
        _text("reason"),
        _text("content_hash"),
        _text("parked_at"),
        sa.PrimaryKeyConstraint("id"),
    )


def _persons() -> None:
    op.create_table(
        "persons",
        _text("id"),
        _text("since"),
        _text("dirty_since", optional=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("persons_dirty", "persons", ["dirty_since"])


def _problems() -> None:
    op.create_table(
        "problems",
        _text("id"),
        _text("severity"),
        _text("what"),
        _text("fix"),
        _text("first_seen_at"),
        _text("last_seen_at"),
        _text("ended_at", optional=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _records() -> None:
    op.create_table(
        "records",
        _text("connection"),
        _text("object"),
        _text("id"),
        _text("stream"),
        _text("body"),
        _text("content_hash"),
        _text("modified_at"),
        _text("first_seen_at"),
        _text("field_dates"),
        _text("email", optional=True),
        _text("company", optional=True),
        _text("owner_id", optional=True),
        _text("person_id", optional=True),
        _text("removed_at", optional=True),
        sa.Column("unresolved", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("connection", "object", "id"),
    )
    op.create_index("records_by_company", "records", ["connection", "company"])
    op.create_index("records_by_email", "records", ["email"])
    op.create_index("records_by_person", "records", ["person_id"])
    op.create_index("records_unresolved", "records", ["unresolved"])


def _runs() -> None:
    op.create_table(
        "runs",
        _text("id"),
        _text("connection"),
        _text("phase"),
        _text("started_at"),
        _text("finished_at", optional=True),
        _text("outcome", optional=True),
        _text("counts"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("runs_by_connection", "runs", ["connection", "started_at"])


def _score_history() -> None:
    op.create_table(
        "score_history",
        _text("person_id"),
        _text("as_of"),
        sa.Column("total", sa.Integer, nullable=False),
        _text("grade"),
        _text("stage"),
        _text("model_hash"),
        _text("breakdown"),
        sa.PrimaryKeyConstraint("person_id", "as_of"),
    )


def _scores() -> None:
    op.create_table(
        "scores",
        _text("person_id"),
        sa.Column("total", sa.Integer, nullable=False),
        _text("grade"),
        _text("stage"),
        _text("standing"),
        _text("breakdown"),
        _text("assessment"),
        _text("model_hash"),
        _text("rules_hash"),
        _text("as_of"),
        sa.PrimaryKeyConstraint("person_id"),
    )


def _tasks() -> None:
    op.create_table(
        "tasks",
        _text("key"),
        _text("crossing_id"),
        _text("connection"),
        _text("object"),
        _text("record_id"),
        _text("task_object"),
        _text("task_id"),
        _text("owner_id", optional=True),
        _text("opened_at"),
        sa.PrimaryKeyConstraint("key"),
    )


def upgrade() -> None:
    """Create every table."""
    _crossings()
    _cursors()
    _deal_people()
    _delivered()
    _events()
    _links()
    _outbox()
    _parked()
    _persons()
    _problems()
    _records()
    _runs()
    _score_history()
    _scores()
    _tasks()
