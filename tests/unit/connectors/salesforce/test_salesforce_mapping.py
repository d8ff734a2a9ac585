from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.errors import ContractBroken
from connectors.records import Ref
from connectors.salesforce.activities import campaign_event
from connectors.salesforce.mapping import (
    crm_field,
    domain,
    key_field,
    mapped,
    own_columns,
    own_name,
    role,
    snake,
    values,
    within_page_cap,
)
from connectors.salesforce.rows import Row, as_day, as_moment, as_number, as_text, long_id, moment_text, person_ref
from connectors.salesforce.schema import Field, Schema
from connectors.salesforce.settings import DEFAULT_CAMPAIGNS

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def schema(*fields: Field, name: str = "Lead") -> Schema:
    return Schema(name, fields, NOW)


def text_field(name: str) -> Field:
    return Field(name, "string", 255)


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("1,800.00", 1800),
        ("67340.0", 67340),
        (67340.0, 67340),
        (12.5, 12.5),
        (" 7 ", 7),
        ("", None),
        ("n/a", None),
        ("1,80", None),
        (None, None),
        (True, None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_numbers_are_read_with_care(given: Any, number: float | None) -> None:
    assert as_number(given) == number


def test_times_are_aware_utc_and_dates_are_never_shifted() -> None:
    assert as_moment("2026-11-01T10:00:00.000+0000") == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert as_moment("2026-11-01T10:00:00.000+0200") == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert as_moment("2026-11-01") == datetime(2026, 11, 1, tzinfo=UTC)
    assert as_day("2026-11-01") == date(2026, 11, 1)
    assert as_day("2026-11-01T23:30:00.000+0000") == date(2026, 11, 1)
    assert as_moment("soon") is None
    assert as_day("soon") is None
    assert moment_text(datetime(2026, 11, 1, 10, tzinfo=UTC)) == "2026-11-01T10:00:00Z"


def test_text_loses_nul_characters_and_blanks() -> None:
    assert as_text(" a\x00b ") == "ab"
    assert as_text("  ") is None


@pytest.mark.parametrize(
    ("given", "choice"),
    [
        ("This Quarter", "this_quarter"),
        ("None", "none"),
        ("Decision Maker", "decision_maker"),
        (" C-Level ", "c_level"),
        ("--", None),
    ],
)
def test_choices_become_lower_snake_case(given: str, choice: str | None) -> None:
    assert snake(given) == choice


def test_contact_roles_of_salesforce_become_buying_roles() -> None:
    assert role("Economic Buyer") == "budget_holder"
    assert role("Decision Maker") == "decision_maker"
    assert role("Executive Sponsor") == "champion"
    assert role("Gatekeeper") == "gatekeeper"
    assert role(None) is None


@pytest.mark.parametrize(
    ("website", "host"),
    [
        ("https://www.Acme.example/about", "acme.example"),
        ("acme.example", "acme.example"),
        ("http://acme.example:8080", "acme.example"),
        ("n/a", None),
        ("http://[broken", None),
    ],
)
def test_a_website_becomes_a_domain(website: str, host: str | None) -> None:
    assert domain(website) == host


def test_our_fields_carry_the_prefix_both_ways() -> None:
    assert crm_field("leadline", "score") == "Leadline_Score__c"
    assert crm_field("leadline", "bant_next") == "Leadline_Bant_Next__c"
    assert own_name("leadline", text_field("Leadline_Bant_Next__c")) == "bant_next"
    assert own_name("leadline", text_field("LEADLINE_SCORE__c")) == "score"
    assert own_name("leadline", text_field("Budget__c")) is None
    assert own_name("leadline", text_field(key_field("leadline"))) is None


def test_a_mapping_adds_overrides_and_removes() -> None:
    fields = schema(*(text_field(name) for name in ("Title", "Phone", "MobilePhone", "Budget__c")))
    columns = mapped("Lead", {"budget": "budget__C", "phone": "MobilePhone", "title": None}, fields)
    assert {column.name: column.field.name for column in columns} == {"budget": "Budget__c", "phone": "MobilePhone"}


def test_only_fields_that_the_user_may_read_are_asked_for() -> None:
    columns = mapped("Contact", {"pain_point": "Pain_Point__c"}, schema(text_field("Title"), name="Contact"))
    assert [column.name for column in columns] == ["title"]


def test_values_are_read_by_leadline_name_then_by_salesforce_type() -> None:
    fields = schema(
        Field("Budget__c", "string"),
        Field("Purchase_Timeframe__c", "picklist"),
        Field("Target_Go_Live__c", "date"),
        Field("HasOptedOutOfEmail", "boolean"),
        Field("DoNotCall", "boolean"),
        Field("LeadSource", "picklist"),
        Field("Seats__c", "double"),
        Field("Renewal__c", "datetime"),
        Field("Title", "string"),
    )
    overrides: dict[str, str | None] = {
        "budget": "Budget__c",
        "purchase_timeframe": "Purchase_Timeframe__c",
        "target_date": "Target_Go_Live__c",
        "seats": "Seats__c",
        "renewal": "Renewal__c",
    }
    row = Row(
        {
            "Budget__c": "1,800.00",
            "Purchase_Timeframe__c": "This Quarter",
            "Target_Go_Live__c": "2026-12-01",
            "HasOptedOutOfEmail": False,
            "DoNotCall": True,
            "LeadSource": "Partner Referral",
            "Seats__c": 40.0,
            "Renewal__c": "2026-11-01T10:00:00.000+0000",
            "Title": "",
        },
        "SystemModstamp",
    )
    assert values(row, mapped("Lead", overrides, fields)) == {
        "budget": 1800,
        "do_not_call": True,
        "first_source": "partner_referral",
        "lead_source": "partner_referral",
        "opted_out": False,
        "purchase_timeframe": "this_quarter",
        "renewal": "2026-11-01T10:00:00Z",
        "seats": 40,
        "target_date": "2026-12-01",
    }


def test_a_second_long_text_field_is_not_asked_for() -> None:
    fields = schema(
        Field("Pain__c", "textarea", 4000),
        Field("Leadline_Score__c", "double"),
        Field("Leadline_Reasons__c", "textarea", 32768),
        Field("Leadline_Bant__c", "textarea", 32768),
    )
    own = own_columns("leadline", fields)
    alone = within_page_cap((), own)
    assert [column.name for column in alone] == ["score", "reasons"]
    beside = within_page_cap(mapped("Lead", {"pain_point": "Pain__c"}, fields), own)
    assert [column.name for column in beside] == ["score"]


def test_the_modification_time_is_the_best_one_that_can_be_filtered() -> None:
    hidden = Field("SystemModstamp", "datetime", filterable=False)
    assert schema(hidden, Field("LastModifiedDate", "datetime")).stamp == "LastModifiedDate"
    assert schema(Field("SystemModstamp", "datetime"), Field("LastModifiedDate", "datetime")).stamp == "SystemModstamp"


def test_people_are_told_by_the_start_of_their_id() -> None:
    assert person_ref("00Q000000000001AAA") == Ref("Lead", "00Q000000000001AAA")
    assert person_ref("003000000000001AAA") == Ref("Contact", "003000000000001AAA")
    assert person_ref("00G000000000001AAA") is None
    assert person_ref(None) is None


def test_a_path_goes_through_the_parent_and_stops_at_nothing() -> None:
    row = Row({"Campaign": {"Name": "Autumn"}, "Account": None}, "SystemModstamp")
    assert row.text("Campaign.Name") == "Autumn"
    assert row.text("Account.Name") is None


def test_a_row_without_id_breaks_the_contract() -> None:
    with pytest.raises(ContractBroken):
        _ = Row({}, "SystemModstamp").id


@pytest.mark.parametrize(
    ("kind", "name", "event_type"),
    [
        ("Webinar", "Autumn", "webinar"),
        ("Content", "Guide", "content_download"),
        (None, "Free trial 2026", "trial_start"),
        ("Other", "Live DEMO", "demo_request"),
        ("Trial", "Demo day", "trial_start"),
        ("Trade Show", "Fair", "campaign_response"),
        (None, None, "campaign_response"),
    ],
)
def test_a_campaign_tells_its_event_type_by_words(kind: str | None, name: str | None, event_type: str) -> None:
    assert campaign_event(DEFAULT_CAMPAIGNS, kind, name) == event_type


@pytest.mark.parametrize("record_id", ["001A0000006Vm9rIAC", "003B0000002QoYtIAK", "00Q000000000001EAA"])
def test_a_short_id_gets_its_checksum(record_id: str) -> None:
    assert long_id(record_id[:15]) == record_id
    assert long_id(record_id) == record_id
