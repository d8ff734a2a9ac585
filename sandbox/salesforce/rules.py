"""What this org's admin has set up against bad data, and the records that another process holds locked.

Set as a whole through the control surface (`POST /_twin/rules`): validation rules, duplicate rules and locks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from sandbox.clock import TwinClock
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Field, Value
from sandbox.salesforce.ids import long_id
from sandbox.salesforce.schema import Schema, SObject
from sandbox.salesforce.store import Row, Store

Values = Mapping[str, Value]
_DUPLICATE = "You're creating a duplicate record. We recommend you use an existing record instead."


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One part of a validation rule's formula, over the values after the write; `changed` looks at the write itself."""

    field: str
    test: Literal["blank", "filled", "equals", "differs", "above", "below", "changed"]
    value: str | float | bool | None = None


class ValidationRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Writes to `object` are refused with `message` when all conditions hold, whichever fields they touch.

    `error_field` is where the message stands; without it at the top of the page, and `fields` is empty.
    """

    object: str
    message: str
    when: tuple[Condition, ...]
    error_field: str | None = None


class DuplicateRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record of `object` that has the same values in all `match` fields as one of `against` is a duplicate.

    `alert` lets it pass when the client sends `Sforce-Duplicate-Rule-Header: allowSave=true`, `block` never does.
    """

    object: str
    name: str
    match: tuple[str, ...]
    against: tuple[str, ...] = ()
    action: Literal["alert", "block"] = "alert"
    message: str = _DUPLICATE


class Lock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record that another process holds for `seconds` of the twin's time, with all that hangs on it."""

    id: str
    seconds: float


class RuleBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rules and locks in force."""

    validation: tuple[ValidationRule, ...] = ()
    duplicates: tuple[DuplicateRule, ...] = ()
    locks: tuple[Lock, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A write that passed the platform's own checks: the values before (none for a new record) and after."""

    sobject: SObject
    before: Values
    changes: Values
    after: Values


class Rules:
    """The rules of one org; none until they are set."""

    def __init__(self, schema: Schema, store: Store, clock: TwinClock) -> None:
        self._schema = schema
        self._store = store
        self._clock = clock
        self._book = RuleBook()
        self._held_until: dict[str, float] = {}

    def replace(self, order: Any) -> RuleBook:
        """Put rules (parsed JSON) in force instead of the former ones; locks are held from now on.

        Raises:
            ValueError: when they are no rules, or name an object, field or id that cannot be.
        """
        book = msgspec.convert(order, RuleBook)
        for refusal in book.validation:
            self._check_fields(refusal.object, tuple(part.field for part in refusal.when))
        for rule in book.duplicates:
            for kind in (rule.object, *rule.against):
                self._check_fields(kind, rule.match)
        now = self._clock.seconds()
        held = {long_id(lock.id): now + lock.seconds for lock in book.locks}
        if None in held:
            raise ValueError("a lock needs the id of a record")
        self._held_until = {record_id: until for record_id, until in held.items() if record_id is not None}
        self._book = book
        return book

    def check_locks(self, sobject: SObject, values: Values) -> None:
        """Raises UNABLE_TO_LOCK_ROW where the record, or one that it hangs on, is held."""
        if not self._held_until:
            return
        names = ["Id", *(field.name for field in sobject.fields.values() if field.cascades)]
        now = self._clock.seconds()
        for name in names:
            held = values.get(name)
            if isinstance(held, str) and self._held_until.get(held, 0.0) > now:
                message = f"unable to obtain exclusive access to this record or 1 records: {held}"
                raise SalesforceError("UNABLE_TO_LOCK_ROW", message)

    def check_validation(self, write: Judged) -> None:
        """Raises FIELD_CUSTOM_VALIDATION_EXCEPTION, with an error for every rule that the record breaks."""
        broken = [
            SalesforceError(
                "FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, () if rule.error_field is None else (rule.error_field,)
            )
            for rule in self._book.validation
            if rule.object.lower() == write.sobject.name.lower() and all(_holds(part, write) for part in rule.when)
        ]
        if broken:
            first = broken[0]
            raise SalesforceError(first.code, first.message, first.fields, also=tuple(broken[1:]))

    def check_duplicates(self, write: Judged, base: str | None) -> None:
        """Raises DUPLICATES_DETECTED for a record that a rule matches. `base` is None when the client saves regardless."""
        for rule in self._book.duplicates:
            if rule.object.lower() != write.sobject.name.lower() or (base is None and rule.action == "alert"):
                continue
            touched = [name for name in rule.match if write.changes.get(_own(write.sobject, name)) is not None]
            found = list(self._matches(rule, write)) if touched else []
            if found:
                detail = {"duplicateResut": _duplicate_result(rule, found, base or "")}
                raise SalesforceError("DUPLICATES_DETECTED", rule.message, detail=detail)

    def _matches(self, rule: DuplicateRule, write: Judged) -> Iterator[Row]:
        wanted = [_folded(write.after.get(_own(write.sobject, name))) for name in rule.match]
        if None in wanted:
            return
        for kind in rule.against or (rule.object,):
            other = self._schema.named(kind)
            names = [_own(other, name) for name in rule.match]
            for row in self._candidates(other, names[0], wanted[0]):
                same = [_folded(row.values.get(name)) for name in names] == wanted
                if same and not row.deleted and row.id != write.before.get("Id"):
                    yield row

    def _candidates(self, sobject: SObject, name: str, value: Value) -> list[Row]:
        field = sobject.fields.get(name)
        if field is None:
            return []
        if field.id_lookup and field.type != "id":
            return self._store.matching(sobject.name, field, value)
        return list(self._store.rows(sobject.name))

    def _check_fields(self, kind: str, names: tuple[str, ...]) -> None:
        sobject = self._schema.find(kind)
        unknown = [name for name in names if sobject is None or sobject.field(name) is None]
        if sobject is None or unknown or not names:
            raise ValueError(f"a rule for {kind} names no field, or what is not there: {', '.join(unknown)}")


