"""The control surface of a twin under `/_twin/`: never subject to faults, limits or the journal."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import TwinClock
from sandbox.exchange import Crm, Restoring, Ruled, Visited
from sandbox.faults import FaultPlan
from sandbox.journal import Journal, Question
from sandbox.refusals import Refusal

Handler = Callable[[HttpRequest], Awaitable[Response]]


class _Advance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    advance_seconds: float


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def _refusing_bad_input(handler: Handler) -> Handler:
    async def guarded(request: HttpRequest) -> Response:
        try:
            return await handler(request)
        except (msgspec.MsgspecError, ValueError) as problem:
            return _json({"error": str(problem)}, status=400)

    return guarded


class ControlSurface:
    """The handlers behind `/_twin/`."""

    def __init__(self, crm: Crm, clock: TwinClock, journal: Journal, faults: FaultPlan) -> None:
        self._crm = crm
        self._clock = clock
        self._journal = journal
        self._faults = faults
        self._at_start = crm.save()

    async def health(self, _request: HttpRequest) -> Response:
        """Which twin this is, and its time."""
        return _json({"status": "ok", "twin": self._crm.name, "now": self._clock.now()})

    async def journal(self, request: HttpRequest) -> Response:
        """The requests that match the question in the query."""
        question = msgspec.convert(dict(request.query_params), Question, strict=False)
        return _json({"entries": self._journal.asked(question)})

    async def counts(self, _request: HttpRequest) -> Response:
        """Calls and highest rates, in total and per endpoint."""
        return _json(
            {
                "total": self._journal.totals(),
                "by_endpoint": self._journal.by_endpoint(),
                "faults": self._faults.injected,
            }
        )

    async def faults(self, request: HttpRequest) -> Response:
        """Replace the fault plan."""
        self._faults.replace(json.loads(await request.body()))
        return _json({"status": "ok"})

    async def clock(self, request: HttpRequest) -> Response:
        """Move the twin's time forward."""
        order = msgspec.json.decode(await request.body(), type=_Advance)
        return _json({"now": self._clock.advance(order.advance_seconds)})

    async def refuse(self, request: HttpRequest) -> Response:
        """Replace the records that refuse writes: one rule or a list of them."""
        body = json.loads(await request.body())
        rules = body if isinstance(body, list) else [body]
        self._crm.refusals.replace(msgspec.convert(rules, list[Refusal]))
        return _json({"status": "ok", "refusals": list(self._crm.refusals)})

    async def rules(self, request: HttpRequest) -> Response:
        """Replace the rules that the account's admin has set up."""
        if not isinstance(self._crm, Ruled):
            raise ValueError(f"the {self._crm.name} twin takes no rules")  # noqa: TRY004 - the order is wrong
        self._crm.set_rules(json.loads(await request.body()))
        return _json({"status": "ok"})

    async def restore(self, request: HttpRequest) -> Response:
        """Take a record out of the bin, as a person does in the app."""
        if not isinstance(self._crm, Restoring):
            raise ValueError(f"the {self._crm.name} twin restores over its API")  # noqa: TRY004 - the order is wrong
        self._crm.restore(json.loads(await request.body()))
        return _json({"status": "ok"})

    async def visit(self, request: HttpRequest) -> Response:
        """Let somebody look at a page or fill in a form, which no API can tell."""
        if not isinstance(self._crm, Visited):
            raise ValueError(f"the {self._crm.name} twin sees no visitors")  # noqa: TRY004 - the order is wrong
        self._crm.visit(json.loads(await request.body()))
        return _json({"status": "ok"})

    async def saved(self, _request: HttpRequest) -> Response:
        """The state as bytes for `load`, `--load` or another twin with the same market."""
        return Response(self._crm.save(), media_type="application/octet-stream")

    async def load(self, request: HttpRequest) -> Response:
        """Bring a saved state back. Time, journal, faults and refusals stay as they are."""
        self._crm.load(await request.body())
        return _json({"status": "ok"})

    async def reset(self, _request: HttpRequest) -> Response:
        """Back to the state after the start: records, refusals, rules, fault plan and journal. Time goes on."""
        self._crm.load(self._at_start)
        self._crm.refusals.replace([])
        if isinstance(self._crm, Ruled):
            self._crm.set_rules({})
        self._faults.restart()
        self._journal.forget()
        return _json({"status": "ok"})

    async def state(self, _request: HttpRequest) -> Response:
        """The whole state: `comparable` and `volatile`, keys sorted."""
        found = self._crm.state()
        parts = {"comparable": found.comparable, "volatile": found.volatile}
        return Response(msgspec.json.encode(parts, order="sorted"), media_type="application/json")

    def app(self) -> Starlette:
        """The surface as an ASGI app."""
        reads: dict[str, Handler] = {
            "health": self.health,
            "journal": self.journal,
            "counts": self.counts,
            "state": self.state,
            "saved": self.saved,
        }
        writes: dict[str, Handler] = {
            "faults": self.faults,
            "clock": self.clock,
            "refuse": self.refuse,
            "rules": self.rules,
            "restore": self.restore,
            "visit": self.visit,
            "saved": self.load,
            "reset": self.reset,
        }
        routes = [Route(f"/_twin/{n}", _refusing_bad_input(h), methods=["GET"]) for n, h in reads.items()]
        routes += [Route(f"/_twin/{n}", _refusing_bad_input(h), methods=["POST"]) for n, h in writes.items()]
        return Starlette(routes=routes)
