import socket
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from sandbox.clock import TwinClock
from sandbox.faults import DEFAULT_MIX, MISHAPS, Fault, FaultPlan, default_plan
from sandbox.journal import Entry, Journal, Peak, Question
from sandbox.refusals import Refusal, Refusals
from sandbox.serve import listen

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_clock_ticks_with_the_machine_and_jumps_when_told() -> None:
    ticks = iter([100.0, 101.5, 101.5])
    clock = TwinClock(START, ticks=lambda: next(ticks))
    assert clock.now() == datetime(2026, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)
    assert clock.advance(3600) == datetime(2026, 1, 1, 1, 0, 1, 500_000, tzinfo=UTC)


def test_the_clock_never_runs_backwards() -> None:
    with pytest.raises(ValueError, match="forward"):
        TwinClock(START).advance(-1)


def test_the_clock_starts_at_the_machines_time_unless_told() -> None:
    assert TwinClock(ticks=lambda: 5.0, today=lambda: START).now() == START


def test_a_start_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        TwinClock(datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake under test


def test_a_peak_is_the_most_calls_in_any_window_not_in_calendar_seconds() -> None:
    peak = Peak(1.0)
    for at in (0.9, 0.95, 1.0, 1.85, 3.0):
        peak.add(at)
    assert peak.highest == 4


def test_a_call_exactly_one_window_ago_is_outside_it() -> None:
    peak = Peak(1.0)
    peak.add(1.0)
    peak.add(2.0)
    assert peak.highest == 1


def _entry(number: int, endpoint: str, status: int = 200) -> Entry:
    return Entry(number, START, "GET", "/x", endpoint, "", status, "", "c", "")


def test_the_journal_counts_every_call_though_it_keeps_only_the_newest() -> None:
    journal = Journal(kept_entries=2)
    for number in (1, 2, 3):
        journal.add(_entry(number, "GET /a" if number < 3 else "GET /b", 200 if number < 3 else 429))
    assert [entry.number for entry in journal.asked(Question())] == [2, 3]
    assert journal.totals().calls == 3
    assert journal.totals().by_status == {"200": 2, "429": 1}
    assert {name: counts.calls for name, counts in journal.by_endpoint().items()} == {"GET /a": 2, "GET /b": 1}


def test_since_gives_only_what_came_after() -> None:
    journal = Journal()
    for number in (1, 2, 3):
        journal.add(_entry(number, "GET /a"))
    assert [entry.number for entry in journal.asked(Question(since=2))] == [3]


def test_a_rule_strikes_the_nth_matching_call_only() -> None:
    plan = FaultPlan()
    plan.replace([{"endpoint": "POST /crm/*/batch/update", "occurrence": 2, "status": 503}])
    calls = ["POST /crm/a/batch/update", "GET /crm/a", "POST /crm/b/batch/update", "POST /crm/a/batch/update"]
    drawn = [plan.draw(call) for call in calls]
    assert drawn == [None, None, Fault("status", status=503), None]


def test_each_strikes_every_matching_call() -> None:
    plan = FaultPlan()
    plan.replace([{"endpoint": "GET *", "occurrence": "each", "kind": "cut"}])
    assert [plan.draw("GET /a"), plan.draw("GET /b"), plan.draw("POST /a")] == [Fault("cut"), Fault("cut"), None]


def test_once_per_endpoint_strikes_the_first_call_of_each() -> None:
    plan = FaultPlan()
    plan.replace([{"each_endpoint_once": {"status": 401}}])
    struck = [plan.draw(call) is not None for call in ("GET /a", "GET /b", "GET /a", "POST /a")]
    assert struck == [True, True, False, True]
    assert plan.injected == 3


def test_a_rate_strikes_the_same_calls_for_the_same_seed() -> None:
    def struck(seed: int) -> list[Fault | None]:
        plan = FaultPlan()
        plan.replace({"rate": 0.2, "seed": seed})
        return [plan.draw("GET /a") for _ in range(200)]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 20 <= sum(fault is not None for fault in struck(1)) <= 60


def test_a_bad_plan_is_refused_and_the_former_one_stays() -> None:
    plan = FaultPlan()
    plan.replace([{"occurrence": "each", "status": 500}])
    with pytest.raises(msgspec.ValidationError):
        plan.replace([{"endpoint": "*", "kind": "explode"}])
    assert plan.draw("GET /a") == Fault("status", status=500)


def test_an_empty_plan_ends_all_faults() -> None:
    plan = FaultPlan()
    plan.replace([{"occurrence": "each"}])
    plan.replace([])
    assert plan.draw("GET /a") is None


def test_a_refusal_of_one_property_leaves_the_others_writable() -> None:
    refusals = Refusals()
    refusals.replace([Refusal("contacts", "1", "no", property="jobtitle")])
    assert refusals.find("contacts", "1", ["phone"]) is None
    assert refusals.find("contacts", "1", ["phone", "jobtitle"]) is not None
    assert refusals.find("companies", "1", ["jobtitle"]) is None


def test_the_socket_lets_asyncio_switch_off_nagles_delay() -> None:
    """asyncio sets TCP_NODELAY only where the protocol is named; without it small answers take 40 ms."""
    with listen(0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
        assert listener.getsockname()[0] == "127.0.0.1"


def test_the_default_plan_has_every_kind_that_a_client_can_get_over() -> None:
    plain = {"status", "slow", "cut", "truncate", "clock_skew"}
    assert {fault.kind for fault in DEFAULT_MIX} == plain | MISHAPS


@pytest.mark.parametrize(("words", "rate", "seed"), [("default", 0.01, 1), ("default:10", 0.1, 1), ("default:10:3", 0.1, 3)])
def test_the_default_plan_goes_by_its_name(words: str, rate: float, seed: int) -> None:
    (item,) = default_plan(words)
    assert (item["rate"], item["seed"]) == (rate, seed)


@pytest.mark.parametrize("words", ["other", "default:x", "default:1:2:3", "default:-1", "default:101"])
def test_other_words_for_the_default_plan_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        default_plan(words)


def test_a_mix_strikes_calls_only_with_what_can_befall_them() -> None:
    plan = FaultPlan({"rate": 1.0, "seed": 1})
    found = {endpoint: {plan.draw(endpoint) for _ in range(500)} for endpoint in ("GET /a", "PATCH /a", "POST /a/search")}
    kinds = {endpoint: {fault.kind for fault in faults if fault} for endpoint, faults in found.items()}
    assert "half_batch" in kinds["PATCH /a"]
    assert "repeat_page" not in kinds["PATCH /a"]
    assert "half_batch" not in kinds["GET /a"] | kinds["POST /a/search"]
    assert {"repeat_page", "duplicate_rows"} <= kinds["GET /a"] & kinds["POST /a/search"]


def test_the_weights_of_a_mix_say_how_often() -> None:
    mix = [{"kind": "cut", "weight": 9}, {"kind": "truncate"}]
    plan = FaultPlan({"rate": 1.0, "faults": mix})
    drawn = [plan.draw("GET /a") for _ in range(1000)]
    assert 850 <= drawn.count(Fault("cut")) <= 950


def test_a_restarted_plan_strikes_as_at_the_start() -> None:
    plan = FaultPlan({"rate": 0.5, "seed": 4})
    first = [plan.draw("GET /a") for _ in range(50)]
    plan.replace([])
    plan.restart()
    assert plan.injected == 0
    assert [plan.draw("GET /a") for _ in range(50)] == first


def test_a_skewed_clock_is_right_again_afterwards() -> None:
    clock = TwinClock(START, ticks=lambda: 0.0)
    with clock.skewed(-20):
        assert clock.now() == START - timedelta(seconds=20)
    assert clock.now() == START
