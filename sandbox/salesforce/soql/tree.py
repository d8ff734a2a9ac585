"""A query as a tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "LIKE", "IN", "NOT IN", "INCLUDES", "EXCLUDES"]
LiteralKind = Literal["string", "number", "boolean", "null", "date", "datetime", "named_date"]


@dataclass(frozen=True, slots=True)
class Literal_:  # noqa: N801 - `Literal` is typing's
    """A value as written: `text` is raw, `count` belongs to named dates such as `LAST_N_DAYS:7`."""

    kind: LiteralKind
    text: str
    at: int
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """A field, through parents: `Contact.Account.Name`."""

    parts: tuple[str, ...]
    at: int

    @property
    def text(self) -> str:
        """The path as written."""
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`COUNT()`, `MAX(SystemModstamp)` and so on, with the name of its column in the answer."""

    function: str
    path: Path | None
    alias: str | None
    at: int


@dataclass(frozen=True, slots=True)
class AllFields:
    """`FIELDS(ALL)`, `FIELDS(STANDARD)` or `FIELDS(CUSTOM)`."""

    group: Literal["ALL", "STANDARD", "CUSTOM"]
    at: int


@dataclass(frozen=True, slots=True)
class TypeOf:
    """`TYPEOF What WHEN Account THEN Phone ELSE Name END`: other fields of a parent for each kind of object it can be."""

    path: Path
    branches: tuple[tuple[Path, tuple[Path, ...]], ...]
    otherwise: tuple[Path, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`path operator value`."""

    path: Path
    operator: Operator
    value: Literal_
    at: int


@dataclass(frozen=True, slots=True)
class Measured:
    """`COUNT(Id) operator value`, in HAVING."""

    aggregate: Aggregate
    operator: Operator
    value: Literal_
    at: int


@dataclass(frozen=True, slots=True)
class Membership:
    """`path IN (…)` with written values."""

    path: Path
    operator: Operator
    values: tuple[Literal_, ...]
    at: int


@dataclass(frozen=True, slots=True)
class SemiJoin:
    """`path IN (SELECT …)`."""

    path: Path
    operator: Operator
    query: Query
    at: int


@dataclass(frozen=True, slots=True)
class Not:
    """`NOT condition`."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined by one word; a mixture needs parentheses."""

    word: Literal["AND", "OR"]
    conditions: tuple[Condition, ...]


Condition = Comparison | Measured | Membership | SemiJoin | Not | Group


@dataclass(frozen=True, slots=True)
class Ordering:
    """One key of ORDER BY; groups can be ordered by what is summed up of them."""

    path: Path | Aggregate
    direction: Literal["ASC", "DESC"]
    nulls: Literal["FIRST", "LAST"]


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT. `source` is an object, or in a child query the name of the relationship."""

    select: tuple[Selected, ...]
    source: str
    source_at: int
    alias: str | None
    where: Condition | None
    group_by: tuple[Path, ...]
    having: Condition | None
    order_by: tuple[Ordering, ...]
    limit: int | None
    offset: int
    at: int


Selected = Path | Aggregate | AllFields | TypeOf | Query
