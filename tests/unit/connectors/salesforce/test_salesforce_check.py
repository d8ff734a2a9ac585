from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import Finding
from connectors.salesforce.check import OPTIONAL, REQUIRED, findings
from connectors.salesforce.mapping import DEFAULT_FIELDS
from tests.unit.connectors.salesforce.stand_ins import TOKEN, Answer, Asked, MovableClock, World, scripted_world


def describe_all(asked: Asked, without: tuple[str, ...] = ()) -> Answer:
    name = asked.path.split("/")[-2]
    if name in without:
        return Answer([{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}], status=404)
    names = ["Id", "SystemModstamp", "Leadline_Score__c", "Leadline_Key__c", *DEFAULT_FIELDS.get(name, {}).values()]
    return Answer({"name": name, "fields": [{"name": field, "type": "string"} for field in names]})


def found(world: World, without: tuple[str, ...] = ()) -> list[Finding]:
    world.scripted.script = lambda asked: describe_all(asked, without)
    return list(findings(world.org))


def test_an_org_that_is_ready_has_no_findings(world: World) -> None:
    assert found(world) == []


@pytest.mark.parametrize("name", REQUIRED)
def test_an_object_that_must_be_readable_is_an_error_with_a_way_out(world: World, name: str) -> None:
    errors = [finding for finding in found(world, (name,)) if finding.severity == "error"]
    assert [name in finding.what and name in finding.fix for finding in errors] == [True]


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_object_that_adds_to_the_picture_is_a_warning(world: World, name: str) -> None:
    (finding,) = found(world, (name,))
    assert finding.severity == "warning"
    assert name in finding.what


def test_objects_without_a_history_are_one_warning_that_says_what_it_means_for_evidence(world: World) -> None:
    (finding,) = found(world, ("LeadHistory", "AccountHistory"))
    assert (finding.severity, finding.what.startswith("Lead, Account: ")) == ("warning", True)


@pytest.mark.parametrize(
    ("ahead_seconds", "severities"), [(0, []), (200, []), (400, ["warning"]), (700, ["error"]), (-700, ["warning"])]
)
def test_a_clock_that_runs_away_is_told_before_it_leaves_gaps(
    world: World, clock: MovableClock, ahead_seconds: int, severities: list[str]
) -> None:
    issued_at = str(int(clock().timestamp() - ahead_seconds) * 1000)
    world.scripted.sign_ins = [Answer({"access_token": TOKEN, "issued_at": issued_at})]
    assert [finding.severity for finding in found(world)] == severities


@pytest.mark.parametrize(("version", "count"), [("67.0", 0), ("58.0", 1)])
def test_a_version_nobody_tried_is_told(
    clock: MovableClock, monkeypatch: pytest.MonkeyPatch, version: str, count: int
) -> None:
    monkeypatch.setenv("SF_SECRET", "made-up")
    assert len(found(scripted_world(clock, api_version=version))) == count


def test_a_version_near_its_end_is_told(world: World, clock: MovableClock) -> None:
    clock.advance(days=900)
    (finding,) = found(world)
    assert "2029-06-01" in finding.what


def test_a_field_that_only_one_of_lead_and_contact_has_is_a_warning(
    clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SF_SECRET", "made-up")
    overrides: dict[str, Any] = {"person": {"region": "Status", "lead_status": None}}
    (finding,) = found(scripted_world(clock, map=overrides))
    assert (finding.severity, "Contact has no field Status" in finding.what) == ("warning", True)
