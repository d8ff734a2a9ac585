from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.contract import Call, Page
from connectors.errors import Misconfigured, Reauthorise, RetryLater
from connectors.records import DealRecord, EngagementRecord, OwnerRecord, PersonRecord, Record, Ref, Removed, Stream
from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.people import UserReader
from connectors.salesforce.rows import Row
from tests.unit.connectors.salesforce.stand_ins import Control, Twin, connector_for, running_twin, settings_for


def records(pages: Iterator[Page] | list[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def people(connector: SalesforceConnector) -> list[PersonRecord]:
    return [record for record in records(connector.pull(Stream.CONTACTS, None)) if isinstance(record, PersonRecord)]


@pytest.mark.parametrize("stream", list(Stream))
def test_a_first_pull_brings_each_live_record_once(connector: SalesforceConnector, stream: Stream) -> None:
    found = [record.ref for record in records(connector.pull(stream, None))]
    assert len(found) == len(set(found)) == connector.count(stream) > 0


def test_a_pull_goes_on_in_a_fresh_process_at_every_page(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_for(twin, monkeypatch, page_size=40)
    whole = connector_for(settings)
    expected = {record.ref for record in records(whole.pull(Stream.ENGAGEMENTS, None))}
    whole.close()
    seen: list[Ref] = []
    cursor: str | None = None
    for _ in range(200):
        fresh = connector_for(settings)
        page = next(fresh.pull(Stream.ENGAGEMENTS, cursor))
        fresh.close()
        seen.extend(record.ref for record in page.records)
        cursor = page.cursor
        if '"place"' not in cursor:
            break
    assert set(seen) == expected
    assert len(seen) == len(expected)


def test_a_converted_lead_is_one_human_with_its_contact_and_takes_no_score(connector: SalesforceConnector) -> None:
    found = people(connector)
    contacts = {person.ref for person in found if person.ref.object == "Contact"}
    converted = [person for person in found if not person.writable]
    assert converted
    for lead in converted:
        (same,) = lead.same_as
        assert (same.reason, same.crm) == ("conversion", None)
        assert same.ref in contacts
    assert any(lead.company is not None and lead.company.object == "Account" for lead in converted)


def test_people_carry_neutral_fields(connector: SalesforceConnector) -> None:
    found = people(connector)
    choices = {person.fields["purchase_timeframe"] for person in found if "purchase_timeframe" in person.fields}
    assert choices
    assert choices <= {"this_quarter", "next_quarter", "this_year", "later", "none"}
    assert all(isinstance(person.fields["opted_out"], bool) for person in found)
    assert all(person.modified_at.utcoffset() is not None for person in found)


def test_users_and_queues_are_owners(connector: SalesforceConnector) -> None:
    owners = [record for record in records(connector.pull(Stream.OWNERS, None)) if isinstance(record, OwnerRecord)]
    assert {owner.kind for owner in owners} == {"user", "queue"}
    assert any(owner.active and owner.email for owner in owners if owner.kind == "user")
    assert all(owner.time_zone for owner in owners if owner.kind == "user")


@pytest.mark.parametrize(
    ("values", "active"),
    [
        ({"IsActive": True, "UserType": "Standard"}, True),
        ({"IsActive": True, "UserType": "PowerPartner"}, True),
        ({"IsActive": True}, True),
        ({"IsActive": False, "UserType": "Standard"}, False),
        ({"IsActive": True, "UserType": "AutomatedProcess"}, False),
    ],
)
def test_a_user_who_left_or_behind_whom_nobody_sits_is_inactive(
    connector: SalesforceConnector, values: dict[str, Any], active: bool
) -> None:
    place = {"TimeZoneSidKey": "America/New_York", "ManagerId": "0058d0000000001AAA"}
    schema = connector._org.schemas.get("User")
    row = Row({"Id": "0058d0000000002AAA", "Name": "Ana Sato", **place, **values}, schema.stamp)
    (owner,) = UserReader(connector._org).records(schema, [row])
    assert owner == OwnerRecord(
        ref=Ref("User", "0058d0000000002AAA"),
        name="Ana Sato",
        active=active,
        time_zone="America/New_York",
        manager_id="0058d0000000001AAA",
    )


def test_engagement_comes_from_all_four_objects_with_people(connector: SalesforceConnector) -> None:
    found = [record for record in records(connector.pull(Stream.ENGAGEMENTS, None)) if isinstance(record, EngagementRecord)]
    assert {record.ref.object for record in found} == {"CampaignMember", "Task", "Event", "EmailMessage"}
    assert all(record.people and record.at.utcoffset() is not None for record in found)
    assert {"webinar", "call", "meeting", "email_open"} <= {record.type for record in found}


def test_engagement_says_who_of_our_side_did_it(connector: SalesforceConnector) -> None:
    owners = {record.ref.id for record in records(connector.pull(Stream.OWNERS, None))}
    found = [record for record in records(connector.pull(Stream.ENGAGEMENTS, None)) if isinstance(record, EngagementRecord)]
    by_object: dict[str, list[EngagementRecord]] = {}
    for one in found:
        by_object.setdefault(one.ref.object, []).append(one)
    assert all(one.fields["owner_id"] in owners for name in ("Task", "Event") for one in by_object[name])
    sent = [one for one in by_object["EmailMessage"] if one.fields["direction"] == "outbound"]
    assert sent
    assert all("owner_id" in one.fields for one in sent)
    assert not any("owner_id" in one.fields for one in by_object["EmailMessage"] if one not in sent)
    assert all("booked_at" in one.fields for one in by_object["Event"])
    assert any(one.fields.get("done") is True for one in by_object["Task"])


def test_a_changed_role_brings_its_deal_again(connector: SalesforceConnector) -> None:
    pages = list(connector.pull(Stream.DEALS, None))
    deal = next(record for record in records(pages) if isinstance(record, DealRecord) and record.people)
    org = Control(connector)
    (role,) = org.ids(f"SELECT Id FROM OpportunityContactRole WHERE OpportunityId = '{deal.ref.id}' LIMIT 1")
    org.update("OpportunityContactRole", role, {"Role": "Executive Sponsor"})
    (again,) = [record for record in records(connector.pull(Stream.DEALS, pages[-1].cursor)) if record.ref == deal.ref]
    assert isinstance(again, DealRecord)
    assert "champion" in [person.role for person in again.people]


def test_a_deleted_lead_is_removed_and_an_edited_one_comes_again(connector: SalesforceConnector) -> None:
    pages = list(connector.pull(Stream.CONTACTS, None))
    org = Control(connector)
    doomed = org.create("Lead", {"LastName": "Doomed", "Company": "Acme", "Email": "d@acme.example"})
    org.delete("Lead", doomed)
    edited = org.create("Lead", {"LastName": "Edited", "Company": "Acme"})
    org.update("Lead", edited, {"Title": "Head of Sales"})
    found = records(connector.pull(Stream.CONTACTS, pages[-1].cursor))
    (removed,) = [record for record in found if record.ref.id == doomed]
    (person,) = [record for record in found if record.ref.id == edited]
    assert isinstance(removed, Removed)
    assert removed.reason == "archived"
    assert isinstance(person, PersonRecord)
    assert person.fields["title"] == "Head of Sales"


def test_a_response_taken_back_is_removed(connector: SalesforceConnector) -> None:
    pages = list(connector.pull(Stream.ENGAGEMENTS, None))
    member = next(record for record in records(pages) if record.ref.object == "CampaignMember")
    Control(connector).update("CampaignMember", member.ref.id, {"Status": "Sent"})
    found = [record for record in records(connector.pull(Stream.ENGAGEMENTS, pages[-1].cursor)) if record.ref == member.ref]
    assert [type(record) for record in found] == [Removed]


def test_people_are_fetched_by_id_and_the_gone_are_left_out(connector: SalesforceConnector) -> None:
    lead, contact = (next(p.ref for p in people(connector) if p.ref.object == name) for name in ("Lead", "Contact"))
    missing = Ref("Lead", "00Q8dzzzzzzzzzzAAA")
    assert {record.ref for record in connector.fetch([lead, contact, missing])} == {lead, contact}


def test_a_field_hidden_from_the_user_is_left_out_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ("--people", "20", "--hide-field", "Lead.HasOptedOutOfEmail", "--hide-field", "Contact.Budget__c")
    with running_twin(tmp_path, *options) as twin:
        connector = connector_for(settings_for(twin, monkeypatch))
        leads = [person for person in people(connector) if person.ref.object == "Lead"]
        findings = connector.check()
        connector.close()
    assert leads
    assert all("opted_out" not in lead.fields for lead in leads)
    assert any("HasOptedOutOfEmail" in finding.what for finding in findings)
    assert any("map.person.budget" in finding.what for finding in findings)
    assert {finding.severity for finding in findings} == {"warning"}


def test_a_mapped_field_that_does_not_exist_is_an_error_with_a_suggestion(
    twin: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = connector_for(settings_for(twin, monkeypatch, map={"person": {"budget": "Budgett__c"}}))
    (finding,) = [finding for finding in connector.check() if finding.severity == "error"]
    connector.close()
    assert "Budgett__c" in finding.what
    assert "Budget__c" in finding.fix


def test_wrong_credentials_are_a_finding_not_an_exception(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_for(twin, monkeypatch)
    monkeypatch.setenv("SF_SECRET", "wrong-secret")
    connector = connector_for(settings)
    (finding,) = connector.check()
    assert finding.severity == "error"
    assert "wrong-secret" not in finding.what + finding.fix
    with pytest.raises(Reauthorise):
        connector.count(Stream.COMPANIES)
    connector.close()


def test_a_jwt_opens_a_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "public.pem").write_bytes(public)
    (tmp_path / "private.pem").write_bytes(private)
    with running_twin(tmp_path, "--people", "0", "--jwt-public-key", str(tmp_path / "public.pem")) as twin:
        auth = {
            "flow": "jwt",
            "client_id": twin.ready["client_id"],
            "username": twin.ready["username"],
            "private_key": f"file:{tmp_path / 'private.pem'}",
        }
        connector = connector_for(settings_for(twin, monkeypatch, auth=auth))
        assert connector.count(Stream.OWNERS) > 0
        connector.close()


FAULTS = [
    {"kind": "status", "status": 429},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 502},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 401},
    {"kind": "cut", "when": "before"},
    {"kind": "truncate"},
    {"kind": "expire_token"},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(str(part) for part in fault.values()))
def test_one_failure_in_a_pull_is_to_be_tried_again_and_the_next_try_brings_all(
    twin: Twin, connector: SalesforceConnector, fault: dict[str, object]
) -> None:
    expected = connector.count(Stream.CONTACTS)
    twin.control("faults", [{"endpoint": "GET *query*", "occurrence": 2} | fault])
    pages: list[Page] = []
    with pytest.raises(RetryLater):
        pages.extend(connector.pull(Stream.CONTACTS, None))
    pages.extend(connector.pull(Stream.CONTACTS, pages[-1].cursor if pages else None))
    assert len({record.ref for record in records(pages)}) == expected


@pytest.mark.parametrize("stream", list(Stream))
def test_rows_that_come_twice_change_nothing_in_what_is_read(
    twin: Twin, connector: SalesforceConnector, stream: Stream
) -> None:
    calm = {record.ref: record for record in records(connector.pull(stream, None))}
    twin.control("faults", [{"endpoint": "GET *query*", "occurrence": "each", "kind": "duplicate_rows"}])
    assert {record.ref: record for record in records(connector.pull(stream, None))} == calm


def test_every_endpoint_refusing_the_session_once_ends_in_success(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    twin.control("faults", {"each_endpoint_once": {"status": 401}})
    connector = connector_for(settings_for(twin, monkeypatch))
    refusals = 0
    found: list[Record] = []
    while not found and refusals < 20:
        try:
            found = records(connector.pull(Stream.ENGAGEMENTS, None))
        except RetryLater:
            refusals += 1
    connector.close()
    assert found
    assert refusals > 3


def test_a_session_refused_twice_in_a_row_needs_a_person(twin: Twin, connector: SalesforceConnector) -> None:
    twin.control("faults", [{"endpoint": "GET *", "occurrence": "each", "kind": "status", "status": 401}])
    with pytest.raises(RetryLater):
        connector.count(Stream.COMPANIES)
    with pytest.raises(Reauthorise):
        connector.count(Stream.COMPANIES)


def test_a_used_up_day_is_left_alone_for_an_hour(twin: Twin, connector: SalesforceConnector) -> None:
    twin.control("faults", [{"endpoint": "GET *", "occurrence": 1, "kind": "status", "status": 403}])
    with pytest.raises(RetryLater) as caught:
        connector.count(Stream.COMPANIES)
    assert caught.value.at is not None


def test_reports_hold_templates_and_no_ids(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Call] = []
    connector = connector_for(settings_for(twin, monkeypatch), calls)
    people(connector)
    connector.close()
    assert {call.endpoint for call in calls} == {
        "POST /services/oauth2/token",
        "GET /sobjects/Lead/describe",
        "GET /sobjects/Contact/describe",
        "GET /query/",
    }


def test_an_org_in_another_place_cannot_be_reached(monkeypatch: pytest.MonkeyPatch, twin: Twin) -> None:
    connector = connector_for(settings_for(twin, monkeypatch, instance_url="https://127.0.0.1:9"))
    with pytest.raises(RetryLater):
        connector.count(Stream.COMPANIES)
    connector.close()


def test_a_retired_version_is_a_matter_for_the_admin(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = connector_for(settings_for(twin, monkeypatch, api_version="29.0"))
    with pytest.raises(Misconfigured, match="api_version"):
        connector.count(Stream.COMPANIES)
    connector.close()
