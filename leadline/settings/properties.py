"""Which properties a workspace has on its CRMs' person records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from leadline.settings.findings import did_you_mean

DEFAULT = ("score", "grade", "stage", "bant", "bant_next", "reasons", "trend", "scored_at", "feedback")
"""Nine, because HubSpot's free tier allows ten custom properties, and a heartbeat may be the tenth."""

EXTENDED = (*DEFAULT, "fit", "engagement", "model", "elements", "breakdown")

ALWAYS = ("score", "grade", "scored_at")
"""What Leadline itself reads back, to tell its own writes from others'."""

_SETS = {"default": DEFAULT, "extended": EXTENDED}


def _chosen(raw: Any) -> Sequence[str]:
    if isinstance(raw, str):
        if raw not in _SETS:
            raise ValueError(f"must be default, extended, or a list of properties{did_you_mean(raw, _SETS)}")
        return _SETS[raw]
    if not isinstance(raw, list | tuple) or not all(isinstance(name, str) for name in raw):
        raise ValueError("must be default, extended, or a list of properties")
    for name in raw:
        if name not in EXTENDED:
            raise ValueError(f'there is no property "{name}"{did_you_mean(name, EXTENDED)}')
    if lacking := [name for name in ALWAYS if name not in raw]:
        raise ValueError(f"the list needs {', '.join(lacking)} too: Leadline recognises its own writes by them")
    return [name for name in EXTENDED if name in raw]


Properties = Annotated[
    tuple[str, ...],
    BeforeValidator(_chosen),
    WithJsonSchema(
        {"anyOf": [{"enum": sorted(_SETS)}, {"type": "array", "items": {"enum": list(EXTENDED)}, "uniqueItems": True}]}
    ),
]
"""Names of properties, in the order a rep reads them; `default` and `extended` stand for whole sets."""
