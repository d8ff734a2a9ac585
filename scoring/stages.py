"""Stages and crossings: where a person stands, and each line passed on the way there.

Stages form a ladder in file order, from the first, which everyone stands on. A line is *held* from the
crossing that enters it to the one that leaves it, so its ordinal is odd while it is held. A verdict by
feedback puts a person aside: all held lines are left, and only the way back or another verdict ends it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from scoring.breakdown import Breakdown
from scoring.conditions import Test, compile_test
from scoring.core import KNOCKED_OUT
from scoring.evidence import Assessment
from scoring.facts import Deal
from scoring.lists import Lists
from scoring.qualification import Qualification, Stage, StageTest, TaskRule
from scoring.reading import Scalar, age_days

Direction = Literal["entered", "left"]

SIGNAL_LINE = "signal:"


class Feedback(msgspec.Struct, frozen=True):
    """A rep's verdict (good, too_early, bad_fit, not_real, no_response) and when it was given (UTC)."""

    value: str
    at: datetime


class Standing(msgspec.Struct, frozen=True):
    """Where a person stands, to be kept between moves.

    `ordinals`: how often each line was passed, in either direction. `since`: when the stage was entered.
    `feedback_spent`: verdicts up to this moment have had their effect. `signals`: the newest event that
    has already raised a crossing, by signal.
    """

    stage: str
    ordinals: Mapping[str, int] = msgspec.field(default_factory=dict)
    since: datetime | None = None
    feedback_spent: datetime | None = None
    signals: Mapping[str, datetime] = msgspec.field(default_factory=dict)


class Situation(msgspec.Struct, frozen=True):
    """All that decides about stages and tasks of one person at a moment (UTC)."""

    as_of: datetime
    breakdown: Breakdown
    assessment: Assessment
    deals: Sequence[Deal] = ()
    feedback: Feedback | None = None
    latest_event_at: datetime | None = None


class Crossing(msgspec.Struct, frozen=True):
    """One passage of one person over one line; `line` is a stage id, or "signal:" and a signal's id.

    `happened_at` is the moment of the event for a signal, else the moment of the move.
    """

    person: str
    line: str
    ordinal: int
    direction: Direction
    happened_at: datetime
    reasons: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The crossing's key: the same crossing found again has the same one."""
        return f"{self.person}:{self.line}:{self.ordinal}"


class Reading(msgspec.Struct, frozen=True):
    """One part of a line as it is read for a person: what was found, and whether the part holds."""

    part: str
    found: Scalar | None
    holds: bool


def initial(qualification: Qualification) -> Standing:
    """Where everyone begins: on the first stage, no line passed."""
    return Standing(stage=qualification.stages[0].id)


def united(standings: Sequence[Standing]) -> Standing:
    """Where a person stands who was known as several: on every line that one of them held, with all that was spent spent.

    Ordinals go on from the highest, so that no crossing's key comes twice; the stage is that of the latest move.
    """
    latest = max(standings, key=lambda one: (one.since is not None, one.since))
    spent = [one.feedback_spent for one in standings if one.feedback_spent is not None]
    signals = sorted({signal for one in standings for signal in one.signals})
    lines = sorted({line for one in standings for line in one.ordinals})
    return Standing(
        stage=latest.stage,
        ordinals={line: _united_ordinal([one.ordinals.get(line, 0) for one in standings]) for line in lines},
        since=latest.since,
        feedback_spent=max(spent, default=None),
        signals={name: max(one.signals[name] for one in standings if name in one.signals) for name in signals},
    )


def readings(test: StageTest, situation: Situation, standing: Standing) -> tuple[Reading, ...]:
    """Every given part of a line, as it stands."""
    given = [part for part in StageTest.model_fields if getattr(test, part) is not None]
    found = [_found(part, situation, standing) for part in given]
    return tuple(
        Reading(part, value, _holds(getattr(test, part), value, situation)) for part, value in zip(given, found, strict=True)
    )


