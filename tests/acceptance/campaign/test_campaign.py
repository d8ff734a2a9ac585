"""Killed with SIGKILL at any point and started again, the CRMs end in the state of an undisturbed run.

The points are not chosen: they are all boundaries between two effects, as the code has them. A new transaction or a new call
is a new test, which fails until the story comes to it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from random import Random

import pytest

from tests.acceptance.campaign.story import BEGINS, ENDS, PEOPLE, settle_in, tell, tell_again
from tests.acceptance.end_state import State, assert_same, task_keys
from tests.stage.effects import boundaries
from tests.stage.staged import Kill, StagedWorld

SEED = int(os.environ.get("CAMPAIGN_SEED", "1"))
"""Says at which of its many times a boundary is struck, and which two are struck one after the other."""
PAIRS = int(os.environ.get("CAMPAIGN_PAIRS", "6"))

ONLY_READS = frozenset(
    {
        "assignees.Assignees.look",
        "audit.Auditor.run",
        "audit.Auditor.run_if_due",
        "cli.audit._audit",
        "cli.demo._show",
        "cli.demo._show_record",
        "cli.links.links",
        "cli.look.explain",
        "cli.parked.parked",
        "cli.status.problems",
        "cli.status.status",
        "cycle.Cycle._date",
        "deliver.Sender._tell_of_foreign_writes",
        "deliver.Sender._tell_of_overdue",
        "deliver.Sender._tell_of_tasks",
        "escalation.Escalations._due",
        "heartbeat.Heartbeat.pulses",
        "metrics.StateCollector._counts",
        "metrics.StateCollector._cycles",
        "pull._pages.begin",
        "removals.Removals.settle (1)",
        "sidecar.build.everybody",
    }
)
"""Transactions that never write."""

ONE_ROW = "a command of one transaction: it happened or not, and whoever gave it sees which"
DAEMON = "a job of the daemon's own, which tells people; it may say one thing twice"
ELSEWHERE = {
    "audit.Auditor._read": "stores what the passes missed, as a pull stores a page; in this story they miss nothing",
    "audit.Auditor._repair (1)": "forgets what an audit that was cut off saw; none is, in an undisturbed story",
    "cli.links.rejoin": ONE_ROW,
    "cli.links.separate": ONE_ROW,
    "hubspot.DAILY_USAGE": "asked when the day's allowance runs low; reads",
    "notify.Notifier.tell (1)": DAEMON,
    "notify.Notifier.tell (2)": DAEMON,
    "notify.SalesNotifier.tell (1)": DAEMON,
    "notify.SalesNotifier.tell (2)": DAEMON,
    "outage.Outage.passed": "keeps, after the database was away, that it was; nothing rests on it",
    "removals.Removals._must_wait": "blows the fuse of a stream that vanishes, and looks again with the next pull",
    "score.Scorer._score_companies": "scores companies, for which this workspace has no place; they stay due until then",
    "setback.ClockWatch.look": "puts right what a clock that was set back left behind, each time that it looks",
    "task_sender.TaskSender._put_off": "puts off a task that nobody answers for: a restart finds it `sending`, as ever",
    "task_sender.TaskSender._refuse": "parks a closing that its CRM refuses; a restart tries it and is refused again",
}
"""What the story does not come to, and why that is well."""

STRUCK = [one for one in boundaries() if one.effect not in ONLY_READS | ELSEWHERE.keys()]


class Stage:
    """A world in which the story was told once; another one when its day is over."""

    def __init__(self, folders: Iterator[Path]) -> None:
        self._folders = folders
        self._open()

    def _open(self) -> None:
        self._world = StagedWorld(next(self._folders), BEGINS, PEOPLE)
        settle_in(self._world)
        self.told = tell(self._world)

    def close(self) -> None:
        self._world.end()

    def times(self, boundary: str) -> list[tuple[str, Kill]]:
        """Every time that the story came to a boundary."""
        return [
            (chapter, Kill(boundary, nth))
            for chapter, crossed in self.told.crossed.items()
            for nth in range(1, crossed[boundary] + 1)
        ]

    def ends_as_ever(self, *kills: tuple[str, Kill]) -> None:
        if self._world.clock.now() > ENDS:
            self.close()
            self._open()
        chapter, state = tell_again(self._world, self.told, kills)
        assert opened_twice(state) == []
        assert_same(self.told.after[chapter], state)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with closing(Stage(tmp_path_factory.mktemp("campaign") for _ in count())) as opened:
        yield opened


@pytest.mark.parametrize("boundary", [str(one) for one in STRUCK])
def test_killed_there_and_run_again_it_ends_as_an_undisturbed_run(boundary: str, stage: Stage) -> None:
    times = stage.times(boundary)
    assert times, f"the story never comes there: let it, or say in ELSEWHERE why not, or in ONLY_READS: {boundary}"
    stage.ends_as_ever(Random(f"{SEED} {boundary}").choice(times))


@pytest.mark.parametrize("pair", range(PAIRS))
def test_killed_twice_it_ends_there_too(pair: int, stage: Stage) -> None:
    dice = Random(f"{SEED} {pair}")
    first, second = (dice.choice(stage.times(dice.choice(met(stage)))) for _ in range(2))
    stage.ends_as_ever(first, second)


def test_nothing_has_an_effect_that_the_campaign_does_not_know(stage: Stage) -> None:
    assert set(met(stage)) <= {str(one) for one in STRUCK}


def test_whatever_is_left_out_is_still_there() -> None:
    """A name that nothing has any more would hide the next one that takes it."""
    assert ONLY_READS | ELSEWHERE.keys() <= {one.effect for one in boundaries()}


def test_the_story_is_worth_telling(stage: Stage) -> None:
    """There are tasks in both CRMs, and none for a crossing that has one."""
    *_, end = stage.told.after.values()
    assert end["hubspot"]["created"]["tasks"]
    assert end["salesforce"]["Task"]["created"]
    assert opened_twice(end) == []


def met(stage: Stage) -> list[str]:
    """The boundaries that the story came to."""
    return sorted(set().union(*stage.told.crossed.values()))


def opened_twice(state: State) -> list[str]:
    return [key for key, times in Counter(task_keys(state)).items() if times > 1]
