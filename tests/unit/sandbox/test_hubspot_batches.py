from typing import Any

import pytest

from tests.unit.sandbox.twin_client import HubSpotBench, hubspot


@pytest.fixture
def desk() -> HubSpotBench:
    return hubspot()


def _contacts(desk: HubSpotBench, number: int) -> list[str]:
    return [desk.create("contacts", email=f"p{n}@acme.example") for n in range(number)]


def _update(desk: HubSpotBench, *inputs: dict[str, Any]) -> Any:
    return desk.post("contacts/batch/update", {"inputs": list(inputs)})


def test_a_batch_update_writes_every_record_and_answers_with_each(desk: HubSpotBench) -> None:
    ids = _contacts(desk, 3)
    done = _update(desk, *({"id": one, "properties": {"jobtitle": f"T{one}"}} for one in ids))
    assert (done.status_code, done.json()["status"]) == (200, "COMPLETE")
    assert {row["id"]: row["properties"]["jobtitle"] for row in done.json()["results"]} == {o: f"T{o}" for o in ids}
    assert [desk.read("contacts", one, "jobtitle")["jobtitle"] for one in ids] == [f"T{one}" for one in ids]


def test_results_come_in_another_order_than_the_inputs(desk: HubSpotBench) -> None:
    ids = _contacts(desk, 20)
    done = desk.post("contacts/batch/read", {"inputs": [{"id": one} for one in ids]}).json()
    found = [row["id"] for row in done["results"]]
    assert sorted(found) == sorted(ids)
    assert found != ids


@pytest.mark.parametrize("action", ["read", "update", "create", "upsert", "archive"])
@pytest.mark.parametrize("number", [0, 101])
def test_a_batch_takes_one_to_a_hundred_inputs(desk: HubSpotBench, action: str, number: int) -> None:
    inputs = [{"id": str(n), "properties": {"email": f"p{n}@acme.example"}} for n in range(number)]
    assert desk.post(f"contacts/batch/{action}", {"inputs": inputs}).status_code == 400


def test_a_batch_read_with_history_takes_fifty(desk: HubSpotBench) -> None:
    inputs = [{"id": str(n)} for n in range(51)]
    body = {"inputs": inputs, "propertiesWithHistory": ["jobtitle"]}
    assert desk.post("contacts/batch/read", body).status_code == 400


def test_one_id_twice_rejects_the_whole_batch(desk: HubSpotBench) -> None:
    first, second = _contacts(desk, 2)
    inputs = [{"id": one, "properties": {"jobtitle": "CFO"}} for one in (first, second, first)]
    refused = _update(desk, *inputs)
    assert refused.status_code == 400
    assert refused.json()["message"] == f"Duplicate IDs found in batch input: [{first}]. IDs must be unique"
    assert refused.json()["context"] == {"ids": [first]}
    assert desk.read("contacts", second, "jobtitle")["jobtitle"] is None


def test_two_ids_that_lead_to_one_record_reject_the_batch_too(desk: HubSpotBench) -> None:
    first, second = _contacts(desk, 2)
    desk.post("contacts/merge", {"primaryObjectId": first, "objectIdToMerge": second})
    refused = _update(desk, *({"id": one, "properties": {"jobtitle": "CFO"}} for one in (first, second)))
    assert refused.status_code == 400


def test_naming_hs_object_id_as_id_property_is_a_400(desk: HubSpotBench) -> None:
    (one,) = _contacts(desk, 1)
    refused = _update(desk, {"id": one, "idProperty": "hs_object_id", "properties": {"jobtitle": "CFO"}})
    assert refused.status_code == 400


def test_an_update_by_email_answers_200_and_changes_nothing(desk: HubSpotBench) -> None:
    (one,) = _contacts(desk, 1)
    done = _update(desk, {"id": "p0@acme.example", "idProperty": "email", "properties": {"jobtitle": "CFO"}})
    assert (done.status_code, done.json()["results"]) == (200, [])
    assert desk.read("contacts", one, "jobtitle")["jobtitle"] is None


