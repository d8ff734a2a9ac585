"""The text of a task, as a rep reads it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from leadline import handover
from leadline.state.scores import Score
from scoring.engine import Engine
from scoring.evidence import Assessor
from scoring.facts import Event, Facts
from scoring.stages import Standing
from tests.engine import BUYER, START, workspace

SPACE = workspace()
ENGINE = Engine(SPACE.model, SPACE.lists)
ASSESSOR = Assessor(SPACE.qualification, SPACE.lists)
PERSON = {**BUYER, "seniority": "vp", "function": "sales"}
COMPANY: dict[str, Any] = {"name": "Acme", "industry": "software", "employees": 12_400, "country": "DE"}
EVENTS = (
    Event("e1", "webinar", START - timedelta(days=9), {"name": "Forecasting", "campaign": "autumn"}),
    Event("e2", "demo_request", START - timedelta(days=1)),
)


def known(person: dict[str, Any] | None = None, **more: Any) -> Facts:
    return Facts("p1", person=PERSON if person is None else person, company=more.pop("company", COMPANY), **more)


def scored(facts: Facts, *colleagues: Facts) -> Score:
    breakdown = ENGINE.score(facts, START)
    return Score("p1", breakdown, ASSESSOR.assess(facts, START, colleagues), Standing("sql"), "rules")


def text(facts: Facts, *colleagues: Facts) -> str:
    return handover.body(facts, scored(facts, *colleagues), colleagues)


def colleague(number: int, **fields: Any) -> Facts:
    return Facts(f"c{number}", person={"first_name": "Li", "last_name": f"Chen{number}", **fields})


def test_the_subject_says_whom_to_call_and_what_it_is_worth() -> None:
    facts = known(events=EVENTS)
    assert handover.subject(facts, scored(facts)) == "Contact Ana Sato, Acme: A2 hot, score 68"


def test_a_lead_without_a_name_is_still_a_lead() -> None:
    facts = known({}, company={})
    assert handover.subject(facts, scored(facts)).startswith("Contact this lead: D4 cold")


def test_it_begins_with_why_now() -> None:
    assert text(known(events=EVENTS)).startswith("Why now: Asked for a demo, last on 17 Nov 2026\nScore 68, grade A2 (hot)")


def test_it_names_the_strongest_reasons_with_their_points() -> None:
    lines = text(known(events=EVENTS)).splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith("Reasons"))
    reasons = lines[at + 1 : lines.index("", at)]
    assert 1 <= len(reasons) <= 5
    assert all(line.startswith("- ") and "+" in line for line in reasons)


def test_it_tells_what_is_known_with_its_evidence_and_what_to_ask() -> None:
    person = {name: value for name, value in PERSON.items() if name != "budget"}
    facts = known(person, dates={"person.purchase_timeframe": START - timedelta(days=3)})
    found = text(facts)
    assert "- Budget: not known yet" in found
    assert "- Timeline: confirmed (purchase timeframe: this quarter, since 15 Nov 2026)" in found
    assert "Ask next: What budget is set aside, and who releases it?" in found


def test_evidence_from_a_colleague_is_said_to_be_theirs() -> None:
    person = {name: value for name, value in PERSON.items() if name != "buying_role"}
    found = text(known(person), colleague(1, buying_role="decision_maker"))
    assert "Authority: confirmed (buying role: decision maker, from Li Chen1)" in found


def test_it_names_the_company_and_a_few_of_the_others_there() -> None:
    found = text(known(), *(colleague(number, title="CEO") for number in range(6)))
    assert "Company: Acme (software, DE, 12,400 people)" in found
    assert "Others there: Li Chen0, CEO; " in found
    assert "and 2 more" in found


def test_it_names_the_first_and_last_touch() -> None:
    found = text(known(events=EVENTS))
    assert "First touch: webinar on 09 Nov 2026, Forecasting" in found
    assert "Last touch: demo request on 17 Nov 2026" in found


def test_a_text_of_any_size_fits_both_crms_and_keeps_to_lines() -> None:
    person = {**PERSON, "title": "VP\nSales " * 400, "pain_point": "because\n" * 2_000, "first_name": "A" * 300}
    facts = known(person, events=EVENTS)
    assert len(handover.subject(facts, scored(facts))) <= handover.SUBJECT_LENGTH
    assert len(text(facts)) <= handover.BODY_LENGTH
    assert "\nbecause" not in text(facts)
