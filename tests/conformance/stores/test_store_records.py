"""What is kept of a pulled page, and whom it concerns."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from connectors.contract import Page
from connectors.records import DealRecord, DealRole, PersonRecord, Record, Ref, Removed, Stream
from leadline.state import cursors, records, removals
from leadline.state.database import Database
from leadline.state.departures import leave
from leadline.state.events import MAX_STEPS
from leadline.state.people import dirty_persons, load_people
from tests.engine import START, TwoCrms, company, contact, engaged, engagement, total

LATER = START + timedelta(days=1)


def save(database: Database, stream: Stream, *found: Record, cursor: str = "c", now: datetime = START) -> int:
    """Store one page of `crm` and let go what it says is gone; returns how many of its records changed something."""
    with database.begin() as tx:
        changed = records.save_page(tx, "crm", stream, Page(found, cursor), now).changed
        return changed + let_go(tx, "crm", stream, now)


def let_go(tx: Connection, connection: str, stream: Stream, now: datetime) -> int:
    """What the engine does with the list of removals, once it is clear that it is not everybody."""
    return leave(tx, connection, stream, removals.leaving(tx, connection, stream, limit=100).told, now)


def store_and_fail(database: Database, page: Page) -> None:
    with database.begin() as tx:
        records.save_page(tx, "crm", Stream.CONTACTS, page, START)
        raise RuntimeError


def contacts(database: Database, *found: Record, now: datetime = START) -> int:
    return save(database, Stream.CONTACTS, *found, now=now)


def engagements(database: Database, *found: Record) -> int:
    return save(database, Stream.ENGAGEMENTS, *found)


def events(database: Database) -> list[tuple[str, str, str]]:
    """Person record, type and day of every event."""
    with database.begin() as tx:
        rows = tx.exec_driver_sql("SELECT person_record_id, type, at FROM events ORDER BY at, person_record_id").all()
    return [(row[0], row[1], row[2][:10]) for row in rows]


def held(database: Database, ref: Ref) -> records.Stored:
    with database.begin() as tx:
        return records.load(tx, "crm", [ref])[ref]


def test_a_page_and_its_cursor_are_stored_together_or_not_at_all(database: Database) -> None:
    with pytest.raises(RuntimeError):
        store_and_fail(database, Page((contact("1"),), "after 1"))
    with database.begin() as tx:
        assert cursors.cursor_of(tx, "crm", Stream.CONTACTS) is None
        assert records.load(tx, "crm", [Ref("contacts", "1")]) == {}
        records.save_page(tx, "crm", Stream.CONTACTS, Page((contact("1"),), "after 1"), START)
    with database.begin() as tx:
        assert cursors.cursor_of(tx, "crm", Stream.CONTACTS) == "after 1"
        assert Ref("contacts", "1") in records.load(tx, "crm", [Ref("contacts", "1")])


def test_an_empty_page_moves_the_cursor(database: Database) -> None:
    save(database, Stream.DEALS, cursor="later")
    with database.begin() as tx:
        assert cursors.cursor_of(tx, "crm", Stream.DEALS) == "later"


def test_a_stream_without_a_page_is_complete_and_still_has_no_cursor(database: Database) -> None:
    with database.begin() as tx:
        cursors.complete_stream(tx, "crm", Stream.CONTACTS, START)
        assert cursors.cursor_of(tx, "crm", Stream.CONTACTS) is None
        assert cursors.streams_pulled_once(tx, "crm") == {Stream.CONTACTS}


def test_a_record_that_says_nothing_new_is_dropped(database: Database) -> None:
    first = contact("1", "ana@acme.example", fields={"title": "CEO"})
    assert contacts(database, first) == 1
    touched = replace(first, modified_at=LATER, ours={"score": 70})
    assert contacts(database, touched) == 0
    assert held(database, first.ref).record == first


@pytest.mark.parametrize("kept", ["fields", "owner_id", "email", "company", "writable"])
def test_each_part_of_the_content_counts_as_a_change(sqlite: Database, kept: str) -> None:
    first = contact("1", "ana@acme.example", fields={"title": "CEO"})
    other = {
        "fields": {"title": "CFO"},
        "owner_id": "o2",
        "email": "bo@acme.example",
        "company": Ref("companies", "9"),
        "writable": False,
    }
    contacts(sqlite, first)
    assert contacts(sqlite, replace(first, **{kept: other[kept]})) == 1


def test_a_field_keeps_its_date_while_it_keeps_its_value(database: Database) -> None:
    first = contact("1", fields={"title": "CEO", "budget": 100})
    contacts(database, first)
    changed = replace(first, fields={"title": "CEO", "budget": 200, "phone": "1"}, modified_at=LATER)
    contacts(database, changed)
    dates = records.field_dates_of(held(database, first.ref))
    assert dates == {"title": START, "budget": LATER, "phone": LATER}


def test_a_field_that_was_empty_in_between_has_a_new_date(database: Database) -> None:
    first = contact("1", fields={"budget": 100})
    contacts(database, first)
    contacts(database, replace(first, fields={}, modified_at=LATER))
    contacts(database, replace(first, modified_at=LATER + timedelta(days=1)))
    assert records.field_dates_of(held(database, first.ref)) == {"budget": LATER + timedelta(days=1)}


def test_a_removed_record_is_kept_as_removed_and_a_restored_one_lives_again(database: Database) -> None:
    first = contact("1", "ana@acme.example")
    contacts(database, first)
    gone = Removed(ref=first.ref, at=LATER, reason="archived")
    assert contacts(database, gone) == 1
    assert contacts(database, gone) == 0
    assert held(database, first.ref).removed
    assert contacts(database, first) == 1
    assert not held(database, first.ref).removed


def test_the_removal_of_a_stranger_changes_nothing(database: Database) -> None:
    assert contacts(database, Removed(ref=Ref("contacts", "9"), at=START, reason="archived")) == 0


def test_an_engagement_is_one_event_for_each_who_took_part(database: Database) -> None:
    meeting = engagement("m", "meeting", START, "1", "2")
    assert engagements(database, meeting) == 1
    assert engagements(database, meeting) == 0
    assert events(database) == [("1", "meeting", "2026-11-18"), ("2", "meeting", "2026-11-18")]


def test_an_engagement_that_loses_a_participant_leaves_that_person_without_the_event(database: Database) -> None:
    engagements(database, engagement("m", "meeting", START, "1", "2"))
    assert engagements(database, engagement("m", "meeting", START, "2")) == 1
    assert events(database) == [("2", "meeting", "2026-11-18")]


def test_an_engagement_that_is_moved_to_another_day_is_still_one_event(database: Database) -> None:
    engagements(database, engagement("m", "meeting", START, "1"))
    engagements(database, engagement("m", "meeting", LATER, "1"))
    assert events(database) == [("1", "meeting", "2026-11-19")]


def test_a_deleted_engagement_is_no_event_any_more(database: Database) -> None:
    engagements(database, engagement("m", "meeting", START, "1"), engagement("n", "call", START, "1"))
    gone = Removed(ref=Ref("activities", "m"), at=LATER, reason="archived")
    assert engagements(database, gone) == 1
    assert engagements(database, gone) == 0
    assert events(database) == [("1", "call", "2026-11-18")]


def test_deleting_an_engagement_takes_its_points_away(sqlite: Database) -> None:
    world = TwoCrms(sqlite)
    world.sales.put(contact("1", "ana@acme.example"))
    engaged(world, "1")
    world.run()
    (before,) = world.scores().values()
    world.sales.archive(Ref("activities", "1-meeting"))
    world.run()
    (after,) = world.scores().values()
    assert after.breakdown.engagement < before.breakdown.engagement
    assert "meeting" not in {line.rule for line in after.breakdown.lines}


def clicks(amount: int, last_at: datetime = START) -> PersonRecord:
    return contact("1", rollups=(total("clicks", "email_click", amount, last_at),))


def test_a_total_seen_for_the_first_time_is_one_event(database: Database) -> None:
    contacts(database, clicks(300))
    assert events(database) == [("1", "email_click", "2026-11-18")]


def test_a_total_that_grew_by_n_is_n_more_events_dated_by_its_last_time(database: Database) -> None:
    contacts(database, clicks(300))
    contacts(database, clicks(303, LATER))
    assert [day for _, _, day in events(database)] == ["2026-11-18", *["2026-11-19"] * 3]


def test_a_total_that_appears_on_a_known_record_grew_from_zero(database: Database) -> None:
    contacts(database, contact("1"))
    contacts(database, clicks(2))
    assert len(events(database)) == 2


def test_seeing_a_total_again_adds_nothing(database: Database) -> None:
    for amount in (1, 3, 3, 1, 3):
        contacts(database, clicks(amount))
    assert len(events(database)) == 3


def test_a_total_without_a_time_or_of_zero_is_no_event(database: Database) -> None:
    nothing = (total("a", "email_click", 0, START), replace(total("b", "email_open", 5, START), last_at=None))
    contacts(database, contact("1", rollups=nothing))
    assert events(database) == []


def test_a_total_that_jumps_out_of_all_proportion_is_cut(sqlite: Database) -> None:
    contacts(sqlite, clicks(1))
    contacts(sqlite, clicks(2_000_000_000, LATER))
    assert len(events(sqlite)) == 1 + MAX_STEPS


def dirty_after(world: TwoCrms, change: Record) -> set[str]:
    """Which of the contacts of `sales` are to be scored again after this change arrives there."""
    with world.database.begin() as tx:
        stream = Stream.COMPANIES if change.ref.object == "companies" else Stream.DEALS
        if change.ref.object in {"contacts", "activities"}:
            stream = Stream.CONTACTS if change.ref.object == "contacts" else Stream.ENGAGEMENTS
        records.save_page(tx, "sales", stream, Page((change,), "c"), world.time.now)
        let_go(tx, "sales", stream, world.time.now)
        views = load_people(tx, dirty_persons(tx, 100))
        return {stored.record.ref.id for view in views for stored in view.records}


@pytest.fixture
def acme(sqlite: Database) -> TwoCrms:
    """Contacts 1 and 2 work at the company c1, contact 3 at none; all are scored."""
    world = TwoCrms(sqlite)
    world.sales.put(company("c1", name="Acme"))
    world.sales.put(company("c2", name="Birch"))
    for number, employer in (("1", "c1"), ("2", "c1"), ("3", None)):
        ref = Ref("companies", employer) if employer else None
        world.sales.put(contact(number, f"{number}@acme.example", company=ref))
    world.sales.put(engagement("m", "meeting", START, "1", "3"))
    world.sales.put(deal("d1", "2"))
    world.run()
    return world


def deal(number: str, *people: str) -> DealRecord:
    parts = tuple(DealRole(Ref("contacts", person)) for person in people)
    return DealRecord(ref=Ref("deals", number), modified_at=START, stage="open", open=True, won=False, people=parts)


def test_nothing_is_to_be_scored_after_a_cycle(acme: TwoCrms) -> None:
    assert dirty_after(acme, company("c1", name="Acme")) == set()


def test_a_changed_company_concerns_its_people(acme: TwoCrms) -> None:
    assert dirty_after(acme, company("c1", name="Acme", employees=500)) == {"1", "2"}


def test_a_removed_company_concerns_its_people(acme: TwoCrms) -> None:
    assert dirty_after(acme, Removed(ref=Ref("companies", "c1"), at=START, reason="archived")) == {"1", "2"}


def test_a_deal_concerns_those_who_take_part_and_those_who_did(acme: TwoCrms) -> None:
    assert dirty_after(acme, deal("d1", "3")) == {"2", "3"}


def test_a_removed_deal_concerns_those_who_took_part(acme: TwoCrms) -> None:
    assert dirty_after(acme, Removed(ref=Ref("deals", "d1"), at=START, reason="archived")) == {"2"}


def test_an_engagement_concerns_those_who_took_part_and_those_who_did(acme: TwoCrms) -> None:
    assert dirty_after(acme, engagement("m", "meeting", START, "2")) == {"1", "2", "3"}


def test_a_deleted_engagement_concerns_those_who_took_part(acme: TwoCrms) -> None:
    assert dirty_after(acme, Removed(ref=Ref("activities", "m"), at=START, reason="archived")) == {"1", "3"}


def test_who_leaves_a_company_concerns_the_colleagues_left_behind(acme: TwoCrms) -> None:
    assert "2" in dirty_after(acme, contact("1", "1@acme.example", company=Ref("companies", "c2")))


def test_who_is_removed_concerns_the_colleagues_left_behind(acme: TwoCrms) -> None:
    assert "2" in dirty_after(acme, Removed(ref=Ref("contacts", "1"), at=START, reason="archived"))


def test_a_page_of_many_records_replaces_those_that_came_in_few(database: Database) -> None:
    few = tuple(contact(str(number), f"{number}@acme.example") for number in range(3))
    many = tuple(contact(str(number), f"{number}@acme.example", fields={"title": "CEO"}) for number in range(150))
    assert contacts(database, *few) == 3
    assert contacts(database, *many) == 150
    with database.begin() as tx:
        stored = records.load(tx, "crm", [record.ref for record in many])
    assert [stored[record.ref].record for record in many] == list(many)
