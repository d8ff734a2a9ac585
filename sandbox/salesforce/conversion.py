"""A Lead becomes a Contact of an Account, with an Opportunity or without.

Sources: Salesforce docs "SOAP API: convertLead()", "Lead field mapping for conversion"; help "Activity history on a Lead
when it is converted" (open and closed activities move, with newer stamps).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sandbox.salesforce.consequences import note_activity
from sandbox.salesforce.derived import ADDRESS_PARTS, Write, derived_values
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Value
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import Writer, check_alive, checked_id, stamps
from sandbox.salesforce.store import Row
from sandbox.salesforce.tables.people import CONVERTED_STATUS

_SAME_ON_CONTACT = ("Salutation", "FirstName", "LastName", "Title", "Phone", "MobilePhone", "Fax", "Email", "LeadSource")
_MORE_ON_CONTACT = ("Description", "HasOptedOutOfEmail", "DoNotCall")
_SAME_ON_ACCOUNT = ("Website", "Phone", "Fax", "Industry", "AnnualRevenue", "NumberOfEmployees", "Rating")
TO_CONTACT = {
    **{name: name for name in (*_SAME_ON_CONTACT, *_MORE_ON_CONTACT)},
    **{part: f"Mailing{part}" for part in ADDRESS_PARTS},
}
TO_ACCOUNT = {
    "Company": "Name",
    "LeadSource": "AccountSource",
    **{name: name for name in _SAME_ON_ACCOUNT},
    **{part: f"Billing{part}" for part in ADDRESS_PARTS},
}
"""Lead field to the other's. Custom fields go nowhere: this org's admin has mapped none."""
MOST_OPPORTUNITY_NAME = 120


@dataclass(frozen=True, slots=True)
class Conversion:
    """What is asked for: `LeadConvert` of the SOAP API. An empty id asks for a new record, an empty owner for the Lead's."""

    lead_id: str
    status: str
    owner_id: str = ""
    account_id: str = ""
    contact_id: str = ""
    opportunity_name: str = ""
    wants_opportunity: bool = True


@dataclass(frozen=True, slots=True)
class Converted:
    """What a Lead has become; no Opportunity where none was wanted."""

    account: Row
    contact: Row
    opportunity: Row | None

    @property
    def related_id(self) -> str:
        """What the Lead's activities are about from now on."""
        return (self.opportunity or self.account).id


