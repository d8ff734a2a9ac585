"""The page on delivery speaks in the words of the code, all of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import pytest

from connectors.contract import Outcome, TaskOutcome
from leadline.closing import Settled
from leadline.state.outbox import KINDS, STATES, Lane
from leadline.state.scores import Came

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "reference" / "delivery.md"
NAMES = {"Written": "written", "Opened": "opened", "Rejected": "rejected", "RetryAt": "retry", "Gone": "gone"}


def told(word: str) -> list[str]:
    """The values that the table at the top gives for a word."""
    (row,) = re.findall(rf"^\| {re.escape(word)}[^|]*\| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    return re.findall(r"`([^`]+)`", row)


def names(outcomes: object) -> list[str]:
    return [NAMES[kind.__name__] for kind in get_args(outcomes)]


@pytest.mark.parametrize(
    ("word", "in_code"),
    [
        ("kind", KINDS),
        ("state of a row", STATES),
        ("lane", [lane.name.lower() for lane in Lane]),
        ("outcome of values", names(Outcome)),
        ("outcome of a task", names(TaskOutcome)),
        ("what became of a task to be closed or changed", [one.value for one in Settled]),
    ],
)
def test_the_page_has_the_words_of_the_code(word: str, in_code: Sequence[str]) -> None:
    assert told(word) == list(in_code)


def test_the_page_names_everything_that_can_come_of_a_crossing() -> None:
    assert told("what came of a crossing") == list(get_args(Came))


def test_nothing_else_is_written_to_a_crossing() -> None:
    """`settle_crossing` takes no other word; statements of their own are looked through here."""
    assert set(written_out()) <= set(get_args(Came))


def written_out() -> Iterator[str]:
    """What `values(outcome=…)` writes in the code. A name there is what a typed function was given."""
    for path in sorted((ROOT / "leadline").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values":
                named = [one.value for one in node.keywords if one.arg == "outcome"]
                yield from (literal(one) for one in named if isinstance(one, ast.Constant))


def literal(node: ast.Constant) -> str:
    return str(node.value)


def test_every_lane_state_and_end_is_drawn() -> None:
    drawn = "".join(re.findall(r"```\n(.*?)```", PAGE.read_text(), re.DOTALL))
    for word in (*STATES, *names(Outcome), *names(TaskOutcome), *Settled):
        if word != Settled.UNKNOWN:
            assert word in drawn, f"{word} is in no diagram"
