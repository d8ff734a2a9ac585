"""From method and path to handler: one table of path templates below `/services/data/{version}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote

import msgspec

from sandbox.exchange import Reply, Request
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.records import Writer

NEWEST_VERSION = 67
OLDEST_VERSION = 31
DATA_ROOT = "/services/data"


@dataclass(frozen=True, slots=True)
class Call:
    """A signed-in request to a REST resource. `base` is the path up to the API version; `path` holds the parts
    that the template names."""

    request: Request
    base: str
    user_id: str
    path: Mapping[str, str]

    def parameter(self, name: str) -> str | None:
        """The first value of a query parameter."""
        values = self.request.parameters().get(name)
        return values[0] if values else None

    def header(self, name: str) -> str:
        """A request header, empty where it was not sent."""
        return self.request.headers.get(name.lower(), "")

    @property
    def writer(self) -> Writer:
        """Who writes: assignment rules run unless told FALSE, duplicates are refused unless told to save them."""
        saves_duplicates = "allowsave=true" in self.header("Sforce-Duplicate-Rule-Header").replace(" ", "").lower()
        return Writer(
            self.user_id,
            assigns=self.header("Sforce-Auto-Assign").strip().upper() != "FALSE",
            duplicates=None if saves_duplicates else self.base,
        )

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object.

        Raises:
            SalesforceError: JSON_PARSER_ERROR, or UNSUPPORTED_MEDIA_TYPE for a body that does not say it is JSON.
        """
        if "json" not in self.header("Content-Type").lower():
            raise SalesforceError("UNSUPPORTED_MEDIA_TYPE", "Content-Type header specifies an unsupported media type")
        try:
            body = msgspec.json.decode(self.request.body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
            raise SalesforceError("JSON_PARSER_ERROR", f"{problem} at [line:1, column:1]") from None
        if not isinstance(body, dict):
            raise SalesforceError("JSON_PARSER_ERROR", "The HTTP entity body is required to be a JSON object")
        return body


Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path template; `/sobjects/{object}/{id}`."""

    method: str
    template: str
    handler: Handler


class Family(Protocol):
    """The handlers of one part of the API."""

    def routes(self) -> list[Route]:
        """Their table; where templates overlap, the earlier family wins."""
        ...


@dataclass(frozen=True, slots=True)
class Match:
    """The route of a request, and what its template's names stand for."""

    route: Route
    path: dict[str, str]


class Router:
    """Finds routes; literal parts win over named ones by the order of the table."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._by_length: dict[int, list[tuple[list[str], Route]]] = {}
        for route in routes:
            parts = route.template.strip("/").split("/")
            self._by_length.setdefault(len(parts), []).append((parts, route))

    def find(self, method: str, resource: str) -> Match:
        """The route for a method and a path below the version, whose parts are still percent-encoded.

        Raises:
            SalesforceError: NOT_FOUND, or METHOD_NOT_ALLOWED where only other methods are known.
        """
        parts = [part for part in resource.split("/") if part]
        allowed: list[str] = []
        for template, route in self._by_length.get(len(parts), []):
            named = _named(template, parts)
            if named is None:
                continue
            if route.method == method:
                return Match(route, named)
            allowed.append(route.method)
        if not allowed:
            raise not_found()
        known = ", ".join(dict.fromkeys(allowed))
        message = f"HTTP Method '{method}' not allowed. Allowed are {known}"
        raise SalesforceError("METHOD_NOT_ALLOWED", message)


def _named(template: list[str], parts: list[str]) -> dict[str, str] | None:
    named: dict[str, str] = {}
    for expected, part in zip(template, parts, strict=True):
        if expected.startswith("{"):
            named[expected[1:-1]] = unquote(part)
        elif expected.lower() != part.lower():
            return None
    return named


def split_version(path: str) -> tuple[str, str, str]:
    """Base, version and resource of a path below `/services/data`: `/services/data/v67.0`, `67.0`, `/query`.

    Raises:
        SalesforceError: NOT_FOUND, or UNSUPPORTED_API_VERSION for a retired one (410).
    """
    version, _, resource = path.removeprefix(DATA_ROOT).strip("/").partition("/")
    number = version.removeprefix("v").removesuffix(".0")
    if not version.startswith("v") or not version.endswith(".0") or not number.isdigit():
        raise not_found()
    if int(number) > NEWEST_VERSION:
        raise not_found()
    if int(number) < OLDEST_VERSION:
        raise SalesforceError("UNSUPPORTED_API_VERSION", f"API version {version[1:]} has been retired")
    return f"{DATA_ROOT}/{version}", version[1:], "/" + resource


def json_reply(body: object, status: int = 200, effect: str = "", headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """A reply with a JSON body."""
    return Reply(status, msgspec.json.encode(body), headers, effect)


def no_content(effect: str) -> Reply:
    """A 204."""
    return Reply(204, effect=effect)
