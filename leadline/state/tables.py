"""The tables, named after the words of the design.

Times are fixed-width UTC text (`leadline.clock.stamp`), so that they sort and compare the same in SQLite and PostgreSQL.
Structured values are JSON text, written and read by msgspec; the database never looks inside them. `connection` is the name
of the connection's file; `object` and `id` are the CRM's own.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text

metadata = MetaData()


PLAIN_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by its characters on either database, whatever the server's language."""


def _text(name: str, *, key: bool = False, optional: bool = False) -> Column[str]:
    return Column(name, PLAIN_TEXT, primary_key=key, nullable=optional)


records = Table(
    "records",
    metadata,
    _text("connection", key=True),
    _text("object", key=True),
    _text("id", key=True),
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
    _text("merged_into", optional=True),
    Column("unresolved", Integer, nullable=False),
    Column("told_dates", PLAIN_TEXT, nullable=False, server_default="{}"),
    Column("dated_for", PLAIN_TEXT, nullable=False, server_default=""),
    Index("records_by_email", "email"),
    Index("records_by_person", "person_id"),
    Index("records_by_company", "connection", "company"),
    Index("records_unresolved", "unresolved"),
    Index("records_by_survivor", "connection", "merged_into"),
    Index("records_undated", "connection", "stream", "dated_for"),
)

links = Table(
    "links",
    metadata,
    _text("connection", key=True),
    _text("object", key=True),
    _text("id", key=True),
    _text("other_connection", key=True),
    _text("other_object", key=True),
    _text("other_id", key=True),
    _text("reason"),
    _text("since"),
    Index("links_by_other", "other_connection", "other_object", "other_id"),
)

separations = Table(
    "separations",
    metadata,
    _text("connection", key=True),
    _text("object", key=True),
    _text("id", key=True),
    _text("other_connection", key=True),
    _text("other_object", key=True),
    _text("other_id", key=True),
    _text("since"),
)

deal_people = Table(
    "deal_people",
    metadata,
    _text("connection", key=True),
    _text("deal_object", key=True),
    _text("deal_id", key=True),
    _text("person_object", key=True),
    _text("person_record_id", key=True),
    _text("role", optional=True),
    Index("deal_people_by_person", "connection", "person_object", "person_record_id"),
)

events = Table(
    "events",
    metadata,
    _text("connection", key=True),
    _text("object", key=True),
    _text("id", key=True),
    _text("person_object", key=True),
    _text("person_record_id", key=True),
    _text("type"),
    _text("at"),
    _text("fields"),
    _text("modified_at", optional=True),
    Index("events_by_person", "connection", "person_object", "person_record_id"),
)

persons = Table(
    "persons",
    metadata,
    _text("id", key=True),
    _text("since"),
    _text("dirty_since", optional=True),
    _text("outdated_since", optional=True),
    Index("persons_dirty", "dirty_since"),
    Index("persons_outdated", "outdated_since"),
)

cursors = Table(
    "cursors",
    metadata,
    _text("connection", key=True),
    _text("stream", key=True),
    _text("cursor"),
    _text("updated_at"),
    _text("completed_at", optional=True),
    _text("first_completed_at", optional=True),
)

scores = Table(
    "scores",
    metadata,
    _text("person_id", key=True),
    Column("total", Integer, nullable=False),
    _text("grade"),
    _text("stage"),
    _text("standing"),
    _text("breakdown"),
    _text("assessment"),
    _text("model_hash"),
    _text("rules_hash"),
    _text("as_of"),
    Index("scores_by_moment", "as_of", "person_id"),
    Index("scores_by_rules", "rules_hash", "person_id"),
)

standings = Table(
    "standings",
    metadata,
    _text("person_id", key=True),
    _text("standing"),
)

score_history = Table(
    "score_history",
    metadata,
    _text("person_id", key=True),
    _text("as_of", key=True),
    Column("total", Integer, nullable=False),
    _text("grade"),
    _text("stage"),
    _text("model_hash"),
    _text("breakdown"),
)

crossings = Table(
    "crossings",
    metadata,
    _text("id", key=True),
    _text("person_id"),
    _text("line"),
    Column("ordinal", Integer, nullable=False),
    _text("direction"),
    _text("at"),
    _text("happened_at"),
    _text("task_rule", optional=True),
    _text("outcome"),
    _text("why"),
    Index("crossings_by_person", "person_id"),
    Index("crossings_by_outcome", "outcome"),
)

