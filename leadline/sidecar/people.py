"""Persons in columns, straight from the rows of their records: the rules of `facts_of`, for everybody at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET, Struct
from numpy.typing import NDArray
from sqlalchemy import Connection

from connectors.records import Scalar
from leadline.sidecar.coding import ABSENT, Coder, FieldCodes, Said, decode_all
from leadline.sidecar.layer import NEVER, Told
from leadline.state import rows
from scoring import titles
from scoring.columns import Column, Flags, Rows, Table, narrow
from scoring.core import GRADES

_OF_COMPANY = "company_"
_GRADE_CODES = {grade: code for code, grade in enumerate(GRADES)}


@dataclass(frozen=True, slots=True)
class Takers:
    """Who takes part in what through which record: `numbers` count the records' keys, `who` is whose each is, by row.

    `others` are further persons of a key: number, person and rank. A person's keys are ranked by `ranks`; where two of them
    say the same thing, the higher one's word stands. `several` marks the persons that have more than one.
    """

    numbers: Mapping[str, int]
    who: Rows
    ranks: Rows
    others: tuple[tuple[int, int, int], ...]
    several: Flags


@dataclass(frozen=True, slots=True)
class People:
    """Persons in the order of their ids, with what the model asks of them, what they were told, and how they take part."""

    ids: Sequence[str]
    fields: Table
    told: Told
    takers: Takers


@dataclass(slots=True)
class _Records:
    """Live records of people, in the order in which they came."""

    keys: list[str] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    companies: list[str | None] = field(default_factory=list)
    writable: list[bool] = field(default_factory=list)


class _Shown(Struct, frozen=True, gc=False):
    """What a record was told, as far as it is scored."""

    score: Scalar = None
    grade: Scalar = None


class _Deal(Struct, frozen=True, gc=False):
    record: str
    open: bool = False


def read_people(tx: Connection, asked: Collection[str], preferred: Sequence[str], persons: Collection[str] | None) -> People:
    """These persons, or everybody for None; who has no live record is left out."""
    return _Reading(tx, asked, preferred, persons).people()


class _Reading:
    """Records become codes, and codes of records become codes of persons."""

    def __init__(
        self, tx: Connection, asked: Collection[str], preferred: Sequence[str], persons: Collection[str] | None
    ) -> None:
        self._tx = tx
        self._persons = persons
        self._rank = {name: place for place, name in enumerate(preferred)}
        self._asked = frozenset(asked)
        self._coders: dict[str, Coder] = {name: Coder() for name in sorted(asked)}
        own = {name.removeprefix("person.") for name in asked if name.startswith("person.")}
        of_company = {name.removeprefix("company.") for name in asked if name.startswith("company.")}
        if own & {"seniority", "function"}:
            own.add("title")
        self._own = sorted(name for name in own if not name.startswith(_OF_COMPANY))
        self._of_company = sorted(of_company)
        self._records = _Records()

    def people(self) -> People:
        """All that is asked of them."""
        said = self._read_records()
        known = set(self._persons if self._persons is not None else rows.all_persons(self._tx))
        ids = sorted(known.intersection(self._records.owners))
        row_of = {person: row for row, person in enumerate(ids)}
        who = np.fromiter((row_of.get(one, ABSENT) for one in self._records.owners), np.int64, len(self._records.owners))
        trusted = self._by_trust(who)
        fields = {name: _first(said[name], who, trusted, len(ids)) for name in said}
        if (name := "person.opted_out") in fields:
            yes = self._coder(name).code(value=True)
            fields[name][who[(said[name] == yes) & (who >= 0)]] = yes
        takers = self._takers(row_of, who)
        self._add_companies(fields, who, trusted, len(ids))
        self._read_titles(fields)
        self._add_roles(fields, takers)
        columns = {name: self._column(name, fields, len(ids)) for name in sorted(self._asked)}
        return People(ids, Table(len(ids), columns), self._told(takers, len(ids)), takers)

    def _coder(self, name: str) -> Coder:
        return self._coders.setdefault(name, Coder())

    def _column(self, name: str, fields: Mapping[str, Said], people: int) -> Column:
        found = fields.get(name)
        return Column.unknown(people) if found is None else self._coder(name).column(found)

    def _read_records(self) -> dict[str, Said]:
        """What each record says; of its company under `company_…`."""
        named = {name: self._coder(f"person.{name}") for name in self._own}
        named |= {_OF_COMPANY + name: self._coder(f"company.{name}") for name in self._of_company}
        codes, held = FieldCodes(named), self._records
        decoder = msgspec.json.Decoder(list[_person_type(codes.type)])  # type: ignore[misc] # a type made here
        emails: list[Said] = []
        for batch in rows.persons_records(self._tx, self._persons):
            keys, owners, companies, texts = (rows.column(batch, place) for place in range(4))
            bodies = decode_all(decoder, texts)
            codes.add([body.fields for body in bodies])
            held.keys += keys
            held.owners += owners
            held.companies += companies
            held.writable += [body.writable for body in bodies]
            if "email" in named:
                emails.append(named["email"].codes([body.email or UNSET for body in bodies]))
        said = {f"person.{name}": one for name, one in codes.said().items()}
        if emails:
            own = said["person.email"]
            said["person.email"] = np.where(own == ABSENT, np.concatenate(emails), own)
        return said

    def _by_trust(self, who: Rows) -> Rows:
        """The records of each person, who is of interest here, the one whose word counts least first."""
        several = np.flatnonzero(_several(who)[who])
        held, unranked = self._records, len(self._rank)

        def trust(row: int) -> tuple[int, bool, str, str, str]:
            connection, name, number = held.keys[row].split(rows.SEPARATOR)
            return self._rank.get(connection, unranked), not held.writable[row], name, number, connection

        place = np.zeros(len(who), dtype=np.int64)
        ranked = sorted((row for row in several.tolist() if who[row] >= 0), key=trust, reverse=True)
        place[ranked] = np.arange(len(ranked))
        order: Rows = np.lexsort((place, who))
        return order[np.searchsorted(who[order], 0) :]

    def _add_companies(self, fields: dict[str, Said], who: Rows, trusted: Rows, people: int) -> None:
        """What their companies say; what the persons themselves say of these fills what no company speaks of."""
        if not self._of_company:
            return
        named = {name: self._coder(f"company.{name}") for name in self._of_company}
        codes, held = FieldCodes(named), self._records.companies
        decoder = msgspec.json.Decoder(list[_company_type(codes.type)])  # type: ignore[misc] # a type made here
        place: dict[str | None, int] = {}
        wanted = None if self._persons is None else sorted({one for one in held if one is not None})
        for batch in rows.companies(self._tx, wanted):
            bodies = decode_all(decoder, [text for _, text in batch])
            there = [(key, body.fields) for (key, _), body in zip(batch, bodies, strict=True) if body.record == "company"]
            place.update((key, number) for number, (key, _) in enumerate(there, len(place)))
            codes.add([told for _, told in there])
        at = np.fromiter((place.get(one, ABSENT) for one in held), np.int64, len(held))
        for name, said in codes.said().items():
            of_records = np.append(said, np.int32(ABSENT))[at]
            found = _first(of_records, who, trusted, people)
            own = fields.pop(f"person.{_OF_COMPANY}{name}")
            fields[f"company.{name}"] = np.where(found == ABSENT, own, found)

    def _read_titles(self, fields: dict[str, Said]) -> None:
        """Seniority and function of those whose record does not even have the field, from the title."""
        for name in ("seniority", "function"):
            said = fields.get(f"person.{name}")
            if said is None:
                continue
            title, values = fields["person.title"], self._coder("person.title").values
            readings = np.full(len(values) + 1, ABSENT, dtype=np.int32)
            for code in np.unique(title[(said == ABSENT) & (title > 0)]).tolist():
                value = values[code]
                read = getattr(titles.read(value), name) if isinstance(value, str) else None
                readings[code] = self._coder(f"person.{name}").code(read) if read else ABSENT
            fields[f"person.{name}"] = np.where(said == ABSENT, readings[title], said)

    def _add_roles(self, fields: dict[str, Said], takers: Takers) -> None:
        """A role in an open deal says what the person's own record may not."""
        if "person.buying_role" not in fields:
            return
        own = fields["person.buying_role"]
        decoder = msgspec.json.Decoder(_Deal)
        parts: dict[tuple[int, str], tuple[int, str | None, bool]] = {}
        for batch in rows.roles(self._tx, None if self._persons is None else takers.numbers):
            for deal, key, role, body in batch:
                read = decoder.decode(body)
                for who, rank in _of_key(takers, key) if read.record == "deal" else ():
                    if own[who] == ABSENT:
                        parts[who, deal] = max(parts.get((who, deal), (-1, None, False)), (rank, role, read.open))
        found: dict[int, str] = {}
        for (who, _), (_, role, is_open) in parts.items():
            if role and is_open:
                found[who] = min(role, found.get(who, role))
        for who, role in found.items():
            own[who] = self._coder("person.buying_role").code(role)

    def _takers(self, row_of: Mapping[str, int], who: Rows) -> Takers:
        keys = self._records.keys
        numbers = {key: number for number, key in enumerate(keys)}
        added: list[int] = []
        others: list[tuple[int, int]] = []
        for batch in rows.merged_away(self._tx, self._persons):
            for person, key in set(batch):
                row, number = row_of.get(person), numbers.get(key)
                if row is None:
                    continue
                if number is None:
                    numbers[key] = len(keys) + len(added)
                    added.append(row)
                elif row != (who[number] if number < len(keys) else added[number - len(keys)]):
                    others.append((number, row))
        return _ranked_takers(numbers, np.append(who, np.array(added, dtype=np.int64)), len(keys), sorted(set(others)))

    def _told(self, takers: Takers, people: int) -> Told:
        """What the CRMs show of each; as never told where their records differ."""
        decoder, live = msgspec.json.Decoder(list[_Shown]), len(self._records.keys)
        parts: list[NDArray[np.int64]] = []
        for batch in rows.told(self._tx, self._persons):
            shown = decode_all(decoder, [text for _, text in batch])
            numbers = [takers.numbers.get(key, live) for key, _ in batch]
            said = [(number, *_as_shown(one)) for number, one in zip(numbers, shown, strict=True) if number < live]
            parts.append(np.array(said, dtype=np.int64).reshape(-1, 3))
        number, scores, grades = np.concatenate([np.zeros((0, 3), np.int64), *parts]).T
        who = takers.who[number]
        told = np.full((2, people + 1), NEVER, dtype=np.int64)
        told[:, who] = scores, grades
        told[:, who[(told[0, who] != scores) | (told[1, who] != grades)]] = NEVER
        return Told(narrow(told[0, :people]), narrow(told[1, :people]))


