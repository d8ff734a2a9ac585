"""What the CRMs said: records, deals' people, events and cursors, stored page by page.

A page and its cursor go into one transaction. A record whose mapped content is what we already have is dropped here,
which is how our own writes, coming back in the next pull, die out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, bindparam, select, update

from connectors.contract import Page
from connectors.records import (
    CompanyRecord,
    DealRecord,
    EngagementRecord,
    OwnerRecord,
    PersonRecord,
    Ref,
    Removed,
    Stream,
)
from leadline.clock import from_stamp, stamp
from leadline.state import tables
from leadline.state.database import Row, upsert
from leadline.state.events import ChangedEvents, remove_engagements, save_engagements, save_rollups
from leadline.state.links import save_deal_people, save_links

KeptRecord: TypeAlias = PersonRecord | CompanyRecord | DealRecord | OwnerRecord

_decode_record = msgspec.json.Decoder(PersonRecord | CompanyRecord | DealRecord | OwnerRecord).decode
_decode_dates = msgspec.json.Decoder(dict[str, str]).decode
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Stored(Struct, frozen=True):
    """A kept record with what we know about it: since when each field holds its value, and whose it is."""

    connection: str
    record: KeptRecord
    field_dates: dict[str, str]
    content_hash: str
    first_seen_at: datetime
    person_id: str | None
    removed: bool


@dataclass(slots=True)
class PageResult:
    """How many records of a page were new to us or changed, and how many said nothing new."""

    changed: int = 0
    unchanged: int = 0


@dataclass(slots=True)
class _Touched:
    """What a page changed for people: their own records, companies they belong to, records they take part through."""

    companies: set[str] = field(default_factory=set)
    participants: set[Ref] = field(default_factory=set)


def mark_gone(tx: Connection, connection: str, refs: Iterable[Ref], now: datetime) -> None:
    """The CRM says these records are not there: they leave the score until a pull brings them back."""
    table = tables.records
    for ref in refs:
        tx.execute(
            update(table)
            .where(table.c.connection == connection, table.c.object == ref.object, table.c.id == ref.id)
            .values(removed_at=stamp(now), unresolved=1)
        )


def save_page(tx: Connection, connection: str, stream: Stream, page: Page, now: datetime) -> PageResult:
    """Store a page with its cursor and mark whom it concerns. Saving the same page again changes nothing."""
    result = PageResult()
    touched = _Touched()
    engagements = [record for record in page.records if isinstance(record, EngagementRecord)]
    removed = [record for record in page.records if isinstance(record, Removed)]
    kept: list[KeptRecord] = [record for record in page.records if not isinstance(record, (EngagementRecord, Removed))]
    _save_kept(tx, connection, stream, kept, now, result, touched)
    changed_events = save_engagements(tx, connection, engagements)
    result.unchanged += len(engagements) - len(changed_events.engagements)
    _note_events(changed_events, result, touched)
    if stream is Stream.ENGAGEMENTS:
        _note_events(remove_engagements(tx, connection, [gone.ref for gone in removed]), result, touched)
    else:
        result.changed += sum(_remove(tx, connection, gone, touched) for gone in removed)
    _mark_dirty(tx, connection, touched, now)
    held = tx.execute(
        select(tables.cursors.c.completed_at, tables.cursors.c.first_completed_at).where(
            tables.cursors.c.connection == connection, tables.cursors.c.stream == stream.value
        )
    ).first()
    completed, first_completed = (held[0], held[1]) if held else (None, None)
    upsert(tx, tables.cursors, [(connection, stream.value, page.cursor, stamp(now), completed, first_completed)])
    return result


def load(tx: Connection, connection: str, refs: Iterable[Ref]) -> dict[Ref, Stored]:
    """The stored records among `refs`."""
    by_object: dict[str, list[str]] = {}
    for ref in refs:
        by_object.setdefault(ref.object, []).append(ref.id)
    found: dict[Ref, Stored] = {}
    for name, ids in by_object.items():
        rows = tx.execute(
            select(tables.records).where(
                tables.records.c.connection == connection,
                tables.records.c.object == name,
                tables.records.c.id.in_(ids),
            )
        )
        for row in rows:
            found[Ref(name, row.id)] = stored_from_row(row)
    return found


def owners_of(tx: Connection, connection: str) -> dict[str, OwnerRecord]:
    """Everybody records of this connection can be assigned to, by id."""
    table = tables.records
    rows = tx.execute(
        select(table.c.body).where(
            table.c.connection == connection,
            table.c.stream == Stream.OWNERS.value,
            table.c.removed_at.is_(None),
        )
    )
    held = [_decode_record(row.body) for row in rows]
    return {owner.ref.id: owner for owner in held if isinstance(owner, OwnerRecord)}


def stored_from_row(row: Any) -> Stored:
    """A row of `records` as a value."""
    return Stored(
        connection=row.connection,
        record=_decode_record(row.body),
        field_dates=_decode_dates(row.field_dates),
        content_hash=row.content_hash,
        first_seen_at=from_stamp(row.first_seen_at),
        person_id=row.person_id,
        removed=row.removed_at is not None,
    )


def normalised_email(email: str | None) -> str | None:
    """How e-mail addresses are compared: trimmed and case-folded; None for what cannot be an address."""
    folded = (email or "").strip().casefold()
    return folded if "@" in folded else None


def content_hash(record: KeptRecord) -> str:
    """A short hash of what the record says, leaving out when it was touched and what we wrote onto it."""
    bare: KeptRecord = record
    if not isinstance(bare, OwnerRecord):
        bare = msgspec.structs.replace(bare, modified_at=_EPOCH)
    if isinstance(bare, PersonRecord):
        bare = msgspec.structs.replace(bare, ours={})
    return blake2b(msgspec.json.encode(bare, order="sorted"), digest_size=12).hexdigest()


def _note_events(changed: ChangedEvents, result: PageResult, touched: _Touched) -> None:
    result.changed += len(changed.engagements)
    touched.participants |= changed.participants


def _save_kept(
    tx: Connection,
    connection: str,
    stream: Stream,
    kept: Sequence[KeptRecord],
    now: datetime,
    result: PageResult,
    touched: _Touched,
) -> None:
    known = load(tx, connection, (record.ref for record in kept))
    rows: list[Row] = []
    touched_only: list[KeptRecord] = []
    people: list[tuple[PersonRecord, PersonRecord | None]] = []
    deals: list[DealRecord] = []
    for record in kept:
        before = known.get(record.ref)
        digest = content_hash(record)
        if before and before.content_hash == digest and not before.removed:
            result.unchanged += 1
            touched_only.append(record)
            continue
        result.changed += 1
        rows.append(_row(connection, stream, record, digest, before, now))
        if isinstance(record, PersonRecord):
            earlier = before.record if before and isinstance(before.record, PersonRecord) else None
            people.append((record, earlier))
            if earlier and earlier.company and earlier.company != record.company:
                touched.companies.add(str(earlier.company))
        elif isinstance(record, CompanyRecord):
            touched.companies.add(str(record.ref))
        elif isinstance(record, DealRecord):
            deals.append(record)
            touched.participants |= {part.person for part in record.people}
            if before and isinstance(before.record, DealRecord):
                touched.participants |= {part.person for part in before.record.people}
    upsert(tx, tables.records, rows)
    _note_touched(tx, connection, touched_only)
    save_deal_people(tx, connection, deals)
    save_links(tx, connection, [record for record, _ in people], now)
    save_rollups(tx, connection, people)


def _note_touched(tx: Connection, connection: str, kept: Sequence[KeptRecord]) -> None:
    """Records that were touched without saying anything new: an audit compares when each was touched last."""
    table = tables.records
    at_refs = [(stamp(one.modified_at), one.ref) for one in kept if not isinstance(one, OwnerRecord)]
    if at_refs:
        tx.execute(
            update(table)
            .where(table.c.connection == connection, table.c.object == bindparam("of"), table.c.id == bindparam("this"))
            .where(table.c.modified_at < bindparam("at"))
            .values(modified_at=bindparam("at")),
            [{"of": ref.object, "this": ref.id, "at": at} for at, ref in at_refs],
        )


def _row(connection: str, stream: Stream, record: KeptRecord, digest: str, before: Stored | None, now: datetime) -> Row:
    person = record if isinstance(record, PersonRecord) else None
    return (
        connection,
        record.ref.object,
        record.ref.id,
        stream.value,
        msgspec.json.encode(record).decode(),
        digest,
        stamp(record.modified_at) if not isinstance(record, OwnerRecord) else stamp(now),
        stamp(before.first_seen_at if before else now),
        msgspec.json.encode(_field_dates(record, before)).decode(),
        normalised_email(person.email) if person else None,
        str(person.company) if person and person.company else None,
        person.owner_id if person else None,
        before.person_id if before else None,
        None,
        None,
        1 if person else 0,
    )


def _field_dates(record: KeptRecord, before: Stored | None) -> dict[str, str]:
    """Since when each field holds its value. The modified time is the latest moment at which a new value can have come."""
    if not isinstance(record, (PersonRecord, CompanyRecord)):
        return {}
    at = stamp(record.modified_at)
    if before is None or not isinstance(before.record, (PersonRecord, CompanyRecord)):
        return dict.fromkeys(record.fields, at)
    earlier: Mapping[str, Any] = before.record.fields
    return {
        name: before.field_dates.get(name, at) if name in earlier and earlier[name] == value else at
        for name, value in record.fields.items()
    }


def _remove(tx: Connection, connection: str, gone: Removed, touched: _Touched) -> int:
    table = tables.records
    this = (table.c.connection == connection, table.c.object == gone.ref.object, table.c.id == gone.ref.id)
    row = tx.execute(select(table).where(*this, table.c.removed_at.is_(None))).first()
    if row is None:
        return 0
    stored = stored_from_row(row)
    is_person = isinstance(stored.record, PersonRecord)
    tx.execute(update(table).where(*this).values(removed_at=stamp(gone.at), unresolved=1 if is_person else 0))
    if isinstance(stored.record, PersonRecord) and stored.record.company:
        touched.companies.add(str(stored.record.company))
    if isinstance(stored.record, DealRecord):
        touched.participants |= {part.person for part in stored.record.people}
    if isinstance(stored.record, CompanyRecord):
        touched.companies.add(str(gone.ref))
    return 1


def _mark_dirty(tx: Connection, connection: str, touched: _Touched, now: datetime) -> None:
    records = tables.records
    mark = update(tables.persons).values(dirty_since=stamp(now))
    if touched.companies:
        members = select(records.c.person_id).where(
            records.c.connection == connection, records.c.company.in_(bindparam("companies", expanding=True))
        )
        tx.execute(mark.where(tables.persons.c.id.in_(members)), {"companies": sorted(touched.companies)})
    by_object: dict[str, list[str]] = {}
    for ref in sorted(touched.participants):
        by_object.setdefault(ref.object, []).append(ref.id)
    for name, ids in by_object.items():
        members = select(records.c.person_id).where(
            records.c.connection == connection, records.c.object == name, records.c.id.in_(ids)
        )
        tx.execute(mark.where(tables.persons.c.id.in_(members)))


def field_dates_of(stored: Stored) -> dict[str, datetime]:
    """The record's field dates as aware UTC times."""
    return {name: from_stamp(text) for name, text in stored.field_dates.items()}
