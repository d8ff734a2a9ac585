"""What a model holds in vain: points that nobody feels, bands and steps that nothing reaches, grades that nobody gets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from scoring.lint_paths import fits, rules_of, signals_of
from scoring.model import Fit, Model, Persona, Rule, Signal
from scoring.remarks import Path, Remark, warning

_DAYS_OF_A_PERIOD = {"day": 1, "week": 7, "month": 28}
_NOTHING = Decimal(0)


def review_reach(model: Model) -> Iterator[Remark]:
    """Warnings for whatever in the model can never matter."""
    for path, fit in fits(model):
        yield from _fit(path, fit)
    for name, group in model.engagement.groups.items():
        yield from _above(("engagement", "groups", name, "limit"), group.limit, model.engagement.limit, "engagement")
    for path, name, signal in signals_of(model.engagement):
        yield from _signal(path, signal, model.engagement.groups[name].limit, f"group {name}")
    yield from _personas(model.personas)
    yield from _grades_out_of_reach(model)


def _fit(path: Path, fit: Fit) -> Iterator[Remark]:
    for name, group in fit.groups.items():
        yield from _above((*path, "groups", name, "limit"), group.limit, fit.limit, "fit")
    for where, name, rule in rules_of(path, fit):
        key = "points" if rule.points is not None else "bands"
        yield from _above((*where, key), _best(rule), fit.groups[name].limit, f"group {name}")
        if not any(_choices(rule)):
            yield warning((*where, key), f'the rule "{rule.id}" gives 0 points, so it can never matter')


def _signal(path: Path, signal: Signal, group_limit: Decimal | None, group: str) -> Iterator[Remark]:
    if signal.measure is not None:
        yield from _above(
            (*path, "bands"), max((band.points for band in signal.bands), default=_NOTHING), group_limit, group
        )
        yield from _bands_out_of_reach(path, signal)
        return
    if signal.points is None or signal.points > 0:
        key, points = ("limit", signal.limit) if signal.limit is not None else ("points", signal.points)
        yield from _above((*path, key), points, group_limit, group)
    if signal.at_most is not None and signal.at_most.times == 0:
        yield warning((*path, "at_most", "times"), f'with 0 times the signal "{signal.id}" never gives points')
    if signal.limit == 0:
        yield warning((*path, "limit"), f'with a limit of 0 the signal "{signal.id}" never gives points')
    yield from _steps_out_of_reach((*path, "decay", "steps"), signal)


def _steps_out_of_reach(path: Path, signal: Signal) -> Iterator[Remark]:
    if signal.window is None:
        return
    late = [days for days in signal.decay.steps or () if days > signal.window]
    if late:
        yield warning(path, f"the window ends after {signal.window} days, before the step at {min(late)} days begins")


def _bands_out_of_reach(path: Path, signal: Signal) -> Iterator[Remark]:
    """A measure counts from 0; days cannot be more than the window has."""
    most = None
    if signal.window is not None and signal.measure in {"active_days", "days_since_last"}:
        most = signal.window + (1 if signal.measure == "active_days" else 0)  # today is a day, too
    for index, band in enumerate(signal.bands):
        if band.below is not None and band.below <= 0:
            yield warning((*path, "bands", index), "nothing is counted below 0, so nobody gets into this band")
        elif most is not None and band.start is not None and band.start > most:
            reach = f"a window of {signal.window} days gives at most {most}"
            yield warning((*path, "bands", index), f"nobody gets into this band: {reach}")


def _personas(personas: Sequence[Persona]) -> Iterator[Remark]:
    for index, one in enumerate(personas):
        same = next((other for other in personas[:index] if other.when == one.when), None)
        if same is not None:
            why = f'"{same.id}" asks the same and comes first'
            yield warning(("personas", index, "when"), f'nobody becomes the persona "{one.id}": {why}')


def _above(path: Path, points: Decimal | None, limit: Decimal | None, whose: str) -> Iterator[Remark]:
    if points is not None and limit is not None and points > limit:
        yield warning(path, f"{points:f} lies above the limit of {whose}, {limit:f}: nobody feels the rest")


def _choices(rule: Rule) -> Iterator[Decimal]:
    if rule.points is not None:
        yield rule.points
    yield from (band.points for band in rule.bands)


def _best(rule: Rule) -> Decimal:
    return max(_choices(rule), default=_NOTHING)


def _grades_out_of_reach(model: Model) -> Iterator[Remark]:
    for path, fit in fits(model):
        groups = ((group.limit, [_best(rule) for rule in group.rules]) for group in fit.groups.values())
        yield from _grades(path, model.bands.fit.steps(), _section_best(groups, fit.limit), fit.limit, "fit")
    engagement = model.engagement
    kinds = ((group.limit, [_most(one) for one in group.signals]) for group in engagement.groups.values())
    best = _section_best(kinds, engagement.limit)
    yield from _grades(("engagement",), model.bands.engagement.steps(), best, engagement.limit, "engagement")


def _most(signal: Signal) -> Decimal:
    """The most points a signal can give; infinite when nothing bounds it."""
    if signal.measure is not None:
        most = max(band.points for band in signal.bands)
    elif (signal.points or _NOTHING) <= 0:
        most = _NOTHING if not signal.decay.steps else Decimal("Infinity")
    else:
        most = (signal.points or _NOTHING) * _most_events(signal) * max((Decimal(1), *(signal.decay.steps or {}).values()))
    return most if signal.limit is None else min(most, signal.limit)


def _most_events(signal: Signal) -> Decimal:
    if signal.at_most is None or signal.window is None:
        return Decimal("Infinity")
    periods = signal.window // _DAYS_OF_A_PERIOD[signal.at_most.per] + 2  # the first and the last may be parts of one
    return Decimal(signal.at_most.times * periods)


def _section_best(groups: Iterable[tuple[Decimal | None, Sequence[Decimal]]], limit: Decimal) -> Decimal:
    total = _NOTHING
    for group_limit, points in groups:
        most = sum((one for one in points if one > 0), _NOTHING)
        total += most if group_limit is None else min(most, group_limit)
    return min(total, limit)


def _grades(
    path: Path, steps: Sequence[tuple[str, Decimal]], best: Decimal, limit: Decimal, section: str
) -> Iterator[Remark]:
    for place, (name, threshold) in enumerate(steps):
        hidden = place > 0 and steps[place - 1][1] <= max(threshold, _NOTHING)
        lowest = place == len(steps) - 1  # whoever reaches no other has this one
        if hidden or (not lowest and 100 * best < threshold * limit):
            why = "the better one starts as low" if hidden else f"at most {best:f} of {limit:f} points can be had"
            yield warning(path, f"no lead can reach {section} {name}: {why}")
