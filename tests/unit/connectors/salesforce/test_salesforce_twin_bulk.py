"""What comes by Bulk jobs is what comes over REST: rows, deletions, censuses."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import chain

import pytest

from connectors.contract import Call, Page, Sighted
from connectors.errors import RetryLater
from connectors.records import PersonRecord, Record, Ref, Removed, Stream
from connectors.salesforce.connector import SalesforceConnector
from tests.unit.connectors.salesforce.stand_ins import Control, Twin, connector_for, running_twin, settings_for

MANY = {"bulk_above": 0, "page_size": 2, "bulk_page_size": 70}
"""With these the first rows of a step come over REST and all others from a job."""

NASTY = 'VP "Sales", EMEA\n\n;\\ – the 2nd’s\r\n=1+1, 北京'


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    options = ("--people", "40", "--bulk-seconds", "0.01")
    with running_twin(tmp_path_factory.mktemp("salesforce-bulk"), *options) as found:
        yield found


@pytest.fixture
def calls() -> list[Call]:
    return []


@pytest.fixture
def bulk(twin: Twin, monkeypatch: pytest.MonkeyPatch, calls: list[Call]) -> Iterator[SalesforceConnector]:
    found = connector_for(settings_for(twin, monkeypatch, **MANY), calls)
    yield found
    found.close()


@pytest.fixture
def rest(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> Iterator[SalesforceConnector]:
    found = connector_for(settings_for(twin, monkeypatch, bulk_above=1_000_000))
    yield found
    found.close()


def pulled(connector: SalesforceConnector, stream: Stream, cursor: str | None = None) -> list[Page]:
    """A whole pull; a job under way is waited for."""
    pages: list[Page] = []
    while True:
        try:
            for page in connector.pull(stream, cursor):
                pages.append(page)
                cursor = page.cursor
        except RetryLater:
            time.sleep(0.02)
        else:
            return pages


def counted(connector: SalesforceConnector, stream: Stream) -> list[Sighted]:
    """A whole census; a job under way is waited for."""
    parts: list[Sighted] = []
    while True:
        try:
            parts.extend(connector.census(stream, parts[-1].cursor if parts else None))
        except RetryLater:
            time.sleep(0.02)
        else:
            return parts


def records(pages: list[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def jobs(calls: list[Call]) -> int:
    return sum(call.endpoint == "POST /jobs/query" for call in calls)


@pytest.mark.parametrize("stream", list(Stream))
def test_both_ways_bring_equal_records(
    bulk: SalesforceConnector, rest: SalesforceConnector, stream: Stream, calls: list[Call]
) -> None:
    Control(rest).create("Lead", {"LastName": "Nasty", "Company": 'Acme, "Inc"\nNorth', "Title": NASTY})
    over_rest, by_jobs = records(pulled(rest, stream)), records(pulled(bulk, stream))
    assert len(by_jobs) == len(over_rest)
    assert {record.ref: record for record in by_jobs} == {record.ref: record for record in over_rest}
    assert jobs(calls) > 0


def test_a_title_with_line_breaks_quotes_and_commas_survives(bulk: SalesforceConnector) -> None:
    org = Control(bulk)
    lead = org.create("Lead", {"LastName": "Nasty", "Company": "Acme", "Title": NASTY})
    (found,) = [record for record in records(pulled(bulk, Stream.CONTACTS)) if record.ref.id == lead]
    assert isinstance(found, PersonRecord)
    assert found.fields["title"] == NASTY


def test_deletions_come_by_jobs_that_see_deleted_rows(bulk: SalesforceConnector, calls: list[Call]) -> None:
    pages = pulled(bulk, Stream.CONTACTS)
    org = Control(bulk)
    doomed = {org.create("Lead", {"LastName": f"Doomed {number}", "Company": "Acme"}) for number in range(6)}
    for lead in doomed:
        org.delete("Lead", lead)
    calls.clear()
    found = records(pulled(bulk, Stream.CONTACTS, pages[-1].cursor))
    assert {record.ref.id for record in found if isinstance(record, Removed)} >= doomed
    assert jobs(calls) > 0


@pytest.mark.parametrize("stream", sorted(SalesforceConnector.capabilities.audited))
def test_a_census_by_jobs_is_one_by_pages_and_what_a_pull_brings(
    bulk: SalesforceConnector, rest: SalesforceConnector, stream: Stream, calls: list[Call]
) -> None:
    by_jobs, over_rest = (set(chain.from_iterable(part.sightings for part in counted(one, stream))) for one in (bulk, rest))
    assert by_jobs == over_rest
    assert {sighting.ref for sighting in over_rest} == {record.ref for record in records(pulled(rest, stream))}
    assert jobs(calls) > 0


def test_a_census_by_a_job_that_is_lost_begins_anew_by_pages(bulk: SalesforceConnector) -> None:
    parts = iter(bulk.census(Stream.COMPANIES))
    begun = next(parts)
    assert begun.sightings == ()
    lost = begun.cursor.replace("750", "751", 1)
    seen = {sighting.ref for part in bulk.census(Stream.COMPANIES, lost) for sighting in part.sightings}
    assert len(seen) == bulk.count(Stream.COMPANIES)


def test_what_a_reader_does_not_bring_any_more_is_taken_back_and_what_is_live_is_not_lost(
    rest: SalesforceConnector,
) -> None:
    members = [record.ref for record in records(pulled(rest, Stream.ENGAGEMENTS)) if record.ref.object == "CampaignMember"]
    taken_back, live = members[:2]
    Control(rest).update("CampaignMember", taken_back.id, {"Status": "Sent"})
    assert {(lost.ref, lost.reason) for lost in rest.whereabouts([taken_back, live])} == {(taken_back, "archived")}
    assert rest.fetch([taken_back]) == ()
    (fetched,) = rest.fetch([live])
    assert fetched.ref == live


def test_a_person_of_whom_nothing_is_left_was_erased(rest: SalesforceConnector) -> None:
    nobody = Ref("Lead", "00Q8dzzzzzzzzzzAAA")
    (lost,) = rest.whereabouts([nobody])
    assert (lost.ref, lost.reason, lost.into) == (nobody, "privacy", None)
