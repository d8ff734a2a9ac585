from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from connectors.contract import Gone, Outcome, Rejected, RetryAt, Update, Written
from connectors.errors import ContractBroken, Misconfigured, RetryLater
from connectors.records import Ref
from connectors.salesforce.write import Writer
from tests.unit.connectors.salesforce.stand_ins import Answer, Asked, World

FIELDS = [
    {"name": "Id", "type": "id"},
    {"name": "SystemModstamp", "type": "datetime"},
    {"name": "MasterRecordId", "type": "reference"},
    {"name": "Leadline_Score__c", "type": "double", "updateable": True},
]


def lead(number: int) -> Ref:
    return Ref("Lead", f"00Q{number:012d}AAA")


def contact(number: int) -> Ref:
    return Ref("Contact", f"003{number:012d}AAA")


def score(ref: Ref, value: int = 7) -> Update:
    return Update(ref, {"score": value})


def refused(code: str, message: str = "no", *fields: str) -> dict[str, Any]:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": list(fields)}]}


class Rows:
    """Writes everything but the rows that are refused by id; can refuse a whole batch that holds a poisonous id."""

    def __init__(self, refusals: dict[str, dict[str, Any]] | None = None, poison: str = "") -> None:
        self.refusals = refusals or {}
        self.poison = poison
        self.batches: list[list[dict[str, Any]]] = []
        self.fields = FIELDS
        self.gone: list[dict[str, Any]] = []

    def __call__(self, asked: Asked) -> Answer:
        if asked.path.endswith("/describe"):
            extra = [{"name": "ConvertedContactId", "type": "reference"}] if "/Lead/" in asked.path else []
            return Answer({"name": asked.path.split("/")[-2], "fields": [*self.fields, *extra]})
        if "query" in asked.path:
            found = [item for item in self.gone if f"FROM {item['attributes']['type']} " in asked.query["q"]]
            return Answer({"totalSize": len(found), "done": True, "records": found})
        records = asked.json["records"]
        assert asked.json["allOrNone"] is False
        self.batches.append(records)
        if any(record["Id"] == self.poison for record in records):
            return Answer([{"message": "malformed id", "errorCode": "MALFORMED_ID"}], status=400)
        return Answer([self.result(record["Id"]) for record in records])

    def result(self, record_id: str) -> dict[str, Any]:
        return self.refusals.get(record_id, {"id": record_id, "success": True, "errors": []})


def write(world: World, rows: Rows, updates: Sequence[Update]) -> tuple[Outcome, ...]:
    world.scripted.script = rows
    return Writer(world.org).write(updates)


def test_outcomes_come_in_the_order_of_the_updates_and_each_object_is_one_run(world: World) -> None:
    rows = Rows()
    refs = [lead(1), contact(1), lead(2), contact(2)]
    assert write(world, rows, [score(ref) for ref in refs]) == tuple(Written(ref) for ref in refs)
    assert [record["attributes"]["type"] for record in rows.batches[0]] == ["Contact", "Contact", "Lead", "Lead"]
    assert rows.batches[0][0] == {"attributes": {"type": "Contact"}, "Id": contact(1).id, "Leadline_Score__c": 7}


