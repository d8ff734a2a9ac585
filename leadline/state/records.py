"""What the CRMs said: records, deals' people, events and cursors, stored page by page.

A page and its cursor go into one transaction. A record whose mapped content is what we already have is dropped here,
which is how our own writes, coming back in the next pull, die out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    Record,
    Ref,
    Removed,
    Stream,
)
from leadline.clock import from_stamp, stamp
from leadline.fields import FEEDBACK
from leadline.state import delivered, parked, removals, tables
from leadline.state.database import Row, chunks, upsert
from leadline.state.events import Grown, save_engagements, save_rollups
from leadline.state.links import save_deal_people, save_links
from leadline.state.touched import Touched

KeptRecord: TypeAlias = PersonRecord | CompanyRecord | DealRecord | OwnerRecord

_decode_record = msgspec.json.Decoder(PersonRecord | CompanyRecord | DealRecord | OwnerRecord).decode
_decode_dates = msgspec.json.Decoder(dict[str, str]).decode
_decode_names = msgspec.json.Decoder(frozenset[str]).decode
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Stored(Struct, frozen=True):
    """A kept record with what we know about it: since when each field holds its value, and whose it is.

    `field_dates` are when we first saw the values, `told_dates` since when the CRM's own history says they hold, which goes
    before. `dated_for` is `encode_names` of the fields whose history was asked for since they took their values.
    """

    connection: str
    record: KeptRecord
    field_dates: dict[str, str]
    content_hash: str
    first_seen_at: datetime
    person_id: str | None
    removed: bool
    told_dates: dict[str, str] = {}
    dated_for: str = ""


@dataclass(slots=True)
class PageResult:
    """How many records of a page were new to us or changed, and how many said nothing new."""

    changed: int = 0
    unchanged: int = 0


def save_page(tx: Connection, connection: str, stream: Stream, page: Page, now: datetime) -> PageResult:
    """Store a page with its cursor and mark whom it concerns. Saving the same page again changes nothing.

    What the page says is gone is put on the list of `removals`, which `leadline.removals` settles.
    """
    result = save_records(tx, connection, stream, page.records, now)
    held = tx.execute(
        select(tables.cursors.c.completed_at, tables.cursors.c.first_completed_at).where(
            tables.cursors.c.connection == connection, tables.cursors.c.stream == stream.value
        )
    ).first()
    completed, first_completed = (held[0], held[1]) if held else (None, None)
    upsert(tx, tables.cursors, [(connection, stream.value, page.cursor, stamp(now), completed, first_completed)])
    return result


def save_records(tx: Connection, connection: str, stream: Stream, found: Sequence[Record], now: datetime) -> PageResult:
    """Store records, and what is gone on its list, and mark whom they concern; no cursor moves."""
    result = PageResult()
    touched = Touched()
    engagements = [record for record in found if isinstance(record, EngagementRecord)]
    removed = [record for record in found if isinstance(record, Removed)]
    kept: list[KeptRecord] = [record for record in found if not isinstance(record, (EngagementRecord, Removed))]
    people = [record for record in kept if isinstance(record, PersonRecord)]
    parked.lift_touched(tx, connection, people)
    delivered.compare(tx, connection, people, now)
    _save_kept(tx, connection, stream, kept, now, result, touched)
    changed_events = save_engagements(tx, connection, engagements)
    result.changed += len(changed_events.engagements)
    result.unchanged += len(engagements) - len(changed_events.engagements)
    touched.participants |= changed_events.participants
    removals.take_off(tx, connection, [record.ref for record in (*kept, *engagements)])
    removals.expect(tx, connection, stream, removed)
    touched.mark(tx, connection, now)
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


def companies_among(tx: Connection, connection: str, refs: Iterable[Ref]) -> frozenset[Ref]:
    """Those of these records that are companies."""
    return frozenset(ref for ref, one in load(tx, connection, refs).items() if isinstance(one.record, CompanyRecord))


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
        told_dates=_decode_dates(row.told_dates),
        dated_for=row.dated_for,
    )


def normalised_email(email: str | None) -> str | None:
    """How e-mail addresses are compared: trimmed and case-folded; None for what cannot be an address."""
    folded = (email or "").strip().casefold()
    return folded if "@" in folded else None


def content_hash(record: KeptRecord) -> str:
    """A short hash of what the record says, leaving out when it was touched and what we wrote onto it.

    What reps filled in beside that is content.
    """
    bare: KeptRecord = record
    if not isinstance(bare, OwnerRecord):
        bare = msgspec.structs.replace(bare, modified_at=_EPOCH)
    if isinstance(bare, PersonRecord):
        bare = msgspec.structs.replace(bare, ours={FEEDBACK: bare.ours[FEEDBACK]} if bare.ours.get(FEEDBACK) else {})
    return blake2b(msgspec.json.encode(bare, order="sorted"), digest_size=12).hexdigest()


def _save_kept(
    tx: Connection,
    connection: str,
    stream: Stream,
    kept: Sequence[KeptRecord],
    now: datetime,
    result: PageResult,
    touched: Touched,
) -> None:
    known = load(tx, connection, (record.ref for record in kept))
    rows: list[Row] = []
    touched_only: list[KeptRecord] = []
    people: list[Grown] = []
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
            people.append(Grown(record, earlier, _merged_totals(tx, connection, record, earlier)))
            if earlier and earlier.company != record.company:
                touched.by(earlier)
            continue
        touched.by(record)
        if before:
            touched.by(before.record)
        if isinstance(record, DealRecord):
            deals.append(record)
    upsert(tx, tables.records, rows)
    _resolve_former_namesakes(tx, people)
    _note_touched(tx, connection, touched_only)
    save_deal_people(tx, connection, deals)
    save_links(tx, connection, [grown.person for grown in people], now)
    save_rollups(tx, connection, people)


def _resolve_former_namesakes(tx: Connection, people: Iterable[Grown]) -> None:
    """Who has an address that another record gave up may be joined by it now: it may have been on too many records."""
    given_up = {
        email
        for grown in people
        if grown.before and grown.before.email != grown.person.email and (email := normalised_email(grown.before.email))
    }
    table = tables.records
    for chunk in chunks(sorted(given_up)):
        tx.execute(update(table).where(table.c.email.in_(chunk), table.c.removed_at.is_(None)).values(unresolved=1))


def _merged_totals(tx: Connection, connection: str, person: PersonRecord, before: PersonRecord | None) -> dict[str, int]:
    """The totals, as we know them, of the records that this one is the first time said to have taken in."""
    known = {same.ref for same in before.same_as} if before else set()
    merged = [same.ref for same in person.same_as if same.reason == "merge" and same.ref not in known]
    totals: dict[str, int] = {}
    for stored in load(tx, connection, merged).values():
        if isinstance(stored.record, PersonRecord):
            for rollup in stored.record.rollups:
                totals[rollup.name] = totals.get(rollup.name, 0) + rollup.total
    return totals


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
        *_kept_history(record, before),
    )


def _kept_history(record: KeptRecord, before: Stored | None) -> tuple[str, str]:
    """What the CRM's history told of values that are still the same, and which fields need not be asked for again."""
    if before is None or not isinstance(before.record, (PersonRecord, CompanyRecord)) or not before.dated_for:
        return "{}", ""
    earlier = before.record.fields
    later = record.fields if isinstance(record, (PersonRecord, CompanyRecord)) else {}
    changed = {name for name in earlier.keys() | later.keys() if earlier.get(name) != later.get(name)}
    told = {name: at for name, at in before.told_dates.items() if name not in changed}
    return msgspec.json.encode(told).decode(), encode_names(decode_names(before.dated_for) - changed)


