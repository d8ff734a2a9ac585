"""The org behind the front door: one request in, one reply out."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import parse_qsl

from sandbox.exchange import CrmState, Reply, Request
from sandbox.faults import Mishap
from sandbox.refusals import Refusals
from sandbox.salesforce import mishaps, saved
from sandbox.salesforce.api.batch import BatchApi
from sandbox.salesforce.api.bulk_ingest import BulkIngestApi
from sandbox.salesforce.api.bulk_query import BulkQueryApi
from sandbox.salesforce.api.changes import ChangesApi
from sandbox.salesforce.api.collections import CollectionsApi
from sandbox.salesforce.api.composite import CompositeApi
from sandbox.salesforce.api.definitions import DefinitionApi
from sandbox.salesforce.api.metadata import METADATA_ROOT, MetadataApi
from sandbox.salesforce.api.oauth import OAuthApi
from sandbox.salesforce.api.partner import PARTNER_ROOT, PartnerApi
from sandbox.salesforce.api.queries import QueryApi
from sandbox.salesforce.api.root import RootApi, resources, versions
from sandbox.salesforce.api.sobjects import SObjectApi
from sandbox.salesforce.api.tree import TreeApi
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.org import Org
from sandbox.salesforce.routes import DATA_ROOT, Call, Family, Match, Router, json_reply, split_version
from sandbox.salesforce.snapshot import snapshot
from sandbox.salesforce.soap import session_header
from sandbox.salesforce.trouble import OAUTH_ROOT, trouble

MAX_URI_BYTES = 16_384
LOST_LOCATOR = 400
_READS = ("GET", "HEAD")
_PRIVATE = ("Cache-Control", "no-cache,must-revalidate,max-age=0,no-store,private")


class SalesforceCrm:
    """Salesforce as the twin's front door wants it."""

    name = "salesforce"

    def __init__(self, org: Org, refusals: Refusals) -> None:
        self.org = org
        self.refusals = refusals
        self._oauth = OAuthApi(org.sessions)
        self._metadata = MetadataApi(org)
        self._partner = PartnerApi(org)
        singles = SObjectApi(org)
        composite = CompositeApi(org, self._resource)
        collections = CollectionsApi(org, singles)
        self._queries = QueryApi(org)
        families: tuple[Family, ...] = (
            RootApi(org),
            self._queries,
            composite,
            BatchApi(self._resource),
            TreeApi(org),
            collections,
            DefinitionApi(org),
            BulkQueryApi(org, org.jobs),
            BulkIngestApi(org, org.jobs),
            ChangesApi(org),
            singles,
        )
        self._router = Router([route for family in families for route in family.routes()])

    def endpoint(self, request: Request) -> str:
        """Method and path with version, ids and locators replaced by names; the object's name stays."""
        path = request.path.rstrip("/") or "/"
        if not path.startswith(DATA_ROOT + "/"):
            return f"{request.method} {path}"
        try:
            match, _ = self._match(request)
        except SalesforceError:
            return f"{request.method} {DATA_ROOT}/{{version}}/…"
        object_name = match.path.get("object", "{object}")
        return f"{match.route.method} {DATA_ROOT}/{{version}}{match.route.template}".replace("{object}", object_name)

    def answer(self, request: Request) -> Reply:
        """Carry a request out."""
        try:
            reply = self._dispatch(request)
        except SalesforceError as refusal:
            reply = json_reply(refusal.top_level(), refusal.status)
        if request.path.startswith(DATA_ROOT):
            reply = replace(reply, headers=(*reply.headers, _PRIVATE, self.org.usage.header))
        return reply

    def trouble(self, status: int, request: Request) -> Reply:
        """The org's own way of failing with this status; 400 on a further page of a query ends its locator."""
        if status == LOST_LOCATOR and self._queries.lose(request.path):
            lost = SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
            return json_reply(lost.top_level(), lost.status)
        return trouble(status, request)

    def expire_token(self, request: Request) -> None:
        """End the session of this request."""
        self.org.sessions.end(session_header(request) or request.headers.get("authorization", ""))

    def misbehave(self, mishap: Mishap, request: Request, dice: Random) -> Reply:
        """Answer under a mishap, in Salesforce's form."""
        match mishap:
            case "half_batch":
                return mishaps.half_batch(request, self.answer, dice)
            case "duplicate_rows":
                return mishaps.duplicate_rows(request, self.answer, dice)
            case "repeat_page":
                return mishaps.repeat_page(request, self.answer)
            case "lapse":
                self.expire_token(request)
                return self.answer(request)

    def set_rules(self, order: Any) -> None:
        """Validation rules, duplicate rules and locks instead of the former ones."""
        self.org.rules.replace(order)

    def state(self) -> CrmState:
        """All records, and the custom fields with who may see them."""
        self.org.jobs.settle()
        return snapshot(self.org)

    def save(self) -> bytes:
        """Everything that differs from the org's market, and which market that is."""
        return saved.save(self.org)

    def load(self, content: bytes) -> None:
        """Bring back exactly that state. Time goes on. Raises ValueError for other bytes and for another market."""
        saved.load(self.org, content)

    def _dispatch(self, request: Request) -> Reply:
        uri_bytes = len(request.target.encode())
        if uri_bytes > MAX_URI_BYTES:
            raise SalesforceError("URI_TOO_LONG", "The URI is longer than 16,384 bytes")
        if uri_bytes + sum(len(name) + len(value) for name, value in request.headers.items()) > MAX_URI_BYTES:
            raise SalesforceError("REQUEST_HEADER_FIELDS_TOO_LARGE", "URI and headers are longer than 16,384 bytes")
        path = request.path.rstrip("/")
        if path.startswith(OAUTH_ROOT + "/"):
            return self._oauth.answer(request)
        if path.startswith(METADATA_ROOT):
            return self._metadata.answer(request)
        if path.startswith(PARTNER_ROOT):
            return self._partner.answer(request)
        if path == DATA_ROOT and request.method in _READS:
            return versions()
        if not path.startswith(DATA_ROOT + "/"):
            raise not_found()
        user_id = self.org.sessions.user_of(request.headers.get("authorization", ""))
        if user_id is None:
            raise SalesforceError("INVALID_SESSION_ID", "Session expired or invalid")
        self.org.usage.count()
        self.org.jobs.settle()
        return self._resource(request, user_id)

    def _resource(self, request: Request, user_id: str) -> Reply:
        """A request below the version, its user being known."""
        base, _, resource = split_version(request.path)
        if resource == "/" and request.method in _READS:
            return resources(base)
        match, base = self._match(request)
        return match.route.handler(Call(request, base, user_id, match.path))

    def _match(self, request: Request) -> tuple[Match, str]:
        base, _, resource = split_version(request.target.partition("?")[0])
        method = request.method
        if method == "POST" and "_HttpMethod=" in request.query:
            method = dict(parse_qsl(request.query)).get("_HttpMethod", method).upper()
        return self._router.find("GET" if method in _READS else method, resource), base
