"""Large readings are left to a Bulk job; whatever becomes of it, nothing is lost and REST can take over."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Page
from connectors.errors import ContractBroken, RetryLater
from connectors.salesforce import cursor as cursors
from connectors.salesforce.bulk import GIVEN_UP_AFTER, csv_rows
from connectors.salesforce.overlap import Overlap
from connectors.salesforce.people import PersonReader
from connectors.salesforce.pull import Walk
from connectors.salesforce.schema import Field, Schema
from tests.unit.connectors.salesforce.stand_ins import SECRET, Answer, Asked, MovableClock, World, scripted_world

STAMP = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
JOB = "750x00000000001AAA"
COLUMNS = ("Id", "SystemModstamp", "Email", "Title")
REFUSED = Answer([{"message": "no", "errorCode": "INVALIDENTITY"}], status=400)
FORGOTTEN = Answer([{"message": "gone", "errorCode": "NOT_FOUND"}], status=404)
OTHER_VERSION = Answer([{"message": "other version", "errorCode": "API_VERSION_MISMATCH"}], status=409)


def lead(number: int) -> dict[str, str]:
    stamp = (STAMP + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%S.000")
    return {"Id": f"00Q{number:015d}", "SystemModstamp": stamp, "Email": f"p{number}@acme.example", "Title": "VP"}


class Crowd:
    """Seven leads. REST gives two to a page, in order; a job gives the rest, two to a page, the last first."""

    def __init__(self) -> None:
        self.rows = [lead(number) for number in range(7)]
        self.state = "JobComplete"
        self.columns = COLUMNS
        self.creation: Answer | None = None
        self.results: Answer | None = None
        self.asked: list[str] = []
        self.jobs: list[dict[str, Any]] = []

    def __call__(self, asked: Asked) -> Answer:
        path = asked.path.rpartition("/v67.0/")[2]
        if path.endswith("/describe"):
            fields = [{"name": name, "type": "datetime" if "Modstamp" in name else "string"} for name in COLUMNS]
            return Answer({"name": "Lead", "fields": fields})
        self.asked.append(f"{asked.method} {path}")
        match asked.method, path:
            case "POST", "jobs/query":
                self.jobs.append(asked.json)
                return self.creation or Answer({"id": JOB, "state": "UploadComplete"})
            case "GET", "jobs/query/750x00000000001AAA":
                return Answer({"id": JOB, "state": self.state})
            case "GET", "jobs/query/750x00000000001AAA/results":
                return self.results or self._results(int(asked.query.get("locator", "0")))
        return self._page(asked.query["q"])

    def _page(self, query: str) -> Answer:
        _, found, last = query.partition("Id > '")
        left = [row for row in self.rows if not found or row["Id"] > last[:18]]
        if "COUNT()" in query:
            return Answer({"totalSize": len(left), "done": True, "records": []})
        shown = [{**row, "SystemModstamp": f"{row['SystemModstamp']}+0000"} for row in left[:2]]
        return Answer({"totalSize": len(shown), "done": True, "records": shown})

    def _results(self, start: int) -> Answer:
        rows = self.rows[:1:-1][start : start + 2]
        lines = [",".join(f'"{name}"' for name in self.columns)]
        lines += [f'"{row["Id"]}","{row["SystemModstamp"]}Z","{row["Email"]}","{row["Title"]}"' for row in rows]
        following = "null" if start + 2 >= 5 else str(start + 2)
        headers = {"Sforce-Locator": following, "Sforce-NumberOfRecords": str(len(rows))}
        return Answer("\n".join([*lines, ""]).encode(), headers=headers)


@pytest.fixture
def world(clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SF_SECRET", SECRET)
    return scripted_world(clock, bulk_above=4)


@pytest.fixture
def crowd(world: World) -> Crowd:
    found = Crowd()
    world.scripted.script = found
    return found


def pull(world: World, cursor: str | None = None) -> Iterator[Page]:
    """As a process does that has only just begun."""
    return Walk(world.org, [PersonReader(world.org, "Lead")], Overlap()).pages(cursor)


def ids(pages: list[Page]) -> list[str]:
    return [record.ref.id for page in pages for record in page.records]


def everybody(crowd: Crowd) -> list[str]:
    return [row["Id"] for row in crowd.rows]


def test_after_a_full_page_the_many_that_are_left_come_from_a_job(world: World, crowd: Crowd) -> None:
    pages = list(pull(world))
    assert sorted(ids(pages)) == everybody(crowd)
    assert len(ids(pages)) == len(crowd.rows)
    assert crowd.jobs[0]["operation"] == "query"
    assert "ORDER BY" not in crowd.jobs[0]["query"]
    assert "LIMIT" not in crowd.jobs[0]["query"]
    assert crowd.asked.count("GET query/") == 2  # the page and the count
    assert cursors.read(pages[-1].cursor).watermark == world.clock.at


def test_few_that_are_left_come_over_rest(world: World, crowd: Crowd) -> None:
    crowd.rows = crowd.rows[:6]
    assert ids(list(pull(world))) == everybody(crowd)
    assert crowd.jobs == []
    assert crowd.asked.count("GET query/") == 5  # four pages and one count


def test_a_reading_that_fits_on_a_page_asks_nothing_else(world: World, crowd: Crowd) -> None:
    crowd.rows = crowd.rows[:1]
    assert ids(list(pull(world))) == everybody(crowd)
    assert crowd.asked == ["GET query/"]


def test_a_job_under_way_is_asked_after_at_growing_intervals(world: World, crowd: Crowd, clock: MovableClock) -> None:
    crowd.state = "InProgress"
    pages = pull(world)
    cursor = next(pages).cursor
    waits: list[float] = []
    for _ in range(8):
        with pytest.raises(RetryLater, match="Lead") as caught:
            next(pull(world, cursor))
        assert caught.value.at is not None
        waits.append((caught.value.at - clock()).total_seconds())
        clock.advance(seconds=waits[-1])
    assert waits == [2, 2, 4, 8, 16, 32, 60, 60]
    crowd.state = "JobComplete"
    assert sorted(ids(list(pull(world, cursor)))) == everybody(crowd)[2:]
    assert len(crowd.jobs) == 1


def test_results_are_read_on_at_every_page_by_a_fresh_process(world: World, crowd: Crowd) -> None:
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(4):
        page = next(pull(world, cursor))
        seen += ids([page])
        cursor = page.cursor
    assert sorted(seen) == everybody(crowd)
    assert cursors.read(cursor).place is None
    assert len(crowd.jobs) == 1


def failed(crowd: Crowd) -> None:
    crowd.state = "Failed"


def aborted(crowd: Crowd) -> None:
    crowd.state = "Aborted"


def not_a_bulk_object(crowd: Crowd) -> None:
    crowd.creation = REFUSED


def forgotten(crowd: Crowd) -> None:
    crowd.results = FORGOTTEN


def of_another_version(crowd: Crowd) -> None:
    crowd.results = OTHER_VERSION


def with_other_columns(crowd: Crowd) -> None:
    crowd.columns = ("Id", "SystemModstamp", "Email", "Phone")


@pytest.mark.parametrize("trouble", [failed, aborted, not_a_bulk_object, forgotten, of_another_version, with_other_columns])
def test_where_a_job_comes_to_nothing_rest_takes_over(world: World, crowd: Crowd, trouble: Callable[[Crowd], None]) -> None:
    trouble(crowd)
    assert ids(list(pull(world))) == everybody(crowd)
    assert len(crowd.jobs) == 1


def test_rest_goes_on_for_the_whole_step_also_in_a_fresh_process(world: World, crowd: Crowd) -> None:
    crowd.state = "Failed"
    pages = [next(pull(world))]
    while cursors.read(pages[-1].cursor).place:
        pages.append(next(pull(world, pages[-1].cursor)))
    assert ids(pages) == everybody(crowd)
    assert len(crowd.jobs) == 1


def test_a_job_that_waits_for_too_long_is_given_up(world: World, crowd: Crowd, clock: MovableClock) -> None:
    crowd.state = "UploadComplete"
    cursor = next(pull(world)).cursor
    clock.advance(seconds=GIVEN_UP_AFTER.total_seconds())
    assert ids(list(pull(world, cursor))) == everybody(crowd)[2:]


@pytest.mark.parametrize("cut", range(1, 130, 7))
def test_an_answer_that_is_cut_off_anywhere_is_asked_for_again(world: World, crowd: Crowd, cut: int) -> None:
    cursor = next(pull(world)).cursor
    whole = crowd._results(0)
    crowd.results = Answer(whole.body[:-cut], headers=whole.headers)
    if cut == 1:  # only the last line's end is missing
        assert len(ids([next(pull(world, cursor))])) == 2
    else:
        with pytest.raises(RetryLater):
            next(pull(world, cursor))
    crowd.results = None
    assert sorted(ids(list(pull(world, cursor)))) == everybody(crowd)[2:]


def schema(**types: str) -> Schema:
    return Schema("Lead", tuple(Field(name, kind) for name, kind in types.items()), STAMP)


def test_cells_become_what_rest_would_send() -> None:
    lead = schema(Id="id", Big="currency", Count="int", Flag="boolean", Text="string")
    columns = ("Id", "Big", "Count", "Flag", "Text", "Campaign.Name")
    content = (
        '"Id","Big","Count","Flag","Text","Campaign.Name"\n'
        '"1","1.0E7","240","true","a ""quoted"", word\nand\r\nlines\x00","Spring, 1"\n'
        '"2","","","false","",""\n'
    )
    assert list(csv_rows(content.encode(), lead, columns)) == [
        {
            "Id": "1",
            "Big": 10_000_000.0,
            "Count": 240,
            "Flag": True,
            "Text": 'a "quoted", word\nand\r\nlines',
            "Campaign": {"Name": "Spring, 1"},
        },
        {"Id": "2", "Big": None, "Count": None, "Flag": False, "Text": None, "Campaign": {"Name": None}},
    ]


def test_a_huge_cell_is_read() -> None:
    text = "long " * 200_000
    (row,) = csv_rows(f'"Id","Text"\n"1","{text}"\n'.encode(), schema(Id="id", Text="textarea"), ("Id", "Text"))
    assert row["Text"] == text


def test_other_columns_break_the_contract_and_other_widths_the_text() -> None:
    with pytest.raises(ContractBroken):
        list(csv_rows(b'"Id","Name"\n', schema(Id="id"), ("Id", "Title")))
    with pytest.raises(csv.Error):
        list(csv_rows(b'"Id","Title"\n"1"\n', schema(Id="id"), ("Id", "Title")))
