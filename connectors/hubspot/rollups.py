"""Running totals HubSpot keeps on a contact, as roll-ups: each step of a total stands for one event.

Names as in HubSpot's property list. That the counts are running totals, and that marketing-email counts leave out one-to-one
mail, is believed, not documented; e-mail opens are inflated by mail-privacy proxies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from connectors.hubspot import values
from connectors.records import RollUp, Scalar

_LAST_URL = "hs_analytics_last_url"
_CONVERSIONS = "num_conversion_events"
_LAST_CONVERSION = "recent_conversion_event_name"


@dataclass(frozen=True, slots=True)
class _Total:
    name: str
    event_type: str
    last_at: str


_TOTALS = (
    _Total("hs_email_open", "email_open", "hs_email_last_open_date"),
    _Total("hs_email_click", "email_click", "hs_email_last_click_date"),
    _Total("hs_analytics_num_page_views", "page_view", "hs_analytics_last_visit_timestamp"),
    _Total(_CONVERSIONS, "form_submission", "recent_conversion_date"),
)

ROLLUP_PROPERTIES = (*(total.name for total in _TOTALS), *(total.last_at for total in _TOTALS), _LAST_URL, _LAST_CONVERSION)


def rollups_of(properties: Mapping[str, str | None], conversions: Mapping[str, str]) -> tuple[RollUp, ...]:
    """The totals above zero. `conversions` maps a part of a conversion's name to the event type it stands for."""
    found = []
    for total in _TOTALS:
        count = values.integer(properties.get(total.name))
        if count is not None and count > 0:
            fields = _fields(total.name, properties)
            found.append(
                RollUp(
                    name=total.name,
                    event_type=_event_type(total, fields, conversions),
                    total=count,
                    last_at=values.moment(properties.get(total.last_at)),
                    fields=fields,
                )
            )
    return tuple(found)


def conversion_type(name: str, conversions: Mapping[str, str]) -> str:
    """The event type of a form conversion by its name: the first entry whose text it contains, in any case."""
    folded = name.casefold()
    return next((kind for part, kind in conversions.items() if part.casefold() in folded), "form_submission")


def page_address(url: str) -> str | None:
    """The URL without query, fragment and user part, where personal values hide (`?email=…`)."""
    try:
        parts = urlsplit(url.strip())
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")) or None
    except ValueError:
        return None


def _event_type(total: _Total, fields: Mapping[str, Scalar], conversions: Mapping[str, str]) -> str:
    name = fields.get("name")
    return conversion_type(name, conversions) if isinstance(name, str) else total.event_type


def _fields(total: str, properties: Mapping[str, str | None]) -> dict[str, Scalar]:
    if total == "hs_analytics_num_page_views" and (url := page_address(properties.get(_LAST_URL) or "")):
        return {"url": url}
    if total == _CONVERSIONS and (name := values.text(properties.get(_LAST_CONVERSION))):
        return {"name": name}
    return {}
