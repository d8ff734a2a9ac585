"""Opportunities with the people in them, and contact roles that change on their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from connectors.records import DealRecord, DealRole, Record, Ref
from connectors.salesforce.mapping import role
from connectors.salesforce.org import Org
from connectors.salesforce.reader import Reader
from connectors.salesforce.rows import Row
from connectors.salesforce.schema import Schema


class DealReader(Reader):
    """Opportunity. IsClosed and IsWon are derived from the stage by Salesforce."""

    def __init__(self, org: Org) -> None:
        super().__init__(org, "Opportunity")

    def columns(self, schema: Schema) -> tuple[str, ...]:
        """Stage, outcome, amount, date, account."""
        return schema.only("StageName", "IsClosed", "IsWon", "Amount", "CloseDate", "AccountId")

    def records(self, schema: Schema, rows: Sequence[Row]) -> tuple[Record, ...]:
        """One deal per row, with its people."""
        people = self._people([row.id for row in rows])
        return tuple(_deal(row, tuple(people[row.id])) for row in rows)

    def _people(self, deals: Sequence[str]) -> defaultdict[str, list[DealRole]]:
        found: defaultdict[str, list[DealRole]] = defaultdict(list)
        roles = self.org.schemas.find("OpportunityContactRole")
        if roles is None:
            return found
        columns = roles.only("OpportunityId", "ContactId", "Role")
        for row in self.org.rows_by(roles, columns, "OpportunityId", deals):
            deal, person = row.text("OpportunityId"), row.ref("Contact", "ContactId")
            if deal and person:
                found[deal].append(DealRole(person, role(row.text("Role"))))
        return found


def _deal(row: Row, people: tuple[DealRole, ...]) -> DealRecord:
    amount = row.number("Amount")
    return DealRecord(
        ref=Ref("Opportunity", row.id),
        modified_at=row.modified_at,
        stage=row.text("StageName") or "",
        open=not row.flag("IsClosed"),
        won=row.flag("IsWon"),
        amount=None if amount is None else float(amount),
        close_date=row.day("CloseDate"),
        people=people,
        company=row.ref("Account", "AccountId"),
    )


class RoleReader(Reader):
    """OpportunityContactRole: a changed or deleted role moves no stamp of its Opportunity, so that one is read again."""

    required = False
    follow_up = True

    def __init__(self, org: Org, deals: DealReader) -> None:
        super().__init__(org, "OpportunityContactRole")
        self._deals = deals

    def columns(self, schema: Schema) -> tuple[str, ...]:
        """Whose role it is."""
        return schema.only("OpportunityId")

    def records(self, schema: Schema, rows: Sequence[Row]) -> tuple[Record, ...]:
        """The deals the roles belong to."""
        ids = list(_deal_ids(rows))
        return self._deals.by_id(ids) if ids else ()

    def removals(self, schema: Schema, rows: Sequence[Row]) -> tuple[Record, ...]:
        """The deals the deleted roles belonged to."""
        return self.records(schema, rows)


def _deal_ids(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        if deal := row.text("OpportunityId"):
            yield deal
