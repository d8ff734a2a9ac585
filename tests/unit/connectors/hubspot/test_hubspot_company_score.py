"""A company's score goes where the admin said; what lacks there keeps nobody else's score back."""

from __future__ import annotations

from connectors.company import CompanyFields
from connectors.contract import Gone, Rejected, Update, Written
from connectors.records import Ref
from tests.unit.connectors.hubspot.conftest import Build
from tests.unit.connectors.hubspot.scripted import Script
from tests.unit.connectors.hubspot.shapes import batch, item_error, refusal, row

ACME = Ref("companies", "9")
ANA = Ref("contacts", "7")
PLACES = CompanyFields(score="acct_score", roles_missing="acct_missing")


def test_values_go_to_the_named_properties(build: Build, script: Script) -> None:
    script.then(batch(row("9")))
    connector = build(company_score=PLACES)
    assert connector.write([Update(ACME, {"score": 61, "roles_missing": None})]) == (Written(ACME),)
    (asked,) = script.asked
    assert asked.path == "/crm/objects/2026-03/companies/batch/update"
    assert asked.body["inputs"][0]["properties"] == {"acct_score": "61", "acct_missing": ""}


def test_people_and_companies_of_one_batch_go_out_apart(build: Build, script: Script) -> None:
    script.then(batch(row("7")))
    script.then(batch(row("9")))
    outcomes = build(company_score=PLACES).write([Update(ACME, {"score": 61}), Update(ANA, {"score": 50})])
    assert outcomes == (Written(ACME), Written(ANA))


def test_a_missing_scope_refuses_the_company_and_not_the_person(build: Build, script: Script) -> None:
    script.then(batch(row("7")))
    script.then(refusal("MISSING_SCOPES", "needs crm.objects.companies.write"), status=403)
    company, person = build(company_score=PLACES).write([Update(ACME, {"score": 61}), Update(ANA, {"score": 50})])
    assert isinstance(company, Rejected)
    assert company.code == "MISSING_SCOPES"
    assert person == Written(ANA)


def test_a_company_that_is_gone_is_an_outcome(build: Build, script: Script) -> None:
    script.then(batch(errors=[item_error("9", "OBJECT_NOT_FOUND")]), status=207)
    assert build(company_score=PLACES).write([Update(ACME, {"score": 61})]) == (Gone(ACME),)


def test_the_values_with_a_place_are_declared(build: Build) -> None:
    connector = build(company_score=PLACES)
    assert connector.company_values(connector.settings) == {"score", "roles_missing"}
