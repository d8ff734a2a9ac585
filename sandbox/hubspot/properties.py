"""Property definitions and groups over the wire (HubSpot docs: properties)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from sandbox.exchange import Reply
from sandbox.hubspot.call import Call, answer, batch_answer, check_size, nothing
from sandbox.hubspot.formulas import Formula, FormulaError, read
from sandbox.hubspot.problems import Problem, invalid
from sandbox.hubspot.schema import Definition, Group, KindSchema, Option, valid_name
from sandbox.hubspot.uniques import MOST_UNIQUE

MOST_OWN = 1_000
"""Properties that can be added to one object type (paid tiers)."""
CALCULATED = "calculation_equation"

ValueType = Literal["bool", "date", "datetime", "enumeration", "number", "phone_number", "string"]
FieldType = Literal[
    "booleancheckbox",
    "calculation_equation",
    "checkbox",
    "date",
    "file",
    "html",
    "number",
    "phonenumber",
    "radio",
    "select",
    "text",
    "textarea",
]

_FIELD_TYPES: dict[str, frozenset[str]] = {
    "bool": frozenset({"booleancheckbox", "calculation_equation"}),
    "date": frozenset({"date"}),
    "datetime": frozenset({"date"}),
    "enumeration": frozenset({"booleancheckbox", "checkbox", "radio", "select", "calculation_equation"}),
    "number": frozenset({"number", "calculation_equation"}),
    "phone_number": frozenset({"phonenumber"}),
    "string": frozenset({"text", "textarea", "html", "file", "phonenumber", "calculation_equation"}),
}


class NewProperty(msgspec.Struct, frozen=True):
    """The body of a property create."""

    name: str
    label: str
    type: ValueType
    fieldType: FieldType  # noqa: N815 - wire name
    groupName: str  # noqa: N815 - wire name
    description: str = ""
    options: tuple[Option, ...] = ()
    displayOrder: int = -1  # noqa: N815 - wire name
    hidden: bool = False
    formField: bool = False  # noqa: N815 - wire name
    hasUniqueValue: bool = False  # noqa: N815 - wire name
    externalOptions: bool = False  # noqa: N815 - wire name
    calculationFormula: str | None = None  # noqa: N815 - wire name


class NewProperties(msgspec.Struct, frozen=True):
    """The body of a batch create."""

    inputs: list[NewProperty]


class PropertyChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a property update; name and uniqueness cannot change."""

    label: str | None = None
    type: ValueType | None = None
    fieldType: FieldType | None = None  # noqa: N815 - wire name
    groupName: str | None = None  # noqa: N815 - wire name
    description: str | None = None
    options: tuple[Option, ...] | None = None
    displayOrder: int | None = None  # noqa: N815 - wire name
    hidden: bool | None = None
    formField: bool | None = None  # noqa: N815 - wire name
    calculationFormula: str | None = None  # noqa: N815 - wire name


class Name(msgspec.Struct, frozen=True):
    """One property name."""

    name: str


class Names(msgspec.Struct, frozen=True):
    """The body of a batch read or archive."""

    inputs: list[Name]
    archived: bool = False


class NewGroup(msgspec.Struct, frozen=True):
    """The body of a group create."""

    name: str
    label: str
    displayOrder: int = -1  # noqa: N815 - wire name


class GroupChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a group update."""

    label: str | None = None
    displayOrder: int | None = None  # noqa: N815 - wire name


def _schema(call: Call) -> KindSchema:
    return call.account.schema.of(call.kind)


def _shown(schema: KindSchema, definition: Definition) -> dict[str, Any]:
    """A definition with its modification metadata."""
    shown: dict[str, Any] = msgspec.to_builtins(definition)
    shown["modificationMetadata"] = {
        "archivable": not definition.hubspotDefined,
        "readOnlyDefinition": definition.hubspotDefined,
        "readOnlyOptions": definition.hubspotDefined and definition.externalOptions,
        "readOnlyValue": schema.traits_of(definition.name).read_only,
    }
    return shown


def list_properties(call: Call) -> Reply:
    """GET all definitions of an object type, or the archived ones."""
    schema = _schema(call)
    table = schema.archived if call.flag("archived") else schema.active
    return answer({"results": [_shown(schema, table[name]) for name in sorted(table)]})


def list_bare(call: Call) -> Reply:
    """GET all definitions the way of `/properties/v2`, which integrations still use: the list is the whole body.

    Its fields are those of v3; v2 knew more of them (believed).
    """
    schema = _schema(call)
    return answer([_shown(schema, schema.active[name]) for name in sorted(schema.active)])


def list_custom_types(_call: Call) -> Reply:
    """GET the custom object types: this account has none."""
    return answer({"results": []})


def read_property(call: Call) -> Reply:
    """GET one definition."""
    schema = _schema(call)
    table = schema.archived if call.flag("archived") else schema.active
    return answer(_shown(schema, _found(table, call.path["property"])))


def _found(table: Mapping[str, Definition], name: str) -> Definition:
    definition = table.get(name)
    if definition is None:
        raise Problem(404, "OBJECT_NOT_FOUND", f"Property '{name}' does not exist", {"propertyName": [name]})
    return definition


def create_property(call: Call) -> Reply:
    """POST a definition; the name of an archived one brings it back with the new definition."""
    schema, new = _schema(call), call.body(NewProperty)
    _check_new(schema, new)
    return answer(_shown(schema, _add(call, schema, new)), 201, f"created property {call.kind.name}.{new.name}")


def create_properties(call: Call) -> Reply:
    """POST batch/create: what exists is an error of a 207, the rest is made."""
    schema, body = _schema(call), call.body(NewProperties)
    check_size(body.inputs)
    results: list[dict[str, Any]] = []
    errors: list[Mapping[str, Any]] = []
    for new in body.inputs:
        try:
            _check_new(schema, new)
        except Problem as problem:
            if problem.status != 409:
                raise
            errors.append(problem.as_item({"name": [new.name]}))
        else:
            results.append(_shown(schema, _add(call, schema, new)))
    return batch_answer(call, results, errors, 201, f"created {len(results)} properties of {call.kind.name}")


def _check_new(schema: KindSchema, new: NewProperty) -> None:
    if new.name in schema.active:
        message = f"A property named '{new.name}' already exists."
        raise Problem(409, "OBJECT_ALREADY_EXISTS", message, sub_category="Properties.PROPERTY_WITH_NAME_EXISTS")
    if not valid_name(new.name):
        raise invalid(f"'{new.name}' is not a valid property name", {"name": [new.name]})
    if new.name.startswith("hs_"):
        raise invalid(f"'{new.name}' starts with a reserved prefix", {"name": [new.name]})
    if new.groupName not in schema.groups:
        raise invalid(f"The property group '{new.groupName}' does not exist", {"groupName": [new.groupName]})
    if new.fieldType not in _FIELD_TYPES[new.type]:
        raise invalid(f"fieldType {new.fieldType} does not go with type {new.type}")
    if new.type == "enumeration" and not new.options and not new.externalOptions:
        raise invalid("A property of type enumeration requires options")
    _check_options(new.options)
    _check_room(schema, new)
    _formula(schema, new.name, new.fieldType, new.calculationFormula)


def _check_room(schema: KindSchema, new: NewProperty) -> None:
    if len(schema.own()) >= MOST_OWN:
        raise invalid(f"You have reached the limit of {MOST_OWN} custom properties for this object")
    former = schema.archived.get(new.name)
    if former is not None and former.hasUniqueValue != new.hasUniqueValue:
        raise invalid("hasUniqueValue cannot be changed, not even of a property that was archived")
    if not new.hasUniqueValue:
        return
    if new.type not in ("string", "number"):
        raise invalid(f"A property of type {new.type} cannot have unique values")
    if len(schema.own_unique()) >= MOST_UNIQUE:
        raise invalid(f"You have reached the limit of {MOST_UNIQUE} properties with unique values for this object")


def _formula(schema: KindSchema, name: str, field_type: str, text: str | None) -> Formula | None:
    """The formula of a calculated property, which looks at properties that are not calculated themselves (believed)."""
    if (field_type == CALCULATED) != bool(text):
        raise invalid(f"calculationFormula goes with fieldType {CALCULATED}, and only with it")
    if not text:
        return None
    try:
        formula = read(text)
    except FormulaError as problem:
        raise invalid(f"calculationFormula was not valid: {problem}") from problem
    unknown = sorted(of for of in formula.inputs if of == name or of not in schema.active or of in schema.formulas)
    if unknown:
        raise invalid("calculationFormula refers to properties that it cannot use", {"calculationFormula": unknown})
    return formula


def _check_options(options: tuple[Option, ...]) -> None:
    values = [option.value for option in options]
    labels = [option.label for option in options]
    if len(set(values)) < len(values) or len(set(labels)) < len(labels):
        raise invalid("Option values and labels must be unique")


def _add(call: Call, schema: KindSchema, new: NewProperty) -> Definition:
    now = call.stamp()
    options = new.options
    if new.type == "bool" and not options:
        options = (Option("Yes", "true", displayOrder=0), Option("No", "false", displayOrder=1))
    fields = {**msgspec.structs.asdict(new), "options": options, "createdAt": now, "updatedAt": now}
    formula = _formula(schema, new.name, new.fieldType, new.calculationFormula)
    fields |= {"calculated": formula is not None, "calculationFormula": new.calculationFormula or msgspec.UNSET}
    definition = Definition(**fields)
    schema.put(definition, formula)
    if formula is not None:
        call.account.recalculate(call.kind)
    return definition


def read_properties(call: Call) -> Reply:
    """POST batch/read definitions by name."""
    schema, body = _schema(call), call.body(Names)
    check_size(body.inputs)
    table = schema.archived if body.archived else schema.active
    names = [entry.name for entry in body.inputs]
    missing = [name for name in names if name not in table]
    errors = [
        Problem(404, "OBJECT_NOT_FOUND", f"Property '{name}' does not exist").as_item({"name": [name]}) for name in missing
    ]
    return batch_answer(call, [_shown(schema, table[name]) for name in names if name in table], errors)


def update_property(call: Call) -> Reply:
    """PATCH a definition; given options replace the whole list."""
    schema, change = _schema(call), call.body(PropertyChange)
    definition = _found(schema.active, call.path["property"])
    given = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not None}
    if definition.hubspotDefined and ({"type", "fieldType", "groupName"} & given.keys()):
        raise invalid(f"The definition of {definition.name} is read only")
    if "groupName" in given and given["groupName"] not in schema.groups:
        raise invalid(f"The property group '{given['groupName']}' does not exist")
    _check_options(given.get("options", ()))
    changed = msgspec.structs.replace(definition, **given, updatedAt=call.stamp())
    if changed.fieldType not in _FIELD_TYPES[changed.type]:
        raise invalid(f"fieldType {changed.fieldType} does not go with type {changed.type}")
    former = definition.calculationFormula or None
    if definition.hubspotDefined:
        schema.active[definition.name] = changed
    else:
        schema.put(changed, _formula(schema, changed.name, changed.fieldType, changed.calculationFormula or None))
    if changed.calculationFormula and changed.calculationFormula != former:
        call.account.recalculate(call.kind)
    return answer(_shown(schema, changed), effect=f"changed property {call.kind.name}.{definition.name}")


def archive_property(call: Call) -> Reply:
    """DELETE a definition; one of HubSpot's own stays."""
    schema = _schema(call)
    _archive(call, schema, call.path["property"])
    return nothing(f"archived property {call.kind.name}.{call.path['property']}")


