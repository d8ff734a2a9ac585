"""What HubSpot keeps of behaviour on a contact: running totals and the dates of the last ones.

Page views, marketing mail and conversions are no objects in HubSpot; all that is left of them are these properties.
Marketing totals leave one-to-one mail out, which has dates of its own (believed).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sandbox.hubspot.times import iso_of
from sandbox.market.model import Event

_CONVERSIONS = frozenset(
    {"form_submission", "content_download", "webinar", "trial_start", "demo_request", "campaign_response"}
)
_MAIL = {
    "email_open": ("hs_email_open", "hs_email_last_open_date"),
    "email_click": ("hs_email_click", "hs_email_last_click_date"),
    "email_reply": ("hs_email_replied", "hs_email_last_reply_date"),
    "email_bounce": ("hs_email_bounce", ""),
}
_CONTACTED = frozenset({"call", "email", "meeting"})


class Totals:
    """The totals of one contact while its events go by, in any order."""

    def __init__(self) -> None:
        self.last_at: datetime | None = None
        self._counts: dict[str, int] = {}
        self._lasts: dict[str, datetime] = {}
        self._firsts: dict[str, datetime] = {}
        self._texts: dict[str, str] = {}
        self._visit_days: set[date] = set()

    def add(self, event: Event) -> None:
        """Count one event."""
        self.last_at = event.at if self.last_at is None else max(self.last_at, event.at)
        if event.channel != "rollup":
            self._count_activity(event)
        elif event.kind == "page_view":
            self._count_visit(event)
        elif event.kind in _CONVERSIONS:
            self._count("num_conversion_events")
            self._note_first("first_conversion_date", "first_conversion_event_name", event.at, event.name)
            self._note_last("recent_conversion_date", "recent_conversion_event_name", event.at, event.name)
        elif event.kind in _MAIL:
            total, last = _MAIL[event.kind]
            self._count(total)
            if last:
                self._note_last(last, "", event.at, "")
            if event.sent_at is not None:
                self._note_last("hs_email_last_send_date", "", event.sent_at, "")

    def properties(self, site: str) -> dict[str, str]:
        """The totals as properties; `site` is put before the paths of pages."""
        found = {name: str(count) for name, count in self._counts.items()}
        found |= {name: iso_of(at) for name, at in (self._lasts | self._firsts).items()}
        for name, text in self._texts.items():
            found[name] = f"{site}{text}" if name.endswith("_url") else text
        if self._visit_days:
            found["hs_analytics_num_visits"] = str(len(self._visit_days))
        return found

    def _count_activity(self, event: Event) -> None:
        self._note_last("notes_last_updated", "", event.at, "")
        self._note_last("hs_last_sales_activity_timestamp", "", event.at, "")
        if event.channel in _CONTACTED and event.direction == "outbound":
            self._count("num_contacted_notes")
            self._note_last("notes_last_contacted", "", event.at, "")
        if event.kind == "email_reply":
            self._note_last("hs_sales_email_last_replied", "", event.at, "")

    def _count_visit(self, event: Event) -> None:
        self._count("hs_analytics_num_page_views")
        self._visit_days.add(event.at.date())
        path = event.url or "/"
        self._note_first("hs_analytics_first_visit_timestamp", "hs_analytics_first_url", event.at, path)
        self._note_last("hs_analytics_last_visit_timestamp", "hs_analytics_last_url", event.at, path)
        self._note_last("hs_analytics_last_timestamp", "", event.at, "")

    def _count(self, name: str) -> None:
        self._counts[name] = self._counts.get(name, 0) + 1

    def _note_last(self, date_name: str, text_name: str, at: datetime, text: str) -> None:
        if date_name not in self._lasts or at >= self._lasts[date_name]:
            self._lasts[date_name] = at
            if text_name:
                self._texts[text_name] = text

    def _note_first(self, date_name: str, text_name: str, at: datetime, text: str) -> None:
        if date_name not in self._firsts or at < self._firsts[date_name]:
            self._firsts[date_name] = at
            self._texts[text_name] = text


def totals_by_person(events: Iterable[Event]) -> dict[int, Totals]:
    """The totals of everyone whom HubSpot saw do something."""
    found: dict[int, Totals] = {}
    for event in events:
        if event.crm == "hubspot":
            totals = found.get(event.person)
            if totals is None:
                totals = found[event.person] = Totals()
            totals.add(event)
    return found
