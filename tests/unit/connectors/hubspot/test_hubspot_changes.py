"""Changes of an account of the twin: as many as they come, out of place, and all of them."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import chain

import pytest

from connectors.contract import Page
from connectors.errors import Misconfigured
from connectors.hubspot.connector import HubSpotConnector
from connectors.hubspot.cursor import Walk, decode
from connectors.records import PersonRecord, Removed, Stream
from sandbox.hubspot.kinds import COMPANIES
from tests.unit.connectors.hubspot.conftest import NOW, Build, Desk
from tests.unit.connectors.hubspot.scripted import Asked, Script
from tests.unit.sandbox.twin_client import HubSpotBench

LONG_AGO = NOW - timedelta(days=400)
MINUTE = timedelta(minutes=1)


def load(account: HubSpotBench, *modified: datetime) -> set[str]:
    """Companies that were changed at these times, and search knows it; their ids."""
    records = account.account.records(COMPANIES)
    return {str(records.load({"name": "Acme"}, ms(LONG_AGO), ms(at)).id) for at in modified}


def make(account: HubSpotBench, count: int) -> set[str]:
    """That many contacts in Lyon, made now; their ids."""
    people = [{"properties": {"email": f"{number}@acme.example", "city": "Lyon"}} for number in range(count)]
    batches = [people[start : start + 100] for start in range(0, count, 100)]
    answers = [account.post("contacts/batch/create", {"inputs": batch}).json() for batch in batches]
    return {made["id"] for answer in answers for made in answer["results"]}


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def seen(pages: list[Page]) -> Counter[str]:
    records = chain.from_iterable(page.records for page in pages)
    return Counter(one.ref.id for one in records if not isinstance(one, Removed))


def pulled(connector: HubSpotConnector, cursor: str | None, stream: Stream = Stream.CONTACTS) -> tuple[Counter[str], str]:
    pages = list(connector.pull(stream, cursor))
    return seen(pages), pages[-1].cursor


def searches(script: Script) -> list[tuple[Asked, int]]:
    """Every search that was answered, with the total it counted."""
    both = zip(script.asked, script.answered, strict=True)
    return [(asked, answer.body["total"]) for asked, answer in both if asked.path.endswith("/search")]


def lists(script: Script) -> int:
    """How many pages of live records were listed."""
    paths = [asked for asked in script.asked if asked.path.endswith("/contacts") and "/objects/" in asked.path]
    return len([asked for asked in paths if ("archived", "true") not in asked.query])


def test_25000_records_of_one_timestamp_all_arrive(
    connector: HubSpotConnector, account: HubSpotBench, desk: Desk, script: Script
) -> None:
    _, cursor = pulled(connector, None, Stream.COMPANIES)
    desk.at += timedelta(hours=6)
    edit = desk.at - timedelta(hours=2)
    expected = load(account, *[edit] * 25_000, *(edit + number * MINUTE for number in range(-60, 60)))
    script.asked.clear()
    script.answered.clear()
    found, _ = pulled(connector, cursor, Stream.COMPANIES)
    assert set(found) == expected
    assert set(found.values()) == {1}
    asked = searches(script)
    assert all("after" not in search.body for search, _ in asked), "pages are by id: nothing is beyond 10,000 results"
    assert len(asked) <= 25_120 / 200 + 10


def test_a_window_of_ten_thousand_and_more_is_read_in_parts_of_less_by_any_number_of_processes(
    build: Build, account: HubSpotBench, desk: Desk, script: Script
) -> None:
    _, cursor = pulled(build(), None, Stream.COMPANIES)
    desk.at += timedelta(hours=12)
    first = desk.at - timedelta(hours=11)
    expected = load(account, *(first + number * timedelta(seconds=3) for number in range(10_200)))
    script.asked.clear()
    script.answered.clear()
    found: Counter[str] = Counter()
    while True:
        page = next(build().pull(Stream.COMPANIES, cursor))
        found += seen([page])
        cursor = page.cursor
        if decode(cursor).place is None:
            break
    assert set(found) == expected
    assert set(found.values()) == {1}
    walked = [total for search, total in searches(script) if search.body["filterGroups"][0]["filters"][2]["value"] != "0"]
    assert max(walked) < 10_000


def test_an_answer_out_of_order_is_believed_only_when_it_is_whole(
    connector: HubSpotConnector, account: HubSpotBench, desk: Desk, script: Script
) -> None:
    _, cursor = pulled(connector, None, Stream.COMPANIES)
    desk.at += timedelta(hours=6)
    expected = load(account, *(desk.at - number * MINUTE / 5 for number in range(100, 1_000)))
    answer = script.rule
    assert answer is not None

    def shuffled(asked: Asked) -> tuple[int, object]:
        status, body = answer(asked)
        if asked.path.endswith("/search"):
            body["results"] = body["results"][::-1]
        return status, body

    script.by(shuffled)
    found, _ = pulled(connector, cursor, Stream.COMPANIES)
    assert set(found) == expected
    assert max(len(body.body["results"]) for body in script.answered if "total" in body.body) == 200


def test_what_search_shows_out_of_place_in_a_busy_hour_arrives_once_it_is_an_hour_old(
    connector: HubSpotConnector, account: HubSpotBench, desk: Desk
) -> None:
    _, cursor = pulled(connector, None)
    desk.at += timedelta(hours=6)
    _, cursor = pulled(connector, cursor)
    desk.at += MINUTE
    made = make(account, 700)
    desk.at += 5 * timedelta(seconds=1)
    at_once, cursor = pulled(connector, cursor)
    assert len(made) / 2 < len(at_once) < len(made), "some are out of place by more than the overlap"
    later: Counter[str] = Counter()
    for _ in range(8):
        desk.at += 10 * MINUTE
        found, cursor = pulled(connector, cursor)
        later += found
    assert set(at_once + later) == made


def test_in_a_calm_hour_what_is_out_of_place_arrives_at_once(
    connector: HubSpotConnector, account: HubSpotBench, desk: Desk, script: Script
) -> None:
    _, cursor = pulled(connector, None)
    desk.at += timedelta(hours=6)
    _, cursor = pulled(connector, cursor)
    desk.at += MINUTE
    made = make(account, 150)
    desk.at += 5 * timedelta(seconds=1)
    script.asked.clear()
    found, _ = pulled(connector, cursor)
    assert set(found) == made
    assert len(script.asked) == 1


def test_a_newly_mapped_field_is_filled_for_old_records_once(
    build: Build, account: HubSpotBench, desk: Desk, script: Script
) -> None:
    old = account.create("contacts", email="ana@acme.example", city="Lyon")
    _, cursor = pulled(build(), None)
    desk.at += timedelta(days=3)
    connector = build(map={"person": {"city": "city"}})
    pages = list(connector.pull(Stream.CONTACTS, cursor))
    (person,) = chain.from_iterable(page.records for page in pages)
    assert isinstance(person, PersonRecord)
    assert (person.ref.id, person.fields["city"]) == (old, "Lyon")
    walks = lists(script)
    pulled(connector, pages[-1].cursor)
    assert lists(script) == walks


def test_a_walk_begun_for_other_fields_begins_again(build: Build, account: HubSpotBench) -> None:
    made = make(account, 150)
    half = next(build().pull(Stream.CONTACTS, None)).cursor
    pages = list(build(map={"person": {"city": "city"}}).pull(Stream.CONTACTS, half))
    found = [one for page in pages for one in page.records if isinstance(one, PersonRecord)]
    assert {one.ref.id for one in found if one.fields.get("city") == "Lyon"} == made


def test_our_own_new_properties_start_no_walk_and_are_read_at_once(
    connector: HubSpotConnector, account: HubSpotBench, script: Script
) -> None:
    account.create("contacts", email="ana@acme.example")
    _, cursor = pulled(connector, None)
    body = {"name": "leadline_score", "label": "Score", "type": "number", "fieldType": "number"}
    reply = account.http.post("/crm/properties/2026-03/contacts", json={**body, "groupName": "contactinformation"})
    assert reply.status_code == 201, reply.text
    connector.apply_fields(())
    walks = lists(script)
    pulled(connector, cursor)
    assert lists(script) == walks
    asked, _ = searches(script)[-1]
    assert "leadline_score" in asked.body["properties"]


def test_which_properties_there_are_is_asked_again_after_ten_minutes(
    connector: HubSpotConnector, account: HubSpotBench, desk: Desk, script: Script
) -> None:
    cursor: str | None = None
    for minutes, expected in ((0, 1), (9, 1), (2, 2)):
        desk.at += minutes * MINUTE
        _, cursor = pulled(connector, cursor)
        assert len([asked for asked in script.asked if "/properties/" in asked.path]) == expected


def test_which_properties_there_are_is_asked_again_after_a_refusal(
    connector: HubSpotConnector, account: HubSpotBench, script: Script
) -> None:
    _, cursor = pulled(connector, None)
    account.account.tokens.granted -= {"crm.objects.contacts.read"}
    with pytest.raises(Misconfigured):
        pulled(connector, cursor)
    account.account.tokens.granted |= {"crm.objects.contacts.read"}
    script.asked.clear()
    pulled(connector, cursor)
    assert [asked.path.split("/")[2] for asked in script.asked] == ["properties", "objects"]


def test_a_quiet_minute_takes_eight_calls_and_every_tenth_eight_more(
    connector: HubSpotConnector, account: HubSpotBench, desk: Desk, script: Script
) -> None:
    cursors: dict[Stream, str | None] = dict.fromkeys(Stream)
    taken: list[int] = []
    for _ in range(12):
        before = len(script.asked)
        for stream, cursor in cursors.items():
            pages = list(connector.pull(stream, cursor))
            cursors[stream] = pages[-1].cursor if pages else cursor
        taken.append(len(script.asked) - before)
        desk.at += MINUTE
    assert taken[1:] == [8] * 9 + [16, 8]


def test_owners_are_read_again_after_ten_minutes(
    connector: HubSpotConnector, account: HubSpotBench, desk: Desk, script: Script
) -> None:
    *_, last = connector.pull(Stream.OWNERS, None)
    desk.at += 9 * MINUTE
    assert list(connector.pull(Stream.OWNERS, last.cursor)) == []
    desk.at += MINUTE
    assert list(connector.pull(Stream.OWNERS, last.cursor))


def test_a_read_of_owners_cut_off_in_the_middle_is_done_again(connector: HubSpotConnector, account: HubSpotBench) -> None:
    first = next(connector.pull(Stream.OWNERS, None))
    assert len(list(connector.pull(Stream.OWNERS, first.cursor))) == 2


def test_a_clock_that_was_set_back_means_reading_all(connector: HubSpotConnector, account: HubSpotBench, desk: Desk) -> None:
    made = account.create("contacts", email="ana@acme.example")
    desk.at += timedelta(days=1)
    _, cursor = pulled(connector, None)
    desk.at -= timedelta(days=1)
    page = next(connector.pull(Stream.CONTACTS, cursor))
    assert seen([page]) == {made: 1}
    assert isinstance(decode(page.cursor).standings["contacts"].fresh, datetime)
    assert decode(page.cursor).standings["contacts"].fresh <= desk.now()


def test_merged_companies_come_with_their_survivor(connector: HubSpotConnector, account: HubSpotBench, desk: Desk) -> None:
    one, other = (account.create("companies", name=name) for name in ("Acme", "Acme Inc"))
    _, cursor = pulled(connector, None, Stream.COMPANIES)
    desk.at += MINUTE
    merged = account.post("companies/merge", {"primaryObjectId": one, "objectIdToMerge": other})
    assert merged.status_code == 200, merged.text
    desk.at += MINUTE
    records = list(chain.from_iterable(page.records for page in connector.pull(Stream.COMPANIES, cursor)))
    assert {(record.ref.id, getattr(record, "reason", None)) for record in records} == {
        (one, "merged"),
        (other, "merged"),
        (merged.json()["id"], None),
    }


@pytest.mark.parametrize("minutes", [0, 10])
def test_a_pull_begun_before_the_cursor_names_a_walk_is_resumable(
    connector: HubSpotConnector, account: HubSpotBench, desk: Desk, minutes: int
) -> None:
    made = make(account, 250)
    first = next(connector.pull(Stream.CONTACTS, None))
    assert isinstance(decode(first.cursor).place, Walk)
    desk.at += minutes * MINUTE
    found, _ = pulled(connector, first.cursor)
    assert set(seen([first]) + found) == made
