"""Whether our side responded to a crossing, how fast, and what is to be done if nobody did. Pure.

A response is a call (reached or not), an e-mail, a meeting held or booked, or a completed task, by the owner's side, later
than the crossing and not in the future; the earliest counts, whenever it comes to light. What is still unanswered at the due
time of its task is a breach, for one of three reasons:

- `no owner`: nobody active owned the record when its task was opened, so it went to somebody by routing;
- `out of hours`: before the due time its assignee had less than an hour of working time, and less than was allowed;
- `ignored`: anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from connectors.records import Ref
from connectors.tasks import Task
from leadline.calendars import Calendar, due_at, shifts
from leadline.closing import Closing, Settled, already_settled
from leadline.state.people import PersonEvent
from scoring.qualification import Escalation

Breach = Literal["no owner", "out of hours", "ignored"]

CONTACTS = frozenset({"call", "call_attempt", "email", "email_open", "email_bounce", "meeting", "task"})
"""What somebody of our side may have done. An e-mail that was opened or came back was sent before that."""
LOOK_AGAIN_AFTER = timedelta(days=1)
"""How often an unanswered task is looked at when no step is due: a completed one is a response."""
WATCHED_FOR = timedelta(days=30)
"""How long after its due time a task is looked at."""

_AN_HOUR = timedelta(hours=1)


class Answer(Struct, frozen=True):
    """A response: when it was made, and what it was by whom ("call of owner 55")."""

    at: datetime
    what: str


class Followup(Struct, frozen=True, kw_only=True):
    """What followed a crossing whose task was opened, on which record and for whom (`assignee`).

    `owner_id` is who owned the record then, None if nobody active did. `escalated` counts the steps that were taken, `told`
    those that were told. `look_at` is when the task is looked at next, None when no more.
    """

    crossing_id: str
    person_id: str
    connection: str
    task_key: str
    record: Ref
    assignee: str | None
    happened_at: datetime
    opened_at: datetime
    due_at: datetime
    owner_id: str | None
    responded_at: datetime | None = None
    response: str | None = None
    breach: Breach | None = None
    escalated: int = 0
    told: int = 0
    look_at: datetime | None = None


class Seen(Struct, frozen=True):
    """A task as the CRM shows it now, beside how we wrote it."""

    closing: Closing
    task: Task | None

    @property
    def fate(self) -> Settled | None:
        """What became of it; None while it is open and as we wrote it."""
        is_done = self.task is not None and not self.task.open
        return Settled.COMPLETED if is_done else already_settled(self.closing, self.task)


class Verdict(Struct, frozen=True):
    """What is known now, and the steps of escalation to take."""

    responded_at: datetime | None
    response: str | None
    breach: Breach | None
    look_at: datetime | None
    steps: tuple[int, ...] = ()


def answer_in(
    events: Iterable[PersonEvent], after: datetime, until: datetime, owners: Mapping[str, AbstractSet[str]]
) -> Answer | None:
    """The first response among these events, later than `after`. `owners` are all who ever were owners, by connection."""
    found: list[Answer] = []
    for event in events:
        if event.type in CONTACTS and (whose := _whose(event, owners)) is not None:
            times = [at for at in _times(event) if after < at <= until]
            found += [Answer(at, f"{_named(event.type)} of {whose}") for at in times]
    return min(found, key=lambda one: (one.at, one.what), default=None)


def _whose(event: PersonEvent, owners: Mapping[str, AbstractSet[str]]) -> str | None:
    """Who of our side did it; None if it was the lead, or nobody knows."""
    direction, owner = event.fields.get("direction"), event.fields.get("owner_id")
    if direction == "inbound" or (event.type == "task" and event.fields.get("done") is not True):
        return None
    if owner is None:
        return "our side" if direction == "outbound" else None
    return f"owner {owner}" if owner in owners.get(event.id.partition(":")[0], ()) else None


def _times(event: PersonEvent) -> Sequence[datetime]:
    """When it was done. Who has booked a meeting has responded before it begins."""
    told = event.fields.get({"meeting": "booked_at"}.get(event.type, "sent_at"))
    earlier = datetime.fromisoformat(told) if isinstance(told, str) else None
    if event.type == "meeting":
        return (event.at,) if earlier is None else (event.at, earlier)
    return (earlier or event.at,)


def _named(event_type: str) -> str:
    return {"call_attempt": "call", "email_open": "email", "email_bounce": "email"}.get(event_type, event_type)


def answered(row: Followup, answer: Answer, calendar: Calendar) -> Verdict | None:
    """What a response changes; None if an earlier one is known."""
    if row.responded_at is not None and row.responded_at <= answer.at:
        return None
    return Verdict(answer.at, answer.what, _breach_of(row, answer, calendar), look_at=None)


def _breach_of(row: Followup, answer: Answer, calendar: Calendar) -> Breach | None:
    if answer.at <= row.due_at:
        return None
    # What was looked at after its due time and found touched is no breach, though it be answered late.
    was_judged = row.look_at is None or row.look_at > row.due_at
    return row.breach if was_judged else breach_reason(row, calendar)


def judge(
    row: Followup, answer: Answer | None, seen: Seen | None, steps: Sequence[Escalation], calendar: Calendar, now: datetime
) -> Verdict:
    """What is to be said and done about an unanswered crossing. `seen` is its task, None if it was not looked at.

    Nothing is done about a task that a rep has touched, and no breach begins with it: it is in hand.
    """
    fate = seen.fate if seen else None
    if seen and seen.task and fate is Settled.COMPLETED:
        done = Answer(seen.task.done_at or now, f"task of owner {seen.task.owner_id or 'unknown'}")
        answer = done if answer is None else min(answer, done, key=lambda one: one.at)
    if answer is not None and (verdict := answered(row, answer, calendar)) is not None:
        return verdict
    if fate is Settled.GONE:
        return Verdict(None, None, row.breach, look_at=None)
    if now < row.due_at:
        return Verdict(None, None, None, look_at=row.due_at)
    if fate is not None or seen is None:
        return Verdict(None, None, row.breach, _next_look(row, now))
    times = [due_at(step.after, row.due_at, calendar) for step in steps]
    due = tuple(place for place, at in enumerate(times) if place >= row.escalated and at <= now)
    coming = min((at for place, at in enumerate(times) if place >= row.escalated and at > now), default=None)
    return Verdict(None, None, row.breach or breach_reason(row, calendar), _next_look(row, now, coming), due)


def _next_look(row: Followup, now: datetime, step_at: datetime | None = None) -> datetime | None:
    again = now + LOOK_AGAIN_AFTER
    if step_at is not None:
        return min(step_at, again)
    return again if again <= row.due_at + WATCHED_FOR else None


def breach_reason(row: Followup, calendar: Calendar) -> Breach:
    """Why nobody responded in time, as far as the clock and the CRM tell."""
    if row.owner_id is None:
        return "no owner"
    allowed = row.due_at - row.opened_at
    is_short = _working_time(row.opened_at, row.due_at, calendar) < min(allowed, _AN_HOUR)
    return "out of hours" if is_short else "ignored"


def _working_time(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """How much working time lies between two moments, counted up to an hour."""
    found = timedelta()
    for shift in shifts(calendar, start):
        if shift.began_at >= end or found >= _AN_HOUR:
            break
        found += min(shift.ends_at, end) - max(shift.began_at, start)
    return found


def in_words(row: Followup) -> str:
    """What followed a crossing, in a line for whoever asks for it."""
    if row.responded_at is not None:
        said = f"{row.response} after {_span(row.responded_at - row.happened_at)}"
        return f"{said}, late ({row.breach})" if row.breach else said
    due = f"due {row.due_at:%Y-%m-%d %H:%M} UTC"
    if row.breach is None:
        return f"no response yet, {due}"
    steps = f", {row.escalated} steps of escalation taken" if row.escalated else ""
    return f"no response, {due} ({row.breach}){steps}"


def _span(time: timedelta) -> str:
    for size, unit in ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min")):
        if time >= 2 * size:
            return f"{time / size:.0f} {unit}"
    return f"{time.total_seconds():.0f} s"
