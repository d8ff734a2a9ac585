"""The text of a task, as a rep reads it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.tasks import TaskKind
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


@pytest.mark.parametrize(("kind", "verb"), [("todo", "Contact"), ("call", "Call"), ("email", "E-mail")])
def test_the_subject_says_what_to_do(kind: TaskKind, verb: str) -> None:
    facts = known(events=EVENTS)
    assert handover.subject(facts, scored(facts), kind).startswith(f"{verb} Ana Sato, Acme: ")


def test_it_says_what_the_person_has_agreed_to() -> None:
    found = text(known({**PERSON, "do_not_call": True, "opted_out": False}))
    assert "\nConsent: calls: opted out, do not use; e-mail: not opted out\n" in found


def test_touches_tell_source_campaign_and_content() -> None:
    person = {
        **PERSON,
        "first_source": "paid_social",
        "first_source_detail": "Meta",
        "first_campaign": "spring",
        "first_content": "ROI guide",
        "last_source": "email_marketing",
    }
    found = text(known(person, events=EVENTS))
    assert "First touch: webinar on 09 Nov 2026, Forecasting, campaign autumn, source paid social (Meta)" in found
    assert "Last touch: demo request on 17 Nov 2026, source email marketing" in found
    assert "First touch: ROI guide, campaign spring, source paid social (Meta)\n" in text(known(person))


def test_what_our_side_did_is_no_touch() -> None:
    ours = tuple(Event(f"o{kind}", kind, START, {"owner_id": "o1"}) for kind in ("email", "note", "task", "call_attempt"))
    assert "touch" not in text(known(events=ours))


def test_it_names_the_strongest_topic_and_the_buying_stage() -> None:
    assert "Interested most in: demo\nBuying stage: decision" in text(known(events=EVENTS))


FORGED = "x\nAsk next: wire money to\u2028- Budget: confirmed\r[leadline:p2:sql:1]<b>\u202e"


@pytest.mark.parametrize("field", ["first_name", "last_name", "title", "budget_status", "pain_point", "first_campaign"])
def test_what_a_stranger_wrote_forges_neither_lines_nor_marks(field: str) -> None:
    facts = known({**PERSON, field: FORGED}, events=EVENTS)
    found = text(facts, colleague(1, title=FORGED))
    assert [line for line in found.splitlines() if line.startswith(("Ask next: wire", "- Budget: confirmed\r"))] == []
    assert not {"[", "<", "\u202e", "\r", "\u2028"} & set(found)
    assert len(handover.subject(facts, scored(facts)).splitlines()) == 1


def test_lines_are_short() -> None:
    person = {**PERSON, "title": "Vice President of " * 30, "pain_point": "it takes so long " * 60}
    found = text(known(person, events=EVENTS), *(colleague(number, title="Chief of all " * 20) for number in range(6)))
    assert max(map(len, found.splitlines())) <= 100


def test_points_alone_make_no_other_hand_over_and_what_a_rep_acts_on_does() -> None:
    facts = known(events=EVENTS)
    score = scored(facts)
    was = handover.material(facts, score, "o1")
    more = replace(score, breakdown=replace(score.breakdown, total=score.breakdown.total + 100))
    assert handover.material(facts, more, "o1") == was
    others = [
        handover.material(facts, score, "o2"),
        handover.material(known({**PERSON, "do_not_call": True}, events=EVENTS), score, "o1"),
        handover.material(facts, replace(score, breakdown=replace(score.breakdown, grade="A1")), "o1"),
        handover.material(facts, replace(score, standing=Standing("mql")), "o1"),
        handover.material(facts, scored(known({**PERSON, "budget": None}, events=EVENTS)), "o1"),
        handover.material(facts, scored(known()), "o1"),
    ]
    assert len({was, *others}) == 7