def archive_properties(call: Call) -> Reply:
    """POST batch/archive; names that are not there are passed over."""
    schema, body = _schema(call), call.body(Names)
    check_size(body.inputs)
    for entry in body.inputs:
        if entry.name in schema.active:
            _archive(call, schema, entry.name)
    return nothing(f"archived properties of {call.kind.name}")


def _archive(call: Call, schema: KindSchema, name: str) -> None:
    definition = _found(schema.active, name)
    if definition.hubspotDefined:
        raise invalid(f"The property {name} is defined by HubSpot and cannot be archived")
    users = sorted(of for of, formula in schema.formulas.items() if name in formula.inputs)
    if users:
        raise invalid(f"The property {name} is used by calculated properties", {"properties": users})
    schema.archive(name, call.stamp())


def list_groups(call: Call) -> Reply:
    """GET all groups of an object type."""
    return answer({"results": list(_schema(call).groups.values())})


def read_group(call: Call) -> Reply:
    """GET one group."""
    return answer(_group(call))


def _group(call: Call) -> Group:
    group = _schema(call).groups.get(call.path["group"])
    if group is None:
        message = f"Property group '{call.path['group']}' does not exist"
        raise Problem(404, "OBJECT_NOT_FOUND", message)
    return group


def create_group(call: Call) -> Reply:
    """POST a group."""
    schema, new = _schema(call), call.body(NewGroup)
    if new.name in schema.groups:
        message = f"A property group named '{new.name}' already exists."
        sub_category = "PropertyGroups.GROUP_WITH_NAME_EXISTS"
        raise Problem(409, "OBJECT_ALREADY_EXISTS", message, sub_category=sub_category)
    if not valid_name(new.name):
        raise invalid(f"'{new.name}' is not a valid property group name")
    schema.groups[new.name] = Group(new.name, new.label, new.displayOrder)
    return answer(schema.groups[new.name], 201, f"created group {call.kind.name}.{new.name}")


def update_group(call: Call) -> Reply:
    """PATCH a group."""
    group, change = _group(call), call.body(GroupChange)
    given = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not None}
    _schema(call).groups[group.name] = msgspec.structs.replace(group, **given)
    return answer(_schema(call).groups[group.name], effect=f"changed group {call.kind.name}.{group.name}")


def archive_group(call: Call) -> Reply:
    """DELETE a group that holds no property."""
    group, schema = _group(call), _schema(call)
    if any(definition.groupName == group.name for definition in schema.active.values()):
        raise invalid(f"The property group '{group.name}' still holds properties")
    del schema.groups[group.name]
    return nothing(f"archived group {call.kind.name}.{group.name}")
