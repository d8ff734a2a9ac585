"""The shapes HubSpot answers in, as far as they are read. Anything else in an answer is passed over."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Next(Struct, frozen=True):
    """Where the next page begins."""

    after: str


class Paging(Struct, frozen=True):
    """Present on every page but the last."""

    next: Next | None = None


class AssociatedId(Struct, frozen=True):
    """One association in a list answer; `type` is its label, such as `deal_to_company`."""

    id: str
    type: str = ""


class AssociatedIds(Struct, frozen=True):
    """The associations of one record to one object; `paging` tells that there are more."""

    results: list[AssociatedId]
    paging: Paging | None = None


class CrmObject(Struct, frozen=True, rename="camel"):
    """Any CRM record. Property values are text throughout."""

    id: str
    properties: dict[str, str | None]
    updated_at: datetime
    created_at: datetime
    archived: bool = False
    archived_at: datetime | None = None
    associations: dict[str, AssociatedIds] = {}


class Listing(Struct, frozen=True):
    """A page of the list endpoint."""

    results: list[CrmObject]
    paging: Paging | None = None


class SearchResult(Struct, frozen=True):
    """A page of a search; `total` counts all that match."""

    total: int
    results: list[CrmObject]


class ItemErrorContext(Struct, frozen=True, rename="camel"):
    """Which inputs of a batch an error is about."""

    ids: list[str] = []
    id: list[str] = []
    object_write_trace_id: list[str] = []


class ItemErrorDetail(Struct, frozen=True):
    """A finer code below a batch error's category."""

    code: str = ""


class ItemError(Struct, frozen=True, rename="camel"):
    """One error inside a 207."""

    category: str = ""
    message: str = ""
    context: ItemErrorContext = ItemErrorContext()
    errors: list[ItemErrorDetail] = []

    def about(self) -> frozenset[str]:
        """The ids of the inputs it is about; ours are sent as trace ids too."""
        return frozenset((*self.context.ids, *self.context.id, *self.context.object_write_trace_id))

    def codes(self) -> tuple[str, ...]:
        """Its codes, from the finest to the coarsest."""
        return tuple(code for code in (*(one.code for one in self.errors), self.category) if code)


class Batch(Struct, frozen=True):
    """The answer to a batch: 200 with results, 207 with errors besides."""

    results: list[CrmObject]
    errors: list[ItemError] = []


class Version(Struct, frozen=True):
    """One value that a property had or has, and since when."""

    timestamp: datetime
    value: str | None = None


class History(Struct, frozen=True, rename="camel"):
    """One record with all values of some properties that HubSpot still has."""

    id: str
    properties_with_history: dict[str, list[Version]] = {}


class HistoryBatch(Struct, frozen=True):
    """The answer to a batch that asked for history."""

    results: list[History]
    errors: list[ItemError] = []


class TypeOfAssociation(Struct, frozen=True, rename="camel"):
    """One label of an association; HubSpot's own ones have fixed ids (5: a deal's primary company)."""

    type_id: int


class AssociatedTo(Struct, frozen=True, rename="camel"):
    """The far end of an association. v4 paths send its id as a number, dated ones as text."""

    to_object_id: str | int
    association_types: list[TypeOfAssociation] = []


class FromId(Struct, frozen=True):
    """The near end of an association."""

    id: str


class AssociationsOf(Struct, frozen=True, rename={"from_": "from"}):
    """The associations of one record; `paging` tells that there are more."""

    from_: FromId
    to: list[AssociatedTo]
    paging: Paging | None = None


class AssociationBatch(Struct, frozen=True):
    """The answer to an association read. Records without associations are missing or listed as errors."""

    results: list[AssociationsOf]
    errors: list[ItemError] = []


class PropertyOption(Struct, frozen=True, rename="camel"):
    """One option of an enumeration."""

    value: str
    label: str
    display_order: int = -1
    hidden: bool = False
    description: str = ""


class Property(Struct, frozen=True, rename="camel"):
    """The definition of a property."""

    name: str
    label: str
    type: str
    field_type: str
    group_name: str = ""
    description: str = ""
    options: list[PropertyOption] = []


class Properties(Struct, frozen=True):
    """All properties of an object."""

    results: list[Property]


class Group(Struct, frozen=True):
    """A group of properties."""

    name: str
    label: str = ""


class Groups(Struct, frozen=True):
    """All property groups of an object."""

    results: list[Group]


class Owner(Struct, frozen=True, rename="camel"):
    """Somebody records can be assigned to. Records keep `id`, not the user id."""

    id: str
    type: str = "PERSON"
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    archived: bool = False


class Owners(Struct, frozen=True):
    """A page of owners."""

    results: list[Owner]
    paging: Paging | None = None


class Anything(Struct, frozen=True):
    """An answer of which only the success matters."""
