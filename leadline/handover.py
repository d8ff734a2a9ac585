"""The text of a task: why now, what is known, what to ask. Plain text, short lines, strongest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.records import Scalar
from leadline.decide import shown_score
from leadline.state.scores import Score
from scoring.breakdown import DIGIT_NAMES
from scoring.facts import Event, Facts

BODY_LENGTH = 4_000
SUBJECT_LENGTH = 120
_REASONS = 5
_COLLEAGUES = 4
_OUR_WORK = frozenset({"email", "note", "task"})
"""What reps do by themselves is no touch of the person's."""
_UNKNOWN_STATES = {"unknown": "not known yet", "stale": "known, but too old to rely on"}


def subject(facts: Facts, score: Score) -> str:
    """One line that tells the rep whom to call and why it is worth it."""
    name = _name(facts.person) or "this lead"
    company = facts.company.get("name")
    whom = f"{name}, {company}" if company else name
    heat = DIGIT_NAMES.get(score.breakdown.grade[-1:], "")
    worth = f"{score.breakdown.grade} {heat}".strip()
    return _cut(f"Contact {whom}: {worth}, score {shown_score(score.breakdown.total)}", SUBJECT_LENGTH)


def body(facts: Facts, score: Score, colleagues: Sequence[Facts]) -> str:
    """The hand-over, within the length both CRMs take."""
    sections = (
        _why_now(score),
        _reasons(score),
        _known(score, facts, colleagues),
        _company(facts, colleagues),
        _touches(facts.events),
    )
    text = "\n\n".join("\n".join(lines) for section in sections if (lines := list(section)))
    return _cut(text, BODY_LENGTH)


def _why_now(score: Score) -> Iterator[str]:
    strongest = score.breakdown.strongest_signal()
    if strongest and strongest.last_at:
        yield f"Why now: {strongest.say}, last on {strongest.last_at:%d %b %Y}"
    yield (
        f"Score {shown_score(score.breakdown.total)}, grade {score.breakdown.grade} ({score.breakdown.heat}), "
        f"stage {score.standing.stage}"
    )


def _reasons(score: Score) -> Iterator[str]:
    reasons = score.breakdown.reasons()[:_REASONS]
    if reasons:
        yield "Reasons, with their points"
    for line in reasons:
        yield f"- {line.say}: {f'{line.points / 100:+.1f}'.removesuffix('.0')}"


def _known(score: Score, facts: Facts, colleagues: Sequence[Facts]) -> Iterator[str]:
    yield f"{score.assessment.framework.upper()}: {score.assessment.completeness} % known"
    people = {person.id: person for person in (*colleagues, facts)}
    for element in score.assessment.elements:
        state = _UNKNOWN_STATES.get(element.state, element.state)
        evidence = ""
        if element.field and element.person in people:
            said_by = people[element.person]
            value = said_by.fields().get(element.field)
            whose = "" if said_by.id == facts.id else f", from {_name(said_by.person) or 'a colleague'}"
            since = f", since {element.date:%d %b %Y}" if element.date else ""
            said = _plain(value).replace("_", " ")
            evidence = f" ({element.field.partition('.')[2].replace('_', ' ')}: {said}{since}{whose})"
        yield f"- {element.id.replace('_', ' ').capitalize()}: {state}{evidence}"
    if score.assessment.next_question:
        yield f"Ask next: {score.assessment.next_question}"


def _company(facts: Facts, colleagues: Sequence[Facts]) -> Iterator[str]:
    company = facts.company
    if company.get("name"):
        parts = [_plain(company[key]).replace("_", " ") for key in ("industry", "country") if company.get(key)]
        if company.get("employees"):
            parts.append(f"{_plain(company['employees'])} people")
        yield f"Company: {_plain(company['name'])}" + (f" ({', '.join(parts)})" if parts else "")
    others = [person for person in colleagues if person.id != facts.id and _name(person.person)]
    if others:
        shown = "; ".join(_with_title(person) for person in others[:_COLLEAGUES])
        more = len(others) - _COLLEAGUES
        yield f"Others there: {shown}" + (f"; and {more} more" if more > 0 else "")


def _touches(events: Sequence[Event]) -> Iterator[str]:
    ordered = sorted((event for event in events if event.type not in _OUR_WORK), key=lambda event: (event.at, event.id))
    if not ordered:
        return
    yield f"First touch: {_touch(ordered[0])}"
    if len(ordered) > 1:
        yield f"Last touch: {_touch(ordered[-1])}"


def _touch(event: Event) -> str:
    what = event.type.replace("_", " ")
    named = event.fields.get("name") or event.fields.get("campaign") or event.fields.get("url")
    return f"{what} on {event.at:%d %b %Y}" + (f", {_plain(named)}" if named else "")


def _with_title(person: Facts) -> str:
    title = person.person.get("title")
    return f"{_name(person.person)}, {_plain(title)}" if title else _name(person.person)


def _name(person: object) -> str:
    if not isinstance(person, dict):
        return ""
    return " ".join(str(person[key]) for key in ("first_name", "last_name") if person.get(key))


def _plain(value: Scalar | Sequence[str]) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        return f"{value:,.10g}"
    if isinstance(value, str):
        return value.replace("\n", " ")
    return ", ".join(value or ())


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
