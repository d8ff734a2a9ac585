from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.contract import Gone, Rejected, RetryAt, Update, Written
from connectors.errors import Misconfigured, RetryLater
from connectors.fields import FieldKind, FieldSpec
from connectors.records import PersonRecord, Ref, Scalar, Stream
from connectors.salesforce.connector import SalesforceConnector
from connectors.tasks import Opened, TaskDraft, TaskKind
from tests.unit.connectors.salesforce.stand_ins import Control, Twin, connector_for, running_twin, settings_for

SPECS = (
    FieldSpec("score", "Leadline Score", "Fit and engagement, 0 to 100.", FieldKind.INTEGER),
    FieldSpec("grade", "Leadline Grade", "Fit letter, engagement digit.", FieldKind.TEXT, 10),
    FieldSpec("reasons", "Leadline Reasons", "Why this score.", FieldKind.LONG_TEXT, 4000),
    FieldSpec("stage", "Leadline Stage", "Where the person stands.", FieldKind.CHOICE, options=(("mql", "MQL"),)),
    FieldSpec("scored_at", "Leadline Scored At", "When the score was made.", FieldKind.DATETIME),
)
VALUES: dict[str, Scalar] = {
    "score": 72,
    "grade": "A1",
    "reasons": "Decision maker\nDemo asked",
    "stage": "sql",
    "scored_at": "2026-11-22T06:00:00Z",
}
DUE = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def provisioned(connector: SalesforceConnector) -> SalesforceConnector:
    connector.apply_fields(SPECS)
    return connector


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Twin, SalesforceConnector]]:
    with running_twin(tmp_path, "--people", "0") as twin:
        connector = connector_for(settings_for(twin, monkeypatch))
        yield twin, connector
        connector.close()


def new_lead(connector: SalesforceConnector, name: str = "Task") -> Ref:
    return Ref("Lead", Control(connector).create("Lead", {"LastName": name, "Company": "Acme"}))


def draft(person: Ref, key: str, **more: Any) -> TaskDraft:
    return TaskDraft(key, person, "Call: asked for a demo", "Why now\nDemo request", DUE, "high", **more)


def ours(connector: SalesforceConnector, ref: Ref) -> dict[str, Scalar]:
    (record,) = connector.fetch([ref])
    assert isinstance(record, PersonRecord)
    return dict(record.ours)


def test_provisioning_plans_applies_and_has_nothing_left_to_do(empty: tuple[Twin, SalesforceConnector]) -> None:
    _, connector = empty
    plan = connector.plan_fields(SPECS)
    created = {change.target for change in plan if change.verb == "create"}
    assert {"Lead.Leadline_Score__c", "Contact.Leadline_Scored_At__c", "Activity.Leadline_Key__c"} <= created
    assert {"permission set Leadline_Sync", "permission set Leadline_Reader"} <= created
    assert connector.apply_fields(SPECS) == plan
    assert connector.plan_fields(SPECS) == ()
    assert [finding.what for finding in connector.check()] == []


def test_a_lock_met_while_access_is_granted_passes_and_the_next_attempt_completes_it(
    empty: tuple[Twin, SalesforceConnector],
) -> None:
    twin, connector = empty
    twin.control("faults", [{"endpoint": "POST *composite/sobjects", "occurrence": 1, "kind": "half_batch"}])
    with pytest.raises(RetryLater):
        connector.apply_fields(SPECS)
    connector.apply_fields(SPECS)
    assert connector.plan_fields(SPECS) == ()


def test_reps_may_only_read_and_only_the_integration_user_is_assigned(empty: tuple[Twin, SalesforceConnector]) -> None:
    _, connector = empty
    connector.apply_fields(SPECS)
    control = Control(connector)
    (reader,) = control.ids("SELECT Id FROM PermissionSet WHERE Name = 'Leadline_Reader'")
    grants = [
        control.row("FieldPermissions", grant)
        for grant in control.ids(f"SELECT Id FROM FieldPermissions WHERE ParentId = '{reader}'")
    ]
    assert {(grant["PermissionsRead"], grant["PermissionsEdit"]) for grant in grants} == {(True, False)}
    assert {grant["Field"] for grant in grants} >= {
        "Lead.Leadline_Score__c",
        "Task.Leadline_Key__c",
        "Event.Leadline_Key__c",
    }
    assert control.ids(f"SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId = '{reader}'") == []


