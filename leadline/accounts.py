"""Companies scored by their people, where an admin has given the score a place on the company."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from connectors.records import Scalar
from leadline.channel import refused_for
from leadline.decide import shown_score
from leadline.facts import facts_of
from leadline.intents import Destination
from leadline.settings.workspace import Workspace
from leadline.state import accounts, delivered, outbox, parked, people, records, scores
from leadline.state.accounts import Account
from leadline.state.outbox import Lane, values_id
from leadline.state.people import PersonView
from leadline.state.records import Stored
from scoring.accounts import AccountScore, Member, Roles

COMPANIES_AT_ONCE = 50
ROLES_LENGTH = 255


class AccountBook:
    """Scores companies of connections that have a place for it. Companies are known within one connection only."""

    def __init__(self, workspace: Workspace, destinations: Mapping[str, Destination]) -> None:
        self._workspace = workspace
        self._wanted = {name: one.company_values for name, one in destinations.items() if one.company_values}
        self._preferred = workspace.preferred_connections()
        self._roles = Roles(workspace.qualification.buying_roles, workspace.lists)
        self._limit = int(workspace.model.engagement.limit * 100)

    def note(self, tx: Connection, scored: Iterable[PersonView], now: datetime) -> None:
        """The companies of these people are to be scored anew."""
        found = {key for view in scored for key in view.companies if key[0] in self._wanted}
        if found:
            accounts.note(tx, (Account(*key) for key in found), now)

    def score_some(self, tx: Connection, now: datetime) -> bool:
        """Score some of the companies that are due, and queue what is worth telling; whether there were any."""
        due = accounts.due(tx, COMPANIES_AT_ONCE)
        found: dict[Account, AccountScore] = {}
        for one in due:
            stored = records.load(tx, one.connection, [one.ref]).get(one.ref)
            if one.connection not in self._wanted or stored is None or stored.removed:
                accounts.forget(tx, [one])
                continue
            found[one] = self._roles.score(self._members(tx, one, stored, now), self._limit)
            self._queue(tx, one, stored, found[one], now)
        accounts.save(tx, found)
        return bool(due)

    def _members(self, tx: Connection, account: Account, stored: Stored, now: datetime) -> Sequence[Member]:
        views = people.load_members(tx, account.connection, account.ref)
        held = scores.load_scores(tx, [view.id for view in views])
        found = (
            self._roles.member(facts_of(view, self._preferred), held[view.id].breakdown, now)
            for view in views
            if view.id in held
        )
        return [one for one in found if one is not None]

    def _queue(self, tx: Connection, account: Account, stored: Stored, found: AccountScore, now: datetime) -> None:
        wanted = values_of(found, self._wanted[account.connection])
        row_id = values_id(account.connection, account.ref)
        refusal = next(iter(parked.parked(tx, [row_id])), None)
        if refusal is not None:
            if refusal.refused_for == refused_for(stored.content_hash, self._workspace.hash):
                return
            parked.unpark(tx, [refusal.id])
        told = delivered.delivered(tx, account.connection, [account.ref]).get(account.ref)
        waiting = outbox.unsent_values(tx, [row_id]).get(row_id)
        before = waiting if waiting is not None else told.values if told else None
        if refusal is not None or is_news(wanted, before, self._workspace.settings.delivery.min_change):
            outbox.put_values(tx, account.connection, {account.ref: wanted}, Lane.SCORES, now)


def values_of(found: AccountScore, places: frozenset[str]) -> dict[str, Scalar]:
    """What a company's properties should say, of those that there are. Nobody left: empty."""
    if not found.people:
        return dict.fromkeys(sorted(places))
    values: dict[str, Scalar] = {
        "score": shown_score(found.score),
        "fit": shown_score(found.fit),
        "engagement": shown_score(found.engagement),
        "roles_covered": _names(found.covered),
        "roles_missing": _names(found.missing),
    }
    return {name: value for name, value in values.items() if name in places}


def is_news(wanted: Mapping[str, Scalar], before: Mapping[str, Scalar] | None, min_change: float) -> bool:
    """Whether the company should be written: roles changed, or a number moved enough. Pure."""
    if before is None:
        return any(value is not None for value in wanted.values())
    return any(_moved(value, before.get(name), min_change) for name, value in wanted.items())


def _moved(value: Scalar, before: Scalar, min_change: float) -> bool:
    if isinstance(value, int) and isinstance(before, int | float):
        return value != before and abs(value - before) >= min_change
    return value != before


def _names(roles: Sequence[str]) -> str | None:
    text = ", ".join(role.replace("_", " ") for role in roles)
    return text[:ROLES_LENGTH] or None
