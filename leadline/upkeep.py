"""Upkeep: tasks that are open are kept true. What a rep reads changes when it materially differs, a day apart at least; a
task for which the person has taken back consent ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy import Connection

from connectors.tasks import TaskChange
from leadline import consent
from leadline.closing import Told
from leadline.drafts import Drafts
from leadline.facts import facts_of
from leadline.state import opened, outbox, records
from leadline.state.opened import OpenTask
from leadline.state.people import PersonView
from leadline.state.scores import Score

TO_OWNER = "owner"
"""The `to` of a task that goes where its record goes."""


def is_due(told: Told | None, material: str, now: datetime) -> bool:
    """Whether a task that was written from `told` is written again: it would say something else, and not twice a day. Pure.

    Of a task that an earlier release opened nobody knows what it was written from.
    """
    if told is None:
        return True
    changed_today = told.changed_at is not None and told.changed_at.date() >= now.date()
    return material != told.material and not changed_today


class Upkeep:
    """Looks after the open tasks of persons who were scored. `preferred` are connection names, the most trusted first."""

    def __init__(self, preferred: Sequence[str]) -> None:
        self._preferred = preferred
        self._drafts = Drafts(preferred)

    def keep(self, tx: Connection, scored: Iterable[tuple[PersonView, Score]], now: datetime) -> None:
        """Queue what is to become of the open and the waiting tasks of these persons."""
        by_person = {view.id: (view, score) for view, score in scored}
        for task in opened.open_tasks(tx, list(by_person)):
            view, score = by_person[task.person_id]
            if task.kind in consent.refused(facts_of(view, self._preferred)):
                note = f"Closed by Leadline on {now:%d %b %Y}: {consent.REFUSED[task.kind]}."
                outbox.put_closing(tx, task.connection, task.key, note, now)
            else:
                self._bring_up_to_date(tx, task, view, score, now)

    def _bring_up_to_date(self, tx: Connection, task: OpenTask, view: PersonView, score: Score, now: datetime) -> None:
        to = task.told.to if task.told else TO_OWNER
        now_told = self._drafts.told(view, score, task.connection, task.record, to)
        if not is_due(task.told, now_told.material, now):
            return
        subject, body = self._drafts.words(tx, view, score, task.kind)
        owner = _new_owner(tx, task, now_told.record_owner)
        changed_at = task.told.changed_at if task.told else None
        told = replace(now_told, changed_at=changed_at)
        outbox.put_change(tx, task.connection, task.key, TaskChange(subject, body, owner), now, told)


def _new_owner(tx: Connection, task: OpenTask, record_owner: str | None) -> str | None:
    """Who gets the task now that its record is somebody else's: that one, if it goes to owners and the one works here."""
    told = task.told
    if told is None or told.to != TO_OWNER or record_owner is None or record_owner == told.record_owner:
        return None
    owner = records.owners_of(tx, task.connection).get(record_owner)
    return record_owner if owner is not None and owner.active and owner.kind == "user" else None
