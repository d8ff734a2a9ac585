"""What passes between the front door of a twin and the CRM behind it: one request, one reply.

A CRM is a plain synchronous function from request to reply. Sockets, faults, the journal and the control
surface belong to the front door (`sandbox.gate`), so a CRM never knows that it is being tested.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, Protocol, runtime_checkable
from urllib.parse import parse_qsl

from sandbox.faults import Mishap
from sandbox.refusals import Refusals


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as a CRM sees it.

    `path` is percent-decoded; `target` is what stood on the request line (undecoded path and query), whose
    length the CRMs limit. Header names are lower case. `at` is the twin's time of arrival (UTC).
    """

    method: str
    path: str
    target: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    correlation_id: str
    at: datetime

    def parameters(self) -> dict[str, list[str]]:
        """The query's parameters in order; a repeated name keeps all its values, an empty value stays."""
        found: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            found.setdefault(name, []).append(value)
        return found


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP response. `effect` is a short phrase for the journal, empty for a mere read."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    effect: str = ""
    media_type: str = "application/json;charset=utf-8"


@dataclass(frozen=True, slots=True)
class CrmState:
    """Everything a CRM holds, as JSON values with sorted keys.

    `comparable` holds no id or time that the server made up, so that two runs that wrote the same have equal
    parts; records that clients created appear there by content. `volatile` holds the made-up rest.
    """

    comparable: dict[str, Any] = field(default_factory=dict)
    volatile: dict[str, Any] = field(default_factory=dict)


class Crm(Protocol):
    """What a twin puts behind the front door."""

    name: str
    refusals: Refusals

    def endpoint(self, request: Request) -> str:
        """Method and path with record ids replaced by names: `PATCH /crm/objects/2026-03/contacts/{id}`."""
        ...

    def answer(self, request: Request) -> Reply:
        """Carry the request out. Raises nothing: what is wrong with a request is a reply."""
        ...

    def trouble(self, status: int, request: Request) -> Reply:
        """The CRM's own body for a failure with this status, nothing being carried out."""
        ...

    def expire_token(self, request: Request) -> None:
        """End the validity of the token that this request carries."""
        ...

    def misbehave(self, mishap: Mishap, request: Request, dice: Random) -> Reply:
        """Answer under a mishap that has a form of its own in each CRM; calls that it cannot befall are answered as ever."""
        ...

    def state(self) -> CrmState:
        """Everything that can be read back."""
        ...

    def save(self) -> bytes:
        """Everything that differs from the market it was filled with, and which market that is."""
        ...

    def load(self, content: bytes) -> None:
        """Bring back exactly the state that was saved, as `state()` shows it. Time goes on.

        Raises:
            ValueError: these bytes were not saved by this CRM, or over another market; nothing has changed.
        """
        ...


@runtime_checkable
class Ruled(Protocol):
    """A CRM whose admin can set up rules of the account's own: for `/_twin/rules`."""

    def set_rules(self, order: Any) -> None:
        """Put these rules (parsed JSON, in the CRM's own form) in force instead of the former ones; `{}` ends all.

        Raises:
            ValueError: when they are no rules, or name what is not there.
        """
        ...


@runtime_checkable
class Restoring(Protocol):
    """A CRM in which people take records out of the bin where no API does: for `/_twin/restore`."""

    def restore(self, order: Any) -> None:
        """Make the record that the order (parsed JSON) names live again.

        Raises:
            ValueError: when the order is none, or the record cannot come back.
        """
        ...


@runtime_checkable
class Visited(Protocol):
    """A CRM that notices by itself what people do on the seller's site: for `/_twin/visit`."""

    def visit(self, order: Any) -> None:
        """Let the person that the order (parsed JSON) names look at a page or fill in a form, now.

        Raises:
            ValueError: when the order is none, or there is no such person.
        """
        ...
