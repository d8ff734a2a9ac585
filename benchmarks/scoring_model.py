"""The model that scoring is measured with: 40 fit rules, ten of them regexes on titles, and 12 signals."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

TITLE_PATTERNS = {
    "chief": r"(?i)\b(chief|c[eftim]o)\b",
    "vice-president": r"(?i)\b(vp|vice president)\b",
    "director": r"(?i)\bdirector\b",
    "head-of": r"(?i)^head of",
    "manager": r"(?i)manager$|manager,",
    "revenue": r"(?i)revenue|sales|growth",
    "technology": r"(?i)engineer|architect|developer|\bit\b",
    "intern": r"(?i)intern|student|praktik",
    "assistant": r"(?i)assistant|coordinator",
    "level": r"\b(II|III|IV)\b",
}
LISTS = {"free_mail": ["mail.example", "post.example"], "rivals": [f"company-{n}.example" for n in range(40)]}


def _when(name: str, points: int, when: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "points": points, "when": when}


def _banded(name: str, field: str, edges: list[int]) -> dict[str, Any]:
    bands = [{"from": low, "below": high, "points": n} for n, (low, high) in enumerate(pairwise(edges), 1)]
    return {"id": name, "field": field, "bands": bands}


def _role() -> list[dict[str, Any]]:
    patterns = [
        _when(name, 6 - place, {"person.title": {"matches": pattern}})
        for place, (name, pattern) in enumerate(TITLE_PATTERNS.items())
    ]
    return [
        *patterns,
        _when("senior", 8, {"person.seniority": {"in": ["c_level", "vp", "director"]}}),
        _when("junior", -6, {"person.seniority": {"in": ["intern", "entry"]}}),
        _when("sales", 4, {"person.function": "sales"}),
        _when("buyer", 5, {"person.buying_role": {"known": True}, "person.function": {"not_in": ["hr", "legal"]}}),
        _when("free-mail", -8, {"person.email": {"domain_listed": "free_mail"}}),
    ]


def _person() -> list[dict[str, Any]]:
    return [
        _when("home", 4, {"person.country": {"in": ["DE", "AT", "CH"]}}),
        _when("near", 2, {"person.country": {"in": ["FR", "NL", "BE", "DK"]}}),
        _when("language", 1, {"person.language": "de"}),
        _when("referred", 4, {"person.source": {"contains": ["referral", "partner"]}}),
        _when("bought-list", -5, {"person.source": "list"}),
        _when("opted-out", -10, {"person.opted_out": True}),
        _when("new", 2, {"person.since": {"within": "90d"}}),
        _when("old", -1, {"person.since": {"before": "730d"}}),
        _banded("budget", "person.budget", [1, 1000, 10_000, 50_000, 1_000_000]),
        _when("no-city", -1, {"person.city": {"known": False}}),
    ]


def _company() -> list[dict[str, Any]]:
    return [
        _banded("size", "company.employees", [1, 10, 50, 200, 1000, 5000, 100_000]),
        _banded("revenue", "company.annual_revenue", [1, 100_000, 1_000_000, 10_000_000, 1_000_000_000]),
        _banded("age", "company.founded", [1900, 1980, 2000, 2015, 2030]),
        _when("software", 5, {"company.industry": {"in": ["industry-1", "industry-2", "industry-3"]}}),
        _when("public", -3, {"company.industry": "industry-9"}),
        _when("rival", -20, {"company.domain": {"domain_listed": "rivals"}}),
        _when("tools", 6, {"company.tools": {"contains": "tool-7"}}),
        _when("many-tools", 2, {"company.tools": {"in": ["tool-1", "tool-2"]}}),
        _when("abroad", -2, {"company.country": {"not_in": ["DE", "AT", "CH", "FR"]}}),
        _when("big-at-home", 3, {"company.employees": {"above": 500}, "company.country": "DE"}),
        _when("small-or-young", -2, {"any": [{"company.employees": {"below": 5}}, {"company.founded": {"above": 2022}}]}),
        _when("named", 1, {"not": {"company.name": {"contains": "unknown"}}}),
        _when("rich", 2, {"company.annual_revenue": {"at_least": 5_000_000}, "person.budget": {"at_least": 10_000}}),
        _when("mid", 1, {"company.employees": {"between": [100, 400]}}),
        _when("domain", 1, {"company.domain": {"known": True}}),
    ]


def _signal(name: str, on: str | list[str], points: int, decay: Any, **more: Any) -> dict[str, Any]:
    return {"id": name, "on": on, "points": points, "decay": decay, **more}


def _intent() -> list[dict[str, Any]]:
    day = {"times": 2, "per": "day"}
    return [
        _signal(
            "pricing", "page_view", 6, {"half_life": "14d"}, where={"url": {"contains": "/pricing"}}, at_most=day, limit=30
        ),
        _signal("demo", "demo_request", 25, {"half_life": "30d"}, window="180d"),
        _signal("meeting", "meeting", 15, {"linear": "60d"}, limit=30),
        _signal("reply", "email_reply", 8, {"steps": {"14d": 0.5, "60d": 0.1, "120d": 0}}, limit=16),
        _signal("form", "form_submission", 6, {"half_life": "21d"}, distinct="name", limit=18),
        _signal("trial", "trial_start", 20, {"half_life": "20d"}, at_most={"times": 1, "per": "month"}),
    ]


def _attention() -> list[dict[str, Any]]:
    week = {"times": 5, "per": "week"}
    return [
        _signal("pages", "page_view", 1, {"half_life": "10d"}, at_most={"times": 3, "per": "day"}, window="90d", limit=15),
        _signal("opens", "email_open", 1, {"linear": "30d"}, at_most=week, limit=6),
        _signal("clicks", "email_click", 2, {"half_life": "14d"}, distinct="campaign", limit=12),
        _signal("downloads", "content_download", 4, {"half_life": "30d"}, distinct="name", at_least=2, full_at="60s"),
        _signal("videos", "video_view", 3, {"half_life": "30d"}, full_at="2m", limit=9),
        _signal("left", "unsubscribe", -20, "none"),
    ]


def model() -> dict[str, Any]:
    """The model as plain data."""
    return {
        "model": "benchmark",
        "fit": {
            "limit": 50,
            "groups": {
                "role": {"limit": 25, "rules": _role()},
                "person": {"limit": 15, "rules": _person()},
                "company": {"limit": 25, "rules": _company()},
            },
        },
        "engagement": {
            "limit": 50,
            "groups": {
                "intent": {"limit": 40, "signals": _intent()},
                "attention": {"limit": 20, "signals": _attention()},
            },
        },
        "knockouts": [{"id": "bounced", "when": {"person.source": "test"}}],
    }
