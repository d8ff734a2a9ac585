"""Every status and every error code that the reference names has its place in the tables of both connectors."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from connectors.errors import ContractBroken, Misconfigured, Reauthorise, RecordRejected, RetryLater
from connectors.hubspot import classify as hubspot
from connectors.salesforce import classify as salesforce
from tests.contracts import wire

REFERENCE = wire.PLACE.parent
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
FIVE = {RetryLater, Reauthorise, Misconfigured, RecordRejected, ContractBroken}

HUBSPOT_CODES = [
    "BAD_REFRESH_TOKEN",
    "DAILY",
    "EXPIRED_AUTHENTICATION",
    "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
    "MISSING_REQUIRED_PROPERTY",
    "MISSING_SCOPES",
    "OBJECT_NOT_FOUND",
    "Properties.PROPERTY_WITH_NAME_EXISTS",
    "RATE_LIMIT",
    "SECONDLY",
    "TEN_SECONDLY_ROLLING",
]
"""What the reference and the wire contract name, distilled; so that nothing is taken for checked where they are not."""

SALESFORCE_CODES = [
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "API_DISABLED_FOR_ORG",
    "CANNOT_UPDATE_CONVERTED_LEAD",
    "DUPLICATES_DETECTED",
    "DUPLICATE_DEVELOPER_NAME",
    "DUPLICATE_EXTERNAL_ID",
    "DUPLICATE_VALUE",
    "ENTITY_IS_ARCHIVED",
    "ENTITY_IS_DELETED",
    "ENTITY_IS_LOCKED",
    "EXCEEDED_ID_LIMIT",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "INACTIVE_OWNER_OR_USER",
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
    "INSUFFICIENT_ACCESS",
    "INVALID_CROSS_REFERENCE_KEY",
    "INVALID_FIELD",
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    "INVALID_SESSION_ID",
    "INVALID_TYPE",
    "InvalidSessionId",
    "JSON_PARSER_ERROR",
    "MALFORMED_ID",
    "MALFORMED_QUERY",
    "NOT_FOUND",
    "OPERATION_TOO_LARGE",
    "QUERY_LOCATOR_EXPIRED",
    "QUERY_LOCATOR_NOT_FOUND",
    "QUERY_TIMEOUT",
    "REQUEST_LIMIT_EXCEEDED",
    "REQUEST_RUNNING_TOO_LONG",
    "REQUIRED_FIELD_MISSING",
    "SERVER_UNAVAILABLE",
    "STORAGE_LIMIT_EXCEEDED",
    "STRING_TOO_LONG",
    "TEMPORARY_QUERY_MORE_FAILURE",
    "TOO_MANY_APEX_REQUESTS",
    "UNABLE_TO_LOCK_ROW",
]
"""The same for Salesforce."""

SALESFORCE_OTHERS = {"REQUESTS_CA_BUNDLE", "OPERATION_ENQUEUED"}
"""Words of the same look that are no refusals: a variable of the environment, and the state of a job that was taken."""

_SHOUTED = re.compile(r"(?<![\w-])[A-Z]{2,}(?:_[A-Z]+)+(?!\w)")
_SALESFORCE_FIELD = re.compile(r'\\?"(?:errorCode|statusCode|exceptionCode)\\?": ?\\?"(\w+)')
_HUBSPOT_NEAR = re.compile(r"(?:error|Error|40\d|429|policyName|409)[^\n]*")
_HUBSPOT_CODE = re.compile(r"`((?:[A-Z][a-z]+\.)?[A-Z]{5,}(?:_[A-Z]+)*)`")


def text_of(*patterns: str) -> str:
    """What the files of the reference say; nothing where they are not, which the end of the run tells."""
    paths = sorted(path for pattern in patterns for path in REFERENCE.glob(pattern))
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def is_in_a_salesforce_table(code: str) -> bool:
    tables = (
        salesforce.RETRY_CODES,
        salesforce.GONE_CODES,
        salesforce.MISCONFIGURED_CODES,
        salesforce.REAUTHORISE_CODES,
        salesforce.REJECTED_CODES,
        salesforce.BUG_CODES,
    )
    return code.startswith("INSUFFICIENT_ACCESS") or sum(code in table for table in tables) == 1


@pytest.mark.parametrize("status", range(100, 600))
def test_every_status_is_one_of_the_five_errors_for_either_crm(status: int) -> None:
    assert type(hubspot.classify(hubspot.Refusal(status), "GET /x", now=NOW)) in FIVE
    assert type(salesforce.classify("GET /x", status, (), NOW)) in FIVE
    for body in (b"", b"<html>no</html>", b'{"category": 7, "errors": 1}', b'[{"errorCode": null}]'):
        assert type(hubspot.classify(hubspot.read_refusal(status, {}, body, now=NOW), "GET /x", now=NOW)) in FIVE


@pytest.mark.parametrize("code", HUBSPOT_CODES)
def test_every_code_that_hubspots_reference_names_is_in_the_table(code: str) -> None:
    assert code in hubspot.BY_CODE


@pytest.mark.parametrize("code", SALESFORCE_CODES)
def test_every_code_that_salesforces_reference_names_is_in_one_table(code: str) -> None:
    assert is_in_a_salesforce_table(code)


def test_the_distilled_list_is_all_that_salesforces_reference_names() -> None:
    said = text_of("salesforce.md") + text_of("salesforce-examples/*")
    named = (set(_SHOUTED.findall(text_of("salesforce.md"))) | set(_SALESFORCE_FIELD.findall(said))) - SALESFORCE_OTHERS
    assert named <= set(SALESFORCE_CODES)


def test_the_distilled_list_is_all_that_hubspots_reference_names() -> None:
    lines = "\n".join(_HUBSPOT_NEAR.findall(text_of("hubspot.md")))
    assert set(_HUBSPOT_CODE.findall(lines)) <= set(HUBSPOT_CODES)


def test_a_row_rolled_back_for_anothers_fault_is_sent_again() -> None:
    assert salesforce.classify_row("ALL_OR_NONE_OPERATION_ROLLED_BACK") is salesforce.RowVerdict.RETRY