def test_reps_may_edit_what_they_fill_in(empty: tuple[Twin, SalesforceConnector]) -> None:
    _, connector = empty
    opinion = FieldSpec(
        "opinion", "Opinion", "What you think.", FieldKind.CHOICE, options=(("good", "Good"),), filled_by_reps=True
    )
    connector.apply_fields((*SPECS, opinion))
    control = Control(connector)
    (reader,) = control.ids("SELECT Id FROM PermissionSet WHERE Name = 'Leadline_Reader'")
    ids = control.ids(f"SELECT Id FROM FieldPermissions WHERE ParentId = '{reader}' AND PermissionsEdit = true")
    fields = {control.row("FieldPermissions", grant)["Field"] for grant in ids}
    assert fields == {"Lead.Leadline_Opinion__c", "Contact.Leadline_Opinion__c"}
    assert connector.plan_fields((*SPECS, opinion)) == ()


def test_provisioning_interrupted_anywhere_is_finished_by_the_next_run(empty: tuple[Twin, SalesforceConnector]) -> None:
    twin, connector = empty
    writes = ["POST *CustomField", "POST *PermissionSet", "POST *composite/sobjects", "POST *PermissionSetAssignment"]
    for endpoint in writes:
        twin.control("faults", [{"endpoint": endpoint, "occurrence": 1, "kind": "status", "status": 500, "when": "after"}])
        with pytest.raises(RetryLater):
            connector.apply_fields(SPECS)
    twin.control("faults", [])
    connector.apply_fields(SPECS)
    assert connector.plan_fields(SPECS) == ()


def test_without_provisioning_a_write_and_a_task_name_what_is_missing(empty: tuple[Twin, SalesforceConnector]) -> None:
    _, connector = empty
    lead = new_lead(connector)
    with pytest.raises(Misconfigured, match=r"Lead\.Leadline_Score__c.*provision"):
        connector.write([Update(lead, {"score": 1})])
    with pytest.raises(Misconfigured, match=r"Task\.Leadline_Key__c.*provision"):
        connector.open_task(draft(lead, "k"))
    assert [record.ref for record in connector.fetch([lead])] == [lead]


def test_what_is_written_is_read_back_as_it_was_given(provisioned: SalesforceConnector) -> None:
    lead = new_lead(provisioned)
    assert provisioned.write([Update(lead, dict(VALUES))]) == (Written(lead),)
    assert ours(provisioned, lead) == VALUES
    assert provisioned.write([Update(lead, {"grade": None})]) == (Written(lead),)
    assert "grade" not in ours(provisioned, lead)


def test_a_fetch_brings_long_texts_that_a_pull_would_leave_out(provisioned: SalesforceConnector) -> None:
    provisioned.apply_fields((FieldSpec("notes", "Leadline Notes", "More.", FieldKind.LONG_TEXT, 4000),))
    lead = new_lead(provisioned)
    provisioned.write([Update(lead, {"reasons": "because", "notes": "and so on"})])
    assert ours(provisioned, lead) == {"reasons": "because", "notes": "and so on"}


def test_our_own_writes_come_back_as_the_same_content(provisioned: SalesforceConnector) -> None:
    lead = new_lead(provisioned)
    pages = list(provisioned.pull(Stream.CONTACTS, None))
    (before,) = [record for page in pages for record in page.records if record.ref == lead]
    provisioned.write([Update(lead, dict(VALUES))])
    changed = list(provisioned.pull(Stream.CONTACTS, pages[-1].cursor))
    after = next(record for page in changed for record in page.records if record.ref == lead)
    assert isinstance(before, PersonRecord)
    assert isinstance(after, PersonRecord)
    assert (after.fields, after.email, after.owner_id) == (before.fields, before.email, before.owner_id)
    assert after.ours["score"] == 72


def test_a_score_never_changes_a_leads_owner(provisioned: SalesforceConnector) -> None:
    lead = new_lead(provisioned)
    control = Control(provisioned)
    owner = control.row("Lead", lead.id)["OwnerId"]
    provisioned.write([Update(lead, {"score": 99})])
    assert control.row("Lead", lead.id)["OwnerId"] == owner


