"""Regular expressions in Rust syntax: linear in the text, whatever the pattern.

Polars carries that engine. It is imported on first use, because it takes half a second and a model
without `matches` needs none of it.
"""

from __future__ import annotations

from functools import lru_cache

_CACHED_TEXT_LENGTH = 500  # longer texts are looked at each time: the cache bounds entries, not bytes


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
    if len(text) > _CACHED_TEXT_LENGTH:
        return _search(pattern, text)
    return _remembered(pattern, text)


@lru_cache(maxsize=65_536)
def _remembered(pattern: str, text: str) -> bool:
    return _search(pattern, text)


def _search(pattern: str, text: str) -> bool:
    import polars as pl

    return bool(pl.Series([_clean(text)], dtype=pl.String).str.contains(_clean(pattern)).item())


def _clean(text: str) -> str:
    # A lone surrogate is no character and cannot become UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")
