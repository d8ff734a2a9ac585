"""What happens to records beside being made and changed: merged, brought back from the recycle bin, erased from it.

Sources: Salesforce docs "SOAP API: merge(), undelete(), emptyRecycleBin()".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.ordered import index_key
from sandbox.salesforce.records import stamps
from sandbox.salesforce.schema import Schema
from sandbox.salesforce.store import Row, Store

MERGEABLE = frozenset({"Lead", "Contact", "Account"})
MOST_LOSERS = 2


class Recycling:
    """One org's records on their way out and back."""

    def __init__(self, schema: Schema, store: Store) -> None:
        self._schema = schema
        self._store = store

    def merge(self, master_id: str, loser_ids: Sequence[str], user_id: str) -> None:
        """Put the losers into the recycle bin, pointing at the master, which takes over what belongs to them.

        The master's own values stay; its stamp moves, as do those of the children (believed).

        Raises:
            SalesforceError: INVALID_CROSS_REFERENCE_KEY, ENTITY_IS_DELETED, INVALID_TYPE, LIMIT_EXCEEDED or
                CANNOT_UPDATE_CONVERTED_LEAD; nothing is done.
        """
        master = self._living(master_id)
        losers = [self._living(loser_id) for loser_id in loser_ids]
        if master.object not in MERGEABLE or any(loser.object != master.object for loser in losers):
            raise SalesforceError("INVALID_TYPE", f"cannot merge entities of type {master.object} with others")
        if not 1 <= len(losers) <= MOST_LOSERS or master in losers:
            raise SalesforceError("LIMIT_EXCEEDED", f"merge takes a master and one or {MOST_LOSERS} others")
        if any(row.values.get("IsConverted") is True for row in (master, *losers)):
            raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        touched = stamps(self._store.now(), user_id)
        for loser in losers:
            for child in self._schema.children(loser.object):
                field = self._schema.named(child.child).fields[child.field]
                for row in self._store.matching(child.child, field, loser.id):
                    self._store.change(row, {**touched, child.field: master.id})
            self._store.change(loser, {**touched, "IsDeleted": True, "MasterRecordId": master.id})
        self._store.change(master, touched)

    def undelete(self, record_id: str, user_id: str) -> None:
        """Bring a record back, with what was deleted along with it; what a merge moved stays where it is.

        Raises:
            SalesforceError: INVALID_CROSS_REFERENCE_KEY or UNDELETE_FAILED.
        """
        row = self._found(record_id)
        if not row.deleted:
            raise SalesforceError("UNDELETE_FAILED", "Entity is not in the recycle bin")
        touched = stamps(self._store.now(), user_id)
        for returning in list(self._deleted_together(row)):
            self._store.change(returning, {**touched, "IsDeleted": False, "MasterRecordId": None})

    def erase(self, record_id: str) -> None:
        """Leave nothing of a record in the recycle bin, nor of what was deleted along with it.

        Raises:
            SalesforceError: INVALID_CROSS_REFERENCE_KEY or INVALID_OPERATION.
        """
        row = self._found(record_id)
        if not row.deleted:
            raise SalesforceError("INVALID_OPERATION", "Entity is not in the recycle bin")
        for doomed in list(self._deleted_together(row)):
            self._store.erase(doomed)

    def _deleted_together(self, row: Row) -> Iterator[Row]:
        yield row
        for child in self._schema.children(row.object):
            field = self._schema.named(child.child).fields[child.field]
            key = index_key(field, row.id)
            if not child.cascades:
                continue
            for other in list(self._store.table(child.child).order(field).within(((key, key),))):
                if other.deleted and other.values["SystemModstamp"] == row.values["SystemModstamp"]:
                    yield from self._deleted_together(other)

    def _living(self, record_id: str) -> Row:
        row = self._found(record_id)
        if row.deleted:
            raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted")
        return row

    def _found(self, record_id: str) -> Row:
        row = self._store.find(record_id)
        if row is None:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        return row