def test_one_refused_row_stops_only_itself_and_keeps_the_crms_words(world: World) -> None:
    rows = Rows({lead(2).id: refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Score is frozen for ana@acme.example")})
    first, second, third = write(world, rows, [score(lead(number)) for number in (1, 2, 3)])
    assert (first, third) == (Written(lead(1)), Written(lead(3)))
    assert second == Rejected(lead(2), "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Score is frozen for (address)")


def test_a_locked_row_may_be_tried_again(world: World) -> None:
    (outcome,) = write(world, Rows({lead(1).id: refused("UNABLE_TO_LOCK_ROW", "locked")}), [score(lead(1))])
    assert outcome == RetryAt(lead(1), "UNABLE_TO_LOCK_ROW: locked")


def test_a_converted_lead_points_to_its_contact(world: World) -> None:
    rows = Rows({lead(1).id: refused("CANNOT_UPDATE_CONVERTED_LEAD")})
    stamp = "2026-11-20T10:00:00.000+0000"
    rows.gone = [
        {"attributes": {"type": "Lead"}, "Id": lead(1).id, "SystemModstamp": stamp, "ConvertedContactId": contact(5).id}
    ]
    assert write(world, rows, [score(lead(1)), score(lead(2))]) == (Gone(lead(1), contact(5)), Written(lead(2)))


def test_a_merged_contact_points_to_the_one_it_went_into_and_a_deleted_one_to_nothing(world: World) -> None:
    rows = Rows({contact(1).id: refused("ENTITY_IS_DELETED"), contact(2).id: refused("ENTITY_IS_DELETED")})
    stamp = "2026-11-20T10:00:00.000+0000"
    merged = {
        "attributes": {"type": "Contact"},
        "Id": contact(1).id,
        "SystemModstamp": stamp,
        "MasterRecordId": contact(9).id,
    }
    rows.gone = [merged]
    assert write(world, rows, [score(contact(1)), score(contact(2))]) == (Gone(contact(1), contact(9)), Gone(contact(2)))


def test_a_batch_refused_whole_is_halved_until_the_culprit_stands_alone(world: World) -> None:
    rows = Rows(poison=lead(5).id)
    outcomes = write(world, rows, [score(lead(number)) for number in range(8)])
    assert isinstance(outcomes[5], Rejected)
    assert outcomes[5].code == "MALFORMED_ID"
    assert [outcome for number, outcome in enumerate(outcomes) if number != 5] == [
        Written(lead(number)) for number in range(8) if number != 5
    ]


def test_a_batch_that_is_too_large_is_halved_until_it_passes(world: World) -> None:
    class Narrow(Rows):
        def __call__(self, asked: Asked) -> Answer:
            if asked.body and len(asked.json["records"]) > 3:
                return Answer(b"<html>Request Entity Too Large</html>", status=413)
            return super().__call__(asked)

    rows = Narrow()
    outcomes = write(world, rows, [score(lead(number)) for number in range(8)])
    assert list(outcomes) == [Written(lead(number)) for number in range(8)]
    assert [len(records) for records in rows.batches] == [2, 2, 2, 2]


def test_a_missing_field_is_named_before_anything_is_sent(world: World) -> None:
    rows = Rows()
    with pytest.raises(Misconfigured, match=r"Lead\.Leadline_Grade__c.*provision"):
        write(world, rows, [Update(lead(1), {"score": 1, "grade": "A1"})])
    assert rows.batches == []


def test_a_field_created_since_the_last_look_is_found(world: World) -> None:
    rows = Rows()
    with pytest.raises(Misconfigured):
        write(world, rows, [Update(lead(1), {"grade": "A1"})])
    rows.fields = [*FIELDS, {"name": "Leadline_Grade__c", "type": "string", "updateable": True}]
    assert write(world, rows, [Update(lead(1), {"grade": "A1"})]) == (Written(lead(1)),)


def test_a_read_only_field_is_a_matter_for_the_admin(world: World) -> None:
    rows = Rows({lead(1).id: refused("INVALID_FIELD_FOR_INSERT_UPDATE", "no", "Leadline_Score__c")})
    with pytest.raises(Misconfigured, match=r"Lead\.Leadline_Score__c"):
        write(world, rows, [score(lead(1))])


def test_results_that_do_not_match_the_rows_stop_the_write(world: World) -> None:
    swapped = Rows()
    swapped.refusals = {lead(1).id: {"id": lead(2).id, "success": True, "errors": []}}
    with pytest.raises(ContractBroken):
        write(world, swapped, [score(lead(1))])


def test_a_short_list_of_results_stops_the_write(world: World) -> None:
    class Short(Rows):
        def __call__(self, asked: Asked) -> Answer:
            answer = super().__call__(asked)
            return Answer(answer.body[:-1]) if "composite" in asked.path else answer

    with pytest.raises(ContractBroken):
        write(world, Short(), [score(lead(1)), score(lead(2))])


def test_trouble_with_the_whole_batch_is_no_verdict_on_its_rows(world: World) -> None:
    class Down(Rows):
        def __call__(self, asked: Asked) -> Answer:
            return Answer(b"busy", 503) if "composite" in asked.path else super().__call__(asked)

    with pytest.raises(RetryLater):
        write(world, Down(), [score(lead(1))])


def test_other_objects_are_refused_without_asking(world: World) -> None:
    ref = Ref("Account", "001000000000001AAA")
    (foreign, written) = write(world, Rows(), [score(ref), score(lead(1))])
    assert isinstance(foreign, Rejected)
    assert written == Written(lead(1))


def test_an_empty_batch_makes_no_call(world: World) -> None:
    assert write(world, Rows(), []) == ()
    assert world.scripted.asked == []


def test_none_clears_a_field(world: World) -> None:
    rows = Rows()
    write(world, rows, [Update(lead(1), {"score": None})])
    assert rows.batches[0][0]["Leadline_Score__c"] is None
