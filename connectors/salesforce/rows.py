"""One row of a query answer, read with care: every accessor checks the type and gives None for what is not there."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from connectors.errors import ContractBroken
from connectors.records import Ref

_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_OBJECT_OF_PREFIX = {"00Q": "Lead", "003": "Contact"}


@dataclass(frozen=True, slots=True)
class Row:
    """Values as Salesforce sent them, under its field names; `stamp` names the field that tells the last change."""

    values: Mapping[str, Any]
    stamp: str

    @property
    def id(self) -> str:
        """The row's own id."""
        if (found := self.text("Id")) is None:
            raise ContractBroken("Salesforce sent a row without the Id it was asked for")
        return found

    @property
    def modified_at(self) -> datetime:
        """When the row last changed."""
        if (found := self.moment(self.stamp)) is None:
            raise ContractBroken(f"Salesforce sent a row without the {self.stamp} it was asked for")
        return found

    def value(self, path: str) -> Any:
        """The raw value; a path such as `Campaign.Name` goes through the parent."""
        found: Any = self.values
        for part in path.split("."):
            if not isinstance(found, Mapping):
                return None
            found = found.get(part)
        return found

    def text(self, path: str) -> str | None:
        """The value as text, trimmed; None when empty."""
        return as_text(self.value(path))

    def flag(self, path: str) -> bool:
        """Whether the value is true."""
        return self.value(path) is True

    def number(self, path: str) -> int | float | None:
        """The value as a number, also when it is text."""
        return as_number(self.value(path))

    def moment(self, path: str) -> datetime | None:
        """The value as an aware UTC time; a date counts from midnight UTC."""
        return as_moment(self.value(path))

    def day(self, path: str) -> date | None:
        """The value as a date; never shifted between time zones."""
        return as_day(self.value(path))

    def ref(self, object_name: str, path: str) -> Ref | None:
        """The record of `object_name` that a lookup points at."""
        found = self.text(path)
        return None if found is None else Ref(object_name, found)

    def person(self, path: str) -> Ref | None:
        """The Lead or Contact that a lookup points at, told by the id's first three characters; None for anything else."""
        return person_ref(self.text(path))


def person_ref(record_id: str | None) -> Ref | None:
    """The Lead (`00Q…`) or Contact (`003…`) with this id; None for other objects."""
    if record_id is None or (object_name := _OBJECT_OF_PREFIX.get(record_id[:3])) is None:
        return None
    return Ref(object_name, record_id)


def long_id(record_id: str) -> str:
    """The 18-character form of an id. Messages may carry the 15-character one, which differs by case alone.

    Each further character tells which of five are upper case (Salesforce docs: Record IDs).
    """
    if len(record_id) != 15:
        return record_id
    blocks = (record_id[start : start + 5] for start in (0, 5, 10))
    return record_id + "".join(_SUFFIX[_upper_case_bits(block)] for block in blocks)


def _upper_case_bits(block: str) -> int:
    return sum(1 << place for place, letter in enumerate(block) if letter.isupper())


def as_text(value: Any) -> str | None:
    """Text trimmed and freed of NUL characters; numbers in plain form; None for nothing and for blanks."""
    if value is None or isinstance(value, bool | Mapping | list):
        return None
    return str(value).replace("\x00", "").strip() or None


def as_number(value: Any) -> int | float | None:
    """A finite number, also from text such as `1,800.00`; whole numbers are integers. None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip()
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def as_moment(value: Any) -> datetime | None:
    """An aware UTC time from `2026-11-01T10:00:00.000+0000` or a date (midnight UTC); None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def as_day(value: Any) -> date | None:
    """The date part of a date or time, as written; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def moment_text(moment: datetime) -> str:
    """The time as RFC 3339 text in UTC, as Leadline writes and compares it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
