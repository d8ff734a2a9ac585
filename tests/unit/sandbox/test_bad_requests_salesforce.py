"""Whatever is sent, Salesforce's own errors come back, and a refusal changes nothing."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.sandbox.salesforce_bench import BASE, SalesforceBench, error

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW")
PLACES = (
    *("/services/oauth2/token", "/services/oauth2/introspect", "/services/oauth2/nope", "/services/Soap/m/67.0"),
    *("/", "/nope", "/services/data", "/services/data/v30.0/limits", "/services/data/vX/limits", BASE, f"{BASE}/nope"),
    *(f"{BASE}/limits", f"{BASE}/limits/recordCount", f"{BASE}/query", f"{BASE}/queryAll", f"{BASE}/query/{{id}}"),
    *(f"{BASE}/sobjects", f"{BASE}/sobjects/{{kind}}", f"{BASE}/sobjects/{{kind}}/describe", f"{BASE}/composite"),
    *(f"{BASE}/sobjects/{{kind}}/{{id}}", f"{BASE}/sobjects/{{kind}}/{{name}}/{{id}}", f"{BASE}/composite/batch"),
    *(f"{BASE}/sobjects/{{kind}}/updated", f"{BASE}/sobjects/{{kind}}/deleted", f"{BASE}/composite/sobjects"),
    *(f"{BASE}/composite/sobjects/{{kind}}", f"{BASE}/composite/sobjects/{{kind}}/{{name}}"),
    *(f"{BASE}/composite/tree/{{kind}}", f"{BASE}/tooling/query", f"{BASE}/tooling/sobjects/CustomField"),
    *(f"{BASE}/tooling/sobjects/CustomField/{{id}}", f"{BASE}/jobs/query", f"{BASE}/jobs/query/{{id}}"),
    *(f"{BASE}/jobs/query/{{id}}/results", f"{BASE}/jobs/ingest", f"{BASE}/jobs/ingest/{{id}}"),
    *(f"{BASE}/jobs/ingest/{{id}}/batches", f"{BASE}/jobs/ingest/{{id}}/failedResults"),
)
KINDS = ("Lead", "contact", "Task", "Event", "Opportunity", "CampaignMember", "FieldPermissions", "User", "Nope", "%00")
NAMES = (
    *("Id", "Email", "LastName", "Company", "OwnerId", "WhoId", "IsConverted", "AnnualRevenue", "StartDateTime", "Nope__c"),
    *("records", "allOrNone", "attributes", "compositeRequest", "batchRequests", "url", "method", "body", "referenceId"),
    *("FullName", "Metadata", "type", "operation", "query", "object", "state", "ids", "fields", "q", "start", "end"),
)
WORDS = (
    *("", "Lead", "Lead.Score__c", "Text", "GET", "POST", f"{BASE}/limits", "v67.0/query", "query", "insert", "@{a.b[9]}"),
    *(
        "SELECT Id FROM Lead",
        "SELECT",
        "SELECT (SELECT Id FROM Contacts) FROM Account",
        "2026-01-01",
        "1e999",
        "\x00",
        "ü" * 300,
    ),
    "00Q8d0000000007EAA",
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), st.sampled_from(WORDS), st.text())
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner, max_size=4),
    max_leaves=12,
)
LISTED = st.builds(
    lambda rows, strict: {"records": rows, "allOrNone": strict},
    st.lists(
        st.builds(
            lambda kind, values: {"attributes": {"type": kind}, **values},
            st.sampled_from(KINDS),
            st.dictionaries(st.sampled_from(NAMES), LEAVES, max_size=4),
        ),
        max_size=3,
    ),
    st.booleans(),
)
BODIES = st.one_of(st.binary(max_size=60), (JSON | LISTED).map(lambda value: json.dumps(value).encode()))
TYPES = ("application/json", "application/json", "text/csv", "text/xml", "application/x-www-form-urlencoded", "")


@pytest.fixture(scope="module")
def org() -> SalesforceBench:
    bench = SalesforceBench()
    bench.lead(Email="lind@acme.example")
    return bench


def state(org: SalesforceBench) -> Any:
    return org.http.get("/_twin/state").json()["comparable"]


def is_own_error(reply: httpx.Response, path: str) -> bool:
    """Whether a refusal is in the form that the platform has for this path."""
    if path.startswith("/services/Soap/"):
        return reply.status_code == 500 and "<soapenv:Fault>" in reply.text
    told = reply.json()
    if path.startswith("/services/oauth2/"):
        return set(told) == {"error", "error_description"}
    return isinstance(told, list) and all({"errorCode", "message"} <= set(entry) for entry in told)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    method=st.sampled_from(METHODS),
    place=st.sampled_from(PLACES),
    parts=st.fixed_dictionaries(
        {
            "kind": st.sampled_from(KINDS),
            "name": st.sampled_from(NAMES),
            "id": st.sampled_from(("00Q8d0000000007EAA", "x", "%2F")),
        }
    ),
    query=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(WORDS), max_size=2),
    body=BODIES,
    media_type=st.sampled_from(TYPES),
)
def test_any_request_gets_the_platform_s_own_answer_and_a_refusal_changes_nothing(
    org: SalesforceBench, method: str, place: str, parts: dict[str, str], query: dict[str, str], body: bytes, media_type: str
) -> None:
    before = state(org)
    path = place.format(**parts)
    reply = org.http.request(method, path, params=query, content=body, headers={"Content-Type": media_type})
    assert reply.status_code < 500 or path.startswith("/services/Soap/")
    if reply.status_code >= 400:
        assert method == "HEAD" or is_own_error(reply, path)
        assert state(org) == before


@pytest.mark.parametrize("method", ["PUT", "TRACE", "OPTIONS", "BREW"])
@pytest.mark.parametrize("place", ["sobjects/Lead", "limits", "composite", "query"])
def test_a_method_that_a_resource_does_not_have_is_not_allowed(org: SalesforceBench, method: str, place: str) -> None:
    assert error(org.http.request(method, f"{BASE}/{place}")) == (405, "METHOD_NOT_ALLOWED")


def test_the_head_of_a_resource_is_its_answer_without_the_body(org: SalesforceBench) -> None:
    reply = org.http.head(f"{BASE}/limits")
    assert (reply.status_code, reply.content) == (200, b"")
    assert error(org.http.get(f"{BASE}/limits", headers={"Authorization": "Bearer gone"})) == (401, "INVALID_SESSION_ID")
