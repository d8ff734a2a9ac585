"""From what several CRMs say about a person to one set of facts.

Where records disagree, the sales home's word goes before the others', and a live contact's before a converted lead's: one
rule, so that a rep can be told where a value comes from. A person who opted out anywhere has opted out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from connectors.records import CompanyRecord, Fields, PersonRecord, Ref, Scalar
from leadline.attribution import OUR_WORK
from leadline.state.people import PersonView
from leadline.state.records import Stored, field_dates_of
from scoring import titles
from scoring.breakdown import Breakdown
from scoring.evidence import Assessment
from scoring.facts import Deal, Event, Facts
from scoring.stages import Feedback, Situation

_OF_COMPANY = "company_"
_OPT_OUTS = ("opted_out", "opted_out_partly", "do_not_call")


class Dated(Struct, frozen=True):
    """Since when (UTC) a field holds its value, on whose word.

    `told`: the history of that connection's CRM says so. Otherwise it is when we first saw the value there.
    """

    at: datetime
    connection: str
    told: bool


def ranked_records(view: PersonView, preferred: Sequence[str]) -> list[tuple[Stored, PersonRecord]]:
    """The person's records, the one whose word counts most first."""
    rank = {name: place for place, name in enumerate(preferred)}
    people = [(stored, stored.record) for stored in view.records if isinstance(stored.record, PersonRecord)]
    return sorted(people, key=lambda pair: (rank.get(pair[0].connection, len(rank)), not pair[1].writable, pair[1].ref))


def facts_of(view: PersonView, preferred: Sequence[str]) -> Facts:
    """The person's facts. `preferred` are connection names, the most trusted first."""
    person, company, dated = _said(view, preferred)
    _read_title(person)
    _add_role(view, person)
    return Facts(
        id=view.id,
        person=person,
        company=company,
        deals=tuple(_deal(entry.connection, entry.deal) for entry in view.deals),
        events=tuple(Event(event.id, event.type, event.at, event.fields) for event in view.events),
        dates={name: one.at for name, one in dated.items()},
    )


def dated_fields(view: PersonView, preferred: Sequence[str]) -> dict[str, Dated]:
    """Since when the fields of `facts_of` hold their values, by full name (`person.budget`), and who says so."""
    return _said(view, preferred)[2]


def _said(view: PersonView, preferred: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Dated]]:
    """Fields of the person and of the company, and their dates."""
    person: dict[str, Any] = {}
    company: dict[str, Any] = {}
    dated: dict[str, Dated] = {}
    for stored, record in ranked_records(view, preferred):
        _add(stored, _with_email(record), "person", person, dated)
        person |= {name: True for name in _OPT_OUTS if record.fields.get(name) is True}
        held = view.companies.get((stored.connection, record.company)) if record.company else None
        if held is not None and isinstance(held.record, CompanyRecord):
            _add(held, held.record.fields, "company", company, dated)
    _take_company_fields(person, company, dated)
    return person, company, dated


def situation_of(facts: Facts, breakdown: Breakdown, assessment: Assessment, verdict: Feedback | None) -> Situation:
    """All that decides about the person's stage and tasks as of the breakdown. What our side does brings nobody back."""
    theirs = (event.at for event in facts.events if event.type not in OUR_WORK)
    return Situation(
        as_of=breakdown.as_of,
        breakdown=breakdown,
        assessment=assessment,
        deals=facts.deals,
        feedback=verdict,
        latest_event_at=max((at for at in theirs if at <= breakdown.as_of), default=None),
    )


def company_of(view: PersonView, preferred: Sequence[str]) -> tuple[str, Ref] | None:
    """Connection and reference of the company whose word counts most for the person."""
    for stored, record in ranked_records(view, preferred):
        if record.company and (stored.connection, record.company) in view.companies:
            return stored.connection, record.company
    return None


def _with_email(record: PersonRecord) -> dict[str, Scalar]:
    return {**({"email": record.email} if record.email else {}), **record.fields}


def _add(stored: Stored, said: Fields, of: str, fields: dict[str, Any], dated: dict[str, Dated]) -> None:
    """What a record says, where no more trusted one has spoken."""
    since = field_dates_of(stored)
    for name, value in said.items():
        if name not in fields:
            fields[name] = value
            if name in since:
                dated[f"{of}.{name}"] = Dated(since[name], stored.connection, name in stored.told_dates)


def _take_company_fields(person: dict[str, Any], company: dict[str, Any], dated: dict[str, Dated]) -> None:
    """A Salesforce Lead has no company record; what it says of its company comes as `company_…` on the person."""
    for name in [name for name in person if name.startswith(_OF_COMPANY)]:
        value, since = person.pop(name), dated.pop(f"person.{name}", None)
        plain = name.removeprefix(_OF_COMPANY)
        if plain not in company:
            company[plain] = value
            if since:
                dated[f"company.{plain}"] = since


def _read_title(person: dict[str, Any]) -> None:
    title = person.get("title")
    if not isinstance(title, str):
        return
    reading = titles.read(title)
    if reading.seniority:
        person.setdefault("seniority", reading.seniority)
    if reading.function:
        person.setdefault("function", reading.function)


def _add_role(view: PersonView, person: dict[str, Any]) -> None:
    """A role in an open deal says what the person's own record may not."""
    roles = sorted({entry.role for entry in view.deals if entry.role and entry.deal.open})
    if roles and "buying_role" not in person:
        person["buying_role"] = roles[0]


def _deal(connection: str, deal: Any) -> Deal:
    return Deal(
        id=f"{connection}:{deal.ref.object}:{deal.ref.id}",
        stage=deal.stage,
        open=deal.open,
        won=deal.won,
        amount=deal.amount,
        close_date=deal.close_date.isoformat() if deal.close_date else None,
    )
