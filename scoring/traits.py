"""Fields that stand for what a person is born with or believes, and no buying decision should hang on."""

from __future__ import annotations

import re

_NAMES = frozenset(
    {"name", "first_name", "last_name", "middle_name", "full_name", "given_name", "family_name", "maiden_name", "surname"}
    | {"firstname", "lastname", "fullname", "forename", "salutation", "honorific"}
)
_AGES = frozenset({"age", "age_group", "age_range", "age_band", "age_bracket", "years_old"})
_WORDS = {
    "sex": "sex",
    "gender": "sex",
    "pronouns": "sex",
    "sexual": "sexual orientation",
    "birth": "age or origin",
    "birthdate": "age",
    "birthday": "age",
    "birthplace": "origin",
    "dob": "age",
    "nationality": "nationality",
    "citizenship": "nationality",
    "ethnicity": "origin",
    "ethnic": "origin",
    "race": "origin",
    "religion": "religion",
    "religious": "religion",
    "political": "political views",
    "disability": "health",
    "pregnancy": "health",
    "pregnant": "health",
    "marital": "family",
    "photo": "sex, age and origin",
    "picture": "sex, age and origin",
    "avatar": "sex, age and origin",
    "headshot": "sex, age and origin",
}
_BREAKS = re.compile(r"[^a-z0-9]+")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def trait_behind(field: str) -> str | None:
    """What a person's field gives away (`sex`, `age`), or None for a field that is about the work or the company."""
    owner, _, name = field.partition(".")
    if owner != "person":
        return None
    words = _BREAKS.split(_HUMPS.sub("_", name).lower())
    whole = "_".join(words)
    if whole in _NAMES:
        return "sex and origin"
    if whole in _AGES:
        return "age"
    return next((_WORDS[word] for word in words if word in _WORDS), None)