def move(
    standing: Standing | None, situation: Situation, qualification: Qualification
) -> tuple[tuple[Crossing, ...], Standing]:
    """The lines a person passes now, in order, and the new standing. None stands for a person never seen."""
    walk = _Walk(standing or initial(qualification), situation, qualification)
    walk.go()
    return tuple(walk.crossings), walk.result()


def tasks_for(
    crossing: Crossing, standing: Standing, situation: Situation, qualification: Qualification
) -> tuple[TaskRule, ...]:
    """The task rules that a crossing calls for, in file order; none for a person who is knocked out."""
    if situation.breakdown.grade == KNOCKED_OUT:
        return ()
    return tuple(
        rule
        for rule in qualification.tasks
        if _triggers(rule, crossing) and (rule.condition is None or _all_hold(rule.condition, situation, standing))
    )


def _united_ordinal(ordinals: Sequence[int]) -> int:
    highest = max(ordinals)
    is_held = any(ordinal % 2 == 1 for ordinal in ordinals)
    return highest + 1 if is_held and highest % 2 == 0 else highest


def _triggers(rule: TaskRule, crossing: Crossing) -> bool:
    if rule.on.signal is not None:
        return crossing.line == SIGNAL_LINE + rule.on.signal
    if rule.on.leave is not None:
        return crossing.line == rule.on.leave and crossing.direction == "left"
    return crossing.line == rule.on.enter and crossing.direction == "entered"


def _all_hold(test: StageTest, situation: Situation, standing: Standing) -> bool:
    return all(reading.holds for reading in readings(test, situation, standing))


def _found(part: str, situation: Situation, standing: Standing) -> Scalar | None:
    match part:
        case "completeness":
            return situation.assessment.completeness
        case "hand_over":
            return situation.assessment.hand_over.passed
        case "deal":
            return _deal_state(situation.deals)
        case "feedback":
            return _fresh_feedback(situation, standing)
        case "new_events":
            latest = situation.latest_event_at
            return latest is not None and (standing.since is None or latest > standing.since)
        case _:
            return situation.breakdown.part(part)


def _holds(wanted: object, found: Scalar | None, situation: Situation) -> bool:
    if isinstance(wanted, Test):
        return compile_test(wanted, Lists())(found, situation.as_of.date()) is True
    if isinstance(wanted, str):  # a deal counts as each of its states: one may be won, another open
        return wanted in _deal_states(situation.deals)
    return wanted is found


def _deal_states(deals: Sequence[Deal]) -> frozenset[str]:
    states = {"open" for deal in deals if deal.open} | {"won" for deal in deals if deal.won}
    return frozenset(states or {"lost" if deals else "none"})


def _deal_state(deals: Sequence[Deal]) -> str:
    states = _deal_states(deals)
    return "won" if "won" in states else min(states)


def _fresh_feedback(situation: Situation, standing: Standing) -> str | None:
    given, spent = situation.feedback, standing.feedback_spent
    if given is None or (spent is not None and given.at <= spent):
        return None
    return given.value


