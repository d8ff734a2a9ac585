"""Persons with everything the CRMs say about them, loaded in bulk for scoring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, and_, func, or_, select, tuple_, update

from connectors.records import CompanyRecord, DealRecord, PersonRecord, Ref, Scalar, Stream
from leadline.clock import from_stamp, stamp
from leadline.state import tables
from leadline.state.database import by_place, chunks
from leadline.state.links import Key
from leadline.state.records import Stored, normalised_email, stored_from_row

_decode_fields = msgspec.json.Decoder(dict[str, Scalar]).decode


_KEY = (tables.records.c.connection, tables.records.c.object, tables.records.c.id)
_LIVE_PERSON = and_(tables.records.c.stream == Stream.CONTACTS.value, tables.records.c.removed_at.is_(None))


class PersonEvent(Struct, frozen=True):
    """One event of a person. `id` names connection, object and record, so it is the same through every participant."""

    id: str
    type: str
    at: datetime
    fields: dict[str, Scalar]


class PersonDeal(Struct, frozen=True):
    """A deal the person takes part in, in one connection, with the person's role there."""

    connection: str
    deal: DealRecord
    role: str | None


class PersonView(Struct, frozen=True):
    """A person: its live records, their companies (by connection and reference), deals and events."""

    id: str
    records: tuple[Stored, ...]
    companies: Mapping[tuple[str, Ref], Stored]
    deals: tuple[PersonDeal, ...] = ()
    events: tuple[PersonEvent, ...] = ()


def find_persons(tx: Connection, text: str) -> list[str]:
    """The persons that an e-mail address, a CRM id or a person's id may mean."""
    table = tables.records
    meant = [table.c.id == text, table.c.person_id == text]
    if email := normalised_email(text):  # compared with None it would mean everybody without an address
        meant.append(table.c.email == email)
    rows = tx.execute(
        select(table.c.person_id).where(table.c.person_id.is_not(None), or_(*meant)).distinct().order_by(table.c.person_id)
    )
    return [row.person_id for row in rows]


def find_records(tx: Connection, text: str) -> list[Key]:
    """The live person records that `connection:object/id` may mean; what stands before the id may be left out."""
    place, _, number = text.rpartition("/")
    connection, _, name = place.rpartition(":")
    table = tables.records
    rows = tx.execute(select(*_KEY).where(table.c.id == number, _LIVE_PERSON).order_by(*_KEY))
    return [Key(*row) for row in rows if connection in ("", row.connection) and name in ("", row.object)]


def records_of(tx: Connection, person: str) -> list[Key]:
    """The live records of a person, sorted."""
    rows = tx.execute(select(*_KEY).where(tables.records.c.person_id == person, _LIVE_PERSON).order_by(*_KEY))
    return [Key(*row) for row in rows]


def companions(tx: Connection, record: Key) -> list[Key]:
    """The other live records of the person whose record this is, sorted."""
    table = tables.records
    this = (table.c.connection == record.connection, table.c.object == record.object, table.c.id == record.id)
    person = tx.execute(select(table.c.person_id).where(*this)).scalar()
    return [key for key in records_of(tx, person) if key != record] if person else []


def owning(tx: Connection, connection: str) -> frozenset[str]:
    """The ids of those who own person records in this connection."""
    table = tables.records
    rows = tx.execute(
        select(table.c.owner_id)
        .where(table.c.connection == connection, table.c.owner_id.is_not(None), table.c.removed_at.is_(None))
        .distinct()
    )
    return frozenset(row.owner_id for row in rows)


def dirty_persons(tx: Connection, limit: int) -> list[str]:
    """The ids of up to `limit` persons whose score may have changed."""
    table = tables.persons
    rows = tx.execute(select(table.c.id).where(table.c.dirty_since.is_not(None)).order_by(table.c.id).limit(limit))
    return [row.id for row in rows]


def outdated_persons(tx: Connection, limit: int) -> list[str]:
    """The ids of up to `limit` persons whose score is of another day or of other rules."""
    table = tables.persons
    rows = tx.execute(
        select(table.c.id)
        .where(table.c.outdated_since.is_not(None))
        .order_by(table.c.outdated_since, table.c.id)
        .limit(limit)
    )
    return [row.id for row in rows]


def count_dirty(tx: Connection) -> int:
    """How many persons are to be scored, for whatever reason."""
    table = tables.persons
    dirty = select(func.count()).where(table.c.dirty_since.is_not(None))
    outdated = select(func.count()).where(table.c.outdated_since.is_not(None), table.c.dirty_since.is_(None))
    return int(tx.execute(dirty).scalar_one()) + int(tx.execute(outdated).scalar_one())


def count_persons(tx: Connection) -> int:
    """How many persons there are."""
    return int(tx.execute(select(func.count()).select_from(tables.persons)).scalar_one())


