"""Reading pages and batches of records: the list endpoint, search, batch read and associations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from connectors.errors import ContractBroken, RecordRejected, RetryLater
from connectors.hubspot import paths, values
from connectors.hubspot.classify import Verdict, verdict
from connectors.hubspot.client import HubSpotClient, Query
from connectors.hubspot.wire import (
    AssociatedTo,
    AssociationBatch,
    AssociationsOf,
    Batch,
    CrmObject,
    ItemError,
    Listing,
    SearchResult,
)

LIST_LIMIT = 100
SEARCH_LIMIT = 200
BATCH_LIMIT = 100
ASSOCIATION_LIMIT = 1_000

ARCHIVED: Query = (("archived", "true"),)
"""Added to a read, it looks among the archived records and nowhere else."""

NOT_FOUND = frozenset({"OBJECT_NOT_FOUND", "HTTP 404"})
"""Codes by which HubSpot says that there is no such record, or nothing associated with it."""

# HubSpot answers 414 to URLs past some 8,000 characters (reported, not documented) and refuses search bodies past 3,000.
_URL_CHARACTERS = 6_000
_SEARCH_BODY_CHARACTERS = 2_900

_PRIMARY_COMPANY_OF_DEAL = 5
_PRIMARY_COMPANY_LABEL = "deal_to_company"


@dataclass(frozen=True, slots=True)
class Selection:
    """What to read of an object: its properties, and the objects whose associations come along."""

    object: str
    properties: tuple[str, ...]
    associations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of records and, by associated object and record id, the associated ids (the primary one first).

    `after` is where the next page of a list begins.
    """

    objects: tuple[CrmObject, ...]
    associated: Mapping[str, Mapping[str, tuple[str, ...]]]
    after: str | None = None

    def ids(self, to: str, of: str) -> tuple[str, ...]:
        """The ids of `to` associated with the record `of`."""
        return self.associated.get(to, {}).get(of, ())


@dataclass(frozen=True, slots=True)
class Found:
    """What a search showed of the `total` it counted. `last_id` is the highest id, `in_order` whether ids rose to it.

    An answer with everything that was counted needs no order. `bare` records came without properties, which were too many
    for a search.
    """

    objects: tuple[CrmObject, ...]
    total: int
    last_id: int
    in_order: bool
    bare: bool

    @property
    def is_last(self) -> bool:
        """Whether nothing follows; an empty answer ends a walk, whatever it counted."""
        return not self.objects or self.total <= len(self.objects)


@dataclass(frozen=True, slots=True)
class Located:
    """The records behind some ids; of merged ones the survivors. `absent` are ids that HubSpot says it does not know."""

    objects: tuple[CrmObject, ...]
    absent: frozenset[str]


