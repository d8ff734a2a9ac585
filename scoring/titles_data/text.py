"""From the text of a title, whatever was typed or broken into it, to plain words with their places."""

import re
import unicodedata
from typing import NamedTuple

from scoring.titles_data.chinese import SIMPLIFIED

LONGEST = 256
"""Characters of a title that are looked at; a job title that says who somebody is does so long before."""

_CP1252 = {ord(bytes([b]).decode("cp1252")): b for b in range(0x80, 0xA0) if b not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}}
_GARBLED = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u02dc\u2013-\u2122]")
_INITIALS = re.compile(r"\b(?:\w\.){2,}\w?\b\.?")
_GENDERS = re.compile(r"\(?\b[mwdfhxgi](?:\s?[/|]\s?[mwdfhxgi]){1,3}\b\)?")
_ENDINGS = re.compile(
    r"(?<=[^\W\d_]{3})(?:\((?:e|in|a|ne|se|trice|rice|euse)\)|[/*:_·•.](?:-?(?:in|innen|a|e|ne|se|trice|rice|euse|ere))(?![^\W_]))"
)
_EMPLOYER = re.compile(r"(?:(?<=\S)\s+(?:at|bei|beim|chez)\s|@)[^,;|/]*")
_MARKED = re.compile(r"[/*:_·•.(]")
_ELISION = re.compile(r"\b(?:[dlns]|qu)'")
_POSSESSIVE = re.compile(r"'s\b")
_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+|[^\W_a-z0-9\u3400-\u9fff]+|[&+]|[,;|/\\•·:()\[\]{}<>\n\t]|\s[-–—]+\s")

_SMALL_WORDS = (
    "a an the of for in on to with by from as their de du des del la le les las los el al en au aux par pour por para con "
    "der die das den dem fur im am zum zur von vom mit auf по в во с со на для у к от при 的 之 部 们 级 和"
)
_JOINING_WORDS = "& + and und et y и sowie oder or ou o или 兼 及 与"
_SMALL = frozenset(_SMALL_WORDS.split())
_JOINING = frozenset(_JOINING_WORDS.split())
_BREAK = ","


class _Plain(dict[int, int | str | None]):
    """What becomes of a character: blanks for control characters, nothing for accents and what cannot be seen."""

    def __missing__(self, code: int) -> int | str | None:
        category = unicodedata.category(chr(code))
        return " " if category in _BLANK else None if category in _UNSEEN else code


_BLANK = frozenset({"Cc", "Cs", "Zl", "Zp"})
_UNSEEN = frozenset({"Mn", "Cf"})
_PLAIN = _Plain(SIMPLIFIED)
for _code in (*range(0x20), *range(0x80, 0x500), *range(0x3400, 0xA000)):
    _PLAIN.setdefault(_code, _PLAIN[_code])


class Words(NamedTuple):
    """The words of a title in order, and for each its place among all words, its part and its clause.

    Parts are separated by marks such as commas and strokes, clauses also by "and". Small words ("of", "der") are
    left out but keep their places, so that a gap between two neighbours shows where one stood.
    """

    texts: list[str]
    places: list[int]
    parts: list[int]
    clauses: list[int]


def repaired(text: str) -> str:
    """UTF-8 that somebody read as Windows-1252 is read right; any other text comes back unchanged."""
    if not _GARBLED.search(text):
        return text
    try:
        return bytes(_CP1252.get(code, code) for code in map(ord, text)).decode("utf-8")
    except ValueError:
        return text


def folded(text: str) -> str:
    """Lower case, one width, no accents, no invisible characters, simplified script; ä, ae and a are one letter."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", repaired(text)[:LONGEST])[: 2 * LONGEST].translate(_PLAIN)
    return text.casefold().replace("ae", "a").replace("oe", "o").replace("ue", "u")


def cleaned(text: str) -> str:
    """Folded text without what says nothing of the job: gender forms, the employer's name, dots of abbreviations."""
    text = folded(text).replace("’", "'")
    if "." in text:
        text = _INITIALS.sub(lambda found: found.group().replace(".", ""), text)
    if "/" in text or "|" in text:
        text = _GENDERS.sub(_BREAK, text)
    if _MARKED.search(text):
        text = _ENDINGS.sub("", text)
    if "'" in text:
        text = _ELISION.sub(" ", _POSSESSIVE.sub("", text))
    return _EMPLOYER.sub(_BREAK, text)


def words(text: str) -> Words:
    """The words of cleaned text; a run of Chinese characters is one word here."""
    result = Words([], [], [], [])
    part = clause = 0
    for place, found in enumerate(_WORD.findall(text)):
        word = found
        if found in _SMALL:
            continue
        if found in _JOINING:
            clause += 1
            word = "&" if found == "+" else found
        elif not found.isalnum():
            word = _BREAK
            part += 1
            clause += 1
        result.texts.append(word)
        result.places.append(place)
        result.parts.append(part)
        result.clauses.append(clause)
    return result
