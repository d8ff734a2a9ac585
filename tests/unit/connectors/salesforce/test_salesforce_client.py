from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.errors import ConnectorError, ContractBroken, Misconfigured, Reauthorise, RetryLater
from connectors.salesforce.client import OrgSession, QueryPage
from connectors.salesforce.paths import QUERY, Request
from tests.unit.connectors.salesforce.stand_ins import (
    SECRET,
    TOKEN,
    Answer,
    Asked,
    MovableClock,
    Script,
    World,
    scripted_world,
)

SOQL = "SELECT Id FROM Lead"
EMPTY = Answer({"totalSize": 0, "done": True, "records": []})
LAPSED = Answer([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}], status=401)


def in_turn(*answers: Answer) -> Script:
    """Each answer once, the last one for all further calls."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def sign_ins(world: World) -> int:
    return sum(1 for asked in world.scripted.asked if asked.path.endswith("/token"))


def test_one_session_serves_many_calls(world: World) -> None:
    world.scripted.script = in_turn(EMPTY)
    for _ in range(3):
        world.client.query(SOQL)
    assert sign_ins(world) == 1
    assert world.scripted.asked[-1].headers["Authorization"] == f"Bearer {TOKEN}"


def test_every_call_forbids_reassigning_leads_passes_duplicate_alerts_and_skips_indentation(world: World) -> None:
    world.scripted.script = in_turn(EMPTY)
    world.client.query(SOQL)
    headers = world.scripted.asked[-1].headers
    assert headers["Sforce-Auto-Assign"] == "FALSE"
    assert headers["Sforce-Duplicate-Rule-Header"] == "allowSave=true"
    assert "X-PrettyPrint" not in headers


def test_calls_go_to_the_pinned_version(world: World) -> None:
    world.scripted.script = in_turn(EMPTY)
    world.client.query(SOQL)
    assert world.scripted.asked[-1].path == "/services/data/v67.0/query/"


def test_every_call_is_reported_by_template_status_and_time(world: World) -> None:
    world.scripted.script = in_turn(EMPTY)
    world.client.query(SOQL)
    assert [(call.endpoint, call.status) for call in world.calls] == [
        ("POST /services/oauth2/token", 200),
        ("GET /query/", 200),
    ]
    assert all(call.seconds >= 0 for call in world.calls)


def test_the_first_refused_session_is_renewed_the_second_in_a_row_needs_a_person(world: World) -> None:
    world.scripted.script = in_turn(LAPSED)
    with pytest.raises(RetryLater):
        world.client.query(SOQL)
    with pytest.raises(Reauthorise):
        world.client.query(SOQL)
    assert sign_ins(world) == 2


def test_a_success_in_between_forgives_a_refused_session(world: World) -> None:
    world.scripted.script = in_turn(LAPSED, EMPTY, LAPSED, EMPTY)
    for _ in range(2):
        with pytest.raises(RetryLater):
            world.client.query(SOQL)
        world.client.query(SOQL)
    assert sign_ins(world) == 3


def test_one_refused_call_means_one_request_and_no_hidden_retry(world: World) -> None:
    world.scripted.script = in_turn(LAPSED)
    with pytest.raises(RetryLater):
        world.client.query(SOQL)
    assert len(world.scripted.asked) == 2


def test_threads_that_meet_one_expiry_share_one_sign_in(world: World) -> None:
    gate = threading.Barrier(8)
    lapsed = threading.Event()

    def script(_: Asked) -> Answer:
        if lapsed.is_set():
            return EMPTY
        gate.wait(timeout=10)
        lapsed.set()
        return LAPSED

    world.scripted.script = script
    caught: list[ConnectorError] = []

    def ask() -> None:
        try:
            world.client.query(SOQL)
        except ConnectorError as error:
            caught.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    world.client.query(SOQL)
    assert {type(error) for error in caught} == {RetryLater}
    assert sign_ins(world) == 2


def test_a_session_is_renewed_before_it_grows_old(world: World, clock: MovableClock) -> None:
    world.scripted.script = in_turn(EMPTY)
    world.client.query(SOQL)
    clock.advance(minutes=90)
    world.client.query(SOQL)
    assert sign_ins(world) == 2


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer({"error": "invalid_client", "error_description": "invalid client credentials"}, 400), Reauthorise),
        (
            Answer({"error": "invalid_grant", "error_description": "not supported on this domain"}, 400),
            Misconfigured,
        ),
        (Answer({"error": "unknown_error", "error_description": "retry your request"}, 500), RetryLater),
        (Answer(b"<html>busy</html>", 503), RetryLater),
        (Answer(b'{"access_to', 200), RetryLater),
        (Answer({"token_type": "Bearer"}, 200), ContractBroken),
    ],
)
def test_a_refused_sign_in_is_told_apart_from_trouble(world: World, answer: Answer, kind: type[ConnectorError]) -> None:
    world.scripted.sign_ins = [answer]
    with pytest.raises(kind) as caught:
        world.client.query(SOQL)
    assert SECRET not in str(caught.value)


def test_a_sign_in_that_answers_401_once_is_tried_again_twice_needs_a_person(world: World) -> None:
    refused = Answer({"error": "invalid_client"}, 401)
    world.scripted.sign_ins = [refused, refused]
    with pytest.raises(RetryLater):
        world.client.query(SOQL)
    with pytest.raises(Reauthorise):
        world.client.query(SOQL)


def test_the_secret_is_read_again_for_every_sign_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.scripted.script = in_turn(LAPSED, EMPTY)
    with pytest.raises(RetryLater):
        world.client.query(SOQL)
    monkeypatch.setenv("SF_SECRET", "rotated-secret")
    world.client.query(SOQL)
    forms = [asked.body for asked in world.scripted.asked if asked.path.endswith("/token")]
    assert "rotated-secret" not in forms[0]
    assert "rotated-secret" in forms[1]


def test_an_unset_secret_is_named_by_its_reference(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SF_SECRET")
    with pytest.raises(Reauthorise, match="SF_SECRET"):
        world.client.query(SOQL)


def test_a_jwt_names_app_user_and_login_address_and_is_short_lived(
    clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    monkeypatch.setenv("SF_KEY", pem)
    auth = {"flow": "jwt", "client_id": "made-up-key", "username": "robot@acme.example", "private_key": "env:SF_KEY"}
    world = scripted_world(clock, auth=auth)
    world.scripted.script = in_turn(EMPTY)
    world.client.query(SOQL)
    form = dict(pair.split("=", 1) for pair in world.scripted.asked[0].body.split("&"))
    claims = jwt.decode(
        form["assertion"], key.public_key(), algorithms=["RS256"], options={"verify_exp": False, "verify_aud": False}
    )
    assert claims == {
        "iss": "made-up-key",
        "sub": "robot@acme.example",
        "aud": "https://login.salesforce.com",
        "exp": int((clock() + timedelta(minutes=3)).timestamp()),
    }


def test_a_private_key_that_is_none_is_not_repeated(clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SF_KEY", "not-a-key")
    auth = {"flow": "jwt", "client_id": "made-up-key", "username": "robot@acme.example", "private_key": "env:SF_KEY"}
    with pytest.raises(Reauthorise) as caught:
        scripted_world(clock, auth=auth).client.query(SOQL)
    assert "not-a-key" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(b'{"totalSize": 1, "done": tr'), RetryLater),
        (Answer(b"<html>proxy</html>"), RetryLater),
        (Answer(b""), RetryLater),
        (Answer({"done": True}), ContractBroken),
        (Answer([]), ContractBroken),
        (Answer({"done": "yes", "records": []}), ContractBroken),
        (Answer(b"<html>Bad Gateway</html>", 502), RetryLater),
    ],
)
def test_cut_answers_may_be_asked_again_strange_ones_stop_the_stream(
    world: World, answer: Answer, kind: type[ConnectorError]
) -> None:
    world.scripted.script = in_turn(answer)
    with pytest.raises(kind):
        world.client.query(SOQL)


@pytest.mark.parametrize(
    "failure", [requests.ConnectionError, requests.ReadTimeout, requests.exceptions.ChunkedEncodingError]
)
def test_a_connection_that_breaks_is_trouble_not_an_answer(world: World, failure: Callable[[str], Exception]) -> None:
    def script(_: Asked) -> Answer:
        raise failure(f"token {TOKEN}")

    world.scripted.script = script
    with pytest.raises(RetryLater) as caught:
        world.client.query(SOQL)
    assert TOKEN not in str(caught.value)
    assert caught.value.__context__ is None
    assert world.calls[-1].status == 0


def test_what_salesforce_says_is_not_kept_in_the_error(world: World) -> None:
    world.scripted.script = in_turn(
        Answer([{"message": f"bad: ana@acme.example {TOKEN}", "errorCode": "MALFORMED_QUERY"}], status=400)
    )
    with pytest.raises(ContractBroken) as caught:
        world.client.query("SELECT Id FROM Lead WHERE Email = 'ana@acme.example'")
    assert "ana@" not in repr(caught.value)
    assert caught.value.__context__ is None


def test_the_orgs_usage_feeds_the_budget_until_only_the_reserve_is_left(world: World) -> None:
    usage = {"Sforce-Limit-Info": "api-usage=701/1000;per-app-api-usage=1/5(appName=x)"}
    world.scripted.script = in_turn(Answer({"done": True, "records": []}, headers=usage))
    world.client.query(SOQL)
    with pytest.raises(RetryLater) as caught:
        world.client.query(SOQL)
    assert caught.value.code == "DAILY"


def test_a_session_without_a_timeout_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    session = OrgSession(7.5, None)
    seen: list[Any] = []

    def send(_: Any, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        seen.append(kwargs["timeout"])
        return requests.Response()

    monkeypatch.setattr(requests.Session, "send", send)
    request = session.prepare_request(requests.Request("GET", "https://acme.example/"))
    session.send(request)
    session.send(request, timeout=None)
    session.send(request, timeout=1.0)
    assert seen == [7.5, 7.5, 1.0]
    assert session.trust_env is False


def test_answers_are_read_into_their_shape(world: World) -> None:
    world.scripted.script = in_turn(Answer({"totalSize": 1, "done": False, "records": [{"Id": "00Q1"}]}))
    assert world.client.ask(Request(QUERY), QueryPage) == QueryPage([{"Id": "00Q1"}], done=False, total=1)
