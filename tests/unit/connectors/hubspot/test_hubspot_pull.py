from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.contract import Page
from connectors.errors import ContractBroken, Misconfigured, RetryLater
from connectors.hubspot.connector import HubSpotConnector
from connectors.hubspot.cursor import Swept, Window, decode
from connectors.hubspot.mapping import fingerprint
from connectors.records import CompanyRecord, DealRecord, EngagementRecord, OwnerRecord, PersonRecord, Removed, Stream
from tests.unit.connectors.hubspot.conftest import NOW, Build, Desk
from tests.unit.connectors.hubspot.scripted import Script
from tests.unit.connectors.hubspot.shapes import (
    associations,
    batch,
    end,
    found,
    listing,
    properties,
    refusal,
    row,
)
from tests.unit.connectors.hubspot.standings import CONTACT_TYPES, YESTERDAY, rested, standing

CONTACT_PROPERTIES = properties(**CONTACT_TYPES)
RESTED = rested(("contacts", standing("contacts")))


def ids(pages: list[Page]) -> list[str]:
    return [record.ref.id for record in chain.from_iterable(page.records for page in pages)]


def pull(connector: HubSpotConnector, stream: Stream, cursor: str | None = None) -> list[Page]:
    return list(connector.pull(stream, cursor))


def fresh(page: Page, name: str = "contacts") -> datetime:
    """What the page's cursor says is stored of the object, once the pull is over."""
    cursor = decode(page.cursor)
    assert cursor.place is None
    return cursor.standings[name].fresh


def filters(body: Any) -> dict[tuple[str, str], str]:
    (group,) = body["filterGroups"]
    return {(one["propertyName"], one["operator"]): one["value"] for one in group["filters"]}


def test_the_first_pull_walks_the_list_and_ends_at_the_time_it_began(
    connector: HubSpotConnector, script: Script, desk: Desk
) -> None:
    script.then(CONTACT_PROPERTIES).then(listing(row("1"), row("2"), after="2")).then(listing(row("3")))
    pages = []
    for page in connector.pull(Stream.CONTACTS, None):
        pages.append(page)
        desk.at += timedelta(minutes=5)
    assert ids(pages) == ["1", "2", "3"]
    assert dict(script.asked[1].query)["limit"] == "100"
    assert dict(script.asked[2].query)["after"] == "2"
    assert fresh(pages[-1]) == NOW


def test_a_walk_goes_on_from_its_last_stored_page(build: Build, script: Script) -> None:
    script.then(CONTACT_PROPERTIES).then(listing(row("1"), after="1"))
    first = next(iter(build().pull(Stream.CONTACTS, None)))
    script.then(CONTACT_PROPERTIES).then(listing(row("2")))
    assert ids(pull(build(), Stream.CONTACTS, first.cursor)) == ["2"]
    assert dict(script.asked[-1].query)["after"] == "1"


def test_a_place_in_the_list_that_lapsed_starts_the_walk_again(connector: HubSpotConnector, script: Script) -> None:
    script.then(CONTACT_PROPERTIES).then(listing(row("1"), after="1"))
    first = next(iter(connector.pull(Stream.CONTACTS, None)))
    script.then(refusal("VALIDATION_ERROR"), status=400).then(listing(row("1"))).then(listing())
    assert ids(pull(connector, Stream.CONTACTS, first.cursor)) == ["1"]


def test_a_list_that_refuses_its_first_page_is_not_asked_for_ever(connector: HubSpotConnector, script: Script) -> None:
    script.then(CONTACT_PROPERTIES).then(refusal("VALIDATION_ERROR"), status=400)
    with pytest.raises(ContractBroken):
        pull(connector, Stream.CONTACTS)
    assert len(script.asked) == 2


def test_a_list_that_gives_the_same_page_again_is_left_for_later(connector: HubSpotConnector, script: Script) -> None:
    script.then(CONTACT_PROPERTIES).then(listing(row("1"), after="1")).then(listing(row("1"), after="1"))
    with pytest.raises(RetryLater):
        pull(connector, Stream.CONTACTS)


