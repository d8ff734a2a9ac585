"""Whose public holidays are kept: a country, or a part of one, by its ISO 3166 code."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any


def holiday_place(code: str) -> str:
    """The code of a country (`DE`) or of a part of it (`DE-BY`) whose holidays are known.

    Raises:
        ValueError: nothing is known by that code; it says what may have been meant.
    """
    country, _, part = code.partition("-")
    names = _countries()
    if country not in names:
        near = _meant(country)
        hint = f', did you mean "{near}"?' if near else ""
        raise ValueError(f'must be a country such as "DE", or a part of one such as "DE-BY"{hint}')
    parts = _parts(country)
    if part and part not in parts:
        near = _nearest(part, parts)
        hint = f', did you mean "{country}-{near}"?' if near else ""
        raise ValueError(f"must be a country with a part of it that has holidays of its own{hint}")
    return f"{country}-{parts[part]}" if part else country


def _countries() -> dict[str, tuple[str, ...]]:
    """The two-letter codes, each with the other names of its country: in words, and in three letters."""
    from holidays.registry import COUNTRIES  # only who names a country pays for the table

    return {codes[1]: (name, *codes[2:]) for name, codes in COUNTRIES.items()}


def _parts(country: str) -> dict[str, str]:
    """What the parts of a country may be called, each with its code."""
    from holidays import country_holidays  # only who names a country pays for the table

    calendar: Any = country_holidays(country)
    aliases: dict[str, str] = getattr(calendar, "subdivisions_aliases", {})
    return {**{part: part for part in calendar.subdivisions}, **aliases}


def _meant(name: str) -> str | None:
    folded = name.strip().casefold().replace(" ", "_")
    named = {other.casefold(): code for code, others in _countries().items() for other in (code, *others)}
    near = get_close_matches(folded, sorted(named), n=1, cutoff=0.8)
    return named[near[0]] if near else None


def _nearest(name: str, parts: dict[str, str]) -> str | None:
    folded = {other.casefold(): code for other, code in parts.items()}
    near = get_close_matches(name.strip().casefold(), sorted(folded), n=1, cutoff=0.6)
    return folded[near[0]] if near else None
