"""The table of routes, for both path families: `/crm/objects/2026-03/…` and `/crm/v3/objects/…`.

A route is written once, without prefix and version. `{kind}` and `{to}` stand for object types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sandbox.hubspot import (
    associations,
    associations_v3,
    batches,
    directory,
    labelling,
    lifecycle,
    oauth,
    objects,
    pipelines,
    properties,
    scopes,
    search,
    validations,
)
from sandbox.hubspot.call import Handler
from sandbox.hubspot.kinds import known
from sandbox.hubspot.problems import Problem

DATED_VERSIONS = frozenset({"2025-09", "2026-03", "2026-09"})
_CRM_FAMILIES = frozenset(
    {"objects", "properties", "property-validations", "owners", "pipelines", "associations", "schemas"}
)
_OTHER_FAMILIES = frozenset({"account-info", "oauth"})
_LEGACY_PROPERTIES = "legacy-properties"
"""`/properties/v2/…`, older than `/crm/`, in the table under a name of its own."""
_OLD_VERSIONS: Mapping[str, frozenset[str]] = {
    "objects": frozenset({"v3", "v4"}),
    "properties": frozenset({"v3"}),
    "property-validations": frozenset({"v3"}),
    "owners": frozenset({"v3"}),
    "pipelines": frozenset({"v3"}),
    "associations": frozenset({"v3", "v4"}),
    "account-info": frozenset({"v3"}),
    "oauth": frozenset({"v1", "v3"}),
    "schemas": frozenset({"v3"}),
    _LEGACY_PROPERTIES: frozenset({"v2"}),
}

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "objects/{kind}", objects.list_records),
    ("POST", "objects/{kind}", objects.create_record),
    ("GET", "objects/{kind}/{id}", objects.read_record),
    ("PATCH", "objects/{kind}/{id}", objects.update_record),
    ("DELETE", "objects/{kind}/{id}", objects.archive_record),
    ("POST", "objects/{kind}/search", search.search),
    ("POST", "objects/{kind}/merge", lifecycle.merge),
    ("POST", "objects/{kind}/gdpr-delete", lifecycle.gdpr_delete),
    ("POST", "objects/{kind}/batch/read", batches.read_batch),
    ("POST", "objects/{kind}/batch/create", batches.create_batch),
    ("POST", "objects/{kind}/batch/update", batches.update_batch),
    ("POST", "objects/{kind}/batch/upsert", batches.upsert_batch),
    ("POST", "objects/{kind}/batch/archive", batches.archive_batch),
    ("GET", "objects/{kind}/{id}/associations/{to}", associations.read_one),
    ("PUT", "objects/{kind}/{id}/associations/{to}/{to_id}", associations.make_labelled),
    ("DELETE", "objects/{kind}/{id}/associations/{to}/{to_id}", associations.undo),
    ("PUT", "objects/{kind}/{id}/associations/default/{to}/{to_id}", associations.make_default),
    ("POST", "associations/{kind}/{to}/batch/read", associations.read_batch),
    ("POST", "associations/{kind}/{to}/batch/create", associations.create_batch),
    ("POST", "associations/{kind}/{to}/batch/archive", associations.archive_batch),
    ("POST", "associations/{kind}/{to}/batch/associate/default", associations.create_default_batch),
    ("POST", "associations/{kind}/{to}/batch/labels/archive", associations.archive_labels),
    ("GET", "associations/{kind}/{to}/labels", labelling.list_labels),
    ("POST", "associations/{kind}/{to}/labels", labelling.create_label),
    ("PUT", "associations/{kind}/{to}/labels", labelling.update_label),
    ("DELETE", "associations/{kind}/{to}/labels/{type}", labelling.delete_label),
    ("GET", "properties/{kind}", properties.list_properties),
    ("POST", "properties/{kind}", properties.create_property),
    ("POST", "properties/{kind}/batch/create", properties.create_properties),
    ("POST", "properties/{kind}/batch/read", properties.read_properties),
    ("POST", "properties/{kind}/batch/archive", properties.archive_properties),
    ("GET", f"{_LEGACY_PROPERTIES}/{{kind}}/properties", properties.list_bare),
    ("GET", "schemas", properties.list_custom_types),
    ("GET", "properties/{kind}/groups", properties.list_groups),
    ("POST", "properties/{kind}/groups", properties.create_group),
    ("GET", "properties/{kind}/groups/{group}", properties.read_group),
    ("PATCH", "properties/{kind}/groups/{group}", properties.update_group),
    ("DELETE", "properties/{kind}/groups/{group}", properties.archive_group),
    ("GET", "properties/{kind}/{property}", properties.read_property),
    ("PATCH", "properties/{kind}/{property}", properties.update_property),
    ("DELETE", "properties/{kind}/{property}", properties.archive_property),
    ("GET", "property-validations/{kind}", validations.list_rules),
    ("GET", "property-validations/{kind}/{property}", validations.read_rules),
    ("GET", "property-validations/{kind}/{property}/rule-type/{rule}", validations.read_rule),
    ("PUT", "property-validations/{kind}/{property}/rule-type/{rule}", validations.put_rule),
    ("GET", "owners", directory.list_owners),
    ("GET", "owners/{owner}", directory.read_owner),
    ("GET", "pipelines/{kind}", pipelines.list_pipelines),
    ("POST", "pipelines/{kind}", pipelines.create_pipeline),
    ("GET", "pipelines/{kind}/{pipeline}", pipelines.read_pipeline),
    ("PATCH", "pipelines/{kind}/{pipeline}", pipelines.update_pipeline),
    ("PUT", "pipelines/{kind}/{pipeline}", pipelines.replace_pipeline),
    ("DELETE", "pipelines/{kind}/{pipeline}", pipelines.delete_pipeline),
    ("GET", "pipelines/{kind}/{pipeline}/audit", pipelines.pipeline_audit),
    ("GET", "pipelines/{kind}/{pipeline}/stages", pipelines.list_stages),
    ("POST", "pipelines/{kind}/{pipeline}/stages", pipelines.create_stage),
    ("GET", "pipelines/{kind}/{pipeline}/stages/{stage}", pipelines.read_stage),
    ("PATCH", "pipelines/{kind}/{pipeline}/stages/{stage}", pipelines.update_stage),
    ("PUT", "pipelines/{kind}/{pipeline}/stages/{stage}", pipelines.replace_stage),
    ("DELETE", "pipelines/{kind}/{pipeline}/stages/{stage}", pipelines.delete_stage),
    ("GET", "pipelines/{kind}/{pipeline}/stages/{stage}/audit", pipelines.stage_audit),
    ("GET", "account-info/api-usage/daily/private-apps", directory.usage),
    ("GET", "account-info/details", directory.details),
    ("POST", "oauth/token", oauth.token),
    ("POST", "oauth/token/introspect", oauth.introspect),
    ("POST", "oauth/token/revoke", oauth.revoke),
)

OLD_ASSOCIATIONS: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "objects/{kind}/{id}/associations/{to}", associations_v3.read_one),
    ("PUT", "objects/{kind}/{id}/associations/{to}/{to_id}/{type}", associations_v3.make),
    ("DELETE", "objects/{kind}/{id}/associations/{to}/{to_id}/{type}", associations_v3.undo),
    ("GET", "associations/{kind}/{to}/types", associations_v3.types),
    ("POST", "associations/{kind}/{to}/batch/read", associations_v3.read_batch),
    ("POST", "associations/{kind}/{to}/batch/create", associations_v3.create_batch),
    ("POST", "associations/{kind}/{to}/batch/archive", associations_v3.archive_batch),
)
"""What `v3` has instead of all the association routes above."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes.

    `lane` says what it counts against: search, associations, oauth or general. `version` is `2026-03`, `v3` and the like.
    """

    handler: Handler
    path: Mapping[str, str]
    endpoint: str
    lane: str
    version: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One path of the table with its handlers by method."""

    segments: tuple[str, ...]
    handlers: dict[str, Handler]

    def fits(self, segments: tuple[str, ...]) -> bool:
        return all(mine[0] == "{" or mine == theirs for mine, theirs in zip(self.segments, segments, strict=True))