def test_without_trace_ids_one_bad_input_fails_the_batch_and_nothing_is_written(desk: HubSpotBench) -> None:
    good, bad = _contacts(desk, 2)
    refused = _update(desk, {"id": good, "properties": {"jobtitle": "CFO"}}, {"id": bad, "properties": {"nosuch": "1"}})
    assert refused.status_code == 400
    assert desk.read("contacts", good, "jobtitle")["jobtitle"] is None


def test_with_trace_ids_the_good_inputs_are_written_and_the_bad_one_is_named(desk: HubSpotBench) -> None:
    good, bad = _contacts(desk, 2)
    done = _update(
        desk,
        {"id": good, "objectWriteTraceId": "t1", "properties": {"jobtitle": "CFO"}},
        {"id": bad, "objectWriteTraceId": "t2", "properties": {"nosuch": "1"}},
    )
    assert (done.status_code, done.json()["numErrors"]) == (207, 1)
    assert [(row["id"], row["objectWriteTraceId"]) for row in done.json()["results"]] == [(good, "t1")]
    (error,) = done.json()["errors"]
    assert error["context"]["objectWriteTraceId"] == ["t2"]
    assert error["category"] == "VALIDATION_ERROR"
    assert "PROPERTY_DOESNT_EXIST" in error["message"]
    assert desk.read("contacts", good, "jobtitle")["jobtitle"] == "CFO"


def test_ids_that_are_not_there_come_in_one_error_and_the_rest_is_written(desk: HubSpotBench) -> None:
    (good,) = _contacts(desk, 1)
    done = _update(desk, *({"id": one, "properties": {"jobtitle": "CFO"}} for one in ("7", good, "8")))
    assert done.status_code == 207
    (error,) = done.json()["errors"]
    assert (error["category"], error["context"]) == ("OBJECT_NOT_FOUND", {"ids": ["7", "8"]})
    assert [row["id"] for row in done.json()["results"]] == [good]


def test_an_archived_record_cannot_be_updated(desk: HubSpotBench) -> None:
    (one,) = _contacts(desk, 1)
    desk.http.delete(f"/crm/objects/2026-03/contacts/{one}")
    done = _update(desk, {"id": one, "properties": {"jobtitle": "CFO"}})
    assert done.json()["errors"][0]["category"] == "OBJECT_NOT_FOUND"


def test_one_refusing_record_does_not_stop_the_other_ninety_nine(desk: HubSpotBench) -> None:
    ids = _contacts(desk, 100)
    rule = {"object": "contacts", "id": ids[41], "message": "Locked by legal"}
    desk.http.post("/_twin/refuse", json=rule)
    done = _update(desk, *({"id": one, "objectWriteTraceId": one, "properties": {"jobtitle": "CFO"}} for one in ids))
    assert len(done.json()["results"]) == 99
    assert done.json()["errors"][0]["context"]["objectWriteTraceId"] == [ids[41]]


def test_writing_to_a_merged_id_reaches_what_it_became(desk: HubSpotBench) -> None:
    first, second = _contacts(desk, 2)
    now = desk.post("contacts/merge", {"primaryObjectId": first, "objectIdToMerge": second}).json()["id"]
    done = _update(desk, {"id": second, "properties": {"jobtitle": "CFO"}})
    assert [row["id"] for row in done.json()["results"]] == [now]


def test_a_batch_read_names_what_it_did_not_find(desk: HubSpotBench) -> None:
    (one,) = _contacts(desk, 1)
    done = desk.post("contacts/batch/read", {"inputs": [{"id": one}, {"id": "9"}], "properties": ["email"]})
    assert done.status_code == 207
    assert [row["properties"]["email"] for row in done.json()["results"]] == ["p0@acme.example"]
    assert done.json()["errors"][0]["context"]["ids"] == ["9"]


def test_a_batch_read_by_email_finds_contacts(desk: HubSpotBench) -> None:
    (one,) = _contacts(desk, 1)
    body = {"inputs": [{"id": "P0@acme.example"}], "idProperty": "email"}
    assert [row["id"] for row in desk.post("contacts/batch/read", body).json()["results"]] == [one]


