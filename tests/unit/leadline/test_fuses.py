"""Too much at once waits for a person's word."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connectors.records import Ref
from leadline.cli import app
from leadline.fuses import too_many_grades, too_many_tasks
from leadline.settings.model import Fuses
from leadline.state import fuses, runs
from leadline.state.database import Database
from tests.engine import TwoCrms, asks_for_a_demo, contact, engagement, hot

LIMITS = Fuses(grade_changes=20, at_least=5, tasks=3)


@pytest.mark.parametrize(
    ("moving", "told", "too_much"),
    [(20, 100, False), (21, 100, True), (4, 4, False), (5, 5, True), (0, 0, False)],
    ids=["exactly the share", "one more", "too few to matter", "few, but everybody", "nothing was ever told"],
)
def test_the_share_of_moving_grades_decides(moving: int, told: int, too_much: bool) -> None:
    assert (too_many_grades(moving, told, LIMITS) is not None) is too_much


@pytest.mark.parametrize(("wanted", "too_much"), [(3, False), (4, True)], ids=["as many as allowed", "one more"])
def test_the_number_of_tasks_decides(wanted: int, too_much: bool) -> None:
    assert (too_many_tasks(wanted, LIMITS) is not None) is too_much


@pytest.fixture
def world(database: Database) -> TwoCrms:
    """Ten people nobody knows much of, scored and told."""
    world = TwoCrms(database)
    world.fuses = LIMITS
    for number in range(10):
        world.sales.put(contact(str(number), f"p{number}@acme.example"))
    world.run()
    assert world.tally.outcomes["sales", "written"] == 10
    return world


def everybody_rises(world: TwoCrms, people: int = 10) -> None:
    for number in range(people):
        world.sales.set_fields(Ref("contacts", str(number)), title="VP Sales")
        world.sales.put(engagement(f"m{number}", "meeting", world.time.now, str(number)))


def told(world: TwoCrms) -> int:
    return world.tally.outcomes["sales", "written"]


def troubles(world: TwoCrms) -> dict[str, str]:
    with world.database.begin() as tx:
        return {problem.id: problem.what for problem in runs.open_problems(tx)}


def approve_all(world: TwoCrms) -> None:
    with world.database.begin() as tx:
        for fuse in fuses.held(tx):
            fuses.approve(tx, fuse)


def test_going_live_is_no_change_of_grades(world: TwoCrms) -> None:
    assert troubles(world) == {}


def test_a_few_changes_go_through(world: TwoCrms) -> None:
    everybody_rises(world, people=2)
    world.run()
    assert told(world) == 12


def test_too_many_changes_wait_and_a_problem_says_why(world: TwoCrms) -> None:
    everybody_rises(world)
    world.run()
    world.run()
    assert told(world) == 10
    assert troubles(world) == {
        "sales:fuse:values": "sales: 10 of 10 grades would change at once (100 %, fuse at 20 %); values wait"
    }


def test_an_approval_lets_them_go_and_ends_the_problem(world: TwoCrms) -> None:
    everybody_rises(world)
    world.run()
    approve_all(world)
    world.run()
    assert told(world) == 20
    assert troubles(world) == {}


def test_an_approval_holds_for_that_wave_only(world: TwoCrms) -> None:
    everybody_rises(world)
    world.run()
    approve_all(world)
    world.run()
    world.run()
    for number in range(10):
        world.sales.set_fields(Ref("contacts", str(number)), title="Praktikant")
    world.run()
    assert list(troubles(world)) == ["sales:fuse:values"]


def test_a_wave_that_goes_back_by_itself_needs_no_approval(world: TwoCrms) -> None:
    everybody_rises(world)
    world.run()
    for number in range(10):
        world.sales.set_fields(Ref("contacts", str(number)), title=None)
        world.sales.archive(Ref("activities", f"m{number}"))
    world.run()
    world.run()
    assert troubles(world) == {}


def test_other_connections_go_on(world: TwoCrms) -> None:
    everybody_rises(world)
    world.marketing.put(contact("7", "new@birch.example"))
    world.run()
    assert world.tally.outcomes["marketing", "written"] == 1


class TestTasks:
    @pytest.fixture
    def ready(self, sqlite: Database) -> TwoCrms:
        """Five buyers, each with an owner of their own, are ready for sales; the fuse is at three tasks."""
        world = TwoCrms(sqlite)
        world.fuses = LIMITS
        for number in range(5):
            hot(world, str(number), owner=f"o{number}")
        return world

    def test_too_many_tasks_wait_and_scores_do_not(self, ready: TwoCrms) -> None:
        ready.run()
        assert not ready.sales.tasks.all()
        assert told(ready) == 5
        assert troubles(ready)["sales:fuse:tasks"] == "sales: 5 tasks would open at once (fuse at 3); tasks wait"

    def test_raised_hands_get_through(self, ready: TwoCrms) -> None:
        ready.run()
        asks_for_a_demo(ready, "2")
        ready.run()
        assert [task.person for task in ready.sales.tasks.all()] == [Ref("contacts", "2")]

    def test_an_approval_opens_them(self, ready: TwoCrms) -> None:
        ready.run()
        approve_all(ready)
        ready.run()
        assert len(ready.sales.tasks.all()) == 5
        assert troubles(ready) == {}


class TestCommand:
    @pytest.fixture
    def held(self, world: TwoCrms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TwoCrms:
        monkeypatch.setenv("DATABASE_URL", world.database.url.render_as_string(hide_password=False))
        everybody_rises(world)
        world.run()
        return world

    def test_it_shows_what_waits_without_letting_it_go(self, held: TwoCrms) -> None:
        said = run("approve", "--show")
        assert said.stdout == "sales: values: 10 of 10 grades would change at once (100 %, fuse at 20 %): waits\n"
        held.run()
        assert told(held) == 10

    def test_it_lets_go_what_waits(self, held: TwoCrms) -> None:
        assert run("approve", "sales").stdout.endswith(": let go\n")
        held.run()
        assert told(held) == 20
        assert run("approve").stdout == "Nothing is held up.\n"

    def test_a_connection_with_nothing_held_up_is_told(self, held: TwoCrms) -> None:
        said = run("approve", "marketing")
        assert (said.exit_code, said.stderr) == (1, "error: nothing of marketing is held up\n")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))
