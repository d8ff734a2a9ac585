"""`python -m leadline demo`: the whole way once, as somebody sees it who has just cloned the repository."""

from __future__ import annotations

import os
import re
from pathlib import Path

import httpx
import pytest

from tests.acceptance.world import Started

DEMO_SECONDS = 180.0


def test_the_demo_fills_both_crms_shows_what_came_of_it_and_ends_quietly(tmp_path: Path) -> None:
    """One test with many claims, because one run of the demo serves them all."""
    demo = Started(("demo",), os.environ | {"TMPDIR": str(tmp_path)}, tmp_path / "demo.out").wait(DEMO_SECONDS)
    assert demo.code == 0, demo.out + demo.err
    assert "Second cycle: 0 writes" in demo.out
    shows_what_was_read_and_written_in_how_many_calls(demo.out)
    shows_the_grades_of_everybody(demo.out)
    shows_ten_leads(demo.out)
    for crm in ("hubspot", "salesforce"):
        shows_a_record_with_its_task(demo.out, crm)
    leaves_nothing_running(demo.out)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("leadline-demo")] == []


def shows_what_was_read_and_written_in_how_many_calls(said: str) -> None:
    rows = {name: numbers_in(row_of(said, name)) for name in ("hubspot", "salesforce")}
    for contacts, companies, deals, engagements, owners, written, opened, refused, calls in rows.values():
        assert min(contacts, companies, deals, engagements, owners, written, opened, calls) > 0
        assert refused == 0
    assert sum(numbers[0] for numbers in rows.values()) > 2_000


def shows_the_grades_of_everybody(said: str) -> None:
    matrix = [numbers_in(row_of(said, letter)) for letter in "ABCD"]
    assert [len(row) for row in matrix] == [4, 4, 4, 4]
    summary = re.search(r"Knocked out: ([\d,]+)\. Persons in all: ([\d,]+)\.", said)
    assert summary is not None
    knocked_out, everybody = (int(number.replace(",", "")) for number in summary.groups())
    assert sum(map(sum, matrix)) + knocked_out == everybody
    assert everybody > 1_900


def shows_ten_leads(said: str) -> None:
    table = said[said.index("The ten best leads") :]
    places = re.findall(r"^│ +(\d+) +│", table, flags=re.MULTILINE)
    assert places[:10] == [str(place) for place in range(1, 11)]
    assert "missing:" in table


def shows_a_record_with_its_task(said: str, crm: str) -> None:
    seen = re.search(
        rf"As the rep sees \S+ in {crm}, read back from \S+\n(.*?)(?=As the rep sees|Second cycle)", said, re.DOTALL
    )
    assert seen is not None
    assert "Lead score" in seen[1]
    assert "Why now" in seen[1]


def leaves_nothing_running(said: str) -> None:
    addresses = set(re.findall(r"https?://127\.0\.0\.1:\d+", said))
    assert len(addresses) == 2
    for address in addresses:
        with pytest.raises(httpx.ConnectError):
            httpx.get(address, trust_env=False, verify=False)


def row_of(said: str, name: str) -> str:
    """The table row whose first cell is this."""
    row = re.search(rf"^│ *{name} *│(.*)│$", said, flags=re.MULTILINE)
    assert row is not None, said
    return row[1]


def numbers_in(row: str) -> list[int]:
    return [int(number.replace(",", "")) for number in re.findall(r"[\d,]+", row)]