def mark_clean(tx: Connection, persons: Sequence[str]) -> None:
    """Their scores are stored."""
    tx.execute(update(tables.persons).where(tables.persons.c.id.in_(persons)).values(dirty_since=None, outdated_since=None))


def mark_outdated(tx: Connection, today: datetime, rules_hash: str, now: datetime) -> None:
    """Mark persons whose score is of an earlier UTC day or other rules: time and rules move scores too."""
    scores, persons = tables.scores, tables.persons
    # Ranges, not an inequality: indexes find the few among a million.
    of_another_time = (scores.c.as_of < stamp(today), scores.c.rules_hash < rules_hash, scores.c.rules_hash > rules_hash)
    for outdated in of_another_time:
        found = select(scores.c.person_id).where(outdated)
        mark = update(persons).where(persons.c.id.in_(found), persons.c.outdated_since.is_(None))
        tx.execute(mark.values(outdated_since=stamp(now)))


def mark_colleagues(tx: Connection, now: datetime) -> None:
    """Mark the colleagues of dirty persons whose own records changed: some evidence is looked for in the whole company."""
    records, persons = tables.records, tables.persons
    companies = (
        select(records.c.connection, records.c.company)
        .join(persons, persons.c.id == records.c.person_id)
        .where(persons.c.dirty_since.is_not(None), records.c.company.is_not(None), records.c.removed_at.is_(None))
        .distinct()
    )
    members = select(records.c.person_id).where(tuple_(records.c.connection, records.c.company).in_(companies))
    tx.execute(
        update(persons).where(persons.c.id.in_(members), persons.c.dirty_since.is_(None)).values(dirty_since=stamp(now))
    )


def load_people(tx: Connection, persons: Sequence[str]) -> list[PersonView]:
    """These persons whole, in the order asked for; those without a live record are left out.

    What a record took part in that was merged away counts until the CRM names the survivor instead, and never twice.
    """
    by_person = _records_by_person(tx, persons)
    merged = _merged_by_person(tx, persons)
    held = [stored for stored_records in by_person.values() for stored in stored_records]
    companies = _companies(tx, held)
    taking_part = sorted({*map(_key, held), *(key for keys in merged.values() for key in keys)})
    deals = _deals(tx, taking_part)
    events = _events(tx, taking_part)
    views: list[PersonView] = []
    for person in persons:
        own = by_person.get(person, [])
        if not own:
            continue
        keys = [*merged.get(person, []), *map(_key, own)]  # what a live record says of a deal is said last, and stands
        views.append(
            PersonView(
                id=person,
                records=tuple(own),
                companies={key: companies[key] for stored in own if (key := _company_key(stored)) in companies},
                deals=tuple({(d.connection, d.deal.ref): d for key in keys for d in deals.get(key, [])}.values()),
                events=tuple({e.id: e for key in keys for e in events.get(key, [])}.values()),
            )
        )
    return views


def load_colleagues(tx: Connection, views: Sequence[PersonView]) -> dict[tuple[str, Ref], list[PersonView]]:
    """For each company of these persons, everybody with a record there, without events."""
    companies = sorted({key for view in views for key in view.companies})
    table = tables.records
    members: dict[tuple[str, Ref], set[str]] = {}
    names = {(connection, str(ref)): (connection, ref) for connection, ref in companies}
    for connection, _, told in by_place((connection, "", name) for connection, name in names):
        rows = tx.execute(
            select(table.c.connection, table.c.company, table.c.person_id).where(
                table.c.connection == connection,
                table.c.company.in_(told),
                table.c.removed_at.is_(None),
                table.c.person_id.is_not(None),
            )
        )
        for row in rows:
            members.setdefault(names[(row.connection, row.company)], set()).add(row.person_id)
    wanted = sorted({person for persons in members.values() for person in persons})
    found = _without_events(tx, wanted)
    # Rows come in no order; what a rep reads must not depend on the database.
    return {key: [found[person] for person in sorted(members[key])] for key in companies if key in members}


def load_members(tx: Connection, connection: str, company: Ref) -> list[PersonView]:
    """Everybody with a record at this company, whole but for their events."""
    table = tables.records
    rows = tx.execute(
        select(table.c.person_id)
        .where(
            table.c.connection == connection,
            table.c.company == str(company),
            table.c.removed_at.is_(None),
            table.c.person_id.is_not(None),
        )
        .distinct()
        .order_by(table.c.person_id)
    )
    return list(_without_events(tx, [row.person_id for row in rows]).values())


def _without_events(tx: Connection, persons: Sequence[str]) -> dict[str, PersonView]:
    """What can speak for a company: records and deals, which tell roles."""
    by_person = _records_by_person(tx, persons)
    deals = _deals(tx, sorted(_key(stored) for held in by_person.values() for stored in held))
    found: dict[str, PersonView] = {}
    for person, held in sorted(by_person.items()):
        theirs = {(one.connection, one.deal.ref): one for stored in held for one in deals.get(_key(stored), [])}
        found[person] = PersonView(id=person, records=tuple(held), companies={}, deals=tuple(theirs.values()))
    return found


