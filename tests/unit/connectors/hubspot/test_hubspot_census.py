"""What a nightly audit asks: who is there, what became of the others, and their records by id."""

from datetime import timedelta
from itertools import chain

import pytest

from connectors.contract import Connector
from connectors.errors import Misconfigured, RetryLater
from connectors.hubspot.connector import HubSpotConnector
from connectors.hubspot.settings import HubSpotSettings
from connectors.records import DealRecord, Ref, Removed, Stream
from connectors.tasks import Opened, TaskDraft
from tests.unit.connectors.hubspot.conftest import NOW, Desk
from tests.unit.connectors.hubspot.scripted import Asked, Script
from tests.unit.connectors.hubspot.shapes import batch, item_error, listing, refusal, row
from tests.unit.sandbox.twin_client import HubSpotBench

HAPPENED = "2026-11-20T09:00:00Z"
MINUTE = timedelta(minutes=1)


def contact(account: HubSpotBench, name: str = "ana") -> Ref:
    return Ref("contacts", account.create("contacts", email=f"{name}@acme.example"))


def log(account: HubSpotBench, kind: str, about: Ref, **properties: str) -> Ref:
    """An activity with this contact."""
    return link(account, Ref(kind, account.create(kind, hs_timestamp=HAPPENED, **properties)), about)


def link(account: HubSpotBench, made: Ref, about: Ref) -> Ref:
    path = f"/crm/objects/2026-03/{made.object}/{made.id}/associations/default/{about.object}/{about.id}"
    assert account.http.put(path).status_code == 200
    return made


def archive(account: HubSpotBench, ref: Ref) -> None:
    assert account.http.delete(f"/crm/objects/2026-03/{ref.object}/{ref.id}").status_code == 204


def merge(account: HubSpotBench, primary: Ref, other: Ref) -> Ref:
    body = {"primaryObjectId": primary.id, "objectIdToMerge": other.id}
    return Ref(primary.object, account.post(f"{primary.object}/merge", body).json()["id"])


def erase(account: HubSpotBench, ref: Ref) -> None:
    assert account.post(f"{ref.object}/gdpr-delete", {"objectId": ref.id}).status_code == 204


def seen(connector: Connector[HubSpotSettings], stream: Stream, cursor: str | None = None) -> list[Ref]:
    parts = connector.census(stream, cursor)
    return [one.ref for one in chain.from_iterable(part.sightings for part in parts)]


def told(connector: HubSpotConnector, *refs: Ref) -> dict[Ref, tuple[str, Ref | None]]:
    return {gone.ref: (gone.reason, gone.into) for gone in connector.whereabouts(refs)}


class TestCensus:
    def test_it_asks_for_hardly_any_property_and_no_personal_one(
        self, connector: HubSpotConnector, account: HubSpotBench, script: Script
    ) -> None:
        ana = contact(account)
        assert seen(connector, Stream.CONTACTS) == [ana]
        assert [value for name, value in script.asked[0].query if name == "properties"] == ["hs_object_id"]
        assert len(script.asked) == 1

    def test_it_shows_activities_that_count_and_are_somebodys(
        self, connector: HubSpotConnector, account: HubSpotBench
    ) -> None:
        ana = contact(account)
        counts = log(account, "emails", ana, hs_email_direction="INCOMING_EMAIL")
        log(account, "emails", ana, hs_email_direction="FORWARDED_EMAIL")
        account.create("emails", hs_timestamp=HAPPENED, hs_email_direction="INCOMING_EMAIL")
        meeting = log(account, "meetings", ana)
        assert seen(connector, Stream.ENGAGEMENTS) == [counts, meeting]

    def test_a_pull_leaves_out_what_is_nobodys_too(self, connector: HubSpotConnector, account: HubSpotBench) -> None:
        account.create("notes", hs_timestamp=HAPPENED)
        assert [record for page in connector.pull(Stream.ENGAGEMENTS, None) for record in page.records] == []

    def test_cut_off_it_goes_on_with_the_next_page(self, connector: HubSpotConnector, script: Script) -> None:
        script.then(listing(row("1"), row("2"), after="2")).then({}, status=503)
        parts = connector.census(Stream.CONTACTS)
        first = next(parts)
        with pytest.raises(RetryLater):
            next(parts)
        script.then(listing(row("3")))
        assert [ref.id for ref in seen(connector, Stream.CONTACTS, first.cursor)] == ["3"]
        assert ("after", "2") in script.asked[-1].query

    def test_cut_off_at_its_end_nothing_follows(self, connector: HubSpotConnector, account: HubSpotBench) -> None:
        contact(account)
        *_, last = connector.census(Stream.CONTACTS)
        assert seen(connector, Stream.CONTACTS, last.cursor) == []

    def test_a_place_that_lapsed_is_given_up_for_the_beginning(self, connector: HubSpotConnector, script: Script) -> None:
        script.then(listing(row("1"), after="1")).then(refusal("VALIDATION_ERROR"), status=400)
        script.then(listing(row("1"))).then(listing())
        assert [ref.id for ref in seen(connector, Stream.CONTACTS)] == ["1", "1"]

    def test_an_activity_that_may_not_be_read_lets_no_census_end(
        self, connector: HubSpotConnector, account: HubSpotBench
    ) -> None:
        account.account.tokens.granted -= {"sales-email-read"}
        with pytest.raises(Misconfigured):
            seen(connector, Stream.ENGAGEMENTS)