_Table = Mapping[tuple[str, int], list[_Pattern]]


def _table(routes: Iterable[tuple[str, str, Handler]]) -> _Table:
    table: dict[tuple[str, int], list[_Pattern]] = {}
    for method, text, handler in routes:
        segments = tuple(text.split("/"))
        patterns = table.setdefault((segments[0], len(segments)), [])
        pattern = next((p for p in patterns if p.segments == segments), None)
        if pattern is None:
            pattern = _Pattern(segments, {})
            patterns.append(pattern)
        pattern.handlers[method] = handler
    for patterns in table.values():
        patterns.sort(key=lambda p: [segment[0] == "{" for segment in p.segments])
    return table


def _about_links(route: tuple[str, str, Handler]) -> bool:
    return "associations" in route[1]


_DATED = _table(ROUTES)
_TABLES: Mapping[str, _Table] = {
    "v1": _table(route for route in ROUTES if route[1] == "oauth/token"),
    "v3": _table([*(route for route in ROUTES if not _about_links(route)), *OLD_ASSOCIATIONS]),
    "v4": _table(filter(_about_links, ROUTES)),
}
NOT_FOUND = Problem(404, "OBJECT_NOT_FOUND", "resource not found")


def find(method: str, path: str) -> Route:
    """The route of a request.

    Raises:
        Problem: 404 for an unknown path, 405 for a known path with another method.
    """
    family, version, rest = _family(path)
    segments = (family, *rest)
    for pattern in _TABLES.get(version, _DATED).get((family, len(segments)), ()):
        if pattern.fits(segments):
            return _route(method, pattern, version, segments)
    raise NOT_FOUND


