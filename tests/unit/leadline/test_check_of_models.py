"""What `check` finds in a scoring model: each kind of finding stands in the corpus with its file, line and column."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[2] / "configs" / "bad"
PLACE = r"config/scoring/[a-z]+\.yaml:[0-9]+:[0-9]+: "

KINDS = {
    "an unknown key, with the one probably meant": 'error: unknown key ".*", did you mean "',
    "a field that nothing maps": 'error: nothing maps the field "',
    "a slip in a sentence": 'warning: nothing maps the field ".*", did you mean "',
    "a list that is not there": 'error: there is no list named "',
    "an event type that nothing delivers": 'warning: nothing delivers events of type ".*", did you mean "',
    "an id used twice": 'error: the id ".*" is used twice',
    "bands that overlap": "error: this band overlaps",
    "a gap between bands": "warning: nothing covers 10 to 20",
    "a grade out of reach for want of points": "warning: no lead can reach engagement 1: at most 20 of 50",
    "a grade hidden by the better one": "warning: no lead can reach engagement 3: the better one starts as low",
    "a rule that can never matter": 'warning: the rule ".*" gives 0 points, so it can never matter',
    "points that can never matter": "warning: 70 lies above the limit of group intent, 20: nobody feels the rest",
    "a condition that is never true": "warning: this is never true",
    "a condition that is always true": "warning: this is always true",
    "a condition true of all that is known": "warning: this is true of every value",
    "a condition that asks nothing": "warning: this condition asks no field",
    "a pattern that does not compile": "error: matches: not a regular expression: unclosed",
    "look-around": "error: matches: not a regular expression: look-around",
    "limits that are not 100": "error: the limits of fit and engagement sum to .*, not to 100",
    "a signal without any limit": 'warning: neither the signal ".*" nor its group has a limit',
    "a name": 'warning: the field "person.last_name" gives away sex and origin',
    "an age": 'warning: the field "person.age" gives away age',
    "a sex": 'warning: the field "person.gender" gives away sex',
    "a nationality": 'warning: the field "person.nationality" gives away nationality',
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_found_with_its_file_line_and_column(kind: str) -> None:
    told = [line for path in CORPUS.glob("*/expected.txt") for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line for line in told if re.match(PLACE + KINDS[kind], line)]
