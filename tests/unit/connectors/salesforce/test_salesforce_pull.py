from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Page
from connectors.errors import ContractBroken, Misconfigured, RetryLater
from connectors.records import PersonRecord, Ref, Removed
from connectors.salesforce import cursor as cursors
from connectors.salesforce.overlap import Overlap
from connectors.salesforce.people import CompanyReader, PersonReader
from connectors.salesforce.pull import Walk
from tests.unit.connectors.salesforce.stand_ins import Answer, Asked, MovableClock, World

STAMP = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
FIELDS = ("Id", "SystemModstamp", "IsDeleted", "Email", "Title", "MasterRecordId")


class Leads:
    """Describes Lead and hands out scripted pages, one per query, remembering the queries; a count is that of the rest."""

    def __init__(self, *pages: Iterable[Mapping[str, Any]], fields: tuple[str, ...] = FIELDS) -> None:
        self.pages = [list(page) for page in pages]
        self.fields = fields
        self.queries: list[str] = []
        self.done = True

    def __call__(self, asked: Asked) -> Answer:
        if asked.path.endswith("/describe"):
            fields = [{"name": name, "type": "datetime" if "Modstamp" in name else "string"} for name in self.fields]
            return Answer({"name": "Lead", "fields": fields})
        if "COUNT()" in asked.query["q"]:
            return Answer({"totalSize": sum(len(page) for page in self.pages), "done": True, "records": []})
        self.queries.append(f"{asked.path.rpartition('/v67.0/')[2]} {asked.query['q']}")
        rows = self.pages.pop(0) if self.pages else []
        return Answer({"totalSize": len(rows), "done": self.done, "records": rows})


