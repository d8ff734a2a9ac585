"""SOQL text to tree, refusing what the org refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from sandbox.salesforce.soql.dates import COUNTED_DATES, PLAIN_DATES
from sandbox.salesforce.soql.problems import malformed, unexpected
from sandbox.salesforce.soql.tokens import Token, tokens_of
from sandbox.salesforce.soql.tree import (
    Aggregate,
    AllFields,
    Comparison,
    Condition,
    Group,
    Literal_,
    Measured,
    Membership,
    Not,
    Operator,
    Ordering,
    Path,
    Query,
    Selected,
    SemiJoin,
    TypeOf,
)

MAX_QUERY_CHARS = 100_000
MAX_OFFSET = 2000
AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG"})
_CLAUSES = frozenset({"WHERE", "WITH", "USING", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "ALL"})
_SIGNS: dict[str, Operator] = {
    "=": "=",
    "!=": "!=",
    "<>": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
_MULTIPICK: dict[str, Operator] = {"INCLUDES": "INCLUDES", "EXCLUDES": "EXCLUDES"}


def parse(text: str) -> Query:
    """The tree of a query.

    Raises:
        QueryError: MALFORMED_QUERY with the place.
    """
    if len(text) > MAX_QUERY_CHARS:
        raise malformed("SOQL statements cannot be longer than 100000 characters.")
    parser = _Parser(tokens_of(text))
    query = parser.query()
    parser.expect_end()
    return query


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._place = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._tokens[self._place]
        if token.kind != "end":
            self._place += 1
        return token

    def _accept(self, *words: str) -> bool:
        """Take these words if they all come next."""
        ahead = self._tokens[self._place : self._place + len(words)]
        if [token.upper for token in ahead] != list(words):
            return False
        self._place += len(words)
        return True

    def _expect(self, word: str) -> Token:
        token = self._take()
        if token.upper != word:
            raise unexpected(token.text, token.at)
        return token

    def expect_end(self) -> None:
        if self._next.kind != "end":
            raise unexpected(self._next.text, self._next.at)

    def query(self) -> Query:
        at = self._expect("SELECT").at
        select = self._select_list()
        self._expect("FROM")
        source = self._name()
        alias = self._alias()
        if self._accept("USING", "SCOPE"):
            self._name()
        where = self._condition() if self._accept("WHERE") else None
        if self._accept("WITH"):
            self._name()
        group_by = self._path_list() if self._accept("GROUP", "BY") else ()
        having = self._condition() if group_by and self._accept("HAVING") else None
        order_by = self._orderings() if self._accept("ORDER", "BY") else ()
        limit = self._whole_number() if self._accept("LIMIT") else None
        offset = self._offset() if self._accept("OFFSET") else 0
        if self._accept("FOR"):
            self._name()
        return Query(
            select=select,
            source=source.text,
            source_at=source.at,
            alias=alias,
            where=where,
            group_by=group_by,
            having=having,
            order_by=order_by,
            limit=limit,
            offset=offset,
            at=at,
        )

    def _name(self) -> Token:
        token = self._take()
        if token.kind != "name":
            raise unexpected(token.text, token.at)
        return token

    def _alias(self) -> str | None:
        if self._accept("AS"):
            return self._name().text
        if self._next.kind == "name" and self._next.upper not in _CLAUSES:
            return self._take().text
        return None

    def _path(self) -> Path:
        token = self._name()
        return Path(tuple(token.text.split(".")), token.at)

    def _path_list(self) -> tuple[Path, ...]:
        paths = [self._path()]
        while self._accept(","):
            paths.append(self._path())
        return tuple(paths)

    def _select_list(self) -> tuple[Selected, ...]:
        items = [self._select_item()]
        while self._accept(","):
            items.append(self._select_item())
        return tuple(items)

    def _select_item(self) -> Selected:
        if self._accept("("):
            child = self.query()
            self._expect(")")
            return child
        token = self._name()
        if token.upper == "TYPEOF" and self._next.kind == "name" and self._next.upper != "FROM":
            return self._type_of(token)
        if not self._accept("("):
            return Path(tuple(token.text.split(".")), token.at)
        if token.upper == "FIELDS":
            return self._all_fields(token)
        aggregate = self._aggregate(token)
        ends = self._next.text == "," or self._next.upper == "FROM"
        return aggregate if ends else replace(aggregate, alias=self._name().text)

    def _aggregate(self, token: Token) -> Aggregate:
        """What follows the name and the opening parenthesis of a function."""
        if token.upper not in AGGREGATES:
            raise malformed(f"unknown function '{token.text}'", token.at)
        path = None if self._next.text == ")" else self._path()
        self._expect(")")
        if path is None and token.upper != "COUNT":
            raise unexpected(")", token.at)
        return Aggregate(token.upper, path, None, token.at)

    def _measure(self) -> Path | Aggregate:
        """A field, or what is summed up of it."""
        token = self._name()
        return self._aggregate(token) if self._accept("(") else Path(tuple(token.text.split(".")), token.at)

    def _type_of(self, token: Token) -> TypeOf:
        path = self._path()
        branches: list[tuple[Path, tuple[Path, ...]]] = []
        while self._accept("WHEN"):
            kind = self._path()
            self._expect("THEN")
            branches.append((kind, self._path_list()))
        otherwise = self._path_list() if self._accept("ELSE") else ()
        if not branches:
            raise unexpected(self._next.text, self._next.at)
        self._expect("END")
        return TypeOf(path, tuple(branches), otherwise, token.at)

    def _all_fields(self, token: Token) -> AllFields:
        group = self._name().upper
        self._expect(")")
        for known in ("ALL", "STANDARD", "CUSTOM"):
            if group == known:
                return AllFields(known, token.at)
        raise unexpected(group, token.at)

    def _condition(self) -> Condition:
        """Conditions joined by one word. `NOT` stands alone: joined with others it needs parentheses."""
        if self._next.upper == "NOT":
            self._take()
            return Not(self._simple())
        first = self._simple()
        word = self._joining_word()
        if word is None:
            return first
        conditions = [first]
        while self._accept(word):
            conditions.append(self._simple())
        if self._joining_word() is not None:
            raise unexpected(self._next.text, self._next.at)
        return Group(word, tuple(conditions))

    def _joining_word(self) -> Literal["AND", "OR"] | None:
        upper = self._next.upper
        return "AND" if upper == "AND" else "OR" if upper == "OR" else None

    def _simple(self) -> Condition:
        if self._accept("("):
            inner = self._condition()
            self._expect(")")
            return inner
        if self._next.upper in ("NOT", "AND", "OR"):
            raise unexpected(self._next.text, self._next.at)
        return self._field_condition()

    def _field_condition(self) -> Condition:
        path = self._measure()
        token = self._take()
        if isinstance(path, Aggregate):
            if token.text not in _SIGNS:
                raise unexpected(token.text, token.at)
            return Measured(path, _SIGNS[token.text], self._literal(), path.at)
        if token.kind == "sign" and token.text in _SIGNS:
            return Comparison(path, _SIGNS[token.text], self._literal(), path.at)
        if token.upper == "LIKE":
            return Comparison(path, "LIKE", self._literal(), path.at)
        if token.upper == "IN":
            return self._membership(path, "IN")
        if token.upper == "NOT" and self._accept("IN"):
            return self._membership(path, "NOT IN")
        if token.upper in _MULTIPICK:
            self._expect("(")
            return Membership(path, _MULTIPICK[token.upper], self._literals(), path.at)
        raise unexpected(token.text, token.at)

    def _membership(self, path: Path, operator: Operator) -> Condition:
        self._expect("(")
        if self._next.upper != "SELECT":
            return Membership(path, operator, self._literals(), path.at)
        query = self.query()
        self._expect(")")
        return SemiJoin(path, operator, query, path.at)

    def _literals(self) -> tuple[Literal_, ...]:
        values = [self._literal()]
        while self._accept(","):
            values.append(self._literal())
        self._expect(")")
        return tuple(values)

    def _literal(self) -> Literal_:
        token = self._take()
        if token.kind in ("string", "number", "date", "datetime"):
            return Literal_(token.kind, token.text, token.at)
        if token.upper in ("TRUE", "FALSE"):
            return Literal_("boolean", token.upper, token.at)
        if token.upper == "NULL":
            return Literal_("null", "", token.at)
        if token.upper in PLAIN_DATES:
            return Literal_("named_date", token.upper, token.at)
        if token.upper in COUNTED_DATES:
            self._expect(":")
            return Literal_("named_date", token.upper, token.at, self._whole_number())
        raise unexpected(token.text, token.at)

    def _orderings(self) -> tuple[Ordering, ...]:
        orderings = [self._ordering()]
        while self._accept(","):
            orderings.append(self._ordering())
        return tuple(orderings)

    def _ordering(self) -> Ordering:
        path = self._measure()
        direction: Literal["ASC", "DESC"] = "ASC"
        if self._accept("DESC"):
            direction = "DESC"
        else:
            self._accept("ASC")
        nulls: Literal["FIRST", "LAST"] = "FIRST"
        if self._accept("NULLS", "LAST"):
            nulls = "LAST"
        else:
            self._accept("NULLS", "FIRST")
        return Ordering(path, direction, nulls)

    def _whole_number(self) -> int:
        token = self._take()
        if token.kind != "number" or not token.text.isdigit():
            raise unexpected(token.text, token.at)
        return int(token.text)

    def _offset(self) -> int:
        at = self._next.at
        offset = self._whole_number()
        if offset > MAX_OFFSET:
            raise malformed("Maximum SOQL offset allowed is 2000", at)
        return offset
