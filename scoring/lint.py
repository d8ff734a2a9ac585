"""A review of a scoring model: what cannot work, and what can hardly be meant."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from scoring.breakdown import ADJUSTMENTS
from scoring.lint_paths import fits, rules_of, signals_of
from scoring.lint_reach import review_reach
from scoring.model import Band, Engagement, Model, Rule, Signal
from scoring.remarks import (
    Path,
    Remark,
    duplicates,
    error,
    review_answers,
    review_condition,
    review_field,
    review_lists,
    review_trait,
    warning,
)
from scoring.saying import asked_by
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
        *_tags(model),
        *_says(model, fields),
        *review_reach(model),
    ]
    return tuple(sorted(remarks, key=lambda one: one.severity))


def _ids(model: Model) -> Iterator[Remark]:
    shared = [(path, signal.id) for path, _, signal in signals_of(model.engagement)]
    shared += [(("knockouts", index), one.id) for index, one in enumerate(model.knockouts)]
    yield from duplicates(shared, ADJUSTMENTS)
    taken = {name for _, name in shared}
    for path, fit in fits(model):  # personas may use the ids of the rules they replace
        rules = [(where, rule.id) for where, _, rule in rules_of(path, fit)]
        yield from duplicates(rules, ADJUSTMENTS)
        for where, name in rules:
            if name in taken:
                yield error((*where, "id"), f'the id "{name}" is used twice')
    yield from duplicates((("personas", index), one.id) for index, one in enumerate(model.personas))


def _limits(model: Model) -> Iterator[Remark]:
    for path, fit in fits(model):
        total = fit.limit + model.engagement.limit
        if total != _FULL:
            message = f"the limits of fit and engagement sum to {total.normalize():f}, not to 100"
            yield error((*path, "limit"), message)


def _conditions(model: Model, lists: Collection[str], fields: Collection[str] | None) -> Iterator[Remark]:
    for path, condition in model.conditions():
        yield from review_condition(path, condition, lists, fields)
    for path, fit in fits(model):
        for where, _, rule in rules_of(path, fit):
            if rule.field is not None:
                yield from review_field((*where, "field"), rule.field, fields)
                yield from review_trait((*where, "field"), rule.field)
    for path, condition in model.event_conditions():
        yield from review_answers(path, condition)
        for inner, name, test in condition.walk(path):
            yield from review_lists(inner, test, lists)
            if name.startswith(("person.", "company.")):
                yield warning(inner, f'an event has no field "{name}": what is asked here is about the event itself')


def _bands(model: Model) -> Iterator[Remark]:
    for path, fit in fits(model):
        for where, _, rule in rules_of(path, fit):
            yield from _band_order((*where, "bands"), rule.bands)
    for path, _, signal in signals_of(model.engagement):
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
    for path, group, signal in signals_of(engagement):
        bounds = (signal.limit, engagement.groups[group].limit, signal.at_most, signal.window)
        if signal.measure is None and all(bound is None for bound in bounds):
            message = f'neither the signal "{signal.id}" nor its group has a limit, and no at_most or window bounds it'
            yield warning(path, message)
        for index, kind in enumerate(signal.on):
            if event_types is not None and kind not in event_types:
                where = (*path, "on", index) if len(signal.on) > 1 else (*path, "on")
                yield _doubtful(where, f'nothing delivers events of type "{kind}"', kind, event_types)


def _tags(model: Model) -> Iterator[Remark]:
    """`stage` is the one tag whose values mean something to us."""
    parts: list[tuple[Path, Rule | Signal]] = [(path, signal) for path, _, signal in signals_of(model.engagement)]
    parts += [(where, rule) for path, fit in fits(model) for where, _, rule in rules_of(path, fit)]
    for path, part in parts:
        stage = part.tags.get("stage")
        if stage is not None and stage not in model.stages:
            yield _doubtful((*path, "tags", "stage"), f'"{stage}" is none of the stages', stage, model.stages)


def _says(model: Model, fields: Collection[str] | None) -> Iterator[Remark]:
    """A template leaves out what nothing maps, so a slip in it would never be seen."""
    says = [((*where, "say"), rule.say) for path, fit in fits(model) for where, _, rule in rules_of(path, fit)]
    says += [(("knockouts", index, "say"), one.say) for index, one in enumerate(model.knockouts)]
    for path, say in says:
        for name in sorted(asked_by(say)):
            if fields is not None and name.startswith(("person.", "company.")) and name not in fields:
                yield _doubtful(path, f'nothing maps the field "{name}"', name, fields)


def _doubtful(path: Path, message: str, name: str, known: Collection[str]) -> Remark:
    near = closest(name, known)
    return warning(path, message + (f', did you mean "{near}"?' if near else ""), near)
