"""Who can get tasks at a moment, and what they have had so far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import structs

from leadline.calendars import Calendar, Calendars, day_began, is_at_work
from leadline.routing import Candidate, Team
from scoring.qualification import Qualification


class Roster:
    """The people of each connection with their calendars and tasks, at a moment (`now`, aware UTC).

    It is kept up while tasks are given out, so that the next one goes on from there.
    """

    def __init__(self, teams: Mapping[str, Team], calendars: Calendars, qualification: Qualification, now: datetime) -> None:
        self.teams = teams
        self._calendars = calendars
        self._routing = qualification.routing
        self._cap = qualification.calm.per_owner_per_day
        self.now = now
        self._candidates: dict[tuple[str, str], Candidate] = {}

    def note(self, connection: str, owner_id: str | None, at: datetime) -> None:
        """A task was given to an owner then."""
        if owner_id is None:
            return
        one = self.candidate(connection, owner_id)
        self._candidates[connection, owner_id] = structs.replace(
            one,
            taken=one.taken + (at >= one.day_began),
            last_at=max(at, one.last_at or at),
        )

    def candidate(self, connection: str, owner_id: str) -> Candidate:
        """What is to be known of an owner who may get a task."""
        whose = connection, owner_id
        if whose not in self._candidates:
            owner = self.teams[connection].owners.get(owner_id)
            address = owner.email.strip().casefold() if owner and owner.email else None
            calendar = self._calendars.of(owner)
            self._candidates[whose] = Candidate(
                owner_id,
                taken=0,
                room=self._routing.room(address, self._cap),
                day_began=day_began(calendar, self.now),
                at_work=is_at_work(calendar, self.now),
            )
        return self._candidates[whose]

    def calendar(self, connection: str, owner_id: str) -> Calendar:
        """When an owner is at work."""
        return self._calendars.of(self.teams[connection].owners.get(owner_id))
