"""What one person does and what is done about them: engagement, event by event."""

import math
import random
from datetime import datetime

from sandbox.market.calendar import WINDOW_DAYS, Calendar
from sandbox.market.campaigns import Programme
from sandbox.market.draw import Wheel, apportion
from sandbox.market.humans import Human
from sandbox.market.model import Crm, Deal, Event, EventKind
from sandbox.market.recorder import Recorder

_HUBSPOT_COLD: Wheel[EventKind] = Wheel(
    ("page_view", 40), ("email_open", 32), ("email_click", 6), ("email", 7), ("call", 3), ("content_download", 2),
    ("task", 2), ("webinar", 2), ("form_submission", 2), ("note", 1), ("email_reply", 0.5), ("meeting", 0.3),
)  # fmt: skip # a table reads better in few lines
_HUBSPOT_WARM: Wheel[EventKind] = Wheel(
    ("page_view", 42), ("email_open", 17), ("email_click", 11), ("email", 6), ("call", 4), ("content_download", 6),
    ("webinar", 4), ("email_reply", 3), ("meeting", 3), ("task", 2), ("form_submission", 2), ("note", 2),
    ("demo_request", 1), ("trial_start", 0.7),
)  # fmt: skip # a table reads better in few lines
_SALESFORCE_COLD: Wheel[EventKind] = Wheel(
    ("email_open", 30), ("email", 24), ("call", 14), ("task", 9), ("content_download", 6), ("webinar", 6),
    ("campaign_response", 5), ("form_submission", 3), ("email_reply", 1), ("meeting", 1),
)  # fmt: skip # a table reads better in few lines
_SALESFORCE_WARM: Wheel[EventKind] = Wheel(
    ("email_open", 16), ("email", 14), ("call", 12), ("content_download", 10), ("email_reply", 9), ("meeting", 9),
    ("webinar", 9), ("task", 8), ("campaign_response", 5), ("form_submission", 3), ("demo_request", 2), ("trial_start", 1),
)  # fmt: skip # a table reads better in few lines

_SCANNED_CLICKS = 0.06
_IN_HUBSPOT_OF_BOTH = 0.65
_DORMANT = 0.3


def draw_events(
    rng: random.Random,
    first_key: int,
    count: int,
    humans: list[Human],
    deals: list[Deal],
    calendar: Calendar,
    programme: Programme,
) -> list[Event]:
    """`count` events with keys from `first_key`, person by person; likely buyers and people on deals have most of them."""
    deal_of = {role.person: deal for deal in deals for role in deal.roles}
    quotas = apportion(count, [_liveliness(rng, human, human.key in deal_of) for human in humans])
    events: list[Event] = []
    for human, quota in zip(humans, quotas, strict=True):
        diary = Diary(rng, human, deal_of.get(human.key), calendar, programme)
        events.extend(diary.write(quota, first_key + len(events)))
    return events


def _liveliness(rng: random.Random, human: Human, on_a_deal: bool) -> float:  # noqa: FBT001 - a fact about the person, no switch
    chance, spread = rng.random(), rng.gauss(0, 0.5)
    if human.propensity < 0.4 and chance < _DORMANT and not on_a_deal:
        return 0.0
    reach = 1.35 if human.in_hubspot and human.in_salesforce != "none" else 1.0 if human.in_hubspot else 0.5
    heard = 0.4 if human.opted_out else 1.0
    return math.exp(2.8 * human.propensity + spread) * reach * heard * (1.7 if on_a_deal else 1.0)


def _span(deal: Deal, calendar: Calendar) -> tuple[float, float, float]:
    """Around a deal: the last day, the first and the busiest, in days before the market's end."""
    begun = min(calendar.days_ago(deal.created_at), WINDOW_DAYS - 1.0)
    ended = 0.0 if deal.open else calendar.days_ago(deal.stages[-1].at)
    return min(ended, begun), min(begun + 35, WINDOW_DAYS), begun


class Diary:
    """Writes the events of one person, at times that fit their mood or their deal."""

    def __init__(
        self, rng: random.Random, human: Human, deal: Deal | None, calendar: Calendar, programme: Programme
    ) -> None:
        self._rng = rng
        self._human = human
        self._calendar = calendar
        self._recorder = Recorder(rng, human, calendar, programme)
        self._span = None if deal is None else _span(deal, calendar)
        self._hot = deal is None and rng.random() < (0.5 if human.propensity > 0.6 else 0.03)
        self._faded = rng.random() < 0.4

    def write(self, quota: int, first_key: int) -> list[Event]:
        """Exactly `quota` events with keys from `first_key`."""
        moments = sorted(self._calendar.moment(self._rng, self._days_ago()) for _ in range(quota))
        last_words = self._last_words(quota)
        events: list[Event] = []
        while len(events) < quota:
            left, key, at = quota - len(events), first_key + len(events), moments[len(events)]
            if left == 1 and last_words:
                events.append(self._recorder.record(key, self._draw_crm(last_words), last_words, self._last_moment(at)))
            else:
                events.extend(self._next(key, at, left - 1 if last_words else left))
        return events

    def _next(self, key: int, at: datetime, at_most: int) -> list[Event]:
        crm = self._draw_crm()
        warm = self._rng.random() < self._human.propensity
        if crm == "hubspot":
            kind = (_HUBSPOT_WARM if warm else _HUBSPOT_COLD).spin(self._rng)
        else:
            kind = (_SALESFORCE_WARM if warm else _SALESFORCE_COLD).spin(self._rng)
        event = self._recorder.record(key, crm, kind, at)
        if event.kind == "email_click" and self._rng.random() < _SCANNED_CLICKS:
            return self._recorder.scan(event, at_most)
        return [event]

    def _draw_crm(self, kind: EventKind | None = None) -> Crm:
        if self._human.in_salesforce == "none" or kind == "unsubscribe":
            return "hubspot"
        return "hubspot" if self._human.in_hubspot and self._rng.random() < _IN_HUBSPOT_OF_BOTH else "salesforce"

    def _days_ago(self) -> float:
        chance = self._rng.random()
        if self._span is not None and chance < 0.9:
            return self._rng.triangular(*self._span)
        if self._hot and chance < 0.6:
            return 14 * self._rng.random()
        if self._faded:
            return 60 + (WINDOW_DAYS - 60) * self._rng.random()
        return WINDOW_DAYS * self._rng.random()

    def _last_words(self, quota: int) -> EventKind | None:
        if self._human.opted_out and self._human.in_hubspot and self._human.address:
            return "unsubscribe"
        if self._rng.random() < 0.015 and self._human.address:
            return "email_bounce"
        return "demo_request" if self._hot and quota >= 6 and self._rng.random() < 0.5 else None

    def _last_moment(self, at: datetime) -> datetime:
        return self._calendar.moment(self._rng, 4 * self._rng.random()) if self._hot else at
