"""Which Salesforce field is which Leadline field, and how values translate.

Standard fields are mapped here; custom ones come through `map:` in the connection's settings. Leadline's own fields carry
the prefix: `score` is `Leadline_Score__c`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from connectors.records import Scalar
from connectors.salesforce.rows import Row, as_day, as_moment, as_number, as_text, moment_text
from connectors.salesforce.schema import Field, Schema

DEFAULT_FIELDS: Mapping[str, Mapping[str, str]] = {
    "Lead": {
        "title": "Title",
        "first_name": "FirstName",
        "last_name": "LastName",
        "phone": "Phone",
        "country": "Country",
        "opted_out": "HasOptedOutOfEmail",
        "do_not_call": "DoNotCall",
        "lead_source": "LeadSource",
        "first_source": "LeadSource",
        "lead_status": "Status",
        "company_name": "Company",
        "company_domain": "Website",
        "company_employees": "NumberOfEmployees",
        "company_industry": "Industry",
        "company_annual_revenue": "AnnualRevenue",
    },
    "Contact": {
        "title": "Title",
        "first_name": "FirstName",
        "last_name": "LastName",
        "phone": "Phone",
        "country": "MailingCountry",
        "opted_out": "HasOptedOutOfEmail",
        "do_not_call": "DoNotCall",
        "lead_source": "LeadSource",
        "first_source": "LeadSource",
    },
    "Account": {
        "name": "Name",
        "domain": "Website",
        "employees": "NumberOfEmployees",
        "industry": "Industry",
        "annual_revenue": "AnnualRevenue",
        "country": "BillingCountry",
    },
}
"""A Lead has no Account: what it says about its company comes as `company_…` on the person."""

ROLES: Mapping[str, str] = {
    "business_user": "end_user",
    "economic_buyer": "budget_holder",
    "economic_decision_maker": "decision_maker",
    "evaluator": "influencer",
    "executive_sponsor": "champion",
    "technical_buyer": "influencer",
}
"""Contact roles that Salesforce ships, in Leadline's words; others keep theirs in lower snake case."""

KEY = "key"
_NUMERIC = frozenset({"int", "double", "currency", "percent", "long"})


@dataclass(frozen=True, slots=True)
class Column:
    """One mapped field: where it is in Salesforce, what Leadline calls it, and how its value is read."""

    name: str
    field: Field
    read: Callable[[Any], Scalar]


def snake(text: str) -> str | None:
    """A choice in lower snake case: `This Quarter` is `this_quarter`. None when nothing is left."""
    return re.sub(r"[^0-9a-z]+", "_", text.casefold()).strip("_") or None


def role(text: str | None) -> str | None:
    """A contact role in Leadline's words."""
    found = snake(text) if text else None
    return ROLES.get(found, found) if found else None


def domain(text: str) -> str | None:
    """The host of a web address, lower case, without `www.`; None when there is none."""
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname
    except ValueError:
        return None
    found = (host or "").removeprefix("www.").rstrip(".")
    return found if "." in found else None


def crm_field(prefix: str, name: str) -> str:
    """Salesforce's name of one of our fields: `bant_next` is `Leadline_Bant_Next__c`."""
    return "_".join(part.capitalize() for part in (prefix, *name.split("_"))) + "__c"


def key_field(prefix: str) -> str:
    """The field on Task that holds a task's key and makes it unique."""
    return crm_field(prefix, KEY)


def own_name(prefix: str, field: Field) -> str | None:
    """The Leadline name of one of our fields; None for all others."""
    folded = field.name.lower()
    if not folded.startswith(f"{prefix}_") or not folded.endswith("__c"):
        return None
    name = folded[len(prefix) + 1 : -3]
    return None if name == KEY else name


def mapped(object_name: str, overrides: Mapping[str, str | None], schema: Schema) -> tuple[Column, ...]:
    """The mapped fields that the user may read, in the order of their Leadline names."""
    table: dict[str, str | None] = {**DEFAULT_FIELDS[object_name], **overrides}
    return tuple(
        Column(name, field, _reader(name, field))
        for name, crm_name in sorted(table.items())
        if crm_name is not None and (field := schema.field(crm_name)) is not None
    )


def mapped_names(object_name: str, overrides: Mapping[str, str | None]) -> frozenset[str]:
    """The Leadline names that the table and the admin's entries give, whether or not the org has the fields."""
    table: dict[str, str | None] = {**DEFAULT_FIELDS[object_name], **overrides}
    return frozenset(name for name, crm_name in table.items() if crm_name is not None)


def own_columns(prefix: str, schema: Schema) -> tuple[Column, ...]:
    """Our fields on the object."""
    return tuple(
        Column(name, field, _READERS.get(_kind_of(field), as_text))
        for field in schema
        if (name := own_name(prefix, field)) is not None
    )


def within_page_cap(columns: Sequence[Column], optional: Sequence[Column]) -> tuple[Column, ...]:
    """The optional columns that can be asked for as well without a second long-text field.

    Two long-text custom fields in one query cap its pages at 200 rows instead of 2,000 (Salesforce docs: Query Options).
    """
    room = 1 - sum(1 for column in columns if column.field.long_text)
    kept: list[Column] = []
    for column in optional:
        if column.field.long_text:
            if room <= 0:
                continue
            room -= 1
        kept.append(column)
    return tuple(kept)


def values(row: Row, columns: Sequence[Column]) -> dict[str, Scalar]:
    """The row's values under Leadline's names; empty and unreadable ones are absent."""
    read = ((column.name, column.read(row.values.get(column.field.name))) for column in columns)
    return {name: value for name, value in read if value is not None}


def _choice(value: Any) -> str | None:
    text = as_text(value)
    return snake(text) if text else None


def _role(value: Any) -> str | None:
    return role(as_text(value))


def _domain(value: Any) -> str | None:
    text = as_text(value)
    return domain(text) if text else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _day(value: Any) -> str | None:
    found = as_day(value)
    return found.isoformat() if found else None


def _moment(value: Any) -> str | None:
    found = as_moment(value)
    return moment_text(found) if found else None


_READERS: Mapping[str, Callable[[Any], Scalar]] = {
    "flag": _flag,
    "number": as_number,
    "day": _day,
    "moment": _moment,
    "text": as_text,
}
_BY_NAME: Mapping[str, Callable[[Any], Scalar]] = {
    "annual_revenue": as_number,
    "budget": as_number,
    "budget_status": _choice,
    "buying_role": _role,
    "company_annual_revenue": as_number,
    "company_domain": _domain,
    "company_employees": as_number,
    "company_industry": _choice,
    "do_not_call": _flag,
    "domain": _domain,
    "employees": as_number,
    "first_source": _choice,
    "industry": _choice,
    "lead_source": _choice,
    "lead_status": _choice,
    "opted_out": _flag,
    "purchase_timeframe": _choice,
    "target_date": _day,
}


def _kind_of(field: Field) -> str:
    if field.type in _NUMERIC:
        return "number"
    return {"boolean": "flag", "date": "day", "datetime": "moment"}.get(field.type, "text")


def _reader(name: str, field: Field) -> Callable[[Any], Scalar]:
    return _BY_NAME.get(name) or _READERS[_kind_of(field)]
