"""Rules for the form of values over the wire (HubSpot docs: property validations)."""

from __future__ import annotations

import msgspec

from sandbox.exchange import Reply
from sandbox.hubspot.call import Call, answer, nothing
from sandbox.hubspot.problems import Problem, invalid
from sandbox.hubspot.rules import RULE_TYPES, FormRule, usable
from sandbox.hubspot.schema import Definition


class NewRule(msgspec.Struct, frozen=True):
    """The body of a rule."""

    ruleArguments: tuple[str, ...]  # noqa: N815 - wire name
    shouldApplyNormalization: bool = False  # noqa: N815 - wire name


def list_rules(call: Call) -> Reply:
    """GET all properties of an object type that have rules."""
    mine = {name: rules for (kind, name), rules in call.account.rules.by_property.items() if kind == call.kind.name}
    results = [{"propertyName": name, "propertyValidationRules": list(rules.values())} for name, rules in mine.items()]
    return answer({"results": results})


def read_rules(call: Call) -> Reply:
    """GET the rules of one property."""
    return answer({"results": call.account.rules.of(call.kind, _definition(call).name)})


def read_rule(call: Call) -> Reply:
    """GET the rule of one type."""
    found = [rule for rule in call.account.rules.of(call.kind, _definition(call).name) if rule.ruleType == _type(call)]
    if not found:
        raise Problem(404, "OBJECT_NOT_FOUND", f"{call.path['property']} has no rule {_type(call)}")
    return answer(found[0])


def put_rule(call: Call) -> Reply:
    """PUT a rule in place of the former one of its type."""
    definition, new = _definition(call), call.body(NewRule)
    rule = FormRule(_type(call), new.ruleArguments, new.shouldApplyNormalization)
    if not usable(rule, definition.type):
        raise invalid(f"{rule.ruleType} with {list(rule.ruleArguments)} does not go with type {definition.type}")
    call.account.rules.put(call.kind, definition.name, rule)
    return nothing(f"set rule {rule.ruleType} of {call.kind.name}.{definition.name}")


def _definition(call: Call) -> Definition:
    found = call.account.schema.of(call.kind).active.get(call.path["property"])
    if found is None:
        raise Problem(404, "OBJECT_NOT_FOUND", f"Property '{call.path['property']}' does not exist")
    return found


def _type(call: Call) -> str:
    if call.path["rule"] not in RULE_TYPES:
        raise invalid(f"{call.path['rule']} is not one of the rule types [{', '.join(sorted(RULE_TYPES))}]")
    return call.path["rule"]
