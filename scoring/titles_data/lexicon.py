"""The tables of words, ready to be looked up.

A line of a table is `meaning | pattern, pattern, …`. The meaning names a seniority or a role, then a function; `-`
stands for "no seniority", and `?` behind a function marks one that gives way to any other ("engineer" means
engineering unless sales stands beside it). A pattern is a few words as `scoring.titles_data.text` leaves them:
`word*` matches what begins so, `^` in front binds to the beginning of a part of the title and `$` behind to its end.
The longest pattern wins.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from scoring.titles_data import chinese, english, french, german, russian, spanish
from scoring.titles_data.text import Words, cleaned, words

SENIORITIES = ("intern", "entry", "staff", "senior", "manager", "head", "director", "vp", "c_level", "owner")
"""From the lowest to the highest."""

ROLES = frozenset({"former", "deputy", "assistant", "asst", "aide", "junior", "chief", "incharge"})
"""Words that change what the rest of a title means."""

_HEADS = (
    "leiter leiterin leitung direktor direktorin manager managerin ingenieur ingenieurin entwickler "
    "entwicklerin entwicklung berater beraterin referent referentin sachbearbeiter sachbearbeiterin assistent "
    "assistentin assistenz vorstand mitarbeiter mitarbeiterin sekretar sekretarin sekretariat planer planerin "
    "techniker technikerin administrator analyst spezialist spezialistin koordinator koordinatorin "
    "beauftragter beauftragte vorsitzender vorsitzende anwalt anwaltin lehrer lehrerin betreuer betreuerin "
    "kaufmann kauffrau architekt architektin student studentin praktikant praktikantin verkaufer verkauferin "
    "einkaufer buchhalter meister arbeiter lead leader chef chefin redakteur redakteurin fahrer controller "
    "dozent dozentin trainer trainerin designer designerin marketing management vertrieb verantwortlicher "
    "verantwortliche sprecher sprecherin leit"
)
"""What a German compound may end in; what stands before is read on its own."""

_HEAD_LENGTHS = tuple(sorted({len(head) for head in _HEADS.split()}, reverse=True))
_HEAD_WORDS = frozenset(_HEADS.split())
_SHORTEST_TYPO = 6
_LONGEST_TYPO = 32
_REMEMBERED = 8192


class Meaning(NamedTuple):
    """What a pattern says: seniority or role, function, and whether that function gives way to any other."""

    seniority: str | None
    role: str | None
    function: str | None
    weak: bool


class Pattern(NamedTuple):
    """The words of a pattern, of which `open_ended[i]` are only beginnings, and where in a part it must stand.

    `alone` says that one word anywhere will do. `size` orders patterns that fit one place: more words first, then
    more letters.
    """

    texts: tuple[str, ...]
    open_ended: tuple[bool, ...]
    first: bool
    last: bool
    alone: bool
    size: int
    meaning: Meaning


class Mark(NamedTuple):
    """A pattern found in a title: places of its first and last word, and the part and clause it stands in."""

    meaning: Meaning
    start: int
    end: int
    part: int
    clause: int


def _meaning(text: str) -> Meaning:
    seniority = role = function = None
    weak = False
    for word in text.split():
        if word in SENIORITIES:
            seniority = word
        elif word in ROLES:
            role = word
        elif word != "-":
            function, weak = word.removesuffix("?"), word.endswith("?")
    return Meaning(seniority, role, function, weak)


def _pattern(text: str, meaning: Meaning) -> Pattern:
    first, last = text.startswith("^"), text.endswith("$")
    texts: list[str] = []
    stars: list[bool] = []
    for chunk in text.strip("^$ ").split():
        for word in words(cleaned(chunk.removesuffix("*"))).texts:
            texts.append(word)
            stars.append(chunk.endswith("*"))
    size = 1000 * len(texts) + sum(map(len, texts)) + first + last
    alone = len(texts) == 1 and not (first or last)
    return Pattern(tuple(texts), tuple(stars), first, last, alone, size, meaning)


def patterns() -> Iterator[Pattern]:
    """Every pattern of every table, in the order of the tables."""
    for module in (english, german, french, spanish, russian, chinese):
        for line in module.TABLE.strip().splitlines():
            meaning, _, listed = line.partition("|")
            for text in listed.split(","):
                yield _pattern(text.strip(), _meaning(meaning))


def _is_chinese(word: str) -> bool:
    return "\u3400" <= word[0] <= "\u9fff"


class Lexicon:
    """All patterns, found by their first word; built once, never changed."""

    def __init__(self) -> None:
        self._whole: dict[str, list[Pattern]] = {}
        self._begun: dict[str, list[Pattern]] = {}
        self._known: set[str] = set()
        self._stems: set[str] = set()
        seen: set[tuple[object, ...]] = set()
        for pattern in patterns():
            if not pattern.texts or pattern[:4] in seen:
                continue
            seen.add(pattern[:4])
            index = self._begun if pattern.open_ended[0] else self._whole
            index.setdefault(pattern.texts[0], []).append(pattern)
            for word, star in zip(pattern.texts, pattern.open_ended, strict=True):
                (self._stems if star else self._known).add(word)
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._looked_up)
        self._longest_stem = max(map(len, self._stems))
        self._longest_chinese = max(len(word) for word in self._whole if _is_chinese(word))
        self._misspelt: dict[str, str] = {}
        for word in sorted(self._known | self._stems):
            if len(word) > _SHORTEST_TYPO and not _is_chinese(word):
                for at in range(1, len(word)):
                    self._misspelt.setdefault(word[:at] + word[at + 1 :], word)

    def marks(self, title: Words) -> list[Mark]:
        """What the words of a title say, from left to right."""
        spelt, candidates = self._spelt(title)
        _, places, parts, clauses = spelt
        found: list[Mark] = []
        skipped = 0
        for at, patterns_of in enumerate(candidates):
            if at < skipped:
                continue
            for pattern in patterns_of:
                if pattern.alone or self._fits(pattern, spelt, at):
                    end = at + len(pattern.texts) - 1
                    found.append(Mark(pattern.meaning, places[at], places[end], parts[at], clauses[at]))
                    skipped = end + 1
                    break
        return found

    @staticmethod
    def _fits(pattern: Pattern, title: Words, at: int) -> bool:
        texts, parts = title.texts, title.parts
        end = at + len(pattern.texts)
        if end > len(texts):
            return False
        for word, stem, star in zip(texts[at:end], pattern.texts, pattern.open_ended, strict=True):
            if not (word.startswith(stem) if star else word == stem):
                return False
        if pattern.first and at and parts[at - 1] == parts[at] and texts[at - 1] != ",":
            return False
        return not (pattern.last and end < len(texts) and parts[end] == parts[at])

    def _spelt(self, title: Words) -> tuple[Words, list[tuple[Pattern, ...]]]:
        """The title in the lexicon's spelling, and for each word the patterns that may begin there, longest first."""
        result = Words([], [], [], [])
        candidates: list[tuple[Pattern, ...]] = []
        for word, place, part, clause in zip(*title, strict=True):
            for piece, patterns_of in self._remembered(word):
                result.texts.append(piece)
                result.places.append(place)
                result.parts.append(part)
                result.clauses.append(clause)
                candidates.append(patterns_of)
        return result, candidates

    def _looked_up(self, word: str) -> tuple[tuple[str, tuple[Pattern, ...]], ...]:
        return tuple((piece, self._candidates(piece)) for piece in self._pieces(word))

    def _candidates(self, word: str) -> tuple[Pattern, ...]:
        found = list(self._whole.get(word, ()))
        for length in range(min(len(word), self._longest_stem), 1, -1):
            found.extend(self._begun.get(word[:length], ()))
        return tuple(sorted(found, key=lambda pattern: pattern.size, reverse=True))

    def _pieces(self, word: str) -> list[str]:
        if _is_chinese(word):
            return self._chinese(word)
        if word in self._known or len(word) < _SHORTEST_TYPO:
            return [word]
        stem = self._stem(word)
        for length in _HEAD_LENGTHS:
            if len(word) > length + 1 and word[-length:] in _HEAD_WORDS and stem <= len(word) - length:
                return [word[:-length], word[-length:]]
        return [word if stem >= _enough(word) else self._corrected(word)]

    def _chinese(self, run: str) -> list[str]:
        pieces: list[str] = []
        at = 0
        while at < len(run):
            for length in range(min(self._longest_chinese, len(run) - at), 0, -1):
                if length == 1 or run[at : at + length] in self._whole:
                    pieces.append(run[at : at + length])
                    at += length
                    break
        return pieces

    def _stem(self, word: str, shortest: int = 2) -> int:
        """Length of the longest known beginning of `word`; 0 when there is none of at least `shortest` letters."""
        for length in range(min(len(word), self._longest_stem), shortest - 1, -1):
            if word[:length] in self._stems:
                return length
        return 0

    def _corrected(self, word: str) -> str:
        """The known word or beginning that one slip of the finger (a letter more, less, other or swapped) hides."""
        if len(word) > _LONGEST_TYPO:
            return word
        if word in self._misspelt:
            return self._misspelt[word]
        enough = _enough(word)
        for at in range(1, len(word)):
            shorter = word[:at] + word[at + 1 :]
            swapped = word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
            for candidate in (shorter, swapped):
                if candidate in self._known or self._stem(candidate, enough):
                    return candidate
            if shorter in self._misspelt:
                return self._misspelt[shorter]
        for length in range(len(word) - 1, enough - 1, -1):
            meant = self._misspelt.get(word[:length])
            if meant in self._stems:
                return meant + word[length:]
        return word


def _enough(word: str) -> int:
    """How many letters of a word a known beginning must hold for the word to count as known."""
    return max(_SHORTEST_TYPO, -(-3 * len(word) // 5))