def test_later_pulls_search_a_frozen_window_that_overlaps_the_last_one(
    connector: HubSpotConnector, script: Script, desk: Desk
) -> None:
    script.then(CONTACT_PROPERTIES).then(found(row("5"), row("9"), total=3)).then(found(row("12"))).then(listing())
    pages = []
    for page in connector.pull(Stream.CONTACTS, RESTED):
        pages.append(page)
        desk.at += timedelta(minutes=5)
    first, second = script.asked[1].body, script.asked[2].body
    since = str(int((YESTERDAY - timedelta(hours=1)).timestamp() * 1000))
    until = str(int(NOW.timestamp() * 1000))
    assert filters(first) == {
        ("lastmodifieddate", "GTE"): since, ("lastmodifieddate", "LT"): until, ("hs_object_id", "GT"): "0",
    }  # fmt: skip
    assert filters(second) == {**filters(first), ("hs_object_id", "GT"): "9"}
    assert (first["limit"], "after" in first) == (200, False)
    assert ids(pages) == ["5", "9", "12"]
    expected = replace(standing("contacts", NOW), swept=Swept(NOW + timedelta(minutes=5), 1))
    assert decode(pages[-1].cursor).standings == {"contacts": expected}


def test_a_window_goes_on_by_id_with_its_old_bounds(build: Build, script: Script, desk: Desk) -> None:
    script.then(CONTACT_PROPERTIES).then(found(row("5"), total=2))
    first = next(iter(build().pull(Stream.CONTACTS, RESTED)))
    desk.at += timedelta(hours=3)
    script.then(CONTACT_PROPERTIES).then(found(row("9"))).then(listing())
    pages = pull(build(), Stream.CONTACTS, first.cursor)
    assert filters(script.asked[3].body)[("hs_object_id", "GT")] == "5"
    assert fresh(pages[-1]) == NOW


def test_the_watermark_stays_until_the_window_is_read_to_its_end(connector: HubSpotConnector, script: Script) -> None:
    script.then(CONTACT_PROPERTIES).then(found(row("5"), total=9)).then(refusal("INTERNAL_ERROR"), status=500)
    pages: list[Page] = []
    with pytest.raises(RetryLater):
        pages.extend(connector.pull(Stream.CONTACTS, RESTED))
    assert all(isinstance(decode(page.cursor).place, Window) for page in pages)


def test_a_total_that_counts_too_much_does_not_loop(connector: HubSpotConnector, script: Script) -> None:
    script.then(CONTACT_PROPERTIES).then(found(total=7)).then(listing())
    assert ids(pull(connector, Stream.CONTACTS, RESTED)) == []


def test_contacts_archived_since_the_last_sweep_are_removed(connector: HubSpotConnector, script: Script) -> None:
    script.then(CONTACT_PROPERTIES).then(found())
    script.then(
        listing(row("3", archived_at="2026-11-21T09:00:00Z"), row("4", archived_at="2026-01-01T09:00:00Z"), after="4")
    )
    script.then(listing(row("5", archived_at="2026-11-20T09:30:00Z")))
    removed = list(chain.from_iterable(page.records for page in pull(connector, Stream.CONTACTS, RESTED)))
    assert all(isinstance(one, Removed) and one.reason == "archived" for one in removed)
    assert [one.ref.id for one in removed] == ["3", "5"]
    assert ("archived", "true") in script.asked[2].query


def test_a_long_sweep_is_not_repeated_at_once(connector: HubSpotConnector, script: Script) -> None:
    script.then(CONTACT_PROPERTIES)
    for minutes_ago, pages, sweeps in ((9, 1, 0), (10, 1, 1), (10, 10, 1), (10, 11, 0), (11, 11, 1)):
        script.asked.clear()
        script.then(found())
        if sweeps:
            script.then(listing())
        swept = Swept(NOW - timedelta(minutes=minutes_ago), pages)
        last = pull(connector, Stream.CONTACTS, rested(("contacts", standing("contacts", NOW, swept))))[-1]
        assert len([asked for asked in script.asked if ("archived", "true") in asked.query]) == sweeps
        assert fresh(last) == NOW


