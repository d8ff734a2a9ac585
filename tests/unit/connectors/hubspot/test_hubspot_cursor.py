from datetime import UTC, datetime, timedelta

import pytest

from connectors.hubspot.cursor import Position, Rest, Sweep, Swept, Walk, Window, decode, encode
from connectors.hubspot.markers import key_in, marked, unmarked, with_note

AT = datetime(2026, 11, 21, 10, 0, 0, 123456, tzinfo=UTC)
POSITIONS = [
    Walk(start=AT, object="contacts"),
    Walk(start=AT, object="contacts", after="4712"),
    Window(since=AT - timedelta(hours=1), until=AT, object="emails", swept=Swept(AT, 3), after_id=4712),
    Sweep(since=AT - timedelta(hours=1), until=AT, object="deals", after="9", pages=4),
    Rest(watermark=AT, swept=Swept(AT)),
]


@pytest.mark.parametrize("position", POSITIONS)
def test_a_position_survives_as_text(position: Position) -> None:
    assert decode(encode(position)) == position


@pytest.mark.parametrize("cursor", [None, "", "whole", '{"type":"later"}', '{"type":"walk","start":"soon"}'])
def test_a_cursor_of_another_release_means_the_start(cursor: str | None) -> None:
    assert decode(cursor) is None


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
