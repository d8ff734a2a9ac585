"""What a privacy deletion takes along: every local copy of what a CRM erased."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Table, delete, select, tuple_, update

from connectors.records import DealRecord, Ref
from leadline.clock import stamp
from leadline.state import tables
from leadline.state.database import chunks

_OF_RECORD: tuple[tuple[Table, str, str], ...] = (
    (tables.records, "object", "id"),
    (tables.removals, "object", "id"),
    (tables.sightings, "object", "id"),
    (tables.links, "object", "id"),
    (tables.separations, "object", "id"),
    (tables.events, "person_object", "person_record_id"),
    (tables.deal_people, "person_object", "person_record_id"),
    (tables.deal_people, "deal_object", "deal_id"),
    (tables.outbox, "object", "record_id"),
    (tables.parked, "object", "record_id"),
    (tables.delivered, "object", "record_id"),
    (tables.tasks, "object", "record_id"),
    (tables.feedback, "object", "record_id"),
)
"""Tables with rows about one record, and the columns that name it."""

_OF_OTHER = (tables.links, tables.separations)
"""Tables in which a record may also stand as the other one of two."""

_OF_PERSON: tuple[tuple[Table, str], ...] = (
    (tables.persons, "id"),
    (tables.scores, "person_id"),
    (tables.standings, "person_id"),
    (tables.score_history, "person_id"),
    (tables.crossings, "person_id"),
    (tables.followups, "person_id"),
)
"""Tables with rows about one person, and the column that names it."""

PURGED = frozenset([table for table, _, _ in _OF_RECORD] + [table for table, _ in _OF_PERSON])
"""Every table that says anything of anybody."""

_KEPT = "closing"
"""Rows of the outbox and refusals that outlive a purge: tasks still to be closed, which say nothing about anybody."""


def purge(tx: Connection, connection: str, ref: Ref, now: datetime) -> None:
    """Erase every copy of the record and of those merged into it; a person of whom it was the last record, too.

    Of a person with other records the history goes as well, since its lines may rest on what was erased, and the breakdowns
    beside verdicts; what is known of the others is scored anew.
    """
    refs = _with_merged(tx, connection, ref)
    persons = {person for one in refs for person in _persons_of(tx, connection, one)}
    _compose_again(tx, persons | {person for one in refs for person in _colleagues_of(tx, connection, one)}, now)
    for one in refs:
        _take_out_of_deals(tx, connection, one)
        _erase_record(tx, connection, one)
    for person in sorted(persons):
        _erase_or_look_again(tx, person, now)


def _with_merged(tx: Connection, connection: str, ref: Ref) -> list[Ref]:
    table = tables.records
    found = [ref]
    for one in found:
        rows = tx.execute(
            select(table.c.object, table.c.id).where(table.c.connection == connection, table.c.merged_into == str(one))
        )
        found += [merged for row in rows if (merged := Ref(row.object, row.id)) not in found]
    return found


def _persons_of(tx: Connection, connection: str, ref: Ref) -> Iterable[str]:
    """Whose record it is, and whose it was when its tasks were wanted."""
    records, tasks, crossings = tables.records, tables.tasks, tables.crossings
    of_record = select(records.c.person_id).where(
        records.c.connection == connection,
        records.c.object == ref.object,
        records.c.id == ref.id,
        records.c.person_id.is_not(None),
    )
    of_tasks = (
        select(crossings.c.person_id)
        .join(tasks, tasks.c.crossing_id == crossings.c.id)
        .where(tasks.c.connection == connection, tasks.c.object == ref.object, tasks.c.record_id == ref.id)
    )
    return [row[0] for row in tx.execute(of_record.union(of_tasks))]


def _colleagues_of(tx: Connection, connection: str, ref: Ref) -> Iterable[str]:
    records = tables.records
    company = select(records.c.company).where(
        records.c.connection == connection,
        records.c.object == ref.object,
        records.c.id == ref.id,
        records.c.company.is_not(None),
    )
    members = (records.c.connection == connection, records.c.company.in_(company), records.c.person_id.is_not(None))
    return [row[0] for row in tx.execute(select(records.c.person_id).where(*members).distinct())]


def _compose_again(tx: Connection, persons: Iterable[str], now: datetime) -> None:
    """Tasks that wait or were refused may name a colleague: they are wanted anew, and then name who is still there."""
    crossings, outbox, parked = tables.crossings, tables.outbox, tables.parked
    for chunk in chunks(sorted(persons)):
        keys = [row.id for row in tx.execute(select(crossings.c.id).where(crossings.c.person_id.in_(chunk)))]
        # So may changes of open tasks; what is still worth telling is decided anew with the next score.
        changes = [f"change|{key}" for key in keys]
        rows = [f"task|{key}" for key in keys]
        for table in (outbox, parked):
            tx.execute(delete(table).where(table.c.id.in_(changes)))
        unsent = select(outbox.c.id).where(outbox.c.id.in_(rows), outbox.c.state == "waiting")
        refused = select(parked.c.id).where(parked.c.id.in_(rows))
        again = [row.id for row in tx.execute(unsent.union(refused))]
        if not again:
            continue
        for table in (outbox, parked):
            tx.execute(delete(table).where(table.c.id.in_(again)))
        wanted = [row.removeprefix("task|") for row in again]
        tx.execute(update(crossings).where(crossings.c.id.in_(wanted)).values(outcome="wanted"))
        whose = select(crossings.c.person_id).where(crossings.c.id.in_(wanted))
        tx.execute(update(tables.persons).where(tables.persons.c.id.in_(whose)).values(dirty_since=stamp(now)))


def _erase_record(tx: Connection, connection: str, ref: Ref) -> None:
    for table, name, identity in _OF_RECORD:
        that = (table.c.connection == connection, table.c[name] == ref.object, table.c[identity] == ref.id)
        kept = (table.c.kind != _KEPT,) if table in (tables.outbox, tables.parked) else ()
        tx.execute(delete(table).where(*that, *kept))
    for table in _OF_OTHER:
        that = (table.c.other_connection == connection, table.c.other_object == ref.object, table.c.other_id == ref.id)
        tx.execute(delete(table).where(*that))


def _take_out_of_deals(tx: Connection, connection: str, ref: Ref) -> None:
    """A deal goes on without the person; its next pull says the same."""
    records, parts = tables.records, tables.deal_people
    deals = (
        select(records)
        .join(
            parts,
            (parts.c.connection == records.c.connection)
            & (parts.c.deal_object == records.c.object)
            & (parts.c.deal_id == records.c.id),
        )
        .where(parts.c.connection == connection, parts.c.person_object == ref.object, parts.c.person_record_id == ref.id)
    )
    for row in tx.execute(deals).all():
        deal = msgspec.json.decode(row.body, type=DealRecord)
        others = tuple(part for part in deal.people if part.person != ref)
        body = msgspec.json.encode(msgspec.structs.replace(deal, people=others)).decode()
        # Another hash than any content has: the next page that brings the deal is stored, whatever it says.
        this = (records.c.connection == connection, records.c.object == row.object, records.c.id == row.id)
        tx.execute(update(records).where(*this).values(body=body, content_hash=""))


def _forget_what_reps_saw(tx: Connection, person: str) -> None:
    """A verdict stays, since it was given on a record that is still there; the breakdown beside it may tell of the other."""
    records, table = tables.records, tables.feedback
    theirs = select(records.c.connection, records.c.object, records.c.id).where(records.c.person_id == person)
    tx.execute(
        update(table).where(tuple_(table.c.connection, table.c.object, table.c.record_id).in_(theirs)).values(breakdown=None)
    )


def _erase_or_look_again(tx: Connection, person: str, now: datetime) -> None:
    records = tables.records
    theirs = records.c.person_id == person
    if tx.execute(select(records.c.id).where(theirs).limit(1)).first() is None:
        for table, column in _OF_PERSON:
            tx.execute(delete(table).where(table.c[column] == person))
        return
    tx.execute(delete(tables.score_history).where(tables.score_history.c.person_id == person))
    _forget_what_reps_saw(tx, person)
    tx.execute(update(records).where(theirs).values(unresolved=1))
    tx.execute(update(tables.persons).where(tables.persons.c.id == person).values(dirty_since=stamp(now)))
