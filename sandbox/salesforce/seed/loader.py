"""Putting seeded records into the store as if they had been written at their own times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sandbox.market.ids import salesforce_id
from sandbox.salesforce.derived import Write, derived_values
from sandbox.salesforce.fields import Value
from sandbox.salesforce.furniture import ADMIN_ID
from sandbox.salesforce.org import Org
from sandbox.salesforce.soql.dates import stamp
from sandbox.salesforce.store import Row

Values = Mapping[str, Value]


class Loader:
    """Loads records of one market into one org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._defaults: dict[str, dict[str, Value]] = {
            sobject.name: {f.name: f.default for f in sobject.fields.values() if f.default is not None}
            for sobject in org.schema
        }

    def load(
        self, object_name: str, values: Values, created: datetime, modified: datetime, settled: Values | None = None
    ) -> Row:
        """A record with the org's defaults and derived values; `settled` are those that the seed knows better."""
        given = self._defaults[object_name] | dict(values)
        write = Write(self._org.store, stamp(modified), {}, given, given)
        filled = given | derived_values(object_name, write) | dict(settled or {})
        system = self._org.system_values(stamp(created), stamp(modified))
        return self._org.store.load(object_name, filled | system)

    def has(self, record_id: str) -> bool:
        """Whether a record has been loaded."""
        return self._org.store.find(record_id) is not None


def user_id(owner: int | None) -> str:
    """The user who stands for a rep of the market; the admin owns what nobody owns."""
    return ADMIN_ID if owner is None else salesforce_id("005", owner + 1)


def queue_id(queue: int) -> str:
    """The queue that stands for one of the market's."""
    return salesforce_id("00G", queue + 1)


def campaign_id(campaign: int) -> str:
    """The campaign that stands for one of the market's."""
    return salesforce_id("701", campaign + 1)


def as_float(number: int | None) -> float | None:
    """Currency is a double in the API."""
    return None if number is None else float(number)
