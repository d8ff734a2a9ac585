"""Since when evidence holds: asked of the CRM's history once for each value, kept through crashes, told with its source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.conformance.reading import A_DAY_SECONDS
from connectors.memory_crm import MemoryCrm
from connectors.memory_wire import Fault
from connectors.records import Ref
from leadline import dating
from leadline.clock import Stopped
from leadline.dating import fields_to_date
from leadline.facts import Dated, dated_fields
from leadline.retry import RetryPolicy
from leadline.state import people, runs
from leadline.state.database import Database
from scoring.evidence import ElementState
from scoring.qualification import parse_qualification
from tests.engine import START, TwoCrms, company, contact

OUTAGE = RetryPolicy().attempts
ASKING = "GET /history"
ANA = Ref("contacts", "1")

STATED = {
    "id": "stated",
    "state": "confirmed",
    "when": {"person.budget": {"above": 0}},
    "dated_by": "person.budget",
    "fresh_for": "180d",
}
BIG = {
    "id": "big",
    "state": "confirmed",
    "when": {"company.employees": {"at_least": 200}},
    "dated_by": "company.employees",
    "fresh_for": "30d",
}
PAIN = {"id": "pain", "state": "confirmed", "when": {"person.pain_point": {"known": True}}, "dated_by": "person.pain_point"}


def rules(**elements: Mapping[str, Any]) -> Any:
    """A qualification of these elements with one piece of evidence each."""
    asked = {name: {"ask": "?", "evidence": [evidence]} for name, evidence in elements.items()}
    return parse_qualification({"framework": "own", "elements": asked, "stages": [{"id": "lead"}]})


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    """Ana stated a budget on the first day. 200 days later a rep corrected her title, and nobody has read her yet."""
    world = TwoCrms(sqlite)
    world.qualification = rules(budget=STATED)
    world.sales.put(contact("1", "ana@acme.example", fields={"budget": 40_000.0}))
    world.later(days=200)
    world.sales.set_fields(ANA, title="CEO")
    world.later(hours=1)
    return world


def element(world: TwoCrms, person: int = 0) -> ElementState:
    """What is known of the only element of a person."""
    scores = [score for _, score in sorted(world.scores().items())]
    return scores[person].assessment.elements[0]


def questions(crm: MemoryCrm) -> int:
    """How many times the CRM was asked for histories."""
    return crm.wire.journal.count(ASKING)


def told(world: TwoCrms) -> Mapping[str, Dated]:
    """Ana's dates with their sources."""
    with world.database.begin() as tx:
        (view,) = people.load_people(tx, people.find_persons(tx, "ana@acme.example"))
    return dated_fields(view, ("sales", "marketing"))


def test_evidence_is_as_old_as_the_crm_says_not_as_our_first_look(world: TwoCrms) -> None:
    world.run()
    assert element(world).date == START
    assert element(world).state == "stale"


def test_evidence_whose_history_the_crm_does_not_tell_is_as_old_as_the_record_when_first_seen(world: TwoCrms) -> None:
    world.sales.wire.declare(Fault(403, endpoint=ASKING, times=1))
    world.run()
    assert element(world).date == START + timedelta(days=200)
    assert element(world).state == "confirmed"


def test_a_date_can_be_traced_to_who_told_it(world: TwoCrms) -> None:
    world.run()
    dates = told(world)
    assert dates["person.budget"] == Dated(START, "sales", told=True)
    assert dates["person.title"] == Dated(START + timedelta(days=200), "sales", told=False)


def test_a_hundred_quiet_cycles_ask_nothing(world: TwoCrms) -> None:
    world.run()
    assert questions(world.sales) == 1
    for _ in range(100):
        world.run()
    assert questions(world.sales) == 1


def test_nobody_is_asked_about_records_without_such_a_value(world: TwoCrms) -> None:
    world.marketing.put(contact("7", "bo@birch.example", fields={"title": "CFO"}))
    world.marketing.put(company("c7", name="Birch"))
    world.run()
    assert questions(world.marketing) == 0


def test_another_field_of_the_record_may_change_without_a_question(world: TwoCrms) -> None:
    world.run()
    world.sales.set_fields(ANA, title="CFO")
    world.run()
    assert questions(world.sales) == 1
    assert element(world).date == START


def test_a_value_that_changes_is_asked_about_anew(world: TwoCrms) -> None:
    world.run()
    world.later(days=1)
    world.sales.set_fields(ANA, budget=50_000.0)
    changed_at = world.time.now
    world.later(days=1)
    world.sales.set_fields(ANA, title="CFO")
    world.run()
    assert questions(world.sales) == 2
    assert (element(world).date, element(world).state) == (changed_at, "confirmed")


def test_a_value_that_goes_and_comes_back_has_the_date_of_its_coming_back(world: TwoCrms) -> None:
    world.run()
    world.sales.set_fields(ANA, budget=None)
    world.run()
    world.later(days=1)
    world.sales.set_fields(ANA, budget=40_000.0)
    world.run()
    assert element(world).date == world.time.now - timedelta(seconds=1)


