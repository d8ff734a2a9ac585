"""What scores follow from, straight from the tables: plain rows, many at a time, of everybody or of some.

`load_people` gives the same as values, for whoever has to understand a person; this is for those who count a million. A key
is a record's connection, object and id in one text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, Text, and_, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from connectors.records import Stream
from leadline.state import tables

Batch = list[tuple[Any, ...]]

SEPARATOR = "\x1f"
"""ASCII's own; no CRM has it in a name or an id."""
_ROWS_AT_ONCE = 20_000
_records, _events, _parts, _links, _told = tables.records, tables.events, tables.deal_people, tables.links, tables.delivered
_LIVE = _records.c.removed_at.is_(None)


def column(batch: Batch, place: int) -> list[Any]:
    """One column of some rows. To turn them over with `zip` makes an object for each."""
    return list(map(itemgetter(place), batch))


def all_persons(tx: Connection) -> list[str]:
    """The ids of all persons."""
    return [person for rows in _batches(tx, select(tables.persons.c.id)) for (person,) in rows]


def has_persons(tx: Connection, many: int) -> bool:
    """Whether there are so many persons."""
    return tx.execute(select(tables.persons.c.id).offset(max(0, many - 1)).limit(1)).first() is not None


def persons_records(tx: Connection, persons: Collection[str] | None) -> Iterator[Batch]:
    """Key, person, key of the company and body of live records; of everybody for None."""
    table = _records.c
    company = table.connection + SEPARATOR + table.company
    asked = select(_key(_records), table.person_id, company, table.body).where(_LIVE)
    if persons is None:
        # No index gives half a table as quickly as the table itself, which SQLite would not know.
        yield from _batches(tx, asked.where((table.person_id + "").is_not(None)))
        return
    yield from _batches(tx, asked.where(_among(tx, table.person_id, persons)))


def companies(tx: Connection, keys: Iterable[str] | None) -> Iterator[Batch]:
    """Key, as `persons_records` names a company, and body of live companies; all of them for None."""
    table = _records.c
    key = table.connection + SEPARATOR + table.object + "/" + table.id
    asked = select(key, table.body).where(_LIVE)
    if keys is None:
        yield from _batches(tx, asked.where(table.stream == Stream.COMPANIES.value))
        return
    named = (one.replace("/", SEPARATOR, 1) for one in keys)
    yield from _of_keys(tx, asked, (table.connection, table.object, table.id), named)


def told(tx: Connection, persons: Collection[str] | None) -> Iterator[Batch]:
    """Key and content of what live records were told; of everybody for None."""
    if persons is None:
        table = _told.c
        yield from _batches(
            tx, select(table.connection + SEPARATOR + table.object + SEPARATOR + table.record_id, table.content)
        )
        return
    joined = _records.join(
        _told,
        and_(
            _told.c.connection == _records.c.connection,
            _told.c.object == _records.c.object,
            _told.c.record_id == _records.c.id,
        ),
    )
    asked = select(_key(_records), _told.c.content).select_from(joined)
    yield from _batches(tx, asked.where(_among(tx, _records.c.person_id, persons), _LIVE))


def merged_away(tx: Connection, persons: Collection[str] | None) -> Iterator[Batch]:
    """Person and key of records that the CRM merged into one of theirs: as their removal told, or as the survivor says."""
    table = _records.c
    was = select(table.person_id, _key(_records)).where(
        table.removed_at.is_not(None), table.merged_into.is_not(None), table.person_id.is_not(None)
    )
    lost = _links.c.connection + SEPARATOR + _links.c.other_object + SEPARATOR + _links.c.other_id
    stated = and_(
        _links.c.connection == table.connection,
        _links.c.object == table.object,
        _links.c.id == table.id,
        _links.c.other_connection == table.connection,
        _links.c.reason == "merge",
    )
    says = select(table.person_id, lost).join(_links, stated).where(_LIVE, table.person_id.is_not(None))
    ours = [] if persons is None else [_among(tx, table.person_id, persons)]
    yield from _batches(tx, was.where(*ours))
    yield from _batches(tx, says.where(*ours))


def roles(tx: Connection, keys: Iterable[str] | None) -> Iterator[Batch]:
    """Key of the deal, key of who takes part, role, and body of live deals; of everybody for None."""
    table, deal = _parts.c, _records.c
    own = (table.connection, table.person_object, table.person_record_id)
    joined = _parts.join(
        _records,
        and_(deal.connection == table.connection, deal.object == table.deal_object, deal.id == table.deal_id),
    )
    asked = select(_key(_records), _joined(own), table.role, deal.body).select_from(joined).where(_LIVE)
    yield from _of_keys(tx, asked, own, keys)


def events(tx: Connection, keys: Iterable[str] | None) -> Iterator[Batch]:
    """Key of who took part, type, time, fields and the event's id; of everybody for None."""
    table = _events.c
    own = (table.connection, table.person_object, table.person_record_id)
    number = table.connection + ":" + table.object + ":" + table.id
    asked = select(_joined(own), table.type, table.at, table.fields, number)
    yield from _of_keys(tx, asked, own, keys)


def _of_keys(
    tx: Connection, asked: Select[Any], own: tuple[ColumnElement[str], ...], keys: Iterable[str] | None
) -> Iterator[Batch]:
    if keys is None:
        yield from _batches(tx, asked)
        return
    places: dict[tuple[str, str], list[str]] = {}
    for connection, name, number in (key.split(SEPARATOR) for key in keys):
        places.setdefault((connection, name), []).append(number)
    for (connection, name), numbers in places.items():
        there = (own[0] == connection, own[1] == name, _among(tx, own[2], numbers))
        yield from _batches(tx, asked.where(*there))


def _among(tx: Connection, column: ColumnElement[str], values: Collection[str]) -> ColumnElement[bool]:
    """Whether a text is one of these. They are one parameter, however many: a name for each costs more than the reading."""
    if tx.dialect.name == "postgresql":
        return column == any_(literal(list(values), ARRAY(Text)))
    listed = func.json_each(msgspec.json.encode(list(values)).decode()).table_valued("value", name="listed")
    return column.in_(select(listed.c.value))


def _key(table: Any) -> ColumnElement[str]:
    return _joined((table.c.connection, table.c.object, table.c.id))


def _joined(columns: Iterable[ColumnElement[str]]) -> ColumnElement[str]:
    first, second, third = columns
    return first + SEPARATOR + second + SEPARATOR + third


def _batches(tx: Connection, statement: Select[Any]) -> Iterator[Batch]:
    """Rows as the driver gives them: what SQLAlchemy makes of a row costs as much as all that is done with it here."""
    found: Any = tx.execute(statement, execution_options={"stream_results": True})
    try:
        while rows := found.cursor_strategy.fetchmany(found, found.cursor, _ROWS_AT_ONCE):
            yield rows
    finally:
        found.close()