def _as_shown(shown: _Shown) -> tuple[int, int]:
    if isinstance(shown.score, int | float) and isinstance(shown.grade, str) and shown.grade in _GRADE_CODES:
        return int(shown.score), _GRADE_CODES[shown.grade]
    return NEVER, NEVER


def _first(said: Said, who: Rows, trusted: Rows, people: int) -> Said:
    """For each person what the first of its records says that says anything."""
    found = np.full(people, ABSENT, dtype=np.int32)
    speaking = trusted[said[trusted] != ABSENT]
    found[who[speaking]] = said[speaking]  # of several values for one row the last one stands
    return found


def _several(who: Rows) -> Flags:
    """Which persons come more than once. The last one stands for those of nobody."""
    flags: Flags = np.append(np.bincount(who[who >= 0]), 0) > 1
    return flags


def _ranked_takers(numbers: Mapping[str, int], who: Rows, live: int, others: Iterable[tuple[int, int]]) -> Takers:
    further = list(others)
    every = np.append(who, np.array([row for _, row in further], dtype=np.int64))
    several = _several(every)
    names = list(numbers)
    counted = [*range(len(who)), *(number for number, _ in further)]

    def rank(entry: int) -> tuple[bool, list[str]]:
        # What a live record says counts more than what one says that was merged away; a key of others is merged for these.
        return entry < live, names[counted[entry]].split(rows.SEPARATOR)

    ranks = np.zeros(len(every), dtype=np.int64)
    ranked = sorted(np.flatnonzero(several[every]).tolist(), key=rank)
    ranks[ranked] = np.arange(len(ranked))
    own = zip(further, ranks[len(who) :].tolist(), strict=True)
    return Takers(numbers, who, ranks[: len(who)], tuple((*one, place) for one, place in own), several)


def _of_key(takers: Takers, key: str) -> list[tuple[int, int]]:
    """The persons of a key, with its rank for each."""
    number = takers.numbers.get(key)
    if number is None:
        return []
    found = [(int(takers.who[number]), int(takers.ranks[number]))]
    found += [(who, rank) for other, who, rank in takers.others if other == number]
    return [(who, rank) for who, rank in found if who >= 0]


def _person_type(fields: type[Struct]) -> Any:
    fields_of_none = msgspec.field(default_factory=fields)
    room: list[Any] = [("fields", fields, fields_of_none), ("email", str | None, None), ("writable", bool, True)]
    return msgspec.defstruct("Person", room, gc=False)


def _company_type(fields: type[Struct]) -> Any:
    room: list[Any] = [("record", str), ("fields", fields, msgspec.field(default_factory=fields))]
    return msgspec.defstruct("Company", room, gc=False)
