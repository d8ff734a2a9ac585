"""The memory connector's world: an account in this process, with time that moves only when told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from connectors.conformance import Effect, FaultKind, SeenTask, World
from connectors.contract import Context
from connectors.memory import MemoryConnector, MemorySettings
from connectors.memory_crm import MemoryCrm
from connectors.memory_wire import Fault
from connectors.records import (
    CompanyRecord,
    DealRecord,
    DealRole,
    EngagementRecord,
    OwnerRecord,
    PersonRecord,
    Ref,
    Removed,
    Scalar,
)
from connectors.tasks import Task

FAULTS: Mapping[FaultKind, Fault] = {
    "throttled": Fault(429, retry_after_seconds=10),
    "server_error": Fault(503),
    "unauthorised": Fault(401),
    "cut": Fault(0),
    "truncated": Fault(0, when="after"),
}
LOST: Mapping[Effect, Fault] = {
    "write": Fault(0, endpoint="PATCH /people", when="after"),
    "provision": Fault(0, endpoint="POST /properties", when="after"),
    "open_task": Fault(0, endpoint="POST /tasks", when="after"),
    "change_task": Fault(0, endpoint="PATCH /tasks", when="after"),
}


class MemoryWorld(World):
    """People are leads and contacts in turn; eight make three pages."""

    several_pages = 8
    secrets = ()

    def __init__(self, connector_type: type[MemoryConnector] = MemoryConnector) -> None:
        super().__init__()
        self._connector_type = connector_type
        self._time = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
        self._number = 0
        self.crm = MemoryCrm("conformance", self.now)
        self.crm.put(OwnerRecord(ref=Ref("owners", "ana"), name="Ana Reyes", email="ana@leadline.example"))

    def connect(self, context: Context) -> MemoryConnector:
        return self._connector_type(MemorySettings(crm="conformance", page_size=3), context)

    def now(self) -> datetime:
        return self._time

    def advance(self, seconds: float) -> None:
        self._time += timedelta(seconds=seconds)

    def add_people(self, count: int) -> tuple[Ref, ...]:
        return tuple(self._add_person(("contacts", "leads")[index % 2]) for index in range(count))

    def edit_person(self, person: Ref, title: str) -> None:
        self.crm.set_fields(person, title=title)

    def archive_person(self, person: Ref) -> None:
        self.crm.archive(person)

    def lose_people(self) -> tuple[Removed, ...]:
        archived, loser, winner, erased = self.add_people(4)
        self.crm.archive(archived)
        self.crm.merge(loser, winner)
        self.crm.erase(erased)
        return (
            Removed(ref=archived, at=self._time, reason="archived"),
            Removed(ref=loser, at=self._time, reason="merged", into=winner),
            Removed(ref=erased, at=self._time, reason="privacy"),
        )

    def add_company(self, employees: int) -> Ref:
        ref = self._new_ref("companies")
        return self.crm.put(CompanyRecord(ref=ref, modified_at=self._time, fields={"employees": employees}))

    def edit_company(self, company: Ref, employees: int) -> None:
        self.crm.set_fields(company, employees=employees)

    def add_deal(self, person: Ref, amount: float) -> Ref:
        return self.crm.put(
            DealRecord(
                ref=self._new_ref("deals"),
                modified_at=self._time,
                stage="proposal",
                open=True,
                won=False,
                amount=amount,
                people=(DealRole(person),),
            )
        )

    def add_engagement(self, person: Ref) -> Ref:
        ref = self._new_ref("meetings")
        meeting = EngagementRecord(ref=ref, modified_at=self._time, type="meeting", at=self._time, people=(person,))
        return self.crm.put(meeting)

    def refuse(self, person: Ref, message: str) -> None:
        self.crm.refuse(person, message)

    def fail_next(self, kind: FaultKind) -> None:
        self.crm.wire.declare(FAULTS[kind])

    def lose_reply(self, effect: Effect) -> None:
        self.crm.wire.declare(LOST[effect])

    def ours_of(self, person: Ref) -> Mapping[str, Scalar]:
        return self.crm.ours(person)

    def add_task(self, person: Ref, subject: str) -> None:
        ref = self._new_ref("tasks")
        self.crm.tasks.put(
            Task(ref=ref, person=person, key=None, subject=subject, body="", open=True, owner_id="ana", due_at=None)
        )

    def remove_task(self, task: Ref) -> None:
        self.crm.tasks.remove(task)

    def tasks_of(self, person: Ref) -> tuple[SeenTask, ...]:
        return tuple(SeenTask(task.subject, task.body, task.open) for task in self.crm.tasks.of(person))

    def _add_person(self, kind: str) -> Ref:
        ref = self._new_ref(kind)
        address = f"person-{ref.id}@acme.example"
        return self.crm.put(PersonRecord(ref=ref, modified_at=self._time, email=address, fields={"title": "Engineer"}))

    def _new_ref(self, kind: str) -> Ref:
        self._number += 1
        return Ref(kind, f"{kind}-{self._number}")
