"""How scores went: what persons' totals were some time ago."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from leadline.clock import from_stamp, stamp
from leadline.state import tables
from leadline.state.database import chunks
from leadline.trend import Then


def scores_then(tx: Connection, persons: Sequence[str], since: datetime) -> dict[str, Then]:
    """The last score kept at or before `since` of each of these persons, or else the first after it.

    Only scores under the model of the present score count: what another model said cannot be compared.
    """
    table, present = tables.score_history, tables.scores
    last_before = func.max(case((table.c.as_of <= stamp(since), table.c.as_of)))
    found: dict[str, Then] = {}
    for chunk in chunks(persons):
        chosen = (
            select(table.c.person_id, func.coalesce(last_before, func.min(table.c.as_of)).label("as_of"))
            .join(present, (present.c.person_id == table.c.person_id) & (present.c.model_hash == table.c.model_hash))
            .where(table.c.person_id.in_(chunk))
            .group_by(table.c.person_id)
            .subquery()
        )
        both = (chosen.c.person_id == table.c.person_id) & (chosen.c.as_of == table.c.as_of)
        for row in tx.execute(select(table.c.person_id, table.c.total, table.c.as_of).join(chosen, both)):
            found[row.person_id] = Then(row.total, from_stamp(row.as_of))
    return found
