"""A company seen through its people: how well the best of them fits, how engaged they are, and who is still missing.

Points are hundredths. People who are knocked out count for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from pydantic import Field

from scoring.breakdown import Breakdown
from scoring.conditions import Condition, compile_condition
from scoring.core import KNOCKED_OUT
from scoring.facts import Facts
from scoring.kinds import Part
from scoring.lists import Lists

SHARES = (4, 2, 1)
"""Quarters of their engagement that the three most engaged bring: one keen person is worth more than two lukewarm ones."""
HIGHEST = 10_000


class BuyingRole(Part):
    """A part that somebody at a company has to play for it to buy, and how to tell who does."""

    id: str = Field(min_length=1)
    when: Condition


class Member(msgspec.Struct, frozen=True):
    """One person of a company: hundredths of fit and engagement, and the ids of the buying roles they have."""

    fit: int
    engagement: int
    roles: frozenset[str] = frozenset()


class AccountScore(msgspec.Struct, frozen=True):
    """A company's score in hundredths, how many people it rests on, and buying roles in the order of the file."""

    score: int
    fit: int
    engagement: int
    people: int
    covered: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class Roles:
    """Buying roles, compiled. Raises MissingListError when one names a list that is not there."""

    def __init__(self, roles: Sequence[BuyingRole], lists: Lists) -> None:
        self.ids = tuple(role.id for role in roles)
        self._checks = [(role.id, compile_condition(role.when, lists)) for role in roles]

    def member(self, facts: Facts, breakdown: Breakdown, as_of: datetime) -> Member | None:
        """The person as a member of their company at a moment (aware); None for who is knocked out."""
        if breakdown.grade == KNOCKED_OUT:
            return None
        fields, today = facts.fields(), as_of.astimezone(UTC).date()
        held = frozenset(name for name, check in self._checks if check(fields, today) is True)
        return Member(breakdown.fit, breakdown.engagement, held)

    def score(self, members: Sequence[Member], engagement_limit: int) -> AccountScore:
        """The company's score from those of its people who count; `engagement_limit` is the section's, in hundredths.

        Engagement is that of the most engaged, half of the second's and a quarter of the third's, cut to the limit and
        rounded half up to hundredths: keenness adds up, and a crowd of the merely curious does not.
        """
        keenest = sorted((one.engagement for one in members), reverse=True)
        quarters = sum(share * found for share, found in zip(SHARES, keenest, strict=False))
        engagement = min((quarters + 2) // 4, engagement_limit)
        fit = max((one.fit for one in members), default=0)
        held = frozenset[str]().union(*(one.roles for one in members))
        return AccountScore(
            score=min(fit + engagement, HIGHEST),
            fit=fit,
            engagement=engagement,
            people=len(members),
            covered=tuple(name for name in self.ids if name in held),
            missing=tuple(name for name in self.ids if name not in held),
        )
