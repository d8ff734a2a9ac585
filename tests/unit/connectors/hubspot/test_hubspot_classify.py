import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import ConnectorError, ContractBroken, Misconfigured, Reauthorise, RecordRejected, RetryLater
from connectors.hubspot.classify import Refusal, classify, read_refusal, verdict, words

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
ENDPOINT = "POST /crm/objects/2026-03/contacts/search"


def error_of(status: int, body: Any = None, headers: dict[str, str] | None = None) -> ConnectorError:
    return classify(read_refusal(status, headers or {}, json.dumps(body), now=NOW), ENDPOINT, now=NOW)


def expected_of(status: int) -> type[ConnectorError]:
    if status in {408, 421, 423, 425, 429, 477} or 500 <= status <= 599:
        return RetryLater
    if status == 401:
        return Reauthorise
    if status in {402, 403, 407, 451}:
        return Misconfigured
    if status in {400, 404, 409, 410, 422}:
        return RecordRejected
    return ContractBroken


@pytest.mark.parametrize("status", range(100, 600))
def test_every_status_has_a_meaning_with_or_without_a_body(status: int) -> None:
    assert type(classify(Refusal(status), ENDPOINT, now=NOW)) is expected_of(status)
    assert type(error_of(status, {"unknown": ["shape"]})) is expected_of(status)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "VALIDATION_ERROR", RecordRejected),
        (400, "PROPERTY_DOESNT_EXIST", Misconfigured),
        (400, "MISSING_REQUIRED_PROPERTY", RecordRejected),
        (400, "MISSING_CONDITIONAL_REQUIRED_PROPERTY", RecordRejected),
        (400, "BAD_REFRESH_TOKEN", Reauthorise),
        (401, "INVALID_AUTHENTICATION", Reauthorise),
        (401, "EXPIRED_AUTHENTICATION", Reauthorise),
        (403, "MISSING_SCOPES", Misconfigured),
        (404, "OBJECT_NOT_FOUND", RecordRejected),
        (409, "CONFLICT", RecordRejected),
        (409, "Properties.PROPERTY_WITH_NAME_EXISTS", RecordRejected),
        (429, "RATE_LIMIT", RetryLater),
        (429, "RATE_LIMITS", RetryLater),
        (500, "INTERNAL_ERROR", RetryLater),
    ],
)
@pytest.mark.parametrize("place", ["category", "subCategory", "detail", "errorType"])
def test_every_documented_code_is_known_wherever_it_stands(
    status: int, code: str, expected: type[ConnectorError], place: str
) -> None:
    body = {"message": "no", "errors": [{"message": "no", "code": code}]} if place == "detail" else {place: code}
    error = error_of(status, body)
    assert type(error) is expected
    assert error.code == code


@pytest.mark.parametrize(("status", "expected"), [(401, Reauthorise), (429, RetryLater), (503, RetryLater)])
def test_some_statuses_speak_for_themselves_whatever_the_code(status: int, expected: type[ConnectorError]) -> None:
    assert type(error_of(status, {"category": "VALIDATION_ERROR"})) is expected


def test_a_finer_code_outweighs_its_category() -> None:
    body = {"category": "VALIDATION_ERROR", "errors": [{"code": "PROPERTY_DOESNT_EXIST", "message": "no"}]}
    assert type(error_of(400, body)) is Misconfigured


@pytest.mark.parametrize(("policy", "seconds"), [("DAILY", 3600), ("TEN_SECONDLY_ROLLING", 10), ("SECONDLY", 1)])
def test_throttling_names_the_moment_its_window_frees_up(policy: str, seconds: int) -> None:
    error = error_of(429, {"status": "error", "errorType": "RATE_LIMIT", "policyName": policy})
    assert isinstance(error, RetryLater)
    assert error.at == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [
        (429, "7", 7),
        (477, "7200", 7200),
        (477, "999999", 86_400),
        (503, "Sat, 21 Nov 2026 10:01:00 GMT", 60),
        (423, None, 2),
        (502, None, 1),
        (423, "soon", 2),
    ],
)
def test_retry_after_is_obeyed_where_it_is_sent(status: int, header: str | None, seconds: int) -> None:
    error = error_of(status, {}, {} if header is None else {"Retry-After": header})
    assert isinstance(error, RetryLater)
    assert error.at == NOW + timedelta(seconds=seconds)


def test_missing_scopes_are_listed_for_the_admin() -> None:
    error = error_of(
        403,
        {
            "category": "MISSING_SCOPES",
            "message": "no",
            "errors": [{"message": "no", "context": {"requiredGranularScopes": ["crm.objects.deals.read"]}}],
        },
    )
    assert "crm.objects.deals.read" in error.what


@pytest.mark.parametrize(
    "body",
    [
        {"category": "VALIDATION_ERROR", "message": 'Property "leadline_score" does not exist', "subCategory": "x",
         "errors": [{"code": "PROPERTY_DOESNT_EXIST", "message": "no"}]},
        {"category": "VALIDATION_ERROR", "message": "no", "errors": [
            {"code": "PROPERTY_DOESNT_EXIST", "message": "no", "context": {"propertyName": ["leadline_score"]}}]},
    ],
)  # fmt: skip
def test_a_missing_property_is_named(body: Any) -> None:
    assert "leadline_score" in error_of(400, body).what


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", b'{"category":"VALID', b"\xff\xfe", b"[1]", b"null"])
def test_a_body_that_is_no_json_leaves_the_status_to_speak(body: bytes) -> None:
    assert type(classify(read_refusal(403, {}, body, now=NOW), ENDPOINT, now=NOW)) is Misconfigured


def test_a_rejected_record_carries_hubspots_words_without_addresses_and_tokens() -> None:
    error = error_of(400, {"category": "VALIDATION_ERROR", "message": "Email a.b@acme.example is bad for pat-eu1-abc-def"})
    assert error.what == "Email <e-mail> is bad for <token>"


@pytest.mark.parametrize("status", [401, 403, 413, 429, 500])
def test_other_errors_keep_hubspots_words_to_themselves(status: int) -> None:
    error = error_of(status, {"message": "secret of a.b@acme.example", "correlationId": "c-1"})
    assert "acme" not in str(error)
    assert "c-1" in error.what


def test_a_long_message_is_cut() -> None:
    assert len(words("word " * 1000)) <= 300


def test_errors_inside_a_207_go_by_their_code() -> None:
    assert verdict(207, ("VALIDATION_ERROR",)) == "rejected"
    assert verdict(207, ("INTERNAL_ERROR",)) == "retry"


def test_refused_values_are_told_by_property_and_sentence() -> None:
    packed = (
        'Property values were not valid: [{"isValid":false,"message":"abc was not a valid number.","name":"leadline_score"}]'
    )
    assert words(packed) == "leadline_score: abc was not a valid number."
    assert words("Broken: [{not json") == "Broken: [{not json"
