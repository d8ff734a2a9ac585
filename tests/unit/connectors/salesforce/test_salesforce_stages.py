"""A stage goes into a Lead's Status where the admin named one: an open one, and never against the org's own rules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.contract import Gone, Rejected, Update, Written
from connectors.records import PersonRecord, Ref
from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.stages import stage_place
from connectors.salesforce.write import Writer
from connectors.stages import CRM_STAGE
from tests.unit.connectors.salesforce.stand_ins import (
    Answer,
    Asked,
    Control,
    Twin,
    World,
    connector_for,
    settings_for,
)
from tests.unit.connectors.salesforce.test_salesforce_write import FIELDS, Rows, lead, refused, score

CHOSEN = {
    "values": {"mql": "Working - Contacted", "sql": "Qualified", "won": "Closed - Converted"},
    "replaces": ["Open - Not Contacted", "New"],
}


class Org(Rows):
    """Rows that can be written, and the org's statuses."""

    def __init__(self, refusals: dict[str, dict[str, object]] | None = None, *, status_updateable: bool = True) -> None:
        super().__init__(refusals)
        self.fields = [*FIELDS, {"name": "Status", "type": "picklist", "updateable": status_updateable}]

    def __call__(self, asked: Asked) -> Answer:
        if "LeadStatus" in asked.query.get("q", ""):
            found = [
                {"ApiName": "Working - Contacted", "IsConverted": False},
                {"ApiName": "Closed - Converted", "IsConverted": True},
            ]
            return Answer({"totalSize": 2, "done": True, "records": found})
        return super().__call__(asked)


def staged(ref: Ref, status: str) -> Update:
    return Update(ref, {"score": 7, CRM_STAGE: status})


def test_the_status_goes_out_with_the_score(world: World) -> None:
    org = Org()
    world.scripted.script = org
    assert Writer(world.org).write([staged(lead(1), "Working - Contacted")]) == (Written(lead(1)),)
    assert org.batches[0][0]["Status"] == "Working - Contacted"
    assert org.batches[0][0]["Leadline_Score__c"] == 7


@pytest.mark.parametrize("status", ["Closed - Converted", "Invented"])
def test_a_status_that_must_not_be_set_is_refused_unsent_and_others_are_written(world: World, status: str) -> None:
    org = Org()
    world.scripted.script = org
    first, second = Writer(world.org).write([staged(lead(1), status), score(lead(2))])
    assert isinstance(first, Rejected)
    assert status in first.reason
    assert second == Written(lead(2))
    assert [record["Id"] for batch in org.batches for record in batch] == [lead(2).id]


def test_a_status_that_the_user_may_not_write_keeps_no_other_lead_back(world: World) -> None:
    world.scripted.script = Org(status_updateable=False)
    first, second = Writer(world.org).write([staged(lead(1), "Working - Contacted"), score(lead(2))])
    assert isinstance(first, Rejected)
    assert "Lead.Status" in first.reason
    assert second == Written(lead(2))


def test_a_status_refused_by_the_row_is_a_refusal_of_the_row(world: World) -> None:
    world.scripted.script = Org({lead(1).id: refused("INVALID_FIELD_FOR_INSERT_UPDATE", "no", "Status")})
    (outcome,) = Writer(world.org).write([staged(lead(1), "Working - Contacted")])
    assert isinstance(outcome, Rejected)


def test_without_values_there_is_no_place(world: World) -> None:
    assert stage_place(world.org.settings) is None


def test_only_what_nobody_has_worked_on_is_replaced(world: World) -> None:
    raw = world.org.settings.model_dump() | {"lead_status": CHOSEN}
    place = stage_place(SalesforceSettings.model_validate(raw))
    assert place is not None
    assert (place.field, place.objects) == ("lead_status", frozenset({"Lead"}))
    assert place.value_to_set("mql", "open_not_contacted", None) == "Working - Contacted"
    assert place.value_to_set("mql", "nurturing", None) is None
    assert place.value_to_set("sql", "working_contacted", "Working - Contacted") == "Qualified"


@pytest.fixture
def staging(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> Iterator[SalesforceConnector]:
    connector = connector_for(settings_for(twin, monkeypatch, lead_status=CHOSEN))
    yield connector
    connector.close()


def test_doctor_names_every_status_that_will_not_do(staging: SalesforceConnector) -> None:
    found = [one.what for one in staging.check() if "lead_status" in one.what]
    assert found == [
        "lead_status.values.sql: the org has no lead status Qualified",
        "lead_status.values.won: the lead status Closed - Converted counts as converted, which only a conversion may set",
        "lead_status.replaces: the org has no lead status New",
    ]


def test_a_status_is_seen_on_the_lead_and_a_converted_lead_keeps_its_own(staging: SalesforceConnector) -> None:
    control = Control(staging)
    fresh = Ref("Lead", control.create("Lead", {"LastName": "Sato", "Company": "Acme"}))
    assert staging.write([Update(fresh, {CRM_STAGE: "Working - Contacted"})]) == (Written(fresh),)
    (record,) = staging.fetch([fresh])
    assert isinstance(record, PersonRecord)
    assert record.fields["lead_status"] == "working_contacted"
    done = Ref("Lead", control.ids("SELECT Id FROM Lead WHERE IsConverted = true LIMIT 1")[0])
    (outcome,) = staging.write([Update(done, {CRM_STAGE: "Working - Contacted"})])
    assert isinstance(outcome, Gone)