def row(number: int, minutes: int = 0, **more: Any) -> dict[str, Any]:
    stamp = (STAMP + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return {"Id": f"00Q{number:015d}", "SystemModstamp": stamp, **more}


def walk(world: World) -> Walk:
    return Walk(world.org, [PersonReader(world.org, "Lead")], Overlap())


def ids(pages: Iterable[Page]) -> Iterator[str]:
    return (record.ref.id for page in pages for record in page.records)


def test_a_first_walk_reads_everything_up_to_its_start(world: World) -> None:
    leads = Leads([row(1), row(2)], [row(3)])
    world.scripted.script = leads
    pages = list(walk(world).pages(None))
    assert len(list(ids(pages))) == 3
    assert leads.queries[0] == (
        "query/ SELECT Id, SystemModstamp, Email, Title FROM Lead "
        "WHERE SystemModstamp < 2026-11-22T08:00:00.000Z ORDER BY SystemModstamp, Id LIMIT 2"
    )
    assert "SystemModstamp = 2026-11-20T10:00:00.000Z AND Id > '00Q000000000000002'" in leads.queries[1]
    assert cursors.read(pages[-1].cursor).watermark == world.clock.at


def test_the_end_of_a_window_is_frozen_in_every_cursor(world: World, clock: MovableClock) -> None:
    leads = Leads([row(1), row(2)], [row(3), row(4)], [])
    world.scripted.script = leads
    started_at = clock()
    pages = walk(world).pages(None)
    first = next(pages)
    clock.advance(hours=1)
    list(walk(world).pages(first.cursor))
    assert all("SystemModstamp < 2026-11-22T08:00:00.000Z" in query for query in leads.queries)
    assert cursors.read(first.cursor).until == started_at


def test_a_page_that_the_server_shrinks_is_not_taken_for_the_last(world: World) -> None:
    leads = Leads([row(1)], [row(2)])
    leads.done = False
    world.scripted.script = leads
    pages = walk(world).pages(None)
    next(pages)
    leads.done = True
    assert list(ids(pages)) == [row(2)["Id"]]
    assert "Id > '00Q000000000000001'" in leads.queries[1]


def test_the_next_window_reaches_back_over_the_watermark_and_looks_for_deletions(world: World, clock: MovableClock) -> None:
    leads = Leads([row(1)])
    world.scripted.script = leads
    (first,) = walk(world).pages(None)
    clock.advance(hours=1)
    leads.pages = [[row(1, 1)], [row(9, 2, MasterRecordId="00Q000000000000001")]]
    pages = list(walk(world).pages(first.cursor))
    changed, removed = leads.queries[1:]
    assert changed.startswith("query/ ")
    assert "SystemModstamp >= 2026-11-22T07:50:00.000Z AND SystemModstamp < 2026-11-22T09:00:00.000Z" in changed
    assert removed.startswith("queryAll/ ")
    assert "IsDeleted = true AND SystemModstamp >= 2026-11-22T07:50:00.000Z" in removed
    assert [type(record) for page in pages for record in page.records] == [PersonRecord, Removed]


def test_a_merged_lead_names_the_one_it_went_into(world: World, clock: MovableClock) -> None:
    leads = Leads([])
    world.scripted.script = leads
    (first,) = walk(world).pages(None)
    leads.pages = [[], [row(9, MasterRecordId="00Q000000000000001"), row(10)]]
    merged, archived = [record for page in walk(world).pages(first.cursor) for record in page.records]
    assert merged == Removed(
        ref=Ref("Lead", row(9)["Id"]), at=STAMP, reason="merged", into=Ref("Lead", "00Q000000000000001")
    )
    assert isinstance(archived, Removed)
    assert (archived.reason, archived.into) == ("archived", None)


def test_a_quiet_window_is_one_empty_page_that_moves_the_watermark(world: World, clock: MovableClock) -> None:
    world.scripted.script = Leads([row(1)])
    (first,) = walk(world).pages(None)
    clock.advance(minutes=5)
    (page,) = walk(world).pages(first.cursor)
    assert page.records == ()
    assert cursors.read(page.cursor).watermark == clock()


def test_a_walk_goes_on_at_every_page_in_a_fresh_process(world: World) -> None:
    everything = [row(number, number // 3) for number in range(7)]

    def script(asked: Asked) -> Answer:
        if asked.path.endswith("/describe"):
            return Leads()(asked)
        query = asked.query["q"]
        if "COUNT()" in query:
            return Answer({"totalSize": len(everything), "done": True, "records": []})
        _, found, last = query.partition("Id > '")
        rows = [item for item in everything if not found or item["Id"] > last[:18]][:2]
        return Answer({"totalSize": len(rows), "done": True, "records": rows})

    world.scripted.script = script
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(4):
        page = next(walk(world).pages(cursor))
        seen.extend(ids([page]))
        cursor = page.cursor
    assert seen == [item["Id"] for item in everything]
    assert cursors.read(cursor).place is None


def test_a_clock_that_runs_back_does_not_move_the_watermark_back(world: World, clock: MovableClock) -> None:
    world.scripted.script = Leads([])
    (first,) = walk(world).pages(None)
    clock.advance(hours=-2)
    (page,) = walk(world).pages(first.cursor)
    assert cursors.read(page.cursor).watermark == cursors.read(first.cursor).watermark


def test_a_newly_readable_field_is_filled_for_old_records_too(world: World, clock: MovableClock) -> None:
    leads = Leads([])
    world.scripted.script = leads
    (first,) = walk(world).pages(None)
    leads.fields = (*FIELDS, "Phone")
    clock.advance(days=1)
    list(walk(world).pages(first.cursor))
    assert "Phone" in leads.queries[1]
    assert "SystemModstamp >=" not in leads.queries[1]


def test_an_account_field_that_becomes_readable_is_filled_too(world: World, clock: MovableClock) -> None:
    accounts = Leads([])
    world.scripted.script = accounts
    walk = Walk(world.org, [CompanyReader(world.org)], Overlap())
    (first,) = walk.pages(None)
    accounts.fields = (*FIELDS, "Website")
    clock.advance(days=1)
    list(walk.pages(first.cursor))
    assert "SystemModstamp >=" not in accounts.queries[1]


def test_our_own_fields_appearing_start_no_second_reading(world: World, clock: MovableClock) -> None:
    leads = Leads([])
    world.scripted.script = leads
    (first,) = walk(world).pages(None)
    leads.fields = (*FIELDS, "Leadline_Score__c")
    clock.advance(days=1)
    list(walk(world).pages(first.cursor))
    assert "Leadline_Score__c" in leads.queries[1]
    assert "SystemModstamp >=" in leads.queries[1]


def test_rows_out_of_order_stop_the_stream(world: World) -> None:
    world.scripted.script = Leads([row(1, 5), row(2, 1)])
    with pytest.raises(ContractBroken):
        list(walk(world).pages(None))


def test_a_server_that_repeats_its_page_stops_the_stream(world: World) -> None:
    world.scripted.script = Leads([row(1), row(2)], [row(1), row(2)])
    with pytest.raises(ContractBroken):
        list(walk(world).pages(None))


def refusing_column(asked: Asked) -> Answer:
    if asked.path.endswith("/describe"):
        return Leads()(asked)
    return Answer([{"message": "No such column 'Title' on entity 'Lead'", "errorCode": "INVALID_FIELD"}], status=400)


def test_a_field_lost_since_the_describe_is_looked_up_anew(world: World, clock: MovableClock) -> None:
    world.scripted.script = Leads([])
    list(walk(world).pages(None))
    clock.advance(minutes=1)
    world.scripted.script = refusing_column
    with pytest.raises(RetryLater):
        list(walk(world).pages(None))
    with pytest.raises(Misconfigured, match=r"Lead\.Title"):
        list(walk(world).pages(None))


def test_describes_are_asked_for_once_a_day(world: World, clock: MovableClock) -> None:
    world.scripted.script = Leads()
    for _ in range(3):
        list(walk(world).pages(None))
    assert sum(path.endswith("describe") for path in world.scripted.paths()) == 1
    clock.advance(days=1)
    list(walk(world).pages(None))
    assert sum(path.endswith("describe") for path in world.scripted.paths()) == 2


def test_an_object_that_must_be_there_is_named_when_it_is_not(world: World) -> None:
    world.scripted.script = lambda _: Answer([{"message": "x", "errorCode": "NOT_FOUND"}], status=404)
    with pytest.raises(Misconfigured, match="Lead"):
        list(walk(world).pages(None))
