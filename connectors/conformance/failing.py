"""Rules for when calls fail: each failure has its error, the same call works later, and nothing is lost or done twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.budget import Budget
from connectors.conformance.reading import VALUES, comparable, failing, latest, person, read
from connectors.conformance.world import FaultKind, World
from connectors.contract import Connector, Update, Written
from connectors.errors import Reauthorise, RetryLater
from connectors.records import Stream

PASSING = ("throttled", "server_error", "cut", "truncated", "unauthorised")
"""What passes by itself; a single 401 may be a session that ended."""


class FailureRules:
    """What every method promises about failing."""

    @pytest.mark.parametrize("kind", PASSING)
    def test_a_failed_pull_can_be_repeated(self, world: World, connector: Connector[Any], kind: FaultKind) -> None:
        """`RetryLater`, and the same call works later."""
        people = world.add_people(3)
        world.fail_next(kind)
        failing(world, RetryLater, lambda: read(connector))
        assert set(people) <= latest(read(connector).records).keys()

    @pytest.mark.parametrize("kind", PASSING)
    def test_a_pull_that_fails_between_pages_goes_on(self, world: World, connector: Connector[Any], kind: FaultKind) -> None:
        """Pages already yielded stay good, and their cursor leads to the rest."""
        people = world.add_people(world.several_pages)
        pages = connector.pull(Stream.CONTACTS, None)
        first = next(pages)
        world.fail_next(kind)
        failing(world, RetryLater, lambda: next(pages))
        rest = read(connector, cursor=first.cursor)
        assert set(people) <= latest(first.records + rest.records).keys()

    @pytest.mark.parametrize("kind", PASSING)
    def test_a_failed_write_can_be_repeated(self, world: World, ready: Connector[Any], kind: FaultKind) -> None:
        """`RetryLater` with no outcome known; the same updates are then written."""
        people = world.add_people(3)
        updates = [Update(ref, {"score": 71}) for ref in people]
        world.fail_next(kind)
        failing(world, RetryLater, lambda: ready.write(updates))
        assert ready.write(updates) == tuple(Written(ref) for ref in people)

    def test_a_write_whose_reply_was_lost_can_be_repeated(self, world: World, ready: Connector[Any]) -> None:
        """The values are there once, whether the engine repeats the write or not."""
        (someone,) = world.add_people(1)
        world.lose_reply("write")
        failing(world, RetryLater, lambda: ready.write([Update(someone, VALUES)]))
        assert ready.write([Update(someone, VALUES)]) == (Written(someone),)
        assert comparable(person(read(ready).records, someone).ours) == comparable(VALUES)

    def test_a_second_refusal_in_a_row_asks_for_a_person(self, world: World, connector: Connector[Any]) -> None:
        """The first 401 may be a session that ended; the second says that the credentials are no good."""
        world.fail_next("unauthorised")
        failing(world, RetryLater, lambda: read(connector))
        world.fail_next("unauthorised")
        failing(world, Reauthorise, lambda: read(connector))

    def test_refusals_with_a_success_between_them_are_two_sessions_that_ended(
        self, world: World, connector: Connector[Any]
    ) -> None:
        """Sessions end every day; that needs no person."""
        for _ in range(3):
            world.fail_next("unauthorised")
            failing(world, RetryLater, lambda: read(connector))
            read(connector)

    def test_good_credentials_work_again_after_a_person_renewed_them(self, world: World, connector: Connector[Any]) -> None:
        """The same instance goes on; nobody restarts the daemon."""
        for error_type in (RetryLater, Reauthorise):
            world.fail_next("unauthorised")
            failing(world, error_type, lambda: read(connector))
        (someone,) = world.add_people(1)
        assert person(read(connector).records, someone)

    def test_failed_calls_are_reported_too(self, world: World, connector: Connector[Any]) -> None:
        """With their status; 0 where none came."""
        world.fail_next("throttled")
        failing(world, RetryLater, lambda: read(connector))
        assert world.calls[-1].status not in range(200, 300)
        world.fail_next("cut")
        failing(world, RetryLater, lambda: read(connector))
        assert world.calls[-1].status == 0

    def test_a_spent_allowance_stops_before_the_call(self, world: World) -> None:
        """The reserve belongs to other apps: no call is made into it, and the error says when to come back."""
        world.add_people(1)
        world.calm()
        budget = Budget(world.limits(), now=world.now, sleep=world.advance, reserve_share=0.3)
        resets_at = world.now().replace(microsecond=0) + timedelta(hours=5)
        budget.note_daily(limit=1000, remaining=300, resets_at=resets_at)
        connector = world.connect(world.context(budget))
        error = failing(world, RetryLater, lambda: read(connector))
        assert error.at == resets_at
        assert [call for call in world.calls if "oauth" not in call.endpoint] == []