def test_a_batch_read_has_no_associations(desk: HubSpotBench) -> None:
    (one,) = _contacts(desk, 1)
    company = desk.create("companies", name="Acme")
    desk.http.put(f"/crm/objects/2026-03/contacts/{one}/associations/default/companies/{company}")
    (row,) = desk.post("contacts/batch/read", {"inputs": [{"id": one}]}).json()["results"]
    assert "associations" not in row


def test_archived_records_are_read_in_batches_of_their_own(desk: HubSpotBench) -> None:
    (one,) = _contacts(desk, 1)
    desk.post("contacts/batch/archive", {"inputs": [{"id": one}, {"id": "8"}]})
    assert desk.post("contacts/batch/read", {"inputs": [{"id": one}]}).json()["results"] == []
    found = desk.post("contacts/batch/read?archived=true", {"inputs": [{"id": one}]}).json()["results"]
    assert [(row["id"], row["archived"]) for row in found] == [(one, True)]


def test_a_batch_create_makes_all_or_names_the_bad_ones(desk: HubSpotBench) -> None:
    _contacts(desk, 1)
    inputs = [
        {"objectWriteTraceId": "a", "properties": {"email": "new@acme.example"}},
        {"objectWriteTraceId": "b", "properties": {"email": "p0@acme.example"}},
        {"objectWriteTraceId": "c", "properties": {"jobtitle": "CFO"}},
    ]
    done = desk.post("contacts/batch/create", {"inputs": inputs})
    assert done.status_code == 207
    assert [row["objectWriteTraceId"] for row in done.json()["results"]] == ["a"]
    named = {error["context"]["objectWriteTraceId"][0]: error["category"] for error in done.json()["errors"]}
    assert named == {"b": "CONFLICT", "c": "VALIDATION_ERROR"}


def test_a_batch_create_without_trace_ids_fails_as_a_whole(desk: HubSpotBench) -> None:
    _contacts(desk, 1)
    inputs = [{"properties": {"email": "new@acme.example"}}, {"properties": {"email": "p0@acme.example"}}]
    assert desk.post("contacts/batch/create", {"inputs": inputs}).status_code == 409
    assert desk.http.get("/crm/objects/2026-03/contacts/new@acme.example?idProperty=email").status_code == 404


def test_the_same_email_twice_in_a_batch_create_is_a_conflict(desk: HubSpotBench) -> None:
    inputs = [{"properties": {"email": "new@acme.example"}}, {"properties": {"email": "New@acme.example"}}]
    assert desk.post("contacts/batch/create", {"inputs": inputs}).status_code == 409


def test_an_upsert_updates_what_is_there_and_makes_what_is_not(desk: HubSpotBench) -> None:
    (one,) = _contacts(desk, 1)
    inputs = [
        {"id": "p0@acme.example", "idProperty": "email", "properties": {"jobtitle": "CFO"}},
        {"id": "new@acme.example", "idProperty": "email", "properties": {"jobtitle": "CEO"}},
    ]
    done = desk.post("contacts/batch/upsert", {"inputs": inputs}).json()["results"]
    assert {row["properties"]["jobtitle"]: row["new"] for row in done} == {"CFO": False, "CEO": True}
    assert desk.read("contacts", one, "jobtitle")["jobtitle"] == "CFO"


def test_an_upsert_needs_a_unique_id_property(desk: HubSpotBench) -> None:
    for by in ({}, {"idProperty": "jobtitle"}):
        inputs = [{"id": "x", "properties": {"jobtitle": "CFO"}, **by}]
        assert desk.post("contacts/batch/upsert", {"inputs": inputs}).status_code == 400


def _unique(desk: HubSpotBench) -> None:
    new = {"name": "member", "label": "Member", "type": "string", "fieldType": "text", "hasUniqueValue": True}
    made = desk.http.post("/crm/properties/2026-03/contacts", json={**new, "groupName": "qualification"})
    assert made.status_code == 201


