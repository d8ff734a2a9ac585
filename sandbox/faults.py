"""Faults: declared, seeded, and placed exactly where a test wants them.

A plan is a JSON list. Each item is one of

* a rule: `{"endpoint": "POST /crm/objects/*/contacts/batch/update", "occurrence": 1, "kind": "status",
  "status": 429, "when": "before"}`; the endpoint is a shell pattern, the occurrence counts the calls that match
  it since the plan was set (`"each"`: all of them);
* once per endpoint: `{"each_endpoint_once": {"status": 429}}`: the first call to each endpoint fails that way;
* a rate: `{"rate": 0.01, "seed": 1}`: this share of all calls fails, each time with one of `faults` (a mix when
  not given), drawn from the seed.

The first item that has a fault for a call decides.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, Literal

import msgspec

Kind = Literal["status", "slow", "cut", "truncate", "expire_token"]


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One misbehaviour.

    `status`: the CRM's own failure body with this status, before or after the effect. `slow`: the answer comes
    `seconds` later. `cut`: the connection ends without an answer, before or after the effect. `truncate`: the
    effect happens, half of the answer arrives. `expire_token`: the caller's token ends just before this call.
    """

    kind: Kind = "status"
    status: int = 500
    when: Literal["before", "after"] = "before"
    seconds: float = 1.0

    def describe(self) -> str:
        """A few words for the journal."""
        words = {
            "status": f"status {self.status} {self.when}",
            "slow": f"slow {self.seconds:g}s",
            "cut": f"cut {self.when}",
        }
        return words.get(self.kind, self.kind)


DEFAULT_MIX = (
    Fault("status", status=429),
    Fault("status", status=500),
    Fault("status", status=502, when="after"),
    Fault("status", status=503),
    Fault("cut", when="before"),
    Fault("cut", when="after"),
    Fault("truncate"),
)


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fault for the nth call that matches an endpoint pattern, or for each of them."""

    endpoint: str = "*"
    occurrence: int | Literal["each"] = 1
    kind: Kind = "status"
    status: int = 500
    when: Literal["before", "after"] = "before"
    seconds: float = 1.0


class OncePerEndpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same fault for the first call of every endpoint."""

    each_endpoint_once: Fault


class Rate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Faults for a share of all calls, drawn from a seed."""

    rate: float
    seed: int = 1
    faults: tuple[Fault, ...] = DEFAULT_MIX


Decider = Callable[[str], Fault | None]


def _decide_by_rule(rule: Rule) -> Decider:
    fault = Fault(rule.kind, rule.status, rule.when, rule.seconds)
    seen = 0

    def decide(endpoint: str) -> Fault | None:
        nonlocal seen
        if not fnmatchcase(endpoint, rule.endpoint):
            return None
        seen += 1
        return fault if rule.occurrence in ("each", seen) else None

    return decide


def _decide_once(item: OncePerEndpoint) -> Decider:
    seen: set[str] = set()

    def decide(endpoint: str) -> Fault | None:
        if endpoint in seen:
            return None
        seen.add(endpoint)
        return item.each_endpoint_once

    return decide


def _decide_by_rate(item: Rate) -> Decider:
    dice = random.Random(item.seed)

    def decide(_endpoint: str) -> Fault | None:
        return dice.choice(item.faults) if dice.random() < item.rate else None

    return decide


def _decider(item: Any) -> Decider:
    if isinstance(item, dict) and "rate" in item:
        return _decide_by_rate(msgspec.convert(item, Rate))
    if isinstance(item, dict) and "each_endpoint_once" in item:
        return _decide_once(msgspec.convert(item, OncePerEndpoint))
    return _decide_by_rule(msgspec.convert(item, Rule))


class FaultPlan:
    """The faults in force. Empty until a plan is set."""

    def __init__(self) -> None:
        self._deciders: list[Decider] = []
        self.injected = 0

    def replace(self, plan: Any) -> None:
        """Set a plan (parsed JSON: a list of items, or one item) and count from zero again.

        Raises:
            msgspec.ValidationError: when an item is none of the three forms; the former plan stays.
        """
        items = plan if isinstance(plan, list) else [plan]
        self._deciders = [_decider(item) for item in items]

    def draw(self, endpoint: str) -> Fault | None:
        """The fault for this call. Every item sees every call, so that occurrences count all of them."""
        drawn = [fault for decide in self._deciders if (fault := decide(endpoint)) is not None]
        if not drawn:
            return None
        self.injected += 1
        return drawn[0]
