"""What the command `audit` says and does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
import structlog
from typer.testing import CliRunner, Result

from connectors.memory_crm import MemoryCrm
from connectors.memory_wire import Fault
from connectors.records import OwnerRecord, Ref
from leadline.cli import app
from leadline.state.database import Database
from leadline.state.lease import lease_on
from tests.engine import CONFIG, contact


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Commands send logs to the streams of their own run, which end with it."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture
def crm() -> MemoryCrm:
    """An account with two people."""
    crm = MemoryCrm("audited", lambda: datetime.now(UTC))
    crm.put(OwnerRecord(ref=Ref("owners", "o1"), name="Olga Okoye"))
    for number in ("1", "2"):
        crm.put(contact(number, f"p{number}@acme.example"))
    return crm


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A workspace with that account as its only connection; the URL of its database."""
    copytree(CONFIG, tmp_path / "config", ignore=ignore_patterns("connections"))
    (tmp_path / "config" / "connections").mkdir()
    sales = "type: connectors.memory:MemoryConnector\nsettings:\n  crm: audited\n"
    (tmp_path / "config" / "connections" / "sales.yaml").write_text(sales, encoding="utf-8")
    url = f"sqlite:///{tmp_path / 'leadline.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    return url


@pytest.fixture
def read(crm: MemoryCrm, database: str) -> MemoryCrm:
    """One cycle has read the account."""
    assert run("provision").exit_code == 0
    assert run("once").exit_code == 0
    assert database
    return crm


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_it_says_what_was_seen_repaired_and_removed(read: MemoryCrm) -> None:
    read.erase(Ref("contacts", "2"))
    said = run("audit")
    assert said.stdout.splitlines() == [
        "sales: companies: 0 seen, 0 repaired, 0 removed",
        "sales: contacts: 1 seen, 0 repaired, 1 removed",
        "sales: deals: 0 seen, 0 repaired, 0 removed",
        "sales: engagements: 0 seen, 0 repaired, 0 removed",
    ]


@pytest.mark.usefixtures("crm", "database")
def test_before_the_first_cycle_there_is_nothing_to_compare() -> None:
    assert run("audit", "sales").stdout == "sales: nothing to compare yet: no cycle has read it to its end\n"


@pytest.mark.usefixtures("crm", "database")
def test_a_connection_that_there_is_not_is_told() -> None:
    said = run("audit", "marketing")
    assert (said.exit_code, said.stderr.splitlines()[-1]) == (1, "error: there is no connection marketing")


def test_a_crm_that_cannot_be_read_is_told(read: MemoryCrm) -> None:
    read.wire.declare(Fault(401, "GET /contacts/list", times=2))
    said = run("audit")
    assert said.exit_code == 1
    assert "error: sales: the account refuses the credentials" in said.stderr


@pytest.mark.usefixtures("read")
def test_it_leaves_the_database_to_a_worker(database: str) -> None:
    worker = Database(database)
    lease = lease_on(worker)
    assert lease.take()
    said = run("audit")
    lease.release()
    worker.close()
    assert said.exit_code == 1
    assert "a worker is at this database" in said.stderr
