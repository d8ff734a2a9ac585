"""Deals: whose they are, how they went and when."""

import math
import random
from datetime import date, datetime, timedelta

from sandbox.market.calendar import Calendar
from sandbox.market.draw import Wheel, pick
from sandbox.market.employers import Employer
from sandbox.market.humans import Human
from sandbox.market.model import BuyingRole, Crm, Deal, DealRole, Stage, StageChange

_PATH: tuple[Stage, ...] = ("qualification", "discovery", "proposal", "negotiation")
_OUTCOMES = Wheel(("open", 36.0), ("closed", 64.0))
_PEOPLE_ON_A_DEAL = Wheel((1, 3.0), (2, 4.0), (3, 2.0), (4, 1.0))
_CYCLE_DAYS = (12, 75)
_PRODUCTS = ("Pipeline analytics", "Forecasting", "Data quality", "Territory planning", "Full platform", "Reporting seats")
_SIGNERS = frozenset({"c_level", "owner", "vp"})
_HEADS = frozenset({"director", "head"})


class Bench:
    """The people of one company who can stand on a deal in each CRM, and how promising the company looks."""

    def __init__(self, employer: Employer, people: list[Human]) -> None:
        self.employer = employer
        self.candidates: dict[Crm, list[Human]] = {
            "hubspot": [human for human in people if human.in_hubspot],
            "salesforce": [human for human in people if human.is_salesforce_contact],
        }
        known = [human.propensity for group in self.candidates.values() for human in group]
        self.promise = math.exp(4 * max(known)) if known else 0.0


def draw_deals(rng: random.Random, first_key: int, count: int, benches: list[Bench], calendar: Calendar) -> list[Deal]:
    """`count` deals with keys from `first_key`; promising companies have more of them, and win more."""
    promises = [bench.promise for bench in benches]
    if not any(promises):
        promises = [1.0] * len(benches)
    deals = []
    for key in range(first_key, first_key + count):
        place = rng.choices(range(len(benches)), promises)[0]
        promises[place] *= 0.3
        deals.append(_draw_deal(rng, key, benches[place], calendar))
    return deals


def _draw_deal(rng: random.Random, key: int, bench: Bench, calendar: Calendar) -> Deal:
    crms: list[Crm] = [crm for crm, group in bench.candidates.items() if group]
    crm = pick(rng, crms) if crms else "hubspot"
    people = _draw_people(rng, bench.candidates[crm])
    promise = sum(human.propensity for human in people) / len(people) if people else 0.2
    stages = _draw_stages(rng, promise, calendar)
    stage, last_at = stages[-1].stage, stages[-1].at
    closed = stage in {"won", "lost"}
    employer = bench.employer
    return Deal(
        key=key,
        name=f"{employer.name}: {pick(rng, _PRODUCTS)}",
        crm=crm,
        company=employer.key,
        owner=employer.owner,
        pipeline="expansion" if rng.random() < 0.15 else "new_business",
        stage=stage,
        stages=stages,
        open=not closed,
        won=stage == "won",
        amount=None if rng.random() < 0.06 and stage != "won" else _amount(rng, employer),
        created_at=stages[0].at,
        modified_at=last_at,
        close_date=last_at.date() if closed else _expected(rng, calendar.as_of),
        roles=_roles(rng, people),
    )


def _draw_people(rng: random.Random, candidates: list[Human]) -> list[Human]:
    """Up to four of the candidates, the likelier buyers more often, in key order."""
    left = sorted(candidates, key=lambda human: (-human.propensity - 0.3 * rng.random(), human.key))
    return sorted(left[: _PEOPLE_ON_A_DEAL.spin(rng)], key=lambda human: human.key)


def _draw_stages(rng: random.Random, promise: float, calendar: Calendar) -> tuple[StageChange, ...]:
    """A deal's way, all of it before `as_of`, with room in the window for what its people did before it closed."""
    cycle = rng.uniform(*_CYCLE_DAYS)
    if _OUTCOMES.spin(rng) == "open":
        begun, reached = rng.uniform(1, 80), 1 + int(rng.random() * len(_PATH))
        return _walk(rng, _PATH[:reached], calendar, begun, begun * 0.1)
    closed = rng.uniform(0.5, 140)
    if rng.random() < 1 / (1 + math.exp(-9 * (promise - 0.5))):
        return _walk(rng, (*_PATH, "won"), calendar, closed + cycle, closed)
    reached = 1 + int(rng.random() * len(_PATH))
    return _walk(rng, (*_PATH[:reached], "lost"), calendar, closed + cycle, closed)


def _walk(
    rng: random.Random, path: tuple[Stage, ...], calendar: Calendar, first_days_ago: float, last_days_ago: float
) -> tuple[StageChange, ...]:
    between = sorted((rng.uniform(last_days_ago, first_days_ago) for _ in path[2:]), reverse=True)
    days = (first_days_ago, *between, last_days_ago)[: len(path)]
    moments: list[datetime] = []
    for days_ago in days:
        at = (calendar.as_of - timedelta(days=days_ago)).replace(microsecond=0)
        moments.append(max(at, moments[-1] + timedelta(minutes=5)) if moments else at)
    return tuple(StageChange(stage, at) for stage, at in zip(path, moments, strict=True))


def _amount(rng: random.Random, employer: Employer) -> int:
    return min(400_000, int((3_000 + 45 * employer.employees * rng.uniform(0.3, 1.4)) // 100 * 100))


def _expected(rng: random.Random, as_of: datetime) -> date:
    # One open deal in eight is overdue: nobody has touched its date.
    return (as_of + timedelta(days=rng.uniform(-20, -1) if rng.random() < 0.12 else rng.uniform(5, 120))).date()


def _roles(rng: random.Random, people: list[Human]) -> tuple[DealRole, ...]:
    return tuple(
        DealRole(human.key, draw_role(rng, human), primary=place == 0)
        for place, human in enumerate(sorted(people, key=lambda human: (-human.propensity, human.key)))
    )


def draw_role(rng: random.Random, human: Human) -> BuyingRole:
    """The part a person of this rank tends to play when a company buys."""
    chance = rng.random()
    if human.seniority in _SIGNERS:
        return "decision_maker" if chance < 0.6 else "budget_holder"
    if human.seniority in _HEADS:
        return "decision_maker" if chance < 0.25 else "budget_holder" if chance < 0.5 else "champion"
    return "champion" if chance < 0.3 else "influencer" if chance < 0.6 else "end_user" if chance < 0.92 else "blocker"
