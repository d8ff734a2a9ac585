"""Where a person came from and what came last: source, campaign and content of the first and the last touch. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct

from leadline import plain
from scoring.facts import Event, Facts

OUR_WORK = frozenset({"email", "email_bounce", "note", "task", "call_attempt"})
"""What our side does by itself is no touch of the person's."""


class Touch(Struct, frozen=True):
    """One touch: what happened (None if no event is known), and what the CRMs say of its source, campaign and content."""

    event: Event | None
    source: str
    campaign: str
    content: str


def touches(facts: Facts) -> tuple[Touch | None, Touch | None]:
    """The first touch and the last one; None where nothing is known, and no last one that is the first."""
    events = sorted((one for one in facts.events if one.type not in OUR_WORK), key=lambda one: (one.at, one.id))
    first = _touch("first", events[0] if events else None, facts.person)
    last = _touch("last", events[-1] if len(events) > 1 else None, facts.person)
    return first, last


def lines(facts: Facts) -> Iterator[str]:
    """First and last touch, as a rep reads them."""
    for name, touch in zip(("First", "Last"), touches(facts), strict=True):
        if touch is not None:
            yield f"{name} touch: {', '.join(_told(touch))}"


def _touch(which: Literal["first", "last"], event: Event | None, person: Mapping[str, Any]) -> Touch | None:
    """What the event says itself goes before what the record says of first and last touches."""
    said = event.fields if event else {}
    details = (person.get(f"{which}_source_detail"), person.get(f"{which}_source_detail_2"))
    more = ", ".join(plain.words(one) for one in details if one)
    source = plain.words(person.get(f"{which}_source")) + (f" ({more})" if more else "")
    campaign = plain.value(said.get("campaign") or person.get(f"{which}_campaign"))
    content = plain.value(
        said.get("name") or said.get("url") or person.get(f"{which}_content") or person.get(f"{which}_page")
    )
    touch = Touch(event, source.strip(), campaign, content)
    return touch if event or touch.source or touch.campaign or touch.content else None


def _told(touch: Touch) -> Iterator[str]:
    if touch.event is not None:
        yield f"{plain.words(touch.event.type)} on {touch.event.at:%d %b %Y}"
    if touch.content:
        yield touch.content
    if touch.campaign and touch.campaign != touch.content:
        yield f"campaign {touch.campaign}"
    if touch.source:
        yield f"source {touch.source}"
