"""What a task says when it opens: the hand-over, made into a draft for the CRM."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection

from connectors.records import PersonRecord, Ref
from connectors.tasks import TaskDraft, TaskKind
from leadline import handover
from leadline.closing import Told
from leadline.facts import facts_of
from leadline.state import people
from leadline.state.people import PersonView
from leadline.state.scores import Score
from scoring.qualification import TaskRule


class Assignment(Struct, frozen=True):
    """What is settled about a task before it is written: its key, where it goes, who gets it and by when (aware UTC)."""

    key: str
    record: Ref
    owner_id: str | None
    due_at: datetime


class Drafts:
    """Writes the drafts of tasks. `preferred` are connection names, the most trusted first."""

    def __init__(self, preferred: Sequence[str]) -> None:
        self._preferred = preferred

    def draft(self, tx: Connection, view: PersonView, score: Score, rule: TaskRule, assignment: Assignment) -> TaskDraft:
        """The task of one person under one rule."""
        subject, body = self.words(tx, view, score, rule.kind)
        return TaskDraft(
            key=assignment.key,
            person=assignment.record,
            subject=subject,
            body=body,
            due_at=assignment.due_at,
            priority=rule.priority,
            owner_id=assignment.owner_id,
            kind=rule.kind,
        )

    def words(self, tx: Connection, view: PersonView, score: Score, kind: TaskKind) -> tuple[str, str]:
        """Subject and body of a task of this kind."""
        facts = facts_of(view, self._preferred)
        colleagues = {
            colleague.id: facts_of(colleague, self._preferred)
            for members in people.load_colleagues(tx, [view]).values()
            for colleague in members
        }
        return handover.subject(facts, score, kind), handover.body(facts, score, list(colleagues.values()))

    def told(self, view: PersonView, score: Score, connection: str, record: Ref, to: str) -> Told:
        """What a task on this record, given to `to`, is written from now."""
        held = (one.record for one in view.records if one.connection == connection)
        owner = next((one.owner_id for one in held if isinstance(one, PersonRecord) and one.ref == record), None)
        return Told(handover.material(facts_of(view, self._preferred), score, owner), owner, to)
