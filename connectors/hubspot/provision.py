"""The properties we need on contacts, in a group of their own: compared with what is there, then created or corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import Misconfigured, RecordRejected
from connectors.fields import FieldChange, FieldKind, FieldSpec
from connectors.hubspot import paths
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.mapping import CONTACTS
from connectors.hubspot.paths import Operation
from connectors.hubspot.wire import Anything, Groups, Properties, Property

# HubSpot docs: property types and how they are edited.
_TYPES: Mapping[FieldKind, tuple[str, str]] = {
    FieldKind.INTEGER: ("number", "number"),
    FieldKind.TEXT: ("string", "text"),
    FieldKind.LONG_TEXT: ("string", "textarea"),
    FieldKind.CHOICE: ("enumeration", "select"),
    FieldKind.DATETIME: ("datetime", "date"),
}
_EXISTS = frozenset(
    {"Properties.PROPERTY_WITH_NAME_EXISTS", "Properties.PROPERTY_GROUP_WITH_NAME_EXISTS", "CONFLICT", "HTTP 409"}
)


@dataclass(frozen=True, slots=True)
class _Step:
    change: FieldChange
    operation: Operation
    body: Mapping[str, Any]
    path: Mapping[str, str] = field(default_factory=dict)


class Provisioning:
    """Plans and applies the properties of one account. `prefix` names the group and begins every property's name."""

    def __init__(self, client: HubSpotClient, *, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    def plan(self, fields: Sequence[FieldSpec]) -> tuple[FieldChange, ...]:
        """What `apply` would do.

        Raises:
            Misconfigured: a property of ours exists with another type, which HubSpot cannot change while it holds values.
        """
        return tuple(step.change for step in self._steps(fields))

    def apply(self, fields: Sequence[FieldSpec]) -> tuple[FieldChange, ...]:
        """Create and correct until nothing is left to do. A second round is needed for a property that had been archived:
        creating it again brings it back as it was."""
        done: list[FieldChange] = []
        for _ in range(2):
            steps = self._steps(fields)
            if not steps:
                break
            for step in steps:
                self._carry_out(step)
                done.append(step.change)
        return tuple(done)

    def _carry_out(self, step: _Step) -> None:
        try:
            self._client.call(step.operation, Anything, query=(), body=step.body, object=CONTACTS, **step.path)
        except RecordRejected as refused:
            if refused.code not in _EXISTS:
                raise Misconfigured(f"{step.change.target}: {refused.what}", code=refused.code) from refused

    def _steps(self, fields: Sequence[FieldSpec]) -> list[_Step]:
        groups = {group.name for group in self._client.call(paths.GROUPS, Groups, object=CONTACTS).results}
        present = {found.name: found for found in self._client.call(paths.PROPERTIES, Properties, object=CONTACTS).results}
        steps = [] if self._prefix in groups else [self._group(next((spec.group for spec in fields if spec.group), ""))]
        for spec in fields:
            name = f"{self._prefix}_{spec.name}"
            found = present.get(name)
            step = self._create(name, spec) if found is None else self._correct(found, spec)
            steps += [] if step is None else [step]
        return steps

    def _group(self, called: str) -> _Step:
        label = called or self._prefix.replace("_", " ").title()
        change = FieldChange("create", f"{CONTACTS} group {self._prefix}", f"holds our properties, shown as {label}")
        return _Step(change, paths.CREATE_GROUP, {"name": self._prefix, "label": label, "displayOrder": -1})

    def _create(self, name: str, spec: FieldSpec) -> _Step:
        kind, field_type = _TYPES[spec.kind]
        body = {"name": name, "type": kind, "fieldType": field_type, "groupName": self._prefix, "formField": False}
        body |= {"label": spec.label, "description": spec.description}
        if spec.kind is FieldKind.CHOICE:
            body["options"] = _options(spec, ())
        return _Step(FieldChange("create", f"{CONTACTS}.{name}", f"{kind}, {spec.label}"), paths.CREATE_PROPERTY, body)

    def _correct(self, found: Property, spec: FieldSpec) -> _Step | None:
        kind, _ = _TYPES[spec.kind]
        if found.type != kind:
            raise Misconfigured(
                f"the contact property {found.name} exists with type {found.type} where {kind} is needed; "
                "delete it in HubSpot or set another field_prefix"
            )
        wanted: dict[str, Any] = {"label": spec.label, "description": spec.description}
        given = {"label": found.label, "description": found.description}
        differs = {part: value for part, value in wanted.items() if given[part] != value}
        options = {(one.value, one.label) for one in found.options}
        if spec.kind is FieldKind.CHOICE and not options.issuperset(spec.options):
            # HubSpot replaces the whole list: what an admin added is sent along.
            differs["options"] = _options(spec, [(one.value, one.label) for one in found.options])
        if not differs:
            return None
        change = FieldChange("update", f"{CONTACTS}.{found.name}", ", ".join(sorted(differs)))
        return _Step(change, paths.UPDATE_PROPERTY, differs, {"name": found.name})


def _options(spec: FieldSpec, present: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    ours = {value for value, _ in spec.options}
    wanted = [*spec.options, *(option for option in present if option[0] not in ours)]
    return [
        {"value": value, "label": label, "displayOrder": order, "hidden": False}
        for order, (value, label) in enumerate(wanted)
    ]
