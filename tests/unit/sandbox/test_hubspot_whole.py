"""Merges and deletions, the state for comparing runs, and the market as HubSpot holds it."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.clock import TwinClock
from sandbox.hubspot.account import Account, Setup
from sandbox.hubspot.kinds import CONTACTS, KINDS, named
from sandbox.hubspot.rollups import totals_by_person
from sandbox.hubspot.seed import owner_id, owners_of
from sandbox.hubspot.stock import Stock
from sandbox.market.generate import generate
from sandbox.market.model import Event, Market
from sandbox.market.source import Grown
from tests.unit.sandbox.twin_client import HubSpotBench, hubspot

AS_OF = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def desk() -> HubSpotBench:
    return hubspot()


@pytest.fixture(scope="module")
def market() -> Market:
    return generate(300, 7, AS_OF)


@pytest.fixture(scope="module")
def account(market: Market) -> Account:
    stock = Stock(Grown(300, 7, AS_OF))
    return Account(Setup(owners=owners_of(market.owners)), TwinClock(AS_OF, ticks=lambda: 0.0), stock)


def test_a_merge_makes_a_new_record_that_both_former_ids_lead_to(desk: HubSpotBench) -> None:
    first = desk.create("contacts", email="a@acme.example", jobtitle="CFO")
    second = desk.create("contacts", email="b@acme.example", phone="1")
    task = desk.create("tasks", hs_timestamp="2026-11-23")
    desk.http.put(f"/crm/objects/2026-03/tasks/{task}/associations/default/contacts/{second}")
    merged = desk.post("contacts/merge", {"primaryObjectId": first, "objectIdToMerge": second}).json()["id"]
    assert merged not in (first, second)
    for former in (first, second):
        found = desk.read("contacts", former, "email", "jobtitle", "phone", "hs_calculated_merged_vids")
        assert (found["hs_object_id"], found["email"], found["jobtitle"], found["phone"]) == (
            merged,
            "a@acme.example",
            "CFO",
            "1",
        )
    assert found["hs_calculated_merged_vids"] == f"{first}:1795338000000;{second}:1795338000000"
    linked = desk.http.get(f"/crm/objects/2026-03/contacts/{merged}/associations/tasks").json()["results"]
    assert [entry["toObjectId"] for entry in linked] == [task]


def test_merged_companies_list_their_former_ids_without_times(desk: HubSpotBench) -> None:
    first, second = desk.create("companies", name="A"), desk.create("companies", name="B")
    merged = desk.post("companies/merge", {"primaryObjectId": first, "objectIdToMerge": second}).json()["id"]
    assert desk.read("companies", merged, "hs_merged_object_ids")["hs_merged_object_ids"] == f"{first};{second}"


def test_former_records_of_a_merge_are_in_no_list_and_no_search(desk: HubSpotBench) -> None:
    first, second = desk.create("contacts", firstname="A"), desk.create("contacts", firstname="B")
    merged = desk.post("contacts/merge", {"primaryObjectId": first, "objectIdToMerge": second}).json()["id"]
    desk.bench.clock.advance(3)
    listed = [desk.http.get(f"/crm/objects/2026-03/contacts?archived={word}") for word in ("false", "true")]
    assert [[row["id"] for row in page.json()["results"]] for page in listed] == [[merged], []]
    assert [row["id"] for row in desk.search("contacts").json()["results"]] == [merged]


def test_a_record_does_not_merge_with_itself_nor_with_nothing(desk: HubSpotBench) -> None:
    one = desk.create("contacts", firstname="A")
    for other in (one, "123"):
        refused = desk.post("contacts/merge", {"primaryObjectId": one, "objectIdToMerge": other})
        assert refused.status_code == 400


def test_records_that_were_merged_already_do_not_merge_again(desk: HubSpotBench) -> None:
    first, second = desk.create("contacts", firstname="A"), desk.create("contacts", firstname="B")
    pair = {"primaryObjectId": first, "objectIdToMerge": second}
    merged = desk.post("contacts/merge", pair).json()["id"]
    assert desk.post("contacts/merge", pair).status_code == 400
    third = desk.create("contacts", firstname="C")
    again = desk.post("contacts/merge", {"primaryObjectId": second, "objectIdToMerge": third}).json()["id"]
    assert again != merged
    assert {desk.read("contacts", one)["hs_object_id"] for one in (first, second, third, merged)} == {again}


def test_records_of_different_types_do_not_merge_nor_do_activities(desk: HubSpotBench) -> None:
    contact, other = desk.create("contacts", firstname="A"), desk.create("contacts", firstname="B")
    company = desk.create("companies", name="Acme")
    tasks = [desk.create("tasks", hs_timestamp="2026-11-23") for _ in range(2)]
    assert desk.post("companies/merge", {"primaryObjectId": company, "objectIdToMerge": other}).status_code == 400
    assert desk.post("tasks/merge", {"primaryObjectId": tasks[0], "objectIdToMerge": tasks[1]}).status_code == 400
    assert desk.http.get(f"/crm/objects/2026-03/contacts/{contact}").status_code == 200


def test_a_privacy_deletion_of_an_address_that_nobody_has_is_fine(desk: HubSpotBench) -> None:
    gone = desk.post("contacts/gdpr-delete", {"objectId": "nobody@acme.example", "idProperty": "email"})
    assert gone.status_code == 204


def test_a_privacy_deletion_leaves_nothing_not_even_in_search(desk: HubSpotBench) -> None:
    one = desk.create("contacts", email="a@acme.example")
    desk.bench.clock.advance(3)
    gone = desk.post("contacts/gdpr-delete", {"objectId": "a@acme.example", "idProperty": "email"})
    assert gone.status_code == 204
    for archived in ("false", "true"):
        assert desk.http.get(f"/crm/objects/2026-03/contacts/{one}?archived={archived}").status_code == 404
    assert desk.search("contacts").json()["total"] == 0
    assert "acme" not in desk.http.get("/_twin/state").text
    assert desk.post("contacts/gdpr-delete", {"objectId": one}).status_code == 404


def _state(desk: HubSpotBench) -> Any:
    return desk.http.get("/_twin/state").json()


def _task(desk: HubSpotBench, subject: str, contact: str) -> None:
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 204}
    properties = {"hs_timestamp": "2026-11-23T09:00:00Z", "hs_task_subject": subject}
    body = {"properties": properties, "associations": [{"to": {"id": contact}, "types": [spec]}]}
    assert desk.post("tasks", body).status_code == 201


def test_two_runs_that_wrote_the_same_in_another_order_have_equal_comparable_states() -> None:
    states = []
    for order, wait in ((("a", "b"), 0), (("b", "a"), 30)):
        desk = hubspot()
        desk.account.records(CONTACTS).load({"firstname": "Ann"}, 1_700_000_000_000, 1_700_000_000_000)
        desk.bench.clock.advance(wait)
        for subject in order:
            _task(desk, subject, "9501")
        desk.http.patch("/crm/objects/2026-03/contacts/9501", json={"properties": {"jobtitle": "CFO"}})
        states.append(_state(desk))
    assert states[0]["comparable"] == states[1]["comparable"]
    assert states[0]["volatile"] != states[1]["volatile"]
    (first, second) = states[0]["comparable"]["created"]["tasks"]
    assert [first["properties"]["hs_task_subject"], second["properties"]["hs_task_subject"]] == ["a", "b"]
    assert first["associations"] == ["contacts/9501:204"]
    assert states[0]["comparable"]["records"]["contacts"]["9501"]["properties"]["jobtitle"] == "CFO"


def test_another_value_or_a_task_too_many_shows_in_the_comparable_state(desk: HubSpotBench) -> None:
    contact = desk.create("contacts", firstname="Ann")
    before = _state(desk)["comparable"]
    _task(desk, "a", contact)
    once = _state(desk)["comparable"]
    _task(desk, "a", contact)
    assert before != once
    assert once != _state(desk)["comparable"]


def test_the_market_fills_the_account_with_hubspots_part_of_it(account: Account, market: Market) -> None:
    counts = {kind.name: sum(1 for _ in account.records(kind).live()) for kind in KINDS}
    channels = Counter(event.channel for event in market.events if event.crm == "hubspot")
    assert counts == {
        "contacts": sum(person.in_hubspot for person in market.people),
        "companies": sum(company.in_hubspot for company in market.companies),
        "deals": sum(deal.crm == "hubspot" for deal in market.deals),
        "calls": channels["call"],
        "emails": channels["email"],
        "meetings": channels["meeting"],
        "notes": channels["note"],
        "tasks": channels["task"],
        "leads": 0,
    }


def test_every_loaded_value_is_one_that_the_account_would_take(account: Account) -> None:
    """Loading goes past the checks; what it leaves must pass them all the same."""
    for kind in KINDS:
        schema = account.schema.of(kind)
        for row in account.records(kind).live():
            unknown = row.properties.keys() - schema.active.keys()
            assert not unknown, f"{kind.name}: {unknown}"
            writable = {
                name: value
                for name, value in row.properties.items()
                if not schema.traits_of(name).read_only and name != "hubspot_owner_id"
            }
            assert account.check_change(kind, row, writable) == writable


def test_page_views_and_mails_are_roll_ups_that_add_up(account: Account, market: Market) -> None:
    hubspot_events = [event for event in market.events if event.crm == "hubspot" and event.channel == "rollup"]
    kinds: Counter[str] = Counter(event.kind for event in hubspot_events)
    rows = list(account.records(CONTACTS).live())

    def total(name: str) -> int:
        return sum(int(row.properties.get(name, "0")) for row in rows)

    assert total("hs_analytics_num_page_views") == kinds["page_view"]
    assert total("hs_email_open") == kinds["email_open"]
    assert total("hs_email_click") == kinds["email_click"]
    conversions = ("form_submission", "content_download", "webinar", "trial_start", "demo_request", "campaign_response")
    assert total("num_conversion_events") == sum(kinds[kind] for kind in conversions)


def test_a_total_above_zero_has_the_date_of_its_last_event(account: Account) -> None:
    pairs = {
        "hs_email_open": "hs_email_last_open_date",
        "hs_email_click": "hs_email_last_click_date",
        "hs_analytics_num_page_views": "hs_analytics_last_visit_timestamp",
        "num_conversion_events": "recent_conversion_date",
    }
    for row in account.records(CONTACTS).live():
        for total, last in pairs.items():
            assert (total in row.properties) == (last in row.properties)


def test_nothing_lies_in_the_future_and_every_address_is_made_up(account: Account) -> None:
    now_ms = account.clock.milliseconds()
    for kind in KINDS:
        assert all(row.created_ms <= row.modified_ms <= now_ms for row in account.records(kind).live())
    emails = [row.properties["email"] for row in account.records(CONTACTS).live() if "email" in row.properties]
    assert all(email.endswith(".example") for email in emails)
    assert len(set(emails)) == len(emails)


def test_activities_lead_to_their_contact_and_its_company(account: Account) -> None:
    for kind in (named("calls"), named("meetings"), named("tasks")):
        for row in account.records(kind).live():
            (contact_id,) = account.links.of(kind, row.id, CONTACTS)
            companies = account.links.of(CONTACTS, contact_id, named("companies"))
            assert account.links.of(kind, row.id, named("companies")).keys() == companies.keys()


def test_a_contacts_company_property_is_its_primary_association(account: Account) -> None:
    for row in account.records(CONTACTS).live():
        linked = account.links.of(CONTACTS, row.id, named("companies"))
        primary = [str(company) for company, types in linked.items() if 1 in types]
        assert [row.properties["associatedcompanyid"]] == primary if linked else "associatedcompanyid" not in row.properties


def test_reps_who_left_are_archived_owners_and_may_still_own_records(account: Account, market: Market) -> None:
    left = {owner_id(rep.key) for rep in market.owners if not rep.active}
    assert left == {owner.id for owner in account.directory.owners if owner.archived}


def test_budget_values_date_from_when_they_were_stated(account: Account) -> None:
    dated = [
        account.records(CONTACTS).history(row, "budget_amount")[0]
        for row in account.records(CONTACTS).live()
        if "budget_amount" in row.properties
    ]
    assert dated
    assert all(change.source_type == "CRM_UI" for change in dated)


def test_a_privacy_deletion_ends_associations(desk: HubSpotBench) -> None:
    one, task = desk.create("contacts", firstname="A"), desk.create("tasks", hs_timestamp="2026-11-23")
    desk.http.put(f"/crm/objects/2026-03/tasks/{task}/associations/default/contacts/{one}")
    desk.post("contacts/gdpr-delete", {"objectId": one})
    assert desk.http.get(f"/crm/objects/2026-03/tasks/{task}/associations/contacts").json()["results"] == []


def test_last_dates_and_names_are_those_of_the_newest_event(account: Account, market: Market) -> None:
    visits: dict[int, list[Event]] = {}
    for event in market.events:
        if event.crm == "hubspot" and event.kind == "page_view":
            visits.setdefault(event.person, []).append(event)
    newest = Counter((max(mine, key=lambda event: event.at).at.strftime("%Y-%m-%dT%H:%M:%S")) for mine in visits.values())
    shown = Counter(
        row.properties["hs_analytics_last_visit_timestamp"][:19]
        for row in account.records(CONTACTS).live()
        if "hs_analytics_last_visit_timestamp" in row.properties
    )
    assert shown == newest


def test_totals_do_not_depend_on_the_order_of_events(market: Market) -> None:
    forth = {key: totals.properties("") for key, totals in totals_by_person(market.events).items()}
    back = {key: totals.properties("") for key, totals in totals_by_person(market.events[::-1]).items()}
    times = ("_date", "_timestamp")
    assert forth.keys() == back.keys()
    for key, properties in forth.items():
        assert {n: v for n, v in properties.items() if n.endswith(times)} == {
            n: v for n, v in back[key].items() if n.endswith(times)
        }


def test_history_keeps_the_newest_forty_five_values(desk: HubSpotBench) -> None:
    one = desk.create("contacts", firstname="0")
    path = f"/crm/objects/2026-03/contacts/{one}"
    for number in range(1, 50):
        desk.http.patch(path, json={"properties": {"firstname": str(number)}})
    found = desk.http.get(path, params={"propertiesWithHistory": "firstname"}).json()["propertiesWithHistory"]
    assert [change["value"] for change in found["firstname"]] == [str(number) for number in range(49, 4, -1)]
