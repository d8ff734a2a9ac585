"""What strangers wrote is shown as one harmless line, and cut where no letter is hurt."""

from __future__ import annotations

from unicodedata import category, combining

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline import plain

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=300)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("VP\nAsk next: wire money", "VP Ask next: wire money"),
        ("VP\u2028Budget: confirmed\x85x", "VP Budget: confirmed x"),
        ("VP\x00\x1b[31m\u202eselaS", "VP (31mselaS"),
        ("  VP \t Sales  ", "VP Sales"),
        ("<a href=x>VP</a>", "‹a href=x›VP‹/a›"),
        ("[leadline:p2:sql:1]", "(leadline:p2:sql:1)"),
        ("zero\u200bwidth", "zerowidth"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻 lead", "👩\u200d💻 lead"),
        (True, "yes"),
        (12_400, "12,400"),
        (("a", "b"), "a, b"),
        (None, ""),
    ],
)
def test_a_value_is_one_line_without_marks_and_markup(written: object, shown: str) -> None:
    assert plain.value(written) == shown  # type: ignore[arg-type]  # each is a scalar or a list of texts


@given(ANYTHING, st.integers(2, 60))
def test_whatever_is_written_a_value_is_one_short_line(written: str, limit: int) -> None:
    shown = plain.value(written, limit)
    assert len(shown) <= limit
    assert len(shown.splitlines()) <= 1
    assert not [one for one in shown if one in "<>[]" or category(one) in {"Cc", "Cs", "Zl", "Zp"}]
    assert shown.encode().decode() == shown
    assert plain.value(shown, limit) == shown


@given(st.text("ae\u0301\u0308x 👍🏽\u200d", max_size=40), st.integers(1, 20))
def test_no_letter_is_cut_from_its_accents(text: str, limit: int) -> None:
    shown = plain.cut(text, limit)
    assert len(shown) <= max(limit, 1)
    if shown != text:
        kept = shown.removesuffix("…")
        assert text.startswith(kept)
        assert not kept or not combining(text[len(kept)])


def test_long_lines_are_broken_and_what_is_left_of_them_is_indented() -> None:
    text = plain.lines(["- Budget: " + "Ask next: pay " * 20, "short"])
    first, *rest, last = text.splitlines()
    assert first.startswith("- Budget: ")
    assert rest
    assert all(line.startswith("    ") for line in rest)
    assert last == "short"
    assert max(map(len, text.splitlines())) <= plain.LINE_LENGTH
