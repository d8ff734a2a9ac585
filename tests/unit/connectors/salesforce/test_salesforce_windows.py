"""What two windows have in common is told once, columns that appear in the middle are read later, long ones are parted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Page
from connectors.errors import RetryLater
from connectors.salesforce.activities import EmailReader
from connectors.salesforce.overlap import MOST, Overlap
from connectors.salesforce.people import PersonReader
from connectors.salesforce.pull import Walk
from tests.unit.connectors.salesforce.stand_ins import Answer, Asked, MovableClock, World

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
FIELDS = ["Id", "SystemModstamp", "Email", "Title", "EmailMessageId", "RelationId", "RelationType"]
TIMED_OUT = Answer([{"message": "slow", "errorCode": "QUERY_TIMEOUT"}], status=400)
_BOUND = re.compile(r"SystemModstamp (>=|<|>) (\S+?)\)?(?= |$)")


class Slow:
    """An org with the rows given, two to a page. A query over more than `patience` is refused."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self.rows = list(rows)
        self.fields = list(FIELDS)
        self.patience = timedelta.max
        self.relations: list[dict[str, Any]] = []
        self.queries: list[str] = []

    def __call__(self, asked: Asked) -> Answer:
        if asked.path.endswith("/describe"):
            name = asked.path.split("/")[-2]
            fields = [{"name": name, "type": "datetime" if "Modstamp" in name else "string"} for name in self.fields]
            return Answer({"name": name, "fields": fields})
        query = asked.query["q"]
        if "FROM EmailMessageRelation" in query:
            return Answer({"totalSize": 0, "done": True, "records": self.relations})
        self.queries.append(query)
        low, high = bounds(query)
        if high - low > self.patience:
            return TIMED_OUT
        _, _, last = query.partition("Id > '")
        found = [row for row in self.rows if low <= at(row) < high and (at(row) > low or row["Id"] > last[:18])]
        if "COUNT()" in query:
            return Answer({"totalSize": len(found), "done": True, "records": []})
        return Answer({"totalSize": 0, "done": True, "records": sorted(found, key=lambda r: (at(r), r["Id"]))[:2]})


def at(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["SystemModstamp"])


def bounds(query: str) -> tuple[datetime, datetime]:
    """From when to when a query asks; without a beginning, from before Salesforce."""
    low, high = datetime(1999, 1, 1, tzinfo=UTC), NOW
    for sign, moment in _BOUND.findall(query):
        if sign == "<":
            high = datetime.fromisoformat(moment)
        else:
            low = datetime.fromisoformat(moment)
    return low, high


