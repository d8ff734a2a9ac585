"""The HubSpot twin as a `Crm`: sign-in, limits, routing, answers."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from sandbox.exchange import CrmState, Reply, Request
from sandbox.faults import Mishap
from sandbox.hubspot import mishaps, restoring, routes, saved, scopes, visiting
from sandbox.hubspot.account import Account
from sandbox.hubspot.call import Call
from sandbox.hubspot.problems import Problem, page, trouble
from sandbox.hubspot.state import state_of
from sandbox.refusals import Refusals

LONGEST_TARGET = 8_192
MIGRATING = 477
MIGRATION_PAUSE = ("Retry-After", "30")
"""HubSpot may say up to a day; this account is moved within half a minute."""

UNKNOWN_ENDPOINT = "{unknown path}"


class HubSpotTwin:
    """One account behind its API."""

    name = "hubspot"

    def __init__(self, account: Account) -> None:
        self.account = account
        self.refusals: Refusals = account.refusals

    def endpoint(self, request: Request) -> str:
        """Method and path in the dated order of its parts, with ids replaced by names."""
        try:
            return routes.find(request.method, request.path).endpoint
        except Problem:
            return f"{request.method} {UNKNOWN_ENDPOINT}"

    def answer(self, request: Request) -> Reply:
        """Carry a request out under the account's limits."""
        headers: tuple[tuple[str, str], ...] = (("X-HubSpot-Correlation-Id", request.correlation_id),)
        if len(request.target) > LONGEST_TARGET:
            return self.trouble(414, request)
        try:
            route = routes.find(request.method, request.path)
            headers += self._admit(request, route)
            reply = route.handler(Call(self.account, request, route.path, route.version))
        except Problem as problem:
            reply = problem.reply(request.correlation_id)
        return replace(reply, headers=headers + reply.headers)

    def trouble(self, status: int, request: Request) -> Reply:
        """HubSpot's body for this status; some come as pages of the servers in front of it."""
        from_the_front = page(status)
        if from_the_front is not None:
            return from_the_front
        policy = "SECONDLY" if request.path.endswith("/search") else "TEN_SECONDLY_ROLLING"
        reply = trouble(status, _request_id(request), policy).reply(request.correlation_id)
        return replace(reply, headers=(MIGRATION_PAUSE,)) if status == MIGRATING else reply

    def expire_token(self, request: Request) -> None:
        """End the caller's token: an OAuth one can be refreshed, the static one is revoked for good."""
        self.account.tokens.expire(request.headers, request.at)

    def misbehave(self, mishap: Mishap, request: Request, dice: Random) -> Reply:
        """Answer under a mishap, in HubSpot's form."""
        match mishap:
            case "half_batch":
                return mishaps.half_batch(request, self.answer, dice)
            case "duplicate_rows":
                return mishaps.duplicate_rows(request, self.answer, dice)
            case "repeat_page":
                return mishaps.repeat_page(request, self.answer)
            case "lapse":
                if self.account.tokens.is_static(request.headers.get("authorization", "").partition(" ")[2]):
                    return self.trouble(401, request)
                self.expire_token(request)
                return self.answer(request)

    def state(self) -> CrmState:
        """All records, associations and definitions."""
        return state_of(self.account)

    def save(self) -> bytes:
        """Everything that differs from the market the account came with, and which market that is."""
        return saved.save(self.account)

    def load(self, content: bytes) -> None:
        """Bring back exactly that state. Time goes on. Raises ValueError for other bytes and for another market."""
        saved.load(self.account, content)

    def restore(self, order: Any) -> None:
        """Take a record out of the bin, as a person may. Raises ValueError where that cannot be."""
        restoring.restore(self.account, order)

    def visit(self, order: Any) -> None:
        """Let a contact look at a page or fill in a form, now. Raises ValueError where that cannot be."""
        visiting.visit(self.account, order)

    def _admit(self, request: Request, route: routes.Route) -> tuple[tuple[str, str], ...]:
        """Check token, limits and scopes; the headers that tell what is left. Searches have none."""
        if route.lane == "oauth":
            return ()
        token = self.account.tokens.check(request.headers, request.at)
        limits, request_id = self.account.limits, _request_id(request)
        rates: tuple[tuple[str, str], ...] = ()
        if route.lane == "search":
            limits.take_search(request.at, request_id)
        else:
            sort = "static" if self.account.tokens.is_static(token) else "oauth"
            rates = limits.take(request.at, request_id, sort, route.lane)
        scopes.check(route.scopes, self.account.tokens.granted)
        return rates


def _request_id(request: Request) -> str:
    return request.correlation_id.replace("-", "")
