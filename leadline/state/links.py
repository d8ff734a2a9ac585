"""What records state about each other: who takes part in a deal, and which records are the same human."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from connectors.records import DealRecord, PersonRecord
from leadline.clock import stamp
from leadline.state import tables
from leadline.state.database import upsert


def save_deal_people(tx: Connection, connection: str, deals: Sequence[DealRecord]) -> None:
    """Store who takes part in these deals, in place of what was stored."""
    table = tables.deal_people
    for deal in deals:
        tx.execute(
            table.delete().where(
                table.c.connection == connection,
                table.c.deal_object == deal.ref.object,
                table.c.deal_id == deal.ref.id,
            )
        )
    upsert(
        tx,
        table,
        [
            (connection, deal.ref.object, deal.ref.id, part.person.object, part.person.id, part.role)
            for deal in deals
            for part in deal.people
        ],
    )


def save_links(tx: Connection, connection: str, people: Sequence[PersonRecord], now: datetime) -> None:
    """Explicit statements of sameness. `other_connection` holds `type:NAME` while it names a kind of CRM, not an account."""
    table = tables.links
    for person in people:
        tx.execute(
            table.delete().where(
                table.c.connection == connection,
                table.c.object == person.ref.object,
                table.c.id == person.ref.id,
            )
        )
    upsert(
        tx,
        table,
        [
            (
                connection,
                person.ref.object,
                person.ref.id,
                f"type:{same.crm}" if same.crm else connection,
                same.ref.object,
                same.ref.id,
                same.reason,
                stamp(now),
            )
            for person in people
            for same in person.same_as
        ],
    )
