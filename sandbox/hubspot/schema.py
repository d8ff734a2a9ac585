"""Property definitions and groups of an account: what exists, what an admin or an app adds and archives."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import msgspec

from sandbox.hubspot.catalogue import OPTIONS, STANDARD
from sandbox.hubspot.formulas import Formula
from sandbox.hubspot.kinds import KINDS, Kind

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


class Option(msgspec.Struct, frozen=True, omit_defaults=False):
    """One choice of an enumeration; `value` is the internal name that records hold."""

    label: str
    value: str
    hidden: bool = False
    displayOrder: int = -1  # noqa: N815 - wire name
    description: str = ""


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """One property as the wire shows it, but for its modification metadata (`read_only`) and option source."""

    name: str
    label: str
    type: str
    fieldType: str  # noqa: N815 - wire name
    groupName: str  # noqa: N815 - wire name
    description: str = ""
    options: tuple[Option, ...] = ()
    displayOrder: int = -1  # noqa: N815 - wire name
    hidden: bool = False
    formField: bool = False  # noqa: N815 - wire name
    hasUniqueValue: bool = False  # noqa: N815 - wire name
    calculated: bool = False
    calculationFormula: str | msgspec.UnsetType = msgspec.UNSET  # noqa: N815 - wire name
    externalOptions: bool = False  # noqa: N815 - wire name
    hubspotDefined: bool = False  # noqa: N815 - wire name
    createdAt: str = "2020-01-01T00:00:00Z"  # noqa: N815 - wire name
    updatedAt: str = "2020-01-01T00:00:00Z"  # noqa: N815 - wire name
    archived: bool = False
    archivedAt: str | msgspec.UnsetType = msgspec.UNSET  # noqa: N815 - wire name


@dataclass(frozen=True, slots=True)
class Traits:
    """What the wire does not show of a definition: who may write it, and where its options are kept."""

    read_only: bool = False
    source: str = ""


class Group(msgspec.Struct, frozen=True):
    """A property group as the wire shows it."""

    name: str
    label: str
    displayOrder: int = -1  # noqa: N815 - wire name
    archived: bool = False


@dataclass(slots=True)
class KindSchema:
    """Properties and groups of one object type."""

    active: dict[str, Definition] = field(default_factory=dict)
    archived: dict[str, Definition] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    traits: dict[str, Traits] = field(default_factory=dict)
    formulas: dict[str, Formula] = field(default_factory=dict)

    def traits_of(self, name: str) -> Traits:
        """Traits of a property; those of an added one are plain."""
        return self.traits.get(name, _PLAIN)

    def own(self) -> list[Definition]:
        """The properties that the account's admins and apps added."""
        return [definition for definition in self.active.values() if not definition.hubspotDefined]

    def own_unique(self) -> list[str]:
        """Names of those among them whose values no two records share."""
        return [definition.name for definition in self.own() if definition.hasUniqueValue]

    def put(self, definition: Definition, formula: Formula | None) -> None:
        """Add a property or take a changed one; one with a formula is worked out and cannot be written."""
        self.archived.pop(definition.name, None)
        self.active[definition.name] = definition
        if formula is not None:
            self.formulas[definition.name] = formula
            self.traits[definition.name] = Traits(read_only=True)

    def archive(self, name: str, at: str) -> None:
        """Put a property into the bin; what records hold of it stays."""
        self.archived[name] = msgspec.structs.replace(self.active.pop(name), archived=True, archivedAt=at)
        if self.formulas.pop(name, None) is not None:
            del self.traits[name]


_PLAIN = Traits()


class Schema:
    """All definitions of one account, as HubSpot sets it up and its admin extended it."""

    def __init__(self) -> None:
        self._kinds = {kind.name: _standard(kind) for kind in KINDS}

    def of(self, kind: Kind) -> KindSchema:
        """Properties and groups of one object type."""
        return self._kinds[kind.name]


def valid_name(name: str) -> bool:
    """Lower-case letters, digits and underscores, starting with a letter (HubSpot docs: properties)."""
    return _NAME.fullmatch(name) is not None


def _standard(kind: Kind) -> KindSchema:
    schema = KindSchema()
    for line in filter(None, STANDARD[kind].splitlines()):
        name, label, types, group, flag_text = (part.strip() for part in line.split("|"))
        flags = set(flag_text.split())
        value_type, field_type = types.split("/")
        source = next((s for s in ("owner", "pipeline", "stage") if s in flags), "")
        schema.active[name] = Definition(
            name=name,
            label=label,
            type=value_type,
            fieldType=field_type,
            groupName=group,
            options=_options(name, value_type),
            externalOptions=bool(source),
            hubspotDefined="custom" not in flags,
            hasUniqueValue=name in kind.unique,
        )
        if "ro" in flags or source:
            schema.traits[name] = Traits(read_only="ro" in flags, source=source)
        if group not in schema.groups:
            schema.groups[group] = Group(group, group.capitalize(), len(schema.groups))
    return schema


def _options(name: str, value_type: str) -> tuple[Option, ...]:
    if value_type == "bool":
        return (Option("Yes", "true", displayOrder=0), Option("No", "false", displayOrder=1))
    values = OPTIONS.get(name, ())
    labels = [value.replace("_", " ").capitalize() for value in values]
    return tuple(
        Option(label, value, displayOrder=place) for place, (label, value) in enumerate(zip(labels, values, strict=True))
    )