class _Walk:
    """One move in progress: the standing as it changes, and the crossings so far."""

    def __init__(self, standing: Standing, situation: Situation, qualification: Qualification) -> None:
        self._situation = situation
        self._standing = standing
        self._qualification = qualification
        self._ladder = [stage for stage in qualification.stages[1:] if not stage.is_aside]
        self._asides = [stage for stage in qualification.stages[1:] if stage.is_aside]
        self._ordinals = dict(standing.ordinals)
        self._signals = dict(standing.signals)
        self.crossings: list[Crossing] = []

    def go(self) -> None:
        """Pass every line there is to pass."""
        if not self._stays_aside():
            verdict = next((stage for stage in self._asides if self._enters(stage)), None)
            if verdict is not None:
                self._leave_ladder()
                self._cross(verdict, "entered", verdict.enter)
            elif not self._climb():
                self._descend()
                self._climb()
        self._raise_signals()

    def result(self) -> Standing:
        """The standing after the move."""
        held = [stage.id for stage in (*self._ladder, *self._asides) if self._is_held(stage)]
        stage = held[-1] if held else self._qualification.stages[0].id
        moved = stage != self._standing.stage or self._standing.since is None
        return msgspec.structs.replace(
            self._standing,
            stage=stage,
            ordinals=self._ordinals,
            since=self._situation.as_of if moved else self._standing.since,
            signals=self._signals,
        )

    def _stays_aside(self) -> bool:
        aside = next((stage for stage in self._asides if self._is_held(stage)), None)
        if aside is None:
            return False
        if self._comes_back(aside):
            return not self._goes_back(aside)
        if self._is_left(aside):
            self._cross(aside, "left", aside.leave)
            return False
        return True

    def _goes_back(self, aside: Stage) -> bool:
        """Leave, the verdict spent, unless what puts a person aside holds still or anew; another verdict waits anew."""
        before, given = self._standing, self._situation.feedback
        self._standing = msgspec.structs.replace(before, feedback_spent=before.since)
        if not self._enters(aside):
            self._cross(aside, "left", aside.comes_back.condition if aside.comes_back else None)
            return True
        is_anew = given is not None and before.since is not None and given.at > before.since
        self._standing = msgspec.structs.replace(before, since=self._situation.as_of) if is_anew else before
        return False

    def _comes_back(self, stage: Stage) -> bool:
        way, since = stage.comes_back, self._standing.since
        if way is None or since is None:
            return False
        waited = age_days(since.astimezone(UTC), self._situation.as_of.astimezone(UTC).date()) >= way.after
        return waited and (way.condition is None or self._all_hold(way.condition))

    def _leave_ladder(self) -> None:
        for stage in reversed(self._ladder):
            if self._is_held(stage):
                self._cross(stage, "left", None)

    def _descend(self) -> None:
        for stage in reversed(self._ladder):
            if self._is_held(stage):
                if not self._is_left(stage):
                    return
                self._cross(stage, "left", stage.leave)

    def _climb(self) -> bool:
        """Whether there was a line to enter; a won deal closes, and must not look like an opportunity lost."""
        highest = max((place for place, stage in enumerate(self._ladder) if self._is_held(stage)), default=-1)
        entered = [stage for stage in self._ladder[highest + 1 :] if self._enters(stage)]
        for stage in entered:
            self._cross(stage, "entered", stage.enter)
        return bool(entered)

    def _is_held(self, stage: Stage) -> bool:
        return self._ordinals.get(stage.id, 0) % 2 == 1

    def _enters(self, stage: Stage) -> bool:
        return stage.enter is not None and self._all_hold(stage.enter)

    def _is_left(self, stage: Stage) -> bool:
        # Rules that would leave and enter at once mean: stay. Otherwise every run would pass the line twice.
        if self._enters(stage):
            return False
        return stage.leave is None or self._all_hold(stage.leave)

    def _all_hold(self, test: StageTest) -> bool:
        return _all_hold(test, self._situation, self._standing)

    def _cross(self, stage: Stage, direction: Direction, because: StageTest | None) -> None:
        parts = readings(because, self._situation, self._standing) if because is not None else ()
        reasons = tuple(f"{one.part} is {one.found}" for one in parts)
        self._record(stage.id, direction, self._situation.as_of, reasons)

    def _record(self, line: str, direction: Direction, at: datetime, reasons: tuple[str, ...]) -> None:
        ordinal = self._ordinals.get(line, 0) + 1
        self._ordinals[line] = ordinal
        person = self._situation.breakdown.id
        self.crossings.append(Crossing(person, line, ordinal, direction, at, reasons))

    def _raise_signals(self) -> None:
        watched = {rule.on.signal for rule in self._qualification.tasks if rule.on.signal is not None}
        for line in self._situation.breakdown.lines:
            if line.section != "engagement" or line.rule not in watched or line.last_at is None:
                continue
            seen = self._signals.get(line.rule)
            if seen is None or line.last_at > seen:
                self._signals[line.rule] = line.last_at
                self._record(SIGNAL_LINE + line.rule, "entered", line.last_at, (line.say,))
