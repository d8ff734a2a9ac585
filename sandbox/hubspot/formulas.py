"""Formulas of calculated properties (HubSpot docs: properties, calculation property syntax).

Known: numbers, 'text', true and false, names of properties, `+ - * /`, comparisons, `and or not`,
`if … then … elseif … then … else …`, and the functions below. An operand without a value leaves the result without one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Value = float | str | bool | None
Lookup = Callable[[str], Value]
Node = Callable[[Lookup], Value]

LONGEST = 2_000
_DEEPEST = 40
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?|\.\d+)|'([^']*)'|\"([^\"]*)\"|([A-Za-z_]\w*)|(<=|>=|!=|==|[-+*/()<>=,]))")
_COMPARISONS: Mapping[str, Callable[[float | str, float | str], bool]] = {
    "=": lambda left, right: left == right,
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,  # type: ignore[operator]  # both are of one type, see _compared
    "<=": lambda left, right: left <= right,  # type: ignore[operator]  # as above
    ">": lambda left, right: left > right,  # type: ignore[operator]  # as above
    ">=": lambda left, right: left >= right,  # type: ignore[operator]  # as above
}


class FormulaError(ValueError):
    """A formula that cannot be read."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that has been read: how to work it out, and the properties it looks at."""

    work_out: Node
    inputs: frozenset[str]


def read(text: str) -> Formula:
    """Read a formula.

    Raises:
        FormulaError: when it is none, calls an unknown function, or is too long or too deep.
    """
    if len(text) > LONGEST:
        raise FormulaError(f"a formula has at most {LONGEST} characters")
    reader = _Reader(_tokens(text))
    node = reader.expression()
    if reader.kind:
        raise FormulaError(f"unexpected {reader.text!r}")
    return Formula(node, frozenset(reader.inputs))


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise FormulaError(f"cannot read {text[at : at + 10]!r}")
        kind = ("number", "text", "text", "name", "sign")[(match.lastindex or 1) - 1]
        found.append((kind, match.group(match.lastindex or 1)))
        at = match.end()
    return found


