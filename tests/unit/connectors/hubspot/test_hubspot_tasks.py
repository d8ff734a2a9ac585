from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from connectors.contract import Gone, Rejected
from connectors.errors import RecordRejected, RetryLater
from connectors.hubspot.connector import HubSpotConnector
from connectors.records import Ref
from connectors.tasks import Opened, Task, TaskChange, TaskDraft, TaskKind
from tests.unit.connectors.hubspot.scripted import Script
from tests.unit.connectors.hubspot.shapes import associations, batch, refusal, row

ANA = Ref("contacts", "7")
DUE = datetime(2026, 11, 22, 9, tzinfo=UTC)
DRAFT = TaskDraft(
    key="p1.sql.1", person=ANA, subject="Call today", body="Why now: pricing", due_at=DUE, priority="high", owner_id="55"
)


def test_a_task_is_created_with_its_contact_by_one_call(connector: HubSpotConnector, script: Script) -> None:
    script.then(row("31"), status=201)
    assert connector.open_task(DRAFT) == Opened(Ref("tasks", "31"))
    (asked,) = script.asked
    assert asked.path == "/crm/objects/2026-03/tasks"
    assert asked.body == {
        "properties": {
            "hs_timestamp": "2026-11-22T09:00:00Z",
            "hs_task_subject": "Call today",
            "hs_task_body": "Why now: pricing\n\n[leadline:p1.sql.1]",
            "hs_task_status": "NOT_STARTED",
            "hs_task_priority": "HIGH",
            "hs_task_type": "TODO",
            "hubspot_owner_id": "55",
        },
        "associations": [
            {"to": {"id": "7"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 204}]}
        ],
    }


@pytest.mark.parametrize("status", [429, 500, 502])
def test_a_task_whose_reply_is_lost_is_not_created_again_here(
    connector: HubSpotConnector, script: Script, status: int
) -> None:
    script.then({}, status=status)
    with pytest.raises(RetryLater):
        connector.open_task(DRAFT)
    assert len(script.asked) == 1


def test_a_refused_task_tells_whether_the_contact_is_still_there(connector: HubSpotConnector, script: Script) -> None:
    refused = refusal("VALIDATION_ERROR", "associations are invalid")
    script.then(refused, status=400).then(batch(row("7")))
    assert connector.open_task(DRAFT) == Rejected(ANA, code="VALIDATION_ERROR", reason="associations are invalid")
    script.then(refused, status=400).then(batch())
    assert connector.open_task(DRAFT) == Gone(ANA)
    script.then(refused, status=400).then(batch(row("9")))
    assert connector.open_task(DRAFT) == Gone(ANA, into=Ref("contacts", "9"))


def test_tasks_are_found_by_association_and_known_by_their_mark(connector: HubSpotConnector, script: Script) -> None:
    script.then(associations(("7", ["31", "32"])))
    script.then(
        batch(
            row("31", hs_task_subject="Call today", hs_task_body="<p>Why now</p>\n[leadline:p1.sql.1]",
                hs_task_status="NOT_STARTED", hubspot_owner_id="55", hs_timestamp="2026-11-22T09:00:00Z"),
            row("32", hs_task_subject=None, hs_task_body=None, hs_task_status="COMPLETED"),
        )
    )  # fmt: skip
    ours, other = connector.find_tasks(ANA)
    assert ours == Task(
        ref=Ref("tasks", "31"), person=ANA, key="p1.sql.1", subject="Call today", body="<p>Why now</p>", open=True,
        owner_id="55", due_at=DUE,
    )  # fmt: skip
    assert (other.key, other.open, other.due_at) == (None, False, None)
    assert [asked.path for asked in script.asked] == [
        "/crm/associations/2026-03/contacts/tasks/batch/read",
        "/crm/objects/2026-03/tasks/batch/read",
    ]


def test_a_contact_without_tasks_costs_one_call(connector: HubSpotConnector, script: Script) -> None:
    script.then(batch(errors=[]), status=207)
    assert connector.find_tasks(ANA) == ()
    assert len(script.asked) == 1


def test_closing_completes_the_task_and_keeps_its_text(connector: HubSpotConnector, script: Script) -> None:
    script.then(row("31", hs_task_body="Why now\n\n[leadline:p1.sql.1]", hs_task_status="IN_PROGRESS")).then(row("31"))
    connector.close_task(Ref("tasks", "31"), "Left the stage")
    assert script.asked[1].method == "PATCH"
    assert script.asked[1].body == {
        "properties": {"hs_task_body": "Why now\n\nLeft the stage\n\n[leadline:p1.sql.1]", "hs_task_status": "COMPLETED"}
    }


def test_a_task_the_rep_completed_or_deleted_stays_as_it_is(connector: HubSpotConnector, script: Script) -> None:
    script.then(row("31", hs_task_status="COMPLETED")).then(refusal("OBJECT_NOT_FOUND"), status=404)
    connector.close_task(Ref("tasks", "31"), "Left the stage")
    connector.close_task(Ref("tasks", "31"), "Left the stage")
    assert [asked.method for asked in script.asked] == ["GET", "GET"]


@pytest.mark.parametrize(("kind", "shown"), [("todo", "TODO"), ("call", "CALL"), ("email", "EMAIL")])
def test_a_task_says_what_is_to_be_done(connector: HubSpotConnector, script: Script, kind: TaskKind, shown: str) -> None:
    script.then(row("31"), status=201)
    connector.open_task(replace(DRAFT, kind=kind))
    assert script.asked[0].body["properties"]["hs_task_type"] == shown


def test_a_change_writes_what_is_given_and_keeps_the_mark(connector: HubSpotConnector, script: Script) -> None:
    script.then(row("31", hs_task_body="Why now\n\n[leadline:p1.sql.1]", hs_task_status="NOT_STARTED")).then(row("31"))
    connector.change_task(Ref("tasks", "31"), TaskChange("Call now", "Why now: budget", None))
    assert script.asked[1].method == "PATCH"
    assert script.asked[1].body == {
        "properties": {"hs_task_subject": "Call now", "hs_task_body": "Why now: budget\n\n[leadline:p1.sql.1]"}
    }


def test_a_task_that_is_done_or_gone_is_not_changed(connector: HubSpotConnector, script: Script) -> None:
    script.then(row("31", hs_task_status="COMPLETED")).then(refusal("OBJECT_NOT_FOUND"), status=404)
    for _ in range(2):
        connector.change_task(Ref("tasks", "31"), TaskChange(owner_id="56"))
    assert [asked.method for asked in script.asked] == ["GET", "GET"]


def test_a_mark_that_somebody_else_wrote_is_not_ours(connector: HubSpotConnector, script: Script) -> None:
    body = "Title: [leadline:p9.sql.9]\n\n[leadline:p1.sql.1]"
    script.then(associations(("7", ["31"]))).then(batch(row("31", hs_task_body=body, hs_task_status="NOT_STARTED")))
    (found,) = connector.find_tasks(ANA)
    assert (found.key, found.body) == ("p1.sql.1", "Title: [leadline:p9.sql.9]")


def test_a_close_that_is_refused_says_so(connector: HubSpotConnector, script: Script) -> None:
    script.then(row("31", hs_task_status="NOT_STARTED")).then(refusal("VALIDATION_ERROR", "read only"), status=400)
    with pytest.raises(RecordRejected, match="read only"):
        connector.close_task(Ref("tasks", "31"), "Left the stage")
