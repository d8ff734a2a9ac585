"""One engagement as the CRM that saw it would know it: channel, name, length, when the e-mail behind it left."""

import random
from datetime import UTC, datetime, time, timedelta

import msgspec

from sandbox.market import campaigns as offer
from sandbox.market.calendar import Calendar
from sandbox.market.campaigns import Programme
from sandbox.market.draw import Wheel, pick
from sandbox.market.humans import Human
from sandbox.market.model import Channel, Crm, Event, EventKind, Outcome

_CAMPAIGN_KINDS: frozenset[EventKind] = frozenset(
    {"webinar", "content_download", "campaign_response", "form_submission", "demo_request", "trial_start"}
)
_MAILING_KINDS: frozenset[EventKind] = frozenset({"email_open", "email_click", "email_bounce", "unsubscribe"})
_EMAIL_KINDS: frozenset[EventKind] = _MAILING_KINDS | {"email_reply", "email"}
_BY_REP: frozenset[EventKind] = frozenset({"email", "note", "task", "email_bounce"})
_HUBSPOT_OBJECTS: dict[EventKind, Channel] = {
    "call": "call", "email": "email", "meeting": "meeting", "note": "note", "task": "task"
}  # fmt: skip # a table reads better in few lines
_SALESFORCE_OBJECTS: dict[EventKind, Channel] = {"call": "task", "task": "task", "meeting": "event"}

_CALL_OUTCOMES: Wheel[Outcome] = Wheel(("connected", 45), ("no_answer", 35), ("left_voicemail", 20))
_MEETING_OUTCOMES: Wheel[Outcome] = Wheel(("completed", 88), ("no_show", 12))
_WEBINAR_BEGINS = time(15, tzinfo=UTC)
_CUSTOMER_CALLS = 0.15
_TOPICS: dict[EventKind, tuple[str, ...]] = {
    "call": offer.CALLS, "meeting": offer.MEETINGS, "note": offer.NOTES, "task": offer.TASKS
}  # fmt: skip # a table reads better in few lines


class Recorder:
    """Turns what one person did into events, each possible in the CRM that keeps it."""

    def __init__(self, rng: random.Random, human: Human, calendar: Calendar, programme: Programme) -> None:
        self._rng = rng
        self._human = human
        self._calendar = calendar
        self._programme = programme
        self._answered: set[int] = set()

    def record(self, key: int, crm: Crm, kind: EventKind, at: datetime) -> Event:
        """The event of this kind, or the nearest possible: a call without an address, a mailing after the last campaign."""
        if self._human.address is None and (kind in _EMAIL_KINDS or (crm == "hubspot" and kind not in _HUBSPOT_OBJECTS)):
            kind = "call"
        if kind in _CAMPAIGN_KINDS:
            return self._form(key, kind, at) if crm == "hubspot" else self._response(key, kind, at)
        if kind in _EMAIL_KINDS:
            return self._emailed(key, crm, kind, at)
        if kind == "page_view":
            return self._viewed(key, at)
        return self._worked(key, crm, kind, at)

    def scan(self, click: Event, at_most: int) -> list[Event]:
        """A click as a mail scanner makes it: three within two seconds, or one sooner after sending than any reader."""
        if at_most < 3 or self._rng.random() < 0.4:
            return [msgspec.structs.replace(click, sent_at=click.at - timedelta(seconds=1), machine=True)]
        sent_at = click.at - timedelta(seconds=5 + int(self._rng.random() * 50))
        # Counted backwards, so that the last of them stays within the window.
        return [
            msgspec.structs.replace(
                click,
                key=click.key + place,
                at=click.at - timedelta(milliseconds=600 * (2 - place)),
                sent_at=sent_at,
                machine=True,
            )
            for place in range(3)
        ]

    def _form(self, key: int, kind: EventKind, at: datetime) -> Event:
        name = pick(self._rng, offer.names_of(kind))
        return Event(key, kind, at, self._human.key, "hubspot", "rollup", "inbound", name)

    def _response(self, key: int, kind: EventKind, at: datetime) -> Event:
        choices = self._programme.open_to(kind, at.date(), self._answered)
        if not choices:
            return (
                self._emailed(key, "salesforce", "email_open", at)
                if self._human.address
                else self._worked(key, "salesforce", "call", at)
            )
        if kind == "webinar":
            # Whoever came, came on the day: the newest the person has not seen.
            campaign = max(choices, key=lambda choice: choice.start)
            at = datetime.combine(campaign.start, _WEBINAR_BEGINS) + timedelta(minutes=int(self._rng.random() * 40))
        else:
            campaign = pick(self._rng, choices)
        self._answered.add(campaign.key)
        return Event(
            key, kind, at, self._human.key, "salesforce", "campaign_member", "inbound", campaign.name, campaign=campaign.key
        )

    def _emailed(self, key: int, crm: Crm, kind: EventKind, at: datetime) -> Event:
        mailing = kind in _MAILING_KINDS
        personal = kind == "email" or (kind == "email_reply" and self._rng.random() < 0.6)
        channel: Channel = "email_message" if crm == "salesforce" else "email" if personal else "rollup"
        return Event(
            key,
            kind,
            at,
            self._human.key,
            crm,
            channel,
            "outbound" if kind in _BY_REP else "inbound",
            pick(self._rng, offer.MAILINGS if mailing else offer.SUBJECTS),
            owner=None if mailing else self._human.employer.owner,
            sent_at=at if kind == "email" else at - self._delay(kind),
        )

    def _delay(self, kind: EventKind) -> timedelta:
        if kind == "email_bounce":
            return timedelta(seconds=3 + int(self._rng.random() * 60))
        return timedelta(seconds=40 + int(self._rng.expovariate(1 / (7 * 3600))))

    def _viewed(self, key: int, at: datetime) -> Event:
        warm = self._rng.random() < self._human.propensity
        url = pick(self._rng, offer.WARM_PAGES if warm else offer.COLD_PAGES)
        seconds = 3 + int(self._rng.expovariate(1 / 60))
        return Event(
            key, "page_view", at, self._human.key, "hubspot", "rollup", "inbound", "Page view", url=url, seconds=seconds
        )

    def _worked(self, key: int, crm: Crm, kind: EventKind, at: datetime) -> Event:
        channel = (_HUBSPOT_OBJECTS if crm == "hubspot" else _SALESFORCE_OBJECTS)[kind]
        seconds, outcome = self._talk(kind)
        return Event(
            key,
            kind,
            at,
            self._human.key,
            crm,
            channel,
            "inbound" if kind == "call" and self._rng.random() < _CUSTOMER_CALLS else "outbound",
            pick(self._rng, _TOPICS[kind]),
            owner=self._human.employer.owner,
            seconds=seconds,
            outcome=outcome,
        )

    def _talk(self, kind: EventKind) -> tuple[int | None, Outcome | None]:
        if kind == "call":
            outcome = _CALL_OUTCOMES.spin(self._rng)
            return (60 + int(self._rng.random() * 1500) if outcome == "connected" else 20), outcome
        if kind == "meeting":
            return pick(self._rng, (1800, 2700, 3600)), _MEETING_OUTCOMES.spin(self._rng)
        return None, None