outbox = Table(
    "outbox",
    metadata,
    _text("id", key=True),
    _text("connection"),
    Column("lane", Integer, nullable=False),
    _text("kind"),
    _text("object"),
    _text("record_id"),
    _text("payload"),
    _text("state"),
    Column("version", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    _text("not_before"),
    _text("created_at"),
    Index("outbox_next", "connection", "lane", "created_at", "id"),
)

delivered = Table(
    "delivered",
    metadata,
    _text("connection", key=True),
    _text("object", key=True),
    _text("record_id", key=True),
    _text("content"),
    _text("at"),
    _text("overwritten_at", optional=True),
    _text("overwritten", optional=True),
)

tasks = Table(
    "tasks",
    metadata,
    _text("key", key=True),
    _text("crossing_id"),
    _text("connection"),
    _text("object"),
    _text("record_id"),
    _text("task_object"),
    _text("task_id"),
    _text("owner_id", optional=True),
    _text("opened_at"),
    _text("content", optional=True),
    _text("settled_at", optional=True),
    _text("settled", optional=True),
)

parked = Table(
    "parked",
    metadata,
    _text("id", key=True),
    _text("connection"),
    _text("kind"),
    _text("object"),
    _text("record_id"),
    _text("payload"),
    _text("code"),
    _text("reason"),
    _text("content_hash"),
    _text("parked_at"),
)

fuses = Table(
    "fuses",
    metadata,
    _text("connection", key=True),
    _text("kind", key=True),
    _text("why"),
    Column("size", Integer, nullable=False),
    Column("approved_size", Integer, nullable=False),
    _text("blown_at"),
)

audits = Table(
    "audits",
    metadata,
    _text("connection", key=True),
    _text("stream", key=True),
    _text("at"),
    Column("seen", Integer, nullable=False),
    Column("repaired", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
)

removals = Table(
    "removals",
    metadata,
    _text("connection", key=True),
    _text("object", key=True),
    _text("id", key=True),
    _text("stream"),
    _text("at"),
    _text("reason", optional=True),
    _text("merged_into", optional=True),
)

sightings = Table(
    "sightings",
    metadata,
    _text("connection", key=True),
    _text("object", key=True),
    _text("id", key=True),
)

budgets = Table(
    "budgets",
    metadata,
    _text("connection", key=True),
    _text("state"),
    _text("updated_at"),
)

runs = Table(
    "runs",
    metadata,
    _text("id", key=True),
    _text("connection"),
    _text("phase"),
    _text("started_at"),
    _text("finished_at", optional=True),
    _text("outcome", optional=True),
    _text("counts"),
    Index("runs_by_connection", "connection", "started_at"),
)

problems = Table(
    "problems",
    metadata,
    _text("id", key=True),
    _text("severity"),
    _text("what"),
    _text("fix"),
    _text("first_seen_at"),
    _text("last_seen_at"),
    _text("ended_at", optional=True),
    _text("opening_told_at", optional=True),
    _text("end_told_at", optional=True),
)

feedback = Table(
    "feedback",
    metadata,
    _text("connection", key=True),
    _text("object", key=True),
    _text("record_id", key=True),
    _text("at", key=True),
    _text("value"),
    _text("breakdown", optional=True),
)

followups = Table(
    "followups",
    metadata,
    _text("crossing_id", key=True),
    _text("person_id"),
    _text("connection"),
    _text("task_key"),
    _text("due_at"),
    _text("owner_id", optional=True),
    _text("responded_at", optional=True),
    _text("response", optional=True),
    _text("breach", optional=True),
    Column("escalated", Integer, nullable=False),
    Column("told", Integer, nullable=False),
    _text("look_at", optional=True),
    Index("followups_by_person", "person_id"),
    Index("followups_by_look", "connection", "look_at"),
)

accounts = Table(
    "accounts",
    metadata,
    _text("connection", key=True),
    _text("object", key=True),
    _text("id", key=True),
    _text("content", optional=True),
    _text("due_since", optional=True),
    Index("accounts_due", "due_since"),
)