class _Reader:
    """Reads tokens from left to right; each method reads one level of precedence."""

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self.inputs: set[str] = set()

    @property
    def kind(self) -> str:
        """The kind of the next token; empty at the end."""
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    @property
    def text(self) -> str:
        """The next token."""
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _next_is(self, *texts: str) -> str:
        """Take the next token if it is one of these words or signs."""
        word = self.text.lower()
        if self.kind in ("name", "sign") and word in texts:
            self._at += 1
            return word
        return ""

    def _expect(self, text: str) -> None:
        if not self._next_is(text):
            raise FormulaError(f"expected {text!r} before {self.text!r}")

    def expression(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise FormulaError("the formula is nested too deeply")
        node = self._if() if self._next_is("if") else self._or()
        self._depth -= 1
        return node

    def _if(self) -> Node:
        branches: list[tuple[Node, Node]] = []
        while not branches or self._next_is("elseif"):
            condition = self.expression()
            self._expect("then")
            branches.append((condition, self.expression()))
        otherwise = self.expression() if self._next_is("else") else _nothing
        self._next_is("endif")
        return lambda look: next((then(look) for test, then in branches if test(look) is True), otherwise(look))

    def _or(self) -> Node:
        nodes = [self._and()]
        while self._next_is("or"):
            nodes.append(self._and())
        return nodes[0] if len(nodes) == 1 else lambda look: any(node(look) is True for node in nodes)

    def _and(self) -> Node:
        nodes = [self._not()]
        while self._next_is("and"):
            nodes.append(self._not())
        return nodes[0] if len(nodes) == 1 else lambda look: all(node(look) is True for node in nodes)

    def _not(self) -> Node:
        turned = False
        while self._next_is("not"):
            turned = not turned
        node = self._comparison()
        return (lambda look: node(look) is not True) if turned else node

    def _comparison(self) -> Node:
        left = self._sum()
        sign = self._next_is(*_COMPARISONS)
        if not sign:
            return left
        right = self._sum()
        return lambda look: _compared(sign, left(look), right(look))

    def _sum(self) -> Node:
        node = self._product()
        while sign := self._next_is("+", "-"):
            node = _arithmetic(sign, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._signed()
        while sign := self._next_is("*", "/"):
            node = _arithmetic(sign, node, self._signed())
        return node

    def _signed(self) -> Node:
        minus = False
        while self._next_is("-"):
            minus = not minus
        node = self._atom()
        return _arithmetic("-", lambda _: 0.0, node) if minus else node

    def _atom(self) -> Node:
        kind, text = self.kind, self.text
        if self._next_is("("):
            node = self.expression()
            self._expect(")")
            return node
        self._at += 1
        match kind:
            case "number":
                return lambda _: float(text)
            case "text":
                return lambda _: text
            case "name" if self._next_is("("):
                return self._call(text.lower())
            case "name" if text.lower() in ("true", "false"):
                return lambda _: text.lower() == "true"
            case "name":
                self.inputs.add(text)
                return lambda look: look(text)
        raise FormulaError(f"unexpected {text!r}" if text else "the formula ends too early")

    def _call(self, name: str) -> Node:
        function = _FUNCTIONS.get(name)
        if function is None:
            raise FormulaError(f"unknown function {name}")
        arguments = [self.expression()]
        while self._next_is(","):
            arguments.append(self.expression())
        self._expect(")")
        lowest, highest, work_out = function
        if not lowest <= len(arguments) <= highest:
            raise FormulaError(f"{name} takes {lowest} to {highest} arguments")
        return lambda look: work_out([argument(look) for argument in arguments])


def _nothing(_: Lookup) -> Value:
    return None


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _arithmetic(sign: str, left: Node, right: Node) -> Node:
    def work_out(look: Lookup) -> Value:
        one, other = _number(left(look)), _number(right(look))
        if one is None or other is None or (sign == "/" and other == 0):
            return None
        result = {"+": one + other, "-": one - other, "*": one * other, "/": one / (other or 1)}[sign]
        return result if math.isfinite(result) else None

    return work_out


def _compared(sign: str, left: Value, right: Value) -> Value:
    if left is None or right is None or isinstance(left, str) != isinstance(right, str):
        return None
    return _COMPARISONS[sign](left, right)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else value if isinstance(value, str) else number_text(value)


def number_text(value: float) -> str:
    """A number as a property keeps it: whole ones without a fraction."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def result_text(value_type: str, value: Value) -> str:
    """A result as a property of this type keeps it; empty when it is none, or of another type."""
    match value_type:
        case "number":
            number = _number(value)
            return "" if number is None else number_text(number)
        case "bool":
            return str(value).lower() if isinstance(value, bool) else ""
    return value if isinstance(value, str) else ""


def _extreme(pick: Callable[[list[float]], float]) -> Callable[[list[Value]], Value]:
    def work_out(values: list[Value]) -> Value:
        known = [number for number in map(_number, values) if number is not None]
        return pick(known) if known else None

    return work_out


def _as_number(values: list[Value]) -> Value:
    try:
        found = float(_text(values[0]))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


_FUNCTIONS: Mapping[str, tuple[int, int, Callable[[list[Value]], Value]]] = {
    "is_known": (1, 1, lambda values: values[0] is not None),
    "max": (1, 20, _extreme(max)),
    "min": (1, 20, _extreme(min)),
    "concatenate": (1, 20, lambda values: "".join(map(_text, values)) or None),
    "contains": (2, 2, lambda values: _text(values[1]) in _text(values[0])),
    "begins_with": (2, 2, lambda values: _text(values[0]).startswith(_text(values[1]))),
    "string": (1, 1, lambda values: _text(values[0]) or None),
    "bool": (1, 1, lambda values: _text(values[0]) == "true"),
    "number_to_string": (1, 1, lambda values: _text(values[0]) or None),
    "string_to_number": (1, 1, _as_number),
}
