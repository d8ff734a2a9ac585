"""An object that the token may not read does not stop the others of its stream, and loses nothing by it."""

from datetime import timedelta
from itertools import chain

import pytest

from connectors.contract import Page
from connectors.errors import Misconfigured, RetryLater
from connectors.hubspot.connector import HubSpotConnector
from connectors.hubspot.cursor import decode
from connectors.records import Stream
from tests.unit.connectors.hubspot.conftest import Build, Desk
from tests.unit.connectors.hubspot.scripted import Asked, Script
from tests.unit.sandbox.twin_client import HubSpotBench

EMAILS = "sales-email-read"
OBJECTS = ("emails", "notes")
HAPPENED = "2026-11-20T09:00:00Z"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def activities(build: Build) -> HubSpotConnector:
    return build(engagements=OBJECTS)


def log(account: HubSpotBench, kind: str, **properties: str) -> str:
    """An activity with a contact of its own; its id."""
    contact = account.create("contacts", firstname="Ana", lastname="Ruiz")
    activity = account.create(kind, hs_timestamp=HAPPENED, **properties)
    made = account.http.put(f"/crm/objects/2026-03/{kind}/{activity}/associations/default/contacts/{contact}")
    assert made.status_code == 200, made.text
    return activity


def mail(account: HubSpotBench) -> str:
    return log(account, "emails", hs_email_direction="INCOMING_EMAIL")


def until_refused(connector: HubSpotConnector, cursor: str | None) -> tuple[list[Page], str]:
    pages: list[Page] = []
    with pytest.raises(Misconfigured) as caught:
        collect(connector, cursor, pages)
    return pages, caught.value.what


def collect(connector: HubSpotConnector, cursor: str | None, pages: list[Page]) -> None:
    """The pages as they come, also those before a failure."""
    for page in connector.pull(Stream.ENGAGEMENTS, cursor):
        pages.append(page)  # noqa: PERF402 - a failure must leave what came before it


def refs(pages: list[Page]) -> list[str]:
    return [f"{record.ref}" for record in chain.from_iterable(page.records for page in pages)]


def test_the_others_are_read_and_their_cursor_moves_on(
    activities: HubSpotConnector, account: HubSpotBench, desk: Desk
) -> None:
    account.account.tokens.granted -= {EMAILS}
    first = log(account, "notes")
    pages, _ = until_refused(activities, None)
    assert refs(pages) == [f"notes/{first}"]
    desk.at += 3 * MINUTE
    second = log(account, "notes")
    desk.at += 2 * 60 * MINUTE
    pages, _ = until_refused(activities, pages[-1].cursor)
    assert set(refs(pages)) == {f"notes/{first}", f"notes/{second}"}
    desk.at += 2 * 60 * MINUTE
    pages, _ = until_refused(activities, pages[-1].cursor)
    assert refs(pages) == []


def test_the_problem_names_the_object_and_the_scope(activities: HubSpotConnector, account: HubSpotBench) -> None:
    account.account.tokens.granted -= {EMAILS}
    _, what = until_refused(activities, None)
    assert what.startswith("emails are left out: HubSpot answered 403")
    assert what.endswith(f"grant the token the scopes {EMAILS}")


def test_once_granted_its_history_is_read_from_the_beginning(
    activities: HubSpotConnector, account: HubSpotBench, desk: Desk
) -> None:
    account.account.tokens.granted -= {EMAILS}
    old = mail(account)
    pages, _ = until_refused(activities, None)
    desk.at += timedelta(days=40)
    account.account.tokens.granted |= {EMAILS}
    assert refs(list(activities.pull(Stream.ENGAGEMENTS, pages[-1].cursor))) == [f"emails/{old}"]


def test_taken_away_and_granted_again_nothing_between_is_missing(
    activities: HubSpotConnector, account: HubSpotBench, desk: Desk
) -> None:
    mail(account)
    *_, last = activities.pull(Stream.ENGAGEMENTS, None)
    account.account.tokens.granted -= {EMAILS}
    desk.at += timedelta(days=2)
    between = mail(account)
    desk.at += timedelta(days=2)
    pages, _ = until_refused(activities, last.cursor)
    account.account.tokens.granted |= {EMAILS}
    assert f"emails/{between}" in refs(list(activities.pull(Stream.ENGAGEMENTS, pages[-1].cursor)))


def test_a_pull_resumed_after_the_refused_object_still_tells(
    activities: HubSpotConnector, account: HubSpotBench, script: Script
) -> None:
    account.account.tokens.granted -= {EMAILS}
    answer = script.rule
    assert answer is not None

    def notes_fail(asked: Asked) -> tuple[int, object]:
        return (503, {}) if asked.path.endswith("/notes") else answer(asked)

    script.by(notes_fail)
    pages: list[Page] = []
    with pytest.raises(RetryLater):
        collect(activities, None, pages)
    script.by(answer)
    _, what = until_refused(activities, pages[-1].cursor)
    assert "emails are left out" in what


def test_a_pull_that_has_told_tells_no_more_of_it(activities: HubSpotConnector, account: HubSpotBench) -> None:
    account.account.tokens.granted -= {EMAILS}
    pages, _ = until_refused(activities, None)
    assert decode(pages[-1].cursor).skipped == {}
    account.account.tokens.granted |= {EMAILS}
    assert list(activities.pull(Stream.ENGAGEMENTS, pages[-1].cursor))


def test_a_stream_of_one_object_stays_where_it_was(connector: HubSpotConnector, account: HubSpotBench) -> None:
    people = [{"properties": {"email": f"{number}@acme.example"}} for number in range(100)]
    for _ in range(2):
        account.post("contacts/batch/create", {"inputs": people})
        people = [{"properties": {"email": f"b{number}@acme.example"}} for number in range(100)]
    first = next(connector.pull(Stream.CONTACTS, None))
    account.account.tokens.granted -= {"crm.objects.contacts.read"}
    with pytest.raises(Misconfigured):
        next(connector.pull(Stream.CONTACTS, first.cursor))


def test_an_activity_added_to_the_settings_is_read_from_its_beginning(
    build: Build, account: HubSpotBench, desk: Desk
) -> None:
    old = mail(account)
    *_, last = build(engagements=["notes"]).pull(Stream.ENGAGEMENTS, None)
    desk.at += timedelta(days=40)
    assert refs(list(build(engagements=OBJECTS).pull(Stream.ENGAGEMENTS, last.cursor))) == [f"emails/{old}"]
