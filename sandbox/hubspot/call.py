"""One request on its way through the handlers: path parameters, query, body, and the answers they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from sandbox.exchange import Reply, Request
from sandbox.hubspot.account import Account
from sandbox.hubspot.kinds import Kind, named
from sandbox.hubspot.linking import check_company
from sandbox.hubspot.problems import Problem, bad_values, invalid
from sandbox.hubspot.records import Row
from sandbox.hubspot.rules import BINDS_FROM
from sandbox.hubspot.times import iso
from sandbox.hubspot.values import Scalar

Body = TypeVar("Body")

BATCH_INPUTS = 100


@dataclass(frozen=True)
class Call:
    """A request with the account that it is made to and the names found in its path."""

    account: Account
    request: Request
    path: Mapping[str, str]
    version: str = "2026-03"

    @cached_property
    def kind(self) -> Kind:
        """The object type in the path. Raises `Problem` 400 when there is no such type."""
        return named(self.path["kind"])

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The query parameters."""
        return self.request.parameters()

    def listed(self, name: str) -> list[str]:
        """A list parameter, repeated or comma-separated, without empty parts or repetitions."""
        parts = [part.strip() for text in self.query.get(name, []) for part in text.split(",")]
        return list(dict.fromkeys(part for part in parts if part))

    def word(self, name: str, default: str = "") -> str:
        """A single parameter."""
        return self.query.get(name, [default])[-1]

    def flag(self, name: str) -> bool:
        """A boolean parameter, false when absent. Raises `Problem` 400 for other words."""
        text = self.word(name, "false").lower()
        if text not in ("true", "false"):
            raise invalid(f"{name} must be true or false, was {text}")
        return text == "true"

    def number(self, name: str, default: int, lowest: int, highest: int) -> int:
        """An integer parameter. Raises `Problem` 400 when it is none or out of range."""
        text = self.word(name, str(default))
        found = whole(text)
        if found is None or not lowest <= found <= highest:
            raise invalid(f"{name} must be a number from {lowest} to {highest}, was {text}")
        return found

    def body(self, shape: type[Body]) -> Body:
        """The JSON body. Raises `Problem` 400 when it is no JSON or has another shape."""
        try:
            return msgspec.json.decode(self.request.body, type=shape)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
            raise invalid(f"Invalid input JSON on line 1, column 1: {problem}") from problem

    def next_page(self, after: str) -> dict[str, Any]:
        """`paging` that points at the next page, with a link that works."""
        kept = [
            f"{quote(name)}={quote(value, safe=',')}"
            for name, values in self.query.items()
            if name != "after"
            for value in values
        ]
        host = self.request.headers.get("host", "127.0.0.1")
        link = f"http://{host}{self.request.path}?{'&'.join([*kept, f'after={after}'])}"
        return {"next": {"after": after, "link": link}}

    def check_create(self, asked: Mapping[str, Scalar]) -> dict[str, str]:
        """The values of a new record, as `Account.check_create`; required properties bind as the version says."""
        values = self.account.check_create(self.kind, asked)
        check_company(self.account, self.kind, values)
        self._refuse_unmet(values)
        return values

    def check_change(self, row: Row, asked: Mapping[str, Scalar]) -> dict[str, str]:
        """The values that a write would set, as `Account.check_change`; required properties bind as the version says."""
        values = self.account.check_change(self.kind, row, asked)
        check_company(self.account, self.kind, values)
        self._refuse_unmet({**row.properties, **values})
        return values

    def _refuse_unmet(self, values: Mapping[str, str]) -> None:
        dated = not self.version.startswith("v")
        unmet = self.account.rules.unmet(self.kind, values) if dated and self.version >= BINDS_FROM else []
        if unmet:
            raise bad_values(unmet)

    def stamp(self) -> str:
        """The present as HubSpot writes it."""
        return iso(self.account.clock.milliseconds())


Handler = Callable[[Call], Reply]


def whole(text: str) -> int | None:
    """A number of at most 18 digits, if the text is one."""
    return int(text) if text.isdecimal() and len(text) <= 18 else None


def answer(value: Any, status: int = 200, effect: str = "") -> Reply:
    """A JSON answer."""
    return Reply(status, msgspec.json.encode(value), effect=effect)


def nothing(effect: str) -> Reply:
    """204: done, and nothing to say."""
    return Reply(204, effect=effect)


def check_size(inputs: Sequence[object], highest: int = BATCH_INPUTS) -> None:
    """Refuse an empty batch and one with too many inputs (HubSpot docs: batch limits).

    Raises:
        Problem: 400.
    """
    if not inputs:
        raise invalid("Invalid input JSON on line 1, column 1: inputs must not be empty")
    if len(inputs) > highest:
        raise invalid(f"The maximum number of inputs supported in a batch request is {highest}")


def batch_answer(
    call: Call,
    results: Sequence[Any],
    errors: Sequence[Mapping[str, Any]] = (),
    status: int = 200,
    effect: str = "",
) -> Reply:
    """The envelope of every batch answer; with errors the status is 207."""
    now = call.stamp()
    body: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return answer(body, 207 if errors else status, effect)


def missing_items(kind: Kind, ids: Sequence[str]) -> Problem:
    """The one error of a batch that names all ids it could not find."""
    message = (
        f"Could not get some {kind.singular.upper()} objects, they may be deleted or not exist. Check that ids are valid."
    )
    return Problem(404, "OBJECT_NOT_FOUND", message, {"ids": list(ids)})
