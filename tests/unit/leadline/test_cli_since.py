"""What `explain --since` says of a person whose score moved over some weeks."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from connectors.records import Ref
from leadline.cli import app
from leadline.cli.since import in_tenths, shares, tell_since
from leadline.settings.document import read_document
from leadline.state.database import Database
from scoring.model import Model, parse_model
from tests.engine import CONFIG, START, TwoCrms, asks_for_a_demo, hot

FIRST_DAY = START.date()
LINE = re.compile(r" *([+-]\d+\.\d)  (gained|lost|faded with time|rules changed|limits) +(.+)")
TOTAL = re.compile(r" *([+-]\d+\.\d)  total of .+")
STANDING = re.compile(r"(\S+): score (\S+), grade (\S+), stage (\S+)( \(.+\))?")


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    """A buyer who met us on the first day."""
    world = TwoCrms(sqlite)
    hot(world, "1")
    world.run()
    return world


def told(world: TwoCrms, day: date) -> list[str]:
    (score,) = world.scores().values()
    with world.database.begin() as tx:
        return tell_since(tx, score, day)


def changes(lines: list[str]) -> dict[str, tuple[str, float]]:
    """What is said of each reason, after checking that the points sum to the difference of the totals as shown."""
    found = {match[3]: (match[2], float(match[1])) for line in lines if (match := LINE.fullmatch(line))}
    (before, after) = [float(match[2]) for line in lines if (match := STANDING.fullmatch(line))]
    (whole,) = [float(match[1]) for line in lines if (match := TOTAL.fullmatch(line))]
    points = [float(match[1]) for line in lines if (match := LINE.fullmatch(line))]
    assert round(sum(points) * 10) == round(whole * 10) == round((after - before) * 10)
    return found


def days_pass(world: TwoCrms, days: int) -> None:
    """Some days, and a cycle after them."""
    world.later(days=days)
    world.run()


def with_points_for_a_phone(points: float) -> Model:
    """The shipped model, but for what a phone number gives."""
    data = read_document(CONFIG / "scoring" / "inbound.yaml", CONFIG).data
    (rule,) = [one for one in data["fit"]["groups"]["contact"]["rules"] if one["id"] == "reachable-by-phone"]
    rule["points"] = points
    return parse_model(data)


def test_what_happened_and_what_faded_is_told_with_days_grades_and_stages(world: TwoCrms) -> None:
    days_pass(world, 25)
    asks_for_a_demo(world, "1")
    world.run()
    lines = told(world, FIRST_DAY)
    assert lines[0].startswith("2026-11-18: score ")
    assert lines[0].endswith("grade A2, stage sql")
    assert lines[1].startswith("2026-12-13: score ")
    found = changes(lines)
    assert found["Asked for a demo"] == ("gained", 22.0)
    assert found["Met with us"][0] == "faded with time"
    assert found["Met with us"][1] < 0


def test_nothing_is_told_to_have_changed_on_the_day_itself(world: TwoCrms) -> None:
    lines = told(world, FIRST_DAY)
    assert lines[0] == lines[1]
    assert lines[2:] == ["No reason has changed."]


def test_a_fact_that_went_is_lost(world: TwoCrms) -> None:
    world.sales.set_fields(Ref("contacts", "1"), title=None, phone=None)
    world.later(days=1)
    world.run()
    assert changes(told(world, FIRST_DAY))["Phone number known"] == ("lost", -2.0)


def test_a_limit_that_cuts_is_called_a_limit(world: TwoCrms) -> None:
    for occasion in ("one", "two"):
        asks_for_a_demo(world, "1", occasion=occasion)
    world.run()
    found = changes(told(world, FIRST_DAY - timedelta(days=1)))
    assert found["Asked for a demo ×2"] == ("gained", 44.0)
    assert found["Limit of demo-request: 30"] == ("limits", -14.0)


def test_the_rules_are_blamed_for_what_they_did_and_for_nothing_else(world: TwoCrms) -> None:
    days_pass(world, 2)
    assert len(told(world, FIRST_DAY)) > 3, "something faded, too little to be kept"
    world.model, world.revision = with_points_for_a_phone(-1), "2"
    world.run()
    days_pass(world, 21)
    asks_for_a_demo(world, "1")
    world.run()
    found = changes(told(world, FIRST_DAY))
    assert found["Phone number known"] == ("rules changed", -3.0)
    assert found["Asked for a demo"] == ("gained", 22.0)
    assert found["Met with us"][0] == "faded with time"
    by_rules = {said for said, (why, _) in found.items() if why == "rules changed"}
    assert by_rules == {"Phone number known"}


def test_another_revision_with_the_same_rules_changes_nothing(world: TwoCrms) -> None:
    world.revision = "2"
    world.run()
    assert told(world, FIRST_DAY)[2:] == ["No reason has changed."]


def test_the_last_score_kept_until_the_day_is_taken(database: Database) -> None:
    world = TwoCrms(database)
    hot(world, "1")
    world.run()
    days_pass(world, 2)
    asks_for_a_demo(world, "1")
    world.run()
    days_pass(world, 2)
    assert told(world, FIRST_DAY + timedelta(days=1))[0].endswith("(the last that was kept until 2026-11-19)")
    assert told(world, FIRST_DAY + timedelta(days=2))[0].startswith("2026-11-20: ")
    assert changes(told(world, FIRST_DAY + timedelta(days=2)))["Asked for a demo"][0] == "faded with time"


def test_with_nothing_kept_from_so_early_the_first_is_taken_and_that_is_told(world: TwoCrms) -> None:
    lines = told(world, date(1, 1, 1))
    assert lines[0].startswith("2026-11-18: ")
    assert lines[0].endswith("(the first that is kept; there is none of 0001-01-01 or before)")


@given(st.lists(st.integers(-10_000, 10_000)), st.integers(0, 10_000))
def test_tenths_sum_to_what_the_shown_totals_differ_by(points: list[int], before: int) -> None:
    whole = in_tenths(before + sum(points)) - in_tenths(before)
    found = shares(points, whole)
    assert sum(found) == whole
    assert all(abs(share * 10 - one) <= 10 for share, one in zip(found, points, strict=True))


class TestTheCommand:
    """On a workspace's database, by the clock of the machine."""

    @pytest.fixture(autouse=True)
    def _url(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'leadline.db'}")

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["explain", *arguments])

    def test_it_names_the_persons_records_and_what_changed(self, world: TwoCrms) -> None:
        asks_for_a_demo(world, "1")
        world.run()
        result = self.run("buyer1@acme.example", "--since", "2020-01-31")
        assert result.exit_code == 0
        first, *rest = result.stdout.splitlines()
        assert first.endswith(": sales contacts/1")
        assert changes([line.strip() for line in rest])["Asked for a demo"] == ("gained", 22.0)

    @pytest.mark.parametrize(
        ("day", "word"),
        [("9999-12-31", "is yet to come"), ("last week", "is no day"), ("", "is no day"), ("2026-02-30", "is no day")],
    )
    def test_a_day_that_cannot_be_meant_is_an_error_of_the_command(self, day: str, word: str) -> None:
        result = self.run("1", "--since", day)
        assert result.exit_code == 2
        assert word in " ".join(result.stderr.replace("│", " ").split())

    def test_a_person_of_whom_no_score_was_kept_cannot_be_compared(self, world: TwoCrms) -> None:
        with world.database.begin() as tx:
            tx.exec_driver_sql("DELETE FROM score_history")
        result = self.run("1", "--since", "2020-01-31")
        assert result.exit_code == 1
        assert "no earlier score of" in result.stderr

    def test_nobody_can_be_compared_who_is_not_known(self) -> None:
        result = self.run("nobody@acme.example", "--since", "2020-01-31")
        assert result.exit_code == 1
        assert "nobody with a score is known" in result.stderr
