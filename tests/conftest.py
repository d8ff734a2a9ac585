"""A database of each kind: SQLite in a file, and a real PostgreSQL out of a wheel. And the rule that nothing is skipped."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from shutil import copyfile

import pytest

from leadline.state.database import Database
from leadline.state.migrate import migrate
from leadline.state.tables import metadata
from tests.contracts import wire
from tests.databases import postgresql_server
from tests.privacy import PrivacyWatch

# Before anything imports it: failures in the rules of the suite are shown as readably as those of a test file.
pytest.register_assert_rewrite("connectors.conformance")


def pytest_configure(config: pytest.Config) -> None:
    """Listen, from the beginning, for what tells on somebody."""
    config.pluginmanager.register(PrivacyWatch(), "privacy")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Database]:
    with postgresql_server() as url:
        opened = Database(url)
        migrate(opened)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty, migrated SQLite database."""
    path = tmp_path_factory.mktemp("migrated") / "leadline.db"
    opened = Database(f"sqlite:///{path}")
    migrate(opened)
    opened.close()
    return path


@pytest.fixture
def sqlite(migrated: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated SQLite database, for what no database can change."""
    path = tmp_path / "leadline.db"
    copyfile(migrated, path)
    opened = Database(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty, migrated database of each kind."""
    opened: Database = request.getfixturevalue(request.param)
    if request.param == "postgresql":
        names = ", ".join(metadata.tables)
        with opened.begin() as tx:
            tx.exec_driver_sql(f"TRUNCATE {names}")
    return opened


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A check that is skipped is a check that failed."""
    report = yield
    if report.skipped:
        report.outcome, report.longrepr = "failed", f"skipped, which nothing here may be: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say, once, when nothing was held against HubSpot's wire contract."""
    if wire.load() is None:
        terminalreporter.write_line(wire.ABSENT, yellow=True)
