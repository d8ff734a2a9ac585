"""Whatever becomes known in whatever order: no crossing has two tasks, no task lacks an owner, no stage lacks its line.

Acts of reps, visitors and failures are drawn, a cycle is run after some of them, and all of it is asked of both CRMs and
the database. `FUZZ_CASES` says how many stories are told: 20 unless told, always the same; `make fuzz` tells ever new ones.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from shutil import copyfile
from typing import TypeAlias
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from connectors.memory_crm import MemoryCrm
from connectors.memory_wire import Fault
from connectors.records import DealRecord, DealRole, OwnerRecord, PersonRecord, Ref, Stream
from connectors.tasks import Task
from leadline.retry import RetryPolicy
from leadline.state.database import Database
from scoring.stages import SIGNAL_LINE
from tests.engine import BUYER, START, TwoCrms, company, contact, engagement

CASES = int(os.environ.get("FUZZ_CASES", "20"))
ALWAYS_THE_SAME = "FUZZ_CASES" not in os.environ
PEOPLE = 3
OWNERS: Mapping[str, str | None] = {"o1": None, "o2": "America/New_York", "o3": "Asia/Kolkata"}
"""Time zones of those who get tasks; None is that of the workspace, UTC."""
OPENS, CLOSES = time(9), time(17)
SETTLED = {"task opened", "task queued", "task closed", "held back", "lapsed", "no task"}
VERDICTS = ("good", "too_early", "bad_fit", "not_real", "no_response")

Act: TypeAlias = Callable[["Market", int, int], None]


@dataclass
class Market:
    """Both CRMs with a few people, two of them in both, and owners, of whom one at least is at work."""

    world: TwoCrms
    number: int = 0

    def __post_init__(self) -> None:
        for crm in (self.world.marketing, self.world.sales):
            for owner, zone in OWNERS.items():
                crm.put(OwnerRecord(ref=Ref("owners", owner), name=owner, email=f"{owner}@seller.example", time_zone=zone))
            crm.put(company("c1", name="Acme", employees=240, industry="software"))
        for person in range(PEOPLE):
            self.person(person)
        self.world.marketing.put(contact("m1", "p1@acme.example"))
        self.world.marketing.put(contact("m2", "p2@acme.example"))

    def person(self, person: int, **fields: object) -> None:
        """A buyer whom both sides know well, but for what is told otherwise."""
        known = {name: value for name, value in {**BUYER, **fields}.items() if value is not None}
        owner = f"o{1 + person % len(OWNERS)}"
        at = Ref("companies", "c1")
        self.world.sales.put(contact(f"{person}", f"p{person}@acme.example", fields=known, company=at, owner_id=owner))

    def happens(self, kind: str, person: int, days_ago: float = 0, **fields: str) -> None:
        """The person does something."""
        self.number += 1
        at = self.world.time.now - timedelta(days=days_ago, minutes=1)
        self.world.sales.put(engagement(f"e{self.number}", kind, at, f"{person}", **fields))

    def tasks(self) -> list[tuple[MemoryCrm, Task]]:
        """Every task, in both CRMs."""
        return [(crm, task) for crm in (self.world.marketing, self.world.sales) for task in crm.tasks.all()]

    def person_record(self, person: int) -> PersonRecord | None:
        """The person in sales' CRM, None while it is in the bin."""
        found = self.world.sales.get(Ref("contacts", f"{person}"))
        return found if isinstance(found, PersonRecord) else None


def meets(market: Market, person: int, amount: int) -> None:
    market.happens("meeting", person, amount * 5.0)


def looks_at_prices(market: Market, person: int, amount: int) -> None:
    for _ in range(1 + amount):
        market.happens("page_view", person, url="/pricing")


def asks_for_a_demo(market: Market, person: int, amount: int) -> None:
    market.happens("demo_request", person, amount / 2)


def is_edited(market: Market, person: int, amount: int) -> None:
    title = ("VP Sales", "Student", "Director of Marketing", "Intern", "CFO", None)[amount]
    market.person(
        person, title=title, budget=40_000.0 * (amount % 2) or None, buying_role=None if amount == 5 else "champion"
    )


def is_knocked_out(market: Market, person: int, amount: int) -> None:
    market.person(person, lead_status="unqualified" if amount % 2 else None)


def has_a_deal(market: Market, person: int, amount: int) -> None:
    is_open, won = ((True, False), (False, True), (False, False))[amount % 3]
    people = (DealRole(Ref("contacts", f"{person}"), "decision_maker"),)
    deal = DealRecord(ref=Ref("deals", f"d{person}"), modified_at=START, stage="s", open=is_open, won=won, people=people)
    market.world.sales.put(deal)


def gets_a_verdict(market: Market, person: int, amount: int) -> None:
    held = market.person_record(person)
    if held is not None:
        market.world.sales.put(replace(held, ours={"feedback": VERDICTS[amount % len(VERDICTS)]}))


def leaves_the_crm(market: Market, person: int, amount: int) -> None:
    if market.person_record(person) is None:
        market.person(person)
    else:
        market.world.sales.archive(Ref("contacts", f"{person}"))


def an_engagement_was_a_mistake(market: Market, person: int, amount: int) -> None:
    live = sorted(record.ref for record in market.world.sales.live(Stream.ENGAGEMENTS))
    if live:
        market.world.sales.archive(live[amount % len(live)])


def an_owner_comes_or_goes(market: Market, person: int, amount: int) -> None:
    """The last one stays."""
    for crm in (market.world.marketing, market.world.sales):
        owners = {one.ref.id: one for one in crm.live(Stream.OWNERS) if isinstance(one, OwnerRecord)}
        chosen = owners[f"o{1 + person % len(OWNERS)}"]
        if not chosen.active or sum(one.active for one in owners.values()) > 1:
            crm.put(replace(chosen, active=not chosen.active))


