"""From what several CRMs say about a person to one set of facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from connectors.records import DealRecord, PersonRecord, Ref, Scalar
from leadline.clock import stamp
from leadline.facts import company_of, facts_of, situation_of
from leadline.state.people import PersonDeal, PersonEvent, PersonView
from leadline.state.records import Stored
from scoring.engine import Engine
from scoring.evidence import Assessor
from scoring.facts import Event, Facts
from tests.engine import START, company, contact
from tests.engine import workspace as shipped

HOME_FIRST = ("sales", "marketing")
ACME = Ref("companies", "c1")


def stored(record: Any, connection: str = "sales", **since: datetime) -> Stored:
    dates = {name: stamp(at) for name, at in since.items()}
    return Stored(connection, record, dates, "", START, "p", removed=False)


def person(number: str, writable: bool = True, at: Ref | None = None, **fields: Scalar) -> PersonRecord:
    return contact(number, f"{number}@acme.example", fields=fields, writable=writable, company=at)


def view(
    *records: Stored, companies: Mapping[tuple[str, Ref], Stored] | None = None, deals: tuple[PersonDeal, ...] = ()
) -> PersonView:
    return PersonView("p", records, companies or {}, deals)


def deal(number: str, is_open: bool = True) -> DealRecord:
    return DealRecord(
        ref=Ref("deals", number),
        modified_at=START,
        stage="offer",
        open=is_open,
        won=not is_open,
        amount=9.5,
        close_date=date(2026, 12, 1),
    )


def test_where_crms_disagree_the_one_in_which_sales_works_is_believed() -> None:
    found = view(stored(person("1", title="CEO"), "marketing"), stored(person("2", title="CFO"), "sales"))
    assert facts_of(found, HOME_FIRST).person["title"] == "CFO"
    assert facts_of(found, ("marketing", "sales")).person["title"] == "CEO"


def test_what_only_one_of_them_knows_is_taken_from_there() -> None:
    found = view(stored(person("1", phone="7"), "marketing"), stored(person("2", title="CFO"), "sales"))
    assert facts_of(found, HOME_FIRST).person["phone"] == "7"


def test_a_live_contact_is_believed_before_the_lead_it_was_converted_from() -> None:
    found = view(stored(person("1", writable=False, title="Intern")), stored(person("2", title="CFO")))
    assert facts_of(found, HOME_FIRST).person["title"] == "CFO"
    assert facts_of(found, HOME_FIRST).person["email"] == "2@acme.example"


def test_the_sales_home_counts_more_than_being_alive() -> None:
    found = view(stored(person("1", title="CEO"), "marketing"), stored(person("2", writable=False, title="CFO")))
    assert facts_of(found, HOME_FIRST).person["title"] == "CFO"


def test_the_order_of_the_records_does_not_matter() -> None:
    records = [
        stored(person("1", title="CEO"), "marketing"),
        stored(person("2", title="CFO")),
        stored(person("3", title="A")),
    ]
    assert facts_of(view(*records), HOME_FIRST) == facts_of(view(*reversed(records)), HOME_FIRST)


def test_who_opted_out_anywhere_has_opted_out() -> None:
    found = view(stored(person("1", opted_out=True), "marketing"), stored(person("2", opted_out=False)))
    assert facts_of(found, HOME_FIRST).person["opted_out"] is True


def test_a_field_is_dated_by_the_record_whose_word_is_taken() -> None:
    early, late = START - timedelta(days=9), START
    found = view(
        stored(person("1", budget=1.0, phone="7"), "marketing", budget=late, phone=late),
        stored(person("2", budget=2.0), "sales", budget=early),
    )
    facts = facts_of(found, HOME_FIRST)
    assert facts.dates == {"person.budget": early, "person.phone": late}


def test_what_a_lead_says_of_its_company_are_company_fields() -> None:
    facts = facts_of(view(stored(person("1", company_name="Birch", company_employees=9), company_name=START)), HOME_FIRST)
    assert facts.company == {"name": "Birch", "employees": 9}
    assert facts.dates == {"company.name": START}
    assert "company_name" not in facts.person


def test_a_companys_own_record_is_believed_before_what_a_lead_says_of_it() -> None:
    at = stored(company("c1", name="Acme"), name=START)
    found = view(stored(person("1", at=ACME, company_name="acme?", company_country="DE")), companies={("sales", ACME): at})
    facts = facts_of(found, HOME_FIRST)
    assert facts.company == {"name": "Acme", "country": "DE"}
    assert facts.dates["company.name"] == START


def test_the_company_that_counts_is_that_of_the_record_that_counts() -> None:
    other = Ref("companies", "c9")
    held = {("sales", ACME): stored(company("c1")), ("marketing", other): stored(company("c9"), "marketing")}
    found = view(stored(person("1", at=other), "marketing"), stored(person("2", at=ACME)), companies=held)
    assert company_of(found, HOME_FIRST) == ("sales", ACME)
    assert company_of(found, ("marketing", "sales")) == ("marketing", other)
    assert company_of(view(stored(person("1"))), HOME_FIRST) is None


def test_a_title_is_read_for_seniority_and_function() -> None:
    facts = facts_of(view(stored(person("1", title="Directrice commerciale"))), HOME_FIRST)
    assert (facts.person["seniority"], facts.person["function"]) == ("director", "sales")


def test_what_a_crm_says_of_the_seniority_is_not_overruled_by_the_title() -> None:
    facts = facts_of(view(stored(person("1", title="VP Sales", seniority="manager"))), HOME_FIRST)
    assert facts.person["seniority"] == "manager"


def test_a_title_that_cannot_be_read_says_nothing() -> None:
    facts = facts_of(view(stored(person("1", title="Zzyx"))), HOME_FIRST)
    assert "seniority" not in facts.person
    assert "function" not in facts.person


def test_the_role_in_an_open_deal_stands_in_for_one_that_the_record_does_not_name() -> None:
    deals = (PersonDeal("sales", deal("1"), "champion"),)
    assert facts_of(view(stored(person("1")), deals=deals), HOME_FIRST).person["buying_role"] == "champion"
    named = stored(person("1", buying_role="blocker"))
    assert facts_of(view(named, deals=deals), HOME_FIRST).person["buying_role"] == "blocker"


def test_the_role_in_a_closed_deal_says_nothing() -> None:
    deals = (PersonDeal("sales", deal("1", is_open=False), "champion"),)
    assert "buying_role" not in facts_of(view(stored(person("1")), deals=deals), HOME_FIRST).person


def test_deals_and_events_come_with_ids_that_no_other_crm_can_have() -> None:
    found = PersonView(
        "p",
        (stored(person("1")),),
        {},
        (PersonDeal("sales", deal("1"), None),),
        (PersonEvent("sales:activities:m", "meeting", START, {"status": "held"}),),
    )
    facts = facts_of(found, HOME_FIRST)
    assert [(one.id, one.amount, one.close_date) for one in facts.deals] == [("sales:deals:1", 9.5, "2026-12-01")]
    assert [(one.id, one.type, one.at, one.fields) for one in facts.events] == [
        ("sales:activities:m", "meeting", START, {"status": "held"})
    ]


def test_only_what_the_person_did_is_news_of_the_person() -> None:
    visit, mail = Event("1", "page_view", START), Event("2", "email", START + timedelta(days=1))
    facts = Facts("p1", events=(visit, mail, Event("3", "call_attempt", START + timedelta(days=2))))
    as_of = START + timedelta(days=3)
    workspace = shipped()
    breakdown = Engine(workspace.model, workspace.lists).score(facts, as_of)
    assessment = Assessor(workspace.qualification, workspace.lists).assess(facts, as_of, [])
    assert situation_of(facts, breakdown, assessment, None).latest_event_at == START
