"""What each stream reads: its objects, the properties of each, and how a page of them becomes records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
    CompanyMapping,
    ContactMapping,
    deal_record,
)
from connectors.hubspot.reading import Rows, Selection
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.wire import CrmObject, Properties
from connectors.records import Record, Stream

Records: TypeAlias = tuple[Record, ...]

SWEPT = frozenset({CONTACTS, COMPANIES, DEALS})
"""Objects whose archived records are looked for: an activity stays a fact even when it is archived."""


def _everything(_row: CrmObject) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Source:
    """One object of a stream. `counts` tells the rows whose associations are worth reading."""

    selection: Selection
    records: Callable[[Rows], Records]
    counts: Callable[[CrmObject], bool] = _everything


class Sources:
    """Builds the sources of an account, asking it first which properties it has."""

    def __init__(self, client: HubSpotClient, settings: HubSpotSettings) -> None:
        self._client = client
        self._settings = settings

    def of(self, stream: Stream) -> tuple[Source, ...]:
        """The sources of a stream other than owners, in the order they are read."""
        match stream:
            case Stream.CONTACTS:
                return (_contacts(self.contact_mapping()),)
            case Stream.COMPANIES:
                return (_companies(CompanyMapping.of(self._settings.map.company, self.types(COMPANIES))),)
            case Stream.DEALS:
                return (_deals(self.types(DEALS)),)
            case Stream.ENGAGEMENTS:
                return tuple(_engagements(name) for name in self._settings.engagements)
            case Stream.OWNERS:
                raise ValueError("owners are read whole, from an endpoint of their own")

    def contact_mapping(self) -> ContactMapping:
        """How contacts are read, with the properties the account has now."""
        return ContactMapping.of(
            self._settings.map.person,
            self.types(CONTACTS),
            prefix=self._settings.field_prefix,
            conversions=self._settings.conversions,
        )

    def types(self, object_name: str) -> dict[str, str]:
        """The properties of an object with HubSpot's types of them."""
        found = self._client.call(paths.PROPERTIES, Properties, object=object_name)
        return {one.name: one.type for one in found.results}


def contact_selection(mapping: ContactMapping) -> Selection:
    """What to read of contacts."""
    return Selection(CONTACTS, mapping.properties())


def _contacts(mapping: ContactMapping) -> Source:
    def records(rows: Rows) -> Records:
        return tuple(chain.from_iterable(mapping.records(row) for row in rows.objects))

    return Source(contact_selection(mapping), records)


def _companies(mapping: CompanyMapping) -> Source:
    def records(rows: Rows) -> Records:
        return tuple(mapping.company(row) for row in rows.objects)

    return Source(Selection(COMPANIES, mapping.table.properties()), records)


def _deals(types: Mapping[str, str]) -> Source:
    def records(rows: Rows) -> Records:
        return tuple(
            deal_record(row, rows.ids(CONTACTS, row.id), next(iter(rows.ids(COMPANIES, row.id)), None))
            for row in rows.objects
        )

    properties = tuple(name for name in DEAL_PROPERTIES if name in types)
    return Source(Selection(DEALS, properties, associations=(CONTACTS, COMPANIES)), records)


def _engagements(object_name: str) -> Source:
    def records(rows: Rows) -> Records:
        read = (engagement(object_name, row, rows.ids(CONTACTS, row.id)) for row in rows.objects)
        return tuple(one for one in read if one is not None)

    def counts(row: CrmObject) -> bool:
        return engagement(object_name, row) is not None

    selection = Selection(object_name, ACTIVITIES[object_name].properties, associations=(CONTACTS,))
    return Source(selection, records, counts)
