"""Leads, Contacts, Accounts, users and queues."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.records import CompanyRecord, OwnerRecord, PersonRecord, Record, Ref, SameAs
from connectors.salesforce.mapping import Column, mapped, own_columns, values, within_page_cap
from connectors.salesforce.org import Org
from connectors.salesforce.reader import Reader
from connectors.salesforce.rows import Row
from connectors.salesforce.schema import Schema

_LINKS = ("Email", "OwnerId", "AccountId", "IsConverted", "ConvertedContactId", "ConvertedAccountId")

_NO_SELLERS = frozenset({"AutomatedProcess", "CloudIntegrationUser", "CsnOnly", "Guest"})
"""Types of users behind whom nobody sits, or who see nothing but Chatter (Salesforce docs: User, UserType)."""


class PersonReader(Reader):
    """Lead or Contact. A converted Lead is read-only and is one human with the Contact it became (Salesforce docs: Lead)."""

    def columns(self, schema: Schema) -> tuple[str, ...]:
        """Mapped fields, links, and those of our own fields that leave pages at full size."""
        own = within_page_cap(self._mapped(schema), self._own(schema))
        return (*self.content_columns(schema), *(column.field.name for column in own))

    def columns_of_one(self, schema: Schema) -> tuple[str, ...]:
        """Mapped fields, links, and all of our own fields."""
        return (*self.content_columns(schema), *(column.field.name for column in self._own(schema)))

    def content_columns(self, schema: Schema) -> tuple[str, ...]:
        """All but our own fields."""
        return (*schema.only(*_LINKS), *(column.field.name for column in self._mapped(schema)))

    def records(self, schema: Schema, rows: Sequence[Row]) -> tuple[Record, ...]:
        """One person per row."""
        fields, own = self._mapped(schema), self._own(schema)
        return tuple(self._person(row, fields, own) for row in rows)

    def _person(self, row: Row, fields: Sequence[Column], own: Sequence[Column]) -> PersonRecord:
        contact = row.ref("Contact", "ConvertedContactId") if self.object == "Lead" else None
        account = "ConvertedAccountId" if self.object == "Lead" else "AccountId"
        return PersonRecord(
            ref=Ref(self.object, row.id),
            modified_at=row.modified_at,
            email=row.text("Email"),
            owner_id=row.text("OwnerId"),
            company=row.ref("Account", account),
            fields=values(row, fields),
            same_as=(SameAs(contact, "conversion"),) if contact else (),
            writable=not row.flag("IsConverted"),
            ours=values(row, own),
        )

    def _mapped(self, schema: Schema) -> tuple[Column, ...]:
        return mapped(self.object, self.org.settings.map.person, schema)

    def _own(self, schema: Schema) -> tuple[Column, ...]:
        return own_columns(self.org.settings.field_prefix, schema)


class CompanyReader(Reader):
    """Account."""

    def __init__(self, org: Org) -> None:
        super().__init__(org, "Account")

    def columns(self, schema: Schema) -> tuple[str, ...]:
        """The mapped fields."""
        return tuple(column.field.name for column in self._mapped(schema))

    def records(self, schema: Schema, rows: Sequence[Row]) -> tuple[Record, ...]:
        """One company per row."""
        fields = self._mapped(schema)
        return tuple(
            CompanyRecord(ref=Ref("Account", row.id), modified_at=row.modified_at, fields=values(row, fields))
            for row in rows
        )

    def _mapped(self, schema: Schema) -> tuple[Column, ...]:
        return mapped("Account", self.org.settings.map.company, schema)


class UserReader(Reader):
    """Users, active or not. Salesforce names time zones as IANA does (`Europe/Berlin`; docs: User, TimeZoneSidKey)."""

    def __init__(self, org: Org) -> None:
        super().__init__(org, "User")

    def columns(self, schema: Schema) -> tuple[str, ...]:
        """Name, address, whether active, where and under whom they work."""
        return schema.only("Name", "Email", "IsActive", "UserType", "TimeZoneSidKey", "ManagerId")

    def records(self, schema: Schema, rows: Sequence[Row]) -> tuple[Record, ...]:
        """One owner per row."""
        return tuple(
            OwnerRecord(
                ref=Ref("User", row.id),
                name=row.text("Name") or row.id,
                email=row.text("Email"),
                active=row.flag("IsActive") and row.text("UserType") not in _NO_SELLERS,
                time_zone=row.text("TimeZoneSidKey"),
                manager_id=row.text("ManagerId"),
            )
            for row in rows
        )


class QueueReader(Reader):
    """Queues: Leads may belong to one, tasks may not."""

    required = False

    def __init__(self, org: Org) -> None:
        super().__init__(org, "Group")

    def columns(self, schema: Schema) -> tuple[str, ...]:
        """The name."""
        return schema.only("Name")

    def condition(self, schema: Schema) -> str:
        """Only groups that are queues."""
        return "Type = 'Queue'"

    def records(self, schema: Schema, rows: Sequence[Row]) -> tuple[Record, ...]:
        """One owner of kind queue per row."""
        return tuple(OwnerRecord(ref=Ref("Group", row.id), name=row.text("Name") or row.id, kind="queue") for row in rows)
