"""The suite itself: it notices broken promises, and asks nobody for what they never offered."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from connectors.conformance import ConnectorConformance
from connectors.conformance.auditing import AuditRules
from connectors.conformance.pulling import PullRules
from connectors.conformance.reading import FIELDS
from connectors.conformance.tasking import TaskRules
from connectors.conformance.writing import WriteRules
from connectors.contract import Capabilities, Outcome, Page, Sighted, TaskOutcome, Update, Written
from connectors.errors import RetryLater
from connectors.memory import MemoryConnector
from connectors.records import Ref, Removed, Stream
from connectors.tasks import TaskDraft
from tests.conformance.worlds.memory import MemoryWorld


def rules_of(able: Capabilities) -> set[str]:
    described = type("Described", (MemoryConnector,), {"capabilities": able})
    suite = type("Suite", (ConnectorConformance,), {"connector_type": described})
    return {name for name in dir(suite) if name.startswith("test_")}


MODEST = Capabilities(streams=frozenset({Stream.CONTACTS}), person_objects=frozenset({"contacts"}), write_batch=10)


def test_a_modest_connector_is_not_asked_for_what_it_cannot_do() -> None:
    words = (
        "task",
        "provision",
        "plan",
        "owner",
        "deal",
        "compan",
        "engagement",
        "count_is",
        "fetch",
        "census",
        "whereabouts",
    )
    assert [name for name in rules_of(MODEST) if any(word in name for word in words)] == []


def test_a_connector_is_held_to_everything_it_declares() -> None:
    assert rules_of(MODEST) < rules_of(MemoryConnector.capabilities)
    assert "test_after_a_lost_reply_the_task_is_found_and_there_is_one" in rules_of(MemoryConnector.capabilities)


class RunsAhead(MemoryConnector):
    """Its cursor is that of the whole pull from the first page on."""

    def pull(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        pages = list(super().pull(stream, cursor))
        yield from (Page(page.records, pages[-1].cursor) for page in pages)


class Confident(MemoryConnector):
    """It says written whatever the account said."""

    def write(self, updates: Sequence[Update]) -> tuple[Outcome, ...]:
        super().write(updates)
        return tuple(Written(update.ref) for update in updates)


class Hasty(MemoryConnector):
    """It creates a second task when the first answer does not come."""

    def open_task(self, draft: TaskDraft) -> TaskOutcome:
        try:
            return super().open_task(draft)
        except RetryLater:
            return super().open_task(TaskDraft(draft.key + "-again", Ref("contacts", draft.person.id), "", "", draft.due_at))


class Sleepy(MemoryConnector):
    """Its census overlooks the newest record."""

    def census(self, stream: Stream, cursor: str | None = None) -> Iterator[Sighted]:
        yield from list(super().census(stream, cursor))[:-1]


class Alarmist(MemoryConnector):
    """It takes everybody it is asked for as erased."""

    def whereabouts(self, refs: Sequence[Ref]) -> tuple[Removed, ...]:
        return tuple(Removed(ref=ref, at=self.context.now(), reason="privacy") for ref in refs)


BROKEN: list[tuple[type[MemoryConnector], Callable[..., None]]] = [
    (RunsAhead, PullRules.test_a_pull_killed_after_any_page_resumes_without_a_gap),
    (Confident, WriteRules.test_a_refused_record_stops_only_itself),
    (Confident, WriteRules.test_gone_records_are_gone),
    (Sleepy, AuditRules.test_a_census_shows_what_a_first_pull_yields),
    (Sleepy, AuditRules.test_the_count_is_that_of_the_census),
    (Alarmist, AuditRules.test_lost_people_have_a_whereabouts),
    (Hasty, TaskRules.test_after_a_lost_reply_the_task_is_found_and_there_is_one),
]


@pytest.mark.parametrize(("kind", "rule"), BROKEN, ids=lambda value: value.__name__)
def test_a_broken_promise_is_noticed(kind: type[MemoryConnector], rule: Callable[..., None]) -> None:
    world = MemoryWorld(kind)
    suite = type("Suite", (ConnectorConformance,), {"connector_type": kind})()
    connector = world.connector()
    connector.apply_fields(FIELDS)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        rule(suite, world, connector)
