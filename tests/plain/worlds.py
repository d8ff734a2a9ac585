"""Models and facts by the handful, made to meet: values on the edges of tests, events on the edges of windows."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

AS_OF = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)
"""The day after Europe's clocks went forward."""

LISTS = {"rivals": ["rival.example", "Nemesis GmbH", "shop.co.uk"], "free": ["mail.example", "post.example.co.uk"]}

FIELDS = [
    "person.title",
    "person.email",
    "person.country",
    "person.opted_out",
    "person.since",
    "company.employees",
    "company.domain",
    "company.tools",
]
TEXTS = [
    "VP Sales",
    "vp sales",
    "STRASSE",
    "Straße",
    "Praktikant",
    "DE",
    "de",
    "10",
    " 10 ",
    "1e1",
    "nan",
    "Infinity",
    "1_0",
]
ADDRESSES = [
    "ana@rival.example",
    "bo@mail.example",
    "http://www.shop.co.uk/a",
    "Nemesis GmbH",
    "nemesis gmbh",
    "x",
    "@",
    "…",
]
NUMBERS = [0, 1, -1, 9, 10, 10.0, 10.5, 0.1, 199.99, 200, 5000, -200, 1e15, 1e300]
KINDS = ["page_view", "email_click", "email_open", "meeting", "unsubscribe"]
NAMES = ["guide", "Guide", "a", "b"]
POINTS = st.one_of(
    st.integers(-40, 40),
    st.sampled_from([0.5, 0.005, -0.005, 0.015, 12.345, -12.345, 1e6, -1e6, 0]),
)
LIMITS = st.sampled_from([0, 1, 5, 10, 12.5, 30, 100])
SPANS = st.sampled_from(["0d", "1d", "7d", "14d", "30d", "2w", "90d"])
POSITIVE_SPANS = st.sampled_from(["1d", "3d", "7d", "14d", "2w", "90d"])
TIMES = st.sampled_from(
    [
        "2026-03-30",
        "2026-03-29T22:30:00Z",
        "2026-03-29T23:59:59+02:00",
        "2026-01-01",
        "2026-03-16T00:00:00",
        "soon",
        "2027-01-01",
    ]
)


def known_values() -> st.SearchStrategy[Any]:
    """Values of every kind a CRM gives."""
    one = st.one_of(st.sampled_from(TEXTS), st.sampled_from(ADDRESSES), TIMES)
    return st.one_of(one, st.sampled_from(NUMBERS), st.booleans(), st.lists(st.sampled_from(TEXTS), max_size=3))


def fields(part: str) -> st.SearchStrategy[dict[str, Any]]:
    """The fields of a person or company: any may be absent, null or empty."""
    names = [name.partition(".")[2] for name in FIELDS if name.startswith(part)]
    value = st.one_of(known_values(), st.none(), st.just(""))
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, value))


def tests() -> st.SearchStrategy[Any]:
    """One field's test: a scalar, or one or two tests in a mapping."""
    scalar = st.one_of(st.sampled_from(TEXTS), st.sampled_from(NUMBERS), st.booleans())
    some = st.lists(scalar, max_size=3)
    number = st.sampled_from(NUMBERS)
    each: dict[str, st.SearchStrategy[Any]] = {
        "equals": scalar,
        "in": some,
        "not_in": some,
        "contains": st.one_of(
            st.sampled_from(["vp", "SS", "1", "é"]), st.lists(st.sampled_from(["sa", "prak", "0"]), min_size=1)
        ),
        "matches": st.sampled_from(["(?i)vp|prak", "^[0-9]+$", "Sales$", "[A-Z]{2}", "a.*a"]),
        "at_least": number,
        "above": number,
        "at_most": number,
        "below": number,
        "between": st.tuples(number, number).map(sorted),
        "listed": st.sampled_from(sorted(LISTS)),
        "domain_listed": st.sampled_from(sorted(LISTS)),
        "within": SPANS,
        "before": SPANS,
        "known": st.booleans(),
    }
    single = st.sampled_from(sorted(each)).flatmap(lambda name: each[name].map(lambda operand: {name: operand}))
    return st.one_of(scalar, single, st.tuples(single, single).map(lambda pair: {**pair[0], **pair[1]}))


