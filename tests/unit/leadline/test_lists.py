"""CSV lists: the first column under a header, and words about files that are something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadline.settings.lists import MAX_BYTES, read_lists

ROOT = Path(__file__).parents[3]


def read(tmp_path: Path, content: str | bytes) -> tuple[set[str], list[str]]:
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "names.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    lists, findings = read_lists(folder, tmp_path)
    return set(lists.values_of("names")), [str(finding) for finding in findings]


@pytest.mark.parametrize(
    ("content", "values"),
    [
        ("domain\nacme.example\n", {"acme.example"}),
        ("domain,name\nacme.example,Acme\nother.example,\n", {"acme.example", "other.example"}),
        ('name\n"Acme, Inc."\n"two\nlines"\n', {"acme, inc.", "two\nlines"}),
        ("domain\r\nACME.example \r\n\r\n  \r\n", {"acme.example"}),
        ("\ufeffdomain\nacme.example\n", {"acme.example"}),
        ("domain\nacme.example\nacme.example", {"acme.example"}),
        ("domain\n", set()),
        ("name\nGröße\n", {"grösse"}),
    ],
)
def test_values_are_the_first_column_in_one_spelling(tmp_path: Path, content: str, values: set[str]) -> None:
    assert read(tmp_path, content) == (values, [])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "lists/names.csv:1:1: error: the first row must be a header"),
        ("\ndomain\n", "lists/names.csv:1:1: error: the first row must be a header"),
        ("acme.example\n", "lists/names.csv:1:1: error: the first row must be a header such as"),
        ("ana@acme.example\n", "lists/names.csv:1:1: error: the first row must be a header such as"),
        ("domain;name\nacme.example;Acme\n", "lists/names.csv:1:1: error: columns must be separated by commas"),
        ('domain\nacme.example\n"open\n', "lists/names.csv:3:1: error: is not CSV"),
        ('domain\n"a"b\n', "lists/names.csv:2:1: error: is not CSV"),
        ("domain\n" + "x" * 5_000 + "\n", "lists/names.csv:2:1: error: the value is longer than"),
        ("domain\n" + "x" * 200_000 + "\n", "lists/names.csv:2:1: error: the value is longer than 4,000 characters"),
        (b"domain\nacme.example\nm\xfcller.example\n", "lists/names.csv:3:1: error: is not UTF-8 text"),
        (b"domain\n" + b"x\n" * (MAX_BYTES // 2), "lists/names.csv: error: is larger than"),
    ],
)
def test_a_file_that_is_no_list_is_told_with_its_line(tmp_path: Path, content: str | bytes, words: str) -> None:
    values, (told,) = read(tmp_path, content)
    assert values == set()
    assert told.startswith(words)


def test_a_value_in_the_place_of_the_header_is_not_repeated(tmp_path: Path) -> None:
    _, (told,) = read(tmp_path, "ana@acme.example\n")
    assert "ana" not in told


def test_a_list_that_cannot_be_used_is_still_there_by_name(tmp_path: Path) -> None:
    (tmp_path / "broken.csv").mkdir()
    lists, findings = read_lists(tmp_path, tmp_path)
    assert lists.values_of("broken") == frozenset()
    assert [str(finding) for finding in findings] == ["broken.csv: error: is not a file"]


def test_without_a_folder_there_are_no_lists(tmp_path: Path) -> None:
    lists, findings = read_lists(tmp_path / "lists", tmp_path)
    assert (dict(lists.values), findings) == ({}, [])


def test_the_shipped_lists_can_be_read() -> None:
    lists, findings = read_lists(ROOT / "config" / "lists", ROOT)
    assert findings == []
    assert {"free_mail", "disposable", "competitors", "target_accounts"} <= set(lists.values)
    assert all(lists.values.values())