def test_a_record_that_refuses_stops_only_itself(twin: Twin, provisioned: SalesforceConnector) -> None:
    first, stubborn, last = (new_lead(provisioned, name) for name in ("First", "Stubborn", "Last"))
    twin.control("refuse", {"object": "Lead", "id": stubborn.id, "message": "Score is frozen"})
    outcomes = provisioned.write([Update(ref, {"score": 5}) for ref in (first, stubborn, last)])
    assert outcomes[0] == Written(first)
    assert outcomes[2] == Written(last)
    assert isinstance(outcomes[1], Rejected)
    assert (outcomes[1].code, outcomes[1].reason) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Score is frozen")


def test_gone_and_converted_records_say_where_they_went(provisioned: SalesforceConnector) -> None:
    deleted = new_lead(provisioned)
    Control(provisioned).delete("Lead", deleted.id)
    everybody = [record for page in provisioned.pull(Stream.CONTACTS, None) for record in page.records]
    converted = next(record for record in everybody if isinstance(record, PersonRecord) and not record.writable)
    outcomes = provisioned.write([Update(deleted, {"score": 5}), Update(converted.ref, {"score": 5})])
    assert outcomes == (Gone(deleted), Gone(converted.ref, converted.same_as[0].ref))


def test_locked_rows_may_be_tried_again(twin: Twin, provisioned: SalesforceConnector) -> None:
    lead = new_lead(provisioned)
    twin.control("faults", [{"endpoint": "PATCH *composite/sobjects", "occurrence": 1, "kind": "status", "status": 423}])
    (outcome,) = provisioned.write([Update(lead, {"score": 5})])
    assert isinstance(outcome, RetryAt)


@pytest.mark.parametrize("kind", ["cut", "status", "truncate"])
def test_a_lost_reply_leaves_the_outcome_open_and_the_same_write_can_be_repeated(
    twin: Twin, provisioned: SalesforceConnector, kind: str
) -> None:
    lead = new_lead(provisioned)
    fault = {"endpoint": "PATCH *composite/sobjects", "occurrence": 1, "kind": kind, "when": "after"}
    twin.control("faults", [fault])
    with pytest.raises(RetryLater):
        provisioned.write([Update(lead, {"score": 5})])
    assert provisioned.write([Update(lead, {"score": 5})]) == (Written(lead),)
    assert ours(provisioned, lead)["score"] == 5


def test_a_full_batch_of_both_objects_is_one_call(twin: Twin, provisioned: SalesforceConnector) -> None:
    everybody = [record for page in provisioned.pull(Stream.CONTACTS, None) for record in page.records]
    refs = [record.ref for record in everybody if isinstance(record, PersonRecord) and record.writable][:200]
    before = len(twin.control("journal")["entries"])
    outcomes = provisioned.write([Update(ref, {"score": 1}) for ref in refs])
    made = twin.control("journal")["entries"][before:]
    assert outcomes == tuple(Written(ref) for ref in refs)
    assert [entry["method"] for entry in made if "describe" not in entry["endpoint"]] == ["PATCH"]


def test_a_task_is_opened_once_under_its_key(provisioned: SalesforceConnector) -> None:
    lead = new_lead(provisioned)
    first = provisioned.open_task(draft(lead, "once|1"))
    second = provisioned.open_task(draft(lead, "once|1"))
    assert isinstance(first, Opened)
    assert second == first
    (task,) = provisioned.find_tasks(lead)
    assert (task.ref, task.key, task.open, task.due_at) == (first.task, "once|1", True, DUE)
    assert (task.subject, task.body) == ("Call: asked for a demo", "Why now\nDemo request")


@pytest.mark.parametrize("kind", ["cut", "status", "truncate"])
def test_a_task_whose_reply_was_lost_is_found_and_not_opened_again(
    twin: Twin, provisioned: SalesforceConnector, kind: str
) -> None:
    lead = new_lead(provisioned)
    key = f"lost|{kind}"
    twin.control("faults", [{"endpoint": "POST *Task", "occurrence": 1, "kind": kind, "when": "after"}])
    with pytest.raises(RetryLater):
        provisioned.open_task(draft(lead, key))
    (found,) = [task for task in provisioned.find_tasks(lead) if task.key == key]
    assert provisioned.open_task(draft(lead, key)) == Opened(found.ref)


