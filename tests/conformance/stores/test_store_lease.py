"""One worker at a time on one database, on both kinds of database."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from leadline.state.database import Database, DatabaseUnavailable
from leadline.state.lease import Lease, lease_on
from tests.acceptance.crm import wait_until

ROOT = Path(__file__).parents[3]
HOLDER = """
import sys, time
from leadline.state.database import Database, DatabaseUnavailable
from leadline.state.lease import lease_on
lease = lease_on(Database(sys.argv[1]))
print(lease.take(), flush=True)
time.sleep(60)
"""


@pytest.fixture
def another() -> Iterator[Callable[[Database], Lease]]:
    """Leases of the same database as other processes open it."""
    opened: list[tuple[Database, Lease]] = []

    def lease_of(database: Database) -> Lease:
        again = Database(database.url.render_as_string(hide_password=False))
        opened.append((again, lease_on(again)))
        return opened[-1][1]

    yield lease_of
    for database, lease in opened:
        lease.release()
        database.close()


Another = Callable[[Database], Lease]


def test_only_one_has_it_at_a_time(database: Database, another: Another) -> None:
    first, second = lease_on(database), another(database)
    assert first.take()
    assert not second.take()
    first.release()
    assert second.take()
    second.release()


def test_taking_again_what_one_holds_is_fine_and_needs_one_release(database: Database, another: Another) -> None:
    first, second = lease_on(database), another(database)
    assert first.take()
    assert first.take()
    first.release()
    first.release()
    assert second.take()
    second.release()


def test_any_thread_of_the_holder_has_it(database: Database, another: Another) -> None:
    lease = lease_on(database)
    assert lease.take()
    with ThreadPoolExecutor(1) as elsewhere:
        assert elsewhere.submit(lease.take).result()
        elsewhere.submit(lease.release).result()
    assert another(database).take()


def test_it_ends_with_a_killed_process(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True, cwd=ROOT) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        lease = lease_on(database)
        assert not lease.take()
        holder.kill()
        holder.wait()
    # A server learns of the death of its client a moment later.
    wait_until("the lease is free", lease.take)
    lease.release()


def test_a_session_that_the_server_ended_is_noticed(postgresql: Database, another: Another) -> None:
    first, second = lease_on(postgresql), another(postgresql)
    assert first.take()
    end_holders(postgresql)
    assert second.take()
    with pytest.raises(DatabaseUnavailable):
        first.take()
    assert not first.take()
    second.release()
    assert first.take()
    first.release()


def test_a_guarded_database_begins_nothing_while_another_has_the_lease(postgresql: Database, another: Another) -> None:
    ours = Database(postgresql.url.render_as_string(hide_password=False))
    first, second = lease_on(postgresql), another(postgresql)
    assert first.take()
    first.guard(ours)
    with ours.begin() as tx:
        assert tx.execute(text("SELECT 1")).scalar_one() == 1
    end_holders(postgresql)
    assert second.take()
    with pytest.raises(DatabaseUnavailable, match="right to work"), ours.begin():
        raise AssertionError("nothing may begin")
    second.release()
    with pytest.raises(DatabaseUnavailable):
        first.take()
    assert first.take()
    with ours.begin() as tx:
        assert tx.execute(text("SELECT 1")).scalar_one() == 1
    first.release()
    ours.close()


def end_holders(database: Database) -> None:
    """Let the server end every session that holds a lease."""
    with database.begin() as tx:
        tx.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks "
                "WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()"
            )
        )
