"""Whose crossings are whose, when persons join and part. A crossing's id begins with the person who made it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from sqlalchemy import Connection, delete, select, update

from leadline.state import tables
from leadline.state.database import chunks

_WAITING = ("wanted", "held back")


class Recorded(Struct, frozen=True):
    """A crossing as it was made, by whom (`founded`), and how its task is: had, still coming, or none."""

    id: str
    line: str
    ordinal: int
    direction: str
    happened_at: str
    task: Literal["had", "coming", "none"]

    @property
    def founded(self) -> str:
        """The person who made it, whoever has it now."""
        return self.id.partition(":")[0]


def give(tx: Connection, founded: str, person: str) -> None:
    """The crossings that `founded` made are those of `person` from now on."""
    table = tables.crossings
    made = (table.c.id >= f"{founded}:") & (table.c.id < f"{founded};")
    tx.execute(update(table).where(made).values(person_id=person))
    followed = tables.followups
    theirs = (followed.c.crossing_id >= f"{founded}:") & (followed.c.crossing_id < f"{founded};")
    tx.execute(update(followed).where(theirs).values(person_id=person))


def waiting_lines(tx: Connection, person: str) -> frozenset[str]:
    """The lines for which a task of the person still waits to be queued."""
    table = tables.crossings
    rows = tx.execute(select(table.c.line).where(table.c.person_id == person, table.c.outcome.in_(_WAITING)))
    return frozenset(row.line for row in rows)


def recorded(tx: Connection, person: str) -> list[Recorded]:
    """Every crossing of a person. A task that was queued is still coming while it can be taken back."""
    table = tables.crossings
    rows = tx.execute(select(table).where(table.c.person_id == person).order_by(table.c.id)).all()
    queued = _retractable(tx, [row.id for row in rows])
    found: list[Recorded] = []
    for row in rows:
        coming = row.outcome in _WAITING or row.id in queued
        had = row.outcome in {"task queued", "task opened", "task closed"}
        task: Literal["had", "coming", "none"] = "coming" if coming else "had" if had else "none"
        found.append(Recorded(row.id, row.line, row.ordinal, row.direction, row.happened_at, task))
    return found


def lapse(tx: Connection, crossing_ids: Sequence[str]) -> None:
    """Let go of the tasks of these crossings, queued or refused ones too."""
    table = tables.crossings
    for chunk in chunks(crossing_ids):
        tx.execute(
            update(table)
            .where(table.c.id.in_(chunk))
            .values(outcome="lapsed", why="the same human has had this task under another record")
        )
        rows = [f"task|{crossing_id}" for crossing_id in chunk]
        tx.execute(delete(tables.outbox).where(tables.outbox.c.id.in_(rows), tables.outbox.c.state == "waiting"))
        tx.execute(delete(tables.parked).where(tables.parked.c.id.in_(rows)))


def _retractable(tx: Connection, crossing_ids: Sequence[str]) -> set[str]:
    outbox, parked = tables.outbox, tables.parked
    found: set[str] = set()
    for chunk in chunks(crossing_ids):
        rows = [f"task|{crossing_id}" for crossing_id in chunk]
        queued = select(outbox.c.id).where(outbox.c.id.in_(rows), outbox.c.state == "waiting")
        refused = select(parked.c.id).where(parked.c.id.in_(rows))
        found |= {row.id.removeprefix("task|") for row in tx.execute(queued.union_all(refused))}
    return found