class TestWhereabouts:
    def test_archived_merged_and_erased_people_are_told_apart(
        self, connector: HubSpotConnector, account: HubSpotBench, desk: Desk, script: Script
    ) -> None:
        live, binned, one, other, erased = (contact(account, name) for name in ("a", "b", "c", "d", "e"))
        desk.at += MINUTE
        archive(account, binned)
        survivor = merge(account, one, other)
        erase(account, erased)
        desk.at += MINUTE
        found = connector.whereabouts([live, binned, one, other, erased])
        assert {gone.ref: (gone.reason, gone.into, gone.at) for gone in found} == {
            binned: ("archived", None, NOW + MINUTE),
            one: ("merged", survivor, NOW + MINUTE),
            other: ("merged", survivor, NOW + MINUTE),
            erased: ("privacy", None, NOW + 2 * MINUTE),
        }
        assert len(script.asked) == 3

    def test_merged_companies_and_deals_name_their_survivor(
        self, connector: HubSpotConnector, account: HubSpotBench
    ) -> None:
        for kind, names in (
            ("companies", {"name": "Acme"}),
            ("deals", {"dealname": "Acme", "dealstage": "appointmentscheduled"}),
        ):
            one, other = (Ref(kind, account.create(kind, **names)) for _ in range(2))
            survivor = merge(account, one, other)
            assert told(connector, one, other) == {one: ("merged", survivor), other: ("merged", survivor)}

    def test_who_was_merged_into_somebody_archived_later_was_merged(
        self, connector: HubSpotConnector, account: HubSpotBench
    ) -> None:
        one, other = contact(account, "a"), contact(account, "b")
        survivor = merge(account, one, other)
        archive(account, survivor)
        assert told(connector, one) == {one: ("merged", survivor)}

    def test_activities_have_whereabouts_too(self, connector: HubSpotConnector, account: HubSpotBench) -> None:
        ana = contact(account)
        kept, binned = log(account, "notes", ana), log(account, "notes", ana)
        archive(account, binned)
        assert told(connector, kept, binned, ana) == {binned: ("archived", None)}

    def test_a_hundred_at_a_time(self, connector: HubSpotConnector, account: HubSpotBench, script: Script) -> None:
        never = [Ref("contacts", str(number)) for number in range(1, 251)]
        assert {reason for reason, _ in told(connector, *never).values()} == {"privacy"}
        assert [len(asked.body["inputs"]) for asked in script.asked] == [100] * 6 + [50] * 3

    @pytest.mark.parametrize("failing", [1, 2, 3])
    def test_an_error_concludes_nothing(
        self, connector: HubSpotConnector, account: HubSpotBench, script: Script, failing: int
    ) -> None:
        erased = contact(account)
        erase(account, erased)
        answer = script.rule
        assert answer is not None

        def fails(asked: Asked) -> tuple[int, object]:
            return (500, {}) if len(script.asked) == failing else answer(asked)

        script.by(fails)
        with pytest.raises(RetryLater):
            connector.whereabouts([erased])

    def test_a_batch_that_met_a_lock_concludes_nothing(self, connector: HubSpotConnector, script: Script) -> None:
        script.then(batch(errors=[item_error("7", "LOCKED")]), status=207)
        with pytest.raises(RetryLater):
            connector.whereabouts([Ref("contacts", "7")])

    def test_silence_is_no_proof_each_is_asked_for_alone(self, connector: HubSpotConnector, script: Script) -> None:
        silent = batch()
        for _ in range(3):
            script.then(silent)
        script.then(row("7"))
        script.then(refusal("OBJECT_NOT_FOUND"), status=404).then(row("8", archived_at="2026-11-20T09:00:00Z"))
        for _ in range(3):
            script.then(refusal("OBJECT_NOT_FOUND"), status=404)
        found = told(connector, Ref("contacts", "7"), Ref("contacts", "8"), Ref("contacts", "9"))
        assert found == {Ref("contacts", "8"): ("archived", None), Ref("contacts", "9"): ("privacy", None)}

    def test_who_is_restored_between_two_answers_is_not_erased(self, connector: HubSpotConnector, script: Script) -> None:
        absent = batch(errors=[item_error("7", "OBJECT_NOT_FOUND")])
        script.then(absent, status=207).then(absent, status=207).then(batch(row("7")))
        script.then(row("7"))
        assert connector.whereabouts([Ref("contacts", "7")]) == ()


