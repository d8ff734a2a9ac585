"""What a person has refused, and which tasks may still be opened. Pure.

A person who opted out anywhere has opted out; what no CRM says anything about is not known, and refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.tasks import TaskKind
from scoring.facts import Facts
from scoring.qualification import TaskRule

OPT_OUTS: Mapping[str, TaskKind] = {"do_not_call": "call", "opted_out": "email"}
"""Fields of a person that refuse a kind of task when they are true."""
REFUSED: Mapping[TaskKind, str] = {"call": "opted out of calls", "email": "opted out of e-mail"}


def refused(facts: Facts) -> frozenset[TaskKind]:
    """The kinds of tasks that must not be opened for the person."""
    return frozenset(kind for field, kind in OPT_OUTS.items() if facts.person.get(field) is True)


def chosen(rules: Iterable[TaskRule], facts: Facts) -> TaskRule | str | None:
    """The first rule that the person has not refused; the reason if all are refused, None without rules."""
    reasons: dict[str, None] = {}
    no = refused(facts)
    for rule in rules:
        if rule.kind not in no:
            return rule
        reasons[REFUSED[rule.kind]] = None
    return " and ".join(reasons) or None


def line(facts: Facts) -> str:
    """The one line of a hand-over about what the person has agreed to."""
    person = facts.person
    e_mail = _stand(person.get("opted_out"))
    if person.get("opted_out") is not True and person.get("opted_out_partly") is True:
        e_mail = "opted out of some mailings"
    return f"Consent: calls: {_stand(person.get('do_not_call'))}; e-mail: {e_mail}"


def _stand(opted_out: object) -> str:
    if opted_out is True:
        return "opted out, do not use"
    return "not opted out" if opted_out is False else "nothing on record"
