from pathlib import Path

import pytest

from connectors.errors import ContractBroken, Misconfigured, Reauthorise, RecordRejected, RetryLater
from connectors.hubspot.client import Token
from connectors.hubspot.connector import HubSpotConnector
from connectors.records import Ref, Stream
from tests.unit.connectors.hubspot.conftest import TOKEN, Build, Desk
from tests.unit.connectors.hubspot.scripted import Script
from tests.unit.connectors.hubspot.shapes import batch, found, listing, properties, refusal, row

UNAUTHORISED = refusal("INVALID_AUTHENTICATION")


def ask(connector: HubSpotConnector) -> int:
    return connector.count(Stream.CONTACTS)


def test_a_call_carries_the_token_and_is_reported_without_ids(
    connector: HubSpotConnector, script: Script, desk: Desk
) -> None:
    script.then(refusal("OBJECT_NOT_FOUND"), status=404)
    connector.close_task(Ref("tasks", "31"), "left the stage")
    assert script.asked[0].path == "/crm/objects/2026-03/tasks/31"
    assert script.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"
    (call,) = desk.calls
    assert (call.endpoint, call.status) == ("GET /crm/objects/2026-03/tasks/{id}", 404)
    assert 0 < call.seconds < 10


def test_the_older_path_family_can_be_chosen(build: Build, script: Script) -> None:
    script.then(found())
    assert ask(build(api_version="v3")) == 0
    assert script.asked[0].path == "/crm/v3/objects/contacts/search"


