"""Bring a database to the present schema, under a lock, so that two workers starting at once do not trip over each other."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from leadline.state.database import Database

_LOCK_NUMBER = 7_523_110
"""Any number will do as long as every Leadline takes the same one."""


def migrate(database: Database) -> None:
    """Run what is missing, in one transaction. SQLite's write lock and PostgreSQL's advisory lock make others wait.

    Raises:
        DatabaseUnavailable: the database cannot be reached.
    """
    with database.begin() as tx:
        if database.is_postgresql:
            tx.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER})
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = tx
        command.upgrade(config, "head")