def _own(sobject: SObject, name: str) -> str:
    field: Field | None = sobject.field(name)
    return name if field is None else field.name


def _folded(value: Value) -> Value:
    return value.lower() if isinstance(value, str) else value


def _blank(value: Value) -> bool:
    return value is None or value == ""


def _above(value: Value, limit: Value) -> bool:
    return isinstance(value, int | float) and isinstance(limit, int | float) and value > limit


def _below(value: Value, limit: Value) -> bool:
    return isinstance(value, int | float) and isinstance(limit, int | float) and value < limit


_TESTS: dict[str, Callable[[Value, Value], bool]] = {
    "blank": lambda value, _: _blank(value),
    "filled": lambda value, _: not _blank(value),
    "equals": lambda value, other: _folded(value) == _folded(other),
    "differs": lambda value, other: _folded(value) != _folded(other),
    "above": _above,
    "below": _below,
}


def _holds(part: Condition, write: Judged) -> bool:
    name = _own(write.sobject, part.field)
    if part.test == "changed":
        return bool(write.before) and write.after.get(name) != write.before.get(name)
    return _TESTS[part.test](write.after.get(name), part.value)


def _duplicate_result(rule: DuplicateRule, found: list[Row], base: str) -> dict[str, object]:
    """What the org says of a duplicate; the name of the entry that holds it is Salesforce's own misspelling."""
    kinds = dict.fromkeys(row.object for row in found)
    return {
        "allowSave": rule.action == "alert",
        "duplicateRule": rule.name,
        "duplicateRuleEntityType": rule.object,
        "errorMessage": rule.message,
        "matchResults": [_match_result(rule, kind, [row for row in found if row.object == kind], base) for kind in kinds],
    }


def _match_result(rule: DuplicateRule, kind: str, rows: list[Row], base: str) -> dict[str, object]:
    return {
        "entityType": kind,
        "errors": [],
        "matchEngine": "ExactMatchEngine",
        "matchRecords": [
            {
                "additionalInformation": [],
                "fieldDiffs": [],
                "matchConfidence": 100.0,
                "record": {"attributes": {"type": kind, "url": f"{base}/sobjects/{kind}/{row.id}"}, "Id": row.id},
            }
            for row in rows
        ],
        "rule": f"{rule.name}_Match",
        "size": len(rows),
        "success": True,
    }
