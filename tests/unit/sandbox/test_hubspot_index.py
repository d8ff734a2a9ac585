"""What search believes of records: late, and for hours at a wrong modified date; but nothing is lost for good."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.hubspot.access import Allowance
from sandbox.hubspot.candidates import candidates
from sandbox.hubspot.filters import Filter, Operator, compile_filter
from sandbox.hubspot.index import Indexed, SearchIndex, State
from sandbox.hubspot.kinds import CONTACTS
from sandbox.hubspot.records import Records
from sandbox.hubspot.schema import Schema
from tests.unit.sandbox.twin_client import START, HubSpotBench, hubspot

SEEN = 2.1
HOUR = 3_600
SETTLED = 3 * HOUR
MODIFIED = "lastmodifieddate"


@pytest.fixture
def desk() -> HubSpotBench:
    return hubspot(Allowance(searches_per_second=100_000))


def _window(desk: HubSpotBench, since: datetime, until: datetime, after_id: int = 0) -> list[dict[str, Any]]:
    """All rows of a window of the modified date, read whole by id."""
    found: list[dict[str, Any]] = []
    while True:
        conditions = [
            {"propertyName": MODIFIED, "operator": "GTE", "value": _ms(since)},
            {"propertyName": MODIFIED, "operator": "LT", "value": _ms(until)},
            {"propertyName": "hs_object_id", "operator": "GT", "value": str(after_id)},
        ]
        page = desk.search("contacts", conditions, sorts=["hs_object_id"], limit=5).json()["results"]
        if not page:
            return found
        assert [int(row["id"]) for row in page] == sorted(int(row["id"]) for row in page)
        found += page
        after_id = int(page[-1]["id"])


def _ms(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1_000))


def _modified(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["properties"][MODIFIED])


def _write(desk: HubSpotBench, number: int) -> list[str]:
    """This many new contacts, one a minute, all arrived in the index."""
    made = []
    for place in range(number):
        made.append(desk.create("contacts", firstname=f"p{place}"))
        desk.bench.clock.advance(60)
    return made


def test_a_new_record_is_found_only_after_the_index_has_caught_up(desk: HubSpotBench) -> None:
    desk.create("contacts", email="a@acme.example")
    assert desk.search("contacts").json()["total"] == 0
    desk.bench.clock.advance(SEEN)
    assert desk.search("contacts").json()["total"] == 1


def test_search_shows_the_state_before_a_change_until_the_index_has_caught_up(desk: HubSpotBench) -> None:
    def names(**condition: str) -> list[str]:
        found = desk.search("contacts", [{"propertyName": "email", "operator": "EQ", **condition}], properties=["email"])
        return [row["properties"]["email"] for row in found.json()["results"]]

    made = desk.create("contacts", email="old@acme.example")
    desk.bench.clock.advance(SEEN)
    for email in ("mid@acme.example", "new@acme.example"):
        desk.http.patch(f"/crm/objects/2026-03/contacts/{made}", json={"properties": {"email": email}})
        desk.bench.clock.advance(0.9)
    assert desk.read("contacts", made)["email"] == "new@acme.example"
    assert (names(value="old@acme.example"), names(value="new@acme.example")) == (["old@acme.example"], [])
    desk.bench.clock.advance(1)
    assert (names(value="mid@acme.example"), names(value="new@acme.example")) == (["mid@acme.example"], [])
    desk.bench.clock.advance(1)
    assert (names(value="old@acme.example"), names(value="new@acme.example")) == ([], ["new@acme.example"])


def test_an_archived_record_is_found_until_the_index_has_caught_up(desk: HubSpotBench) -> None:
    made = desk.create("contacts", firstname="ann")
    desk.bench.clock.advance(SEEN)
    desk.http.delete(f"/crm/objects/2026-03/contacts/{made}")
    assert desk.search("contacts").json()["total"] == 1
    desk.bench.clock.advance(SEEN)
    assert desk.search("contacts").json()["total"] == 0


def test_a_sort_by_the_modified_date_is_out_of_order_by_up_to_an_hour_until_it_settles(desk: HubSpotBench) -> None:
    made = _write(desk, 90)
    assert _lateness(desk) > timedelta(minutes=30)
    assert _lateness(desk) < timedelta(hours=1)
    desk.bench.clock.advance(HOUR)
    assert _lateness(desk) > timedelta(0), "also an hour later"
    desk.bench.clock.advance(SETTLED)
    assert _lateness(desk) == timedelta(0)
    by_id = [row["id"] for row in desk.search("contacts", sorts=["hs_object_id"], limit=200).json()["results"]]
    assert by_id == made


def _lateness(desk: HubSpotBench) -> timedelta:
    """How much later than any after it a record of the sorted list was modified."""
    rows = desk.search("contacts", sorts=[MODIFIED], limit=200).json()["results"]
    moments = [_modified(row) for row in rows]
    return max(moment - min(moments[place:]) for place, moment in enumerate(moments))


def test_a_sort_by_id_is_exact_at_any_time(desk: HubSpotBench) -> None:
    made = _write(desk, 30)
    assert [row["id"] for row in desk.search("contacts", sorts=["-hs_object_id"], limit=200).json()["results"]] == made[::-1]


def test_a_window_holds_rows_newer_than_its_end_and_lacks_rows_of_its_own_until_they_settle(desk: HubSpotBench) -> None:
    made = _write(desk, 60)
    middle = START + timedelta(minutes=30)
    former, latter = _window(desk, START - timedelta(hours=2), middle), _window(desk, middle, START + timedelta(hours=2))
    assert any(_modified(row) >= middle for row in former)
    assert [row["id"] for row in latter] != made[30:]
    desk.bench.clock.advance(SETTLED)
    assert [row["id"] for row in _window(desk, START, middle)] == made[:30]
    assert [row["id"] for row in _window(desk, middle, START + timedelta(hours=2))] == made[30:]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("sort_of_client", ["looks back an hour", "holds back an hour"])
def test_who_reads_windows_whole_with_an_hour_to_spare_finds_every_change(
    desk: HubSpotBench, seed: int, sort_of_client: str
) -> None:
    dice = random.Random(seed)
    back, held = (HOUR, 0) if sort_of_client == "looks back an hour" else (0, HOUR)
    made = _write(desk, 5)
    seen: dict[str, datetime] = {}
    read_until = START
    for _ in range(60):
        desk.http.patch(f"/crm/objects/2026-03/contacts/{dice.choice(made)}", json={"properties": {"firstname": "new"}})
        desk.bench.clock.advance(dice.choice([0.5, 3, 200, 1_900]))
        if dice.random() < 0.4:
            until = desk.bench.clock.now() - timedelta(seconds=held)
            rows = _window(desk, read_until - timedelta(seconds=back), until)
            seen |= {row["id"]: max(_modified(row), seen.get(row["id"], START)) for row in rows}
            read_until = max(read_until, until)
    desk.bench.clock.advance(SETTLED)
    rows = _window(desk, read_until - timedelta(seconds=back), desk.bench.clock.now())
    seen |= {row["id"]: max(_modified(row), seen.get(row["id"], START)) for row in rows}
    assert seen == {one: datetime.fromisoformat(desk.read("contacts", one)[MODIFIED]) for one in made}


def test_the_same_changes_are_found_in_the_same_places_in_every_run() -> None:
    def order() -> list[str]:
        desk = hubspot(Allowance(searches_per_second=100_000))
        _write(desk, 40)
        return [row["id"] for row in desk.search("contacts", sorts=[MODIFIED], limit=200).json()["results"]]

    assert order() == order()


# Candidates: looking at few records gives the same answer as looking at all.

_MOMENT = st.integers(0, 40_000_000)
_STEP = st.tuples(st.sampled_from(["create", "change", "archive", "purge", "wait"]), st.integers(0, 5), _MOMENT)
_OPERATORS: tuple[Operator, ...] = ("EQ", "GT", "GTE", "LT", "LTE", "BETWEEN", "NEQ")


@st.composite
def _filters(draw: st.DrawFn) -> Filter:
    name, values = draw(
        st.sampled_from(
            [
                (MODIFIED, st.integers(0, 50_000_000)),
                ("hs_object_id", st.floats(9_499, 9_508) | st.integers(9_499, 9_508)),
                ("email", st.sampled_from(["a@x.example", "B@x.example"])),
            ]
        )
    )
    return Filter(name, draw(st.sampled_from(_OPERATORS)), value=str(draw(values)), highValue=str(draw(values)))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(steps=st.lists(_STEP, max_size=25), filters=st.lists(_filters(), min_size=1, max_size=3), first=st.booleans())
def test_candidates_hold_every_record_that_meets_the_filters(
    steps: list[tuple[str, int, int]], filters: list[Filter], first: bool
) -> None:
    schema = Schema().of(CONTACTS)
    records = Records(CONTACTS)
    records.load({"email": "a@x.example"}, 5, 7)
    if first:
        records.index.modified_between(0, 1)
    now_ms = 0
    for what, place, moment in steps:
        now_ms += moment if what == "wait" else 1
        _step(records, what, place, now_ms)
    records.index.catch_up(now_ms)
    tests = {condition: compile_filter(condition, schema.active[condition.propertyName]) for condition in filters}
    found = candidates(records, schema, filters)
    expected = {state.id for state in records.index.records() if all(test(state) for test in tests.values())}
    if found is not None:
        near = [state for number in found.ids if (state := records.index.find(number)) is not None]
        assert {s.id for s in near if all(tests[condition](s) for condition in found.unanswered)} == expected
    in_order = [(state.modified_ms, state.id) for state in records.index.records()]
    assert records.index.modified_between(-(10**12), 10**12) == [number for _, number in sorted(in_order)]


def _step(records: Records, what: str, place: int, now_ms: int) -> None:
    live = list(records.live())
    if what == "create":
        records.create({"email": f"{'ab'[place % 2]}@x.example"} if not live else {}, now_ms)
    elif live and what != "wait":
        row = live[place % len(live)]
        if what == "change":
            records.change(row, {"firstname": str(now_ms)}, now_ms)
        elif what == "archive":
            records.archive(row, now_ms)
        else:
            records.purge(row)


class _Shelf:
    """Many records, and how many of them were looked at."""

    def __init__(self, count: int) -> None:
        self._rows = [Indexed(number, {}, number, 1_000 * number) for number in range(count)]
        self.looked_at = 0

    def live(self) -> Iterator[State]:
        for row in self._rows:
            self.looked_at += 1
            yield row

    def page(self, after: int, limit: int) -> list[State]:
        self.looked_at += limit
        return [*self._rows[after : after + limit]]


def test_a_narrow_window_looks_at_no_other_records_once_their_order_is_known() -> None:
    shelf = _Shelf(5_000)
    index = SearchIndex(shelf)
    index.modified_between(0, 0)
    shelf.looked_at = 0
    index.note(17, shelf.page(17, 1)[0], 10_000_000)
    index.catch_up(20_000_000)
    assert index.modified_between(4_990_000, 4_992_999) == [4_990, 4_991, 4_992]
    assert shelf.looked_at < 20
