"""Giving the names in a query their meaning: fields the user may see, through parents, as functions of a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.salesforce.access import Access
from sandbox.salesforce.fields import Field, Value
from sandbox.salesforce.schema import Schema, SObject
from sandbox.salesforce.soql.problems import QueryError
from sandbox.salesforce.soql.tree import Path
from sandbox.salesforce.store import Row, Store

Getter = Callable[[Row], Value]
_REFERENCE = "Please reference your WSDL or the describe call for the appropriate names."

# What a lookup that may point to several objects shows of its target.
_NAME_OBJECT = SObject(
    "Name",
    "Name",
    "Names",
    "000",
    [
        Field(name="Id", type="id", label="Name ID", length=18, nillable=False, permissionable=False),
        *(
            Field(name=name, type=kind, label=name, length=255, permissionable=False)
            for name, kind in (
                ("Name", "string"),
                ("FirstName", "string"),
                ("LastName", "string"),
                ("Type", "picklist"),
                ("Title", "string"),
                ("Email", "email"),
                ("Phone", "phone"),
                ("Username", "string"),
                ("Alias", "string"),
                ("IsActive", "boolean"),
            )
        ),
    ],
)


@dataclass(frozen=True, slots=True)
class Column:
    """A field reached from a row: `lookups` lead to the parent, `names` are the path in the org's own spelling."""

    field: Field
    lookups: tuple[Field, ...]
    names: tuple[str, ...]
    get: Getter


class Binder:
    """Resolves paths for one user."""

    def __init__(self, schema: Schema, store: Store, access: Access, user_id: str) -> None:
        self._schema = schema
        self._store = store
        self._access = access
        self._user_id = user_id

    def source(self, name: str, at: int) -> SObject:
        """The object that a query reads.

        Raises:
            QueryError: INVALID_TYPE.
        """
        sobject = self._schema.find(name)
        if sobject is None:
            raise QueryError(
                "INVALID_TYPE",
                f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to "
                f"append the '__c' after the entity name. {_REFERENCE}",
                at,
            )
        return sobject

    def visible(self, sobject: SObject) -> list[Field]:
        """The fields of an object that the user sees."""
        return self._access.fields(self._user_id, sobject)

    def column(self, sobject: SObject, path: Path, alias: str | None = None) -> Column:
        """The column that a path names, seen from `sobject`.

        Raises:
            QueryError: INVALID_FIELD for a field or relationship that is not there, or not for this user.
        """
        parts = list(path.parts)
        if len(parts) > 1 and parts[0].lower() in {(alias or "").lower(), sobject.name.lower()}:
            parts = parts[1:]
        lookups: list[Field] = []
        names: list[str] = []
        here = sobject
        for part in parts[:-1]:
            lookup = here.lookup(part)
            if lookup is None or not self._access.readable(self._user_id, here, lookup):
                raise _no_relationship(part, path.at)
            lookups.append(lookup)
            names.append(lookup.relationship or part)
            here = _NAME_OBJECT if lookup.polymorphic else self._schema.named(lookup.references[0])
        field = here.field(parts[-1])
        if field is None or not self._access.readable(self._user_id, here, field):
            raise _no_column(parts[-1], here, path.at)
        getter = _plain(field.name) if not lookups else self._through(lookups, field, here)
        return Column(field, tuple(lookups), (*names, field.name), getter)

    def parent(self, row: Row, lookup: Field) -> Row | None:
        """The record that a lookup of this row points to."""
        return self._store.find(row.values.get(lookup.name))

    def _through(self, lookups: list[Field], field: Field, target: SObject) -> Getter:
        value_of = kind_or_value(field) if target is _NAME_OBJECT else _plain(field.name)

        def get(row: Row) -> Value:
            for lookup in lookups:
                parent = self.parent(row, lookup)
                if parent is None:
                    return None
                row = parent
            return value_of(row)

        return get


def kind_or_value(field: Field) -> Getter:
    """The value a polymorphic parent shows: its kind under `Type`, its subject where it has no name."""
    if field.name == "Type":
        return lambda row: row.object
    if field.name == "Name":
        return lambda row: row.values.get("Name", row.values.get("Subject"))
    return _plain(field.name)


def _plain(name: str) -> Getter:
    return lambda row: row.values.get(name)


def _no_column(name: str, sobject: SObject, at: int) -> QueryError:
    return QueryError(
        "INVALID_FIELD",
        f"No such column '{name}' on entity '{sobject.name}'. If you are attempting to use a custom field, be sure to "
        f"append the '__c' after the custom field name. {_REFERENCE}",
        at,
    )


def _no_relationship(name: str, at: int) -> QueryError:
    return QueryError(
        "INVALID_FIELD",
        f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom relationship, "
        f"be sure to append the '__r' after the custom relationship name. {_REFERENCE}",
        at,
    )
