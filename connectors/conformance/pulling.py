"""Rules of `check` and `pull` while nothing fails: everything comes, nothing is lost, unchanged accounts are quiet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.conformance.reading import (
    A_DAY_SECONDS,
    A_QUARTER_SECONDS,
    LATER_SECONDS,
    contents,
    each_time,
    latest,
    person,
    read,
    typed,
)
from connectors.conformance.world import World
from connectors.contract import Connector
from connectors.records import CompanyRecord, DealRecord, EngagementRecord, OwnerRecord, PersonRecord, Removed, Stream


class CheckRules:
    """What `check` promises."""

    def test_a_ready_account_has_no_error_findings(self, world: World, ready: Connector[Any]) -> None:
        """Good credentials and provisioned properties: nothing stops this connection."""
        world.calm()
        assert [finding for finding in ready.check() if finding.severity == "error"] == []

    def test_check_returns_what_is_wrong_instead_of_raising(self, world: World, connector: Connector[Any]) -> None:
        """A CRM that fails is a finding that says what to do."""
        world.fail_next("server_error")
        errors = [finding for finding in connector.check() if finding.severity == "error"]
        assert errors
        assert all(finding.what and finding.fix for finding in errors)


class PullRules:
    """What `pull` promises about people, which every connector has."""

    def test_a_first_pull_brings_every_person(self, world: World, connector: Connector[Any]) -> None:
        """All of them, on as many pages as it takes, also before anything was provisioned."""
        people = world.add_people(world.several_pages)
        reading = read(connector)
        assert reading.pages >= 3, "the world must fill at least three pages"
        assert set(people) <= latest(reading.records).keys()

    def test_people_come_with_their_address_and_title(self, world: World, connector: Connector[Any]) -> None:
        """Mapped content under neutral names; what the CRM leaves empty is absent."""
        (someone,) = world.add_people(1)
        world.edit_person(someone, title="VP Sales")
        found = person(read(connector).records, someone)
        assert found.fields["title"] == "VP Sales"
        assert (found.email or "").endswith("@acme.example")
        assert not [name for name, value in found.fields.items() if value is None or value == ""]
        assert someone.object in connector.capabilities.person_objects

    def test_the_address_is_not_among_the_fields(self, world: World, connector: Connector[Any]) -> None:
        """It has a place of its own, so that it can be kept out of whatever fields are shown in."""
        (someone,) = world.add_people(1)
        found = person(read(connector).records, someone)
        assert not [name for name, value in found.fields.items() if isinstance(value, str) and "@acme.example" in value]

    def test_a_pull_killed_after_any_page_resumes_without_a_gap(self, world: World, connector: Connector[Any]) -> None:
        """A new process that starts from the cursor of the last stored page brings the rest."""
        people = world.add_people(world.several_pages)
        pages = read(connector).pages
        for survived in range(1, pages + 1):
            before = read(world.connector(), pages=survived)
            after = read(world.connector(), cursor=before.cursor)
            missing = set(people) - latest(before.records + after.records).keys()
            assert not missing, f"killed after page {survived} of {pages}: {len(missing)} people never came"

    def test_a_pull_of_changes_killed_after_any_page_resumes_without_a_gap(
        self, world: World, connector: Connector[Any]
    ) -> None:
        """The same, when it was not the first pull."""
        start = self._settled(world, connector)
        people = world.add_people(world.several_pages)
        world.advance(LATER_SECONDS)
        pages = read(connector, cursor=start).pages
        for survived in range(1, pages + 1):
            before = read(world.connector(), cursor=start, pages=survived)
            after = read(world.connector(), cursor=before.cursor)
            missing = set(people) - latest(before.records + after.records).keys()
            assert not missing, f"killed after page {survived} of {pages}: {len(missing)} people never came"

    def test_every_stream_killed_after_any_page_resumes_without_a_gap(self, world: World, connector: Connector[Any]) -> None:
        """The same for streams that cover several objects, in the first pull and in the one after it."""
        _populate(world)
        world.advance(LATER_SECONDS)
        for stream in sorted(connector.capabilities.streams):
            start = None
            for _ in ("the first pull", "the next one"):
                whole = read(connector, stream, start)
                for survived in range(1, whole.pages + 1):
                    before = read(world.connector(), stream, start, pages=survived)
                    after = read(world.connector(), stream, before.cursor)
                    missing = latest(whole.records).keys() - latest(before.records + after.records).keys()
                    assert not missing, f"{stream} killed after page {survived} of {whole.pages}: {missing} never came"
                start = whole.cursor
                _populate(world)
                world.advance(LATER_SECONDS)

    def test_changes_after_a_cursor_arrive(self, world: World, connector: Connector[Any]) -> None:
        """New people and edits come in the next pull."""
        (edited,) = world.add_people(1)
        start = self._settled(world, connector)
        world.edit_person(edited, title="Chief Buyer")
        (added,) = world.add_people(1)
        world.advance(LATER_SECONDS)
        records = read(world.connector(), cursor=start).records
        assert person(records, edited).fields["title"] == "Chief Buyer"
        assert person(records, added)

    def test_a_chain_of_pulls_sees_each_of_many_changes(self, world: World, connector: Connector[Any]) -> None:
        """Whatever falls between two pulls is in the second, however close together they are."""
        (someone,) = world.add_people(1)
        cursor = read(connector).cursor
        for number in range(5):
            world.edit_person(someone, title=f"Title {number}")
            world.advance(LATER_SECONDS)
            reading = read(connector, cursor=cursor)
            cursor = reading.cursor
            assert person(reading.records, someone).fields["title"] == f"Title {number}"

    def test_changes_made_while_a_pull_runs_are_not_lost(self, world: World, connector: Connector[Any]) -> None:
        """They come in the same pull or in the next one, also for people whose page was read already."""
        people = world.add_people(world.several_pages)
        pages = connector.pull(Stream.CONTACTS, None)
        records = list(next(pages).records)
        read_already, not_yet = latest(records).keys(), set(people) - latest(records).keys()
        world.advance(LATER_SECONDS)
        changed = (min(read_already & set(people)), min(not_yet))
        for someone in changed:
            world.edit_person(someone, title="Changed meanwhile")
        (added,) = world.add_people(1)
        cursor = None
        for page in pages:
            records.extend(page.records)
            cursor = page.cursor
        world.advance(LATER_SECONDS)
        records.extend(read(connector, cursor=cursor).records)
        for someone in changed:
            assert person(records, someone).fields["title"] == "Changed meanwhile"
        assert person(records, added)

    def test_a_cursor_may_be_used_twice(self, world: World, connector: Connector[Any]) -> None:
        """Starting again from a cursor gives the same content: it is a value, not a place in a session."""
        world.add_people(3)
        start = self._settled(world, connector)
        world.add_people(3)
        world.advance(LATER_SECONDS)
        first = read(connector, cursor=start)
        world.advance(LATER_SECONDS)
        assert contents(read(world.connector(), cursor=start).records) == contents(first.records)

    def test_an_account_where_nothing_changes_is_quiet(self, world: World, connector: Connector[Any]) -> None:
        """What overlaps bring again is unchanged, and once they have passed nothing comes (owners may: they are few)."""
        _populate(world)
        for stream in sorted(connector.capabilities.streams):
            first = read(connector, stream)
            world.advance(A_DAY_SECONDS)
            second = read(connector, stream, first.cursor)
            world.advance(A_DAY_SECONDS)
            third = read(connector, stream, second.cursor)
            again = contents(second.records + third.records)
            assert [ref for ref, record in again.items() if record != contents(first.records).get(ref)] == []
            assert third.records == () or stream is Stream.OWNERS

    def test_records_are_typed_and_their_times_are_aware_utc(self, world: World, connector: Connector[Any]) -> None:
        """Every value has the type that `records` declares, and no time is naive or in another zone."""
        _populate(world)
        for stream in connector.capabilities.streams:
            for record in read(connector, stream).records:
                assert typed(record) == record
                for time in each_time(record):
                    assert time.utcoffset() == timedelta(0), f"{record.ref}: {time!r}"

    def test_modified_times_are_the_accounts(self, world: World, connector: Connector[Any]) -> None:
        """`modified_at` is when the record changed, to the minute."""
        (someone,) = world.add_people(1)
        world.advance(A_DAY_SECONDS)
        edited_at = world.now()
        world.edit_person(someone, title="Changed late")
        world.advance(LATER_SECONDS)
        found = person(read(connector).records, someone)
        assert abs(found.modified_at - edited_at) < timedelta(seconds=LATER_SECONDS)

    def test_an_archived_person_becomes_removed(self, world: World, connector: Connector[Any]) -> None:
        """A pull says so within a quarter of an hour, with the time; not each looks for it where that costs calls."""
        people = world.add_people(3)
        start = self._settled(world, connector)
        archived_at: datetime = world.now()
        world.archive_person(people[1])
        world.advance(A_QUARTER_SECONDS)
        found = latest(read(world.connector(), cursor=start).records)
        removed = found.get(people[1])
        assert isinstance(removed, Removed)
        assert removed.reason == "archived"
        assert abs(removed.at - archived_at) < timedelta(seconds=LATER_SECONDS)
        assert not [ref for ref in (people[0], people[2]) if isinstance(found.get(ref), Removed)]

    def test_calls_are_reported_without_ids(self, world: World, connector: Connector[Any]) -> None:
        """Each call names method and path template, so that calls can be counted by endpoint."""
        people = world.add_people(3)
        read(connector)
        assert world.calls
        for call in world.calls:
            assert " /" in call.endpoint
            assert "?" not in call.endpoint
            assert not [ref for ref in people if ref.id in call.endpoint.split("/")]
            assert call.seconds >= 0

    def _settled(self, world: World, connector: Connector[Any]) -> str | None:
        """The cursor of an account that was read to the end, a while after its last change."""
        cursor = read(connector).cursor
        world.advance(A_DAY_SECONDS)
        cursor = read(connector, cursor=cursor).cursor
        world.advance(LATER_SECONDS)
        return cursor


def _populate(world: World) -> None:
    """At least one more record of every stream but owners."""
    people = world.add_people(3)
    world.add_company(employees=240)
    world.add_deal(people[0], amount=20_000.0)
    world.add_engagement(people[-1])


class OwnerRules:
    """What the stream of owners brings."""

    def test_owners_come_with_names(self, connector: Connector[Any]) -> None:
        """Whoever records can be assigned to; the account has at least one active user."""
        owners = [record for record in read(connector, Stream.OWNERS).records if isinstance(record, OwnerRecord)]
        assert any(owner.active and owner.kind == "user" and owner.name for owner in owners)


class CompanyRules:
    """What the stream of companies brings."""

    def test_companies_come_with_their_size_as_a_number(self, world: World, connector: Connector[Any]) -> None:
        """Numbers are numbers, also where the CRM says them as text."""
        company = world.add_company(employees=240)
        found = latest(read(connector, Stream.COMPANIES).records)[company]
        assert isinstance(found, CompanyRecord)
        assert found.fields["employees"] == 240

    def test_new_companies_arrive(self, world: World, connector: Connector[Any]) -> None:
        """In the pull after the one that did not know them."""
        cursor = read(connector, Stream.COMPANIES).cursor
        company = world.add_company(employees=12)
        world.advance(LATER_SECONDS)
        assert company in latest(read(world.connector(), Stream.COMPANIES, cursor).records)


class DealRules:
    """What the stream of deals brings."""

    def test_deals_come_with_amount_state_and_people(self, world: World, connector: Connector[Any]) -> None:
        """An open deal, and who takes part in it."""
        (someone,) = world.add_people(1)
        deal = world.add_deal(someone, amount=20_000.0)
        found = latest(read(connector, Stream.DEALS).records)[deal]
        assert isinstance(found, DealRecord)
        assert (found.amount, found.open, found.won) == (20_000.0, True, False)
        assert [role.person for role in found.people] == [someone]
        assert found.stage

    def test_new_deals_arrive_with_their_people(self, world: World, connector: Connector[Any]) -> None:
        """The way changes are read tells of the people as the first pull does."""
        (someone,) = world.add_people(1)
        cursor = read(connector, Stream.DEALS).cursor
        deal = world.add_deal(someone, amount=5_000.0)
        world.advance(LATER_SECONDS)
        found = latest(read(world.connector(), Stream.DEALS, cursor).records)[deal]
        assert isinstance(found, DealRecord)
        assert [role.person for role in found.people] == [someone]


class EngagementRules:
    """What the stream of engagements brings."""

    def test_engagements_come_with_their_people(self, world: World, connector: Connector[Any]) -> None:
        """What happened, when, and to whom."""
        someone, _ = world.add_people(2)
        engagement = world.add_engagement(someone)
        found = latest(read(connector, Stream.ENGAGEMENTS).records)[engagement]
        assert isinstance(found, EngagementRecord)
        assert found.people == (someone,)
        assert found.type
        assert abs(found.at - world.now()) < timedelta(days=1)

    def test_new_engagements_arrive_with_their_people(self, world: World, connector: Connector[Any]) -> None:
        """The way changes are read tells of the people as the first pull does."""
        (someone,) = world.add_people(1)
        cursor = read(connector, Stream.ENGAGEMENTS).cursor
        engagement = world.add_engagement(someone)
        world.advance(LATER_SECONDS)
        found = latest(read(world.connector(), Stream.ENGAGEMENTS, cursor).records)[engagement]
        assert isinstance(found, EngagementRecord)
        assert found.people == (someone,)


class CountRules:
    """What `count` promises."""

    def test_the_count_is_that_of_the_live_records(self, world: World, connector: Connector[Any]) -> None:
        """Archived ones do not count."""
        before = connector.count(Stream.CONTACTS)
        people = world.add_people(7)
        world.archive_person(people[0])
        world.advance(LATER_SECONDS)
        assert connector.count(Stream.CONTACTS) - before == 6


class FetchRules:
    """What `fetch` promises."""

    def test_fetching_reads_people_as_they_are_now(self, world: World, connector: Connector[Any]) -> None:
        """Fresh edits are seen at once, and people who are gone are left out."""
        people = world.add_people(3)
        world.edit_person(people[0], title="Just promoted")
        world.archive_person(people[2])
        records = connector.fetch(people)
        assert set(latest(records)) == {people[0], people[1]}
        assert person(records, people[0]).fields["title"] == "Just promoted"
        assert all(isinstance(record, PersonRecord) for record in records)
        assert connector.fetch(()) == ()