def conditions(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Conditions over these fields, nested now and then."""
    flat = st.dictionaries(st.sampled_from(names), tests(), min_size=1, max_size=2)
    return st.recursive(
        flat,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda parts: {"all": parts}),
            st.lists(inner, max_size=3).map(lambda parts: {"any": parts}),
            inner.map(lambda part: {"not": part}),
            st.tuples(flat, inner).map(lambda pair: {**pair[0], "any": [pair[1]]}),
        ),
        max_leaves=3,
    )


TAGS = st.fixed_dictionaries(
    {},
    optional={
        "topic": st.sampled_from(["price", "api"]),
        "stage": st.sampled_from(["awareness", "consideration", "decision"]),
    },
)


@st.composite
def bands(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Bands that do not overlap, open at either end now and then, with gaps."""
    edges = sorted(draw(st.sets(st.sampled_from([-5, 0, 1, 2, 5, 10, 10.5, 60, 200, 5000]), min_size=2, max_size=5)))
    made = [{"from": low, "below": high, "points": draw(POINTS)} for low, high in itertools.pairwise(edges)]
    kept = [band for band in made if draw(st.integers(0, 3))] or made[:1]
    if draw(st.booleans()):
        del kept[0]["from"]
    if draw(st.booleans()):
        kept[-1].pop("below") if "from" in kept[-1] else None
    return kept


@st.composite
def fits(draw: st.DrawFn, limit: Any) -> dict[str, Any]:
    """A fit section."""
    groups = {}
    for place in range(draw(st.integers(0, 2))):
        rules = []
        for number in range(draw(st.integers(0, 3))):
            rule: dict[str, Any] = {"id": f"rule-{place}-{number}", "tags": draw(TAGS)}
            if draw(st.booleans()):
                rule |= {"points": draw(POINTS), "when": draw(conditions(FIELDS))}
            else:
                rule |= {"field": draw(st.sampled_from(FIELDS)), "bands": draw(bands())}
            rules.append(rule)
        groups[f"group-{place}"] = {"rules": rules} | draw(st.fixed_dictionaries({}, optional={"limit": LIMITS}))
    return {"limit": limit, "groups": groups}


@st.composite
def signals(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A signal with points, or with a measure."""
    event_fields = ["type", "url", "name", "seconds", "campaign", "at"]
    signal: dict[str, Any] = {
        "id": name,
        "on": draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4)),
        "tags": draw(TAGS),
    }
    common = {"window": SPANS, "limit": LIMITS}
    if draw(st.integers(0, 3)) == 0:
        signal["where"] = draw(conditions(event_fields))
    if draw(st.booleans()):
        decay = st.one_of(
            st.just("none"),
            POSITIVE_SPANS.map(lambda span: {"half_life": span}),
            POSITIVE_SPANS.map(lambda span: {"linear": span}),
            st.dictionaries(POSITIVE_SPANS, st.sampled_from([1, 0.5, 0.25, 0, 2, -1, 0.333]), min_size=1, max_size=3)
            .filter(lambda steps: not {"14d", "2w"} <= steps.keys())
            .map(lambda steps: {"steps": steps}),
        )
        per = st.sampled_from(["day", "week", "month"])
        optional = {
            "distinct": st.sampled_from(["name", "campaign"]),
            "at_most": st.fixed_dictionaries({"times": st.integers(0, 3), "per": per}),
            "at_least": st.integers(1, 3),
            "full_at": st.sampled_from(["1s", "60s", "7s", "2m", "1h"]),
            "decay": decay,
        }
        return signal | {"points": draw(POINTS)} | draw(st.fixed_dictionaries({}, optional={**common, **optional}))
    measure = st.sampled_from(["count", "active_days", "seconds", "days_since_last", {"distinct": "name"}])
    return signal | {"measure": draw(measure), "bands": draw(bands())} | draw(st.fixed_dictionaries({}, optional=common))


@st.composite
def engagements(draw: st.DrawFn, limit: Any) -> dict[str, Any]:
    """An engagement section."""
    groups = {}
    for place in range(draw(st.integers(0, 2))):
        made = [draw(signals(f"signal-{place}-{number}")) for number in range(draw(st.integers(0, 3)))]
        groups[f"group-{place}"] = {"signals": made} | draw(st.fixed_dictionaries({}, optional={"limit": LIMITS}))
    return {"limit": limit, "groups": groups}


@st.composite
def models(draw: st.DrawFn) -> dict[str, Any]:
    """A whole model."""
    share = draw(st.sampled_from([50, 0, 100, 30, 62.5]))
    ladder = st.lists(st.integers(0, 100), min_size=4, max_size=4).map(lambda steps: sorted(steps, reverse=True))
    model: dict[str, Any] = {"model": "made", "fit": draw(fits(share)), "engagement": draw(engagements(100 - share))}
    if draw(st.booleans()):
        letters, digits = draw(ladder), draw(ladder)
        model["bands"] = {
            "fit": dict(zip("ABCD", letters, strict=True)),
            "engagement": dict(zip("1234", digits, strict=True)),
        }
    if draw(st.booleans()):
        model["personas"] = [{"id": "other", "when": draw(conditions(FIELDS)), "fit": draw(fits(share))}]
    if draw(st.booleans()):
        model["knockouts"] = [{"id": "out", "when": draw(conditions(FIELDS))}]
    if draw(st.booleans()):
        rule = st.booleans()
        also = st.lists(conditions(["type", "url", "name"]), max_size=1)
        model["machine"] = draw(
            st.fixed_dictionaries({}, optional={"marked": rule, "burst": rule, "instant": rule, "also": also})
        )
    if draw(st.booleans()):
        model["stage_at"] = draw(st.sampled_from([0, 1, 3, 10, -2]))
    return model


@st.composite
def events(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Events around `AS_OF`, close together and long ago, some told twice, in any order."""
    made: dict[tuple[str, str], dict[str, Any]] = {}
    for _ in range(draw(st.integers(0, 12))):
        day = AS_OF - timedelta(days=draw(st.sampled_from([-1, 0, 1, 2, 7, 8, 13, 14, 15, 30, 31, 88, 89, 90, 91, 400])))
        midnight = datetime.combine(day.date(), datetime.min.time(), UTC)
        moment = midnight + timedelta(seconds=draw(st.sampled_from([0, 1, 2, 3, 43_200, 43_201, 79_200, 86_399])))
        event = {"id": draw(st.sampled_from("abcdefgh")), "type": draw(st.sampled_from(KINDS)), "at": moment.isoformat()}
        optional = {
            "url": st.sampled_from(["/pricing", "/Pricing/eu", "/blog"]),
            "name": st.one_of(st.sampled_from(NAMES), st.none(), st.just("")),
            "campaign": st.sampled_from(["spring", ""]),
            "seconds": st.sampled_from([0, 1, 3.5, 30, 60, 61, "40", "x", -5, 0.0035, 0.0305, 100_000]),
            "machine": st.booleans(),
            "sent_at": st.sampled_from([(moment - timedelta(seconds=gap)).isoformat() for gap in (-1, 0, 1, 2, 60)]),
        }
        # Which of two versions of one event at one moment stands is not for the text to say.
        made.setdefault((event["id"], event["at"]), event | draw(st.fixed_dictionaries({}, optional=optional)))
    if draw(st.booleans()):
        start = AS_OF - timedelta(days=draw(st.integers(0, 3)), seconds=10)
        for place, gap in enumerate(draw(st.lists(st.sampled_from([0, 0.5, 1, 2, 2.001, 3]), min_size=2, max_size=5))):
            at = (start + timedelta(seconds=gap)).isoformat()
            made[f"click{place}", at] = {"id": f"click{place}", "type": "email_click", "at": at, "campaign": "burst"}
    told = list(made.values())
    return draw(st.permutations(told + told[:2])) if told else []


@st.composite
def people(draw: st.DrawFn) -> dict[str, Any]:
    """One person's facts."""
    until = [(AS_OF + timedelta(seconds=gap)).isoformat() for gap in (-1, 0, 1, 100_000)]
    override = st.fixed_dictionaries({"points": POINTS, "until": st.sampled_from(until)})
    return {
        "id": "p1",
        "person": draw(fields("person")),
        "company": draw(fields("company")),
        "events": draw(events()),
        "overrides": draw(st.lists(override, max_size=2)),
    }
