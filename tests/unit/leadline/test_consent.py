"""Who opted out of calls is not called."""

from __future__ import annotations

from typing import Any

import pytest

from leadline import consent
from scoring.facts import Facts
from scoring.qualification import TaskRule

CALL = TaskRule.model_validate({"id": "ring", "on": {"enter": "sql"}, "kind": "call", "due": "1d"})
EMAIL = TaskRule.model_validate({"id": "write", "on": {"enter": "sql"}, "kind": "email", "due": "1d"})
TODO = TaskRule.model_validate({"id": "look", "on": {"enter": "sql"}, "due": "1d"})


def who(**person: Any) -> Facts:
    return Facts("p1", person=person)


@pytest.mark.parametrize(
    ("person", "rules", "opens"),
    [
        ({}, [CALL, EMAIL], CALL),
        ({"do_not_call": False}, [CALL, EMAIL], CALL),
        ({"do_not_call": True}, [CALL, EMAIL], EMAIL),
        ({"opted_out": True}, [CALL, EMAIL], CALL),
        ({"opted_out": True}, [EMAIL, TODO], TODO),
        ({"opted_out_partly": True}, [EMAIL], EMAIL),
        ({"do_not_call": True}, [CALL], "opted out of calls"),
        ({"do_not_call": True, "opted_out": True}, [CALL, EMAIL], "opted out of calls and opted out of e-mail"),
        ({"do_not_call": True, "opted_out": True}, [CALL, EMAIL, TODO], TODO),
        ({"do_not_call": True}, [], None),
    ],
)
def test_the_first_rule_opens_that_was_not_refused(person: dict[str, Any], rules: list[TaskRule], opens: object) -> None:
    assert consent.chosen(rules, who(**person)) == opens


@pytest.mark.parametrize(
    ("person", "line"),
    [
        ({}, "Consent: calls: nothing on record; e-mail: nothing on record"),
        ({"do_not_call": True}, "Consent: calls: opted out, do not use; e-mail: nothing on record"),
        ({"opted_out": False}, "Consent: calls: nothing on record; e-mail: not opted out"),
        (
            {"opted_out": False, "opted_out_partly": True},
            "Consent: calls: nothing on record; e-mail: opted out of some mailings",
        ),
        (
            {"opted_out": True, "opted_out_partly": True},
            "Consent: calls: nothing on record; e-mail: opted out, do not use",
        ),
    ],
)
def test_the_rep_reads_what_is_on_record(person: dict[str, Any], line: str) -> None:
    assert consent.line(who(**person)) == line