class Conversions:
    """Converts Leads of one org in the name of one user."""

    def __init__(self, org: Org, user_id: str) -> None:
        self._org = org
        self._writer = Writer(user_id, assigns=False, duplicates=None)

    def convert(self, asked: Conversion) -> Converted:
        """Convert a Lead.

        Raises:
            SalesforceError: what the org has against it; nothing is done.
        """
        with self._org.store.all_or_nothing() as take_back:
            try:
                lead = self._convertible(asked)
                made = self._become(lead, self._owner(lead, asked), asked)
                self._hand_over(lead, made)
                self._settle(lead, made, asked.status)
            except SalesforceError:
                take_back()
                raise
        return made

    def _convertible(self, asked: Conversion) -> Row:
        lead = self._living("Lead", asked.lead_id)
        if lead.values.get("IsConverted") is True:
            raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        if asked.status != CONVERTED_STATUS:
            raise SalesforceError("INVALID_STATUS", f"invalid convertedStatus: {asked.status}", ("Status",))
        self._org.rules.check_locks(self._org.schema.named("Lead"), lead.values)
        return lead

    def _living(self, kind: str, record_id: str) -> Row:
        row = self._org.store.find(checked_id(self._org.schema.named(kind), record_id))
        if row is None:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        check_alive(row)
        return row

    def _owner(self, lead: Row, asked: Conversion) -> str:
        owner = asked.owner_id or str(lead.values["OwnerId"])
        if self._org.schema.of_id(owner) is not self._org.schema.named("User"):
            message = "Converted objects can only be owned by users. If the lead is not, specify an owner."
            raise SalesforceError("UNKNOWN_EXCEPTION", message)
        return owner

    def _become(self, lead: Row, owner: str, asked: Conversion) -> Converted:
        owned: dict[str, Value] = {"OwnerId": owner}
        account = self._made_or_filled("Account", asked.account_id, self._carried(lead, "Account", TO_ACCOUNT), owned)
        belongs = owned | {"AccountId": account.id}
        contact = self._made_or_filled("Contact", asked.contact_id, self._carried(lead, "Contact", TO_CONTACT), belongs)
        if contact.values.get("AccountId") != account.id:
            message = "Contact ID: the contact must be one of the account, which must be given as well"
            raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, ("ContactId",))
        return Converted(account, contact, self._opportunity(lead, belongs, contact, asked))

    def _carried(self, lead: Row, kind: str, names: Mapping[str, str]) -> dict[str, Value]:
        sobject, access = self._org.schema.named(kind), self._org.access
        values = {there: lead.values.get(here) for here, there in names.items()}
        return {
            name: value
            for name, value in values.items()
            if value is not None and access.editable(self._writer.user_id, sobject, sobject.fields[name])
        }

    def _made_or_filled(self, kind: str, given_id: str, carried: dict[str, Value], of_new: dict[str, Value]) -> Row:
        """A new record, or the given one with what was empty there; what it has stays."""
        if not given_id:
            return self._org.records.create(self._org.schema.named(kind), carried | of_new, self._writer)
        row = self._living(kind, given_id)
        filled = {name: value for name, value in carried.items() if row.values.get(name) is None}
        self._org.records.update(row, filled, self._writer)
        return row

    def _opportunity(self, lead: Row, belongs: dict[str, Value], contact: Row, asked: Conversion) -> Row | None:
        if not asked.wants_opportunity:
            return None
        schema, records = self._org.schema, self._org.records
        sobject = schema.named("Opportunity")
        values = belongs | {
            "Name": (asked.opportunity_name or str(lead.values["Company"]))[:MOST_OPPORTUNITY_NAME],
            "StageName": sobject.fields["StageName"].picklist[0].value,
            "CloseDate": _end_of_quarter(self._org.store.now()),
        }
        opportunity = records.create(sobject, values, self._writer)
        role: dict[str, Value] = {"OpportunityId": opportunity.id, "ContactId": contact.id, "IsPrimary": True}
        records.create(schema.named("OpportunityContactRole"), role, self._writer)
        return opportunity

    def _hand_over(self, lead: Row, made: Converted) -> None:
        store, schema = self._org.store, self._org.schema
        touched = self._stamps()
        moved = {"WhoId": made.contact.id, "WhatId": made.related_id, "AccountId": made.account.id, **touched}
        for kind in ("Task", "Event"):
            for row in store.matching(kind, schema.named(kind).fields["WhoId"], lead.id):
                store.change(row, moved)
                note_activity(row, store)
        for row in store.matching("CampaignMember", schema.named("CampaignMember").fields["LeadId"], lead.id):
            changes: dict[str, Value] = {"ContactId": made.contact.id}
            write = Write(store, store.now(), row.values, changes, {**row.values, **changes})
            store.change(row, changes | derived_values("CampaignMember", write) | touched)

    def _settle(self, lead: Row, made: Converted, status: str) -> None:
        self._org.store.change(
            lead,
            {
                "Status": status,
                "IsConverted": True,
                "ConvertedDate": self._org.store.now()[:10],
                "ConvertedAccountId": made.account.id,
                "ConvertedContactId": made.contact.id,
                "ConvertedOpportunityId": None if made.opportunity is None else made.opportunity.id,
                "IsUnreadByOwner": False,
                **self._stamps(),
            },
        )

    def _stamps(self) -> dict[str, Value]:
        return stamps(self._org.store.now(), self._writer.user_id)


def _end_of_quarter(moment: str) -> str:
    """The day on which a new Opportunity is expected to close (Salesforce docs: lead conversion)."""
    today = date.fromisoformat(moment[:10])
    month = (today.month - 1) // 3 * 3 + 3
    return date(today.year, month, monthrange(today.year, month)[1]).isoformat()