def test_a_task_goes_to_the_owner_it_is_meant_for_and_never_to_a_queue(provisioned: SalesforceConnector) -> None:
    lead = new_lead(provisioned)
    (user,) = Control(provisioned).ids("SELECT Id FROM User WHERE IsActive = true ORDER BY Id LIMIT 1")
    provisioned.open_task(draft(lead, "owner|1", owner_id=user))
    assert [task.owner_id for task in provisioned.find_tasks(lead)] == [user]
    with pytest.raises(Misconfigured, match="queue"):
        provisioned.open_task(draft(lead, "owner|2", owner_id="00G000000000001EAA"))


@pytest.mark.parametrize(("kind", "shown"), [("todo", "Task"), ("call", "Call"), ("email", "Email")])
def test_a_task_says_what_is_to_be_done(provisioned: SalesforceConnector, kind: TaskKind, shown: str) -> None:
    opened = provisioned.open_task(replace(draft(new_lead(provisioned), f"kind|{kind}"), kind=kind))
    assert isinstance(opened, Opened)
    assert Control(provisioned).row("Task", opened.task.id)["TaskSubtype"] == shown


def test_a_task_for_somebody_who_is_gone_says_so(provisioned: SalesforceConnector) -> None:
    lead = new_lead(provisioned)
    Control(provisioned).delete("Lead", lead.id)
    assert provisioned.open_task(draft(lead, "gone|1")) == Gone(lead)


def test_closing_completes_and_notes_once(provisioned: SalesforceConnector) -> None:
    lead = new_lead(provisioned)
    opened = provisioned.open_task(draft(lead, "close|1"))
    assert isinstance(opened, Opened)
    for _ in range(2):
        provisioned.close_task(opened.task, "Left the stage")
    (task,) = provisioned.find_tasks(lead)
    assert (task.open, task.body) == (False, "Why now\nDemo request\n\nLeft the stage")


def test_closing_a_deleted_task_is_no_error(provisioned: SalesforceConnector) -> None:
    opened = provisioned.open_task(draft(new_lead(provisioned), "close|2"))
    assert isinstance(opened, Opened)
    Control(provisioned).delete("Task", opened.task.id)
    provisioned.close_task(opened.task, "Left the stage")


def test_a_due_date_that_a_rep_moved_is_seen(provisioned: SalesforceConnector) -> None:
    lead = new_lead(provisioned)
    opened = provisioned.open_task(draft(lead, "due|1"))
    assert isinstance(opened, Opened)
    Control(provisioned).update("Task", opened.task.id, {"ActivityDate": "2026-11-25"})
    assert [task.due_at for task in provisioned.find_tasks(lead)] == [datetime(2026, 11, 25, tzinfo=UTC)]


def test_long_texts_are_cut_to_what_a_task_holds(provisioned: SalesforceConnector) -> None:
    lead = new_lead(provisioned)
    long = TaskDraft("long|1", lead, "s" * 300, "b" * 40_000, DUE + timedelta(microseconds=5))
    opened = provisioned.open_task(long)
    assert isinstance(opened, Opened)
    provisioned.close_task(opened.task, "The end")
    (task,) = provisioned.find_tasks(lead)
    assert len(task.subject) == 255
    assert len(task.body) == 32_000
    assert task.body.endswith("\n\nThe end")


def test_our_own_tasks_are_no_engagement(provisioned: SalesforceConnector) -> None:
    lead = new_lead(provisioned)
    opened = provisioned.open_task(draft(lead, "own|1"))
    assert isinstance(opened, Opened)
    other = Control(provisioned).create(
        "Task", {"WhoId": lead.id, "Subject": "Call", "Status": "Completed", "TaskSubtype": "Call"}
    )
    seen = {record.ref.id: record for page in provisioned.pull(Stream.ENGAGEMENTS, None) for record in page.records}
    assert opened.task.id not in seen
    assert getattr(seen[other], "type", None) == "call"


def test_a_companys_score_is_seen_on_the_account(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = connector_for(
        settings_for(twin, monkeypatch, company_score={"roles_missing": "Description", "score": "Never_Made__c"})
    )
    control = Control(connector)
    account = Ref("Account", control.create("Account", {"Name": "Acme"}))
    assert [one.what for one in connector.check() if "company_score" in one.what] == [
        "company_score.score: the integration user may not write Account.Never_Made__c"
    ]
    assert connector.write([Update(account, {"roles_missing": "champion"})]) == (Written(account),)
    assert control.row("Account", account.id)["Description"] == "champion"
    (refused,) = connector.write([Update(account, {"score": 61})])
    assert isinstance(refused, Rejected)
    connector.close()
