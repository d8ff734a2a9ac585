"""What `explain` says of where a person stands, and of what would move them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from connectors.records import PersonRecord, Ref
from leadline.cli import app
from leadline.state.database import Database
from tests.engine import BUYER, TwoCrms, contact, engagement, hot

LEAD = Ref("contacts", "1")
Explain = Callable[..., str]


@pytest.fixture
def explain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Explain:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'leadline.db'}")
    for secret in ("HUBSPOT_TOKEN", "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"):
        monkeypatch.setenv(secret, "made-up")

    def explain(number: str = "1", *more: str) -> str:
        result = CliRunner().invoke(app, ["explain", number, *more])
        assert result.exit_code == 0, result.output
        return result.stdout

    return explain


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    world = TwoCrms(sqlite)
    world.sales.put(contact("100", "old@acme.example"))
    world.run()
    world.later(hours=1)
    return world


def verdict(world: TwoCrms, value: str | None) -> None:
    record = world.sales.get(LEAD)
    assert isinstance(record, PersonRecord)
    world.sales.put(replace(record, ours={"feedback": value}))
    world.later(hours=1)
    world.run()
    world.run()


def ready(world: TwoCrms) -> None:
    hot(world, "1")
    world.run()
    world.run()


def below(told: str, head: str) -> list[str]:
    """The lines that stand below a heading, further in."""
    lines = told.splitlines()
    place = next(place for place, line in enumerate(lines) if line.strip() == head)
    depth = len(lines[place]) - len(lines[place].lstrip())
    found = []
    for line in lines[place + 1 :]:
        if len(line) - len(line.lstrip()) <= depth:
            break
        found.append(" ".join(line.split()))
    return found


def test_the_stage_is_told_with_what_would_end_it_and_what_comes_next(world: TwoCrms, explain: Explain) -> None:
    ready(world)
    told = explain()
    assert "  stage sql since 2026-11-18\n" in told
    assert below(told, "Leaves sql when") == ["no total: wanted below 38, found 71"]
    assert below(told, "To enter opportunity") == ["no deal: wanted open, found none"]


def test_every_part_of_a_line_says_whether_it_holds(world: TwoCrms, explain: Explain) -> None:
    world.sales.put(contact("1", "lee@birch.example", fields={"title": "VP Sales"}))
    world.run()
    told = explain()
    assert "stage lead" in told
    (total,) = below(told, "To enter mql")
    assert total.startswith("no total: wanted at least 45, found ")
    grade, gate = below(told, "To enter sql")
    assert grade.startswith("no grade: wanted one of A1, A2, A3, B1, B2, found ")
    assert gate == "no hand over: wanted yes, found no (min_confirmed: 0 of 1; min_completeness: 25 of 50)"


def test_somebody_put_aside_is_told_the_way_back(world: TwoCrms, explain: Explain) -> None:
    ready(world)
    verdict(world, "bad_fit")
    told = explain()
    assert "stage disqualified since 2026-11-18" in told
    assert "feedback bad_fit, given 2026-11-18" in told
    assert below(told, "Comes back from disqualified after") == [
        "no wait: wanted 90 days, found 0 days",
        "no new events: wanted yes, found no",
    ]
    assert "To enter" not in told


def test_crossings_in_both_directions_are_told_with_what_came_of_them(world: TwoCrms, explain: Explain) -> None:
    ready(world)
    told = below(explain(), "lines passed")
    assert told[0] == "2026-11-18 10:00 UTC entered mql: no task (total is 71)"
    assert told[1].startswith("2026-11-18 10:00 UTC entered sql: task opened (tasks/")
    assert told[2].startswith("no response yet, due 2026-11-18 ")
    verdict(world, "bad_fit")
    told = below(explain(), "lines passed")
    assert any("entered sql: task closed" in line for line in told)
    assert any("left sql" in line for line in told)


def test_a_response_stands_below_its_crossing(world: TwoCrms, explain: Explain) -> None:
    ready(world)
    world.later(minutes=30)
    world.sales.put(engagement("call", "call", world.time.now, "1", direction="outbound", owner_id="o1"))
    world.run()
    assert any(line.startswith("call of owner o1") for line in below(explain(), "lines passed"))


def test_an_element_says_who_said_it_since_when_and_on_whose_word(world: TwoCrms, explain: Explain) -> None:
    ready(world)
    world.sales.put(contact("2", "lee@acme.example", company=Ref("companies", "c1"), fields={"title": "Clerk", "budget": 3}))
    world.run()
    told = " ".join(explain("2").split())
    (person,) = [one for one in world.scores() if f"{one}: sales contacts/1" in explain()]
    assert "budget confirmed: person.budget (number), by budget-stated, since 2026-11-18 (sales's history)" in told
    assert f"authority confirmed: person.buying_role (text), said by colleague {person}, by role-stated" in told
    assert "to ask next: Which problem should this solve" in told


def test_no_value_of_a_person_is_told(world: TwoCrms, explain: Explain) -> None:
    ready(world)
    told = explain()
    assert not any(str(BUYER[name]) in told for name in ("phone", "pain_point", "last_name"))


def test_lines_fit_a_terminal(world: TwoCrms, explain: Explain) -> None:
    ready(world)
    verdict(world, "bad_fit")
    assert max(map(len, explain().splitlines())) <= 120


def test_without_a_sound_configuration_the_rest_is_told(world: TwoCrms, explain: Explain, tmp_path: Path) -> None:
    ready(world)
    told = explain("1", "--config", str(tmp_path / "nowhere"))
    assert "To enter" not in told
    assert "budget     confirmed" in told
    assert "lines passed" in told
