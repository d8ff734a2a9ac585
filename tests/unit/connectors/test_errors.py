"""Every error says what helps; a new one is checked at birth."""

from datetime import UTC, datetime

import pytest

from connectors import errors
from connectors.errors import ConnectorError, RetryLater

KINDS = sorted(
    (kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ConnectorError)),
    key=lambda kind: kind.__name__,
)
RECOVERIES = {"RetryLater", "Reauthorise", "Misconfigured", "RecordRejected", "ContractBroken"}


def test_there_is_one_error_for_each_recovery() -> None:
    assert {kind.__name__ for kind in KINDS if kind is not ConnectorError} == RECOVERIES


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_keeps_its_sentence_and_the_code_of_the_crm(kind: type[ConnectorError]) -> None:
    error = kind("the scope crm.objects.deals.read is missing", code="MISSING_SCOPES")
    assert str(error) == error.what == "the scope crm.objects.deals.read is missing"
    assert error.code == "MISSING_SCOPES"


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_needs_no_code(kind: type[ConnectorError]) -> None:
    assert kind("the answer is no JSON").code is None


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not ConnectorError])
def test_inheritance_stops_one_level_below_the_base(kind: type[ConnectorError]) -> None:
    assert kind.__bases__ == (ConnectorError,)


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_says_what_it_is_for(kind: type[ConnectorError]) -> None:
    assert kind.__doc__


def test_only_a_retry_names_a_moment() -> None:
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert RetryLater("throttled", at=at).at == at
    assert RetryLater("throttled").at is None
