"""Where HubSpot's operations live, per API version: the only place that knows a URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

VersionName: TypeAlias = Literal["2026-03", "v3"]
Root: TypeAlias = Literal["objects", "associations", "properties", "owners", "usage"]


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """One family of paths with the day its support ends."""

    name: VersionName
    supported_until: date
    objects: str
    associations: str
    properties: str
    owners: str
    usage: str

    def root(self, root: Root) -> str:
        """The path prefix of one part of the API."""
        match root:
            case "objects":
                return self.objects
            case "associations":
                return self.associations
            case "properties":
                return self.properties
            case "owners":
                return self.owners
            case "usage":
                return self.usage


# HubSpot changelog: a dated version lives 18 months from its March or September; v4 paths (associations) end on 30 March
# 2027, v3 paths in September 2027, so the older family as a whole is good until the earlier day.
VERSIONS: Mapping[VersionName, ApiVersion] = {
    "2026-03": ApiVersion(
        name="2026-03",
        supported_until=date(2027, 9, 30),
        objects="/crm/objects/2026-03",
        associations="/crm/associations/2026-03",
        properties="/crm/properties/2026-03",
        owners="/crm/owners/2026-03",
        usage="/account-info/2026-03/api-usage",
    ),
    "v3": ApiVersion(
        name="v3",
        supported_until=date(2027, 3, 30),
        objects="/crm/v3/objects",
        associations="/crm/v4/associations",
        properties="/crm/v3/properties",
        owners="/crm/v3/owners",
        usage="/account-info/v3/api-usage",
    ),
}

Kind: TypeAlias = Literal["requests", "search", "associations"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One call HubSpot offers. `{object}` and `{to}` are object names, `{id}` and `{name}` single things.

    `kinds` are the rate limits it counts against: searches have one of their own and are outside the ten-second count;
    association calls have one besides it (HubSpot usage guidelines).
    """

    method: Literal["GET", "POST", "PATCH"]
    root: Root
    suffix: str
    kinds: tuple[Kind, ...] = ("requests",)


LIST = Operation("GET", "objects", "/{object}")
READ = Operation("GET", "objects", "/{object}/{id}")
CREATE = Operation("POST", "objects", "/{object}")
UPDATE = Operation("PATCH", "objects", "/{object}/{id}")
SEARCH = Operation("POST", "objects", "/{object}/search", kinds=("search",))
BATCH_READ = Operation("POST", "objects", "/{object}/batch/read")
BATCH_UPDATE = Operation("POST", "objects", "/{object}/batch/update")
ASSOCIATIONS = Operation("POST", "associations", "/{object}/{to}/batch/read", kinds=("requests", "associations"))
PROPERTIES = Operation("GET", "properties", "/{object}")
CREATE_PROPERTY = Operation("POST", "properties", "/{object}")
UPDATE_PROPERTY = Operation("PATCH", "properties", "/{object}/{name}")
GROUPS = Operation("GET", "properties", "/{object}/groups")
CREATE_GROUP = Operation("POST", "properties", "/{object}/groups")
OWNERS = Operation("GET", "owners", "")
DAILY_USAGE = Operation("GET", "usage", "/daily/private-apps")