def encode_names(names: Iterable[str]) -> str:
    """Names of fields as text that is the same for the same names."""
    return msgspec.json.encode(sorted(names)).decode()


def decode_names(text: str) -> frozenset[str]:
    """The names in a text of `encode_names`; none in an empty one."""
    return _decode_names(text) if text else frozenset()


def _field_dates(record: KeptRecord, before: Stored | None) -> dict[str, str]:
    """Since when each field holds its value. The modified time is the latest moment at which a new value can have come."""
    if not isinstance(record, (PersonRecord, CompanyRecord)):
        return {}
    at = stamp(record.modified_at)
    if before is None or not isinstance(before.record, (PersonRecord, CompanyRecord)):
        return dict.fromkeys(_dated(record), at)
    earlier = _dated(before.record)
    return {
        name: before.field_dates.get(name, at) if name in earlier and earlier[name] == value else at
        for name, value in _dated(record).items()
    }


def _dated(record: PersonRecord | CompanyRecord) -> Mapping[str, Any]:
    """The fields, and a person's address: it has a date too, since it is a reason to join."""
    address = record.email if isinstance(record, PersonRecord) else None
    return {**record.fields, "email": address} if address else record.fields


def field_dates_of(stored: Stored) -> dict[str, datetime]:
    """The record's field dates as aware UTC times: what the CRM told, else when we first saw the value."""
    return {name: from_stamp(stored.told_dates.get(name, text)) for name, text in stored.field_dates.items()}
