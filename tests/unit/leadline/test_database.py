"""Trouble of the database's own is told in plain words, leaves nothing half-stored, and is over when it is over."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from leadline.state import tables
from leadline.state.database import Database, DatabaseUnavailable, upsert

BIG = "x" * 4096


def names(database: Database) -> list[str]:
    with database.begin() as tx:
        return [row.connection for row in tx.execute(select(tables.budgets).order_by(tables.budgets.c.connection))]


def rows(count: int, text: str = "{}") -> list[tuple[str, str, str]]:
    return [(f"connection-{number:04}", text, "2026-11-18T09:00:00.000000Z") for number in range(count)]


def test_a_file_that_another_process_holds_is_told_with_what_to_do(sqlite: Database) -> None:
    impatient = Database(f"sqlite:///{sqlite.url.database}?timeout=0")
    other = sqlite3.connect(str(sqlite.url.database))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable, match="another process holds it") as told, impatient.begin():
        raise AssertionError("nobody may come in")
    assert "End the other process" in told.value.fix
    other.rollback()
    other.close()
    assert names(impatient) == []
    impatient.close()


def test_a_full_disk_stores_nothing_of_the_transaction_and_the_next_one_is_whole(sqlite: Database) -> None:
    with sqlite.begin() as tx:
        upsert(tx, tables.budgets, rows(1))
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")
    with pytest.raises(DatabaseUnavailable, match="its disk is full") as told, sqlite.begin() as tx:
        upsert(tx, tables.budgets, rows(100, BIG))
    assert "Make room" in told.value.fix
    assert names(sqlite) == ["connection-0000"]
    with sqlite.begin() as tx:
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4000}")
        upsert(tx, tables.budgets, rows(100, BIG))
        assert tx.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    assert len(names(sqlite)) == 100


@pytest.mark.parametrize("count", [1, 500], ids=["a statement", "a copy"])
def test_a_server_that_ends_the_session_in_the_middle_stores_nothing(postgresql: Database, count: int) -> None:
    with postgresql.begin() as tx:
        tx.exec_driver_sql("TRUNCATE budgets")
    with pytest.raises(DatabaseUnavailable, match="cannot be used"):
        store_in_a_session_that_ends(postgresql, count)
    assert names(postgresql) == []


def test_a_mistake_in_a_statement_is_no_trouble_of_the_database(database: Database) -> None:
    with pytest.raises(SQLAlchemyError), database.begin() as tx:
        tx.exec_driver_sql("SELECT nothing FROM nowhere")


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "leadline.db"
    path.write_text("This is a letter.\n" * 400, encoding="utf-8")
    with pytest.raises(DatabaseUnavailable, match="its file is no database"), Database(f"sqlite:///{path}").begin():
        raise AssertionError("nobody may come in")


def test_nobody_comes_in_whom_a_condition_keeps_out(sqlite: Database) -> None:
    sqlite.only_if(refuse)
    with pytest.raises(DatabaseUnavailable, match="no right"), sqlite.begin():
        raise AssertionError("nobody may come in")


def store_in_a_session_that_ends(database: Database, count: int) -> None:
    with database.begin() as tx:
        upsert(tx, tables.budgets, rows(2))
        end_session(database, tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        upsert(tx, tables.budgets, rows(count))


def end_session(database: Database, session: int) -> None:
    """End another session, out of turn."""
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (session,))


def refuse(_tx: object) -> None:
    raise DatabaseUnavailable("no right to work here", "Wait.")


def test_a_server_ends_by_itself_what_a_frozen_worker_left_open(postgresql: Database) -> None:
    with postgresql.begin() as tx:
        assert tx.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar_one() == "1min"


def test_a_lease_is_looked_after_while_others_have_their_turn(postgresql: Database) -> None:
    with postgresql.begin(), postgresql.session() as aside:
        assert aside.exec_driver_sql("SELECT 1").scalar_one() == 1
