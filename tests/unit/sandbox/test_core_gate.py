from random import Random

import httpx
import pytest

from sandbox.exchange import CrmState, Reply, Request
from sandbox.faults import Mishap
from sandbox.gate import ConnectionCutError
from sandbox.refusals import Refusals
from tests.unit.sandbox.twin_client import Bench, still_clock


class Counter:
    """A CRM that counts: POST adds one, GET tells how many."""

    name = "counter"

    def __init__(self) -> None:
        self.refusals = Refusals()
        self.total = 0
        self.expired: list[str] = []

    def endpoint(self, request: Request) -> str:
        return f"{request.method} /count"

    def answer(self, request: Request) -> Reply:
        if request.method == "POST":
            self.total += 1
            return Reply(201, b'{"made": true}', effect="added one")
        return Reply(200, str(self.total).encode())

    def trouble(self, status: int, request: Request) -> Reply:
        return Reply(status, b'{"trouble": true}')

    def expire_token(self, request: Request) -> None:
        self.expired.append(request.headers["authorization"])

    def misbehave(self, mishap: Mishap, request: Request, dice: Random) -> Reply:
        return Reply(207, mishap.encode())

    def save(self) -> bytes:
        return str(self.total).encode()

    def load(self, content: bytes) -> None:
        self.total = int(content)

    def state(self) -> CrmState:
        return CrmState({"total": self.total}, {"z": 1, "a": 2})


@pytest.fixture
def crm() -> Counter:
    return Counter()


@pytest.fixture
def bench(crm: Counter) -> Bench:
    return Bench(crm, still_clock())


def test_without_faults_the_crm_answers(bench: Bench) -> None:
    assert bench.http.post("/count").status_code == 201
    assert bench.http.get("/count").text == "1"


def test_a_failure_before_the_effect_leaves_nothing_behind(bench: Bench, crm: Counter) -> None:
    bench.http.post("/_twin/faults", json=[{"endpoint": "POST /count", "status": 502}])
    assert bench.http.post("/count").status_code == 502
    assert crm.total == 0


def test_a_failure_after_the_effect_loses_only_the_reply(bench: Bench, crm: Counter) -> None:
    bench.http.post("/_twin/faults", json=[{"endpoint": "POST /count", "status": 502, "when": "after"}])
    lost = bench.http.post("/count")
    assert (lost.status_code, lost.json()) == (502, {"trouble": True})
    assert crm.total == 1
    entry = bench.http.get("/_twin/journal").json()["entries"][0]
    assert (entry["status"], entry["effect"], entry["fault"]) == (502, "added one", "status 502 after")


@pytest.mark.parametrize(("when", "total"), [("before", 0), ("after", 1)])
def test_a_cut_connection_gives_no_answer_with_or_without_the_effect(
    bench: Bench, crm: Counter, when: str, total: int
) -> None:
    bench.http.post("/_twin/faults", json=[{"kind": "cut", "when": when}])
    with pytest.raises(ConnectionCutError):
        bench.http.post("/count")
    assert crm.total == total
    assert bench.http.get("/_twin/journal").json()["entries"][0]["status"] == 0


def test_a_slow_answer_waits_and_then_comes(bench: Bench) -> None:
    bench.http.post("/_twin/faults", json=[{"kind": "slow", "seconds": 7.5}])
    assert bench.http.get("/count").text == "0"
    assert bench.slept == [7.5]


def test_an_expired_token_is_expired_before_the_call(bench: Bench, crm: Counter) -> None:
    bench.http.post("/_twin/faults", json=[{"kind": "expire_token"}])
    bench.http.get("/count", headers={"Authorization": "Bearer mine"})
    assert crm.expired == ["Bearer mine"]


def test_the_control_surface_is_never_struck_nor_journalled(bench: Bench) -> None:
    bench.http.post("/_twin/faults", json=[{"occurrence": "each", "status": 500}])
    assert bench.http.get("/_twin/health").json()["twin"] == "counter"
    assert bench.http.get("/_twin/journal").json() == {"entries": []}


def test_counts_tell_calls_by_endpoint_status_and_rate(bench: Bench) -> None:
    for _ in range(3):
        bench.http.get("/count")
    bench.http.post("/_twin/clock", json={"advance_seconds": 5})
    bench.http.post("/count")
    counts = bench.http.get("/_twin/counts").json()
    assert counts["total"]["peak_per_second"] == 3
    assert counts["total"]["peak_per_ten_seconds"] == 4
    assert counts["by_endpoint"]["GET /count"]["by_status"] == {"200": 3}


def test_the_journal_numbers_requests_and_gives_those_after_a_number(bench: Bench) -> None:
    bench.http.get("/count?a=1")
    bench.http.get("/count?a=2")
    entries = bench.http.get("/_twin/journal?since=1").json()["entries"]
    assert [(e["number"], e["query"], e["at"]) for e in entries] == [(2, "a=2", "2026-11-22T09:00:00Z")]


def test_every_request_has_its_own_correlation_id(bench: Bench) -> None:
    bench.http.get("/count")
    bench.http.get("/count")
    first, second = (e["correlation_id"] for e in bench.http.get("/_twin/journal").json()["entries"])
    assert first != second


