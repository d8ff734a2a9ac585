"""Regular expressions in Rust syntax: linear in the text, whatever the pattern.

Polars carries that engine. It is imported on first use, because it takes half a second and a model
without `matches` needs none of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scoring.reading import Value, as_text

_CACHED_TEXT_LENGTH = 500  # longer texts are looked at each time: the cache bounds entries, not bytes
_MOST_REMEMBERED = 1_000_000
_FEW = 16
_SCALARS = (str, int, float)

_found: dict[str, dict[Value, bool]] = {}
"""What was found before, by pattern and text."""


def pattern_fault(pattern: str) -> str | None:
    """What is wrong with a pattern, in a few words, or None when it compiles."""
    import polars as pl

    try:
        pl.Series([], dtype=pl.String).str.contains(_clean(pattern))
    except pl.exceptions.ComputeError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        return next((line.removeprefix("error: ") for line in lines if line.startswith("error: ")), lines[0])
    return None


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern is found anywhere in the text. The pattern must compile."""
    known = _found.setdefault(pattern, {})
    there = known.get(text)
    if there is not None:
        return there
    (there,) = _search(pattern, [text])
    if len(text) <= _CACHED_TEXT_LENGTH:
        if len(known) >= _MOST_REMEMBERED:
            known.clear()
        known[text] = there
    return there


def look_at_all(pattern: str, values: Sequence[Value]) -> Mapping[Value, bool]:
    """Look for the pattern in many values at once, so that `matches` knows of them. Returns what is known of texts."""
    if len(values) > _FEW:
        texts = [as_text(value) for value in values if isinstance(value, _SCALARS)]
        texts = [text for text in texts if len(text) <= _CACHED_TEXT_LENGTH]
        _found[pattern] = dict(zip(texts, _search(pattern, texts), strict=True))
    return _found.get(pattern, {})


def _search(pattern: str, texts: Sequence[str]) -> list[bool]:
    import polars as pl

    try:
        column = pl.Series(texts, dtype=pl.String)
    except UnicodeEncodeError:
        column = pl.Series(map(_clean, texts), dtype=pl.String)
    return column.str.contains(_clean(pattern)).to_list()


def _clean(text: str) -> str:
    # A lone surrogate is no character and cannot become UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")
