"""Columns straight from rows are those that persons, loaded one by one, come to; and only the rows that matter are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event

from leadline.facts import facts_of
from leadline.sidecar import build
from leadline.sidecar.layer import NEVER, Layer
from leadline.sidecar.rescore import rescored
from leadline.state import people
from leadline.state.database import Database
from scoring.breakdown import Breakdown
from scoring.core import GRADES, CompiledModel
from scoring.engine import Engine
from scoring.facts import Facts, decode_facts
from scoring.lists import Lists
from scoring.model import parse_model
from tests.engine import START
from tests.unit.leadline.made_up_rows import PREFERRED, fill

_TIMES = {"times": 1, "per": "day"}
_OWN = {"id": {"contains": "1"}, "at": {"known": True}}


def _rule(name: str, when: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "points": 1, "when": when}


MODEL = CompiledModel(
    parse_model(
        {
            "model": "rows",
            "fit": {
                "limit": 50,
                "groups": {
                    "g": {
                        "rules": [
                            _rule("title", {"person.title": {"contains": "VP"}}),
                            _rule("senior", {"person.seniority": "vp"}),
                            _rule("sales", {"person.function": "sales"}),
                            _rule("out", {"person.opted_out": True}),
                            _rule("role", {"person.buying_role": {"known": True}}),
                            _rule("email", {"person.email": {"contains": "acme"}}),
                            _rule("budget", {"person.budget": 1}),
                            _rule("own-size", {"person.company_employees": {"known": True}}),
                            _rule("size", {"company.employees": {"at_least": 10}}),
                            _rule("trade", {"company.industry": "software"}),
                            _rule("odd", {"company.company_size": 1}),
                            _rule("nobody", {"person.nothing": {"known": True}}),
                        ]
                    }
                },
            },
            "engagement": {
                "limit": 50,
                "groups": {
                    "g": {
                        "signals": [
                            {"id": "views", "on": "page_view", "points": 3, "where": {"url": {"contains": "pricing"}}},
                            {"id": "named", "on": "content_download", "points": 2, "distinct": "name", "full_at": "20s"},
                            {
                                "id": "last",
                                "on": ["email_click", "meeting"],
                                "points": 1,
                                "at_most": _TIMES,
                                "full_at": "30s",
                            },
                            {
                                "id": "odd",
                                "on": "meeting",
                                "points": 4,
                                "where": {"id": {"contains": "1"}, "at": {"known": True}},
                            },
                        ]
                    }
                },
            },
        }
    ),
    Lists.of({}),
)


def one_by_one(tx: Connection, persons: list[str]) -> list[Facts]:
    return [facts_of(view, PREFERRED) for view in people.load_people(tx, persons)]


def shown(layer: Layer) -> dict[str, Any]:
    """All that is in a layer, whatever codes its values have."""
    rows = range(layer.kept.rows)
    return {
        "ids": layer.ids.tolist(),
        "gone": layer.gone.tolist(),
        "fields": [[_as_meant(*one) for one in layer.kept.fields.row(row).items()] for row in rows],
        "folds": {
            (name, part): getattr(one, part).tolist()
            for name, one in layer.kept.folds.items()
            for part in ("who", "firsts", "days", "weights", "micros", "counts")
        },
        "later": sorted({(int(who), int(at)) for who, at in zip(layer.later_who, layer.later, strict=True)}),
    }


def _as_meant(name: str, value: object) -> str:
    """1 and 1.0 are one number to every rule; 1, true and "1" are not."""
    return f"{name}: {float(value)!r}" if type(value) is int else f"{name}: {value!r}"


def of_values(found: list[Facts], gone: list[str]) -> dict[str, Any]:
    """The same from persons loaded as values. What no signal wants is not waited for."""
    wanted = {kind for one in MODEL.engagement.signals for kind in one.signal.on}
    there = [
        Facts(one.id, one.person, one.company, events=tuple(event for event in one.events if event.type in wanted))
        for one in found
    ]
    return {**shown(build.of_facts(MODEL, there, START)), "gone": [name.encode() for name in sorted(gone)]}


def agrees(database: Database, random: Random) -> None:
    persons = fill(database, random)
    everybody = build.everybody(database, MODEL, PREFERRED, START)
    with database.begin() as tx:
        values = one_by_one(tx, persons)
        some = random.sample(persons, random.randint(1, len(persons)))
        few = build.of_persons(tx, MODEL, PREFERRED, some, START)
    assert shown(everybody) == of_values(values, [])
    known = [one for one in values if one.id in some]
    assert shown(few) == of_values(known, sorted(set(some) - {one.id for one in known}))
    with database.begin() as tx:
        told = what_was_told(tx)
    for layer in (everybody, few):
        known_told = zip(layer.told.scores.tolist(), layer.told.grades.tolist(), strict=True)
        nothing = (NEVER, NEVER)
        assert list(known_told) == [told.get(person.decode(), nothing) for person in layer.ids.tolist()]


def fingerprints(database: Database, as_of: datetime) -> dict[str, str]:
    """What everybody's scores come to by each route, at a moment after START."""
    first = build.everybody(database, MODEL, PREFERRED, START)
    cold = [build.everybody(database, MODEL, PREFERRED, as_of)]
    with database.begin() as tx:
        late = sorted(build.overdue([first], as_of))
        layers = [first, build.of_persons(tx, MODEL, PREFERRED, late, as_of)]
        values = one_by_one(tx, [row[0] for row in tx.exec_driver_sql("SELECT id FROM persons ORDER BY id")])
    engine = Engine(MODEL.model, Lists.of({}))
    loose = [decode_facts(as_line(one)) for one in values]
    return {
        "sidecar": fingerprint(in_columns(layers, as_of)),
        "cold database": fingerprint(in_columns(cold, as_of)),
        "persons together": fingerprint(map(scored, engine.score_many(values, as_of))),
        "lines of JSON": fingerprint(map(scored, engine.score_many(loose, as_of))),
        "one alone": fingerprint(scored(engine.score(one, as_of)) for one in values),
    }


