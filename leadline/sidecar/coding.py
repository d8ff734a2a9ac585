"""Stored values as codes: each distinct one gets a number, whoever says it and wherever it is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType
from numpy.typing import NDArray

from connectors.records import Scalar
from scoring.columns import Column
from scoring.reading import UNKNOWN, Value

ABSENT = -1
"""The code of what is not even there: who says nothing lets others speak, who says that nothing is known does not."""

Said = NDArray[np.int32]
"""A code for each record or person: `ABSENT`, 0 for unknown, or a distinct value's."""


class Coder:
    """The distinct values of one field, and the code of each, given as they come."""

    def __init__(self) -> None:
        self.values: list[Value] = [None]
        self._codes = _Codes(self.values)

    def codes(self, values: Sequence[object]) -> Said:
        """The codes of these values; `UNSET` stands for one that is not there."""
        # 1 and true are one key to Python, and not one value to an admin.
        flagged = bool in set(map(type, values))
        keys = [(bool, one) if one is True or one is False else one for one in values] if flagged else values
        return np.fromiter(map(self._codes.__getitem__, keys), dtype=np.int32, count=len(keys))

    def code(self, value: object) -> int:
        """The code of one value."""
        return int(self.codes([value])[0])

    def column(self, said: Said) -> Column:
        """The column of what was said of each; what is not there is unknown."""
        return Column(np.maximum(said, 0), self.values)


class _Codes(dict[object, int]):
    def __init__(self, values: list[Value]) -> None:
        super().__init__([(UNSET, ABSENT), *((nothing, 0) for nothing in UNKNOWN)])
        self._values = values

    def __missing__(self, key: Any) -> int:
        code = self[key] = len(self._values)
        self._values.append(key[1] if type(key) is tuple else key)
        return code


class FieldCodes:
    """The asked fields of things that are gathered some at a time."""

    def __init__(self, coders: Mapping[str, Coder]) -> None:
        self.type = fields_type(coders)
        self._coders = coders
        self._parts: dict[str, list[Said]] = {name: [] for name in coders}

    def add(self, some: Sequence[Any]) -> None:
        """The fields of the next things, each a struct of `type`."""
        for name, codes in self.coded(some).items():
            self._parts[name].append(codes)

    def coded(self, some: Sequence[Any]) -> dict[str, Said]:
        """The codes of some things' fields, which are not gathered."""
        fields = zip(self._coders.items(), map(attrgetter, self.type.__struct_fields__), strict=True)
        return {name: coder.codes(list(map(field, some))) for (name, coder), field in fields}

    def said(self) -> dict[str, Said]:
        """What all of them said, by field."""
        return {name: np.concatenate(parts) if parts else np.zeros(0, np.int32) for name, parts in self._parts.items()}


def fields_type(names: Mapping[str, object]) -> type[msgspec.Struct]:
    """Fields as JSON has them, in a struct that has room only for these: the others are not even read."""
    places = {f"f{place}": name for place, name in enumerate(names)}
    room: list[Any] = [(place, Scalar | UnsetType, UNSET) for place in places]
    return msgspec.defstruct("Fields", room, rename=places, gc=False)


def decode_all(decoder: msgspec.json.Decoder[Any], texts: Sequence[str]) -> list[Any]:
    """Many texts of JSON, read as one list by a decoder of lists."""
    found: list[Any] = decoder.decode(f"[{','.join(texts)}]")
    return found
