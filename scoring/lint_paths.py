"""The parts of a model with the paths of keys that lead to them."""

from __future__ import annotations

from collections.abc import Iterator

from scoring.model import Engagement, Fit, Model, Rule, Signal
from scoring.remarks import Path


def fits(model: Model) -> Iterator[tuple[Path, Fit]]:
    """Every fit section: the default one and the personas'."""
    yield ("fit",), model.fit
    for index, persona in enumerate(model.personas):
        yield ("personas", index, "fit"), persona.fit


def rules_of(path: Path, fit: Fit) -> Iterator[tuple[Path, str, Rule]]:
    """Every rule of a fit section at `path`, with the name of its group."""
    for name, group in fit.groups.items():
        for index, rule in enumerate(group.rules):
            yield (*path, "groups", name, "rules", index), name, rule


def signals_of(engagement: Engagement) -> Iterator[tuple[Path, str, Signal]]:
    """Every signal, with the name of its group."""
    for name, group in engagement.groups.items():
        for index, signal in enumerate(group.signals):
            yield ("engagement", "groups", name, "signals", index), name, signal
