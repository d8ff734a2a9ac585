"""Decisions about windows, as values."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from connectors.errors import ContractBroken
from connectors.hubspot import windows
from connectors.hubspot.cursor import Swept, Window
from connectors.hubspot.wire import CrmObject
from tests.unit.connectors.hubspot.conftest import NOW
from tests.unit.connectors.hubspot.shapes import row
from tests.unit.connectors.hubspot.standings import standing

HOUR, MINUTE, MILLISECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(milliseconds=1)
OVERLAP = 5 * MINUTE
WINDOW = Window.whole("fresh", "contacts", NOW, NOW + HOUR)


def rows(*updated: datetime) -> list[CrmObject]:
    shapes: list[Any] = [{**row(str(number)), "updatedAt": at.isoformat()} for number, at in enumerate(updated)]
    return [msgspec.convert(shape, CrmObject) for shape in shapes]


def test_a_fresh_window_looks_back_an_hour_and_ends_where_a_filter_can_say_it() -> None:
    later = NOW + MINUTE + timedelta(microseconds=700)
    assert windows.fresh_window("contacts", standing("contacts", NOW), later) == Window.whole(
        "fresh", "contacts", NOW - HOUR, NOW + MINUTE
    )


def test_it_looks_back_less_where_an_hour_holds_much() -> None:
    before = standing("contacts", NOW)
    wide = windows.fresh_window("contacts", before, NOW + MINUTE)
    narrow = Window.whole("fresh", "contacts", NOW - OVERLAP, NOW + MINUTE)
    assert windows.narrowed(wide, 500, before, OVERLAP) is None
    assert windows.narrowed(wide, 501, before, OVERLAP) == narrow
    assert windows.narrowed(narrow, 501, before, OVERLAP) is None
    assert windows.narrowed(wide, 501, before, HOUR) is None


def test_after_a_break_it_looks_back_the_whole_hour_since_little_else_is_in_it() -> None:
    before = standing("contacts", NOW)
    assert windows.narrowed(windows.fresh_window("contacts", before, NOW + HOUR), 90_000, before, OVERLAP) is None


def test_what_was_looked_back_at_for_an_hour_is_settled_and_nothing_else_is() -> None:
    before = standing("contacts", NOW)
    wide = Window.whole("fresh", "contacts", NOW - HOUR, NOW + MINUTE)
    narrow = Window.whole("fresh", "contacts", NOW - OVERLAP, NOW + MINUTE)
    assert windows.read_whole(wide, before).settled == NOW + MINUTE - HOUR
    after = windows.read_whole(narrow, before)
    assert (after.fresh, after.settled) == (NOW + MINUTE, NOW - HOUR)


def test_a_settling_window_comes_every_ten_minutes_and_is_held_back_an_hour() -> None:
    settled = NOW - HOUR
    early = standing("contacts", NOW + 9 * MINUTE, settled=settled)
    due = standing("contacts", NOW + 10 * MINUTE, settled=settled)
    assert windows.settling_window("contacts", early) is None
    window = windows.settling_window("contacts", due)
    assert window == Window.whole("settling", "contacts", settled, settled + 10 * MINUTE)
    after = windows.read_whole(window, due)
    assert (after.fresh, after.settled) == (due.fresh, settled + 10 * MINUTE)


def test_the_more_is_in_the_bin_the_rarer_it_is_looked_through() -> None:
    few, many = standing("contacts", NOW, Swept(NOW, 2)), standing("contacts", NOW, Swept(NOW, 30))
    assert not windows.sweep_is_due(few, NOW + 9 * MINUTE)
    assert windows.sweep_is_due(few, NOW + 10 * MINUTE)
    assert not windows.sweep_is_due(many, NOW + 29 * MINUTE)
    assert windows.sweep_is_due(many, NOW + 30 * MINUTE)


def test_a_part_that_one_walk_can_hold_is_not_split() -> None:
    assert windows.split(WINDOW, rows(NOW), 9_999, in_order=True) is None


def test_ten_thousand_are_split_at_the_middle_of_the_times_seen() -> None:
    seen = rows(NOW + MINUTE, NOW + 20 * MINUTE, NOW + 50 * MINUTE)
    smaller = windows.split(WINDOW, seen, 10_000, in_order=True)
    assert smaller is not None
    assert (smaller.since, smaller.to) == (NOW, NOW + 20 * MINUTE)
    following = windows.following_part(smaller)
    assert following is not None
    assert (following.since, following.to, following.after_id) == (NOW + 20 * MINUTE, NOW + HOUR, 0)
    assert windows.following_part(following) is None


@pytest.mark.parametrize("seen", [[NOW - MINUTE], [NOW + 2 * HOUR]])
def test_times_outside_the_part_do_not_say_where_to_split(seen: list[datetime]) -> None:
    smaller = windows.split(WINDOW, rows(*seen), 10_000, in_order=True)
    assert smaller is not None
    assert smaller.to == NOW + HOUR / 2


def test_the_time_of_a_bulk_edit_is_left_alone_in_two_splits() -> None:
    edit = rows(*([NOW + 7 * MINUTE] * 3))
    before_it = windows.split(WINDOW, edit, 25_000, in_order=True)
    assert before_it is not None
    from_it = windows.following_part(before_it)
    assert from_it is not None
    alone = windows.split(from_it, edit, 25_000, in_order=True)
    assert alone is not None
    assert (alone.since, alone.to) == (NOW + 7 * MINUTE, NOW + 7 * MINUTE + MILLISECOND)
    assert windows.split(alone, edit, 25_000, in_order=True) is None


def test_a_part_out_of_order_is_split_and_read_anew_until_it_fits_one_answer() -> None:
    walked = msgspec.structs.replace(WINDOW, after_id=4712)
    smaller = windows.split(walked, rows(NOW + MINUTE), 300, in_order=False)
    assert smaller is not None
    assert (smaller.since, smaller.to, smaller.after_id) == (NOW, NOW + MINUTE, 0)
    moment = Window.whole("fresh", "contacts", NOW, NOW + MILLISECOND)
    with pytest.raises(ContractBroken):
        windows.split(moment, rows(NOW), 300, in_order=False)


def test_a_standing_of_a_time_to_come_is_no_standing() -> None:
    assert not windows.clock_went_back(standing("contacts", NOW + OVERLAP), NOW, OVERLAP)
    assert windows.clock_went_back(standing("contacts", NOW + OVERLAP + MILLISECOND), NOW, OVERLAP)
