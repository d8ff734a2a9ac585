"""What a visitor does on the seller's site: HubSpot's tracking code and forms move totals that no API may set.

Source of the totals: `rollups`, which makes the same ones out of a market.
"""

from __future__ import annotations

from typing import Any

import msgspec

from sandbox.hubspot.account import Account
from sandbox.hubspot.kinds import CONTACTS
from sandbox.hubspot.records import Row
from sandbox.hubspot.times import iso

_VISITS = "hs_analytics_num_visits"


class Visit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The order of `/_twin/visit`: a contact by its id, and the page looked at or the form filled in, by its name."""

    contact: str
    page: str = ""
    form: str = ""


def visit(account: Account, order: Any) -> None:
    """Let a contact look at a page or fill in a form, now.

    Raises:
        ValueError: the order is none, or there is no such live contact.
    """
    asked = msgspec.convert(order, Visit)
    if bool(asked.page) == bool(asked.form):
        raise ValueError("name either a page or a form")
    row = account.records(CONTACTS).find(asked.contact)
    if row is None or row.archived_ms is not None:
        raise ValueError(f"there is no contact {asked.contact}")
    now = iso(account.clock.milliseconds())
    account.change(CONTACTS, row, _page(row, asked.page, now) if asked.page else _form(row, asked.form, now))


def _page(row: Row, page: str, now: str) -> dict[str, str]:
    last, url = "hs_analytics_last_visit_timestamp", "hs_analytics_last_url"
    another_day = row.properties.get(last, "")[:10] != now[:10]
    return {
        **_one_more(row, "hs_analytics_num_page_views"),
        **(_one_more(row, _VISITS) if another_day else {}),
        **_first(row, "hs_analytics_first_visit_timestamp", now, "hs_analytics_first_url", page),
        last: now,
        url: page,
        "hs_analytics_last_timestamp": now,
    }


def _form(row: Row, form: str, now: str) -> dict[str, str]:
    return {
        **_one_more(row, "num_conversion_events"),
        **_first(row, "first_conversion_date", now, "first_conversion_event_name", form),
        "recent_conversion_date": now,
        "recent_conversion_event_name": form,
    }


def _one_more(row: Row, total: str) -> dict[str, str]:
    return {total: str(int(float(row.properties.get(total) or 0)) + 1)}


def _first(row: Row, date: str, now: str, text: str, said: str) -> dict[str, str]:
    return {} if row.properties.get(date) else {date: now, text: said}
