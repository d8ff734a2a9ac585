"""A database of each kind: SQLite in a file, and a real PostgreSQL out of a wheel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadline.state.database import Database
from leadline.state.migrate import migrate
from tests.databases import postgresql_server


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgresql_server(tmp_path_factory.mktemp("postgresql")) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'leadline.db'}"
    else:
        url = request.getfixturevalue("postgresql")
    opened = Database(url)
    migrate(opened)
    yield opened
    with opened.begin() as tx:
        if opened.is_postgresql:
            tx.exec_driver_sql("DROP SCHEMA public CASCADE")
            tx.exec_driver_sql("CREATE SCHEMA public")
    opened.close()
