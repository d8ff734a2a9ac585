"""How the rules read from a connector, and what they mean by the same content."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

import msgspec
import pytest
from msgspec.structs import replace

from connectors.conformance.world import World
from connectors.contract import Connector
from connectors.errors import ConnectorError, Reauthorise, RetryLater
from connectors.fields import FieldKind, FieldSpec
from connectors.records import OwnerRecord, PersonRecord, Record, Ref, Removed, Scalar, Stream
from connectors.tasks import TaskDraft

MAX_PAGES = 10_000
"""A pull that yields more pages than this in a conformance test never ends."""

A_DAY_SECONDS = 86_400.0
A_QUARTER_SECONDS = 900.0
LATER_SECONDS = 60.0
"""Longer than any index in a CRM lags behind, in the CRM's time."""

ErrorT = TypeVar("ErrorT", bound=ConnectorError)

FIELDS = (
    FieldSpec("score", "Leadline score", "How good and how keen this lead is, 0 to 100", FieldKind.INTEGER),
    FieldSpec(
        "grade",
        "Leadline grade",
        "Fit as a letter, engagement as a digit",
        FieldKind.CHOICE,
        options=(("A1", "A1"), ("B2", "B2"), ("X", "Knocked out")),
    ),
    FieldSpec("stage", "Leadline stage", "Where this lead stands", FieldKind.TEXT),
    FieldSpec("reasons", "Leadline reasons", "Why the score is what it is", FieldKind.LONG_TEXT, length=2_000),
    FieldSpec("scored_at", "Leadline scored at", "When the score was computed", FieldKind.DATETIME),
)
"""One property of each kind."""

VALUES: dict[str, Scalar] = {
    "score": 71,
    "grade": "A1",
    "stage": "mql",
    "reasons": "Pricing page twice\nDecision maker: “VP Sales” & Ünïcode",
    "scored_at": "2026-11-21T10:00:00Z",
}
"""A value for each of them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a pull, or the beginning of one, has yielded. `cursor` is the last page's, or the one it began with."""

    records: tuple[Record, ...]
    cursor: str | None
    pages: int


def read(
    connector: Connector[Any], stream: Stream = Stream.CONTACTS, cursor: str | None = None, pages: int = MAX_PAGES
) -> Reading:
    """Pull to the end, or until `pages` have come and the reader dies."""
    records: list[Record] = []
    count = 0
    for page in islice(connector.pull(stream, cursor), pages):
        records.extend(page.records)
        cursor, count = page.cursor, count + 1
    assert count < MAX_PAGES, "the pull does not end"
    return Reading(tuple(records), cursor, count)


def latest(records: Iterable[Record]) -> dict[Ref, Record]:
    """The last that was said about each thing."""
    return {record.ref: record for record in records}


def person(records: Iterable[Record], ref: Ref) -> PersonRecord:
    """The last that was said about this person, who must be there."""
    found = latest(records).get(ref)
    assert isinstance(found, PersonRecord), f"{ref} should be a person, and is {type(found).__name__}"
    return found


def typed(record: Record) -> Record:
    """The record after a strict journey through JSON, which refuses what does not have its declared type."""
    arrived: Record = msgspec.json.decode(msgspec.json.encode(record), type=Record)
    return arrived


def each_time(value: object) -> Iterator[datetime]:
    """Every time in the record, however deep."""
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from each_time(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from each_time(item)


def content(record: Record) -> Record:
    """The record without what may change while nobody edits it: its stamp and our own values."""
    if isinstance(record, OwnerRecord | Removed):
        return record
    same_time = replace(record, modified_at=datetime.fromtimestamp(0, UTC))
    return replace(same_time, ours={}) if isinstance(same_time, PersonRecord) else same_time


def contents(records: Iterable[Record]) -> dict[Ref, Record]:
    """The content of the last that was said about each thing."""
    return {ref: content(record) for ref, record in latest(records).items()}


def failing(world: World, error_type: type[ErrorT], action: Callable[[], object]) -> ErrorT:
    """Run the action, which must fail this way, and hold the error to what every error promises."""
    passes = issubclass(error_type, RetryLater | Reauthorise)
    with world.patience.suspended() if passes else nullcontext(), pytest.raises(error_type) as caught:
        action()
    error = caught.value
    shown = "".join(traceback.format_exception(error)) + repr(error) + repr(error.args)
    assert not [place for place, secret in enumerate(world.secrets) if secret in shown], "an error shows a secret"
    assert "@acme.example" not in shown, "an error shows somebody's e-mail address"
    assert error.what, "an error must say what went wrong"
    assert not error.what.endswith("."), "`what` is one sentence without its stop"
    if isinstance(error, RetryLater) and error.at is not None:
        assert error.at.utcoffset() is not None, "`at` must be aware"
    return error


def draft(person: Ref, key: str, due_at: datetime) -> TaskDraft:
    """A task to open, due then."""
    return TaskDraft(
        key=key,
        person=person,
        subject="Call: asked for a demo",
        body="Why now: asked for a demo today\nScore 71 (A1)\nAsk next: who signs?",
        due_at=due_at,
        priority="high",
    )


def comparable(values: Mapping[str, Scalar]) -> dict[str, Scalar | datetime]:
    """Our values so that equal ones compare equal: the same time may be written in several ways."""
    return {
        name: datetime.fromisoformat(value) if name == "scored_at" and isinstance(value, str) else value
        for name, value in values.items()
        if value is not None
    }
