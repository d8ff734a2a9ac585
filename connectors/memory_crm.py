"""A CRM that lives in this process: records, properties and tasks with the rules that real ones have, and no network.

Tests hold its hands (`put`, `set_fields`, `archive`, `erase`, `merge`, `refuse`, `wire.declare`);
`connectors.memory` calls it over `wire`, where declared faults strike. Every change takes the next number of one counter, so
what changed since a number is known exactly. All of it is thread-safe; time is injected.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from threading import RLock
from typing import Literal
from weakref import WeakValueDictionary

from msgspec.structs import replace

from connectors.contract import Gone, Outcome, Rejected, RetryAt, Update, Written
from connectors.fields import FieldKind, FieldSpec
from connectors.memory_tasks import TaskBoard
from connectors.memory_wire import Wire
from connectors.records import (
    CompanyRecord,
    DealRecord,
    EngagementRecord,
    OwnerRecord,
    PersonRecord,
    Record,
    Ref,
    Removed,
    SameAs,
    Scalar,
    Stream,
)
from connectors.stages import CRM_STAGE

LONG_TEXT_LIMIT = 32_768
"""Characters a long text may hold, as in a Salesforce long text area of the usual size."""

LIFECYCLE = ("subscriber", "lead", "marketing", "sales", "deal", "customer")
"""The values of a person's `lifecycle`, in order."""

_STREAMS: Mapping[type[Record], Stream] = {
    OwnerRecord: Stream.OWNERS,
    CompanyRecord: Stream.COMPANIES,
    PersonRecord: Stream.CONTACTS,
    DealRecord: Stream.DEALS,
    EngagementRecord: Stream.ENGAGEMENTS,
}
_ACCOUNTS: WeakValueDictionary[str, MemoryCrm] = WeakValueDictionary()


class UnknownProperty(Exception):
    """A write named properties the account does not have."""


