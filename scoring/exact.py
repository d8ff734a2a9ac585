"""Exact arithmetic: points are read as decimals and kept as whole hundredths."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

# Fifty digits leave no doubt about any rounding to the millionth, and decimal arithmetic, unlike a
# C library's pow(), gives the same digits on every machine.
_WIDE = Context(prec=50)
_ALL_WHOLE = 2.0**53  # below, every whole number is a float of its own


def half_away(value: Fraction) -> int:
    """Round to the nearest whole number; a half goes away from zero."""
    return divided_half_away(value.numerator, value.denominator)


def divided_half_away(total: int, divisor: int) -> int:
    """`total` / `divisor` (above zero) to the nearest whole number; a half goes away from zero."""
    rounded = (2 * abs(total) + divisor) // (2 * divisor)
    return rounded if total >= 0 else -rounded


def half_up(value: Fraction) -> int:
    """Round to the nearest whole number; a half goes up."""
    doubled = value * 2
    return (doubled.numerator + doubled.denominator) // (2 * doubled.denominator)


def hundredths(points: Decimal) -> int:
    """Points as whole hundredths, halves away from zero."""
    return half_away(Fraction(points) * 100)


def exact(value: float) -> Fraction:
    """The decimal that a reader sees in `value`, as a fraction: 0.1 is one tenth."""
    if isinstance(value, int):
        return Fraction(value)
    return Fraction(int(value)) if value.is_integer() and abs(value) < _ALL_WHOLE else Fraction(str(value))


def half_life_factor(age_days: int, half_life_days: int) -> Fraction:
    """0.5 to the power of age over half-life: exact for whole half-lives, else to 50 digits."""
    halvings, rest = divmod(age_days, half_life_days)
    return Fraction(1, 2 ** min(halvings, 4096)) * _part_of_a_half_life(rest, half_life_days)


@lru_cache(maxsize=4096)
def _part_of_a_half_life(age_days: int, half_life_days: int) -> Fraction:
    if not age_days:
        return Fraction(1)
    exponent = _WIDE.divide(Decimal(-age_days), Decimal(half_life_days))
    return Fraction(_WIDE.power(Decimal(2), exponent))


def shown(points: int) -> int:
    """Hundredths as the whole number people see; a half goes up."""
    return (points + 50) // 100


def plain(points: int) -> float:
    """Hundredths as the shortest number of points: 12 or 12.5, never 12.0."""
    return points // 100 if points % 100 == 0 else points / 100
