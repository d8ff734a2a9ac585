"""Where a contact came from, and what it has refused, as HubSpot tells."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.hubspot.mapping import ContactMapping
from connectors.hubspot.wire import CrmObject
from connectors.records import Scalar

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
SOURCES = {
    "hs_analytics_source": "enumeration",
    "hs_analytics_source_data_1": "string",
    "hs_analytics_source_data_2": "string",
    "hs_analytics_first_touch_converting_campaign": "string",
    "hs_analytics_first_url": "string",
    "first_conversion_event_name": "string",
    "hs_latest_source": "enumeration",
    "hs_latest_source_data_1": "string",
}
CONSENT = {"hs_email_optout": "bool", "hs_email_optout_11": "bool", "hs_email_optout_12": "bool", "no_calls": "bool"}


def fields(types: dict[str, str], overrides: dict[str, str | None] | None = None, **given: str) -> dict[str, Scalar]:
    contact = CrmObject(id="7", properties=dict(given), updated_at=NOW, created_at=NOW)
    return ContactMapping.of(overrides or {}, types, prefix="leadline", conversions={}).person(contact).fields


def test_first_and_last_touch_have_source_campaign_and_content() -> None:
    found = fields(
        SOURCES,
        hs_analytics_source="PAID_SOCIAL",
        hs_analytics_source_data_1="Meta",
        hs_analytics_first_touch_converting_campaign="spring",
        first_conversion_event_name="ROI guide: download",
        hs_latest_source="EMAIL_MARKETING",
        hs_latest_source_data_1="newsletter",
    )
    assert found == {
        "lead_source": "paid_social",
        "first_source": "paid_social",
        "first_source_detail": "Meta",
        "first_campaign": "spring",
        "first_content": "ROI guide: download",
        "last_source": "email_marketing",
        "last_source_detail": "newsletter",
    }


def test_the_first_page_comes_without_what_its_query_says_of_the_visitor() -> None:
    url = "https://acme.example/pricing?email=ana@acme.example#form"
    assert fields(SOURCES, hs_analytics_first_url=url) == {"first_page": "https://acme.example/pricing"}


def test_only_properties_that_the_account_has_are_asked_for() -> None:
    asked = ContactMapping.of({}, {"hs_latest_source": "enumeration"}, prefix="leadline", conversions={}).properties()
    assert asked == ("hs_latest_source",)


def test_who_left_one_mailing_has_opted_out_of_some() -> None:
    assert fields(CONSENT, hs_email_optout="false", hs_email_optout_11="", hs_email_optout_12="true") == {
        "opted_out": False,
        "opted_out_partly": True,
    }
    assert fields(CONSENT, hs_email_optout_11="false") == {}


def test_calls_are_refused_where_the_admin_says_which_property_tells() -> None:
    assert fields(CONSENT, {"do_not_call": "no_calls"}, no_calls="true") == {"do_not_call": True}
    assert fields(CONSENT, no_calls="true") == {}
