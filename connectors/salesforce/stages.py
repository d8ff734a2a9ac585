"""Stages in a Lead's Status, where the admin has named one for them. Never one that counts as converted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from connectors.contract import Finding
from connectors.errors import Misconfigured, RecordRejected
from connectors.salesforce.mapping import DEFAULT_FIELDS, snake
from connectors.salesforce.org import Org
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.soql import select
from connectors.stages import StagePlace

STATUS = "Status"
STATUSES_LIFE = timedelta(hours=1)
_SETUP = "Setup, Object Manager, Lead, Fields & Relationships, Lead Status"


def stage_place(settings: SalesforceSettings) -> StagePlace | None:
    """The Status of Leads. If `map` has no field for it, what a Lead shows is unknown, and none is replaced."""
    chosen = settings.lead_status
    if not chosen.values:
        return None
    return StagePlace(
        setting=("lead_status", "values"),
        field=_field_of(settings) or STATUS,
        objects=frozenset({"Lead"}),
        values=chosen.values,
        replaces=frozenset(chosen.replaces),
        read=snake,
    )


class LeadStatuses:
    """The org's statuses of Leads, asked for once an hour. An unrestricted picklist would take any other text too."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._known: Mapping[str, bool] = {}
        self._asked_at: datetime | None = None

    def complaint(self, value: str) -> str | None:
        """Why this status must not be set; None if it may be. Raises as `Client.query`."""
        try:
            known = self.known()
            status = self._org.schemas.get("Lead").field(STATUS)
        except (Misconfigured, RecordRejected) as error:
            return f"which statuses count as converted may not be read: {error.what}"
        if status is None or not status.updateable:
            return "the integration user may not write Lead.Status"
        if value not in known:
            return f"the org has no lead status {value}"
        return f"the lead status {value} counts as converted, which only a conversion may set" if known[value] else None

    def known(self) -> Mapping[str, bool]:
        """Each status by API name, and whether it counts as converted. Raises as `Client.query`."""
        now = self._org.context.now()
        if self._asked_at is None or now - self._asked_at >= STATUSES_LIFE:
            rows = self._org.client.query(select(("ApiName", "IsConverted"), "LeadStatus", ())).records
            self._known = {str(row.get("ApiName")): row.get("IsConverted") is True for row in rows}
            self._asked_at = now
        return self._known


def status_findings(org: Org) -> Iterator[Finding]:
    """What stands in the way of the statuses that the settings name."""
    chosen, statuses = org.settings.lead_status, LeadStatuses(org)
    if not chosen.values:
        return
    for stage, value in chosen.values.items():
        if (complaint := statuses.complaint(value)) is not None:
            yield Finding("warning", f"lead_status.values.{stage}: {complaint}", f"{_SETUP}: name one of the open statuses.")
    if _field_of(org.settings) is None:
        what = "lead_status: no field is mapped to Lead.Status, so what Leads show is unknown and is left as it is"
        yield Finding("warning", what, "Take the entry lead_status out of map.person.")
    try:
        known = statuses.known()
    except (Misconfigured, RecordRejected):
        return  # told above
    for value in chosen.replaces:
        if value not in known:
            yield Finding("warning", f"lead_status.replaces: the org has no lead status {value}", f"{_SETUP}: correct it.")


def _field_of(settings: SalesforceSettings) -> str | None:
    mapped = {**DEFAULT_FIELDS["Lead"], **settings.map.person}
    return next((neutral for neutral, name in mapped.items() if name is not None and name.lower() == STATUS.lower()), None)
