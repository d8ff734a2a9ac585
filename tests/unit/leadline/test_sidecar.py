"""The columnar sidecar: the same scores as from the database, whatever became of people, days and files since."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from connectors.records import Ref
from leadline.facts import facts_of
from leadline.sidecar import build
from leadline.sidecar.layer import Layer
from leadline.sidecar.rescore import Rescored, rescored
from leadline.sidecar.shelf import Shelf
from leadline.state import people
from leadline.state.database import Database
from scoring.core import GRADES, CompiledModel
from scoring.engine import Engine
from scoring.facts import Event, Facts, Override, decode_facts
from scoring.model import Model, parse_model
from tests.engine import START, TwoCrms, asks_for_a_demo, company, contact, hot, workspace

Scores = dict[str, tuple[int, int, int, str]]

KEY = "rules"
SPACE = workspace()
PREFERRED = ("sales", "marketing")


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    world = TwoCrms(sqlite)
    world.sales.put(company("c1", name="Acme", employees=300, industry="software"))
    for number in range(1, 12):
        world.sales.put(contact(str(number), f"p{number}@acme.example", company=Ref("companies", "c1")))
        if number % 2:
            hot(world, str(number))
    world.run()
    return world


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "columns")


@pytest.fixture
def compiled() -> CompiledModel:
    return CompiledModel(SPACE.model, SPACE.lists)


def everybody(world: TwoCrms, compiled: CompiledModel) -> Layer:
    return build.everybody(world.database, compiled, PREFERRED, world.time.now)


def facts(world: TwoCrms) -> list[Facts]:
    with world.database.begin() as tx:
        persons = [row[0] for row in tx.exec_driver_sql("SELECT id FROM persons ORDER BY id")]
        return [facts_of(view, PREFERRED) for view in people.load_people(tx, persons)]


def one_by_one(people: list[Facts], as_of: datetime, model: Model = SPACE.model) -> Scores:
    engine = Engine(model, SPACE.lists)
    found = [engine.score(one, as_of) for one in people]
    return {one.id: (one.fit, one.engagement, one.total, one.grade) for one in found}


def scores(found: Rescored) -> Scores:
    every = found.standings
    return {
        person.decode(): (int(every.fit[row]), int(every.engagement[row]), int(every.total[row]), GRADES[every.grades[row]])
        for row, person in enumerate(found.ids)
    }


def read(shelf: Shelf) -> tuple[Layer, ...]:
    layers = shelf.read(KEY)
    assert layers is not None
    return layers


def fingerprint(found: Scores) -> str:
    return sha256(repr(sorted(found.items())).encode()).hexdigest()


def test_scores_are_the_same_bit_for_bit_by_every_route(world: TwoCrms, compiled: CompiledModel, shelf: Shelf) -> None:
    shelf.replace(KEY, everybody(world, compiled))
    people = facts(world)
    lines = [msgspec.json.encode(msgspec.structs.replace(one, deals=(), dates={}, events=())) for one in people]
    loose = [
        decode_facts(msgspec.json.encode({**msgspec.json.decode(line), "events": [flat(event) for event in one.events]}))
        for line, one in zip(lines, people, strict=True)
    ]
    for days in (0, 1, 13, 40, 400):
        as_of = world.time.now + timedelta(days=days)
        together = Engine(SPACE.model, SPACE.lists).score_many(people, as_of)
        routes = {
            "sidecar": scores(rescored(compiled, read(shelf), as_of, 3)),
            "database": {one.id: (one.fit, one.engagement, one.total, one.grade) for one in together},
            "lines of JSON": one_by_one(loose, as_of),
            "one alone": one_by_one(people, as_of),
        }
        assert len({fingerprint(found) for found in routes.values()}) == 1, routes
    assert len(set(routes["database"].values())) > 1


def flat(event: Event) -> dict[str, object]:
    return {**event.fields, "id": event.id, "type": event.type, "at": event.at.isoformat()}


def test_who_changed_lies_on_top_and_counts_once(world: TwoCrms, compiled: CompiledModel, shelf: Shelf) -> None:
    shelf.replace(KEY, everybody(world, compiled))
    before = {one.id: one for one in facts(world)}
    asks_for_a_demo(world, "2")
    world.sales.put(contact("77", "new@birch.example"))
    world.sales.archive(Ref("contacts", "3"))
    world.run()
    after = {one.id: one for one in facts(world)}
    changed = [person for person in before.keys() | after.keys() if before.get(person) != after.get(person)]
    with world.database.begin() as tx:
        shelf.add(KEY, build.of_persons(tx, compiled, PREFERRED, changed, world.time.now))
    found = scores(rescored(compiled, read(shelf), world.time.now, 3))
    assert len(changed) == 3
    assert found == one_by_one(list(after.values()), world.time.now)


def test_what_the_crm_shows_decides_who_is_worth_telling(world: TwoCrms, compiled: CompiledModel) -> None:
    now, layer = world.time.now, everybody(world, compiled)
    assert len(rescored(compiled, [layer], now, 3).changed) == 0
    later = rescored(compiled, [layer], now + timedelta(days=20), 3)
    shown = scores(rescored(compiled, [layer], now, 3))
    moved = {later.ids[row].decode() for row in later.changed}
    wanted = {
        person
        for person, (_, _, total, grade) in scores(later).items()
        if grade != shown[person][3] or abs((total + 50) // 100 - (shown[person][2] + 50) // 100) >= 3
    }
    assert moved == wanted != set()


def test_who_was_told_nothing_is_worth_telling(compiled: CompiledModel) -> None:
    layer = build.of_facts(compiled, [Facts("a"), Facts("b")], START)
    assert list(rescored(compiled, [layer], START, 3).changed) == [0, 1]


DEMO = Event("e2", "demo_request", START + timedelta(days=2), {})


def test_an_event_that_lies_ahead_counts_from_its_moment_on(compiled: CompiledModel) -> None:
    waiting = Facts("a", events=(Event("e1", "page_view", START, {"url": "/pricing"}), DEMO))
    layer = build.of_facts(compiled, [waiting, Facts("b")], START)
    assert build.overdue([layer], DEMO.at - timedelta(seconds=1)) == set()
    assert build.overdue([layer], DEMO.at) == {"a"}
    before = DEMO.at - timedelta(seconds=1)
    assert scores(rescored(compiled, [layer], before, 3)) == one_by_one([waiting, Facts("b")], before)
    on_top = build.of_facts(compiled, [waiting], DEMO.at)
    assert scores(rescored(compiled, [layer, on_top], DEMO.at, 3)) == one_by_one([waiting, Facts("b")], DEMO.at)


def test_points_given_by_hand_count_until_they_end(compiled: CompiledModel) -> None:
    until = START + timedelta(days=1)
    given = Facts("a", overrides=(Override(Decimal(10), until),))
    layer = build.of_facts(compiled, [given], START)
    assert scores(rescored(compiled, [layer], START, 3)) == one_by_one([given], START)
    assert build.overdue([layer], until) == {"a"}


def dated(where: dict[str, object]) -> Model:
    signal = {"id": "s", "on": "page_view", "points": 10, "where": where}
    return parse_model(
        {
            "model": "m",
            "fit": {"limit": 50, "groups": {}},
            "engagement": {"limit": 50, "groups": {"g": {"signals": [signal]}}},
        }
    )


def test_folds_that_depend_on_the_day_are_good_for_that_day_only() -> None:
    asks_the_day = CompiledModel(dated({"promised": {"within": "3d"}}), SPACE.lists)
    asks_nothing = CompiledModel(dated({"promised": {"known": True}}), SPACE.lists)
    visit = Event("e", "page_view", START, {"promised": START.date().isoformat()})
    for model, next_week in ((asks_the_day, False), (asks_nothing, True)):
        layer = build.of_facts(model, [Facts("a", events=(visit,))], START)
        assert build.are_good([layer], model, START + timedelta(hours=1))
        assert build.are_good([layer], model, START + timedelta(days=7)) is next_week
        assert not build.are_good([layer], model, START - timedelta(seconds=1))


def test_a_rule_that_asks_the_day_is_asked_again_on_another(world: TwoCrms, shelf: Shelf) -> None:
    model = parse_model(
        {
            "model": "m",
            "fit": {
                "limit": 50,
                "groups": {"g": {"rules": [{"id": "new", "points": 9, "when": {"person.since": {"within": "3d"}}}]}},
            },
            "engagement": {"limit": 50, "groups": {}},
        }
    )
    compiled, person = CompiledModel(model, SPACE.lists), Facts("a", person={"since": START.date().isoformat()})
    shelf.replace(KEY, build.of_facts(compiled, [person], START))
    totals = [
        int(rescored(CompiledModel(model, SPACE.lists), read(shelf), START + timedelta(days=days), 3).standings.total[0])
        for days in (0, 3, 4)
    ]
    assert totals == [900, 900, 0]


def test_nobody_at_all_is_scored_too(compiled: CompiledModel, shelf: Shelf) -> None:
    shelf.replace(KEY, build.of_facts(compiled, [], START))
    assert scores(rescored(compiled, read(shelf), START, 3)) == {}
