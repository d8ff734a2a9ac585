"""Job titles in six languages become a seniority and a function; whatever else is typed there becomes unknown."""

import csv
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import titles
from scoring.titles_data.lexicon import patterns

HERE = Path(__file__).parent
SENIORITIES = {"c_level", "vp", "director", "head", "manager", "senior", "staff", "entry", "intern", "owner", None}
FUNCTIONS = {
    *("sales", "marketing", "engineering", "it", "product", "finance", "operations", "hr", "legal", "procurement"),
    *("executive", "support", "education", None),
}
LANGUAGES = ("en", "de", "fr", "es", "zh", "ru")


def labelled(name: str) -> list[tuple[str, str, str | None, str | None]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return [
            (row["language"], row["title"], row["seniority"] or None, row["function"] or None)
            for row in csv.DictReader(file)
        ]


def read(title: str | None) -> tuple[str | None, str | None]:
    reading = titles.read(title)
    return reading.seniority, reading.function


def right(rows: list[tuple[str, str, str | None, str | None]]) -> float:
    return sum(read(title) == (seniority, function) for _, title, seniority, function in rows) / len(rows)


@pytest.mark.parametrize("name", ["titles_tuning.csv", "titles_holdout.csv"])
def test_a_list_holds_a_hundred_titles_of_each_language_with_labels_that_exist(name: str) -> None:
    rows = labelled(name)
    assert {language: sum(row[0] == language for row in rows) for language in LANGUAGES} == dict.fromkeys(LANGUAGES, 100)
    assert {row[2] for row in rows} <= SENIORITIES
    assert {row[3] for row in rows} <= FUNCTIONS


def test_at_least_92_in_100_titles_of_the_tuning_list_are_read_right() -> None:
    rates = {name: right(labelled(f"titles_{name}.csv")) for name in ("tuning", "holdout")}
    print(*(f"{name} list: {rate:.1%} of titles read right" for name, rate in rates.items()), sep="\n")  # noqa: T201 the honest number is the second one
    assert rates["tuning"] >= 0.92


def test_the_holdout_list_repeats_no_title_of_the_tuning_list() -> None:
    tuned = {title.casefold() for _, title, _, _ in labelled("titles_tuning.csv")}
    assert not [title for _, title, _, _ in labelled("titles_holdout.csv") if title.casefold() in tuned]


@pytest.mark.parametrize("title", [None, "", " ", "-", "n/a", "test", "12345", "?????", "\ufffd\ufffd", "🙂", "Acme", "x"])
def test_what_says_nothing_is_unknown_and_not_staff(title: str | None) -> None:
    assert read(title) == (None, None)


@pytest.mark.parametrize("title", ["Assistant to the CEO", "Assistenz der Geschäftsführung", "PA to the CFO & COO"])
def test_an_assistant_does_not_borrow_the_rank_of_the_one_assisted(title: str) -> None:
    assert read(title) == ("staff", "operations")


@pytest.mark.parametrize(
    ("title", "seniority"),
    [
        ("Deputy Director", "head"),
        ("Stellv. Leiter Vertrieb", "manager"),
        ("Directeur adjoint", "head"),
        ("Subgerente", "senior"),
        ("副总监", "head"),
        ("Заместитель директора", "head"),
        ("Stellv. Geschäftsführerin", "vp"),
    ],
)
def test_a_deputy_stands_one_rank_below(title: str, seniority: str) -> None:
    assert titles.read(title).seniority == seniority


@pytest.mark.parametrize("title", ["Former CEO", "ex-CTO", "ehemaliger Vorstand", "Бывший директор", "ancien directeur"])
def test_a_past_position_says_nothing_of_today(title: str) -> None:
    assert read(title) == (None, None)


def test_a_past_position_does_not_hide_the_present_one() -> None:
    assert read("Sales Director, ex-CTO") == ("director", "sales")


def test_the_highest_rank_of_a_title_counts_and_brings_its_function() -> None:
    assert read("Head of Sales and CEO") == ("c_level", "executive")
    assert read("Founder & CTO") == ("owner", "engineering")
    assert read("VP, Sales & Marketing") == ("vp", "sales")


def test_the_employer_behind_a_title_is_not_part_of_it() -> None:
    assert read("Sales Manager at Owner Director Ltd") == ("manager", "sales")
    assert read("CTO @ Sales Heroes") == ("c_level", "engineering")
    assert read("Buchhalterin bei Vertriebsleiter GmbH") == ("staff", "finance")


@pytest.mark.parametrize(
    "title", ["Geschäftsführer", "Geschaeftsfuehrer", "GESCHÄFTSFÜHRER", "Geschäftsführer/in", "Geschäftsführer*in (m/w/d)"]
)
def test_spellings_and_gender_forms_change_nothing(title: str) -> None:
    assert read(title) == ("c_level", "executive")


@pytest.mark.parametrize("title", ["Sales Manger", "Diretor of Sales", "Enginner", "Geschäftsfürer", "Генеральный директр"])
def test_one_slip_of_the_finger_is_forgiven(title: str) -> None:
    assert None not in read(title)


def test_utf8_that_was_read_as_windows_1252_is_read_as_what_it_was() -> None:
    assert read("GeschÃ¤ftsfÃ¼hrer") == ("c_level", "executive")
    assert read("Директор по закупкам".encode().decode("latin-1")) == ("director", "procurement")


def test_both_chinese_scripts_read_alike() -> None:
    assert read("财务总监") == read("財務總監") == ("director", "finance")
    assert read("总经理助理") == read("總經理助理") == ("staff", "operations")


def test_width_direction_marks_and_invisible_characters_change_nothing() -> None:
    assert read("ＣＥＯ") == read("\u202eCEO\u202c") == read("C\u200bEO") == read("\x00CEO\x00") == ("c_level", "executive")


def test_lone_surrogates_are_blanks() -> None:
    assert read("\ud800CEO\udfff") == ("c_level", "executive")
    assert read("\ud800\udfff") == (None, None)


def test_only_the_beginning_of_a_title_counts_and_ten_megabytes_cost_no_time() -> None:
    began = time.process_time()
    assert read("CEO" + " " * 10_000_000) == ("c_level", "executive")
    assert read(" " * 10_000_000 + "CEO") == (None, None)
    assert read("директор" * 1_250_000) == ("director", None)
    assert read("\ufdfa" * 3_000_000) == (None, None)
    assert time.process_time() - began < 0.5


def test_a_title_takes_less_than_a_tenth_of_a_millisecond() -> None:
    rows = labelled("titles_tuning.csv")
    best_seconds = 1.0
    for run in range(5):
        fresh = [f"{row[1]} {run}" for row in rows]
        began = time.process_time()
        for title in fresh:
            titles.read(title)
        best_seconds = min(best_seconds, time.process_time() - began)
    assert best_seconds / len(rows) < 100e-6


@given(st.text(st.characters(codec=None), max_size=400))
def test_any_text_at_all_is_read_to_a_value_that_exists(text: str) -> None:
    reading = titles.read(text)
    assert reading.seniority in SENIORITIES
    assert reading.function in FUNCTIONS


WORDS = sorted({" ".join(pattern.texts) for pattern in patterns()})


@given(st.lists(st.sampled_from([*WORDS, ",", "/", "&", "to the", "(", ")", "."]), max_size=12).map(" ".join))
def test_any_heap_of_words_of_the_trade_is_read_to_a_value_that_exists(text: str) -> None:
    reading = titles.read(text)
    assert reading.seniority in SENIORITIES
    assert reading.function in FUNCTIONS


def test_no_two_lines_of_the_tables_contradict_each_other() -> None:
    said: dict[object, object] = {}
    for pattern in patterns():
        assert pattern.texts, pattern
        assert said.setdefault(pattern[:4], pattern.meaning) == pattern.meaning, pattern


def test_the_tables_use_only_seniorities_and_functions_that_exist() -> None:
    for pattern in patterns():
        assert pattern.meaning.seniority in SENIORITIES
        assert pattern.meaning.function in FUNCTIONS