def test_a_deal_comes_with_its_contacts_and_its_primary_company(connector: HubSpotConnector, script: Script) -> None:
    deal = row("1", dealstage="won")
    deal["associations"] = {
        "contacts": {"results": [{"id": "7", "type": "deal_to_contact"}, {"id": "7", "type": "deal_to_contact_champion"}]},
        "companies": {
            "results": [{"id": "90", "type": "deal_to_company_unlabeled"}, {"id": "91", "type": "deal_to_company"}]
        },
    }
    script.then(properties(dealstage="enumeration")).then(listing(deal))
    ((record,),) = [page.records for page in pull(connector, Stream.DEALS)]
    assert isinstance(record, DealRecord)
    assert [role.person.id for role in record.people] == ["7"]
    assert record.company is not None
    assert record.company.id == "91"
    asked = script.asked[1].query
    assert [value for name, value in asked if name == "associations"] == ["contacts", "companies"]
    assert [value for name, value in asked if name == "properties"] == ["dealstage"]


def test_associations_cut_off_in_a_list_are_read_to_their_end(build: Build, script: Script) -> None:
    note = row("31", contacts=["7"])
    note["associations"]["contacts"]["paging"] = {"next": {"after": "7"}}
    script.then(listing(note))
    script.then(associations(("31", ["7", "8"]), after={"31": "8"})).then(associations(("31", ["9"])))
    ((record,),) = [page.records for page in pull(build(engagements=["notes"]), Stream.ENGAGEMENTS)]
    assert isinstance(record, EngagementRecord)
    assert [ref.id for ref in record.people] == ["7", "8", "9"]
    assert script.asked[2].body == {"inputs": [{"id": "31", "after": "8"}]}


def test_changed_deals_get_their_associations_in_one_batch_each(connector: HubSpotConnector, script: Script) -> None:
    script.then(properties(dealstage="enumeration")).then(found(row("1"), row("2")))
    script.then(associations(("1", ["7"])))
    script.then(batch({"from": {"id": "2"}, "to": [end("90", 341), end("91", 5)]})).then(listing())
    first, second = pull(connector, Stream.DEALS, rested(("deals", standing("deals"))))[0].records
    assert isinstance(first, DealRecord)
    assert isinstance(second, DealRecord)
    assert [role.person.id for role in first.people] == ["7"]
    assert second.company is not None
    assert (second.company.id, second.people) == ("91", ())
    assert script.asked[2].path == "/crm/associations/2026-03/deals/contacts/batch/read"
    assert script.asked[2].body == {"inputs": [{"id": "1"}, {"id": "2"}]}


def test_only_what_counts_as_engagement_costs_an_association_call(build: Build, script: Script) -> None:
    script.then(found(row("1", hs_email_direction="FORWARDED_EMAIL"), row("2", hs_email_direction="INCOMING_EMAIL")))
    script.then(associations(("2", ["7"])))
    pages = pull(build(engagements=["emails"]), Stream.ENGAGEMENTS, rested(("emails", standing("emails"))))
    assert ids(pages) == ["2"]
    assert script.asked[1].body == {"inputs": [{"id": "2"}]}


def test_association_paging_that_leads_to_itself_ends(build: Build, script: Script) -> None:
    script.then(found(row("2", hs_email_direction="INCOMING_EMAIL")))
    script.then(associations(("2", ["7"]), after={"2": "7"})).then(associations(("2", ["7"]), after={"2": "7"}))
    with pytest.raises(ContractBroken):
        pull(build(engagements=["emails"]), Stream.ENGAGEMENTS, rested(("emails", standing("emails"))))


def test_the_activities_are_read_one_after_the_other(build: Build, script: Script) -> None:
    connector = build(engagements=["calls", "notes"])
    script.then(listing(row("1", hs_call_status="COMPLETED"))).then(listing(row("1")))
    pages = pull(connector, Stream.ENGAGEMENTS)
    assert [asked.path.rpartition("/")[2] for asked in script.asked] == ["calls", "notes"]
    script.then(found()).then(found())
    pull(connector, Stream.ENGAGEMENTS, pages[-1].cursor)
    assert [filters(asked.body)[("hs_lastmodifieddate", "LT")] for asked in script.asked[2:]] == [
        str(int(NOW.timestamp() * 1000))
    ] * 2


