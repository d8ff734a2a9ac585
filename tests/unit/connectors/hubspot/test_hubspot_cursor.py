from datetime import UTC, datetime, timedelta

import pytest

from connectors.hubspot.cursor import Cursor, Place, Standing, Sweep, Swept, Walk, Window, decode, encode
from connectors.hubspot.markers import key_in, marked, unmarked, with_note

AT = datetime(2026, 11, 21, 10, 0, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLACES = [
    None,
    Walk(object="contacts", start=AT, shape="4f6e"),
    Walk(object="contacts", start=AT, shape="4f6e", after="4712"),
    Window.whole("fresh", "emails", AT - HOUR, AT),
    Window("settling", "emails", AT - HOUR, AT, since=AT - HOUR / 2, to=AT - HOUR / 4, after_id=4712),
    Sweep(object="deals", since=AT - HOUR, start=AT, after="9", pages=4),
]
STANDINGS = {"emails": Standing(fresh=AT, settled=AT - HOUR, shape="4f6e", swept=Swept(AT, 3))}


@pytest.mark.parametrize("place", PLACES)
def test_a_cursor_survives_as_text(place: Place | None) -> None:
    cursor = Cursor(standings=STANDINGS, place=place, skipped={"calls": "no scope"})
    assert decode(encode(cursor)) == cursor


OF_ANOTHER_RELEASE = '{"type":"rest","watermark":"2026-11-21T10:00:00Z","swept":{"at":"2026-11-21T10:00:00Z","pages":0}}'


@pytest.mark.parametrize("cursor", [None, "", "whole", "7", '{"place":{"type":"later"}}', OF_ANOTHER_RELEASE])
def test_a_cursor_of_another_release_means_the_start(cursor: str | None) -> None:
    assert decode(cursor) == Cursor()


@pytest.mark.parametrize("key", ["p1.sql.1", "person 7/sql:2", "ключ]x", "a@b"])
def test_a_task_is_known_again_by_its_mark(key: str) -> None:
    assert key_in(marked("Why now: pricing page", key)) == key
    assert key_in(f"<p>edited</p><p>{marked('', key).strip()}</p>") == key


def test_a_body_without_our_mark_is_not_ours() -> None:
    assert key_in("Call them [urgent]") is None
    assert key_in(None) is None


def test_the_mark_is_not_part_of_what_the_rep_reads() -> None:
    assert unmarked(marked("Why now: pricing page\nAsk about budget", "k1")) == "Why now: pricing page\nAsk about budget"


def test_a_note_goes_between_the_text_and_the_mark() -> None:
    assert with_note(marked("Why now", "k1"), "Left the stage") == "Why now\n\nLeft the stage\n\n[leadline:k1]"
    assert with_note(None, "Left the stage") == "Left the stage"
