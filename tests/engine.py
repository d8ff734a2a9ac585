"""The engine around two CRMs in memory, with a clock that tests move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from connectors.budget import Budget
from connectors.company import CompanyFields
from connectors.contract import Connector, Context
from connectors.memory import MemoryConnector, MemorySettings
from connectors.memory_crm import MemoryCrm
from connectors.records import (
    CompanyRecord,
    DealRecord,
    DealRole,
    EngagementRecord,
    OwnerRecord,
    PersonRecord,
    Ref,
    RollUp,
    SameAs,
    Scalar,
    Stream,
)
from leadline.audit import Auditor
from leadline.beacon import Beacon
from leadline.clock import Clock
from leadline.cycle import Connected, Cycle, Report
from leadline.dating import Dater
from leadline.deliver import Sender
from leadline.escalation import Escalations
from leadline.fields import field_specs
from leadline.fuses import FuseBox
from leadline.intents import Destination
from leadline.observe import Observer, Silent
from leadline.problems import Problems
from leadline.retry import Retrier, RetryPolicy
from leadline.score import Scorer
from leadline.settings.document import read_document
from leadline.settings.lists import read_lists
from leadline.settings.model import Fuses, WorkspaceSettings
from leadline.settings.workspace import Workspace
from leadline.state import tables
from leadline.state.audits import Audited
from leadline.state.database import Database
from leadline.state.scores import Score, load_scores
from leadline.tally import Several, Tally
from scoring.lists import Lists
from scoring.model import Model, parse_model
from scoring.qualification import Qualification, parse_qualification

CONFIG = Path(__file__).parents[1] / "config"
START = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
"""A Wednesday morning."""


@dataclass
class MovableTime:
    """A clock that stands still until it is moved; sleeping moves it. Who sets it beside the time that passed: `set_by`."""

    now: datetime = START
    set_by: timedelta = timedelta(0)
    slept_seconds: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept_seconds.append(seconds)
        self.now += timedelta(seconds=seconds)

    def clock(self) -> Clock:
        return Clock(lambda: self.now, self.sleep, self._ticks)

    def _ticks(self) -> float:
        return (self.now - self.set_by).timestamp()

    def set(self, **by: float) -> None:
        """Set the clock forward, or back, though no time passed."""
        self.now += timedelta(**by)
        self.set_by += timedelta(**by)


@cache
def _shipped() -> tuple[Model, Qualification, Lists]:
    """Read once: everything in them is frozen."""
    lists, findings = read_lists(CONFIG / "lists", CONFIG)
    assert not findings
    model = parse_model(read_document(CONFIG / "scoring" / "inbound.yaml", CONFIG).data)
    return model, parse_qualification(read_document(CONFIG / "qualification.yaml", CONFIG).data), lists


def shipped_qualification() -> Qualification:
    """The qualification in `config/`."""
    return _shipped()[1]


def shipped_model() -> Model:
    """The scoring model in `config/`."""
    return _shipped()[0]


def workspace(
    sales_home: str | None = "sales",
    revision: str = "1",
    qualification: Qualification | None = None,
    model: Model | None = None,
    settings: WorkspaceSettings | None = None,
) -> Workspace:
    """The shipped model and qualification, or others, for two connections."""
    shipped_rules, shipped, lists = _shipped()
    return Workspace(
        settings=settings or WorkspaceSettings(sales_home=sales_home),
        connections=(),
        model=model or shipped_rules,
        qualification=qualification or shipped,
        lists=lists,
        hash=f"test-{revision}",
        warnings=(),
    )


class TwoCrms:
    """A workspace with the connections `marketing` and `sales`, each a CRM in memory.

    `revision` stands for the configuration: another one counts as an edit. `qualification`, `model` and `settings` replace
    the shipped ones.
    `observer` hears what the tally hears. `budgets` are the accounts' budgets, where one is to have limits.
    `fuses` are what is too much for one run. `shown_on` are the records that show the heartbeat of a connection.
    `company_score` says which values of a company's score have a place on companies, `lifecycle` which stages have a value
    in the CRMs' own field; `lifecycle_replaces` are the values there that others set and that may be replaced.
    """

    def __init__(self, database: Database, time: MovableTime | None = None) -> None:
        self.database = database
        self.time = time or MovableTime()
        self.marketing = MemoryCrm("marketing", lambda: self.time.now)
        self.sales = MemoryCrm("sales", lambda: self.time.now)
        self.tally = Tally()
        self._ids = count(1)
        self.revision = "1"
        self.qualification = shipped_qualification()
        self.model = shipped_model()
        self.settings = WorkspaceSettings(sales_home="sales")
        self.observer: Observer = Silent()
        self.budgets: dict[str, Budget] = {}
        self.fuses = Fuses()
        self.shown_on: dict[str, Ref] = {}
        self.company_score = CompanyFields()
        self.lifecycle: dict[str, str] = {}
        self.lifecycle_replaces: tuple[str, ...] = ()
        for crm in (self.marketing, self.sales):
            for spec in field_specs(workspace().qualification):
                crm.provision(spec)
            crm.put(OwnerRecord(ref=Ref("owners", "o1"), name="Olga Okoye", email="olga@seller.example"))

    def cycle(self) -> Cycle:
        """A freshly started process on the same database."""
        clock = self.time.clock()
        rules = workspace(revision=self.revision, qualification=self.qualification, model=self.model, settings=self.settings)
        space = _with_preference(rules)
        observer = Several(self.tally, self.observer)
        connectors = {crm.name: self._connector(crm, clock, observer) for crm in (self.marketing, self.sales)}
        destinations = {
            name: Destination(
                c.type_name,
                c.capabilities.person_objects,
                c.capabilities.tasks,
                c.company_values(c.settings),
                c.stage_place(c.settings),
            )
            for name, c in connectors.items()
        }
        retry = Retrier(RetryPolicy(), clock, Random(1))
        scorer = Scorer(space, destinations, self.database, clock, observer)
        connected = tuple(
            Connected(
                name,
                c,
                Dater(name, c, space.qualification, self.database, retry, clock),
                Sender(name, c, self.database, retry, clock, observer, space.hash),
                FuseBox(name, self.fuses, self.database, Problems(self.database, clock), clock),
                self._beacon(name, c, retry, clock),
                Escalations(name, c, space, self.database, retry, clock),
            )
            for name, c in connectors.items()
        )
        return Cycle(connected, self.database, scorer, retry, clock, observer, lambda: f"run-{next(self._ids)}")

    def run(self, stop_if_asked: Callable[[], None] = lambda: None) -> tuple[Report, ...]:
        """One cycle of a freshly started process."""
        self.time.now += timedelta(seconds=1)
        return self.cycle().once(stop_if_asked)

    def audit(self, crm: MemoryCrm | None = None) -> tuple[Audited, ...]:
        """An audit of one CRM (`sales` if none is named) by a freshly started process."""
        self.time.now += timedelta(seconds=1)
        return self.auditor(crm).run(lambda: None)

    def auditor(self, crm: MemoryCrm | None = None) -> Auditor:
        """Who audits one CRM (`sales` if none is named)."""
        audited, clock = crm or self.sales, self.time.clock()
        connector = self._connector(audited, clock, Several(self.tally, self.observer))
        return Auditor(audited.name, connector, self.database, Retrier(RetryPolicy(), clock, Random(1)), clock)

    def later(self, **duration: float) -> None:
        """Let time pass."""
        self.time.now += timedelta(**duration)

    def scores(self) -> dict[str, Score]:
        """Every score, by person."""
        with self.database.begin() as tx:
            ids = [row[0] for row in tx.exec_driver_sql("SELECT id FROM persons").all()]
            return load_scores(tx, ids)

    def _beacon(self, name: str, connector: Connector[Any], retry: Retrier, clock: Clock) -> Beacon | None:
        record = self.shown_on.get(name)
        return Beacon(name, connector, record, retry, Problems(self.database, clock), clock) if record else None

    def _connector(self, crm: MemoryCrm, clock: Clock, observer: Observer) -> Connector[Any]:
        budget = self.budgets.get(crm.name) or Budget((), now=clock.now, sleep=clock.sleep)
        context = Context(crm.name, clock.now, budget, lambda call: observer.called(crm.name, call))
        settings = MemorySettings(
            crm=crm.name,
            page_size=3,
            company_score=self.company_score,
            lifecycle=self.lifecycle,
            lifecycle_replaces=self.lifecycle_replaces,
        )
        return MemoryConnector(settings, context)


def _with_preference(space: Workspace) -> Workspace:
    """Connections are only named here; the preference is all the engine asks of them."""
    object.__setattr__(space, "connections", (_Named("marketing"), _Named("sales")))
    return space


@dataclass(frozen=True)
class _Named:
    name: str


def contact(number: str, email: str | None = None, **more: Any) -> PersonRecord:
    """A contact as a CRM in memory holds it. Keywords: `fields`, `rollups`, `same_as`, `company`, `owner_id`."""
    more.setdefault("owner_id", "o1")
    return PersonRecord(ref=Ref("contacts", number), modified_at=START, email=email, **more)


def company(number: str, **fields: Scalar) -> CompanyRecord:
    """A company."""
    return CompanyRecord(ref=Ref("companies", number), modified_at=START, fields=fields)


def engagement(number: str, kind: str, at: datetime, *people: str, **fields: Scalar) -> EngagementRecord:
    """Something contacts took part in."""
    return EngagementRecord(
        ref=Ref("activities", number),
        modified_at=START,
        type=kind,
        at=at,
        people=tuple(Ref("contacts", person) for person in people),
        fields=fields,
    )


def total(name: str, kind: str, amount: int, last_at: datetime) -> RollUp:
    """A running total."""
    return RollUp(name=name, event_type=kind, total=amount, last_at=last_at)


def same(number: str, reason: Any = "conversion", crm: str | None = None) -> SameAs:
    """A statement that the record is the same human as another contact."""
    return SameAs(Ref("contacts", number), reason, crm)


BUYER: dict[str, Scalar] = {
    "first_name": "Ana",
    "last_name": "Sato",
    "title": "VP Sales",
    "phone": "+49 30 5550100",
    "budget": 40_000.0,
    "buying_role": "decision_maker",
    "pain_point": "scores nobody can explain",
    "purchase_timeframe": "this_quarter",
}
"""A person who fits, with all of BANT confirmed."""


def hot(world: TwoCrms, number: str, crm: MemoryCrm | None = None, owner: str = "o1") -> Ref:
    """Put a buyer into a CRM (`sales` if none is named) who has just looked at prices and met us: ready for sales."""
    where = crm or world.sales
    where.put(company("c1", name="Acme", domain="acme.example", employees=240, industry="software"))
    where.put(contact(number, f"buyer{number}@acme.example", fields=BUYER, company=Ref("companies", "c1"), owner_id=owner))
    engaged(world, number, crm)
    return Ref("contacts", number)


def engaged(world: TwoCrms, number: str, crm: MemoryCrm | None = None) -> None:
    """Let a contact meet us and look at prices."""
    where = crm or world.sales
    where.put(engagement(f"{number}-meeting", "meeting", world.time.now - timedelta(hours=3), number))
    for visit in range(2):
        at = world.time.now - timedelta(hours=2, minutes=visit)
        where.put(engagement(f"{number}-visit{visit}", "page_view", at, number, url="/pricing"))


def asks_for_a_demo(world: TwoCrms, number: str, crm: MemoryCrm | None = None, occasion: str = "demo") -> None:
    """Let a contact raise a hand."""
    where = crm or world.sales
    where.put(engagement(f"{number}-{occasion}", "demo_request", world.time.now - timedelta(minutes=5), number))


def market(world: TwoCrms) -> None:
    """A little of everything: joined people, a conversion, a colleague, a deal, totals, a raised hand, a shy one."""
    hot(world, "1", world.marketing)
    asks_for_a_demo(world, "1", world.marketing)
    world.sales.put(contact("s1", "buyer1@acme.example"))
    hot(world, "2")
    old = contact("3", "bo@birch.example", writable=False, same_as=(same("4"),), fields={"title": "CFO"})
    world.sales.put(old)
    world.sales.put(contact("4", "bo@birch.example", rollups=(total("clicks", "email_click", 4, START),)))
    world.marketing.put(contact("5", None, fields={"title": "Praktikant"}))
    role = DealRole(Ref("contacts", "2"), "decision_maker")
    world.sales.put(
        DealRecord(ref=Ref("deals", "d"), modified_at=START, stage="offer", open=True, won=False, people=(role,))
    )


def shown(world: TwoCrms) -> dict[str, Any]:
    """What both CRMs show, leaving out when: properties of people, and tasks."""
    state: dict[str, Any] = {}
    for crm in (world.marketing, world.sales):
        for record in crm.live(Stream.CONTACTS):
            held = {name: value for name, value in crm.ours(record.ref).items() if name != "scored_at"}
            state[f"{crm.name} {record.ref}"] = held
        state[f"{crm.name} tasks"] = sorted(
            (task.key or "", str(task.person), task.owner_id or "", task.subject, task.body) for task in crm.tasks.all()
        )
    return state


def writes(world: TwoCrms) -> int:
    """How many calls that change something were made."""
    journals = [*world.marketing.wire.journal, *world.sales.wire.journal]
    return sum(not endpoint.startswith("GET ") for endpoint in journals)


def emptied(database: Database) -> Database:
    """The database, with every table empty."""
    with database.begin() as tx:
        for table in tables.metadata.tables:
            tx.exec_driver_sql(f"DELETE FROM {table}")
    return database