def in_columns(layers: list[Layer], as_of: datetime) -> Iterator[tuple[object, ...]]:
    found = rescored(MODEL, layers, as_of, 3)
    every = found.standings
    for row, person in enumerate(found.ids):
        yield (
            person.decode(),
            int(every.fit[row]),
            int(every.engagement[row]),
            int(every.total[row]),
            GRADES[every.grades[row]],
        )


def scored(one: Breakdown) -> tuple[object, ...]:
    return one.id, one.fit, one.engagement, one.total, one.grade


def as_line(one: Facts) -> bytes:
    events = [{**event.fields, "id": event.id, "type": event.type, "at": event.at.isoformat()} for event in one.events]
    return msgspec.json.encode({"id": one.id, "person": one.person, "company": one.company, "events": events})


def fingerprint(found: Iterable[tuple[object, ...]]) -> str:
    return sha256(repr(sorted(found)).encode()).hexdigest()


def what_was_told(tx: Connection) -> dict[str, tuple[int, int]]:
    """The score and the grade of persons all of whose live records show the same."""
    found: dict[str, set[tuple[int, int]]] = {}
    for person, content in tx.exec_driver_sql(
        "SELECT r.person_id, d.content FROM records r JOIN delivered d"
        " ON d.connection = r.connection AND d.object = r.object AND d.record_id = r.id WHERE r.removed_at IS NULL"
    ):
        told = msgspec.json.decode(content)
        is_whole = told["score"] is not None and told["grade"] in GRADES
        found.setdefault(person, set()).add(
            (int(told["score"]), GRADES.index(told["grade"])) if is_whole else (NEVER, NEVER)
        )
    return {person: both.pop() for person, both in found.items() if len(both) == 1}


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(random=st.randoms(use_true_random=False))
def test_columns_from_rows_are_those_of_persons_as_values(sqlite: Database, random: Random) -> None:
    agrees(sqlite, random)


@pytest.mark.parametrize("seed", [69, 140, 185, 283])
def test_one_event_of_two_types_is_of_the_type_that_the_highest_record_tells(sqlite: Database, seed: int) -> None:
    agrees(sqlite, Random(seed))


def test_postgresql_gives_the_same(postgresql: Database) -> None:
    for seed in range(10):
        agrees(postgresql, Random(seed))


@pytest.mark.parametrize("days", [0, 1, 40])
def test_every_route_gives_the_same_scores_bit_for_bit(database: Database, days: int) -> None:
    for seed in range(100, 104):
        fill(database, Random(seed))
        found = fingerprints(database, START + timedelta(days=days))
        assert len(set(found.values())) == 1, found


@contextmanager
def plans_of(database: Database) -> Iterator[list[str]]:
    """How SQLite finds the rows of each statement."""
    found: list[str] = []

    def explain(connection: Connection, cursor: Any, statement: str, given: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            plan = connection.connection.cursor()
            plan.execute(f"EXPLAIN QUERY PLAN {statement}", given)
            found.extend(f"{row[3]} in {statement}" for row in plan.fetchall())

    with database.begin() as tx:
        engine = tx.engine
    event.listen(engine, "before_cursor_execute", explain)
    yield found
    event.remove(engine, "before_cursor_execute", explain)


def test_of_some_persons_no_table_is_read_whole(sqlite: Database) -> None:
    persons = fill(sqlite, Random(3))
    with plans_of(sqlite) as plans, sqlite.begin() as tx:
        views = people.load_people(tx, persons)
        people.load_colleagues(tx, views)
        build.of_persons(tx, MODEL, PREFERRED, persons, START)
    assert len(plans) > 10
    assert [plan for plan in plans if plan.startswith("SCAN") and "CONSTANT" not in plan and "SCAN listed" not in plan] == []


def test_of_everybody_each_table_is_read_once_and_by_no_index(sqlite: Database) -> None:
    fill(sqlite, Random(3))
    with plans_of(sqlite) as plans:
        build.everybody(sqlite, MODEL, PREFERRED, START)
    assert sum(plan.startswith("SCAN events") for plan in plans) == 1
    assert sum(plan.startswith("SCAN delivered") for plan in plans) == 1
    assert not [plan for plan in plans if "records_by_person" in plan or "USING INDEX events" in plan]
