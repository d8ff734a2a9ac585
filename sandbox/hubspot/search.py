"""Search: an index that lags, at most 200 a page and 10,000 in all (HubSpot docs: search)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from sandbox.exchange import Reply
from sandbox.hubspot.call import Call, answer
from sandbox.hubspot.filters import Filter, Test, compile_filter, reader
from sandbox.hubspot.index import Indexed
from sandbox.hubspot.kinds import known
from sandbox.hubspot.problems import Problem, invalid
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
    """The body of a search."""

    filterGroups: list[FilterGroup] = []  # noqa: N815 - wire name
    sorts: list[str | Sort] = []
    properties: list[str] = []
    query: str | None = None
    limit: int = 10
    after: str | int | None = None


def search(call: Call) -> Reply:
    """POST search. No archived records, associations or history; every value is a string."""
    if len(call.request.body.decode("utf-8", "replace")) > LONGEST_BODY:
        raise invalid(f"The request body must not be longer than {LONGEST_BODY} characters")
    body = call.body(SearchBody)
    start = _window(body)
    tests = _tests(call, body.filterGroups)
    records = call.account.records(call.kind).index.records(call.account.clock.milliseconds())
    found = [record for record in records if _matches(record, tests)]
    if body.query:
        found = [record for record in found if _mentions(call, record, body.query.lower())]
    found = _sorted(call, found, body.sorts)
    page = found[start : start + body.limit]
    names = shown_names(call.account, call.kind, body.properties)
    answered: dict[str, Any] = {"total": len(found), "results": [_shown(call, r, names) for r in page]}
    if start + body.limit < len(found):
        answered["paging"] = {"next": {"after": str(start + body.limit)}}
    return answer(answered)


def _window(body: SearchBody) -> int:
    """Where the page starts. Raises `Problem` 400 for sizes and counts over the limits."""
    if not 0 <= body.limit <= LARGEST_PAGE:
        raise invalid(f"limit must be at most {LARGEST_PAGE}, was {body.limit}")
    after = str(body.after or "0")
    if not after.isdecimal():
        raise invalid(f"after must be a number, was {after}")
    if int(after) + body.limit > LAST_RESULT:
        raise invalid(f"Paging beyond {LAST_RESULT} results is not supported")
    groups = body.filterGroups
    if len(groups) > MOST_GROUPS or any(len(group.filters) > MOST_IN_GROUP for group in groups):
        raise invalid(f"At most {MOST_GROUPS} filterGroups with {MOST_IN_GROUP} filters each are supported")
    if sum(len(group.filters) for group in groups) > MOST_FILTERS:
        raise invalid(f"At most {MOST_FILTERS} filters are supported")
    if len(body.sorts) > 1:
        raise invalid("At most one sort is supported")
    return int(after)


def _tests(call: Call, groups: Sequence[FilterGroup]) -> list[list[Test]]:
    return [[_test(call, condition) for condition in group.filters] for group in groups if group.filters]


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


def _matches(record: Indexed, groups: Sequence[Sequence[Test]]) -> bool:
    if not groups:
        return True
    return any(all(test(record) for test in group) for group in groups)


def _mentions(call: Call, record: Indexed, text: str) -> bool:
    return any(text in record.properties.get(name, "").lower() for name in call.kind.searched)


def _sorted(call: Call, found: list[Indexed], sorts: Sequence[str | Sort]) -> list[Indexed]:
    """In the asked order; without one, newest first. Records without the value come last."""
    name, descending = call.kind.created, True
    if sorts:
        first = sorts[0]
        if isinstance(first, Sort):
            name, descending = first.propertyName, first.direction.upper() == "DESCENDING"
        else:
            name, descending = first.removeprefix("-"), first.startswith("-")
    read = reader(_definition(call, name))
    with_value = [record for record in found if read(record) is not None]
    without = [record for record in found if read(record) is None]
    key: Callable[[Indexed], Any] = read
    with_value.sort(key=key, reverse=descending)
    return with_value + without


def _shown(call: Call, record: Indexed, names: Sequence[str]) -> dict[str, Any]:
    value = record.properties.get
    return {
        "id": str(record.id),
        "properties": {name: value(name) for name in names},
        "createdAt": record.properties[call.kind.created],
        "updatedAt": record.properties[call.kind.modified],
        "archived": False,
    }
