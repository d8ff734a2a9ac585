"""A company's score goes into the fields of Account that the admin named, and lacks there hurt nobody else."""

from __future__ import annotations

import pytest

from connectors.contract import Rejected, Update, Written
from connectors.records import Ref
from connectors.salesforce.write import Writer
from tests.unit.connectors.salesforce.stand_ins import SECRET, MovableClock, World, scripted_world
from tests.unit.connectors.salesforce.test_salesforce_write import FIELDS, Rows, lead, score

ACME = Ref("Account", "001000000000001AAA")
PLACE = {"name": "Account_Score__c", "type": "double", "updateable": True}


@pytest.fixture
def world(clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SF_SECRET", SECRET)
    return scripted_world(clock, company_score={"score": "Account_Score__c"})


def rows(*more: dict[str, object]) -> Rows:
    answers = Rows()
    answers.fields = [*FIELDS, *more]
    return answers


def test_values_go_into_the_named_fields(world: World) -> None:
    answers = rows(PLACE)
    world.scripted.script = answers
    assert Writer(world.org).write([Update(ACME, {"score": 61})]) == (Written(ACME),)
    assert answers.batches == [[{"attributes": {"type": "Account"}, "Id": ACME.id, "Account_Score__c": 61}]]


def test_a_missing_field_refuses_the_company_and_not_the_lead(world: World) -> None:
    world.scripted.script = rows()
    company, person = Writer(world.org).write([Update(ACME, {"score": 61}), score(lead(1))])
    assert isinstance(company, Rejected)
    assert "Account.Account_Score__c" in company.reason
    assert "company_score" in company.reason
    assert person == Written(lead(1))
