"""What a task says: why now, what is known, what to ask. Plain text, short lines, strongest first. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b

import msgspec

from connectors.tasks import TaskKind
from leadline import attribution, consent, plain
from leadline.decide import shown_score
from leadline.state.scores import Score
from scoring.breakdown import DIGIT_NAMES
from scoring.evidence import ElementState
from scoring.facts import Facts

BODY_LENGTH = 4_000
SUBJECT_LENGTH = 120
VERBS: Mapping[TaskKind, str] = {"todo": "Contact", "call": "Call", "email": "E-mail"}

_REASONS = 5
_REASON_LENGTH = 160
_COLLEAGUES = 4
_UNKNOWN_STATES = {"unknown": "not known yet", "stale": "known, but too old to rely on"}


def subject(facts: Facts, score: Score, kind: TaskKind = "todo") -> str:
    """One line that tells the rep what to do with whom and why it is worth it."""
    name = _name(facts) or "this lead"
    company = plain.value(facts.company.get("name"), 40)
    whom = f"{name}, {company}" if company else name
    heat = DIGIT_NAMES.get(score.breakdown.grade[-1:], "")
    worth = f"{score.breakdown.grade} {heat}".strip()
    return plain.cut(f"{VERBS[kind]} {whom}: {worth}, score {shown_score(score.breakdown.total)}", SUBJECT_LENGTH)


def body(facts: Facts, score: Score, colleagues: Sequence[Facts]) -> str:
    """The hand-over, within the length both CRMs take."""
    sections = (
        _why_now(facts, score),
        _reasons(score),
        _known(score, facts, colleagues),
        _company(facts, colleagues),
        (*attribution.lines(facts), *_interest(score)),
    )
    texts = (plain.lines(section) for section in sections)
    return plain.cut("\n\n".join(text for text in texts if text), BODY_LENGTH)


def material(facts: Facts, score: Score, record_owner: str | None) -> str:
    """A digest of what makes a hand-over another one; points that only went up or down do not."""
    strongest = score.breakdown.strongest_signal()
    parts = (
        score.breakdown.grade,
        score.standing.stage,
        score.assessment.completeness,
        [(one.id, one.state) for one in score.assessment.elements],
        score.assessment.next_question,
        strongest.rule if strongest else None,
        record_owner,
        consent.line(facts),
    )
    return blake2b(msgspec.json.encode(parts), digest_size=16).hexdigest()


def _why_now(facts: Facts, score: Score) -> Iterator[str]:
    strongest = score.breakdown.strongest_signal()
    if strongest and strongest.last_at:
        yield f"Why now: {plain.value(strongest.say, _REASON_LENGTH)}, last on {strongest.last_at:%d %b %Y}"
    yield (
        f"Score {shown_score(score.breakdown.total)}, grade {score.breakdown.grade} ({score.breakdown.heat}), "
        f"stage {score.standing.stage}"
    )
    yield consent.line(facts)


def _reasons(score: Score) -> Iterator[str]:
    reasons = score.breakdown.reasons()[:_REASONS]
    if reasons:
        yield "Reasons, with their points"
    for line in reasons:
        yield f"- {plain.value(line.say, _REASON_LENGTH)}: {f'{line.points / 100:+.1f}'.removesuffix('.0')}"


def _known(score: Score, facts: Facts, colleagues: Sequence[Facts]) -> Iterator[str]:
    yield f"{score.assessment.framework.upper()}: {score.assessment.completeness} % known"
    people = {person.id: person for person in (*colleagues, facts)}
    for element in score.assessment.elements:
        state = _UNKNOWN_STATES.get(element.state, element.state)
        yield f"- {element.id.replace('_', ' ').capitalize()}: {state}{_evidence(element, facts, people)}"
    if score.assessment.next_question:
        yield f"Ask next: {score.assessment.next_question}"


def _evidence(element: ElementState, facts: Facts, people: Mapping[str, Facts]) -> str:
    """What was said in which field, since when and by whom."""
    if not element.field or element.person is None or element.person not in people:
        return ""
    said_by = people[element.person]
    said = plain.words(said_by.fields().get(element.field))
    whose = "" if said_by.id == facts.id else f", from {_name(said_by) or 'a colleague'}"
    since = f", since {element.date:%d %b %Y}" if element.date else ""
    return f" ({element.field.partition('.')[2].replace('_', ' ')}: {said}{since}{whose})"


def _company(facts: Facts, colleagues: Sequence[Facts]) -> Iterator[str]:
    company = facts.company
    if company.get("name"):
        parts = [plain.words(company[key]) for key in ("industry", "country") if company.get(key)]
        if company.get("employees"):
            parts.append(f"{plain.value(company['employees'])} people")
        yield f"Company: {plain.value(company['name'])}" + (f" ({', '.join(parts)})" if parts else "")
    others = [person for person in colleagues if person.id != facts.id and _name(person)]
    if others:
        shown = "; ".join(_with_title(person) for person in others[:_COLLEAGUES])
        more = len(others) - _COLLEAGUES
        yield f"Others there: {shown}" + (f"; and {more} more" if more > 0 else "")


def _interest(score: Score) -> Iterator[str]:
    topic, stage = score.breakdown.strongest("topic"), score.breakdown.buying_stage
    if topic:
        yield f"Interested most in: {topic.replace('_', ' ')}"
    if stage:
        yield f"Buying stage: {stage.replace('_', ' ')}"


def _with_title(person: Facts) -> str:
    title = plain.value(person.person.get("title"))
    return f"{_name(person)}, {title}" if title else _name(person)


def _name(facts: Facts) -> str:
    parts = (plain.value(facts.person.get(key), 40) for key in ("first_name", "last_name"))
    return " ".join(part for part in parts if part)
