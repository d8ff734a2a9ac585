"""Salesforce record ids: 15 case-sensitive characters, or 18 with a suffix that spells out the case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SUFFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
INSTANCE = "8d"


def suffix_of(short_id: str) -> str:
    """The three characters that tell which of the 15 are upper case, five to a character, lowest bit first."""
    return _suffix_of(short_id[:5]) + _suffix_of(short_id[5:10]) + _suffix_of(short_id[10:15])


@lru_cache(maxsize=65_536)
def _suffix_of(five: str) -> str:
    return SUFFIX_ALPHABET[sum(1 << place for place, char in enumerate(five) if "A" <= char <= "Z")]


def long_id(text: str) -> str | None:
    """The 18-character form of an id in either form, or `None` where the text cannot be an id.

    The 18-character form is compared without regard to case, so letters are put back as its suffix says.
    """
    if not text.isascii() or not text.isalnum():
        return None
    if len(text) == 15:
        return text + suffix_of(text)
    if len(text) != 18:
        return None
    if suffix_of(text[:15]) == text[15:]:
        return text
    return _restored(text)


def _restored(text: str) -> str | None:
    suffix = text[15:].upper()
    letters = []
    for block, mark in enumerate(suffix):
        bits = SUFFIX_ALPHABET.find(mark)
        if bits < 0:
            return None
        for place, char in enumerate(text[block * 5 : block * 5 + 5]):
            letters.append(char.upper() if bits >> place & 1 else char.lower())
    short = "".join(letters)
    return short + suffix if suffix_of(short) == suffix else None


def base62(number: int, width: int) -> str:
    """A number in base 62, padded with zeros, so that later ids sort after earlier ones."""
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


class IdMint:
    """Hands out ids: key prefix, instance, and a number that counts up per prefix."""

    def __init__(self, numbers: Mapping[str, int] | None = None) -> None:
        """Go on from the last number of each prefix."""
        self._last: defaultdict[str, int] = defaultdict(int, numbers or {})

    def mint(self, prefix: str) -> str:
        """A new 18-character id for objects with this three-character key prefix."""
        self._last[prefix] += 1
        return minted_id(prefix, self._last[prefix])

    def skip(self, prefix: str, count: int) -> None:
        """Leave out ids that stand for records of the market."""
        self._last[prefix] += count

    def numbers(self) -> dict[str, int]:
        """The last number of each prefix."""
        return dict(self._last)


def minted_id(prefix: str, number: int) -> str:
    """The 18-character id of the `number`th record of its kind, from 1."""
    # Neighbours lie apart, as in an org that others write to as well.
    short = f"{prefix}{INSTANCE}00{base62(number * 7, 8)}"
    return short + suffix_of(short)
