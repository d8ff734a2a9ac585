"""What the commands that only look say, on a workspace's database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connectors.memory_wire import Fault
from connectors.records import Ref
from leadline.cli import app
from leadline.retry import RetryPolicy
from leadline.state.database import Database
from tests.engine import TwoCrms, contact, hot


@pytest.fixture(autouse=True)
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    found = f"sqlite:///{tmp_path / 'leadline.db'}"
    monkeypatch.setenv("DATABASE_URL", found)
    for secret in ("HUBSPOT_TOKEN", "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"):
        monkeypatch.setenv(secret, "made-up")  # explain reads the shipped configuration
    return found


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    """A workspace in which one record is refused and one stream is not granted."""
    world = TwoCrms(sqlite)
    hot(world, "1")
    world.sales.put(contact("2", "bo@birch.example"))
    world.sales.refuse(Ref("contacts", "2"), "the [territory] is locked")
    world.sales.wire.declare(Fault(403, "GET /deals"))
    world.run()
    sqlite.close()
    return world


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_on_an_empty_database_status_says_how_to_begin() -> None:
    result = run("status")
    assert result.exit_code == 0
    assert "No cycle has run yet" in result.stdout
    assert "0 persons, 0 to be scored; 0 in the outbox; 0 parked." in result.stdout


def test_on_an_empty_database_there_is_nothing_parked_and_no_problem() -> None:
    assert run("parked").stdout == "Nothing is parked.\n"
    result = run("problems")
    assert (result.exit_code, result.stdout) == (0, "No problems.\n")


def test_nobody_can_be_explained_who_is_not_known() -> None:
    result = run("explain", "nobody@acme.example")
    assert result.exit_code == 1
    assert "nobody with a score is known" in result.stderr


def test_a_record_id_explains_that_person_and_nobody_who_merely_has_no_address(sqlite: Database) -> None:
    world = TwoCrms(sqlite)
    world.sales.put(contact("71", "ana@acme.example"))
    world.sales.put(contact("72"))
    world.run()
    sqlite.close()
    shown = run("explain", "71").stdout
    assert "contacts/71" in shown
    assert "contacts/72" not in shown


def test_status_shows_each_connections_last_cycle_and_what_troubles_it(world: TwoCrms) -> None:
    shown = run("status").stdout
    assert "marketing: ok, 2026-11-18" in shown
    assert "1 written" in shown
    assert "2 persons, 0 to be scored; 0 in the outbox; 1 parked." in shown
    assert "warning: sales: deals are not read" in shown


def test_a_warning_is_listed_and_does_not_fail_the_command(world: TwoCrms) -> None:
    result = run("problems")
    assert result.exit_code == 0
    assert result.stdout.startswith("warning: sales: deals are not read")


def test_status_shows_what_each_connection_holds_and_has_before_it(world: TwoCrms) -> None:
    shown = run("status").stdout
    assert "holds 1 companies, 2 contacts" in shown
    assert "outbox: empty; 1 parked; 1 open tasks" in shown
    assert " ago is known" in shown


def test_problems_that_are_over_are_shown_on_demand(world: TwoCrms) -> None:
    world.sales.wire.declare(Fault(500, "GET *", times=RetryPolicy().attempts))
    world.run()
    world.run()
    assert "sales cannot be read" not in run("problems").stdout
    over = next(line for line in run("problems", "--all").stdout.splitlines() if "sales cannot be read" in line)
    assert over.startswith("over: sales cannot be read")
    assert "(sales:pull, since 2026-11-18 09:00 UTC, last seen 2026-11-18 09:" in over


def test_an_open_error_fails_the_command(world: TwoCrms) -> None:
    world.sales.wire.declare(Fault(500, "GET *", times=RetryPolicy().attempts))
    world.run()
    result = run("problems")
    assert result.exit_code == 1
    assert "error: sales cannot be read" in result.stdout


@pytest.mark.parametrize("name", ["buyer1@acme.example", "1"])
def test_a_score_is_explained_by_every_line_and_they_add_up(world: TwoCrms, name: str) -> None:
    result = run("explain", name)
    assert result.exit_code == 0
    points = [line.split()[0] for line in result.stdout.splitlines() if line.rstrip().endswith("]")]
    (total,) = [line.split()[0] for line in result.stdout.splitlines() if " total of " in line]
    assert sum(round(float(text) * 100) for text in points) == round(float(total) * 100)
    assert "budget     confirmed: person.budget (number), by budget-stated, since 2026-11-18" in result.stdout
    assert "entered sql: task opened" in result.stdout


def test_what_is_parked_is_listed_in_the_crms_words(world: TwoCrms) -> None:
    shown = run("parked").stdout
    assert "sales contacts/2 refused its score" in shown
    assert "the [territory] is locked [REFUSED]" in shown
    assert "1 parked." in shown


def test_a_record_that_is_not_parked_cannot_be_queued_again(world: TwoCrms) -> None:
    result = run("parked", "retry", "contacts/1")
    assert result.exit_code == 1
    assert "contacts/1 is not parked" in result.stderr


@pytest.mark.parametrize("record", [[], ["contacts/2"]])
def test_what_is_queued_again_goes_out_with_the_next_cycle(world: TwoCrms, record: list[str]) -> None:
    world.sales.refuse(Ref("contacts", "2"), None)
    assert run("parked", "retry", *record).stdout == "1 queued again.\n"
    world.time.now = max(world.time.now, datetime.now(UTC))
    world.run()
    assert world.sales.ours(Ref("contacts", "2"))["grade"] == "D4"
    assert run("parked").stdout == "Nothing is parked.\n"


def test_a_database_that_cannot_be_opened_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://leadline:made-up-secret@127.0.0.1:1/none")
    result = run("status")
    assert result.exit_code == 1
    assert "cannot be used" in result.stderr
    assert "Connection refused" in result.stderr
    assert "made-up-secret" not in result.output
