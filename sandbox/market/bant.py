"""What reps wrote down about budget, authority, need and timeline: little, mostly of likely buyers, not always good news."""

import random
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from sandbox.market.bargains import draw_role
from sandbox.market.draw import Wheel, pick
from sandbox.market.humans import Human
from sandbox.market.model import BudgetStatus, BuyingRole, PurchaseTimeframe

Element = Literal["budget", "authority", "need", "timeline"]

_KNOWN_PER_CENT = 26
_MOSTLY_KNOWN_PER_CENT = 6
_ELEMENTS: tuple[Element, ...] = ("budget", "authority", "need", "timeline")
_BAD_NEWS = 0.3

_SOON: Wheel[PurchaseTimeframe] = Wheel(("this_quarter", 30), ("next_quarter", 40), ("this_year", 30))
_LATE: Wheel[PurchaseTimeframe] = Wheel(("this_year", 40), ("later", 60))
_TARGET_DAYS: dict[PurchaseTimeframe, int] = {"this_quarter": 45, "next_quarter": 120, "this_year": 210, "later": 420}
_PAINS = (
    "Forecast is built in spreadsheets and is off by a third every quarter",
    "Reps spend a day a week on reporting",
    "No view of pipeline across regions",
    "Duplicate accounts cause two reps to call one customer",
    "Current tool is end of life next year",
    "Marketing cannot see which leads became revenue",
    "Territories are unbalanced and quota is missed",
    "Auditors asked for a trail of price approvals",
    "New managing director wants weekly numbers",
    "Integration with the ERP breaks every month",
)


class Bant(msgspec.Struct, frozen=True):
    """The fields of a person that speak of BANT, and when they were filled."""

    budget: int | None = None
    budget_status: BudgetStatus | None = None
    buying_role: BuyingRole | None = None
    purchase_timeframe: PurchaseTimeframe | None = None
    target_date: date | None = None
    pain_point: str | None = None
    at: datetime | None = None


def elements_known(rng: random.Random, humans: list[Human]) -> list[int]:
    """How many elements are known of each of the people: none of most, three or four of a few likely buyers."""
    order = _ranked(rng, humans, range(len(humans)), 0.3)
    known = order[: len(order) * _KNOWN_PER_CENT // 100]
    counts = [0] * len(humans)
    for place in known:
        counts[place] = 1 if rng.random() < 0.6 else 2
    for place in _ranked(rng, humans, known, 0.4)[: len(order) * _MOSTLY_KNOWN_PER_CENT // 100]:
        counts[place] = 3 if rng.random() < 0.6 else 4
    return counts


def _ranked(rng: random.Random, humans: list[Human], places: range | list[int], noise: float) -> list[int]:
    keys = {place: -humans[place].propensity + rng.gauss(0, noise) for place in places}
    return sorted(keys, key=lambda place: (keys[place], place))


def draw_bant(rng: random.Random, human: Human, known: int, as_of: datetime) -> Bant:
    """The fields of a person of whom `known` elements are known; they can contradict a purchase."""
    if not known:
        return Bant()
    at = (as_of - timedelta(days=rng.uniform(0.5, 150 if rng.random() < 0.85 else 420))).replace(microsecond=0)
    bant = Bant(at=at)
    for element in rng.sample(_ELEMENTS, known):
        bad = rng.random() < _BAD_NEWS * (1.1 - human.propensity)
        if element == "budget":
            bant = _with_bad_budget(rng, bant) if bad else _with_budget(rng, bant, human)
        elif element == "authority":
            role: BuyingRole = pick(rng, ("end_user", "blocker")) if bad else draw_role(rng, human)
            bant = msgspec.structs.replace(bant, buying_role=role)
        elif element == "need":
            bant = msgspec.structs.replace(bant, pain_point=pick(rng, _PAINS))
        else:
            bant = _with_timeline(
                rng, bant, "none" if bad else (_SOON if rng.random() < human.propensity else _LATE).spin(rng)
            )
    return bant


def _with_budget(rng: random.Random, bant: Bant, human: Human) -> Bant:
    status: BudgetStatus | None = pick(rng, ("planned", "approved")) if rng.random() < 0.7 else None
    stated = status is None or rng.random() < 0.6
    amount = (3_000 + int(40 * human.employer.employees * rng.uniform(0.2, 1.2))) // 500 * 500
    return msgspec.structs.replace(bant, budget=min(amount, 300_000) if stated else None, budget_status=status)


def _with_bad_budget(rng: random.Random, bant: Bant) -> Bant:
    # Now and then a sum was written down before the money was frozen.
    frozen = rng.random() < 0.5
    return msgspec.structs.replace(
        bant, budget_status="frozen" if frozen else "none", budget=10_000 if frozen and rng.random() < 0.4 else None
    )


def _with_timeline(rng: random.Random, bant: Bant, timeframe: PurchaseTimeframe) -> Bant:
    days = _TARGET_DAYS.get(timeframe)
    dated = bant.at is not None and days is not None and rng.random() < 0.5
    target = (bant.at + timedelta(days=days * rng.uniform(0.5, 1.1))).date() if dated and bant.at and days else None
    return msgspec.structs.replace(bant, purchase_timeframe=timeframe, target_date=target)
