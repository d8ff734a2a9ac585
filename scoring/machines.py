"""Tells the engagement of scanners and mail proxies from that of people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

import numpy as np

from scoring.columns import Codes, Column, Flags, Rows
from scoring.lists import Lists
from scoring.model import MachineRules
from scoring.population import Touches, microseconds
from scoring.reading import Value, as_time
from scoring.truths import compile_columns, holds

_BURST = 3  # clicks …
_BURST_MICROSECONDS = 2_000_000  # … within so long
_INSTANT_MICROSECONDS = 2_000_000
_CLICK = "email_click"
_NEVER = np.iinfo(np.int64).min


class MachineJudge:
    """The rules of one model, compiled. Raises MissingListError when they name a list that is not there."""

    def __init__(self, rules: MachineRules, lists: Lists) -> None:
        self._rules = rules
        self._also = [compile_columns(condition, lists) for condition in rules.also]
        built_in = {"machine", "sent_at", "campaign", "name"}
        self.asked = frozenset(built_in.union(*(condition.fields() for condition in rules.also)))

    def flags(self, touches: Touches, today: date) -> Flags:
        """Which events a machine made."""
        found = np.zeros(len(touches.who), dtype=np.bool_)
        if self._rules.marked:
            found |= _where(touches.fields.column("type"), _is_email) & _where(touches.fields.column("machine"), _is_true)
        clicks = _where(touches.fields.column("type"), _is_click)
        if self._rules.instant:
            found |= clicks & _instant(touches)
        if self._rules.burst:
            _mark_bursts(found, touches, np.flatnonzero(clicks))
        for check in self._also:
            found |= holds(check, touches.fields, today)
        return found


def _where(column: Column, is_meant: Callable[[Value], bool]) -> Flags:
    flags: Flags = column.answered(is_meant.__name__, partial(map, is_meant)) != 0
    return flags


def _is_email(kind: Value) -> bool:
    return isinstance(kind, str) and (kind.startswith("email_") or kind == "unsubscribe")


def _is_click(kind: Value) -> bool:
    return kind == _CLICK


def _is_true(value: Value) -> bool:
    return value is True


def _instant(touches: Touches) -> Flags:
    def sent(value: Value) -> int:
        moment = as_time(value)
        return _NEVER if moment is None else microseconds(moment)

    sent_at = touches.fields.column("sent_at").answered("moment in microseconds", partial(map, sent))
    after = touches.at - np.where(sent_at == _NEVER, touches.at - _INSTANT_MICROSECONDS, sent_at)
    flags: Flags = (after >= 0) & (after < _INSTANT_MICROSECONDS)
    return flags


def _mark_bursts(found: Flags, touches: Touches, clicks: Rows) -> None:
    """Mark every click that lies with two others of the same person and e-mail within two seconds."""
    email = _emails(touches, clicks)
    clicks, email = clicks[email > 0], email[email > 0]
    if len(clicks) < _BURST:
        return
    order = np.lexsort((touches.at[clicks], email, touches.who[clicks]))
    clicks, email = clicks[order], email[order]
    who, at = touches.who[clicks], touches.at[clicks]
    first, last = slice(None, 1 - _BURST), slice(_BURST - 1, None)
    run = (who[first] == who[last]) & (email[first] == email[last]) & (at[last] - at[first] <= _BURST_MICROSECONDS)
    for place in range(_BURST):
        found[clicks[np.flatnonzero(run) + place]] = True


def _emails(touches: Touches, clicks: Rows) -> Codes:
    """A number for the e-mail of each click, its campaign or else its name; 0 where neither is known."""
    campaigns, names = touches.fields.column("campaign").take(clicks), touches.fields.column("name").take(clicks)
    return campaigns.filled_with(names).codes
