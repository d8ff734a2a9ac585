"""What persons did goes with their records: where they stand, and the lines they passed, when records join, part or return.

A crossing stays with the record that founded the person who made it, whoever that record is now. Where persons become one,
the one stands on every line that either held, so no line is passed again; where they part, both go on from there, so that
nobody gets a second task for what was answered before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, structs
from sqlalchemy import Connection

from leadline.state import crossings, scores
from leadline.state.crossings import Recorded
from scoring.stages import SIGNAL_LINE, Standing, united


class Heir(Struct, frozen=True):
    """A person whose records came from persons who are no more (`ended`) and from such who go on without them (`parted`)."""

    person: str
    ended: tuple[str, ...]
    parted: tuple[str, ...]


def carry_over(tx: Connection, moves: Mapping[str, str], heirs: Sequence[Heir]) -> None:
    """Give crossings to whose they are now (by the person who made them), and say where the heirs stand.

    To be called before the scores of the persons who are no more are dropped.
    """
    for founded, person in sorted(moves.items()):
        crossings.give(tx, founded, person)
    involved = sorted({person for heir in heirs for person in (heir.person, *heir.ended, *heir.parted)})
    stood = scores.load_standings(tx, involved)
    stands: dict[str, Standing] = {}
    for heir in heirs:
        sources = [stood[person] for person in (heir.person, *heir.ended) if person in stood]
        sources += [without(stood[one], crossings.waiting_lines(tx, one)) for one in heir.parted if one in stood]
        if sources:
            stands[heir.person] = united(sources)
        for ended in heir.ended:
            scores.give_history(tx, ended, heir.person)
        if heir.ended:
            crossings.lapse(tx, doubles(crossings.recorded(tx, heir.person)))
    scores.keep_standings(tx, stands)


def without(standing: Standing, lines: frozenset[str]) -> Standing:
    """The standing as if these stages had not been reached: a task that waits goes to the one who has the crossing, and
    whoever parts with that one may yet earn a task. A signal is one event, and is answered once. Pure.
    """
    stages = {line for line in lines if not line.startswith(SIGNAL_LINE)}
    return structs.replace(standing, ordinals={line: n for line, n in standing.ordinals.items() if line not in stages})


def doubles(found: Sequence[Recorded]) -> list[str]:
    """The crossings whose tasks must not come any more, as another person who proved to be the same has had the task. Pure.

    Where nobody has had it, one of those that wait is left: the first who came to a stage, the newest signal.
    """
    by_line: dict[tuple[str, str], list[Recorded]] = {}
    for one in found:
        by_line.setdefault((one.line, one.direction), []).append(one)
    stand = {(one.founded, one.line): one for one in sorted(found, key=lambda each: each.ordinal)}
    lapsing: list[str] = []
    for (line, _), same in sorted(by_line.items()):
        is_signal = line.startswith(SIGNAL_LINE)
        answered = [one for one in same if one.task == "had" and (is_signal or stand[one.founded, line] is one)]
        coming = sorted((one for one in same if one.task == "coming"), key=lambda each: (each.happened_at, each.id))
        kept: Recorded | None = None
        for one in reversed(coming) if is_signal else coming:
            rivals = [each for each in answered if not is_signal or each.happened_at >= one.happened_at]
            rivals += [kept] if kept else []
            if any(each.founded != one.founded for each in rivals):
                lapsing.append(one.id)
            else:
                kept = kept or one
    return lapsing
