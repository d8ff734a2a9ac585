from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.hubspot.engagements import engagement
from connectors.hubspot.mapping import CompanyMapping, ContactMapping, deal_record, owner_record
from connectors.hubspot.rollups import ROLLUP_PROPERTIES, conversion_type, page_address
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.values import rfc3339
from connectors.hubspot.wire import CrmObject, Owner
from connectors.records import PersonRecord, Ref, Removed, SameAs

MODIFIED = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
CONVERSIONS = HubSpotSettings(token="env:MADE_UP").conversions
TYPES = {
    **dict.fromkeys(["email", "jobtitle", "country", "firstname", "hubspot_owner_id", "associatedcompanyid"], "string"),
    **dict.fromkeys(ROLLUP_PROPERTIES, "number"),
    "hs_email_optout": "bool",
    "hs_buying_role": "enumeration",
    "lifecyclestage": "enumeration",
    "hs_calculated_merged_vids": "string",
    "salesforcecontactid": "string",
    "salesforceleadid": "string",
    "budget_amount": "number",
    "target_go_live": "date",
    "favourite": "enumeration",
    "leadline_score": "number",
    "leadline_scored_at": "datetime",
    "leadline_grade": "string",
}


def crm_object(object_id: str = "7", /, **properties: str | None) -> CrmObject:
    return CrmObject(id=object_id, properties=properties, updated_at=MODIFIED, created_at=MODIFIED)


def person(overrides: dict[str, str | None] | None = None, **properties: str | None) -> PersonRecord:
    return mapping(overrides or {}).person(crm_object(**properties))


def mapping(overrides: dict[str, str | None]) -> ContactMapping:
    return ContactMapping.of(overrides, TYPES, prefix="leadline", conversions=CONVERSIONS)


def test_a_contact_becomes_a_person_under_neutral_names() -> None:
    found = person(
        email=" a@acme.example ", jobtitle="VP Sales", hs_email_optout="true", hs_buying_role="BUDGET_HOLDER;DECISION_MAKER",
        lifecyclestage="marketingqualifiedlead", hubspot_owner_id="55", associatedcompanyid="901",
    )  # fmt: skip
    assert found == PersonRecord(
        ref=Ref("contacts", "7"),
        modified_at=MODIFIED,
        email="a@acme.example",
        owner_id="55",
        company=Ref("companies", "901"),
        fields={
            "title": "VP Sales",
            "opted_out": True,
            "lifecycle": "marketingqualifiedlead",
            "buying_role": "decision_maker",
        },
    )


def test_empty_and_unreadable_values_are_absent() -> None:
    found = person({"budget": "budget_amount"}, jobtitle="", country=None, budget_amount="a lot", hs_email_optout="")
    assert found.fields == {}
    assert (found.email, found.owner_id, found.company) == (None, None, None)


def test_the_admins_map_adds_overrides_and_takes_out() -> None:
    overrides = {"budget": "budget_amount", "target_date": "target_go_live", "title": "country", "first_name": None}
    found = person(
        overrides, budget_amount="1,800.00", target_go_live="2027-03-31", country="DE", firstname="Ana", jobtitle="x"
    )
    assert found.fields == {"budget": 1800.0, "target_date": "2027-03-31", "title": "DE", "country": "DE"}


def test_a_field_of_the_admins_own_is_read_by_hubspots_type() -> None:
    assert person({"taste": "favourite"}, favourite="Red Wine;BEER").fields == {"taste": "red_wine;beer"}


def test_only_properties_that_exist_are_asked_for() -> None:
    asked = mapping({"budget": "no_such_property"}).properties()
    assert set(asked) <= set(TYPES)
    assert {"email", "jobtitle", "hs_email_click", "leadline_score"} <= set(asked)
    assert len(asked) == len(set(asked))


def test_our_own_properties_are_read_back_apart_from_the_content() -> None:
    found = person(leadline_score="71", leadline_scored_at="2026-11-21T10:00:00Z", leadline_grade="")
    assert found.ours == {"score": 71, "scored_at": "2026-11-21T10:00:00Z"}
    assert found.fields == {}


def test_running_totals_become_roll_ups_with_the_time_of_the_latest() -> None:
    found = person(
        hs_email_open="12", hs_email_last_open_date="2026-11-19T09:00:00Z", hs_email_click="0",
        hs_analytics_num_page_views="3", hs_analytics_last_url="https://u:p@acme.example/pricing?email=a@b.example#x",
    )  # fmt: skip
    opens, views = found.rollups
    assert (opens.name, opens.event_type, opens.total) == ("hs_email_open", "email_open", 12)
    assert opens.last_at == datetime(2026, 11, 19, 9, tzinfo=UTC)
    assert (views.event_type, views.total, views.last_at) == ("page_view", 3, None)
    assert views.fields == {"url": "https://acme.example/pricing"}


