"""The connector against a running twin, filled with a market: real paging, real properties, whole answers."""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import chain

import httpx
import pytest

from connectors.budget import Budget
from connectors.contract import Call, Context, Rejected, Update, Written
from connectors.fields import FieldKind, FieldSpec
from connectors.hubspot.connector import HubSpotConnector
from connectors.hubspot.cursor import decode
from connectors.hubspot.settings import HubSpotSettings
from connectors.records import DealRecord, EngagementRecord, PersonRecord, Record, Ref, Removed, Scalar, Stream
from connectors.stages import CRM_STAGE
from connectors.tasks import Opened, TaskDraft
from tests.contracts.watch import Watch

PEOPLE = 300
BANT = {
    "budget": "budget_amount",
    "budget_status": "budget_status",
    "purchase_timeframe": "purchase_timeframe",
    "target_date": "target_go_live",
    "pain_point": "pain_point",
}
FIELDS = [
    FieldSpec("score", "Lead score", "0 to 100", FieldKind.INTEGER),
    FieldSpec("grade", "Grade", "Fit and engagement", FieldKind.CHOICE, options=(("A1", "A1"), ("B2", "B2"))),
    FieldSpec("reasons", "Reasons", "Why this score", FieldKind.LONG_TEXT),
    FieldSpec("scored_at", "Scored at", "When it was scored", FieldKind.DATETIME),
]


ACCOUNT_SCORE = {
    "name": "account_score",
    "label": "Account score",
    "type": "number",
    "fieldType": "number",
    "groupName": "companyinformation",
}


