"""The words that reps read in their CRM: labels, descriptions, choices, and the short sentences that code makes.

English is built in. Another language is a file in `config/words/`; what it leaves out is said in English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from string import Formatter
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from leadline.settings.model import Setting

Path = tuple[str, ...]


def _template(*places: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        try:
            found = [part for part in Formatter().parse(text) if part[1] is not None]
        except ValueError:
            raise ValueError("a brace is opened and not closed, or the other way round") from None
        for _, name, form, conversion in found:
            if name not in places or form or conversion:
                allowed = " and ".join(f"{{{place}}}" for place in places) or "none"
                raise ValueError(f"what stands in braces here is unknown; allowed: {allowed}")
        return text

    return check


Label = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_template("framework"))]
Description = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_template("framework"))]
Choice = Annotated[str, Field(min_length=1, max_length=60)]
OfDays = Annotated[str, AfterValidator(_template("days"))]
OfTrend = Annotated[str, AfterValidator(_template("points", "time"))]
OfMissing = Annotated[str, AfterValidator(_template("missing", "question"))]


class PropertyWords(Setting):
    """How a property is called, and the help that a rep sees beside it. `{framework}` is BANT, or what is in use."""

    label: Label
    description: Description


class PropertiesWords(Setting):
    """Every property there is."""

    score: PropertyWords
    grade: PropertyWords
    stage: PropertyWords
    bant: PropertyWords
    bant_next: PropertyWords
    reasons: PropertyWords
    trend: PropertyWords
    scored_at: PropertyWords
    feedback: PropertyWords
    fit: PropertyWords
    engagement: PropertyWords
    model: PropertyWords
    elements: PropertyWords
    breakdown: PropertyWords
    heartbeat: PropertyWords


class FeedbackWords(Setting):
    """The choices of the feedback drop-down."""

    good: Choice
    too_early: Choice
    bad_fit: Choice
    not_real: Choice
    no_response: Choice


class StateWords(Setting):
    """What can be known of an element."""

    confirmed: Choice
    inferred: Choice
    contradicted: Choice
    stale: Choice
    unknown: Choice


class TrendWords(Setting):
    """How a score went. `{points}` are whole points, `{time}` is one of `day` and `days`."""

    up: OfTrend
    down: OfTrend
    steady: Choice
    day: Choice
    days: OfDays


class Words(Setting):
    """All words of one language. `stages` and `elements` go by the ids of the qualification file."""

    group: Label
    properties: PropertiesWords
    feedback: FeedbackWords
    states: StateWords
    trend: TrendWords
    next_question: OfMissing
    stages: dict[str, Choice]
    elements: dict[str, Choice]

    def of_property(self, name: str, framework: str) -> PropertyWords:
        """Label and description of a property, for a qualification framework."""
        found: PropertyWords = getattr(self.properties, name)
        told = framework.upper()
        return PropertyWords(
            label=found.label.format(framework=told)[:40], description=found.description.format(framework=told)[:255]
        )

    def stage(self, stage_id: str) -> str:
        """A stage as reps call it."""
        return self.stages.get(stage_id) or stage_id.replace("_", " ").capitalize()

    def element(self, element_id: str) -> str:
        """An element within a sentence."""
        return self.elements.get(element_id) or element_id.replace("_", " ")

    def time(self, days: int) -> str:
        """A number of days in words."""
        return self.trend.day if days == 1 else self.trend.days.format(days=days)


def completed(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The words of a file, with the English ones where it has none."""
    return _merged(ENGLISH.model_dump(), raw)


def lacking(raw: Mapping[str, Any]) -> dict[Path, list[str]]:
    """The keys that a file leaves out, by where. Stages and elements are the admin's own: nothing is asked of those."""
    found: dict[Path, list[str]] = {}
    for path in _lacking(ENGLISH.model_dump(exclude={"stages", "elements"}), raw):
        found.setdefault(path[:-1], []).append(path[-1])
    return found


def _merged(english: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        key: _merged(english[key], value) if isinstance(value, dict) and isinstance(english.get(key), dict) else value
        for key, value in raw.items()
    }
    return {**english, **both}


def _lacking(english: Mapping[str, Any], raw: Any, below: Path = ()) -> Iterator[Path]:
    for key, value in english.items():
        if not isinstance(raw, dict):
            return  # not words at all, which is told where it is read
        if key not in raw:
            yield (*below, key)
        elif isinstance(value, dict):
            yield from _lacking(value, raw[key], (*below, key))


def _property(label: str, description: str) -> PropertyWords:
    return PropertyWords(label=label, description=description)


ENGLISH = Words(
    group="Leadline",
    properties=PropertiesWords(
        score=_property(
            "Lead score", "0 to 100: how well this person fits and how engaged they are. Kept up to date by Leadline."
        ),
        grade=_property(
            "Lead grade", "Letter for fit (A best), digit for engagement (1 best). X: a knock-out rule applies."
        ),
        stage=_property("Lead stage", "How far qualification has come. Moved by Leadline's rules, both up and down."),
        bant=_property(
            "{framework} complete (%)", "How much of {framework} is known. Confirmed counts full, inferred half."
        ),
        bant_next=_property("{framework}: what to ask next", "What is still missing, and the next question to ask."),
        reasons=_property("Why this score", "The strongest reasons for the score, the newest strong signal first."),
        trend=_property("Lead score trend", "Where the score went in the last two weeks, as of the time in Scored at."),
        scored_at=_property("Scored at", "When what Leadline shows here was last written."),
        feedback=_property(
            "Lead feedback", "Yours to fill in: what you found out about this lead. Leadline never changes it."
        ),
        fit=_property("Lead fit", "0 to 100: how well person and company match whom we sell to."),
        engagement=_property("Lead engagement", "0 to 100: how much interest they have shown lately. It fades with time."),
        model=_property("Scoring model", "The rules behind the score, and their version."),
        elements=_property("{framework} in detail", "What is known of each part of {framework}."),
        breakdown=_property("Score breakdown (JSON)", "Every line of the score, for reports and other software."),
        heartbeat=_property(
            "Leadline last ran",
            "When Leadline last finished its work here, to a quarter of an hour. An old time means it stands still.",
        ),
    ),
    feedback=FeedbackWords(
        good="Good lead", too_early="Too early", bad_fit="Bad fit", not_real="Not real", no_response="No response"
    ),
    states=StateWords(
        confirmed="confirmed", inferred="inferred", contradicted="contradicted", stale="out of date", unknown="not known"
    ),
    trend=TrendWords(
        up="up {points} in {time}", down="down {points} in {time}", steady="steady", day="1 day", days="{days} days"
    ),
    next_question="Missing: {missing}. Ask: {question}",
    stages={"mql": "Marketing qualified (MQL)", "sql": "Sales qualified (SQL)"},
    elements={},
)