class Reader:
    """Reads records of one account."""

    def __init__(self, client: HubSpotClient) -> None:
        self._client = client

    def listed(self, selection: Selection, after: str | None) -> Rows:
        """One page of all live records, 100 at most; `after` of the answer is None on the last one."""
        query = [("limit", str(LIST_LIMIT))]
        query += [("after", after)] if after else []
        query += [("associations", to) for to in selection.associations]
        wide = sum(len("&properties=") + len(name) for name in selection.properties) > _URL_CHARACTERS
        if not wide:
            query += [("properties", name) for name in selection.properties]
        page = self._client.call(paths.LIST, Listing, query=query, object=selection.object)
        objects = tuple(page.results)
        associated = {to: self._carried(selection.object, to, objects) for to in selection.associations}
        if wide:
            objects = self.by_id(selection, [one.id for one in objects])
        return Rows(objects, associated, after=page.paging.next.after if page.paging and page.paging.next else None)

    def archived(self, object_name: str, after: str | None) -> Rows:
        """One page of archived records, without properties."""
        query = [("limit", str(LIST_LIMIT)), *ARCHIVED, *([("after", after)] if after else [])]
        page = self._client.call(paths.LIST, Listing, query=query, object=object_name)
        return Rows(tuple(page.results), {}, after=page.paging.next.after if page.paging and page.paging.next else None)

    def modified(self, selection: Selection, since: datetime, until: datetime, after_id: int) -> Found:
        """Records modified in [since, until) with an id above `after_id`, by id, 200 at most.

        HubSpot docs: search.
        """
        modified = "lastmodifieddate" if selection.object == "contacts" else "hs_lastmodifieddate"
        filters = [
            {"propertyName": modified, "operator": "GTE", "value": values.epoch_ms(since)},
            {"propertyName": modified, "operator": "LT", "value": values.epoch_ms(until)},
            {"propertyName": "hs_object_id", "operator": "GT", "value": str(after_id)},
        ]
        body: dict[str, Any] = {
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": list(selection.properties),
            "limit": SEARCH_LIMIT,
        }
        bare = len(msgspec.json.encode(body)) > _SEARCH_BODY_CHARACTERS
        if bare:
            body["properties"] = []
        found = self._client.call(paths.SEARCH, SearchResult, body=body, object=selection.object)
        # A page may show a row twice; counted twice it would hide another one.
        objects = tuple({one.id: one for one in found.results}.values())
        ids = [_number_of(one.id, selection.object) for one in objects]
        in_order = found.total <= len(ids) or [after_id, *ids] == sorted({after_id, *ids})
        return Found(objects, found.total, max(ids, default=after_id), in_order, bare)

    def completed(self, selection: Selection, found: Found) -> tuple[CrmObject, ...]:
        """The found records with their properties."""
        return self.by_id(selection, [one.id for one in found.objects]) if found.bare else found.objects

    def total(self, object_name: str) -> int:
        """How many live records the object has."""
        body = {"filterGroups": [], "properties": [], "limit": 1}
        return self._client.call(paths.SEARCH, SearchResult, body=body, object=object_name).total

    def by_id(self, selection: Selection, ids: Sequence[str]) -> tuple[CrmObject, ...]:
        """The live records with these ids, in batches of 100. Of merged ones HubSpot returns the survivor."""
        return self.located(selection, ids).objects

    def located(self, selection: Selection, ids: Sequence[str], *, query: Query = ()) -> Located:
        """The live records with these ids (with the query `ARCHIVED` those in the bin), and the ids it says are not there.

        Raises:
            RetryLater: some of them could not be read just now.
        """
        found: dict[str, CrmObject] = {}
        absent: set[str] = set()
        for some in _chunks(tuple(dict.fromkeys(ids)), BATCH_LIMIT):
            body = {
                "inputs": [{"id": one} for one in some],
                "properties": list(selection.properties),
                "propertiesWithHistory": [],
            }
            answer = self._client.call(paths.BATCH_READ, Batch, query=query, body=body, object=selection.object)
            refuse_half(answer.errors, selection.object)
            # Two ids that were merged lead to one record.
            found |= {row.id: row for row in answer.results}
            absent |= {one for error in answer.errors if not NOT_FOUND.isdisjoint(error.codes()) for one in error.about()}
        return Located(tuple(found.values()), frozenset(absent))

    def one(self, selection: Selection, record_id: str, *, query: Query = ()) -> CrmObject | None:
        """As `located`, of one record: itself, or what it was merged into; None when HubSpot answers that there is none."""
        asked = [*query, *(("properties", name) for name in selection.properties)]
        try:
            return self._client.call(paths.READ, CrmObject, query=asked, object=selection.object, id=record_id)
        except RecordRejected as refused:
            if refused.code not in NOT_FOUND:
                raise
            return None

    def associated(self, object_name: str, to: str, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """For each id its associated ids of `to`, the primary one first; ids without any are left out."""
        found: dict[str, list[AssociatedTo]] = {}
        for some in _chunks(tuple(dict.fromkeys(ids)), ASSOCIATION_LIMIT):
            wanted = [{"id": one} for one in some]
            while wanted:
                answer = self._client.call(
                    paths.ASSOCIATIONS, AssociationBatch, body={"inputs": wanted}, object=object_name, to=to
                )
                refuse_half(answer.errors, object_name)
                for one in answer.results:
                    found.setdefault(one.from_.id, []).extend(one.to)
                wanted = _next_inputs(answer.results, wanted)
        return {one: _primary_first(ends) for one, ends in found.items() if ends}

    def _carried(self, object_name: str, to: str, objects: Sequence[CrmObject]) -> dict[str, tuple[str, ...]]:
        carried: dict[str, tuple[str, ...]] = {}
        cut_off: list[str] = []
        for one in objects:
            ends = one.associations.get(to)
            if ends is None:
                continue
            if ends.paging and ends.paging.next:
                cut_off.append(one.id)
            ordered = sorted(ends.results, key=lambda end: end.type != _PRIMARY_COMPANY_LABEL)
            carried[one.id] = tuple(dict.fromkeys(end.id for end in ordered))
        return {**carried, **self.associated(object_name, to, cut_off)}


def refuse_half(errors: Sequence[ItemError], object_name: str) -> None:
    """Take a batch for whole only if HubSpot refused what it lacks for good: what met a lock is neither gone nor empty."""
    for error in errors:
        codes = error.codes()
        if verdict(207, codes) is not Verdict.REJECTED:
            raise RetryLater(f"HubSpot read only part of a batch of {object_name}", code=codes[0] if codes else None)


def _number_of(object_id: str, object_name: str) -> int:
    if not object_id.isdecimal():
        raise ContractBroken(f"HubSpot's search of {object_name} returned an id that is no number")
    return int(object_id)


def _primary_first(ends: Sequence[AssociatedTo]) -> tuple[str, ...]:
    ordered = sorted(ends, key=lambda end: all(label.type_id != _PRIMARY_COMPANY_OF_DEAL for label in end.association_types))
    return tuple(dict.fromkeys(str(end.to_object_id) for end in ordered))


def _next_inputs(results: Sequence[AssociationsOf], asked: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """The inputs for the associations that did not fit; a page that leads to itself would never end."""
    following = [{"id": one.from_.id, "after": one.paging.next.after} for one in results if one.paging and one.paging.next]
    if any(one in asked for one in following):
        raise ContractBroken("HubSpot's paging of associations does not advance")
    return following


def _chunks(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
