"""The guide for sales says what the code does: properties and choices by the names that reps see, and the shipped rules."""

from __future__ import annotations

import re
from pathlib import Path

from leadline.fields import field_specs, heartbeat_spec
from leadline.settings.properties import DEFAULT, EXTENDED
from leadline.words import ENGLISH
from tests.engine import shipped_qualification

GUIDE = (Path(__file__).parents[3] / "docs" / "guide" / "for-sales.md").read_text(encoding="utf-8")
BOLD = set(re.findall(r"\*\*([^*]+)\*\*", " ".join(GUIDE.split())))


def first_cells(heading: str) -> list[str]:
    """What is bold at the beginning of the rows below a heading."""
    section = GUIDE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| \*\*([^*]+)\*\* \|", section, re.MULTILINE)


def test_the_default_properties_stand_in_the_table_in_the_order_of_the_record() -> None:
    labels = [spec.label for spec in field_specs(shipped_qualification(), ENGLISH, DEFAULT)]
    assert first_cells("What each property means") == labels


def test_every_other_property_is_explained_too() -> None:
    more = field_specs(shipped_qualification(), ENGLISH, [name for name in EXTENDED if name not in DEFAULT])
    assert {spec.label for spec in (*more, heartbeat_spec())} <= BOLD


def test_every_choice_of_feedback_is_explained() -> None:
    assert first_cells("What your feedback does") == list(ENGLISH.feedback.model_dump().values())


def test_what_feedback_does_is_what_the_shipped_rules_do() -> None:
    (aside,) = [stage for stage in shipped_qualification().stages if stage.is_aside]
    assert aside.enter is not None
    assert aside.enter.feedback is not None
    assert aside.enter.feedback.one_of == ("bad_fit", "not_real")
    assert aside.comes_back is not None
    assert f"after {aside.comes_back.after} days" in GUIDE
    assert aside.comes_back.condition is not None
    assert aside.comes_back.condition.new_events is True


def test_it_names_nothing_that_is_not_there() -> None:
    labels = {spec.label for spec in (*field_specs(shipped_qualification(), ENGLISH, EXTENDED), heartbeat_spec())}
    others = {"Fit", "Engagement", "BANT"}
    assert labels | set(ENGLISH.feedback.model_dump().values()) | others >= BOLD


def test_it_is_one_page() -> None:
    assert len(GUIDE.split()) < 900
