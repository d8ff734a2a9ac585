"""What a field is: its type and the attributes that a describe shows of it."""

from __future__ import annotations

from dataclasses import dataclass, field

Value = str | int | float | bool | dict[str, object] | None
"""A stored value in its JSON form; date-times as `2026-01-31T08:15:00.000+0000`, which sorts as text."""

TEXT_TYPES = frozenset(
    {"string", "textarea", "picklist", "multipicklist", "combobox", "email", "phone", "url", "encryptedstring"}
)
NUMBER_TYPES = frozenset({"double", "currency", "percent", "int"})
ID_TYPES = frozenset({"id", "reference"})
SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
    "anyType": "xsd:anyType",
}
_UNGROUPED = frozenset({"double", "currency", "percent", "datetime", "combobox", "address", "anyType"})
_LONG_TEXT_LENGTH = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class PicklistValue:
    """One entry of a picklist."""

    value: str
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of an object.

    `references` are the objects a lookup may point to; several make it polymorphic. A lookup that `cascades` takes
    its record along when the record it points to is deleted.
    """

    name: str
    type: str
    label: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    defaulted: bool = False
    default: Value = None
    references: tuple[str, ...] = ()
    relationship: str | None = None
    child_relationship: str | None = None
    compound: str | None = None
    picklist: tuple[PicklistValue, ...] = field(default=())
    restricted: bool = False
    id_lookup: bool = False
    external_id: bool = False
    unique: bool = False
    case_sensitive: bool = False
    name_field: bool = False
    custom: bool = False
    permissionable: bool = True
    prefilterable: bool = False
    aggregated: bool = True
    cascades: bool = False

    @property
    def is_long_text(self) -> bool:
        """Text too long to be filtered, sorted or grouped."""
        return self.type == "textarea" and self.length >= _LONG_TEXT_LENGTH

    @property
    def is_text(self) -> bool:
        """Compared without regard to case."""
        return self.type in TEXT_TYPES

    @property
    def is_number(self) -> bool:
        """Can be summed up."""
        return self.type in NUMBER_TYPES

    @property
    def filterable(self) -> bool:
        """May stand in WHERE."""
        return not self.is_long_text and self.type != "anyType"

    @property
    def sortable(self) -> bool:
        """May stand in ORDER BY."""
        return not self.is_long_text and self.type not in ("address", "anyType")

    @property
    def groupable(self) -> bool:
        """May stand in GROUP BY."""
        return not self.is_long_text and self.type not in _UNGROUPED

    @property
    def aggregatable(self) -> bool:
        """May stand in MIN, MAX or COUNT."""
        return self.aggregated and not self.is_long_text and self.type not in ("boolean", "address", "anyType")

    @property
    def polymorphic(self) -> bool:
        """A lookup that may point to several kinds of object."""
        return len(self.references) > 1