class Twin:
    """A running twin. Its clients share the account's budget, as an engine makes them."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token
        self._other = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"})
        settings = HubSpotSettings(token="env:TWIN_TOKEN", host=url)
        self._budget = Budget(HubSpotConnector.limits(settings), now=now, sleep=time.sleep)

    def connector(self, calls: list[Call], later: timedelta = timedelta(0), **more: object) -> HubSpotConnector:
        settings = HubSpotSettings.model_validate(
            {"token": "env:TWIN_TOKEN", "host": self.url, "map": {"person": BANT}, **more}
        )
        return HubSpotConnector(settings, Context("hubspot", lambda: now() + later, self._budget, calls.append))

    def total(self, object_name: str) -> int:
        """What the twin itself says, asked by another client."""
        with self._budget.call("search"):
            answer = self._other.post(f"/crm/v3/objects/{object_name}/search", json={"filterGroups": [], "limit": 1})
        return int(answer.json()["total"])

    def create(self, path: str, body: Mapping[str, object]) -> None:
        self._other.post(path, json=body).raise_for_status()

    def shown(self, ref: Ref, name: str) -> str | None:
        answer = self._other.get(f"/crm/v3/objects/{ref.object}/{ref.id}", params={"properties": name})
        value: str | None = answer.json()["properties"][name]
        return value

    def archive(self, ref: Ref) -> None:
        self._other.delete(f"/crm/v3/objects/{ref.object}/{ref.id}").raise_for_status()

    def close(self) -> None:
        self._other.close()


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    watch = Watch(tmp_path_factory.mktemp("twin"))
    command = watch.command("--port", "0", "--people", str(PEOPLE))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            ready = json.loads(process.stdout.readline())
            with closing(Twin(ready["url"], ready["token"])) as twin:
                yield twin
        finally:
            process.terminate()
    watch.settle()


@pytest.fixture
def calls() -> list[Call]:
    return []


@pytest.fixture
def connector(twin: Twin, calls: list[Call], monkeypatch: pytest.MonkeyPatch) -> Iterator[HubSpotConnector]:
    monkeypatch.setenv("TWIN_TOKEN", twin.token)
    connector = twin.connector(calls)
    yield connector
    connector.close()


def records(connector: HubSpotConnector, stream: Stream, cursor: str | None = None) -> tuple[list[Record], str]:
    pages = list(connector.pull(stream, cursor))
    return list(chain.from_iterable(page.records for page in pages)), pages[-1].cursor


def test_the_account_is_ready(connector: HubSpotConnector) -> None:
    assert connector.check() == ()


@pytest.mark.parametrize("stream", [Stream.CONTACTS, Stream.COMPANIES, Stream.DEALS])
def test_a_whole_walk_finds_every_record_once_in_a_call_a_hundred(
    connector: HubSpotConnector, twin: Twin, calls: list[Call], stream: Stream
) -> None:
    found, _ = records(connector, stream)
    refs = [record.ref for record in found]
    assert len(refs) == len(set(refs)) == twin.total(stream.value)
    assert len(calls) == 1 + -(-len(refs) // 100)
    assert connector.count(stream) == len(refs)


def test_the_market_arrives_under_neutral_names(connector: HubSpotConnector) -> None:
    people = [one for one in records(connector, Stream.CONTACTS)[0] if isinstance(one, PersonRecord)]
    deals = [one for one in records(connector, Stream.DEALS)[0] if isinstance(one, DealRecord)]
    known = set().union(*(person.fields for person in people))
    assert {"title", "country", "lifecycle", *BANT} <= known
    statuses = {person.fields["budget_status"] for person in people if "budget_status" in person.fields}
    assert statuses <= {"none", "frozen", "planned", "approved"}
    types = {rollup.event_type for person in people for rollup in person.rollups}
    assert {"email_open", "email_click", "page_view"} <= types
    assert any(deal.won for deal in deals)
    assert any(deal.open for deal in deals)
    contacts = {person.ref for person in people}
    assert {role.person for deal in deals for role in deal.people} <= contacts


def test_engagements_name_their_people(connector: HubSpotConnector) -> None:
    found, _ = records(connector, Stream.ENGAGEMENTS)
    assert {"call", "meeting", "email_reply"} <= {one.type for one in found if isinstance(one, EngagementRecord)}
    assert all(one.people for one in found if isinstance(one, EngagementRecord))


def test_killed_after_any_page_a_pull_goes_on_without_a_gap(connector: HubSpotConnector, twin: Twin) -> None:
    for stream in (Stream.CONTACTS, Stream.ENGAGEMENTS):
        whole, _ = records(connector, stream)
        seen: list[Record] = []
        cursor: str | None = None
        while cursor is None or decode(cursor).place is not None:
            page = next(twin.connector([]).pull(stream, cursor))
            seen += page.records
            cursor = page.cursor
        assert {one.ref for one in seen} == {one.ref for one in whole}


def test_both_path_families_read_the_same(connector: HubSpotConnector, twin: Twin) -> None:
    older = twin.connector([], api_version="v3")
    for stream in Stream:
        assert records(connector, stream)[0] == records(older, stream)[0]


def test_what_was_written_is_read_back_by_the_next_pull_and_by_id(connector: HubSpotConnector, twin: Twin) -> None:
    connector.apply_fields(FIELDS)
    assert connector.plan_fields(FIELDS) == ()
    people, cursor = records(connector, Stream.CONTACTS)
    some = [person.ref for person in people[:250]]
    values: dict[str, Scalar] = {"score": 71, "grade": "A1", "reasons": "Pricing page", "scored_at": "2026-11-21T10:00:00Z"}
    for start in range(0, len(some), 100):
        batch = [Update(ref, dict(values)) for ref in some[start : start + 100]]
        assert connector.write(batch) == tuple(Written(update.ref) for update in batch)
    assert all(isinstance(one, PersonRecord) and one.ours == values for one in connector.fetch(some))
    changed = eventually(connector, cursor, some)
    assert all(changed[ref].ours == values for ref in some)
    before = {person.ref: person for person in people if isinstance(person, PersonRecord)}
    assert all(changed[ref].fields == before[ref].fields for ref in some)


def eventually(connector: HubSpotConnector, cursor: str, refs: list[Ref]) -> dict[Ref, PersonRecord]:
    """The changed people, as soon as search knows of them all: its index lags."""
    for _ in range(50):
        found = [one for one in records(connector, Stream.CONTACTS, cursor)[0] if isinstance(one, PersonRecord)]
        if {one.ref for one in found} >= set(refs):
            return {one.ref: one for one in found}
        time.sleep(0.2)
    raise AssertionError("the changes never became searchable")


def test_a_task_is_opened_found_and_completed(connector: HubSpotConnector) -> None:
    (person, *_), _ = records(connector, Stream.CONTACTS)
    opened = connector.open_task(TaskDraft("p1.sql.1", person.ref, "Call today", "Why now: pricing", now(), "high"))
    assert isinstance(opened, Opened)
    (task,) = [task for task in connector.find_tasks(person.ref) if task.key == "p1.sql.1"]
    assert (task.ref, task.subject, task.body, task.open) == (opened.task, "Call today", "Why now: pricing", True)
    connector.close_task(opened.task, "Left the stage")
    (task,) = [task for task in connector.find_tasks(person.ref) if task.key == "p1.sql.1"]
    assert (task.open, task.body) == (False, "Why now: pricing\n\nLeft the stage")
    activities, _ = records(connector, Stream.ENGAGEMENTS)
    assert opened.task not in {one.ref for one in activities}


def test_an_archived_contact_is_reported_removed_within_minutes(connector: HubSpotConnector, twin: Twin) -> None:
    people, cursor = records(connector, Stream.CONTACTS)
    twin.archive(people[-1].ref)
    changes, _ = records(twin.connector([], later=timedelta(minutes=11)), Stream.CONTACTS, cursor)
    assert [one.reason for one in changes if isinstance(one, Removed) and one.ref == people[-1].ref] == ["archived"]


def test_a_quiet_minute_takes_one_search_an_object(connector: HubSpotConnector, calls: list[Call]) -> None:
    cursors = {stream: records(connector, stream)[1] for stream in Stream}
    calls.clear()
    for stream in Stream:
        assert list(connector.pull(stream, cursors[stream])) or stream is Stream.OWNERS
    assert Counter(call.endpoint.rpartition("/")[2] for call in calls) == {"search": 8}


def test_a_companys_score_is_seen_on_the_company(twin: Twin, calls: list[Call], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWIN_TOKEN", twin.token)
    twin.create("/crm/v3/properties/companies", ACCOUNT_SCORE)
    with closing(
        twin.connector(calls, company_score={"score": "account_score", "roles_missing": "never_made"})
    ) as connector:
        (finding,) = connector.check()
        assert "company_score.roles_missing" in finding.what
        company = records(connector, Stream.COMPANIES)[0][0].ref
        assert connector.write([Update(company, {"score": 61})]) == (Written(company),)
        assert twin.shown(company, "account_score") == "61"
        (refused,) = connector.write([Update(company, {"roles_missing": "champion"})])
        assert isinstance(refused, Rejected)
        assert refused.code == "PROPERTY_DOESNT_EXIST"


def test_a_lifecycle_stage_is_seen_on_the_contact_and_never_goes_back(
    twin: Twin, calls: list[Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWIN_TOKEN", twin.token)
    stages = {"mql": "Customer", "sql": "salesqualifiedlead", "lost": "nobody"}
    with closing(twin.connector(calls, lifecycle_stage=stages)) as connector:
        unknown = [(one.what.partition(":")[0], one.fix) for one in connector.check()]
        assert [name for name, _ in unknown] == ["lifecycle_stage.mql", "lifecycle_stage.lost"]
        assert unknown[0][1] == "Write customer, its internal name"
        person = next(one for one in records(connector, Stream.CONTACTS)[0] if isinstance(one, PersonRecord)).ref
        for value in ("customer", "salesqualifiedlead"):
            assert connector.write([Update(person, {CRM_STAGE: value})]) == (Written(person),)
            assert twin.shown(person, "lifecyclestage") == "customer"
        (refused,) = connector.write([Update(person, {CRM_STAGE: "nobody"})])
        assert isinstance(refused, Rejected)
        assert refused.code == "INVALID_OPTION"
