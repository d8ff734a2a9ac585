"""From the parser's nodes to plain data: text, numbers, true, false, null, lists and mappings with text keys.

Aliases are shared here but counted as often as they are used, so that a small file cannot grow into a large one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

MAX_VALUES = 50_000
MAX_LEVELS = 40
_MAX_WHOLE_NUMBER = 2**63 - 1
_LONGEST_NUMBER = 80

_TAG = "tag:yaml.org,2002:"
_PLAIN_TEXT = frozenset({_TAG + "str", _TAG + "timestamp", _TAG + "value", _TAG + "merge"})
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TAGS_ARE_UNKNOWN = "tags (words that begin with !) mean nothing here; put text that begins with ! in quotes"


class Fault(Struct, frozen=True):
    """Something in a file that cannot be used. `line` and `column` count from 1; 0 means the whole file."""

    line: int
    column: int
    message: str


class Spot(Struct, frozen=True):
    """Where a key or item stands; `inside` holds those below it, by key or by index as text."""

    line: int
    column: int
    inside: Mapping[str, Spot] = {}


class Converted(Struct, frozen=True):
    """A document's data with its places, and what is wrong with it."""

    data: dict[str, Any]
    spots: Spot
    faults: tuple[Fault, ...]


class _Value(Struct, frozen=True):
    data: Any
    inside: Mapping[str, Spot] = {}
    size: int = 1
    levels: int = 0


_NOTHING = _Value(None)


def convert(node: Node | None) -> Converted:
    """The document under `node`; no node is an empty mapping."""
    if node is None or (isinstance(node, ScalarNode) and node.value == "" and node.style is None):
        return Converted({}, Spot(1, 1), ())
    if not isinstance(node, MappingNode):
        fault = Fault(*_place(node), 'must hold keys and values, as in "key: value"')
        return Converted({}, Spot(1, 1), (fault,))
    reading = _Reading()
    value = reading.value(node)
    data = value.data if isinstance(value.data, dict) else {}
    return Converted(data, Spot(1, 1, value.inside), tuple(reading.faults))


class _Reading:
    """One pass over a document; each node is converted once, however many aliases lead to it."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._done: dict[int, _Value] = {}
        self._open: set[int] = set()

    def value(self, node: Node) -> _Value:
        key = id(node)
        if key in self._open:
            return self._refuse(node, "an alias (*name) leads back into the value it stands in")
        if key not in self._done:
            self._open.add(key)
            self._done[key] = self._bounded(node, self._convert(node))
            self._open.discard(key)
        return self._done[key]

    def _convert(self, node: Node) -> _Value:
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if isinstance(node, SequenceNode) and str(node.tag) == _TAG + "seq":
            return self._sequence(node)
        if isinstance(node, MappingNode) and str(node.tag) == _TAG + "map":
            return self._mapping(node)
        return self._refuse(node, _TAGS_ARE_UNKNOWN)

    def _bounded(self, node: Node, value: _Value) -> _Value:
        if value.levels > MAX_LEVELS:
            return self._refuse(node, f"is nested deeper than {MAX_LEVELS} levels")
        if value.size > MAX_VALUES:
            return self._refuse(node, f"grows to more than {MAX_VALUES:,} values; use fewer aliases (*name)")
        return value

    def _refuse(self, node: Node, message: str) -> _Value:
        self.faults.append(Fault(*_place(node), message))
        return _NOTHING

    def _sequence(self, node: SequenceNode) -> _Value:
        values = [self.value(item) for item in node.value]
        inside = {
            str(index): Spot(*_place(item), value.inside)
            for index, (item, value) in enumerate(zip(node.value, values, strict=True))
        }
        return _Value([value.data for value in values], inside, *_measure(values))

    def _mapping(self, node: MappingNode) -> _Value:
        own: dict[str, tuple[Node, _Value]] = {}
        merged: dict[str, tuple[Any, Spot]] = {}
        extra: list[_Value] = []
        for key, item in node.value:
            if str(key.tag) == _TAG + "merge" and key.style is None:
                extra += self._merge(item, merged)
            elif (name := self._key(key)) is not None:
                if name in own:
                    first = own[name][0].start_mark.line + 1
                    self._refuse(key, f'the key "{name}" is here twice (first in line {first})')
                else:
                    own[name] = key, self.value(item)
        data = {name: held for name, (held, _) in merged.items()}
        inside = {name: spot for name, (_, spot) in merged.items()}
        for name, (key, value) in own.items():
            data[name] = value.data
            inside[name] = Spot(*_place(key), value.inside)
        return _Value(data, inside, *_measure([*(value for _, value in own.values()), *extra]))

    def _merge(self, node: Node, merged: dict[str, tuple[Any, Spot]]) -> list[_Value]:
        """What `<<` brings in. Of several mappings the first one's keys stand."""
        nodes = node.value if isinstance(node, SequenceNode) else [node]
        values = [self.value(part) for part in nodes]
        for part, value in zip(nodes, values, strict=True):
            if not isinstance(part, MappingNode):
                self._refuse(node, "a merge (<<) takes a mapping, or a list of mappings")
                continue
            for name, spot in value.inside.items():
                merged.setdefault(name, (value.data[name], spot))
        return values

    def _key(self, node: Node) -> str | None:
        if not isinstance(node, ScalarNode):
            self._refuse(node, "a key must be text; quotes are needed around text with braces or brackets")
            return None
        text = str(node.value)
        if _UNPRINTABLE.search(text):
            self._refuse(node, "a key holds a character that cannot be printed")
            return None
        return text

    def _scalar(self, node: ScalarNode) -> _Value:
        tag, text = str(node.tag), str(node.value)
        if tag in _PLAIN_TEXT:
            if _UNPRINTABLE.search(text):
                return self._refuse(node, "this text holds a character that cannot be printed")
            return _Value(text)
        if tag == _TAG + "null":
            return _NOTHING
        if tag == _TAG + "bool":
            return _Value(text.lower() == "true")
        if tag in {_TAG + "int", _TAG + "float"}:
            return self._number(node, text)
        return self._refuse(node, _TAGS_ARE_UNKNOWN)

    def _number(self, node: ScalarNode, text: str) -> _Value:
        if len(text) > _LONGEST_NUMBER:
            return self._refuse(node, "this number is too long; put it in quotes if it is text")
        number = _whole(text) if str(node.tag) == _TAG + "int" else _fraction(text)
        if number is None:
            return _Value(text)
        if not math.isfinite(number) or abs(number) > _MAX_WHOLE_NUMBER:
            return self._refuse(node, "this number is too large; put it in quotes if it is text")
        return _Value(number)


def _measure(values: list[_Value]) -> tuple[int, int]:
    """Values and levels of a collection of `values`."""
    return 1 + sum(value.size for value in values), 1 + max((value.levels for value in values), default=0)


def _place(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _whole(text: str) -> int | None:
    """A whole number as YAML 1.2 writes it: `010` is ten, `0x1f` and `0o17` say their base."""
    digits = text.replace("_", "").lower()
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits.lstrip("+-")[:2], 10)
    try:
        return int(digits, base)
    except ValueError:
        return None


def _fraction(text: str) -> float | None:
    try:
        return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        return None
