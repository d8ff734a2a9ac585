from datetime import date

import pytest
from pydantic import ValidationError

from connectors.hubspot.connector import HubSpotConnector
from connectors.hubspot.paths import VERSIONS
from connectors.hubspot.settings import HubSpotSettings


def test_a_token_reference_is_all_that_must_be_set() -> None:
    settings = HubSpotSettings.model_validate({"token": "env:HUBSPOT_TOKEN"})
    assert (settings.api_version, settings.field_prefix, settings.tier) == ("2026-03", "leadline", "professional")


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "pat-eu1-made-up"},
        {"token": "env:T", "api_version": "v1"},
        {"token": "env:T", "tier": "gold"},
        {"token": "env:T", "tokn": "x"},
        {"token": "env:T", "host": "http://hubspot.example"},
        {"token": "env:T", "host": "hubspot.example"},
        {"token": "env:T", "field_prefix": "Lead Line"},
        {"token": "env:T", "map": {"person": {"Budget Amount": "budget"}}},
        {"token": "env:T", "map": {"people": {}}},
        {"token": "env:T", "engagements": []},
        {"token": "env:T", "engagements": ["faxes"]},
        {"token": "env:T", "overlap_minutes": 0},
        {"token": "env:T", "request_timeout_seconds": 0},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        HubSpotSettings.model_validate(wrong)


def test_a_plain_http_host_is_taken_on_this_machine_only() -> None:
    assert (
        HubSpotSettings.model_validate({"token": "env:T", "host": "http://127.0.0.1:8080/"}).host == "http://127.0.0.1:8080"
    )


def test_every_setting_is_described_for_the_admin() -> None:
    assert [name for name, field in HubSpotSettings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("tier", "calls"), [("free", 100), ("starter", 100), ("professional", 190), ("enterprise", 190), ("increased", 250)]
)
def test_the_subscription_decides_the_rate(tier: str, calls: int) -> None:
    settings = HubSpotSettings.model_validate({"token": "env:T", "tier": tier})
    by_kind = {limit.kind: limit for limit in HubSpotConnector.limits(settings)}
    assert by_kind["requests"].calls == calls
    assert by_kind["search"].calls == 5


@pytest.mark.parametrize("kind", ["requests", "search", "associations"])
def test_the_whole_rate_is_used_since_calls_count_until_their_answer(kind: str) -> None:
    limits = {limit.kind: limit for limit in HubSpotConnector.limits(HubSpotSettings(token="env:T"))}
    allowed = {"requests": 19.0, "search": 5.0, "associations": 15.0}[kind]
    assert limits[kind].calls / limits[kind].per_seconds == allowed


def test_each_api_version_names_the_end_of_its_support() -> None:
    assert VERSIONS["2026-03"].supported_until == date(2027, 9, 30)
    assert VERSIONS["v3"].supported_until == date(2027, 3, 30)
