from __future__ import annotations

from threading import Thread

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from leadline.state.database import Database
from leadline.state.migrate import migrate
from leadline.state.tables import metadata


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(database: Database) -> None:
    with database.begin() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    migrate(database)
    with database.begin() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []


def test_two_workers_that_start_at_once_both_end_up_migrated(database: Database) -> None:
    with database.begin() as tx:
        metadata.drop_all(tx)
        tx.exec_driver_sql("DELETE FROM alembic_version")
    workers = [Thread(target=migrate, args=(database,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    with database.begin() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []
