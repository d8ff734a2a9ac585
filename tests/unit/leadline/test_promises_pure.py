"""Whatever happened in whatever order, what is scored is what the CRMs say now: a fresh workspace finds the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from connectors.memory_crm import MemoryCrm
from connectors.records import DealRecord, DealRole, PersonRecord, Ref, SameAs, Stream
from leadline.state.database import Database
from tests.engine import START, TwoCrms, company, contact, emptied, engagement, same

PEOPLE = [str(number) for number in range(6)]
COMPANIES = ["c1", "c2"]
ADDRESSES = [None, *(f"{name}@acme.example" for name in ("ana", "bo", "cy"))]
TITLES = ["CEO", "VP Sales", "Intern", "Engineer"]
STEPS = 40


class Chance:
    """Does something to one of the CRMs, by chance."""

    def __init__(self, world: TwoCrms, seed: int) -> None:
        self._world = world
        self._random = Random(seed)
        self._number = 0

    def act(self) -> None:
        """One thing happens."""
        crm = self._random.choice([self._world.marketing, self._world.sales])
        acts: list[Callable[[MemoryCrm], None]] = [
            self._edit,
            self._edit,
            self._engage,
            self._engage,
            self._unengage,
            self._archive,
            self._merge,
            self._deal,
            self._company,
            self._link,
            self._wait,
        ]
        self._random.choice(acts)(crm)

    def _one_of(self, crm: MemoryCrm, stream: Stream) -> Ref | None:
        found = sorted(record.ref for record in crm.live(stream))
        return self._random.choice(found) if found else None

    def _edit(self, crm: MemoryCrm) -> None:
        chosen = self._random.choice
        fields: dict[str, Any] = {"title": chosen(TITLES)}
        if self._random.random() < 0.4:
            fields["buying_role"] = "decision_maker"
        at = Ref("companies", chosen(COMPANIES)) if self._random.random() < 0.7 else None
        number, writable = chosen(PEOPLE), self._random.random() < 0.9
        taken_in = self._taken_in(crm, number)
        crm.put(contact(number, chosen(ADDRESSES), fields=fields, company=at, writable=writable, same_as=taken_in))

    def _taken_in(self, crm: MemoryCrm, number: str) -> tuple[SameAs, ...]:
        """What was merged into the contact, which no CRM forgets in an edit."""
        record = crm.get(Ref("contacts", number))
        return tuple(one for one in record.same_as if one.reason == "merge") if isinstance(record, PersonRecord) else ()

    def _engage(self, crm: MemoryCrm) -> None:
        self._number += 1
        people = self._random.sample(PEOPLE, self._random.randint(1, 2))
        kind = self._random.choice(["meeting", "demo_request", "webinar", "email_click"])
        crm.put(engagement(f"e{self._number % 7}", kind, START - timedelta(days=self._random.randint(0, 50)), *people))

    def _unengage(self, crm: MemoryCrm) -> None:
        if ref := self._one_of(crm, Stream.ENGAGEMENTS):
            crm.archive(ref)

    def _archive(self, crm: MemoryCrm) -> None:
        if ref := self._one_of(crm, self._random.choice([Stream.CONTACTS, Stream.COMPANIES, Stream.DEALS])):
            crm.archive(ref)

    def _merge(self, crm: MemoryCrm) -> None:
        loser, winner = self._one_of(crm, Stream.CONTACTS), self._one_of(crm, Stream.CONTACTS)
        if loser and winner and loser != winner:
            crm.merge(loser, winner)

    def _deal(self, crm: MemoryCrm) -> None:
        part = DealRole(Ref("contacts", self._random.choice(PEOPLE)), self._random.choice([None, "champion"]))
        is_open = self._random.random() < 0.5
        crm.put(
            DealRecord(
                ref=Ref("deals", self._random.choice("12")),
                modified_at=START,
                stage="offer",
                open=is_open,
                won=not is_open,
                people=(part,),
            )
        )

    def _company(self, crm: MemoryCrm) -> None:
        crm.put(company(self._random.choice(COMPANIES), employees=self._random.choice([5, 100, 900]), industry="software"))

    def _link(self, crm: MemoryCrm) -> None:
        ref = self._one_of(crm, Stream.CONTACTS)
        record = crm.get(ref) if ref else None
        if isinstance(record, PersonRecord):
            link = same(self._random.choice(PEOPLE), "native_sync", "memory")
            links = (*self._taken_in(crm, record.ref.id), link)
            crm.put(contact(record.ref.id, record.email, fields=record.fields, company=record.company, same_as=links))

    def _wait(self, _crm: MemoryCrm) -> None:
        self._world.later(hours=self._random.choice([1, 30]))


def found(world: TwoCrms) -> dict[frozenset[str], Any]:
    """What is made of each person, named by its live records."""
    with world.database.begin() as tx:
        rows = tx.exec_driver_sql(
            "SELECT person_id, connection, id FROM records WHERE stream = 'contacts' AND removed_at IS NULL"
        ).all()
    members: dict[str, set[str]] = {}
    for person, connection, number in rows:
        members.setdefault(person, set()).add(f"{connection}/{number}")
    return {
        frozenset(members[person]): (
            score.breakdown.total,
            score.breakdown.grade,
            [(line.rule, line.points, line.count, line.events) for line in score.breakdown.lines],
            [(element.id, element.state) for element in score.assessment.elements],
        )
        for person, score in world.scores().items()
    }


@pytest.mark.parametrize("seed", range(5))
def test_a_fresh_workspace_finds_what_a_long_lived_one_holds(sqlite: Database, seed: int) -> None:
    world = TwoCrms(sqlite)
    chance = Chance(world, seed)
    for step in range(STEPS):
        chance.act()
        if step % 3 == 0:
            world.run()
    world.run()
    held = found(world)
    emptied(sqlite)
    world.run()
    assert found(world) == held
