"""Making of seeded records what the org makes of records that are written, at their own times."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache

from sandbox.market.ids import salesforce_id
from sandbox.salesforce.derived import Finder, Write, derived_values
from sandbox.salesforce.fields import Value
from sandbox.salesforce.furniture import ADMIN_ID
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Schema
from sandbox.salesforce.soql.dates import stamp
from sandbox.salesforce.table import Row

Values = Mapping[str, Value]
Put = Callable[[str, dict[str, Value]], Row]

# Fields in which many records have the same value, so that it is kept once.
_REPEATED = frozenset(
    {
        "Address",
        "BillingAddress",
        "BillingCity",
        "BillingCountry",
        "Company",
        "CompanyOrAccount",
        "Country",
        "FirstName",
        "LastName",
        "MailingAddress",
        "MailingCountry",
        "Pain_Point__c",
        "Subject",
        "Target_Go_Live__c",
        "Title",
    }
)


class Loader:
    """Loads records of one market into one org. `lookups` is where references lead."""

    def __init__(self, schema: Schema, lookups: Finder) -> None:
        self._lookups = lookups
        self._addresses: dict[tuple[object, ...], Value] = {}
        self._defaults: dict[str, dict[str, Value]] = {
            sobject.name: {f.name: f.default for f in sobject.fields.values() if f.default is not None} for sobject in schema
        }

    def load(
        self,
        object_name: str,
        values: Values,
        created: datetime,
        modified: datetime,
        put: Put,
        settled: Values | None = None,
    ) -> Row:
        """A record with the org's defaults and derived values; `settled` are those that the seed knows better."""
        given = self._defaults[object_name] | dict(values)
        created_at = stamp(created)
        modified_at = created_at if modified == created else stamp(modified)
        write = Write(self._lookups, modified_at, {}, given, given)
        filled = given | derived_values(object_name, write)
        if settled:
            filled.update(settled)
        filled.update(Org.system_values(created_at, modified_at))
        for name in _REPEATED & filled.keys():
            filled[name] = self._kept_once(filled[name])
        return put(object_name, filled)

    def _kept_once(self, value: Value) -> Value:
        if isinstance(value, str):
            return sys.intern(value)
        return self._addresses.setdefault(tuple(value.values()), value) if isinstance(value, dict) else value


@lru_cache(maxsize=4096)
def record_id(prefix: str, key: int) -> str:
    """The id of the market's thing with this key; asked for again soon, it is the same text."""
    return salesforce_id(prefix, key + 1)


def user_id(owner: int | None) -> str:
    """The user who stands for a rep of the market; the admin owns what nobody owns."""
    return ADMIN_ID if owner is None else record_id("005", owner)


def queue_id(queue: int) -> str:
    """The queue that stands for one of the market's."""
    return record_id("00G", queue)


def campaign_id(campaign: int) -> str:
    """The campaign that stands for one of the market's."""
    return record_id("701", campaign)


def as_float(number: int | None) -> float | None:
    """Currency is a double in the API."""
    return None if number is None else float(number)
