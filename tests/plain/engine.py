"""One person's score, straight from the text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from tests.plain.conditions import asked, truth
from tests.plain.engagement import by_machines, existing, in_band, signal_points
from tests.plain.values import hundredths, known, moment, number

Lists = Mapping[str, list[str]]
LETTERS = {"A": 75, "B": 50, "C": 25, "D": 0}
DIGITS = {"1": 75, "2": 50, "3": 25, "4": 0}


@dataclass
class Scored:
    """What the text asks of a breakdown, in hundredths. `lines` are (section, group, rule, points)."""

    persona: str | None
    fit: int = 0
    engagement: int = 0
    total: int = 0
    grade: str = ""
    inputs_known: int = 0
    inputs_asked: int = 0
    machine_events: int = 0
    buying_stage: str | None = None
    lines: list[tuple[str, str | None, str, int]] = field(default_factory=list)
    by_tag: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, section: str, group: str | None, rule: str, points: int) -> int:
        """A line, unless it says nothing."""
        if points:
            self.lines.append((section, group, rule, points))
        return points

    def tag(self, tags: Mapping[str, str], points: int) -> None:
        """Count the points of a line for its tags."""
        if points:
            for name, value in tags.items():
                values = self.by_tag.setdefault(name, defaultdict(int))
                values[value] += points


def score(facts: Mapping[str, Any], model: Mapping[str, Any], as_of: datetime, lists: Lists) -> Scored:
    """The breakdown of one person at a moment."""
    today = as_of.astimezone(UTC).date()
    fields = {f"{part}.{name}": value for part in ("person", "company") for name, value in facts.get(part, {}).items()}
    persona = next((one for one in model.get("personas", []) if truth(one["when"], fields, today, lists) is True), None)
    fit = persona["fit"] if persona else model["fit"]
    scored = Scored(persona["id"] if persona else None)
    scored.fit = fit_points(scored, fit, fields, today, lists)
    scored.engagement = engagement_points(scored, model, facts.get("events", []), as_of, lists)
    wanted = {name for group in fit["groups"].values() for rule in group["rules"] for name in fields_of(rule)}
    scored.inputs_asked, scored.inputs_known = len(wanted), sum(known(fields.get(name)) for name in wanted)
    scored.buying_stage = buying_stage(scored, model)
    bands = model.get("bands", {})
    letter = grade_half({**LETTERS, **bands.get("fit", {})}, scored.fit, fit["limit"])
    digits = {str(name): least for name, least in bands.get("engagement", {}).items()}
    scored.grade = letter + grade_half({**DIGITS, **digits}, scored.engagement, model["engagement"]["limit"])
    total_up(scored, facts, model, fields, as_of, lists)
    return scored


def fields_of(rule: Mapping[str, Any]) -> set[str]:
    """The fields a fit rule asks."""
    return {rule["field"]} if "field" in rule else set(asked(rule["when"]))


def fit_points(scored: Scored, fit: Mapping[str, Any], fields: Mapping[str, Any], today: date, lists: Lists) -> int:
    """Group = min(sum of its rules, its limit); section = the sum of groups within [0, limit]."""
    section = 0
    for name, group in fit["groups"].items():
        points = 0
        for rule in group["rules"]:
            if "bands" in rule:
                value = number(fields.get(rule["field"]))
                gained = in_band(rule["bands"], value)
            else:
                gained = hundredths(rule["points"]) if truth(rule["when"], fields, today, lists) is True else 0
            points += scored.add("fit", name, rule["id"], gained)
            scored.tag(rule.get("tags", {}), gained)
        section += within_group(scored, "fit", name, group, points)
    return within_section(scored, "fit", fit["limit"], section)


def engagement_points(
    scored: Scored, model: Mapping[str, Any], events: list[dict[str, Any]], as_of: datetime, lists: Lists
) -> int:
    """As fit, over signals; what machines did is counted and left out."""
    today = as_of.astimezone(UTC).date()
    there = existing(events, as_of)
    machines = by_machines(there, model.get("machine", {}), today, lists)
    scored.machine_events = len(machines)
    human = [event for event in there if event["id"] not in machines]
    section = 0
    for name, group in model["engagement"]["groups"].items():
        points = 0
        for signal in group["signals"]:
            gained, limit = signal_points(signal, human, today, lists)
            points += scored.add("engagement", name, signal["id"], gained)
            points += scored.add("engagement", name, "limit", limit)
            scored.tag(signal.get("tags", {}), gained)
            scored.tag(signal.get("tags", {}), limit)
        section += within_group(scored, "engagement", name, group, points)
    return within_section(scored, "engagement", model["engagement"]["limit"], section)


def within_group(scored: Scored, section: str, name: str, group: Mapping[str, Any], points: int) -> int:
    """A group's limit, as a line of its own."""
    if "limit" in group and points > hundredths(group["limit"]):
        points += scored.add(section, name, "limit", hundredths(group["limit"]) - points)
    return points


def within_section(scored: Scored, section: str, limit: Any, points: int) -> int:
    """A section's bounds, as a line of its own."""
    if points < 0:
        return points + scored.add(section, None, "floor", -points)
    over = points - hundredths(limit)
    return points + scored.add(section, None, "clamp", -over) if over > 0 else points


def grade_half(thresholds: Mapping[str, Any], points: int, limit: Any) -> str:
    """The highest band whose threshold is at most 100 × points / limit, else the lowest."""
    names = sorted(thresholds)
    if hundredths(limit) == 0:
        return names[-1]
    percent = Fraction(100 * points, hundredths(limit))
    return next((name for name in names if Fraction(str(thresholds[name])) <= percent), names[-1])


def buying_stage(scored: Scored, model: Mapping[str, Any]) -> str | None:
    """The furthest stage whose tagged points reach `stage_at`."""
    points, needed = scored.by_tag.get("stage", {}), hundredths(model.get("stage_at", 3))
    stages = model.get("stages", ["awareness", "consideration", "decision"])
    reached = [stage for stage in stages if stage in points and points[stage] >= needed]
    return reached[-1] if reached else None


def total_up(
    scored: Scored,
    facts: Mapping[str, Any],
    model: Mapping[str, Any],
    fields: Mapping[str, Any],
    as_of: datetime,
    lists: Lists,
) -> None:
    """Overrides, the clamp to [0, 100], and knock-outs."""
    raw = scored.fit + scored.engagement
    for override in facts.get("overrides", []):
        until = moment(override["until"])
        assert until is not None
        if until > as_of:
            raw += scored.add("total", None, "override", hundredths(override["points"]))
    scored.total = max(0, min(10_000, raw))
    scored.add("total", None, "clamp", scored.total - raw)
    today = as_of.astimezone(UTC).date()
    for knockout in model.get("knockouts", []):
        if truth(knockout["when"], fields, today, lists) is True:
            # Also one that takes nothing away any more gives the reason.
            scored.lines.append(("total", None, "knock-out", -scored.total))
            scored.total, scored.grade = 0, "X"