def a_rep_does_something_with_a_task(market: Market, person: int, amount: int) -> None:
    tasks = market.tasks()
    if not tasks:
        return
    crm, task = tasks[amount % len(tasks)]
    if person == 0:
        crm.tasks.remove(task.ref)
    else:
        crm.tasks.put(replace(task, open=False) if person == 1 else replace(task, subject="After lunch"))


def the_crm_fails(market: Market, person: int, amount: int) -> None:
    endpoint = ("GET /people", "GET /engagements", "POST /tasks", "GET /tasks", "PATCH /people", "PATCH /tasks")[amount]
    market.world.sales.wire.declare(Fault(503, endpoint, times=RetryPolicy().attempts))


def hours_pass(market: Market, person: int, amount: int) -> None:
    market.world.later(hours=1 + 3 * amount + person)


def days_pass(market: Market, person: int, amount: int) -> None:
    market.world.later(days=(1, 2, 5, 15, 40, 95)[amount])


ACTS: tuple[Act, ...] = (
    meets,
    looks_at_prices,
    asks_for_a_demo,
    is_edited,
    is_knocked_out,
    has_a_deal,
    gets_a_verdict,
    leaves_the_crm,
    an_engagement_was_a_mistake,
    an_owner_comes_or_goes,
    a_rep_does_something_with_a_task,
    the_crm_fails,
    hours_pass,
    days_pass,
)

_acts = st.tuples(st.sampled_from(ACTS), st.integers(0, PEOPLE - 1), st.integers(0, 5))
_ready = st.lists(st.sampled_from(range(PEOPLE)), unique=True)
"""Who is ready for sales when it begins."""


@pytest.fixture(scope="module")
def launched(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database in which the people of the market went live, calm."""
    path = tmp_path_factory.mktemp("launched") / "leadline.db"
    copyfile(migrated, path)
    with closing(Database(f"sqlite:///{path}")) as database:
        Market(TwoCrms(database)).world.run()
    return path


@settings(
    max_examples=CASES,
    derandomize=ALWAYS_THE_SAME,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@given(ready=_ready, days=st.lists(st.lists(_acts, min_size=1, max_size=4), max_size=3))
def test_no_sequence_of_facts_breaks_the_calm(
    launched: Path, tmp_path_factory: pytest.TempPathFactory, ready: list[int], days: list[list[tuple[Act, int, int]]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "calm.db"
    copyfile(launched, path)
    with closing(Database(f"sqlite:///{path}")) as database:
        market = Market(TwoCrms(database))
        market.world.time.now += timedelta(seconds=1)
        watched = Watched(market)
        for person in ready:
            meets(market, person, 0)
            looks_at_prices(market, person, 1)
        for acts in ([], *days):
            for act, person, amount in acts:
                act(market, person, amount)
            watched.cycle()
        event(f"{min(len(market.tasks()), 3)} tasks or more")


class Watched:
    """Runs cycles, and asks after each whether all holds."""

    def __init__(self, market: Market) -> None:
        self._market, self._world = market, market.world
        self._seen: set[str] = set()

    def cycle(self) -> None:
        """One cycle, and all questions."""
        self._world.run()
        self._no_crossing_has_two_tasks()
        self._every_task_has_an_owner_who_can_keep_its_time()
        self._every_stage_has_its_line()
        self._crossings_alternate_and_none_disappears()

    def _no_crossing_has_two_tasks(self) -> None:
        keys = Counter(task.key for _, task in self._market.tasks() if task.key)
        assert max(keys.values(), default=1) == 1, keys

    def _every_task_has_an_owner_who_can_keep_its_time(self) -> None:
        for crm, task in self._market.tasks():
            assert task.owner_id is not None
            if task.key and task.key not in self._seen:
                self._seen.add(task.key)
                owner = crm.get(Ref("owners", task.owner_id))
                assert isinstance(owner, OwnerRecord)
                assert owner.active
                assert SIGNAL_LINE in task.key or at_work(owner, task.due_at), (task.due_at, owner.time_zone)

    def _every_stage_has_its_line(self) -> None:
        base = self._world.qualification.stages[0].id
        for score in self._world.scores().values():
            standing = score.standing
            held = [line for line, ordinal in standing.ordinals.items() if ordinal % 2 and not line.startswith(SIGNAL_LINE)]
            assert standing.stage in (held or [base])

    def _crossings_alternate_and_none_disappears(self) -> None:
        with self._world.database.begin() as tx:
            rows = tx.exec_driver_sql(
                "SELECT person_id, line, ordinal, direction, outcome, why, task_rule FROM crossings ORDER BY ordinal"
            ).all()
        lines: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
        for person, line, ordinal, direction, outcome, why, rule in rows:
            lines[person, line].append((ordinal, direction))
            assert outcome in SETTLED, (line, outcome)
            assert why or outcome in {"no task", "task opened", "task queued"}, (line, outcome, rule)
        for (_, line), passed in lines.items():
            assert [ordinal for ordinal, _ in passed] == list(range(1, len(passed) + 1))
            is_signal = line.startswith(SIGNAL_LINE)
            assert all((direction == "entered") == (is_signal or ordinal % 2 == 1) for ordinal, direction in passed)


def at_work(owner: OwnerRecord, at: datetime | None) -> bool:
    """Whether the moment lies in the working hours of this owner: Monday to Friday, nine to five, where they are."""
    assert at is not None
    there = at.astimezone(ZoneInfo(owner.time_zone or "UTC"))
    return there.weekday() < 5 and OPENS <= there.time() <= CLOSES
