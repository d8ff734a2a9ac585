"""What cannot be done is said in plain words, with an exit code, and does not stop what can be done."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.acceptance.crm import ROOT
from tests.acceptance.world import Ended, Started, World


def test_a_refused_token_fails_its_connection_alone_and_the_problem_ends_with_a_good_one(world: World) -> None:
    good = world.environment["ACCEPTANCE_HUBSPOT_TOKEN"]
    world.environment["ACCEPTANCE_HUBSPOT_TOKEN"] = "pat-eu1-revoked"
    ended = world.command("once")
    assert ended.code == 1
    assert {line["connection"]: line["outcome"] for line in ended.events("cycle")} == {
        "hubspot": "failed",
        "salesforce": "ok",
    }
    assert scored_in_salesforce(world) > 0

    problems = world.command("problems")
    assert problems.code == 1
    assert "hubspot cannot be read" in problems.out
    assert "config/connections/hubspot.yaml" in problems.out
    status = world.command("status")
    assert status.code == 0
    assert "hubspot: failed" in status.out
    assert "salesforce: ok" in status.out
    assert "pat-eu1-revoked" not in world.said()

    world.environment["ACCEPTANCE_HUBSPOT_TOKEN"] = good
    world.once()
    assert world.command("problems").out.strip() == "No problems."


def test_a_crm_that_is_down_fails_its_connection_alone(world: World) -> None:
    world.hubspot.end()
    ended = world.command("once")
    assert ended.code == 1
    assert scored_in_salesforce(world) > 0
    problems = world.command("problems")
    assert problems.code == 1
    assert "hubspot cannot be read" in problems.out


@pytest.mark.parametrize("command", ["once", "run", "check"])
def test_a_broken_configuration_is_told_whole_and_nothing_starts(command: str, tmp_path: Path) -> None:
    ended = run_on_broken_configuration(command, tmp_path)
    assert ended.code == 2
    assert ended.out == ""
    findings = [line for line in ended.err.splitlines() if ": error: " in line]
    assert [place_of(finding) for finding in findings] == [
        "config/connections/hubspot.yaml:4",
        "config/connections/hubspot.yaml:5",
        "config/leadline.yaml:1",
        "config/leadline.yaml:2",
    ]
    assert "every" in findings[0]
    assert "did you mean" in findings[1]
    assert "did you mean" in findings[3]
    assert "Nothing was started" in ended.err
    assert not (tmp_path / "leadline.db").exists()


def run_on_broken_configuration(command: str, folder: Path) -> Ended:
    config = folder / "config"
    shutil.copytree(ROOT / "config", config, ignore=shutil.ignore_patterns("connections", "schema"))
    (config / "leadline.yaml").write_text("scoring: inbuond\ndelivry: {min_change: 3}\n", encoding="utf-8")
    (config / "connections").mkdir()
    lines = ("type: hubspot", "settings:", "  token: env:ACCEPTANCE_HUBSPOT_TOKEN", "every: often", "enabeld: true", "")
    (config / "connections" / "hubspot.yaml").write_text("\n".join(lines), encoding="utf-8")
    environment = os.environ | {
        "LEADLINE_CONFIG": str(config),
        "DATABASE_URL": f"sqlite:///{folder / 'leadline.db'}",
        "ACCEPTANCE_HUBSPOT_TOKEN": "pat-eu1-made-up",
    }
    return Started((command,), environment, folder / "command.out").wait()


def place_of(finding: str) -> str:
    """File and line of a finding."""
    return ":".join(finding.split(":")[:2])


def scored_in_salesforce(world: World) -> int:
    leads = world.salesforce.state()["Lead"]["seeded"].values()
    return sum(1 for lead in leads if lead.get("Leadline_Grade__c"))