def row(number: int, moment: datetime, **more: Any) -> dict[str, Any]:
    return {"Id": f"00Q{number:015d}", "SystemModstamp": moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000"), **more}


def told(pages: Iterable[Page]) -> list[str]:
    return [record.ref.id for page in pages for record in page.records]


@pytest.fixture
def walk(world: World) -> Walk:
    return Walk(world.org, [PersonReader(world.org, "Lead")], Overlap())


def minutes_ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def test_a_row_in_the_overlap_is_told_once(world: World, walk: Walk, clock: MovableClock) -> None:
    world.scripted.script = Slow(row(1, minutes_ago(5)), row(2, minutes_ago(4)))
    *_, first = walk.pages(None)
    clock.advance(minutes=2)
    second = list(walk.pages(first.cursor))
    assert told(second) == []
    clock.advance(minutes=2)
    assert told(walk.pages(second[-1].cursor)) == []


def test_a_row_in_the_overlap_that_changed_again_is_told_again(world: World, walk: Walk, clock: MovableClock) -> None:
    org = Slow(row(1, minutes_ago(5)), row(2, minutes_ago(4)))
    world.scripted.script = org
    *_, first = walk.pages(None)
    clock.advance(minutes=2)
    org.rows[0] = row(1, minutes_ago(-1))
    assert told(walk.pages(first.cursor)) == [row(1, NOW)["Id"]]


def test_a_second_change_within_the_second_is_not_taken_for_the_first(world: World, walk: Walk, clock: MovableClock) -> None:
    org = Slow(row(1, minutes_ago(0.1), Title="Before"))
    world.scripted.script = org
    *_, first = walk.pages(None)
    org.rows[0] = row(1, minutes_ago(0.1), Title="After")
    clock.advance(minutes=2)
    assert told(walk.pages(first.cursor)) == [row(1, NOW)["Id"]]


def test_another_process_and_an_earlier_cursor_are_told_everything(world: World, walk: Walk, clock: MovableClock) -> None:
    world.scripted.script = Slow(row(1, minutes_ago(5)))
    *_, first = walk.pages(None)
    clock.advance(minutes=2)
    *_, second = walk.pages(first.cursor)
    clock.advance(minutes=2)
    fresh = Walk(world.org, [PersonReader(world.org, "Lead")], Overlap())
    assert told(fresh.pages(first.cursor)) == [row(1, NOW)["Id"]]
    assert second.cursor != first.cursor
    assert told(walk.pages(first.cursor)) == [row(1, NOW)["Id"]]


def test_rows_that_were_told_and_not_stored_are_told_again(world: World, walk: Walk, clock: MovableClock) -> None:
    world.scripted.script = Slow(*(row(number, minutes_ago(5)) for number in range(3)))
    first = next(iter(walk.pages(None)))
    *_, lost = walk.pages(first.cursor)
    assert told([lost]) == [row(2, NOW)["Id"]]
    clock.advance(minutes=2)
    assert told(walk.pages(first.cursor)) == [row(2, NOW)["Id"]]


def test_a_new_column_is_read_for_rows_that_were_told(world: World, walk: Walk, clock: MovableClock) -> None:
    org = Slow(row(1, minutes_ago(5)))
    world.scripted.script = org
    *_, first = walk.pages(None)
    org.fields.append("Phone")
    world.org.schemas.forget()
    clock.advance(minutes=2)
    assert told(walk.pages(first.cursor)) == [row(1, NOW)["Id"]]


def test_a_message_is_looked_at_again_as_its_people_may_come_later(world: World, clock: MovableClock) -> None:
    message = {**row(1, minutes_ago(5)), "Id": "02s000000000000001"}
    org = Slow(message)
    world.scripted.script = org
    walk = Walk(world.org, [EmailReader(world.org)], Overlap())
    *_, first = walk.pages(None)
    assert told([first]) == []
    relation = {"EmailMessageId": message["Id"], "RelationId": "0038d0000000001AAA", "RelationType": "ToAddress"}
    org.relations = [{**row(2, minutes_ago(4)), **relation}]
    clock.advance(minutes=2)
    assert told(walk.pages(first.cursor)) == [message["Id"]]


def test_a_mass_update_is_not_remembered(clock: MovableClock) -> None:
    overlap = Overlap()
    overlap.keep("cursor", {("Lead", str(number), NOW) for number in range(MOST + 1)})
    assert overlap.before("cursor") == frozenset()


def test_a_column_that_appears_in_the_middle_of_a_reading_is_filled_for_its_beginning(
    world: World, walk: Walk, clock: MovableClock
) -> None:
    org = Slow(*(row(number, minutes_ago(600)) for number in range(4)))
    world.scripted.script = org
    first = next(iter(walk.pages(None)))
    org.fields.append("Phone")
    world.org.schemas.forget()
    *_, last = walk.pages(first.cursor)
    clock.advance(hours=1)
    assert len(told(walk.pages(last.cursor))) == 4
    assert "Phone" in org.queries[-1]


def test_a_window_too_large_for_one_query_is_read_in_parts(world: World, walk: Walk) -> None:
    org = Slow(*(row(number, NOW - timedelta(days=90 * number, minutes=1)) for number in range(20)))
    org.patience = timedelta(days=2000)
    world.scripted.script = org
    pages = list(walk.pages(None))
    assert sorted(told(pages)) == [item["Id"] for item in org.rows]
    assert len(told(pages)) == len(org.rows)
    assert len(org.queries) < 60


def test_a_reading_in_parts_goes_on_at_every_page_in_a_fresh_process(world: World) -> None:
    org = Slow(*(row(number, NOW - timedelta(days=90 * number, minutes=1)) for number in range(20)))
    org.patience = timedelta(days=2000)
    world.scripted.script = org
    seen: list[str] = []
    cursor: str | None = None
    while cursor is None or '"place"' in cursor:
        page = next(Walk(world.org, [PersonReader(world.org, "Lead")], Overlap()).pages(cursor))
        seen += told([page])
        cursor = page.cursor
    assert sorted(seen) == [item["Id"] for item in org.rows]


def test_a_second_that_is_too_much_for_a_query_is_not_parted(world: World, walk: Walk) -> None:
    org = Slow(row(1, minutes_ago(5)))
    org.patience = timedelta(milliseconds=1)
    world.scripted.script = org
    with pytest.raises(RetryLater, match="QUERY_TIMEOUT"):
        list(walk.pages(None))
    assert len(org.queries) < 40
