"""Faults: declared, seeded, and placed exactly where a test wants them.

A plan is a JSON list. Each item is one of

* a rule: `{"endpoint": "POST /crm/objects/*/contacts/batch/update", "occurrence": 1, "kind": "status",
  "status": 429, "when": "before"}`; the endpoint is a shell pattern, the occurrence counts the calls that match
  it since the plan was set (`"each"`: all of them);
* once per endpoint: `{"each_endpoint_once": {"status": 429}}`: the first call to each endpoint fails that way;
* a rate: `{"rate": 0.01, "seed": 1}`: this share of all calls fails, each time with one of `faults` by their weights
  (`DEFAULT_MIX` when not given), drawn from the seed among those that can befall the call.

The first item that has a fault for a call decides.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

import msgspec

Mishap = Literal["half_batch", "duplicate_rows", "repeat_page", "lapse"]
"""Misbehaviour that has a form of its own in each CRM."""

Kind = Literal["status", "slow", "cut", "truncate", "expire_token", "clock_skew"] | Mishap

MISHAPS: frozenset[str] = frozenset(get_args(Mishap))


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One misbehaviour.

    `status`: the CRM's own failure body with this status, before or after the effect. `slow`: the answer comes
    `seconds` later. `cut`: the connection ends without an answer, before or after the effect. `truncate`: the
    effect happens, half of the answer arrives. `expire_token`: the caller's token ends just before this call, for good.
    `lapse`: the same, but a token that nobody can renew is refused for this call only. `half_batch`: half of a batch is
    done, the other half comes back as failures that pass; a write of one record meets a lock. `duplicate_rows`: some rows
    of a page come twice. `repeat_page`: the page's cursor leads to the same page once more. `clock_skew`: the CRM's clock
    is off by `seconds` (negative: behind) during this call.
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
            "clock_skew": f"clock_skew {self.seconds:+g}s",
        }
        return words.get(self.kind, self.kind)

    def can_befall(self, endpoint: str) -> bool:
        """Whether calls of this endpoint have what the fault is about: rows of a page, or something to write."""
        method, _, path = endpoint.partition(" ")
        is_page = method == "GET" or path.endswith("/search")
        match self.kind:
            case "duplicate_rows" | "repeat_page":
                return is_page
            case "half_batch":
                return not is_page and not path.endswith("/batch/read") and "/oauth" not in path
            case _:
                return True


class Share(Fault, frozen=True, forbid_unknown_fields=True):
    """A fault in a mix, and its weight against the others."""

    weight: float = 1.0


class Rule(Fault, frozen=True, forbid_unknown_fields=True):
    """A fault for the nth call that matches an endpoint pattern, or for each of them."""

    endpoint: str = "*"
    occurrence: int | Literal["each"] = 1


class OncePerEndpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same fault for the first call of every endpoint."""

    each_endpoint_once: Fault


DEFAULT_MIX = (
    Share("status", status=429, weight=2),
    Share("status", status=500, weight=2),
    Share("status", status=500, when="after", weight=2),
    Share("status", status=502),
    Share("status", status=502, when="after"),
    Share("status", status=503, weight=2),
    Share("status", status=504, when="after"),
    Share("status", status=423),
    Share("status", status=477),
    Share("cut", weight=2),
    Share("cut", when="after", weight=2),
    Share("truncate", weight=2),
    Share("slow", seconds=0.2, weight=2),
    Share("lapse", weight=2),
    Share("half_batch", weight=6),
    Share("duplicate_rows", weight=3),
    Share("repeat_page", weight=3),
    Share("clock_skew", seconds=20),
    Share("clock_skew", seconds=-20),
)
"""Every kind that a client can get over. Lost replies and half done work weigh most: those are what clients get wrong."""

DEFAULT_RATE = 0.01


class Rate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Faults for a share of all calls, drawn from a seed."""

    rate: float = DEFAULT_RATE
    seed: int = 1
    faults: tuple[Share, ...] = DEFAULT_MIX


def default_plan(words: str) -> list[Any]:
    """The plan behind `default`, `default:FACTOR` or `default:FACTOR:SEED`: the default mix at FACTOR times its rate.

    Raises:
        ValueError: other words, or a rate above one.
    """
    name, *rest = words.split(":")
    factor, seed, *more = [*rest, *("1", "1")[len(rest) :]]
    rate = DEFAULT_RATE * float(factor)
    if name != "default" or more or not 0 <= rate <= 1:
        raise ValueError(f"not a plan: {words}; say default, default:FACTOR or default:FACTOR:SEED")
    return [msgspec.to_builtins(Rate(rate, int(seed)))]


Decider = Callable[[str], Fault | None]


def _decide_by_rule(rule: Rule) -> Decider:
    fault = _plain(rule)
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

    def decide(endpoint: str) -> Fault | None:
        return _drawn(item.faults, endpoint, dice) if dice.random() < item.rate else None

    return decide


def _drawn(mix: Sequence[Share], endpoint: str, dice: random.Random) -> Fault | None:
    fitting = [share for share in mix if share.can_befall(endpoint)]
    if not fitting:
        return None
    return _plain(dice.choices(fitting, [share.weight for share in fitting])[0])


def _plain(fault: Fault) -> Fault:
    return Fault(fault.kind, fault.status, fault.when, fault.seconds)


def _decider(item: Any) -> Decider:
    if isinstance(item, dict) and "rate" in item:
        return _decide_by_rate(msgspec.convert(item, Rate))
    if isinstance(item, dict) and "each_endpoint_once" in item:
        return _decide_once(msgspec.convert(item, OncePerEndpoint))
    return _decide_by_rule(msgspec.convert(item, Rule))


class FaultPlan:
    """The faults in force; `plan` (parsed JSON) is the one a twin starts with."""

    def __init__(self, plan: Any = ()) -> None:
        """Raises `msgspec.ValidationError` as `replace` does."""
        self._first = plan
        self._deciders: list[Decider] = []
        self.restart()

    def restart(self) -> None:
        """Be as at the start: the first plan, its dice, and nothing injected."""
        self.injected = 0
        self.replace(self._first)

    def replace(self, plan: Any) -> None:
        """Set a plan (parsed JSON: a list of items, or one item) and count from zero again.

        Raises:
            msgspec.ValidationError: when an item is none of the three forms; the former plan stays.
        """
        items = plan if isinstance(plan, list | tuple) else [plan]
        self._deciders = [_decider(item) for item in items]

    def draw(self, endpoint: str) -> Fault | None:
        """The fault for this call. Every item sees every call, so that occurrences count all of them."""
        drawn = [fault for decide in self._deciders if (fault := decide(endpoint)) is not None]
        if not drawn:
            return None
        self.injected += 1
        return drawn[0]
