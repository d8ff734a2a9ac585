"""Events as scoring sees them: those that exist at a moment, each with its age and whose doing it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import msgspec

from scoring.conditions import Check, compile_condition
from scoring.facts import Event
from scoring.lists import Lists
from scoring.model import MachineRules
from scoring.reading import Fields, age_days, as_time, is_known

_BURST = 3  # clicks …
_BURST_SECONDS = 2  # … within so many seconds
_INSTANT_SECONDS = 2
_CLICK = "email_click"


class Touch(msgspec.Struct, frozen=True):
    """An event with its age in whole days. `fields` include the event's id, type and time."""

    event: Event
    age_days: int
    fields: Fields

    @property
    def key(self) -> tuple[datetime, str]:
        """Newer is greater; ties go to the greater id."""
        return self.event.at, self.event.id


def touch(event: Event, today: date) -> Touch:
    """The event as seen on a UTC day."""
    fields = {**event.fields, "id": event.id, "type": event.type, "at": event.at.isoformat()}
    return Touch(event, age_days(event.at, today), fields)


def existing(events: Iterable[Event], as_of: datetime) -> tuple[Touch, ...]:
    """The events that exist at `as_of`, newest first.

    Later ones do not exist; of those with one id the latest stands, whatever order they come in.
    """
    latest: dict[str, Event] = {}
    for event in events:
        if event.at > as_of:
            continue
        rival = latest.get(event.id)
        if rival is None or _precedence(event) > _precedence(rival):
            latest[event.id] = event
    touches = [touch(event, as_of.date()) for event in latest.values()]
    return tuple(sorted(touches, key=lambda one: one.key, reverse=True))


def _precedence(event: Event) -> tuple[datetime, str, str]:
    # Two versions of one event at one moment: any fixed choice keeps the score independent of order.
    return event.at, event.type, repr(sorted((name, repr(value)) for name, value in event.fields.items()))


class MachineJudge:
    """Tells the engagement of scanners and mail proxies from that of people."""

    def __init__(self, rules: MachineRules, lists: Lists) -> None:
        self._rules = rules
        self._also: list[Check] = [compile_condition(condition, lists) for condition in rules.also]

    def machine_ids(self, touches: Sequence[Touch], today: date) -> frozenset[str]:
        """Ids of the events that a machine made. `touches` are all of one person's, newest first."""
        found = {one.event.id for one in touches if self._is_machine_alone(one, today)}
        if self._rules.burst:
            found.update(_bursts(touches))
        return frozenset(found)

    def _is_machine_alone(self, one: Touch, today: date) -> bool:
        if self._rules.marked and _is_email(one.event) and one.fields.get("machine") is True:
            return True
        if self._rules.instant and _is_instant(one):
            return True
        return any(check(one.fields, today) is True for check in self._also)


def _is_email(event: Event) -> bool:
    return event.type.startswith("email_") or event.type == "unsubscribe"


def _is_instant(one: Touch) -> bool:
    sent_at = as_time(one.fields.get("sent_at")) if one.event.type == _CLICK else None
    if sent_at is None:
        return False
    return 0 <= (one.event.at - sent_at).total_seconds() < _INSTANT_SECONDS


def _bursts(touches: Sequence[Touch]) -> set[str]:
    by_email: Mapping[object, list[Touch]] = defaultdict(list)
    for one in touches:
        email = next((one.fields[key] for key in ("campaign", "name") if is_known(one.fields.get(key))), None)
        if one.event.type == _CLICK and email is not None:
            by_email[email].append(one)
    found: set[str] = set()
    for clicks in by_email.values():
        for start in range(len(clicks) - _BURST + 1):
            run = clicks[start : start + _BURST]
            if (run[0].event.at - run[-1].event.at).total_seconds() <= _BURST_SECONDS:
                found.update(one.event.id for one in run)
    return found
