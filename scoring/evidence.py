"""What is known of each element of a qualification, who said it, and whether the gate to sales holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Literal

import msgspec

from scoring.conditions import Check, compile_condition
from scoring.exact import half_up
from scoring.facts import Facts
from scoring.lists import Lists
from scoring.qualification import Element, Evidence, HandOver, Qualification
from scoring.reading import Fields, age_days, value_class

State = Literal["confirmed", "inferred", "contradicted", "stale", "unknown"]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_MISSING: tuple[State, ...] = ("unknown", "stale", "inferred")


class ElementState(msgspec.Struct, frozen=True):
    """What is known of one element.

    `evidence` is the id of what decided; `person` whose record said it (Facts.id), in which `field`, with
    what class of value (never the value), and since when (UTC), as far as that is known.
    """

    id: str
    state: State
    ask: str
    evidence: str | None = None
    person: str | None = None
    field: str | None = None
    value_class: str | None = None
    date: datetime | None = None


class Gate(msgspec.Struct, frozen=True):
    """Whether a person may be handed over; each refusal names the part that does not hold."""

    passed: bool
    refusals: tuple[str, ...] = ()


class Assessment(msgspec.Struct, frozen=True):
    """A person against the framework. `completeness` is a whole percentage.

    `missing` are the elements still to be asked about (unknown, stale or only inferred), in framework order;
    an element that is contradicted has been answered.
    """

    framework: str
    elements: tuple[ElementState, ...]
    completeness: int
    hand_over: Gate
    missing: tuple[str, ...]
    next_question: str | None


class _Found(msgspec.Struct, frozen=True):
    evidence: Evidence
    person: str
    fields: Fields
    date: datetime | None
    place: int

    @property
    def precedence(self) -> tuple[datetime, bool, int]:
        """The newest dated wins; on a tie, or without dates, contradicted; then the first in the file."""
        return self.date or _LONG_AGO, self.evidence.state == "contradicted", -self.place


class Assessor:
    """One qualification, compiled. Raises MissingListError when it names a list that is not there."""

    def __init__(self, qualification: Qualification, lists: Lists) -> None:
        self.qualification = qualification
        self._checks: dict[str, list[tuple[Evidence, Check]]] = {
            name: [(one, compile_condition(one.when, lists)) for one in element.evidence]
            for name, element in qualification.elements.items()
        }

    def assess(self, facts: Facts, as_of: datetime, colleagues: Sequence[Facts] = ()) -> Assessment:
        """The assessment of one person at a moment (aware); `colleagues` are the company's other people."""
        today = as_of.astimezone(UTC).date()
        own = [(facts, facts.fields())]
        others = sorted((one for one in colleagues if one.id != facts.id), key=lambda one: one.id)
        company = [*own, *((one, one.fields()) for one in others)]
        states = tuple(
            self._state(name, element, company if element.scope == "company" else own, today)
            for name, element in self.qualification.elements.items()
        )
        completeness = _completeness(states)
        missing = tuple(one.id for one in states if one.state in _MISSING)
        return Assessment(
            framework=self.qualification.framework,
            elements=states,
            completeness=completeness,
            hand_over=_gate(self.qualification.hand_over, states, completeness),
            missing=missing,
            next_question=self.qualification.elements[missing[0]].ask if missing else None,
        )

    def _state(self, name: str, element: Element, people: Sequence[tuple[Facts, Fields]], today: date) -> ElementState:
        found = list(self._found(name, people, today))
        settled = [one for one in found if one.evidence.state != "inferred"]
        chosen = max(settled or found, key=lambda one: one.precedence, default=None)
        if chosen is None:
            return ElementState(name, "unknown", element.ask)
        field = chosen.evidence.dated_by or next((asked for _, asked, _ in chosen.evidence.when.walk()), None)
        return ElementState(
            id=name,
            state="stale" if _is_stale(chosen, today) else chosen.evidence.state,
            ask=element.ask,
            evidence=chosen.evidence.id,
            person=chosen.person,
            field=field,
            value_class=value_class(chosen.fields.get(field)) if field else None,
            date=chosen.date,
        )

    def _found(self, name: str, people: Sequence[tuple[Facts, Fields]], today: date) -> Iterator[_Found]:
        place = 0
        for facts, fields in people:
            for evidence, check in self._checks[name]:
                place += 1
                if check(fields, today) is True:
                    dated = facts.dates.get(evidence.dated_by) if evidence.dated_by else None
                    yield _Found(evidence, facts.id, fields, dated, place)


def assess(
    facts: Facts,
    qualification: Qualification,
    lists: Lists,
    as_of: datetime,
    colleagues: Sequence[Facts] = (),
) -> Assessment:
    """One person against a qualification; for many people keep an `Assessor`."""
    return Assessor(qualification, lists).assess(facts, as_of, colleagues)


def _is_stale(found: _Found, today: date) -> bool:
    evidence = found.evidence
    if evidence.state != "confirmed" or evidence.fresh_for is None or found.date is None:
        return False
    return age_days(found.date.astimezone(UTC), today) > evidence.fresh_for


def _count(states: Sequence[ElementState], state: State) -> int:
    return sum(one.state == state for one in states)


def _completeness(states: Sequence[ElementState]) -> int:
    """100 × (confirmed + half of inferred) / elements, rounded half up."""
    halves = 2 * _count(states, "confirmed") + _count(states, "inferred")
    return half_up(Fraction(100 * halves, 2 * len(states)))


def _gate(wanted: HandOver, states: Sequence[ElementState], completeness: int) -> Gate:
    refusals: list[str] = []
    confirmed = _count(states, "confirmed")
    contradicted = [one.id for one in states if one.state == "contradicted"]
    if wanted.min_confirmed is not None and confirmed < wanted.min_confirmed:
        refusals.append(f"min_confirmed: {confirmed} of {wanted.min_confirmed}")
    if wanted.min_completeness is not None and completeness < wanted.min_completeness:
        refusals.append(f"min_completeness: {completeness} of {wanted.min_completeness}")
    if wanted.contradicted is not None and len(contradicted) > wanted.contradicted:
        refusals.append(f"contradicted: {len(contradicted)} of at most {wanted.contradicted} ({', '.join(contradicted)})")
    return Gate(passed=not refusals, refusals=tuple(refusals))
