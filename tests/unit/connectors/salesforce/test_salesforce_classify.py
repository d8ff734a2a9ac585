from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import ConnectorError, ContractBroken, Misconfigured, Reauthorise, RecordRejected, RetryLater
from connectors.salesforce.classify import ApiError, RowVerdict, api_errors, classify, classify_row, scrub

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
FIVE = (RetryLater, Reauthorise, Misconfigured, RecordRejected, ContractBroken)


def error_for(status: int, code: str = "", message: str = "", fields: tuple[str, ...] = ()) -> ConnectorError:
    errors = (ApiError(code, message, fields),) if code else ()
    return classify("GET /query/", status, errors, NOW)


@pytest.mark.parametrize("status", range(100, 600))
def test_every_status_has_a_class(status: int) -> None:
    assert type(error_for(status)) in FIVE


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ContractBroken),
        (401, Reauthorise),
        (403, Misconfigured),
        (404, Misconfigured),
        (406, RetryLater),
        (410, Misconfigured),
        (414, ContractBroken),
        (420, RetryLater),
        (429, RetryLater),
        (500, RetryLater),
        (502, RetryLater),
        (503, RetryLater),
    ],
)
def test_without_a_code_the_status_decides(status: int, kind: type[ConnectorError]) -> None:
    assert type(error_for(status)) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("UNABLE_TO_LOCK_ROW", RetryLater),
        ("SERVER_UNAVAILABLE", RetryLater),
        ("REQUEST_RUNNING_TOO_LONG", RetryLater),
        ("TOO_MANY_APEX_REQUESTS", RetryLater),
        ("INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", RetryLater),
        ("QUERY_TIMEOUT", RetryLater),
        ("OPERATION_TOO_LARGE", RetryLater),
        ("EXCEEDED_ID_LIMIT", RetryLater),
        ("QUERY_LOCATOR_EXPIRED", RetryLater),
        ("QUERY_LOCATOR_NOT_FOUND", RetryLater),
        ("TEMPORARY_QUERY_MORE_FAILURE", RetryLater),
        ("ENTITY_IS_DELETED", RecordRejected),
        ("NOT_FOUND", RecordRejected),
        ("INVALID_CROSS_REFERENCE_KEY", RecordRejected),
        ("ENTITY_IS_ARCHIVED", RecordRejected),
        ("CANNOT_UPDATE_CONVERTED_LEAD", RecordRejected),
        ("INVALID_FIELD", Misconfigured),
        ("INVALID_FIELD_FOR_INSERT_UPDATE", Misconfigured),
        ("INVALID_TYPE", Misconfigured),
        ("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", Misconfigured),
        ("API_DISABLED_FOR_ORG", Misconfigured),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", RecordRejected),
        ("DUPLICATES_DETECTED", RecordRejected),
        ("DUPLICATE_VALUE", RecordRejected),
        ("DUPLICATE_EXTERNAL_ID", RecordRejected),
        ("STRING_TOO_LONG", RecordRejected),
        ("REQUIRED_FIELD_MISSING", RecordRejected),
        ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", RecordRejected),
        ("ENTITY_IS_LOCKED", RecordRejected),
        ("INACTIVE_OWNER_OR_USER", RecordRejected),
        ("STORAGE_LIMIT_EXCEEDED", RecordRejected),
        ("MALFORMED_QUERY", ContractBroken),
        ("MALFORMED_ID", ContractBroken),
        ("JSON_PARSER_ERROR", ContractBroken),
        ("INVALID_LOGIN", Reauthorise),
    ],
)
@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_known_code_decides_whatever_the_status(code: str, kind: type[ConnectorError], status: int) -> None:
    error = error_for(status, code)
    assert type(error) is kind
    assert error.code == code


def test_too_many_calls_at_once_means_seconds() -> None:
    error = error_for(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
    assert isinstance(error, RetryLater)
    assert error.at == NOW + timedelta(seconds=10)


def test_a_used_up_day_means_an_hour() -> None:
    error = error_for(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    assert isinstance(error, RetryLater)
    assert error.at == NOW + timedelta(hours=1)


def test_a_missing_column_is_named() -> None:
    message = "\nSELECT Budget__c FROM Lead\nERROR at Row:1:Column:8\nNo such column 'Budget__c' on entity 'Lead'."
    assert "Lead.Budget__c" in error_for(400, "INVALID_FIELD", message).what


def test_words_of_the_crm_pass_without_addresses() -> None:
    error = error_for(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Ask ana@acme.example\n first")
    assert error.what.endswith("Ask (address) first")
    assert "@" not in scrub("<b@x.example>, 'c@y.example'")


@pytest.mark.parametrize("code", ["MALFORMED_QUERY", "UNABLE_TO_LOCK_ROW", "INSUFFICIENT_ACCESS", "INVALID_FIELD"])
def test_other_refusals_quote_nothing_that_may_hold_values(code: str) -> None:
    assert "secret-value" not in error_for(400, code, "WHERE Email = 'secret-value'").what


def test_rows_are_judged_by_their_status_code() -> None:
    assert classify_row("UNABLE_TO_LOCK_ROW") is RowVerdict.RETRY
    assert classify_row("CANNOT_UPDATE_CONVERTED_LEAD") is RowVerdict.GONE
    assert classify_row("ENTITY_IS_DELETED") is RowVerdict.GONE
    assert classify_row("INVALID_FIELD_FOR_INSERT_UPDATE") is RowVerdict.MISCONFIGURED
    assert classify_row("INSUFFICIENT_ACCESS_OR_READONLY") is RowVerdict.REJECTED
    assert classify_row("A_CODE_OF_NEXT_YEAR") is RowVerdict.REJECTED


def test_bodies_of_all_three_kinds_are_read() -> None:
    assert api_errors([{"message": "m", "errorCode": "C", "fields": ["F"]}]) == (ApiError("C", "m", ("F",)),)
    assert api_errors({"error": "invalid_grant", "error_description": "d"}) == (ApiError("invalid_grant", "d"),)
    assert api_errors("<html>Down for maintenance</html>") == ()
    assert api_errors(["odd"]) == ()
