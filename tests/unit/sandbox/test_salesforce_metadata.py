"""Fields and permission sets made through the Metadata API, by simple-salesforce's own client and by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
import requests
from requests.adapters import BaseAdapter
from simple_salesforce.metadata import SfdcMetadataApi

from tests.unit.sandbox.salesforce_bench import BASE, SalesforceBench, error

PLACE = "/services/Soap/m/67.0"
SESSION = "<SessionHeader><sessionId>{}</sessionId></SessionHeader>"


class ToTheBench(BaseAdapter):
    """Carries what `requests` sends to an org in this process."""

    def __init__(self, http: httpx.Client) -> None:
        super().__init__()
        self._http = http

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        got = self._http.request(str(request.method), request.path_url, content=body, headers=dict(request.headers))
        answer = requests.Response()
        answer.status_code, answer._content, answer.request = got.status_code, got.content, request
        answer.headers.update(got.headers)
        return answer

    def close(self) -> None:
        pass


@pytest.fixture
def org() -> SalesforceBench:
    return SalesforceBench()


def token(org: SalesforceBench) -> str:
    return org.http.headers["Authorization"].removeprefix("Bearer ")


@pytest.fixture(scope="module")
def shared() -> SalesforceBench:
    return SalesforceBench()


@pytest.fixture(scope="module")
def mdapi(shared: SalesforceBench) -> Any:
    api = SfdcMetadataApi(requests.Session(), token(shared), "acme", f"https://acme.my.example{PLACE}/", {}, "67.0")
    api._client.transport.session.mount("https://", ToTheBench(shared.http))
    return api


def field(mdapi: Any, name: str, kind: str, **rest: Any) -> Any:
    written = mdapi._client.get_type("ns0:FieldType")(kind)
    return mdapi.CustomField(fullName=name, label=name, type=written, **rest)


def test_the_sdk_creates_reads_changes_and_deletes_fields(shared: SalesforceBench, mdapi: Any) -> None:
    values = {"sorted": False, "value": [{"fullName": grade, "default": False, "label": grade} for grade in ("A1", "A2")]}
    mdapi.CustomField.create(
        [
            field(mdapi, "Lead.Sync_Score__c", "Number", precision=5, scale=2),
            field(mdapi, "Lead.Grade__c", "Picklist", valueSet={"restricted": True, "valueSetDefinition": values}),
        ]
    )
    score, grade = mdapi.CustomField.read(["Lead.Sync_Score__c", "Lead.Grade__c"])
    assert (score.fullName, score.type, score.precision, score.scale) == ("Lead.Sync_Score__c", "Number", 5, 2)
    assert [value.fullName for value in grade.valueSet.valueSetDefinition.value] == ["A1", "A2"]
    assert "Sync_Score__c" not in shared.described("Lead")
    shared.grant("Lead.Sync_Score__c")
    assert shared.read("Lead", shared.lead(Sync_Score__c=51.255))["Sync_Score__c"] == 51.26
    mdapi.CustomField.upsert([field(mdapi, "Lead.Sync_Score__c", "Number", precision=6, scale=2)])
    assert shared.described("Lead")["Sync_Score__c"]["precision"] == 6
    mdapi.CustomField.delete(["Lead.Sync_Score__c"])
    assert "Sync_Score__c" not in shared.described("Lead")


def test_the_sdk_hears_what_the_org_has_against_a_field(mdapi: Any) -> None:
    with pytest.raises(Exception, match="DUPLICATE_DEVELOPER_NAME"):
        mdapi.CustomField.create([field(mdapi, "Lead.Budget__c", "Number", precision=5, scale=2)])
    with pytest.raises(Exception, match="INVALID_CROSS_REFERENCE_KEY"):
        mdapi.CustomField.delete(["Lead.Nope__c"])


def test_the_sdk_grants_fields_by_a_permission_set(shared: SalesforceBench, mdapi: Any) -> None:
    mdapi.CustomField.create([field(mdapi, "Lead.Fit__c", "Checkbox", defaultValue="false")])
    grant = {"field": "Lead.Fit__c", "readable": True, "editable": False}
    mdapi.PermissionSet.create([mdapi.PermissionSet(fullName="Sync", label="Sync", fieldPermissions=[grant])])
    parent = shared.column("SELECT Id FROM PermissionSet WHERE Name = 'Sync'")[0]
    user = shared.column(f"SELECT Id FROM User WHERE Username = '{shared.settings.username}'")[0]
    assert "Fit__c" not in shared.described("Lead")
    shared.create("PermissionSetAssignment", AssigneeId=user, PermissionSetId=parent)
    assert shared.described("Lead")["Fit__c"]["updateable"] is False
    read = mdapi.PermissionSet.read(["Sync"])
    assert (read.label, read.fieldPermissions[0].field, read.fieldPermissions[0].editable) == ("Sync", "Lead.Fit__c", False)


def call(org: SalesforceBench, content: str, session: str | None = None, place: str = PLACE) -> httpx.Response:
    header = SESSION.format(token(org) if session is None else session)
    names = 'xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://soap.sforce.com/2006/04/metadata"'
    kinds = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    body = f"<e:Envelope {names} {kinds}><e:Header>{header}</e:Header><e:Body>{content}</e:Body></e:Envelope>"
    return org.http.post(place, content=body.encode(), headers={"Content-Type": "text/xml"})


def checkbox(name: str) -> str:
    inside = f"<fullName>{name}</fullName><label>x</label><type>Checkbox</type>"
    return f'<metadata xsi:type="CustomField">{inside}</metadata>'


@pytest.mark.parametrize(
    ("content", "told", "code"),
    [
        ("<createMetadata/>", {"session": "made-up"}, "INVALID_SESSION_ID"),
        ("<createMetadata/>", {"place": "/services/Soap/m/30.0"}, "UNSUPPORTED_API_VERSION"),
        ("<listMetadata/>", {}, "INVALID_OPERATION"),
        ("", {}, "INVALID_OPERATION"),
        ('<createMetadata><metadata xsi:type="Layout"/></createMetadata>', {}, "INVALID_TYPE"),
        (f"<createMetadata>{checkbox('Lead.A__c') * 11}</createMetadata>", {}, "LIMIT_EXCEEDED"),
        ("<createMetadata>", {}, "UNKNOWN_EXCEPTION"),
        ("<!DOCTYPE x>", {}, "UNKNOWN_EXCEPTION"),
    ],
)
def test_a_wrong_call_is_a_fault_with_status_500(
    org: SalesforceBench, content: str, told: Mapping[str, str], code: str
) -> None:
    reply = call(org, content, **told)
    assert (reply.status_code, reply.headers["Content-Type"]) == (500, "text/xml;charset=UTF-8")
    assert f"<faultcode>sf:{code}</faultcode>" in reply.text


def test_a_bad_component_fails_alone(org: SalesforceBench) -> None:
    reply = call(org, f"<createMetadata>{checkbox('Lead.A__c')}{checkbox('Nope.B__c')}</createMetadata>")
    assert reply.status_code == 200
    assert reply.text.count("<success>true</success>") == 1
    assert "<statusCode>INVALID_CROSS_REFERENCE_KEY</statusCode>" in reply.text


def test_a_component_that_is_not_there_is_read_as_nothing(org: SalesforceBench) -> None:
    reply = call(org, "<readMetadata><type>CustomField</type><fullNames>Lead.No__c</fullNames></readMetadata>")
    assert '<records xsi:nil="true"/>' in reply.text


def test_a_session_that_lapses_is_a_fault_too(org: SalesforceBench) -> None:
    org.bench.faults.replace([{"endpoint": "*", "kind": "expire_token"}])
    reply = call(org, "<readMetadata><type>CustomField</type></readMetadata>")
    assert "INVALID_SESSION_ID" in reply.text


def test_tooling_reads_changes_and_deletes_a_field_by_its_id(org: SalesforceBench) -> None:
    made = org.make_field("Lead.Score__c", type="Number", label="Score", precision=5, scale=2)
    org.grant("Lead.Score__c")
    lead = org.lead(Score__c=7)
    place = f"{BASE}/tooling/sobjects/CustomField/{made.json()['id']}"
    read = org.http.get(place).json()
    assert (read["FullName"], read["Metadata"]["precision"]) == ("Lead.Score__c", 5)
    longer = {"Metadata": {"type": "Number", "label": "Score", "precision": 8, "scale": 2}}
    assert org.http.patch(place, json=longer).status_code == 204
    other = {"Metadata": {"type": "Text", "label": "Score", "length": 80}}
    assert error(org.http.patch(place, json=other)) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert org.http.delete(place).status_code == 204
    assert error(org.http.get(place)) == (404, "NOT_FOUND")
    assert "Score__c" not in org.read("Lead", lead)


def test_a_field_made_again_is_empty_and_invisible(org: SalesforceBench) -> None:
    number = {"type": "Number", "label": "Score", "precision": 5, "scale": 2}
    made = org.make_field("Lead.Score__c", **number)
    org.grant("Lead.Score__c")
    lead = org.lead(Score__c=7)
    org.http.delete(f"{BASE}/tooling/sobjects/CustomField/{made.json()['id']}")
    assert org.make_field("Lead.Score__c", **number).status_code == 201
    assert "Score__c" not in org.described("Lead")
    org.grant("Lead.Score__c")
    assert org.read("Lead", lead)["Score__c"] is None