def test_a_first_refused_token_is_read_anew_and_may_have_been_rotated(build: Build, script: Script, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("pat-eu1-old")
    connector = build(token=f"file:{secret}")
    script.then(UNAUTHORISED, status=401).then(found())
    with pytest.raises(RetryLater):
        ask(connector)
    secret.write_text("pat-eu1-new")
    assert ask(connector) == 0
    assert [asked.headers["Authorization"] for asked in script.asked] == ["Bearer pat-eu1-old", "Bearer pat-eu1-new"]


def test_a_second_refusal_in_a_row_asks_for_a_person(connector: HubSpotConnector, script: Script) -> None:
    script.then(UNAUTHORISED, status=401).then(UNAUTHORISED, status=401)
    with pytest.raises(RetryLater):
        ask(connector)
    with pytest.raises(Reauthorise):
        ask(connector)


def test_a_success_between_two_refusals_makes_the_next_one_a_first(connector: HubSpotConnector, script: Script) -> None:
    script.then(UNAUTHORISED, status=401).then(found()).then(UNAUTHORISED, status=401)
    with pytest.raises(RetryLater):
        ask(connector)
    ask(connector)
    with pytest.raises(RetryLater):
        ask(connector)


def test_without_a_token_nothing_is_sent(build: Build, script: Script) -> None:
    with pytest.raises(Reauthorise, match="NO_SUCH_TOKEN"):
        ask(build(token="env:NO_SUCH_TOKEN"))
    assert script.asked == []


@pytest.mark.parametrize(
    ("raw", "claims"), [(b"", None), (b'{"total":', None), (b'{"total": 1}', 500), (b"<html>Busy</html>", None)]
)
@pytest.mark.parametrize("status", [200, 500, 502])
def test_a_body_that_broke_off_can_be_asked_for_again(
    connector: HubSpotConnector, script: Script, raw: bytes, claims: int | None, status: int
) -> None:
    script.then(status=status, raw=raw, claims=claims)
    with pytest.raises(RetryLater):
        ask(connector)


def test_a_connection_cut_without_an_answer_is_not_tried_again_here(connector: HubSpotConnector, script: Script) -> None:
    script.then(cut=True)
    with pytest.raises(RetryLater):
        list(connector.pull(Stream.OWNERS, None))
    assert len(script.asked) == 1


def test_calls_that_shared_a_refused_token_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADE_UP_TOKEN", TOKEN)
    token = Token("env:MADE_UP_TOKEN")
    _, shared = token.current()
    assert token.refused(shared) == 1
    _, renewed = token.current()
    assert token.refused(shared) == 1
    assert token.current() == (TOKEN, renewed)
    assert token.refused(renewed) == 2


def test_an_answer_in_another_shape_breaks_the_contract(connector: HubSpotConnector, script: Script) -> None:
    script.then({"total": "many", "results": []})
    with pytest.raises(ContractBroken, match="total"):
        ask(connector)


def test_an_answer_that_does_not_come_can_be_asked_for_again(build: Build, script: Script, desk: Desk) -> None:
    script.then(found(), delay_seconds=1.0)
    with pytest.raises(RetryLater):
        ask(build(request_timeout_seconds=0.2))
    assert [call.status for call in desk.calls] == [0]


def test_a_host_that_is_not_there_can_be_asked_again(build: Build, desk: Desk) -> None:
    with pytest.raises(RetryLater):
        ask(build(host="http://127.0.0.1:9"))
    assert [call.status for call in desk.calls] == [0]


@pytest.mark.parametrize("status", [429, 503])
def test_nothing_is_tried_twice_and_no_pause_is_made_even_when_asked_for(
    connector: HubSpotConnector, script: Script, status: int
) -> None:
    script.then(refusal("RATE_LIMITS"), status=status, headers={"Retry-After": "30"})
    with pytest.raises(RetryLater):
        ask(connector)
    assert len(script.asked) == 1


def test_a_redirect_is_not_followed_with_the_token(connector: HubSpotConnector, script: Script) -> None:
    script.then({}, status=307, headers={"Location": f"{script.url}/elsewhere"})
    with pytest.raises(ContractBroken):
        ask(connector)
    assert len(script.asked) == 1


def test_errors_hold_no_token_and_no_address(connector: HubSpotConnector, script: Script) -> None:
    for status in (400, 401, 403, 404, 418, 429, 500):
        script.then({"category": "X", "message": f"{TOKEN} of a@acme.example"}, status=status)
        with pytest.raises((RetryLater, RecordRejected, Misconfigured, ContractBroken)) as caught:
            ask(connector)
        assert TOKEN not in str(caught.value)
        assert "acme" not in str(caught.value)


def test_a_refusal_whose_body_is_no_text_goes_by_its_status(connector: HubSpotConnector, script: Script) -> None:
    script.then(status=403, raw=b"\xff\xfe\x00")
    with pytest.raises(Misconfigured):
        ask(connector)


def test_the_days_allowance_is_learned_and_its_reserve_left_to_others(connector: HubSpotConnector, script: Script) -> None:
    nearly_used_up = {"X-HubSpot-RateLimit-Daily": "1000", "X-HubSpot-RateLimit-Daily-Remaining": "300"}
    script.then(listing(), headers=nearly_used_up)
    assert connector.find_tasks(Ref("contacts", "7")) == ()
    with pytest.raises(RetryLater) as caught:
        connector.find_tasks(Ref("contacts", "7"))
    assert caught.value.code == "DAILY"
    assert len(script.asked) == 1


def test_searches_wait_for_their_own_limit(connector: HubSpotConnector, script: Script, desk: Desk) -> None:
    began = desk.at
    for _ in range(11):
        script.then(found())
        ask(connector)
    assert 2.0 <= (desk.at - began).total_seconds() <= 2.5


def test_connections_are_kept_between_calls(connector: HubSpotConnector, script: Script) -> None:
    for _ in range(5):
        script.then(found())
        ask(connector)
    assert script.connections == 1


def test_records_are_fetched_by_id_in_hundreds(connector: HubSpotConnector, script: Script) -> None:
    ids = [str(number) for number in range(1, 151)]
    script.then(properties(email="string"))
    script.then(batch(*(row(one, email="a@acme.example") for one in ids[:100]))).then(
        batch(*(row(one) for one in ids[100:149]))
    )
    people = connector.fetch([Ref("contacts", one) for one in ids])
    assert len(people) == 149
    assert [len(asked.body["inputs"]) for asked in script.asked[1:]] == [100, 50]
    assert script.asked[1].body["properties"] == ["email"]
