from datetime import UTC, date, datetime

import pytest

from connectors.hubspot import values


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("67340.0", 67340.0),
        ("1,800.00", 1800.0),
        ("1,800", 1800.0),
        ("12,345,678.5", 12345678.5),
        (" 42 ", 42.0),
        ("-3", -3.0),
        ("1e3", 1000.0),
    ],
)
def test_numbers_given_as_text_are_read(raw: str, expected: float) -> None:
    assert values.number(raw) == expected


@pytest.mark.parametrize("raw", [None, "", " ", "n/a", "1.800,00", "1,80", "NaN", "inf", "1_000", "12 000"])
def test_what_is_no_number_is_absent(raw: str | None) -> None:
    assert values.number(raw) is None
    assert values.integer(raw) is None


@pytest.mark.parametrize(("raw", "expected"), [("240.0", 240), ("1,200", 1200), ("10.6", 11)])
def test_whole_numbers_are_rounded(raw: str, expected: int) -> None:
    assert values.integer(raw) == expected


@pytest.mark.parametrize(("raw", "expected"), [("true", True), ("FALSE", False), ("", None), ("yes", None), (None, None)])
def test_booleans_are_the_words_true_and_false(raw: str | None, expected: bool | None) -> None:
    assert values.boolean(raw) is expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("This Quarter", "this_quarter"),
        ("THIS_QUARTER", "this_quarter"),
        ("  Next-Year! ", "next_year"),
        ("", None),
        ("--", None),
    ],
)
def test_choices_become_lower_snake_case(raw: str, expected: str | None) -> None:
    assert values.choice(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "2026-11-21T10:00:00Z",
        "2026-11-21T10:00:00.000Z",
        "2026-11-21T12:00:00+02:00",
        "1795255200000",
        "2026-11-21T10:00:00",
    ],
)
def test_times_come_as_iso_text_or_epoch_milliseconds(raw: str) -> None:
    assert values.moment(raw) == datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.mark.parametrize("raw", [None, "", "soon", "9999999999999999", "2026-13-01"])
def test_what_is_no_time_is_absent(raw: str | None) -> None:
    assert values.moment(raw) is None
    assert values.day(raw) is None


@pytest.mark.parametrize("raw", ["2027-03-31", "2027-03-31T00:00:00Z", "1806451200000"])
def test_days_are_midnight_utc(raw: str) -> None:
    assert values.day(raw) == date(2027, 3, 31)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (True, "true"),
        (71, "71"),
        (71.0, "71"),
        (0.5, "0.5"),
        (12_000_000_000_000_000.0, "12000000000000000"),
        ("A1", "A1"),
        ("2026-11-21T10:00:00.123456+00:00", "2026-11-21T10:00:00.123Z"),
        ("2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"),
    ],
)
def test_values_are_written_as_text(value: str | float | bool | None, written: str) -> None:
    assert values.to_crm(value) == written


@pytest.mark.parametrize(
    ("value", "kind"),
    [(71, "number"), ("2026-11-21T10:00:00Z", "datetime"), ("mql", "enumeration"), ("Two reasons", "string")],
)
def test_what_was_written_is_read_back_the_same(value: str | int, kind: str) -> None:
    assert values.from_crm(values.to_crm(value), kind) == value


def test_a_time_is_read_back_the_same_in_whatever_form_hubspot_sends_it() -> None:
    assert values.from_crm("1795255200000", "datetime") == values.from_crm("2026-11-21T10:00:00.000Z", "datetime")