def test_evidence_over_another_field_is_asked_about_when_the_rules_name_it(world: TwoCrms) -> None:
    world.sales.set_fields(ANA, pain_point="scores nobody can explain")
    stated_at = world.time.now
    world.later(days=3)
    world.run()
    assert "person.pain_point" in told(world)
    assert not told(world)["person.pain_point"].told
    world.qualification, world.revision = rules(budget=STATED, need=PAIN), "2"
    world.run()
    assert questions(world.sales) == 2
    assert told(world)["person.pain_point"] == Dated(stated_at, "sales", told=True)
    assert told(world)["person.budget"].told


def test_the_size_of_a_company_dates_what_is_known_of_all_its_people(world: TwoCrms) -> None:
    acme = Ref("companies", "c1")
    world.qualification = rules(size=BIG)
    world.sales.put(company("c1", name="Acme", employees=240))
    for number in ("1", "2"):
        world.sales.put(contact(number, f"{number}@acme.example", company=acme))
    world.later(days=60)
    world.sales.set_fields(acme, name="Acme Inc")
    world.run()
    assert [element(world, person).state for person in (0, 1)] == ["stale", "stale"]
    world.sales.set_fields(acme, employees=260)
    world.run()
    assert [element(world, person).state for person in (0, 1)] == ["confirmed", "confirmed"]


def test_what_a_lead_says_of_its_company_is_dated_by_the_leads_history(world: TwoCrms) -> None:
    world.qualification = rules(size=BIG)
    world.sales.set_fields(ANA, company_employees=240)
    world.later(days=60)
    world.sales.set_fields(ANA, title="CFO")
    world.run()
    assert (element(world).state, told(world)["company.employees"].told) == ("stale", True)


def test_the_fields_to_ask_about_are_those_that_some_evidence_is_dated_by() -> None:
    found = fields_to_date(rules(budget=STATED, size=BIG))
    assert {stream.value: fields for stream, fields in found.items()} == {
        "contacts": {"budget", "company_employees"},
        "companies": {"employees"},
    }
    assert fields_to_date(rules(budget={**STATED, "dated_by": None, "fresh_for": None})) == {}


def test_a_crm_that_does_not_tell_now_is_asked_by_the_next_cycle_and_holds_nothing_up(world: TwoCrms) -> None:
    world.sales.wire.declare(Fault(503, endpoint=ASKING, times=OUTAGE))
    reports = world.run()
    assert [report.failed for report in reports] == [None, None]
    with world.database.begin() as tx:
        (problem,) = runs.open_problems(tx)
    assert (problem.id, problem.severity) == ("sales:dates", "warning")
    assert element(world).state == "confirmed"
    world.run()
    assert element(world).state == "stale"
    with world.database.begin() as tx:
        assert runs.open_problems(tx) == []


@pytest.mark.parametrize("stop", range(3, 11))
def test_a_process_that_ends_between_two_questions_asks_the_rest_when_it_comes_back(
    world: TwoCrms, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    monkeypatch.setattr(dating, "BATCH", 2)
    for number in range(10, 15):
        world.sales.put(contact(str(number), f"{number}@acme.example", fields={"budget": 1.0}))
    asked: list[int] = []

    def stop_if_asked() -> None:
        asked.append(1)
        if len(asked) == stop:
            raise Stopped

    try:
        world.run(stop_if_asked)
    except Stopped:
        world.run()
    assert questions(world.sales) == 3
    assert len(world.scores()) == 6
    assert element_dates(world) == element_dates_of_history(world)


def element_dates(world: TwoCrms) -> list[datetime | None]:
    return sorted(score.assessment.elements[0].date for score in world.scores().values())  # type: ignore[type-var]  # all have one


def element_dates_of_history(world: TwoCrms) -> list[datetime]:
    return sorted(world.sales.since(Ref("contacts", number))["budget"] for number in ("1", *map(str, range(10, 15))))


def test_a_connection_at_work_is_asked_about_so_many_records_a_cycle(
    world: TwoCrms, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.run()
    monkeypatch.setattr(dating, "LOOKED_AT", 2)
    monkeypatch.setattr("leadline.cycle.MOST_AT_ONCE", 2)
    for number in range(10, 15):
        world.sales.put(contact(str(number), f"{number}@acme.example", fields={"budget": 1.0}))
    for asked in (1, 2, 3, 3):
        world.run()
        assert questions(world.sales) == 1 + asked


def test_a_date_of_tomorrow_or_after_the_change_that_we_saw_is_cut(world: TwoCrms, monkeypatch: pytest.MonkeyPatch) -> None:
    tomorrow = world.time.now + timedelta(seconds=A_DAY_SECONDS)
    monkeypatch.setattr(MemoryCrm, "since", lambda _crm, _ref: {"budget": tomorrow})
    world.run()
    assert element(world).date == START + timedelta(days=200)
