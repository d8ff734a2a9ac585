"""Decisions about windows of the modified date: how far back to look, where to split, what is due. Values in, values out.

What a search may be trusted with. One answer that holds all it counted is whole, in whatever order. Several pages rest on
the order of ids that was asked for: ids never change, unlike the modified dates by which the index sorts late and wrong,
and a page that breaks the order shows it. So a window is read by id, in parts of less than 10,000, and a part whose answer
came in another order is split until its parts fit into one answer each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median_low

from msgspec.structs import replace

from connectors.errors import ContractBroken
from connectors.hubspot.cursor import Standing, Window
from connectors.hubspot.wire import CrmObject

HORIZON = timedelta(hours=1)
"""How late a change may become searchable at its place (others saw nearly an hour)."""

MOST_RESULTS = 10_000
"""What a search pages through at most (HubSpot docs)."""

_FEW = 500
"""While no more records than this changed within the horizon, looking back all of it takes at most three searches."""

_SETTLING_SPACING = timedelta(minutes=10)
_SWEEP_SPACING = timedelta(minutes=10)
_SWEEP_SPACING_PER_PAGE = timedelta(minutes=1)

_RESOLUTION = timedelta(milliseconds=1)
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def to_milliseconds(at: datetime) -> datetime:
    """The time without what a filter cannot say."""
    return at - (at - _EPOCH) % _RESOLUTION


def fresh_window(name: str, standing: Standing, now: datetime) -> Window:
    """What may have changed since the last fresh window, looking back the whole horizon."""
    until = to_milliseconds(now)
    return Window.whole("fresh", name, min(standing.fresh, until) - HORIZON, until)


def narrowed(at: Window, total: int, standing: Standing, overlap: timedelta) -> Window | None:
    """The fresh window with the small overlap, where the long look back turns out to hold too much; None to go on.

    What the small overlap misses is read by the settling window. After a break of an hour that would read nearly all twice.
    """
    if at.until - standing.fresh >= HORIZON or at != Window.whole("fresh", at.object, at.begins, at.until):
        return None
    begins = min(standing.fresh, at.until) - overlap
    return Window.whole("fresh", at.object, begins, at.until) if total > _FEW and at.begins < begins else None


def clock_went_back(standing: Standing, now: datetime, overlap: timedelta) -> bool:
    """Whether the standing is of a time to come, so that nobody knows what was read."""
    return standing.fresh > now + overlap


def settling_window(name: str, standing: Standing) -> Window | None:
    """What has become an hour old since the last settling window; None while it is not worth a call."""
    until = standing.fresh - HORIZON
    return Window.whole("settling", name, standing.settled, until) if until >= standing.settled + _SETTLING_SPACING else None


def read_whole(at: Window, standing: Standing) -> Standing:
    """The standing once the window is read. A fresh window that looked back far enough has settled what it saw."""
    if at.kind == "settling":
        return replace(standing, settled=at.until)
    settled = at.until - HORIZON if at.begins <= standing.settled else standing.settled
    return replace(standing, fresh=at.until, settled=max(settled, standing.settled))


def sweep_is_due(standing: Standing, now: datetime) -> bool:
    """Archived records come in no order, so each sweep reads all of them: the more there are, the rarer."""
    return now >= standing.swept.at + max(_SWEEP_SPACING, _SWEEP_SPACING_PER_PAGE * standing.swept.pages)


def split(at: Window, rows: Sequence[CrmObject], total: int, *, in_order: bool) -> Window | None:
    """The window with a smaller part to read, where this part is too much for one walk; None where it is not.

    A single millisecond cannot be split: it is walked by id, however much it holds.

    Raises:
        ContractBroken: it came out of order, and cannot be split either.
    """
    is_too_much = at.after_id == 0 and total >= MOST_RESULTS
    if in_order and not is_too_much:
        return None
    if at.to - at.since > _RESOLUTION:
        return replace(at, to=_between(at, rows), after_id=0)
    if in_order:
        return None
    raise ContractBroken(f"HubSpot's search of {at.object} came back out of the order of ids that was asked for")


def following_part(at: Window) -> Window | None:
    """The rest of the window after the part that is read; None when that was the last one."""
    return replace(at, since=at.to, to=at.until, after_id=0) if at.to < at.until else None


def _between(at: Window, rows: Sequence[CrmObject]) -> datetime:
    """Where to split: at the middle of the times that were seen, which soon leaves a bulk edit's timestamp alone."""
    seen = to_milliseconds(median_low([row.updated_at for row in rows])) if rows else at.since
    seen = seen + _RESOLUTION if seen == at.since else seen
    return seen if at.since < seen < at.to else to_milliseconds(at.since + (at.to - at.since) / 2)