def test_state_keeps_made_up_values_apart_and_its_keys_sorted(bench: Bench) -> None:
    bench.http.post("/count")
    assert bench.http.get("/_twin/state").text == '{"comparable":{"total":1},"volatile":{"a":2,"z":1}}'


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", b"no json"),
        ("faults", b'[{"kind": "explode"}]'),
        ("clock", b'{"advance_seconds": -1}'),
        ("clock", b'{"rewind": 1}'),
        ("refuse", b'[{"object": "contacts"}]'),
    ],
)
def test_a_wrong_order_to_the_control_surface_is_a_400_in_words(bench: Bench, path: str, body: bytes) -> None:
    refused = bench.http.post(f"/_twin/{path}", content=body)
    assert refused.status_code == 400
    assert refused.json()["error"]


def test_refusals_are_replaced_as_a_whole(bench: Bench, crm: Counter) -> None:
    bench.http.post("/_twin/refuse", json={"object": "a", "id": "1", "message": "no"})
    bench.http.post("/_twin/refuse", json=[{"object": "b", "id": "2", "message": "never"}])
    assert [(r.object, r.id, r.message) for r in crm.refusals] == [("b", "2", "never")]


def test_head_has_no_body(bench: Bench) -> None:
    answer: httpx.Response = bench.http.head("/count")
    assert answer.content == b""


def test_a_slow_answer_counts_when_it_arrived_and_not_with_the_calls_that_overtook_it() -> None:
    clock = still_clock()
    bench = Bench(Counter(), clock)

    async def others_meanwhile(_seconds: float) -> None:
        clock.advance(5)
        bench.journal.arrive("GET /other", clock.now())

    bench.sleep = others_meanwhile
    bench.http.post("/_twin/faults", json=[{"kind": "slow"}])
    bench.http.get("/count")
    totals = bench.journal.totals()
    assert (totals.peak_per_second, totals.peak_per_ten_seconds) == (1, 2)


def test_a_mishap_is_the_crms_own_to_answer(bench: Bench) -> None:
    bench.http.post("/_twin/faults", json=[{"kind": "half_batch"}])
    assert bench.http.post("/count").text == "half_batch"
    assert bench.http.get("/_twin/journal").json()["entries"][0]["fault"] == "half_batch"


def test_a_calm_request_meets_no_fault_and_counts_for_no_occurrence(bench: Bench) -> None:
    bench.http.post("/_twin/faults", json=[{"occurrence": 1, "status": 503}])
    assert bench.http.get("/count", headers={"X-Twin-Calm": "1"}).status_code == 200
    assert bench.http.get("/count").status_code == 503


def test_under_skew_the_date_is_wrong_for_that_call(bench: Bench) -> None:
    bench.http.post("/_twin/faults", json=[{"kind": "clock_skew", "seconds": 20}])
    dates = [bench.http.get("/count").headers["date"] for _ in range(2)]
    assert dates == ["Sun, 22 Nov 2026 09:00:20 GMT", "Sun, 22 Nov 2026 09:00:00 GMT"]


def test_a_mistake_in_a_handler_ends_its_own_call_only(
    bench: Bench, crm: Counter, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(crm, "answer", lambda request: request.no_such_thing)
        assert bench.http.post("/count").json() == {"trouble": True}
    assert "AttributeError" in capsys.readouterr().err
    assert bench.http.get("/count").text == "0"
    assert bench.http.get("/_twin/journal").json()["entries"][0]["effect"] == "a mistake in the twin"


def test_the_journal_answers_questions_by_endpoint_effect_fault_and_status(bench: Bench) -> None:
    bench.http.post("/_twin/faults", json=[{"endpoint": "GET *", "occurrence": 2, "status": 503}])
    for _ in range(2):
        bench.http.get("/count")
    bench.http.post("/count")

    def numbers(question: dict[str, str]) -> list[int]:
        return [entry["number"] for entry in bench.http.get("/_twin/journal", params=question).json()["entries"]]

    assert numbers({"endpoint": "GET *"}) == [1, 2]
    assert numbers({"effect": "?*"}) == [3]
    assert numbers({"fault": "?*"}) == [2]
    assert numbers({"status": "2*", "since": "1"}) == [3]


def test_a_saved_state_can_be_brought_back(bench: Bench) -> None:
    bench.http.post("/count")
    saved = bench.http.get("/_twin/saved").content
    bench.http.post("/count")
    assert bench.http.post("/_twin/saved", content=saved).status_code == 200
    assert bench.http.get("/count").text == "1"
    assert bench.http.post("/_twin/saved", content=b"nonsense").status_code == 400
    assert bench.http.get("/count").text == "1"


def test_a_reset_brings_back_the_start_while_time_goes_on(bench: Bench, crm: Counter) -> None:
    bench.http.post("/count")
    bench.http.post("/_twin/refuse", json={"object": "a", "id": "1", "message": "no"})
    bench.http.post("/_twin/faults", json=[{"occurrence": "each", "status": 503}])
    bench.http.post("/_twin/clock", json={"advance_seconds": 60})
    bench.http.post("/_twin/reset")
    assert bench.http.get("/_twin/journal").json() == {"entries": []}
    assert list(crm.refusals) == []
    assert bench.http.get("/count").text == "0"
    assert bench.http.get("/_twin/counts").json()["total"]["calls"] == 1
    assert bench.http.get("/_twin/health").json()["now"] == "2026-11-22T09:01:00Z"
