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
    assert set(told("what came of a crossing")) == set(outcomes_in_code())


def outcomes_in_code() -> Iterator[str]:
    """What the engine writes into `crossings.outcome`: by `settle_crossing`, by `outcome=…`, and when a crossing is new.

    A name there stands for what `settle_crossing` was given, or for the outcome of a run.
    """
    for path in sorted((ROOT / "leadline").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Attribute) and node.func.attr == "settle_crossing":
                yield literal(node.args[2])
            if isinstance(node.func, ast.Attribute) and node.func.attr == "values":
                named = [one.value for one in node.keywords if one.arg == "outcome"]
                yield from (literal(one) for one in named if not isinstance(one, ast.Name))
    yield from ("wanted", "no task")


def literal(node: ast.expr) -> str:
    assert isinstance(node, ast.Constant), "an outcome is written out where it is stored"
    return str(node.value)


def test_every_lane_state_and_end_is_drawn() -> None:
    drawn = "".join(re.findall(r"```\n(.*?)```", PAGE.read_text(), re.DOTALL))
    for word in (*STATES, *names(Outcome), *names(TaskOutcome), *Settled):
        if word != Settled.UNKNOWN:
            assert word in drawn, f"{word} is in no diagram"