@pytest.mark.parametrize(
    ("name", "event_type"),
    [
        ("Book a DEMO: contact form", "demo_request"),
        ("Ebook: ten ideas", "content_download"),
        ("Webinar March", "webinar"),
        ("Start your trial", "trial_start"),
        ("Newsletter", "form_submission"),
    ],
)
def test_a_conversion_is_typed_by_the_forms_name(name: str, event_type: str) -> None:
    found = person(
        num_conversion_events="2", recent_conversion_event_name=name, recent_conversion_date="2026-11-19T09:00:00Z"
    )
    (rollup,) = found.rollups
    assert (rollup.event_type, rollup.fields) == (event_type, {"name": name})
    assert conversion_type(name, {}) == "form_submission"


def test_an_address_that_cannot_be_read_is_left_out() -> None:
    assert page_address("https://[broken") is None
    assert page_address("/pricing?x=1") == "/pricing"


def test_a_merge_links_the_merged_contacts_and_reports_them_gone() -> None:
    contact = crm_object("7", hs_calculated_merged_vids="5:1795255200000;6:1795255200000;7:1795255200000;bad")
    gone5, gone6, survivor = mapping({}).records(contact)
    assert gone5 == Removed(
        ref=Ref("contacts", "5"), at=datetime(2026, 11, 21, 10, tzinfo=UTC), reason="merged", into=Ref("contacts", "7")
    )
    assert isinstance(gone6, Removed)
    assert isinstance(survivor, PersonRecord)
    assert survivor.same_as == (SameAs(Ref("contacts", "5"), "merge"), SameAs(Ref("contacts", "6"), "merge"))


def test_ids_of_the_native_salesforce_sync_are_links_to_that_crm() -> None:
    found = person(salesforcecontactid="003000000000001AAA", salesforceleadid="00Q000000000001AAA")
    assert found.same_as == (
        SameAs(Ref("Contact", "003000000000001AAA"), "native_sync", crm="salesforce"),
        SameAs(Ref("Lead", "00Q000000000001AAA"), "native_sync", crm="salesforce"),
    )


def test_a_company_is_read_under_neutral_names() -> None:
    types = {
        "name": "string",
        "domain": "string",
        "numberofemployees": "number",
        "annualrevenue": "number",
        "industry": "enumeration",
    }
    record = CompanyMapping.of({}, types).company(
        crm_object(
            name="Acme", domain="acme.example", numberofemployees="240.0", annualrevenue="1,200,000", industry="REAL_ESTATE"
        )
    )  # fmt: skip
    assert record.fields == {
        "name": "Acme", "domain": "acme.example", "employees": 240, "annual_revenue": 1200000.0, "industry": "real_estate",
    }  # fmt: skip


def test_a_deal_keeps_its_people_and_its_main_company() -> None:
    deal = crm_object(
        dealstage="proposal", amount="20000", amount_in_home_currency="18000", closedate="2026-12-31T00:00:00Z",
        hs_is_closed="false", hs_is_closed_won="false",
    )  # fmt: skip
    record = deal_record(deal, ["7", "8"], "901")
    assert [role.person.id for role in record.people] == ["7", "8"]
    assert (record.company, record.amount, record.close_date) == (Ref("companies", "901"), 18000.0, date(2026, 12, 31))
    assert (record.open, record.won, record.stage) == (True, False, "proposal")


def test_the_calculated_flags_outweigh_the_name_of_the_stage() -> None:
    record = deal_record(crm_object(dealstage="stage_17", hs_is_closed="true", hs_is_closed_won="true"), [], None)
    assert (record.open, record.won) == (False, True)


@pytest.mark.parametrize(
    ("stage", "is_open", "won"), [("closedwon", False, True), ("closedlost", False, False), ("new", True, False)]
)
def test_without_the_calculated_flags_the_default_stage_names_decide(stage: str, is_open: bool, won: bool) -> None:
    record = deal_record(crm_object(dealstage=stage), [], None)
    assert (record.open, record.won) == (is_open, won)


