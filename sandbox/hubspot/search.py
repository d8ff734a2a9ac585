"""Search: an index that lags, at most 200 a page and 10,000 in all (HubSpot docs: search)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import msgspec

from sandbox.exchange import Reply
from sandbox.hubspot.call import Call, answer
from sandbox.hubspot.candidates import candidates
from sandbox.hubspot.filters import Filter, Test, compile_filter, reader
from sandbox.hubspot.index import SearchIndex, State
from sandbox.hubspot.kinds import known
from sandbox.hubspot.problems import Problem, invalid
from sandbox.hubspot.records import Records
from sandbox.hubspot.render import shown_names
from sandbox.hubspot.schema import Definition

LONGEST_BODY = 3_000
MOST_GROUPS = 5
MOST_IN_GROUP = 6
MOST_FILTERS = 18
LARGEST_PAGE = 200
LAST_RESULT = 10_000


class FilterGroup(msgspec.Struct, frozen=True):
    """Conditions that hold together; groups are alternatives."""

    filters: list[Filter]


class Sort(msgspec.Struct, frozen=True):
    """The long form of a sort."""

    propertyName: str  # noqa: N815 - wire name
    direction: str = "ASCENDING"


class SearchBody(msgspec.Struct, frozen=True):
    """The body of a search. `filters` is one group written without its list, as integrations of old do."""

    filterGroups: list[FilterGroup] = []  # noqa: N815 - wire name
    filters: list[Filter] = []
    sorts: list[str | Sort] = []
    properties: list[str] = []
    query: str | None = None
    limit: int = 10
    after: str | int | None = None

    def groups(self) -> Sequence[FilterGroup]:
        """The groups of filters in either form; both at once are alternatives (believed)."""
        return [*self.filterGroups, FilterGroup(self.filters)] if self.filters else self.filterGroups


def search(call: Call) -> Reply:
    """POST search. No archived records, associations or history; every value is a string."""
    if len(call.request.body.decode("utf-8", "replace")) > LONGEST_BODY:
        raise invalid(f"The request body must not be longer than {LONGEST_BODY} characters")
    body = call.body(SearchBody)
    start = _window(body)
    total, page = _page(call, body, start)
    names = shown_names(call.account, call.kind, body.properties)
    answered: dict[str, Any] = {"total": total, "results": [_shown(call, r, names) for r in page]}
    if start + body.limit < total:
        answered["paging"] = {"next": {"after": str(start + body.limit)}}
    return answer(answered)


def _page(call: Call, body: SearchBody, start: int) -> tuple[int, list[State]]:
    """How many records match, and what search sees of those on the page."""
    records = call.account.records(call.kind)
    index = records.index
    index.catch_up(call.account.clock.milliseconds())
    groups = [_group(call, records, group.filters) for group in body.groups() if group.filters]
    order = _order(call, body.sorts)
    end = start + body.limit
    if order.name == "hs_object_id" and len(groups) == 1 and groups[0].is_answered and not body.query:
        ids = sorted(groups[0].ids or (), reverse=order.descending)
        return len(ids), [state for number in ids[start:end] if (state := index.find(number)) is not None]
    found = _found(index, groups)
    if body.query:
        found = [state for state in found if _mentions(call, state, body.query.lower())]
    return len(found), _ordered(found, reader(_definition(call, order.name)), order)[start:end]


def _found(index: SearchIndex, groups: Sequence[_Group]) -> list[State]:
    """What search sees of the records that match, in no order."""
    if groups and all(group.ids is not None for group in groups):
        met = {state.id: state for group in groups for state in _met(index, group)}
        return list(met.values())
    return [state for state in index.records() if not groups or any(group.holds(state) for group in groups)]


@dataclass(frozen=True, slots=True)
class _Group:
    """A group of filters. Where `ids` is not None only those records can meet it, and do if they meet `unanswered`."""

    tests: Sequence[Test]
    ids: Collection[int] | None
    unanswered: Sequence[Test]

    @property
    def is_answered(self) -> bool:
        """Whether exactly the records of `ids` meet all filters."""
        return self.ids is not None and not self.unanswered

    def holds(self, state: State) -> bool:
        """Whether this state of a record meets all filters."""
        return all(test(state) for test in self.tests)


def _group(call: Call, records: Records, filters: Sequence[Filter]) -> _Group:
    tests = {id(condition): _test(call, condition) for condition in filters}
    near = candidates(records, call.account.schema.of(call.kind), filters)
    if near is None:
        return _Group([*tests.values()], None, ())
    return _Group([*tests.values()], near.ids, [tests[id(condition)] for condition in near.unanswered])


def _met(index: SearchIndex, group: _Group) -> Iterator[State]:
    for number in group.ids or ():
        state = index.find(number)
        if state is not None and all(test(state) for test in group.unanswered):
            yield state


def _window(body: SearchBody) -> int:
    """Where the page starts. Raises `Problem` 400 for sizes and counts over the limits."""
    if not 0 <= body.limit <= LARGEST_PAGE:
        raise invalid(f"limit must be at most {LARGEST_PAGE}, was {body.limit}")
    after = str(body.after or "0")
    if not after.isdecimal():
        raise invalid(f"after must be a number, was {after}")
    if int(after) + body.limit > LAST_RESULT:
        raise invalid(f"Paging beyond {LAST_RESULT} results is not supported")
    groups = body.groups()
    if len(groups) > MOST_GROUPS or any(len(group.filters) > MOST_IN_GROUP for group in groups):
        raise invalid(f"At most {MOST_GROUPS} filterGroups with {MOST_IN_GROUP} filters each are supported")
    if sum(len(group.filters) for group in groups) > MOST_FILTERS:
        raise invalid(f"At most {MOST_FILTERS} filters are supported")
    if len(body.sorts) > 1:
        raise invalid("At most one sort is supported")
    return int(after)


def _test(call: Call, condition: Filter) -> Test:
    if condition.propertyName.startswith("associations."):
        return _association_test(call, condition)
    return compile_filter(condition, _definition(call, condition.propertyName))


def _definition(call: Call, name: str) -> Definition:
    definition = call.account.schema.of(call.kind).active.get(name)
    if definition is None:
        raise Problem(400, "VALIDATION_ERROR", f'There was a problem with the request: property "{name}" does not exist')
    return definition


def _association_test(call: Call, condition: Filter) -> Test:
    other = known(condition.propertyName.removeprefix("associations."))
    wanted = condition.values if condition.operator == "IN" else [condition.value]
    if other is None or condition.operator not in ("EQ", "IN") or not wanted:
        raise invalid(f"There was a problem with the request: {condition.propertyName} takes EQ or IN")
    ids = {int(str(value)) for value in wanted if str(value).isdecimal()}
    return lambda record: not ids.isdisjoint(call.account.links.of(call.kind, record.id, other))


def _mentions(call: Call, record: State, text: str) -> bool:
    return any(text in record.properties.get(name, "").lower() for name in call.kind.searched)


@dataclass(frozen=True, slots=True)
class _Order:
    """By which property, and in which direction."""

    name: str
    descending: bool


def _order(call: Call, sorts: Sequence[str | Sort]) -> _Order:
    """The asked order; without one, newest first. Raises `Problem` 400 for a property that does not exist."""
    order = _Order(call.kind.created, descending=True)
    if sorts:
        first = sorts[0]
        if isinstance(first, Sort):
            order = _Order(first.propertyName, first.direction.upper() == "DESCENDING")
        else:
            order = _Order(first.removeprefix("-"), first.startswith("-"))
    _definition(call, order.name)
    return order


def _ordered(found: Sequence[State], read: Callable[[State], Any], order: _Order) -> list[State]:
    """In this order; records without the value come last."""
    keyed = [(read(state), state) for state in found]
    with_value = [pair for pair in keyed if pair[0] is not None]
    with_value.sort(key=itemgetter(0), reverse=order.descending)
    return [state for _, state in with_value] + [state for value, state in keyed if value is None]


def _shown(call: Call, record: State, names: Sequence[str]) -> dict[str, Any]:
    value = record.properties.get
    return {
        "id": str(record.id),
        "properties": {name: value(name) for name in names},
        "createdAt": record.properties[call.kind.created],
        "updatedAt": record.properties[call.kind.modified],
        "archived": False,
    }