def test_a_cursor_in_an_object_no_longer_read_begins_with_the_first(build: Build, script: Script) -> None:
    script.then(listing()).then(listing())
    walk = pull(build(engagements=["calls", "notes"]), Stream.ENGAGEMENTS)[0].cursor
    script.then(listing())
    pull(build(engagements=["meetings"]), Stream.ENGAGEMENTS, walk)
    assert script.asked[-1].path.endswith("/meetings")


def test_many_properties_are_asked_for_by_batch_since_addresses_have_a_limit(build: Build, script: Script) -> None:
    names = [f"a_rather_long_property_name_number_{number:04d}" for number in range(150)]
    connector = build(map={"company": {f"field_{number}": name for number, name in enumerate(names)}})
    script.then(properties(**dict.fromkeys(names, "string")))
    script.then(listing(row("1"), row("2"))).then(batch(row("1", a_rather_long_property_name_number_0000="x"), row("2")))
    first, _ = pull(connector, Stream.COMPANIES)[0].records
    assert isinstance(first, CompanyRecord)
    assert first.fields == {"field_0": "x"}
    assert "properties" not in dict(script.asked[1].query)
    assert len(script.asked[2].body["properties"]) == 150


def test_many_properties_are_asked_for_by_batch_since_searches_have_a_limit(build: Build, script: Script) -> None:
    names = [f"a_rather_long_property_name_number_{number:04d}" for number in range(80)]
    connector = build(map={"company": {f"field_{number}": name for number, name in enumerate(names)}})
    script.then(properties(**dict.fromkeys(names, "string")))
    script.then(found(row("1"), row("2"), total=3)).then(batch(row("1"), row("2")))
    script.then(found(row("3"))).then(batch(row("3"))).then(listing())
    shape = fingerprint([f"field_{number}={name}" for number, name in enumerate(names)])
    cursor = rested(("companies", replace(standing("contacts"), shape=shape)))
    assert ids(pull(connector, Stream.COMPANIES, cursor)) == ["1", "2", "3"]
    assert filters(script.asked[3].body)[("hs_object_id", "GT")] == "2"


def test_owners_are_read_whole_the_archived_ones_as_inactive(connector: HubSpotConnector, script: Script) -> None:
    stamps = {"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}
    ana = {"id": "55", "userId": 9, "type": "PERSON", "firstName": "Ana", "archived": False, **stamps}
    ben = {"id": "56", "type": "PERSON", "firstName": "Ben", "archived": True, **stamps}
    for cursor in (None, "whole"):
        script.then(listing(ana, after="2")).then(listing()).then(listing(ben))
        owners = list(chain.from_iterable(page.records for page in pull(connector, Stream.OWNERS, cursor)))
        assert [(owner.ref.id, owner.active) for owner in owners if isinstance(owner, OwnerRecord)] == [
            ("55", True),
            ("56", False),
        ]


def test_a_missing_scope_names_itself(connector: HubSpotConnector, script: Script) -> None:
    script.then(refusal("MISSING_SCOPES"), status=403)
    with pytest.raises(Misconfigured) as caught:
        pull(connector, Stream.DEALS)
    assert caught.value.code == "MISSING_SCOPES"


def test_merged_contacts_come_with_their_survivor(connector: HubSpotConnector, script: Script) -> None:
    script.then(properties(hs_calculated_merged_vids="string")).then(
        listing(row("9", hs_calculated_merged_vids="5:1795255200000"))
    )
    merged, survivor = pull(connector, Stream.CONTACTS)[0].records
    assert isinstance(merged, Removed)
    assert (merged.ref.id, merged.reason, merged.into) == ("5", "merged", survivor.ref)
    assert isinstance(survivor, PersonRecord)