class MemoryCrm:
    """One account. `tasks` are its tasks, `wire` is the way to it.

    Settings refer to it by `name`: the latest account opened under a name answers to it, as long as somebody holds it.
    """

    def __init__(self, name: str, now: Callable[[], datetime]) -> None:
        self.name = name
        self.tasks = TaskBoard()
        self.wire = Wire(now)
        self._now = now
        self._lock = RLock()
        self._sequence = 0
        self._rows: dict[Ref, tuple[int, Record]] = {}
        self._log: dict[Stream, list[tuple[int, Ref]]] = {stream: [] for stream in Stream}
        self._ours: dict[Ref, dict[str, Scalar]] = {}
        self._fields: dict[str, FieldSpec] = {}
        self._refusals: dict[Ref, str] = {}
        self._busy: dict[Ref, int] = {}
        self._since: dict[Ref, dict[str, datetime]] = {}
        self.answer()

    def answer(self) -> None:
        """Answer to the name, in place of another account that was opened under it meanwhile."""
        _ACCOUNTS[self.name] = self

    def put(self, record: Record) -> Ref:
        """Add the record, or replace it; its `modified_at` becomes now and `ours` is merged into what the account holds."""
        with self._lock:
            if isinstance(record, Removed):
                raise TypeError(f"{record.ref}: removals happen through archive or merge")
            if isinstance(record, PersonRecord):
                self._ours.setdefault(record.ref, {}).update(record.ours)
                record = replace(record, ours={})
            if not isinstance(record, OwnerRecord):
                record = replace(record, modified_at=self._now())
            if isinstance(record, PersonRecord | CompanyRecord):
                self._note_since(record)
            self._store(_STREAMS[type(record)], record)
            return record.ref

    def set_fields(self, ref: Ref, **fields: Scalar) -> None:
        """Edit mapped fields of a person, company or engagement, as a rep would; None empties one."""
        with self._lock:
            record = self._live(ref)
            if not isinstance(record, PersonRecord | CompanyRecord | EngagementRecord):
                raise KeyError(f"{ref} has no free fields")
            merged = {name: value for name, value in {**record.fields, **fields}.items() if value is not None}
            self.put(replace(record, fields=merged))

    def archive(
        self, ref: Ref, reason: Literal["archived", "merged", "privacy"] = "archived", into: Ref | None = None
    ) -> None:
        """Take the record away; a later `put` brings it back."""
        with self._lock:
            stream = _STREAMS[type(self._live(ref))]
            self._store(stream, Removed(ref=ref, at=self._now(), reason=reason, into=into))

    def erase(self, ref: Ref) -> None:
        """Delete the record for privacy: nothing of it remains, and no pull tells of it. A later `put` starts anew."""
        with self._lock:
            self._live(ref)
            del self._rows[ref]
            for held in (self._ours, self._refusals, self._busy, self._since):
                held.pop(ref, None)
            for _, record in list(self._rows.values()):
                if isinstance(record, EngagementRecord) and ref in record.people:
                    self.put(replace(record, people=tuple(other for other in record.people if other != ref)))
                if isinstance(record, DealRecord) and any(role.person == ref for role in record.people):
                    self.put(replace(record, people=tuple(role for role in record.people if role.person != ref)))

    def merge(self, loser: Ref, winner: Ref) -> None:
        """Merge two people: links and tasks of the loser move to the winner, which names it in `same_as`."""
        with self._lock:
            person, lost = self._live(winner), self._live(loser)
            if not isinstance(person, PersonRecord) or not isinstance(lost, PersonRecord):
                raise KeyError(f"{winner} or {loser} is no person")
            self.archive(loser, "merged", winner)
            taken_in = [one for one in lost.same_as if one.reason == "merge" and one.ref != winner]
            self.put(replace(person, same_as=(*person.same_as, SameAs(loser, "merge"), *taken_in)))
            for _, record in list(self._rows.values()):
                if isinstance(record, EngagementRecord) and loser in record.people:
                    people = dict.fromkeys(winner if other == loser else other for other in record.people)
                    self.put(replace(record, people=tuple(people)))
                if isinstance(record, DealRecord) and any(role.person == loser for role in record.people):
                    roles = (replace(role, person=winner) if role.person == loser else role for role in record.people)
                    self.put(replace(record, people=tuple(roles)))
            self.tasks.move(loser, winner)

    def refuse(self, ref: Ref, message: str | None) -> None:
        """Refuse every write to the record with these words, until called with None."""
        with self._lock:
            self._refusals.pop(ref, None)
            if message is not None:
                self._refusals[ref] = message

    def keep_busy(self, ref: Ref, times: int = 1) -> None:
        """Answer the next writes to the record with "try again", as a record lock does."""
        with self._lock:
            self._busy[ref] = times

    def get(self, ref: Ref) -> Record | None:
        """The record as it is now, or what is known of its removal; None if it never was."""
        with self._lock:
            return self._shown(self._rows[ref][1]) if ref in self._rows else None

    def ours(self, ref: Ref) -> Mapping[str, Scalar]:
        """What the account shows in our properties of the person."""
        with self._lock:
            return dict(self._ours.get(ref, {}))

    def since(self, ref: Ref) -> Mapping[str, datetime]:
        """Since when each field of a person or company holds its value; nothing of a record that is gone."""
        with self._lock:
            shown = self.get(ref)
            return dict(self._since.get(ref, {})) if isinstance(shown, PersonRecord | CompanyRecord) else {}

    def live(self, stream: Stream) -> tuple[Record, ...]:
        """The records of the stream that are there now, in order of their latest change."""
        with self._lock:
            changes = self.changes(stream, after=0, until=self._sequence, limit=len(self._log[stream]))
            return tuple(record for _, record in changes if not isinstance(record, Removed))

    def head(self) -> int:
        """The number of the latest change, 0 before any."""
        with self._lock:
            return self._sequence

    def changes(self, stream: Stream, *, after: int, until: int, limit: int) -> tuple[tuple[int, Record], ...]:
        """Records whose latest change has `after` < number ≤ `until`, with that number, in its order, at most `limit`."""
        with self._lock:
            log = self._log[stream]
            found: list[tuple[int, Record]] = []
            for index in range(bisect_right(log, after, key=lambda entry: entry[0]), len(log)):
                number, ref = log[index]
                if number > until or len(found) == limit:
                    break
                held = self._rows.get(ref)
                if held is not None and held[0] == number:
                    found.append((number, self._shown(held[1])))
            return tuple(found)

    def listed(self, stream: Stream, *, after: Ref | None, limit: int) -> tuple[Record, ...]:
        """Live records of the stream with a reference beyond `after`, in the order of references, at most `limit`."""
        with self._lock:
            held = ((ref, record) for ref, (_, record) in self._rows.items() if after is None or ref > after)
            live = sorted((ref, record) for ref, record in held if _STREAMS.get(type(record)) is stream)
            return tuple(self._shown(record) for _, record in live[:limit])

    def properties(self) -> Mapping[str, FieldSpec]:
        """Our properties that exist, by name."""
        with self._lock:
            return dict(self._fields)

    def provision(self, spec: FieldSpec) -> None:
        """Create or update one of our properties."""
        with self._lock:
            self._fields[spec.name] = spec

    def write(self, updates: Sequence[Update]) -> tuple[Outcome, ...]:
        """Set our properties and `lifecycle` on people, and any on companies: there they are the admin's.

        Raises:
            UnknownProperty: a person's value names a property that does not exist; nothing is written then.
        """
        with self._lock:
            people = [update for update in updates if not self._is_company(update.ref)]
            unknown = {name for update in people for name in update.values} - self._fields.keys() - {CRM_STAGE}
            if unknown:
                raise UnknownProperty(", ".join(sorted(unknown)))
            return tuple(self._write_one(update) for update in updates)

    def _write_one(self, update: Update) -> Outcome:
        ref = update.ref
        record = self._rows[ref][1] if ref in self._rows else None
        if isinstance(record, CompanyRecord):
            self._ours[ref] = {**self._ours.get(ref, {}), **update.values}
            return Written(ref)
        if not isinstance(record, PersonRecord):
            return Gone(ref, record.into if isinstance(record, Removed) else None)
        if not record.writable:
            return Gone(ref, next((same.ref for same in record.same_as if same.reason == "conversion"), None))
        if self._busy.get(ref, 0) > 0:
            self._busy[ref] -= 1
            return RetryAt(ref, "the record is locked")
        complaint = self._refusals.get(ref) or self._complaint(update.values)
        if complaint:
            return Rejected(ref, "REFUSED", complaint)
        held = {**self._ours.get(ref, {}), **update.values}
        stage = held.pop(CRM_STAGE, None)
        self._ours[ref] = {name: value for name, value in held.items() if value is not None}
        self.put(record if stage is None else replace(record, fields={**record.fields, "lifecycle": stage}))
        return Written(ref)

    def _is_company(self, ref: Ref) -> bool:
        return ref in self._rows and isinstance(self._rows[ref][1], CompanyRecord)

    def _complaint(self, values: Mapping[str, Scalar]) -> str | None:
        if values.get(CRM_STAGE, LIFECYCLE[0]) not in LIFECYCLE:
            return f"{values[CRM_STAGE]} is no stage of this account"
        for name, value in values.items():
            if name != CRM_STAGE and value is not None and not _fits(self._fields[name], value):
                return f"the value does not fit the property {name}"
        return None

    def _note_since(self, record: PersonRecord | CompanyRecord) -> None:
        before = self._rows[record.ref][1] if record.ref in self._rows else None
        earlier = before.fields if isinstance(before, PersonRecord | CompanyRecord) else {}
        known = self._since.get(record.ref, {})
        self._since[record.ref] = {
            name: known[name] if earlier.get(name) == value else record.modified_at for name, value in record.fields.items()
        }

    def _store(self, stream: Stream, record: Record) -> None:
        self._sequence += 1
        self._rows[record.ref] = (self._sequence, record)
        self._log[stream].append((self._sequence, record.ref))

    def _shown(self, record: Record) -> Record:
        return replace(record, ours=dict(self._ours.get(record.ref, {}))) if isinstance(record, PersonRecord) else record

    def _live(self, ref: Ref) -> Record:
        record = self._rows[ref][1]
        if isinstance(record, Removed):
            raise KeyError(f"{ref} is gone")
        return record


def account(name: str) -> MemoryCrm | None:
    """The account that answers to the name."""
    return _ACCOUNTS.get(name)


def _fits(spec: FieldSpec, value: Scalar) -> bool:
    if spec.kind is FieldKind.INTEGER:
        return isinstance(value, int) and not isinstance(value, bool)
    if not isinstance(value, str):
        return False
    if spec.kind is FieldKind.CHOICE:
        return value in {option for option, _ in spec.options}
    if spec.kind is FieldKind.DATETIME:
        return _is_time(value)
    return len(value) <= (LONG_TEXT_LIMIT if spec.kind is FieldKind.LONG_TEXT else spec.length)


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
