from typing import Any

import pytest

from connectors.contract import Gone, Rejected, RetryAt, Update, Written
from connectors.errors import Misconfigured, RetryLater
from connectors.hubspot.connector import HubSpotConnector
from connectors.records import Ref, Scalar
from tests.unit.connectors.hubspot.conftest import Build
from tests.unit.connectors.hubspot.scripted import Asked, Script
from tests.unit.connectors.hubspot.shapes import batch, item_error, refusal, row


def contact(number: int | str) -> Ref:
    return Ref("contacts", str(number))


def updates(*numbers: int) -> list[Update]:
    return [Update(contact(number), {"score": number}) for number in numbers]


def sent(script: Script) -> list[list[str]]:
    return [[one["id"] for one in asked.body["inputs"]] for asked in script.asked]


def test_values_go_out_by_id_under_our_prefix_as_text(build: Build, script: Script) -> None:
    script.then(batch(row("7")))
    values: dict[str, Scalar] = {"score": 71, "grade": "A1", "reasons": None, "scored_at": "2026-11-21T10:00:00.123456Z"}
    assert build(field_prefix="acme").write([Update(contact(7), values)]) == (Written(contact(7)),)
    (asked,) = script.asked
    assert asked.path == "/crm/objects/2026-03/contacts/batch/update"
    assert asked.body["inputs"] == [
        {
            "id": "7",
            "objectWriteTraceId": "7",
            "properties": {
                "acme_score": "71",
                "acme_grade": "A1",
                "acme_reasons": "",
                "acme_scored_at": "2026-11-21T10:00:00.123Z",
            },
        }
    ]


def test_outcomes_come_in_the_order_of_the_updates(connector: HubSpotConnector, script: Script) -> None:
    script.then(batch(row("2"), row("3"), row("1")))
    assert connector.write(updates(3, 1, 2)) == (Written(contact(3)), Written(contact(1)), Written(contact(2)))


def test_a_locked_record_of_a_batch_may_be_written_later(connector: HubSpotConnector, script: Script) -> None:
    script.then(batch(row("1"), errors=[item_error("2", "LOCKED", "The resource is locked.")]), status=207)
    assert connector.write(updates(1, 2)) == (Written(contact(1)), RetryAt(contact(2), "The resource is locked."))


def test_each_record_of_a_mixed_answer_gets_its_own_outcome(connector: HubSpotConnector, script: Script) -> None:
    errors = [
        item_error("2", "OBJECT_NOT_FOUND"),
        item_error("3", "VALIDATION_ERROR", "Email a@acme.example is taken", code="CONFLICTING"),
        item_error("4", "INTERNAL_ERROR", "try later"),
        {**item_error("?", "OBJECT_NOT_FOUND"), "context": {"ids": ["5"]}},
    ]
    script.then(batch(row("1"), errors=errors), status=207)
    assert connector.write(updates(1, 2, 3, 4, 5)) == (
        Written(contact(1)),
        Gone(contact(2)),
        Rejected(contact(3), code="CONFLICTING", reason="Email <e-mail> is taken"),
        RetryAt(contact(4), "try later"),
        Gone(contact(5)),
    )


def answer_all_but(refused: set[str]) -> Any:
    def answer(ids: list[str]) -> tuple[int, Any]:
        if refused & set(ids):
            return 400, refusal("VALIDATION_ERROR", "score is odd")
        return 200, batch(*(row(one) for one in ids))

    return answer


def test_a_batch_refused_whole_is_halved_until_the_culprit_stands_alone(connector: HubSpotConnector, script: Script) -> None:
    script.by(lambda asked: answer_all_but({"3"})([one["id"] for one in asked.body["inputs"]]))
    outcomes = connector.write(updates(*range(1, 9)))
    assert [type(outcome) for outcome in outcomes] == [Written, Written, Rejected, *[Written] * 5]
    assert outcomes[2] == Rejected(contact(3), code="VALIDATION_ERROR", reason="score is odd")
    assert len(script.asked) == 7


def test_one_bad_record_of_a_full_batch_costs_fourteen_calls_more(connector: HubSpotConnector, script: Script) -> None:
    script.by(lambda asked: answer_all_but({"3"})([one["id"] for one in asked.body["inputs"]]))
    outcomes = connector.write(updates(*range(1, 101)))
    assert sum(isinstance(outcome, Written) for outcome in outcomes) == 99
    assert len(script.asked) <= 1 + 14


@pytest.mark.parametrize("status", [413, 414])
def test_a_batch_that_is_too_large_is_halved_until_it_passes(
    connector: HubSpotConnector, script: Script, status: int
) -> None:
    def most(asked: Asked) -> tuple[int, Any]:
        numbers = [one["id"] for one in asked.body["inputs"]]
        return (200, batch(*map(row, numbers))) if len(numbers) <= 3 else (status, {})

    script.by(most)
    assert connector.write(updates(*range(1, 9))) == tuple(Written(contact(number)) for number in range(1, 9))
    assert [len(numbers) for numbers in sent(script)] == [8, 4, 2, 2, 4, 2, 2]


def test_a_property_that_does_not_exist_is_named(connector: HubSpotConnector, script: Script) -> None:
    message = 'Values were not valid: [{"message":"Property \\"leadline_score\\" does not exist","name":"leadline_score"}]'
    script.then(refusal("VALIDATION_ERROR", message, code="PROPERTY_DOESNT_EXIST"), status=400)
    with pytest.raises(Misconfigured, match="leadline_score"):
        connector.write(updates(1, 2))
    script.then(batch(errors=[item_error("1", "VALIDATION_ERROR", message, code="PROPERTY_DOESNT_EXIST")]), status=207)
    with pytest.raises(Misconfigured, match=r"leadline_score.*provision"):
        connector.write(updates(1))
    assert sent(script) == [["1", "2"], ["1"]]


def test_a_merged_contact_is_gone_into_its_survivor(connector: HubSpotConnector, script: Script) -> None:
    script.then(batch(row("1"), row("9"))).then(batch(row("9")))
    assert connector.write(updates(1, 5)) == (Written(contact(1)), Gone(contact(5), into=contact(9)))
    assert sent(script) == [["1", "5"], ["5"]]


def test_a_write_that_is_neither_confirmed_nor_refused_is_not_taken_for_done(
    connector: HubSpotConnector, script: Script
) -> None:
    script.then(batch()).then(batch(row("1"))).then(batch())
    assert connector.write(updates(1, 2)) == (
        Written(contact(1)),
        RetryAt(contact(2), "HubSpot neither confirmed nor refused the write"),
    )


def test_a_single_contact_that_does_not_exist_is_gone(connector: HubSpotConnector, script: Script) -> None:
    script.then(refusal("OBJECT_NOT_FOUND"), status=404)
    assert connector.write(updates(1)) == (Gone(contact(1)),)


def test_throttling_leaves_every_outcome_open(connector: HubSpotConnector, script: Script) -> None:
    script.then(refusal("RATE_LIMITS"), status=429)
    with pytest.raises(RetryLater):
        connector.write(updates(1, 2))


def test_records_of_other_objects_are_refused_without_a_call(connector: HubSpotConnector, script: Script) -> None:
    (outcome,) = connector.write([Update(Ref("deals", "1"), {"score": 1})])
    assert isinstance(outcome, Rejected)
    assert script.asked == []
    assert connector.write([]) == ()


def test_more_than_a_batch_is_a_mistake_of_the_caller(connector: HubSpotConnector) -> None:
    with pytest.raises(ValueError, match="100"):
        connector.write(updates(*range(101)))