def test_an_archived_owner_is_inactive_and_a_nameless_one_gets_a_name() -> None:
    gone = owner_record(Owner(id="55", first_name="Ana", last_name="Lopez", email="ana@us.example", archived=True))
    assert (gone.name, gone.active, gone.kind) == ("Ana Lopez", False, "user")
    queue = owner_record(Owner(id="56", type="QUEUE"))
    assert (queue.name, queue.active, queue.kind) == ("Owner 56", True, "queue")


AT = {"hs_timestamp": "2026-11-19T09:00:00Z"}
MODIFIED_TEXT = rfc3339(MODIFIED)
VOICEMAIL = "b2cf5968-551e-4856-9783-52b3da59a7d0"


@pytest.mark.parametrize(
    ("kind", "properties", "expected", "fields"),
    [
        ("calls", {"hs_call_status": "COMPLETED", "hs_call_duration": "90000", "hs_call_direction": "OUTBOUND"}, "call",
         {"status": "completed", "direction": "outbound", "seconds": 90.0}),
        ("calls", {"hs_call_status": "CONNECTED"}, "call", {"status": "connected"}),
        ("emails", {"hs_email_direction": "INCOMING_EMAIL"}, "email_reply", {"direction": "inbound"}),
        ("meetings", {"hs_meeting_outcome": "NO_SHOW"}, "meeting", {"status": "no_show", "booked_at": MODIFIED_TEXT}),
    ],
)  # fmt: skip
def test_what_the_lead_took_part_in_is_engagement(kind: str, properties: dict[str, str], expected: str, fields: Any) -> None:
    record = engagement(kind, crm_object("31", **AT, **properties), ["7"])
    assert record is not None
    assert (record.type, record.fields, record.people) == (expected, fields, (Ref("contacts", "7"),))
    assert (record.ref, record.at) == (Ref(kind, "31"), datetime(2026, 11, 19, 9, tzinfo=UTC))


@pytest.mark.parametrize(
    ("kind", "properties", "expected", "fields"),
    [
        ("calls", {"hs_call_status": "NO_ANSWER", "hs_call_direction": "OUTBOUND"}, "call_attempt",
         {"status": "no_answer", "direction": "outbound"}),
        ("calls", {"hs_call_status": "BUSY"}, "call_attempt", {"status": "busy"}),
        ("calls", {"hs_call_status": "COMPLETED", "hs_call_disposition": VOICEMAIL, "hs_call_duration": "9000"},
         "call_attempt", {"status": "left_voicemail"}),
        ("emails", {"hs_email_direction": "EMAIL"}, "email", {"direction": "outbound"}),
        ("notes", {}, "note", {}),
        ("tasks", {"hs_task_status": "COMPLETED", "hs_task_body": "Call back"}, "task",
         {"status": "completed", "done": True}),
    ],
)  # fmt: skip
def test_what_only_our_side_did_has_words_of_its_own_and_says_who(
    kind: str, properties: dict[str, str], expected: str, fields: Any
) -> None:
    record = engagement(kind, crm_object("31", **AT, **properties, hubspot_owner_id="55"), ["7"])
    assert record is not None
    assert (record.type, record.fields) == (expected, {**fields, "owner_id": "55"})


def test_a_call_with_an_outcome_of_the_accounts_own_was_connected() -> None:
    record = engagement("calls", crm_object(**AT, hs_call_status="COMPLETED", hs_call_disposition="c0ffee"))
    assert record is not None
    assert record.type == "call"


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("calls", {}),
        ("calls", {"hs_call_status": "RINGING"}),
        ("emails", {"hs_email_direction": "FORWARDED_EMAIL"}),
        ("tasks", {"hs_task_status": "NOT_STARTED", "hs_task_body": "Call back"}),
        ("tasks", {"hs_task_status": "COMPLETED", "hs_task_body": "<p>Call</p><p>[leadline:p1.sql.1]</p>"}),
    ],
)
def test_what_nobody_did_is_none_and_our_own_tasks_never_are(kind: str, properties: dict[str, str]) -> None:
    assert engagement(kind, crm_object("31", **AT, **properties)) is None


def test_a_meeting_happens_when_it_starts_and_lasts_until_it_ends() -> None:
    record = engagement(
        "meetings",
        crm_object(**AT, hs_meeting_start_time="2026-11-25T13:00:00Z", hs_meeting_end_time="2026-11-25T13:30:00Z"),
    )
    assert record is not None
    assert (record.at, record.fields["seconds"]) == (datetime(2026, 11, 25, 13, tzinfo=UTC), 1800.0)


def test_an_engagement_without_a_time_happened_when_it_was_created() -> None:
    record = engagement("notes", crm_object())
    assert record is not None
    assert record.at == MODIFIED
