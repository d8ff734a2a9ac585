"""What each stream reads: its objects, the properties of each, and how a page of them becomes records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import TypeAlias

from connectors.hubspot import paths
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.engagements import ACTIVITIES, engagement
from connectors.hubspot.mapping import (
    COMPANIES,
    CONTACTS,
    DEAL_PROPERTIES,
    DEALS,
    MERGED,
    CompanyMapping,
    ContactMapping,
    deal_record,
    fingerprint,
    merged_into,
)
from connectors.hubspot.reading import Reader, Rows, Selection
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.wire import CrmObject, Properties
from connectors.records import Record, Stream

Records: TypeAlias = tuple[Record, ...]

_TYPES_KEPT = timedelta(minutes=10)

_OBJECTS: Mapping[Stream, str] = {Stream.CONTACTS: CONTACTS, Stream.COMPANIES: COMPANIES, Stream.DEALS: DEALS}

SOURCED = frozenset({CONTACTS, COMPANIES, DEALS, *ACTIVITIES})
"""Objects that have a source."""

SWEPT = frozenset({CONTACTS, COMPANIES, DEALS})
"""Objects whose archived records are looked for: an activity stays a fact even when it is archived."""


def _everything(_row: CrmObject) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Source:
    """One object of a stream. `shape` is a fingerprint of what is read, `counts` tells whose associations are wanted."""

    selection: Selection
    records: Callable[[Rows], Records]
    shape: str
    counts: Callable[[CrmObject], bool] = _everything

    def rows(self, reader: Reader, objects: tuple[CrmObject, ...]) -> Rows:
        """The objects with their associations, which neither search nor batch read brings along."""
        selection = self.selection
        ids = [row.id for row in objects if self.counts(row)] if selection.associations else []
        return Rows(objects, {to: reader.associated(selection.object, to, ids) for to in selection.associations})


class Sources:
    """Builds the sources of an account, asking it now and then which properties it has."""

    def __init__(self, client: HubSpotClient, settings: HubSpotSettings, *, now: Callable[[], datetime]) -> None:
        self._client = client
        self._settings = settings
        self._now = now
        self._types: dict[str, tuple[datetime, dict[str, str]]] = {}

    def objects(self, stream: Stream) -> tuple[str, ...]:
        """The objects of a stream other than owners, in the order they are read."""
        return self._settings.engagements if stream is Stream.ENGAGEMENTS else (_OBJECTS[stream],)

    def of(self, stream: Stream) -> tuple[Source, ...]:
        """The sources of these objects."""
        return tuple(self.source(name) for name in self.objects(stream))

    def source(self, name: str) -> Source:
        """The source of one of the `SOURCED` objects."""
        if name == CONTACTS:
            return _contacts(self.contact_mapping())
        if name == COMPANIES:
            return _companies(self.company_mapping(), self.types(COMPANIES))
        return _deals(self.types(DEALS)) if name == DEALS else _engagements(name)

    def contact_mapping(self) -> ContactMapping:
        """How contacts are read, with the properties the account has now."""
        return ContactMapping.of(
            self._settings.map.person,
            self.types(CONTACTS),
            prefix=self._settings.field_prefix,
            conversions=self._settings.conversions,
        )

    def company_mapping(self) -> CompanyMapping:
        """How companies are read, with the properties the account has now."""
        return CompanyMapping.of(self._settings.map.company, self.types(COMPANIES))

    def types(self, object_name: str) -> dict[str, str]:
        """The properties of an object with HubSpot's types of them, as known for some minutes at most."""
        now = self._now()
        known = self._types.get(object_name)
        if known is not None and now - _TYPES_KEPT < known[0] <= now:
            return known[1]
        found = self._client.call(paths.PROPERTIES, Properties, object=object_name)
        types = {one.name: one.type for one in found.results}
        self._types[object_name] = (now, types)
        return types

    def forget_types(self) -> None:
        """Ask anew which properties there are: some were just made, or HubSpot misses one."""
        self._types.clear()


def contact_selection(mapping: ContactMapping) -> Selection:
    """What to read of contacts."""
    return Selection(CONTACTS, mapping.properties())


def _contacts(mapping: ContactMapping) -> Source:
    def records(rows: Rows) -> Records:
        return tuple(chain.from_iterable(mapping.records(row) for row in rows.objects))

    return Source(contact_selection(mapping), records, mapping.shape())


def _companies(mapping: CompanyMapping, types: Mapping[str, str]) -> Source:
    def records(rows: Rows) -> Records:
        return tuple(chain.from_iterable((*merged_into(COMPANIES, row), mapping.company(row)) for row in rows.objects))

    properties = tuple(dict.fromkeys((*_merged(COMPANIES, types), *mapping.table.properties())))
    return Source(Selection(COMPANIES, properties), records, fingerprint(mapping.table.content()))


def _deals(types: Mapping[str, str]) -> Source:
    def records(rows: Rows) -> Records:
        return tuple(
            chain.from_iterable(
                (
                    *merged_into(DEALS, row),
                    deal_record(row, rows.ids(CONTACTS, row.id), next(iter(rows.ids(COMPANIES, row.id)), None)),
                )
                for row in rows.objects
            )
        )

    content = tuple(name for name in DEAL_PROPERTIES if name in types)
    selection = Selection(DEALS, (*_merged(DEALS, types), *content), associations=(CONTACTS, COMPANIES))
    return Source(selection, records, fingerprint(content))


def _merged(object_name: str, types: Mapping[str, str]) -> tuple[str, ...]:
    return (MERGED[object_name],) if MERGED[object_name] in types else ()


def _engagements(object_name: str) -> Source:
    def records(rows: Rows) -> Records:
        read = (engagement(object_name, row, rows.ids(CONTACTS, row.id)) for row in rows.objects)
        return tuple(one for one in read if one is not None and one.people)

    def counts(row: CrmObject) -> bool:
        return engagement(object_name, row) is not None

    properties = ACTIVITIES[object_name].properties
    return Source(Selection(object_name, properties, associations=(CONTACTS,)), records, fingerprint(properties), counts)