def _route(method: str, pattern: _Pattern, version: str, segments: tuple[str, ...]) -> Route:
    handler = pattern.handlers.get(method)
    if handler is None:
        raise Problem(405, "METHOD_NOT_ALLOWED", "HTTP 405 Method Not Allowed")
    named = {mine.strip("{}"): theirs for mine, theirs in zip(pattern.segments, segments, strict=True) if mine[0] == "{"}
    return Route(
        handler=handler,
        path=named,
        endpoint=_endpoint(method, pattern, version, named),
        lane=_lane(pattern),
        version=version,
        scopes=_scopes(method, pattern.segments, tuple(named.get(end, "") for end in ("kind", "to"))),
    )


@lru_cache(maxsize=2_048)
def _scopes(method: str, segments: tuple[str, ...], ends: tuple[str, ...]) -> frozenset[str]:
    """What a call needs; object types that do not exist need nothing, and are refused later."""
    kinds = [kind for kind in map(known, ends) if kind is not None]
    reads = method == "GET" or segments[-1] in ("read", "search")
    return frozenset(scopes.needed(segments[0], kinds, "read" if reads else "write"))


def _lane(pattern: _Pattern) -> str:
    if pattern.segments[-1] == "search":
        return "search"
    if pattern.segments[0] == "oauth":
        return "oauth"
    return "associations" if "associations" in pattern.segments else "general"


def _endpoint(method: str, pattern: _Pattern, version: str, named: Mapping[str, str]) -> str:
    shown = [pattern.segments[0], version]
    for segment in pattern.segments[1:]:
        kind = known(named[segment.strip("{}")]) if segment in ("{kind}", "{to}") else None
        shown.append(segment if kind is None else kind.name)
    prefix = "/" if pattern.segments[0] in (*_OTHER_FAMILIES, _LEGACY_PROPERTIES) else "/crm/"
    return f"{method} {prefix}{'/'.join(shown)}"


def _family(path: str) -> tuple[str, str, tuple[str, ...]]:
    parts = tuple(path.strip("/").split("/"))
    if parts[0] in _OTHER_FAMILIES and len(parts) > 1:
        family, version, rest = parts[0], parts[1], parts[2:]
    elif parts[:2] == ("properties", "v2"):
        family, version, rest = _LEGACY_PROPERTIES, parts[1], parts[2:]
    elif parts[0] == "crm" and len(parts) > 2:
        family, version, rest = parts[1], parts[2], parts[3:]
        if family not in _CRM_FAMILIES:
            family, version = version, family
            if version in DATED_VERSIONS:
                raise NOT_FOUND
    else:
        raise NOT_FOUND
    if version not in DATED_VERSIONS and version not in _OLD_VERSIONS.get(family, ()):
        raise NOT_FOUND
    return family, version, rest
