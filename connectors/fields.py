"""The properties Leadline asks a CRM to hold, and the steps that make them."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from msgspec import Struct


class FieldKind(StrEnum):
    """The kinds of property Leadline provisions."""

    INTEGER = "integer"
    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    DATETIME = "datetime"


class FieldSpec(Struct, frozen=True):
    """A property Leadline needs on every person record. `length` is in characters; `options` are (value, label).

    `group` is what the properties are shown under where the CRM groups them; empty leaves it to the connector.
    `filled_by_reps`: people give its value and Leadline reads it, so reps must be able to edit it.
    """

    name: str
    label: str
    description: str
    kind: FieldKind
    length: int = 255
    options: tuple[tuple[str, str], ...] = ()
    group: str = ""
    filled_by_reps: bool = False


class FieldChange(Struct, frozen=True):
    """One step of provisioning, as `provision` prints it: `target` is the thing in the CRM, `verb` what happens to it."""

    verb: Literal["create", "update", "grant"]
    target: str
    detail: str
