"""Routing as admins write it: who gets what has no owner at work, and how much each can take in a day.

People are named by the e-mail address that the CRM knows them by.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, WithJsonSchema, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from scoring.conditions import Condition
from scoring.kinds import NotEmpty, Part
from scoring.remarks import Path, Remark, duplicates, error, unknown_name

OWNER, MANAGER = "owner", "manager"
"""Who owns the record, and whom that owner reports to: words that mean somebody in every `to`."""
_WORDS = frozenset({OWNER, MANAGER})
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def _email(raw: object) -> object:
    if not isinstance(raw, str) or not _EMAIL.fullmatch(raw.strip()):
        raise PydanticCustomError("email", "write an e-mail address, such as ana@acme.example")
    return raw.strip().casefold()


def _assignee(raw: object) -> object:
    return raw.strip().casefold() if isinstance(raw, str) and is_email(raw) else raw


def is_email(name: str) -> bool:
    """Whether an assignee is one person's address, and not a word or the name of a pool."""
    return "@" in name


Email = Annotated[str, BeforeValidator(_email), WithJsonSchema({"type": "string", "format": "email"})]
Assignee = Annotated[str, BeforeValidator(_assignee), Field(min_length=1)]
"""Somebody's e-mail address or the name of a pool; in tasks also `owner` or `manager`."""
PerDay = Annotated[int, Field(ge=0, strict=True)]


class Pool(Part):
    """People who take turns. A list of addresses is a pool without a limit of its own."""

    members: Annotated[tuple[Email, ...], NotEmpty]
    capacity_per_day: PerDay | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, raw: object) -> object:
        return {"members": raw} if isinstance(raw, list | tuple) else raw

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The mapping, or the list of its members alone."""
        return {"anyOf": [{"type": "array", "items": {"type": "string", "format": "email"}}, handler(core_schema)]}


class Territory(Part):
    """Whose the persons are of whom `when` is true; the first territory that fits counts."""

    id: str = Field(min_length=1)
    when: Condition
    to: Assignee


class Routing(Part):
    """Who gets a task whose record has no owner at work: by territory, else the fallback.

    Without a fallback it is the active owner of records who has the fewest tasks today. `capacity_per_day` is how many
    tasks somebody can take in a day, under the cap that holds for all.
    """

    pools: dict[str, Pool] = Field(default_factory=dict)
    territories: tuple[Territory, ...] = ()
    capacity_per_day: dict[Email, PerDay] = Field(default_factory=dict)
    fallback: Assignee | None = None

    def addresses(self) -> Iterator[tuple[Path, str]]:
        """Every address that is to get tasks, with its path below `routing`."""
        for name, pool in self.pools.items():
            yield from ((("pools", name, index), member) for index, member in enumerate(pool.members))
        for index, territory in enumerate(self.territories):
            if is_email(territory.to):
                yield ("territories", index, "to"), territory.to
        if self.fallback is not None and is_email(self.fallback):
            yield ("fallback",), self.fallback

    def room(self, address: str | None, cap: int) -> int:
        """How many tasks who has this address takes in a day: an entry of their own, else the least of their pools'."""
        if address is None:
            return cap
        if (own := self.capacity_per_day.get(address)) is not None:
            return min(own, cap)
        limits = [pool.capacity_per_day for pool in self.pools.values() if address in pool.members]
        return min([cap, *(limit for limit in limits if limit is not None)])


def review_routing(routing: Routing, named: Mapping[Path, str]) -> Iterator[Remark]:
    """Errors in the routing, and in whom the rest of the file names: `named` are its assignees by their paths."""
    yield from duplicates((("routing", "territories", index), one.id) for index, one in enumerate(routing.territories))
    for name in routing.pools:
        if name in _WORDS or is_email(name):
            yield error(("routing", "pools", name), "a pool needs a name of its own, not owner, manager or an address")
    pools = routing.pools.keys()
    for index, territory in enumerate(routing.territories):
        yield from _unknown(("routing", "territories", index, "to"), territory.to, pools)
    if routing.fallback is not None:
        yield from _unknown(("routing", "fallback"), routing.fallback, pools)
    for path, name in named.items():
        yield from _unknown(path, name, pools | _WORDS)


def _unknown(path: Path, name: str, known: Collection[str]) -> Iterator[Remark]:
    if not is_email(name) and name not in known:
        yield unknown_name(path, "pool", name, known)