class TestFetch:
    def test_deals_come_with_their_people_and_activities_with_theirs(
        self, connector: HubSpotConnector, account: HubSpotBench
    ) -> None:
        ana = contact(account)
        deal = Ref("deals", account.create("deals", dealname="Acme", dealstage="appointmentscheduled"))
        link(account, deal, ana)
        note = log(account, "notes", ana)
        company = Ref("companies", account.create("companies", name="Acme"))
        found = {record.ref: record for record in connector.fetch([note, deal, company, ana])}
        assert set(found) == {note, deal, company, ana}
        pulled = {
            record.ref: record
            for stream in connector.capabilities.audited
            for page in connector.pull(stream, None)
            for record in page.records
        }
        assert found == pulled
        fetched = found[deal]
        assert isinstance(fetched, DealRecord)
        assert [role.person for role in fetched.people] == [ana]

    def test_who_was_merged_away_is_left_out(self, connector: HubSpotConnector, account: HubSpotBench) -> None:
        one, other = contact(account, "a"), contact(account, "b")
        survivor = merge(account, one, other)
        assert connector.fetch([one, other]) == ()
        (record,) = connector.fetch([one, survivor])
        assert record.ref == survivor
        assert not isinstance(record, Removed)

    def test_half_an_answer_is_not_taken_for_whole(self, connector: HubSpotConnector, script: Script) -> None:
        script.then({"results": []}).then(batch(row("1"), errors=[item_error("2", "LOCKED")]), status=207)
        with pytest.raises(RetryLater):
            connector.fetch([Ref("contacts", "1"), Ref("contacts", "2")])

    def test_half_of_the_associations_are_not_taken_for_all(self, connector: HubSpotConnector, script: Script) -> None:
        script.then(batch(row("1"))).then(batch(errors=[item_error("1", "LOCKED")]), status=207)
        with pytest.raises(RetryLater):
            connector.fetch([Ref("notes", "1")])


def test_tasks_are_read_by_id_as_they_are_a_hundred_a_call(
    connector: HubSpotConnector, account: HubSpotBench, script: Script
) -> None:
    ana = contact(account)
    opened = [connector.open_task(TaskDraft(f"p1.sql.{n}", ana, f"Call {n}", "Why now", NOW)) for n in range(3)]
    others = [{"properties": {"hs_timestamp": HAPPENED, "hs_task_subject": "Other"}}] * 99
    made = account.post("tasks/batch/create", {"inputs": others}).json()["results"]
    refs = [one.task for one in opened if isinstance(one, Opened)] + [Ref("tasks", one["id"]) for one in made]
    connector.close_task(refs[0], "Left the stage")
    archive(account, refs[1])
    script.asked.clear()
    found = {task.ref: task for task in connector.read_tasks(dict.fromkeys(refs, ana))}
    assert set(found) == {*refs} - {refs[1]}
    assert (found[refs[0]].open, found[refs[2]].open) == (False, True)
    assert (found[refs[2]].key, found[refs[2]].subject, found[refs[2]].person) == ("p1.sql.2", "Call 2", ana)
    assert len(script.asked) == 2
    assert connector.read_tasks({}) == ()
