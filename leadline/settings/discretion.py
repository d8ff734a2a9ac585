"""What may be said aloud.

Findings are printed, logged and pasted into tickets, so nothing that could be a secret is in them.
"""

from __future__ import annotations

import re
from itertools import pairwise

HIDDEN = "…"

_RUN = re.compile(r"[A-Za-z0-9]+")
_KNOWN_TOKEN = re.compile(r"\b(?:pat|sk|pk|xox[abp]|ghp|glpat)[-_][\w-]{8,}|\beyJ[\w-]{8,}(?:\.[\w-]*)*|\b00D\w{12,}![\w.]+")
_UUID = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")
_DENSE = re.compile(r"[\w+/=!.~-]{12,}")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,39}")
_LONGEST_WORD = 31
_MOST_CHANGES = 2


def discreet(text: str) -> str:
    """The text with everything that looks made by a machine, such as a token, replaced by `…`."""
    for pattern in (_KNOWN_TOKEN, _UUID):
        text = pattern.sub(HIDDEN, text)
    return _DENSE.sub(lambda found: HIDDEN if _by_machine(found[0]) else found[0], text)


def is_nameable(key: str) -> bool:
    """Whether text from a place that may hold secrets can be repeated: it reads like a name, not like a token."""
    return bool(_KEY.fullmatch(key)) and discreet(key) == key


def _by_machine(text: str) -> bool:
    return any(len(run) > _LONGEST_WORD or _changes(run) > _MOST_CHANGES for run in _RUN.findall(text))


def _changes(run: str) -> int:
    """How often letters and digits alternate: once in `na1`, all the time in a token."""
    kinds = [character.isdigit() for character in run]
    return sum(1 for one, next_one in pairwise(kinds) if one != next_one)
