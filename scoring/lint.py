"""A review of a scoring model: what cannot work, and what can hardly be meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal

from scoring.breakdown import ADJUSTMENTS
from scoring.model import Band, Engagement, Fit, Model, Rule, Signal
from scoring.remarks import (
    Path,
    Remark,
    duplicates,
    error,
    review_condition,
    review_emptiness,
    review_field,
    review_lists,
    warning,
)
from scoring.spelling import closest

__all__ = ["Remark", "review"]

_FULL = Decimal(100)


def review(
    model: Model,
    *,
    lists: Collection[str],
    fields: Collection[str] | None = None,
    event_types: Collection[str] | None = None,
) -> tuple[Remark, ...]:
    """Everything there is to say about a model, errors first.

    `lists` are the names of the lists that exist; `fields` the full names that something maps and
    `event_types` the types that something delivers (None: any will do).
    """
    remarks = [
        *_ids(model),
        *_limits(model),
        *_conditions(model, lists, fields),
        *_bands(model),
        *_signals(model.engagement, event_types),
        *_unfelt(model),
        *_unreachable(model),
    ]
    return tuple(sorted(remarks, key=lambda one: one.severity))


def _fits(model: Model) -> Iterator[tuple[Path, Fit]]:
    yield ("fit",), model.fit
    for index, persona in enumerate(model.personas):
        yield ("personas", index, "fit"), persona.fit


def _rules(path: Path, fit: Fit) -> Iterator[tuple[Path, Rule]]:
    for name, group in fit.groups.items():
        for index, rule in enumerate(group.rules):
            yield (*path, "groups", name, "rules", index), rule


def _signals_of(engagement: Engagement) -> Iterator[tuple[Path, str, Signal]]:
    for name, group in engagement.groups.items():
        for index, signal in enumerate(group.signals):
            yield ("engagement", "groups", name, "signals", index), name, signal


def _ids(model: Model) -> Iterator[Remark]:
    shared = [(path, signal.id) for path, _, signal in _signals_of(model.engagement)]
    shared += [(("knockouts", index), one.id) for index, one in enumerate(model.knockouts)]
    yield from duplicates(shared, ADJUSTMENTS)
    taken = {name for _, name in shared}
    for path, fit in _fits(model):  # personas may use the ids of the rules they replace
        rules = [(where, rule.id) for where, rule in _rules(path, fit)]
        yield from duplicates(rules, ADJUSTMENTS)
        for where, name in rules:
            if name in taken:
                yield error((*where, "id"), f'the id "{name}" is used twice')
    yield from duplicates((("personas", index), one.id) for index, one in enumerate(model.personas))


def _limits(model: Model) -> Iterator[Remark]:
    for path, fit in _fits(model):
        total = fit.limit + model.engagement.limit
        if total != _FULL:
            message = f"the limits of fit and engagement sum to {total.normalize():f}, not to 100"
            yield error((*path, "limit"), message)


def _conditions(model: Model, lists: Collection[str], fields: Collection[str] | None) -> Iterator[Remark]:
    for path, condition in model.conditions():
        yield from review_condition(path, condition, lists, fields)
    for path, fit in _fits(model):
        for where, rule in _rules(path, fit):
            if rule.field is not None:
                yield from review_field((*where, "field"), rule.field, fields)
    for path, condition in model.event_conditions():
        yield from review_emptiness(path, condition)
        for inner, _, test in condition.walk(path):
            yield from review_lists(inner, test, lists)


def _bands(model: Model) -> Iterator[Remark]:
    for path, fit in _fits(model):
        for where, rule in _rules(path, fit):
            yield from _band_order((*where, "bands"), rule.bands)
    for path, _, signal in _signals_of(model.engagement):
        yield from _band_order((*path, "bands"), signal.bands)


def _band_order(path: Path, bands: Sequence[Band]) -> Iterator[Remark]:
    lowest, highest = Decimal("-Infinity"), Decimal("Infinity")
    ordered = sorted(enumerate(bands), key=lambda one: lowest if one[1].start is None else one[1].start)
    covered: Decimal | None = None
    for index, band in ordered:
        start = lowest if band.start is None else band.start
        if covered is not None and start < covered:
            yield error((*path, index), f"this band overlaps one that reaches to {_bound(covered)}")
        elif covered is not None and start > covered:
            yield warning((*path, index), f"nothing covers {covered:f} to {start:f}")
        end = highest if band.below is None else band.below
        covered = end if covered is None else max(covered, end)


def _bound(value: Decimal) -> str:
    return f"{value:f}" if value.is_finite() else "the top"


def _signals(engagement: Engagement, event_types: Collection[str] | None) -> Iterator[Remark]:
    for path, group, signal in _signals_of(engagement):
        unlimited = signal.limit is None and engagement.groups[group].limit is None
        if unlimited and signal.measure is None:
            yield warning(path, f'neither the signal "{signal.id}" nor its group has a limit')
        for index, kind in enumerate(signal.on):
            if event_types is not None and kind not in event_types:
                near = closest(kind, event_types)
                hint = f', did you mean "{near}"?' if near else ""
                where = (*path, "on", index) if len(signal.on) > 1 else (*path, "on")
                yield warning(where, f'nothing delivers events of type "{kind}"{hint}', near)


def _unfelt(model: Model) -> Iterator[Remark]:
    for path, fit in _fits(model):
        for name, group in fit.groups.items():
            where = (*path, "groups", name)
            yield from _above((*where, "limit"), group.limit, fit.limit, "fit")
            for rule_path, rule in ((p, r) for p, r in _rules(path, fit) if p[: len(where)] == where):
                key = "points" if rule.points is not None else "bands"
                yield from _above((*rule_path, key), _best(rule), group.limit, f"group {name}")
    for name, signals in model.engagement.groups.items():
        limit_path = ("engagement", "groups", name, "limit")
        yield from _above(limit_path, signals.limit, model.engagement.limit, "engagement")
    for path, name, signal in _signals_of(model.engagement):
        group_limit = model.engagement.groups[name].limit
        if signal.points is not None and signal.points <= 0:
            continue
        key, points = ("limit", signal.limit) if signal.limit is not None else ("points", signal.points)
        yield from _above((*path, key), points, group_limit, f"group {name}")


def _above(path: Path, points: Decimal | None, limit: Decimal | None, whose: str) -> Iterator[Remark]:
    if points is not None and limit is not None and points > limit:
        yield warning(path, f"{points:f} lies above the limit of {whose}, {limit:f}: nobody feels the rest")


def _best(rule: Rule) -> Decimal:
    if rule.points is not None:
        return rule.points
    return max((band.points for band in rule.bands), default=Decimal(0))


def _unreachable(model: Model) -> Iterator[Remark]:
    letters, digits = model.bands.fit.steps(), model.bands.engagement.steps()
    for path, fit in _fits(model):
        best = _section_best(
            ((group.limit, [_best(rule) for rule in group.rules]) for group in fit.groups.values()), fit.limit
        )
        yield from _grades(path, letters, best, fit.limit, "fit")
    engagement = model.engagement
    best = _section_best(
        ((group.limit, [_most(one) for one in group.signals]) for group in engagement.groups.values()),
        engagement.limit,
    )
    yield from _grades(("engagement",), digits, best, engagement.limit, "engagement")


def _most(signal: Signal) -> Decimal:
    if signal.measure is not None:
        return max((band.points for band in signal.bands), default=Decimal(0))
    if (signal.points or Decimal(0)) <= 0:
        return Decimal(0)
    return signal.limit if signal.limit is not None else Decimal("Infinity")


def _section_best(groups: Iterable[tuple[Decimal | None, Sequence[Decimal]]], limit: Decimal) -> Decimal:
    total = Decimal(0)
    for group_limit, points in groups:
        most = sum((one for one in points if one > 0), Decimal(0))
        total += most if group_limit is None else min(most, group_limit)
    return min(total, limit)


def _grades(
    path: Path, steps: Sequence[tuple[str, Decimal]], best: Decimal, limit: Decimal, section: str
) -> Iterator[Remark]:
    for place, (name, threshold) in enumerate(steps):
        hidden = place > 0 and steps[place - 1][1] <= threshold
        if hidden or 100 * best < threshold * limit:
            why = "the better one starts as low" if hidden else f"at most {best:f} of {limit:f} points can be had"
            yield warning(path, f"no lead can reach {section} {name}: {why}")
