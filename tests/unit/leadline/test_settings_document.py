"""YAML files become plain data, and every key keeps its place; what makes no sense is a finding, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadline.settings.convert import MAX_VALUES
from leadline.settings.document import MAX_BYTES, MAX_DEPTH, Document, read_document
from leadline.settings.findings import SettingsInvalid


def read(tmp_path: Path, content: str | bytes) -> Document:
    path = tmp_path / "file.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_document(path, tmp_path)


def attempt(tmp_path: Path, content: str | bytes) -> Document | SettingsInvalid:
    try:
        return read(tmp_path, content)
    except SettingsInvalid as invalid:
        return invalid


def refusals(tmp_path: Path, content: str | bytes) -> list[str]:
    with pytest.raises(SettingsInvalid) as caught:
        read(tmp_path, content)
    return [str(finding) for finding in caught.value.findings]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("09:00", "09:00"),
        ("9:30", "9:30"),
        ("2026-12-31", "2026-12-31"),
        ("2026-13-45", "2026-13-45"),
        ("2026-11-21T10:00:00+02:00", "2026-11-21T10:00:00+02:00"),
        ("010", 10),
        ("0x1f", 31),
        ("0o17", 15),
        ("1_000", 1000),
        ("-7", -7),
        ("1e3", 1000.0),
        ("0.5", 0.5),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("on", "on"),
        ("no", "no"),
        ("~", None),
        ("", None),
        ('"5"', "5"),
        ("'true'", "true"),
        ("=", "="),
        ("+_", "+_"),
        ("[1, {a: b}]", [1, {"a": "b"}]),
        ("|\n  two\n  lines\n", "two\nlines\n"),
    ],
)
def test_values_are_read_as_an_admin_means_them(tmp_path: Path, written: str, value: Any) -> None:
    found = read(tmp_path, f"key: {written}\n").data["key"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_text_as_written(tmp_path: Path) -> None:
    data = read(tmp_path, "{1: a, true: b, 2026-01-01: c, null: d, 010: e, 1.50: f}").data
    assert list(data) == ["1", "true", "2026-01-01", "null", "010", "1.50"]


def test_a_file_without_content_is_an_empty_mapping(tmp_path: Path) -> None:
    assert [read(tmp_path, text).data for text in ("", "# only a comment\n", "---\n", "\ufeff")] == [{}, {}, {}, {}]


def test_anchors_and_merges_are_carried_out(tmp_path: Path) -> None:
    data = read(tmp_path, "base: &b {x: 1, y: 2}\nother: &o {y: 3, z: 4}\nboth: {<<: [*b, *o], x: 9}\nsame: *b\n").data
    assert data["both"] == {"x": 9, "y": 2, "z": 4}
    assert data["same"] == {"x": 1, "y": 2}


def test_an_anchor_may_be_given_anew(tmp_path: Path) -> None:
    assert read(tmp_path, "a: &x 1\nb: *x\nc: &x 2\nd: *x\n").data == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_a_place_is_that_of_the_key_or_item(tmp_path: Path) -> None:
    document = read(tmp_path, "# first\na:\n  - b: 1\n    c: {d: [x, y]}\n")
    assert document.position(["a"]) == (2, 1)
    assert document.position(["a", 0]) == (3, 5)
    assert document.position(["a", 0, "b"]) == (3, 5)
    assert document.position(["a", 0, "c", "d", 1]) == (4, 16)


def test_a_place_that_is_not_there_is_the_nearest_above_it(tmp_path: Path) -> None:
    document = read(tmp_path, "a:\n  b: 1\n")
    assert document.position([]) == (1, 1)
    assert document.position(["a", "missing"]) == (1, 1)
    assert document.position(["a", "b", "deeper", 3]) == (2, 3)
    assert document.position(["a", "variant-of-a-union", "b"]) == (2, 3)


def test_a_merged_key_has_the_place_where_it_is_written(tmp_path: Path) -> None:
    document = read(tmp_path, "a: &a\n  x: 1\nb:\n  <<: *a\n")
    assert document.position(["b", "x"]) == (2, 3)


def test_a_finding_hides_what_looks_like_a_token(tmp_path: Path) -> None:
    document = read(tmp_path, "a: 1\n")
    finding = document.finding(["a"], "no connection pat-na1-11111111-2222-3333-4444-555555555555")
    assert str(finding) == "file.yaml:1:1: error: no connection …"


def test_all_slips_of_a_file_come_at_once(tmp_path: Path) -> None:
    told = refusals(tmp_path, "a: !x 1\na: 2\n? {b: c}\n: 3\nd: 9999999999999999999999\n")
    assert [line.split(":")[1] for line in told] == ["1", "2", "3", "5"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a: [1, 2\nb: 3\n", "file.yaml:1:4: error: not valid YAML: an opened bracket lacks a comma"),
        ("a: {b: 1\n", "file.yaml:1:4: error: not valid YAML: an opened bracket lacks a comma"),
        ("a: 'b\nc: d\n", "file.yaml:1:4: error: not valid YAML: something is opened here and never closed"),
        ("a: b: c\n", "file.yaml:1:5: error: not valid YAML: a colon is not expected here"),
        ("a:\n  b: 1\n c: 2\n", "file.yaml:3:2: error: not valid YAML: the indentation does not fit"),
        ("a: @b\n", "file.yaml:1:4: error: not valid YAML: text that begins with @"),
        ('a: "\\q"\n', "file.yaml:1:6: error: not valid YAML: a backslash in double quotes"),
        ("a: " + "[" * 41 + "]" * 41, f"is nested deeper than {MAX_DEPTH} levels"),
        ("a: " + "[" * 5_000, "error: "),
        ("\n".join(" " * level + "a:" for level in range(600)), f"is nested deeper than {MAX_DEPTH} levels"),
        ("- " * 3_000, "error: "),
        ("a: &a {b: *a}\n", "file.yaml:1:4: error: an alias (*name) leads back"),
        ("a: &a\n  <<: *a\n", "an alias (*name) leads back"),
        ("a: " + "9" * 5_000, "this number is too long"),
        ("a: 1e999\n", "this number is too large"),
        ("a: .nan\n", "this number is too large"),
        ("a: !!python/object:os.system x\n", "tags (words that begin with !)"),
        ("a: !!set {x}\n", "tags (words that begin with !)"),
        ("a: !!omap [x: 1]\n", "tags (words that begin with !)"),
        ("%TAG ! x:\n---\na: 1\n", "file.yaml:1:1: error: YAML directives"),
        ("just text", "must hold keys and values"),
        (b"a: \xff\n", "file.yaml:1:4: error: is not UTF-8 text"),
        (b"a: b\x00c\n", "file.yaml:1:5: error: holds a character that YAML does not allow"),
    ],
)
def test_what_is_no_configuration_is_refused_in_plain_words(tmp_path: Path, content: str | bytes, words: str) -> None:
    (told,) = refusals(tmp_path, content)
    assert words in told


def test_a_chain_of_aliases_cannot_be_deeper_than_written_nesting(tmp_path: Path) -> None:
    chain = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 60))
    assert "is nested deeper" in refusals(tmp_path, chain)[0]


def test_a_small_file_cannot_grow_into_a_large_one(tmp_path: Path) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for one, two in zip("abcdefghijk", "bcdefghijkl", strict=True):
        bomb += f"{two}: &{two} [{', '.join(['*' + one] * 9)}]\n"
    assert f"grows to more than {MAX_VALUES:,} values" in refusals(tmp_path, bomb)[0]
    few = "\n".join(bomb.splitlines()[:4])  # 7,381 values by now
    merges = f"{few}\nm: &m {{k: *d, l: *d, m: *d}}\nn: {{<<: *m}}\no: {{<<: *m}}\n"
    assert f"grows to more than {MAX_VALUES:,} values" in refusals(tmp_path, merges)[0]


def test_a_large_file_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    assert refusals(tmp_path, b"a: [" + b"x, " * 500_000 + b"]") == [f"file.yaml: error: is larger than {MAX_BYTES:,} bytes"]


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    for name, words in (("none.yaml", "there is no such file"), ("folder.yaml", "is not a file")):
        with pytest.raises(SettingsInvalid) as caught:
            read_document(tmp_path / name, tmp_path)
        assert [str(finding) for finding in caught.value.findings] == [f"{name}: error: {words}"]


def test_a_refusal_carries_no_trace_of_the_text(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        read(tmp_path, "token: made-up-secret\ntoken2: [made-up-secret\n")
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


relaxed = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@relaxed
@given(content=st.binary(max_size=300) | st.text(alphabet="ab:-[]{},*&!|>'\"#%@?<~ \n\t019.\\", max_size=120))
def test_no_bytes_make_a_traceback(tmp_path: Path, content: str | bytes) -> None:
    outcome = attempt(tmp_path, content)
    if isinstance(outcome, Document):
        json.dumps(outcome.data, sort_keys=True, allow_nan=False).encode()
    else:
        assert all(finding.file == "file.yaml" and finding.message for finding in outcome.findings)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(-1e9, 1e9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


@relaxed
@given(data=st.dictionaries(st.text(alphabet="abc_0", min_size=1, max_size=6), plain, max_size=4))
def test_what_is_written_as_json_is_read_as_it_is(tmp_path: Path, data: dict[str, Any]) -> None:
    outcome = attempt(tmp_path, json.dumps(data))
    if isinstance(outcome, Document):
        assert outcome.data == data
    else:
        assert all("cannot be printed" in finding.message for finding in outcome.findings)
