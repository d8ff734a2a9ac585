"""Whom a change of records concerns: people are scored again when what is known of them, or of their company, changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from connectors.records import CompanyRecord, DealRecord, OwnerRecord, PersonRecord, Ref
from leadline.clock import stamp
from leadline.state import accounts, tables
from leadline.state.database import chunks


@dataclass(slots=True)
class Touched:
    """What changed for people: companies they belong to, and records they take part through. Their own are marked apart."""

    companies: set[str] = field(default_factory=set)
    participants: set[Ref] = field(default_factory=set)

    def by(self, record: PersonRecord | CompanyRecord | DealRecord | OwnerRecord) -> None:
        """Note whom the coming, changing or going of this record concerns besides itself."""
        if isinstance(record, PersonRecord) and record.company:
            self.companies.add(str(record.company))
        elif isinstance(record, CompanyRecord):
            self.companies.add(str(record.ref))
        elif isinstance(record, DealRecord):
            self.participants |= {part.person for part in record.people}

    def mark(self, tx: Connection, connection: str, now: datetime) -> None:
        """Mark the persons concerned as dirty."""
        records = tables.records
        mark = update(tables.persons).values(dirty_since=stamp(now))
        if self.companies:
            members = select(records.c.person_id).where(
                records.c.connection == connection, records.c.company.in_(bindparam("companies", expanding=True))
            )
            tx.execute(mark.where(tables.persons.c.id.in_(members)), {"companies": sorted(self.companies)})
            accounts.note_changed(tx, connection, self.companies, now)
        by_object: dict[str, list[str]] = {}
        for ref in sorted(self.participants):
            by_object.setdefault(ref.object, []).append(ref.id)
        for name, ids in by_object.items():
            for chunk in chunks(ids):
                members = select(records.c.person_id).where(
                    records.c.connection == connection, records.c.object == name, records.c.id.in_(chunk)
                )
                tx.execute(mark.where(tables.persons.c.id.in_(members)))
