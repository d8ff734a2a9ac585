"""Engagement: events that exist, whose doing they were, and what each signal makes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from tests.plain.conditions import Given, truth
from tests.plain.values import age, days, hundredths, known, moment, number, rounded, seconds

Lists = Mapping[str, list[str]]


def existing(events: list[dict[str, Any]], as_of: datetime) -> list[dict[str, Any]]:
    """Events later than `as_of` do not exist; of the others with one id the latest stands. Newest first."""
    by_id: dict[str, dict[str, Any]] = {}
    for event in events:
        at = moment(event["at"])
        assert at is not None
        held = by_id.get(event["id"])
        if at <= as_of and (held is None or at > held["at"]):
            by_id[event["id"]] = {**event, "at": at}
    return sorted(by_id.values(), key=lambda event: (event["at"], event["id"]), reverse=True)


def by_machines(events: list[dict[str, Any]], rules: Given, today: date, lists: Lists) -> set[str]:
    """The ids of the events that no person made."""
    found = set()
    for event in events:
        is_email = event["type"].startswith("email_") or event["type"] == "unsubscribe"
        if rules.get("marked", True) and is_email and event.get("machine") is True:
            found.add(event["id"])
        sent_at = moment(event.get("sent_at"))
        if rules.get("instant", True) and event["type"] == "email_click" and sent_at is not None:
            after = (event["at"] - sent_at).total_seconds()
            found |= {event["id"]} if 0 <= after < 2 else set()
        if any(truth(condition, seen_by_conditions(event), today, lists) is True for condition in rules.get("also", [])):
            found.add(event["id"])
    if rules.get("burst", True):
        for event in events:
            near = [one for one in events if same_email(one, event) and 0 <= (one["at"] - event["at"]).total_seconds() <= 2]
            found |= {one["id"] for one in near} if len(near) >= 3 else set()
    return found


def same_email(one: Given, other: Given) -> bool:
    """Whether both are clicks in one e-mail."""
    return one["type"] == other["type"] == "email_click" and known(email_of(one)) and email_of(one) == email_of(other)


def email_of(event: Given) -> Any:
    """Which e-mail an event is about: its campaign, or else its name."""
    return event.get("campaign") if known(event.get("campaign")) else event.get("name")


def seen_by_conditions(event: Given) -> dict[str, Any]:
    """An event's own fields, its time as text again."""
    return {**event, "at": event["at"].isoformat()}


def signal_points(signal: Given, events: list[dict[str, Any]], today: date, lists: Lists) -> tuple[int, int]:
    """What the signal gives, in hundredths: before its limit, and what the limit then takes back or gives."""
    taken = matching(signal, events, today, lists)
    if "measure" in signal:
        points = in_band(signal["bands"], measured(signal, taken, today))
    else:
        taken = frequent(signal, taken)
        points = 0 if len(taken) < signal.get("at_least", 0) else weighted(signal, taken, today)
    if "limit" not in signal:
        return points, 0
    limit = hundredths(signal["limit"])
    return points, max(-limit, min(limit, points)) - points


def matching(signal: Given, events: list[dict[str, Any]], today: date, lists: Lists) -> list[dict[str, Any]]:
    """Steps 1 and 2: of the right type, in the window, `where` true; then the newest of each distinct value."""
    kinds = [signal["on"]] if isinstance(signal["on"], str) else signal["on"]
    taken = [
        event
        for event in events
        if event["type"] in kinds
        and ("window" not in signal or age(event["at"], today) <= days(signal["window"]))
        and ("where" not in signal or truth(signal["where"], seen_by_conditions(event), today, lists) is True)
    ]
    field = signal["measure"]["distinct"] if isinstance(signal.get("measure"), dict) else signal.get("distinct")
    if field is None:
        return taken
    newest: dict[Any, dict[str, Any]] = {}
    for event in taken:
        newest.setdefault(event.get(field) if known(event.get(field)) else None, event)
    return list(newest.values())


def frequent(signal: Given, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Step 3: within each UTC day, ISO week or month the newest `times`."""
    if "at_most" not in signal:
        return events
    times, per = signal["at_most"]["times"], signal["at_most"]["per"]
    seen: Counter[str] = Counter()
    kept = []
    for event in events:
        at = event["at"]
        bucket = {"day": at.strftime("%Y-%m-%d"), "week": at.strftime("%G-%V"), "month": at.strftime("%Y-%m")}[per]
        seen[bucket] += 1
        kept += [event] if seen[bucket] <= times else []
    return kept


def weighted(signal: Given, events: list[dict[str, Any]], today: date) -> int:
    """Steps 5 and 6: the exact sum of weight × worth, divided by 1000, as hundredths of a point."""
    total = 0
    for event in events:
        spent = number(event.get("seconds"))
        weight = 1000
        if "full_at" in signal and spent is not None:
            share = 1000 * spent / seconds(signal["full_at"])
            weight = min(1000, int((share + Fraction(1, 2)).__floor__()))
        factor = left_of(signal.get("decay", "none"), age(event["at"], today))
        total += weight * rounded(Fraction(str(signal["points"])) * factor * 1_000_000)
    return rounded(Fraction(total, 1000 * 1_000_000) * 100)


def left_of(decay: Any, age_days: int) -> Fraction:
    """What is left of an event's points at an age."""
    if decay == "none" or not decay:
        return Fraction(1)
    if "half_life" in decay:
        with localcontext(prec=60):
            return Fraction(Decimal("0.5") ** (Decimal(age_days) / days(decay["half_life"])))
    if "linear" in decay:
        return max(Fraction(0), 1 - Fraction(age_days, days(decay["linear"])))
    bounds = [bound for bound in decay["steps"] if age_days >= days(bound)]
    return Fraction(str(decay["steps"][max(bounds, key=days)])) if bounds else Fraction(1)


def measured(signal: Given, events: list[dict[str, Any]], today: date) -> Fraction | None:
    """The value of a measure."""
    match signal["measure"]:
        case "active_days":
            return Fraction(len({event["at"].date() for event in events}))
        case "seconds":
            return Fraction(sum((number(event.get("seconds")) or Fraction(0) for event in events), Fraction(0)))
        case "days_since_last":
            return Fraction(age(events[0]["at"], today)) if events else None
    return Fraction(len(events))


def in_band(bands: list[dict[str, Any]], value: Any) -> int:
    """The hundredths of the one band that holds the value; `from` is in, `below` is not."""
    value = number(value) if isinstance(value, str) else value
    if value is None or isinstance(value, bool):
        return 0
    for band in bands:
        if ("from" not in band or value >= Fraction(str(band["from"]))) and (
            "below" not in band or value < Fraction(str(band["below"]))
        ):
            return hundredths(band["points"])
    return 0
