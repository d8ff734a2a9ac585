"""`score` and `check`: a model applied to loose facts, and a configuration that tests itself."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from leadline.cli import app
from tests.engine import CONFIG

AS_OF = "2026-11-21T00:00:00Z"
ANA = {"id": "p1", "person": {"email": "ana@acme.example", "seniority": "vp"}}
BO = {
    "id": "p2",
    "person": {"email": "bo@birch.example"},
    "events": [{"id": "e1", "type": "demo_request", "at": "2026-11-20T10:00:00Z"}],
}


def lines(*facts: object) -> str:
    return "".join(json.dumps(one) + "\n" for one in facts)


def score(facts: str, *options: str, stdin: str | bytes | None = None, model: Path | None = None) -> Result:
    shipped = model or CONFIG / "scoring" / "inbound.yaml"
    arguments = ["score", facts, "--model", str(shipped), "--lists", str(CONFIG / "lists"), "--as-of", AS_OF, *options]
    return CliRunner().invoke(app, arguments, input=stdin)


def breakdowns(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "facts.jsonl"
    path.write_text(lines(ANA, BO), encoding="utf-8")
    return path


def test_each_line_of_facts_gives_one_breakdown_in_the_same_order(file: Path) -> None:
    result = score(str(file), "--json")
    assert result.exit_code == 0
    first, second = breakdowns(result)
    assert (first["id"], second["id"]) == ("p1", "p2")
    assert (first["grade"], second["engagement"]) == ("C4", 21.5)
    assert sum(line["points"] for line in second["lines"]) == pytest.approx(second["total"])


def test_it_needs_no_store_and_leaves_nothing_behind(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.chdir(tmp_path)
    assert score(str(file)).exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_loose_files_may_ask_any_field(file: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.yaml"
    rule = "{id: r, points: 5, when: {person.what nothing maps: {known: false}}}"
    fit, engagement = f"fit: {{limit: 50, groups: {{g: {{rules: [{rule}]}}}}}}", "engagement: {limit: 50, groups: {}}"
    model.write_text(f"model: m\n{fit}\n{engagement}\n", encoding="utf-8")
    assert [one["fit"] for one in breakdowns(score(str(file), model=model))] == [5, 5]


def test_json_is_what_comes_without_asking(file: Path) -> None:
    assert score(str(file)).stdout == score(str(file), "--json").stdout


def test_facts_may_come_from_standard_input(file: Path) -> None:
    assert score("-", stdin=lines(ANA, BO)).stdout == score(str(file)).stdout


def test_empty_lines_mean_nothing() -> None:
    assert len(breakdowns(score("-", stdin="\n" + lines(ANA) + "\n\n"))) == 1


def test_a_table_has_a_row_for_each_person(file: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(score(str(file), "--csv").stdout)))
    assert [(row["id"], row["grade"], row["headline"]) for row in rows] == [
        ("p1", "C4", "Senior decision maker"),
        ("p2", "D2", "Asked for a demo"),
    ]


def test_one_form_of_answer_at_a_time(file: Path) -> None:
    result = score(str(file), "--csv", "--json")
    assert result.exit_code == 2
    assert "choose one" in result.stderr


def test_a_bad_line_ends_it_with_its_place_and_without_its_values() -> None:
    bad = {"id": "p3", "person": "ana@acme.example"}
    result = score("-", stdin=lines(ANA, bad, BO))
    assert result.exit_code == 1
    assert len(breakdowns(result)) == 1
    assert "-:2: error: person is not an object" in result.stderr
    assert "ana@" not in result.stderr


@pytest.mark.parametrize("bad", ["{", '{"person": {}}', "[]", '{"id": "x", "evnts": []}'])
def test_bad_lines_can_be_skipped_and_are_counted(bad: str) -> None:
    result = score("-", "--skip-bad", stdin=lines(ANA) + bad + "\n" + lines(BO))
    assert result.exit_code == 0
    assert [one["id"] for one in breakdowns(result)] == ["p1", "p2"]
    assert "1 bad line was skipped" in result.stderr


DEEP = '{"id": "x", "person": {"a": ' + "[" * 100_000 + "]" * 100_000 + "}}"
EVENT = '{"id": "x", "events": [{"id": "e", "type": "page_view", "at": "%s"}]}'
OVERRIDE = '{"id": "x", "overrides": [{"points": %s, "until": "2027-01-01"}]}'


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (b'{"id": "x", "person": {"title": "\xff"}}', "not JSON"),
        (b'{"id": "x\x00"}', "not JSON"),
        (b'{"id": "x", "person": {"title": "\\ud800"}}', "not JSON"),
        (b'{"id": "x", "person": {"n": NaN}}', "not JSON"),
        (b'{"id": "x", "person": {"n": 1e400}}', "not JSON"),
        (b'{"id": "x", "person": {"n": ' + b"9" * 5000 + b"}}", "not JSON"),
        (DEEP.encode(), "not JSON"),
        ((EVENT % "10000-01-01").encode(), "events[0].at"),
        ((EVENT % "0001-01-01T00:00:00+01:00").encode(), "events[0].at"),
        ((OVERRIDE % "1e300").encode(), "overrides[0].points is no number between -1,000,000 and 1,000,000"),
        ((OVERRIDE % ("9" * 400)).encode(), "overrides[0].points"),
        (b'{"id": "x", "deals": [{"id": "d", "amount": 1e300}]}', "deals[0].amount"),
    ],
)
@pytest.mark.parametrize("source", ["file", "-"])
def test_whatever_a_line_holds_it_is_scored_or_named(bad: bytes, words: str, source: str, tmp_path: Path) -> None:
    path = tmp_path / "facts.jsonl"
    path.write_bytes(lines(ANA).encode() + bad + b"\n" + lines(BO).encode())
    result = score(str(path) if source == "file" else "-", "--skip-bad", stdin=path.read_bytes())
    assert result.exit_code == 0, result.exception
    assert [one["id"] for one in breakdowns(result)] == ["p1", "p2"]
    assert f":2: error: {words}" in "".join(result.stderr.splitlines())


@pytest.mark.parametrize(
    "odd",
    [
        {"title": "vp" + "x" * 10_000_000},
        {"title": "a\0b", "since": "0001-01-01"},
        {"title": "9" * 5000, "since": "9999-12-31"},
        {"title": "\U0001f600\u202e\ufeff", "seniority": ["vp"] * 10_000},
    ],
)
def test_what_is_odd_but_facts_is_scored_and_its_reasons_add_up(odd: dict[str, object]) -> None:
    old = {"id": "e", "type": "page_view", "at": "1969-12-31T23:59:59Z", "url": "/pricing", "seconds": -1e300}
    (found,) = breakdowns(score("-", stdin=lines({"id": "x", "person": odd, "events": [old]})))
    assert sum(line["points"] for line in found["lines"]) == pytest.approx(found["total"])


def test_a_file_that_a_spreadsheet_wrote_begins_with_a_mark_and_is_read() -> None:
    assert len(breakdowns(score("-", stdin=b"\xef\xbb\xbf" + lines(ANA).replace("\n", "\r\n").encode()))) == 1


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "10000-01-01", "2026-02-30"])
def test_a_moment_beyond_the_calendar_is_no_moment(moment: str, file: Path) -> None:
    result = CliRunner().invoke(app, ["score", str(file), "--model", "m.yaml", "--as-of", moment])
    assert result.exit_code == 2
    assert "is no time" in result.stderr


def test_a_file_that_is_not_there_is_the_commands_mistake(tmp_path: Path) -> None:
    result = score(str(tmp_path / "none.jsonl"))
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


def test_a_moment_must_be_a_moment(file: Path) -> None:
    result = CliRunner().invoke(app, ["score", str(file), "--model", "m.yaml", "--as-of", "yesterday"])
    assert result.exit_code == 2
    assert "is no time" in result.stderr


def test_a_model_with_mistakes_is_refused_with_their_places(file: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.yaml"
    model.write_text("model: m\nfit:\n  limt: 50\n", encoding="utf-8")
    result = score(str(file), model=model)
    assert result.exit_code == 2
    assert "model.yaml:3" in result.stderr
    assert "limit" in result.stderr
    assert result.stdout == ""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    shutil.rmtree(folder / "connections")
    (folder / "connections").mkdir()
    (folder / "connections" / "acme.yaml").write_text(
        "type: connectors.memory:MemoryConnector\nsettings: {crm: acme}\n", encoding="utf-8"
    )
    return folder


def check(config: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["check", "--config", str(config), *options])


def test_a_good_configuration_is_well_and_names_what_it_holds(config: Path) -> None:
    result = check(config)
    assert result.exit_code == 0, result.stderr
    assert "All is well: acme; model inbound with" in result.stdout


def test_a_model_whose_own_test_fails_is_a_mistake_in_the_configuration(config: Path) -> None:
    model = config / "scoring" / "inbound.yaml"
    changed = model.read_text(encoding="utf-8").replace("expect: {grade: D4, total: {below: 10}}", "expect: {grade: A1}")
    model.write_text(changed, encoding="utf-8")
    result = check(config)
    assert result.exit_code == 2
    line = changed[: changed.index("expect: {grade: A1}\n")].count("\n") + 1
    said = "error: this test fails: a student who reads the blog: grade is D4"
    assert "".join(f"inbound.yaml:{line}:14: {said}".split()) in "".join(result.stderr.split())  # however lines are broken
    assert "All is well" not in result.stdout


def test_a_configuration_with_mistakes_starts_nothing(config: Path) -> None:
    (config / "leadline.yaml").write_text("delivery: {min_chnge: 3}\n", encoding="utf-8")
    result = check(config)
    assert result.exit_code == 2
    assert "leadline.yaml:1" in result.stderr
    assert 'did you mean "min_change"?' in result.stderr
    assert "Nothing was started" in result.stderr


def test_schemas_for_editors_are_written_when_asked_for(config: Path) -> None:
    shutil.rmtree(config / "schema")
    assert check(config, "--write-schema").exit_code == 0
    assert (config / "schema" / "scoring.json").is_file()
