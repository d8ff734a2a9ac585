from __future__ import annotations

import pytest
from pydantic import ValidationError

from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.settings import SalesforceSettings, literal_or_secret

AUTH = {"flow": "client_credentials", "client_id": "made-up-key", "client_secret": "env:SF_SECRET"}
URL = "https://acme.my.salesforce.com"


def test_a_plain_org_needs_two_entries() -> None:
    settings = SalesforceSettings.model_validate({"instance_url": f"{URL}/", "auth": AUTH})
    assert settings.instance_url == URL
    assert settings.api_version == "67.0"


@pytest.mark.parametrize(
    "url",
    [
        "http://acme.my.salesforce.com",
        "acme.my.salesforce.com",
        "https://login.salesforce.com",
        "https://test.salesforce.com",
        "https://acme.lightning.force.com",
        "https://acme.my.salesforce.com/services",
    ],
)
def test_only_the_orgs_own_address_is_taken(url: str) -> None:
    with pytest.raises(ValidationError):
        SalesforceSettings.model_validate({"instance_url": url, "auth": AUTH})


def test_a_literal_secret_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValidationError, match="must be a reference"):
        SalesforceSettings.model_validate({"instance_url": URL, "auth": AUTH | {"client_secret": "hunter2"}})


def test_unknown_keys_are_refused_at_every_level() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        SalesforceSettings.model_validate({"instance_url": URL, "auth": AUTH, "instance": "x"})
    with pytest.raises(ValidationError, match="Extra inputs"):
        SalesforceSettings.model_validate({"instance_url": URL, "auth": AUTH, "map": {"lead": {}}})


def test_every_setting_is_explained() -> None:
    assert all(field.description for field in SalesforceSettings.model_fields.values())


def test_the_consumer_key_may_be_written_out_or_referred_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SF_KEY", "from-environment")
    assert literal_or_secret("made-up-key") == "made-up-key"
    assert literal_or_secret("env:SF_KEY") == "from-environment"


def test_the_courtesy_limit_comes_from_the_settings() -> None:
    settings = SalesforceSettings.model_validate({"instance_url": URL, "auth": AUTH, "calls_per_10_seconds": 7})
    (limit,) = SalesforceConnector.limits(settings)
    assert (limit.kind, limit.calls, limit.per_seconds) == ("requests", 7, 10.0)
