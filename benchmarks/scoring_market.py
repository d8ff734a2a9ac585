"""A market to score: people, and what they did, made up in columns from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from leadline.sidecar.layer import FoldsGatherer, Layer, Told, ids_of
from scoring.columns import Column, Table, narrow
from scoring.core import CompiledModel, Kept
from scoring.population import DAY_MICROSECONDS, Touches, microseconds
from scoring.reading import Value

AS_OF = datetime(2026, 3, 30, 12, tzinfo=UTC)
EVENTS_EACH = 10
_DAYS = 400
_PEOPLE_AT_ONCE = 50_000
_LEVELS = ["Chief", "VP", "Director", "Head of", "Senior", "Junior", "Interim", "Lead", "Assistant", "Student", "", "Group"]
_AREAS = ["Sales", "Revenue", "Marketing", "IT", "Engineering", "Finance", "Legal", "Operations", "Product", "Support"]
_ROLES = ["Officer", "Manager", "Engineer", "Developer", "Analyst", "Architect", "", "Specialist", "Consultant", "Clerk"]
_KINDS = {
    "page_view": 0.55,
    "email_open": 0.2,
    "email_click": 0.08,
    "content_download": 0.04,
    "video_view": 0.03,
    "form_submission": 0.03,
    "email_reply": 0.02,
    "meeting": 0.02,
    "chat": 0.01,
    "trial_start": 0.008,
    "demo_request": 0.007,
    "unsubscribe": 0.005,
}


@dataclass(frozen=True, slots=True)
class Market:
    """So many people, the same ones for the same seed."""

    people: int
    seed: int = 7

    def fields(self) -> Table:
        """Twenty fields of everybody."""
        rng = np.random.default_rng(self.seed)
        columns = {name: self._column(rng, values, unknown) for name, (values, unknown) in _pools(self.people).items()}
        codes = np.arange(1, self.people + 1, dtype=np.uint32)
        columns["person.email"] = Column(codes, [None, *(_email(number) for number in range(self.people))])
        return Table(self.people, columns)

    def touches(self) -> Iterator[tuple[int, Touches]]:
        """What they did, some people at a time, with the row of the first of them."""
        for low in range(0, self.people, _PEOPLE_AT_ONCE):
            yield low, self._touches(np.random.default_rng([self.seed, low]), min(_PEOPLE_AT_ONCE, self.people - low))

    def layer(self, compiled: CompiledModel) -> Layer:
        """All of it as the sidecar keeps it."""
        fields, gatherer = self.fields(), FoldsGatherer()
        for low, touches in self.touches():
            human = ~compiled.machines.flags(touches, AS_OF.date())
            gatherer.add(compiled.engagement.fold(touches, human, AS_OF.date()), low)
        compiled.ask(fields, AS_OF.date())
        nothing = np.zeros(0, dtype=np.int64)
        return Layer(
            as_of=AS_OF,
            ids=ids_of([f"person-{number:08d}" for number in range(self.people)]),
            gone=ids_of([]),
            kept=Kept(fields, gatherer.folds(), np.zeros(self.people, dtype=np.int8)),
            told=Told.nothing(self.people),
            later_who=nothing,
            later=nothing,
        )

    def _column(self, rng: np.random.Generator, values: list[Value], unknown: float) -> Column:
        codes = 1 + (rng.random(self.people) ** 2 * len(values)).astype(np.int64)
        codes[rng.random(self.people) < unknown] = 0
        return Column(narrow(codes), [None, *values])

    def _touches(self, rng: np.random.Generator, people: int) -> Touches:
        count = people * EVENTS_EACH
        who = np.sort(rng.permutation(people)[(rng.random(count) ** 1.5 * people).astype(np.int64)])
        at = microseconds(AS_OF) - (rng.random(count) ** 2 * _DAYS * DAY_MICROSECONDS).astype(np.int64)
        order = np.lexsort((at, who))
        kinds = rng.choice(len(_KINDS), size=count, p=list(_KINDS.values())) + 1
        columns = {"type": Column(narrow(kinds), [None, *_KINDS])}
        for name, (values, unknown) in _event_pools().items():
            codes = 1 + rng.integers(0, len(values), size=count)
            codes[rng.random(count) < unknown] = 0
            columns[name] = Column(narrow(codes), [None, *values])
        return Touches(who[order], at[order], (), Table(count, columns))


def facts(fields: Table, touches: Touches, row: int) -> dict[str, Any]:
    """One person as a line of facts. Only of the first people at once: rows of touches are those of the fields."""
    own = fields.row(row)
    low, high = np.searchsorted(touches.who, [row, row + 1])
    return {
        "id": f"person-{row:08d}",
        "person": {name.removeprefix("person."): value for name, value in own.items() if name.startswith("person.")},
        "company": {name.removeprefix("company."): value for name, value in own.items() if name.startswith("company.")},
        "events": [
            {"id": f"e{place:09d}", "at": touches.moment(place).isoformat(), **touches.fields.row(place)}
            for place in range(int(low), int(high))
        ],
    }


def _email(number: int) -> str:
    host = ("mail.example", f"company-{number % 90_000}.example")[number % 3 != 0]
    return f"person{number}@{host}"


def _pools(people: int) -> dict[str, tuple[list[Value], float]]:
    titles = [
        f"{level} {area} {role}{', region ' + str(region) if region else ''}".strip()
        for region in range(40)
        for level in _LEVELS
        for area in _AREAS
        for role in _ROLES
    ]
    companies = max(10, people // 10)
    days = [(AS_OF - timedelta(days=age)).date().isoformat() for age in range(3000)]
    return {
        "person.title": ([*titles], 0.1),
        "person.country": (["DE", "US", "FR", "AT", "CH", "NL", "BE", "DK", "GB", "ES", "IT", "PL"], 0.1),
        "person.language": (["de", "en", "fr", "nl", "es"], 0.3),
        "person.seniority": (["staff", "manager", "senior", "director", "vp", "c_level", "entry", "intern", "head"], 0.2),
        "person.function": (["sales", "it", "marketing", "engineering", "finance", "hr", "legal", "product"], 0.2),
        "person.source": (["web", "fair", "referral", "partner portal", "list", "ads", "test"], 0.2),
        "person.opted_out": ([False, True], 0.5),
        "person.since": ([*days], 0.1),
        "person.budget": ([*range(500, 100_500, 500)], 0.7),
        "person.buying_role": (["user", "champion", "decision_maker", "blocker"], 0.8),
        "person.city": ([f"city-{number}" for number in range(5000)], 0.3),
        "company.name": ([f"Company {number}" for number in range(companies)], 0.1),
        "company.domain": ([f"company-{number}.example" for number in range(companies)], 0.2),
        "company.employees": ([*range(1, 6000)], 0.3),
        "company.industry": ([f"industry-{number}" for number in range(40)], 0.2),
        "company.annual_revenue": ([number * 50_000 for number in range(1, 20_000)], 0.5),
        "company.country": (["DE", "US", "FR", "AT", "CH", "NL", "GB", "ES"], 0.2),
        "company.tools": ([(f"tool-{number % 17}", f"tool-{number // 17}") for number in range(289)], 0.6),
        "company.founded": ([*range(1900, 2026)], 0.4),
    }


def _event_pools() -> dict[str, tuple[list[Value], float]]:
    pages = ["pricing", "blog", "docs", "product", "about", "careers", "news", "legal", "home", "partners"]
    return {
        "url": ([f"/{page}/{number}" for page in pages for number in range(20)], 0.4),
        "name": ([f"asset {number}" for number in range(100)], 0.5),
        "seconds": ([*range(1, 300)], 0.5),
        "campaign": ([f"campaign-{number}" for number in range(30)], 0.5),
        "machine": ([True], 0.98),
    }