def _upsert(desk: HubSpotBench, by: str, *inputs: dict[str, Any]) -> Any:
    rows = [{"properties": {}, **one, "idProperty": by} for one in inputs]
    return desk.post("contacts/batch/upsert", {"inputs": rows})


def test_an_upsert_by_an_added_unique_property_does_what_it_can(desk: HubSpotBench) -> None:
    _unique(desk)
    one = desk.create("contacts", firstname="Ann", member="M1")
    done = _upsert(
        desk,
        "member",
        {"id": "m1", "properties": {"jobtitle": "CFO"}, "objectWriteTraceId": "a"},
        {"id": "M2", "properties": {"nosuch": "1"}, "objectWriteTraceId": "b"},
        {"id": "M3", "properties": {"firstname": "Cid"}, "objectWriteTraceId": "c"},
    )
    assert done.status_code == 207
    shown = {row["objectWriteTraceId"]: (row["new"], row["properties"].get("member")) for row in done.json()["results"]}
    assert shown == {"a": (False, None), "c": (True, "M3")}
    assert [error["context"]["objectWriteTraceId"] for error in done.json()["errors"]] == [["b"]]
    assert desk.read("contacts", one, "jobtitle")["jobtitle"] == "CFO"


def test_an_upsert_by_email_with_one_bad_input_does_nothing_traced_or_not(desk: HubSpotBench) -> None:
    refused = _upsert(
        desk,
        "email",
        {"id": "a@acme.example", "objectWriteTraceId": "a"},
        {"id": "b@acme.example", "properties": {"nosuch": "1"}, "objectWriteTraceId": "b"},
    )
    assert refused.status_code == 400
    assert desk.http.get("/crm/objects/2026-03/contacts").json()["results"] == []


def test_an_upsert_whose_properties_contradict_its_id_is_refused(desk: HubSpotBench) -> None:
    refused = _upsert(desk, "email", {"id": "a@acme.example", "properties": {"email": "b@acme.example"}})
    assert refused.status_code == 400


def test_inputs_of_one_batch_name_one_id_property(desk: HubSpotBench) -> None:
    _unique(desk)
    inputs = [
        {"id": "a@acme.example", "idProperty": "email", "properties": {}},
        {"id": "M1", "idProperty": "member", "properties": {}},
    ]
    assert desk.post("contacts/batch/upsert", {"inputs": inputs}).status_code == 400
    assert desk.post("contacts/batch/update", {"inputs": inputs}).status_code == 400


def test_a_batch_update_finds_records_by_an_added_unique_property(desk: HubSpotBench) -> None:
    _unique(desk)
    one = desk.create("contacts", firstname="Ann", member="M1")
    done = _update(desk, {"id": "m1", "idProperty": "member", "properties": {"jobtitle": "CFO"}})
    assert [row["id"] for row in done.json()["results"]] == [one]
    found = desk.post("contacts/batch/read", {"inputs": [{"id": "M1"}], "idProperty": "member"}).json()["results"]
    assert [row["id"] for row in found] == [one]


def test_an_id_property_that_is_not_unique_is_a_400(desk: HubSpotBench) -> None:
    refused = _update(desk, {"id": "CFO", "idProperty": "jobtitle", "properties": {}})
    assert refused.status_code == 400


def test_two_updates_to_one_unique_value_are_a_conflict(desk: HubSpotBench) -> None:
    first, second = _contacts(desk, 2)
    refused = _update(desk, *({"id": one, "properties": {"email": "same@acme.example"}} for one in (first, second)))
    assert refused.status_code == 409


def test_a_hundred_tasks_are_made_at_once_and_one_without_its_time_is_named(desk: HubSpotBench) -> None:
    inputs = [{"objectWriteTraceId": str(n), "properties": {"hs_timestamp": "2026-11-23"}} for n in range(100)]
    inputs[41]["properties"] = {"hs_task_subject": "no time"}
    done = desk.post("tasks/batch/create", {"inputs": inputs})
    assert (done.status_code, len(done.json()["results"])) == (207, 99)
    assert done.json()["errors"][0]["context"] == {"properties": ["hs_timestamp"], "objectWriteTraceId": ["41"]}
