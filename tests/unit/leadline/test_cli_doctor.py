"""What `doctor` says of people whom the configuration names, and `status` of tasks that are held back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
from typer.testing import CliRunner, Result

from connectors.memory_crm import MemoryCrm
from connectors.memory_wire import Fault
from connectors.records import OwnerRecord, Ref
from leadline.cli import app
from leadline.state.database import Database
from tests.engine import CONFIG, TwoCrms, contact, hot, shipped_qualification

ROUTING = """
routing:
  pools: {sdr: [olga@seller.example, gone@seller.example]}
  fallback: left@seller.example
"""


@pytest.fixture
def crm() -> MemoryCrm:
    """An account with one active user and one who left."""
    crm = MemoryCrm("checked", lambda: datetime.now(UTC))
    crm.put(OwnerRecord(ref=Ref("owners", "o1"), name="Olga", email="Olga@seller.example"))
    crm.put(OwnerRecord(ref=Ref("owners", "o2"), name="Left", email="left@seller.example", active=False))
    return crm


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crm: MemoryCrm) -> Path:
    """A workspace with that account as its only connection."""
    folder = tmp_path / "config"
    copytree(CONFIG, folder, ignore=ignore_patterns("connections"))
    (folder / "connections").mkdir()
    sales = f"type: connectors.memory:MemoryConnector\nsettings:\n  crm: {crm.name}\n"
    (folder / "connections" / "sales.yaml").write_text(sales, encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'leadline.db'}")
    monkeypatch.chdir(tmp_path)
    assert run("provision").exit_code == 0
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def routed(config: Path) -> None:
    """Name people who are not there, in place of the routing that ends the shipped file."""
    path = config / "qualification.yaml"
    shipped, _, _ = path.read_text(encoding="utf-8").partition("\nrouting:")
    path.write_text(shipped + ROUTING, encoding="utf-8")


def test_doctor_names_the_places_of_addresses_that_nobody_active_has(config: Path) -> None:
    routed(config)
    said = run("doctor")
    assert said.exit_code == 0, "tasks go to others meanwhile"
    where = "qualification.yaml at routing, pools, sdr, entry 2; routing, fallback"
    assert f"warn sales: sales has no active user with the address in {where}." in " ".join(said.stdout.split())
    assert "@" not in said.stdout


def test_doctor_has_nothing_to_say_where_all_are_at_work(config: Path, crm: MemoryCrm) -> None:
    routed(config)
    crm.put(OwnerRecord(ref=Ref("owners", "o3"), name="Gone", email="gone@seller.example"))
    crm.put(OwnerRecord(ref=Ref("owners", "o2"), name="Left", email="left@seller.example"))
    assert "warn" not in run("doctor").stdout


def test_doctor_says_when_the_users_cannot_be_read(config: Path, crm: MemoryCrm) -> None:
    routed(config)
    crm.wire.declare(Fault(503, "GET /owners"))
    said = run("doctor")
    assert said.exit_code == 1
    assert "FAIL sales: its users cannot be read" in said.stdout


def test_status_tells_the_tasks_that_are_held_back_by_reason(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'leadline.db'}")
    world = TwoCrms(sqlite)
    shipped = shipped_qualification()
    launch = shipped.calm.at_launch.model_copy(update={"open_top": 1})
    world.qualification = shipped.model_copy(update={"calm": shipped.calm.model_copy(update={"at_launch": launch})})
    for number in ("1", "2", "3"):
        hot(world, number)
    world.sales.put(contact("4"))
    world.run()
    sqlite.close()
    shown = run("status").stdout
    assert "2 tasks are held back:\n  2: at launch: only the best 1 of each owner are opened\n" in shown