def _company_key(stored: Stored) -> tuple[str, Ref]:
    record = stored.record
    company = record.company if isinstance(record, PersonRecord) else None
    return stored.connection, company or Ref("", "")


def _records_by_person(tx: Connection, persons: Sequence[str]) -> dict[str, list[Stored]]:
    table = tables.records
    found: dict[str, list[Stored]] = {}
    for chunk in chunks(persons):
        rows = tx.execute(
            select(table)
            .where(table.c.person_id.in_(chunk), table.c.removed_at.is_(None))
            .order_by(table.c.connection, table.c.object, table.c.id)
        )
        for row in rows:
            found.setdefault(row.person_id, []).append(stored_from_row(row))
    return found


def _companies(tx: Connection, held: Iterable[Stored]) -> dict[tuple[str, Ref], Stored]:
    table = tables.records
    wanted = sorted({key for stored in held if (key := _company_key(stored))[1].id})
    found: dict[tuple[str, Ref], Stored] = {}
    for connection, name, numbers in by_place((connection, ref.object, ref.id) for connection, ref in wanted):
        rows = tx.execute(
            select(table).where(
                table.c.connection == connection,
                table.c.object == name,
                table.c.id.in_(numbers),
                table.c.removed_at.is_(None),
            )
        )
        for row in rows:
            stored = stored_from_row(row)
            if isinstance(stored.record, CompanyRecord):
                found[(row.connection, stored.record.ref)] = stored
    return found


def _key(stored: Stored) -> tuple[str, Ref]:
    return stored.connection, stored.record.ref


def _merged_by_person(tx: Connection, persons: Sequence[str]) -> dict[str, list[tuple[str, Ref]]]:
    """The records that the CRM merged into one of each person's: as their removal told, or as the survivor says."""
    table, links = tables.records, tables.links
    found: dict[str, set[tuple[str, Ref]]] = {}
    stated = (
        (links.c.connection == table.c.connection)
        & (links.c.object == table.c.object)
        & (links.c.id == table.c.id)
        & (links.c.other_connection == table.c.connection)
        & (links.c.reason == "merge")
    )
    for chunk in chunks(persons):
        told = select(table.c.person_id, *_KEY).where(
            table.c.person_id.in_(chunk), table.c.removed_at.is_not(None), table.c.merged_into.is_not(None)
        )
        said = (
            select(table.c.person_id, links.c.connection, links.c.other_object, links.c.other_id)
            .join(links, stated)
            .where(table.c.person_id.in_(chunk), table.c.removed_at.is_(None))
        )
        for person, connection, name, number in tx.execute(told.union(said)):
            found.setdefault(person, set()).add((connection, Ref(name, number)))
    return {person: sorted(keys) for person, keys in found.items()}


def _deals(tx: Connection, keys: Sequence[tuple[str, Ref]]) -> dict[tuple[str, Ref], list[PersonDeal]]:
    parts, records = tables.deal_people, tables.records
    joined = parts.join(
        records,
        (records.c.connection == parts.c.connection)
        & (records.c.object == parts.c.deal_object)
        & (records.c.id == parts.c.deal_id),
    )
    found: dict[tuple[str, Ref], list[PersonDeal]] = {}
    for connection, name, numbers in by_place((connection, ref.object, ref.id) for connection, ref in keys):
        rows = tx.execute(
            select(records, parts.c.person_object, parts.c.person_record_id, parts.c.role)
            .select_from(joined)
            .where(
                parts.c.connection == connection,
                parts.c.person_object == name,
                parts.c.person_record_id.in_(numbers),
                records.c.removed_at.is_(None),
            )
            .order_by(records.c.id)
        )
        for row in rows:
            deal = stored_from_row(row).record
            if isinstance(deal, DealRecord):
                person = (row.connection, Ref(row.person_object, row.person_record_id))
                found.setdefault(person, []).append(PersonDeal(row.connection, deal, row.role))
    return found


def _events(tx: Connection, keys: Sequence[tuple[str, Ref]]) -> dict[tuple[str, Ref], list[PersonEvent]]:
    table = tables.events
    found: dict[tuple[str, Ref], list[PersonEvent]] = {}
    for connection, name, numbers in by_place((connection, ref.object, ref.id) for connection, ref in keys):
        rows = tx.execute(
            select(table)
            .where(
                table.c.connection == connection,
                table.c.person_object == name,
                table.c.person_record_id.in_(numbers),
            )
            .order_by(table.c.at, table.c.object, table.c.id)
        )
        for row in rows:
            event = PersonEvent(
                f"{row.connection}:{row.object}:{row.id}", row.type, from_stamp(row.at), _decode_fields(row.fields)
            )
            found.setdefault((row.connection, Ref(row.person_object, row.person_record_id)), []).append(event)
    return found
