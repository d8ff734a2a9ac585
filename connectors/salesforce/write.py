"""Writing values: sObject collections of up to 200 rows, one verdict per row, in the order of the updates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from connectors.contract import Gone, Outcome, Rejected, RetryAt, Update, Written
from connectors.errors import ContractBroken, Misconfigured, RecordRejected
from connectors.records import Ref
from connectors.salesforce.classify import RowVerdict, classify_row, scrub
from connectors.salesforce.mapping import crm_field
from connectors.salesforce.org import Org
from connectors.salesforce.paths import COLLECTION_UPDATE, QUERY_ALL, Request
from connectors.salesforce.schema import Schema
from connectors.salesforce.stages import STATUS, LeadStatuses
from connectors.stages import CRM_STAGE

BATCH = 200
PERSON_OBJECTS = ("Lead", "Contact")
ACCOUNT = "Account"
WRITTEN = (*PERSON_OBJECTS, ACCOUNT)


_REMEDY = {**dict.fromkeys(PERSON_OBJECTS, "run provision"), ACCOUNT: "grant it, or correct company_score"}


class RowError(msgspec.Struct, frozen=True, rename="camel"):
    """Why a row of a collection was refused. Rows say `statusCode` where whole calls say `errorCode`."""

    status_code: str
    message: str = ""
    fields: tuple[str, ...] = ()


class RowResult(msgspec.Struct, frozen=True):
    """What became of one row of a collection; results keep the order of the rows (Salesforce docs: sObject Collections)."""

    success: bool
    id: str | None = None
    errors: tuple[RowError, ...] = ()


class Writer:
    """Writes Leadline's values onto Leads and Contacts, a Lead's status, and a company's score into the admin's fields."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._statuses = LeadStatuses(org)

    def write(self, updates: Sequence[Update]) -> tuple[Outcome, ...]:
        """Write the updates of distinct records; outcomes come in their order.

        Raises:
            Misconfigured: a field of people is missing or read-only; it is named.
        """
        outcomes: dict[Ref, Outcome] = {one.ref: _foreign(one.ref) for one in updates if one.ref.object not in WRITTEN}
        outcomes |= self._refused_stages(updates)
        people = [update for update in updates if update.ref.object in PERSON_OBJECTS and update.ref not in outcomes]
        for name in PERSON_OBJECTS:
            self._must_be_writable(name, [update for update in people if update.ref.object == name])
        # At most ten runs of one type are allowed per request, so each object is one run.
        outcomes |= dict(self._send(sorted(people, key=lambda update: update.ref.object))) if people else {}
        if companies := [update for update in updates if update.ref.object == ACCOUNT]:
            outcomes |= self._companies(companies)
        return self._redirected([outcomes[update.ref] for update in updates])

    def _companies(self, updates: Sequence[Update]) -> dict[Ref, Outcome]:
        """What lacks on Account, a right or a field of the admin's own, must not keep people's scores from going out."""
        try:
            self._must_be_writable(ACCOUNT, updates)
            return dict(self._send(updates))
        except Misconfigured as lacking:
            return {one.ref: Rejected(one.ref, lacking.code or "MISCONFIGURED", lacking.what) for one in updates}

    def _refused_stages(self, updates: Sequence[Update]) -> dict[Ref, Outcome]:
        """What may not become of a Lead's status, refused before it is sent: Salesforce itself might take it."""
        refused: dict[Ref, Outcome] = {}
        for one in updates:
            value = one.values.get(CRM_STAGE)
            if isinstance(value, str) and (complaint := self._statuses.complaint(value)) is not None:
                refused[one.ref] = Rejected(one.ref, "LEAD_STATUS", complaint)
        return refused

    def _field(self, object_name: str, value: str) -> str:
        if value == CRM_STAGE:
            return STATUS
        if object_name == ACCOUNT:
            return self._org.settings.company_score.places().get(value, value)
        return crm_field(self._org.settings.field_prefix, value)

    def _must_be_writable(self, name: str, updates: Sequence[Update]) -> None:
        wanted = {self._field(name, value) for update in updates for value in update.values}
        if not wanted:
            return
        if _not_writable(self._org.schemas.get(name), wanted):
            self._org.schemas.forget()  # they may have been created since
        if missing := _not_writable(self._org.schemas.get(name), wanted):
            fields = ", ".join(f"{name}.{field}" for field in sorted(missing))
            raise Misconfigured(f"the integration user may not write {fields}: {_REMEDY[name]}", code="INVALID_FIELD")

    def _send(self, updates: Sequence[Update]) -> Iterator[tuple[Ref, Outcome]]:
        """Send the batch; when one row makes Salesforce refuse all of it, halve until that row stands alone."""
        records = [self._record(update) for update in updates]
        request = Request(COLLECTION_UPDATE, payload={"allOrNone": False, "records": records})
        try:
            results = self._org.client.ask(request, tuple[RowResult, ...])
        except (RecordRejected, ContractBroken) as error:
            if error.code is None:
                raise
            if len(updates) == 1:
                yield updates[0].ref, Rejected(updates[0].ref, error.code, error.what)
                return
            middle = len(updates) // 2
            yield from self._send(updates[:middle])
            yield from self._send(updates[middle:])
            return
        if len(results) != len(updates):
            raise ContractBroken(f"Salesforce answered {len(updates)} rows with {len(results)} results")
        for update, result in zip(updates, results, strict=True):
            yield update.ref, self._outcome(update.ref, result)

    def _record(self, update: Update) -> dict[str, Any]:
        fields = {self._field(update.ref.object, name): value for name, value in update.values.items()}
        return {"attributes": {"type": update.ref.object}, "Id": update.ref.id, **fields}

    def _outcome(self, ref: Ref, result: RowResult) -> Outcome:
        if result.success:
            if result.id is not None and result.id[:15] != ref.id[:15]:
                raise ContractBroken("Salesforce's results are not in the order of the rows sent")
            return Written(ref)
        error = result.errors[0] if result.errors else RowError("UNKNOWN", "no reason given")
        verdict = classify_row(error.status_code)
        if verdict is RowVerdict.RETRY:
            return RetryAt(ref, f"{error.status_code}: {scrub(error.message)}")
        if verdict is RowVerdict.GONE:
            return Gone(ref)
        if verdict is RowVerdict.MISCONFIGURED and error.fields != (STATUS,):
            self._org.schemas.forget()
            fields = ", ".join(f"{ref.object}.{name}" for name in error.fields) or f"a field of {ref.object}"
            remedy = _REMEDY.get(ref.object, "run provision")
            raise Misconfigured(f"the integration user may not write {fields}: {remedy}", code=error.status_code)
        return Rejected(ref, error.status_code, scrub(error.message) or error.status_code)

    def _redirected(self, outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
        gone = [outcome.ref for outcome in outcomes if isinstance(outcome, Gone)]
        if not gone:
            return tuple(outcomes)
        into = whereabouts(self._org, gone)
        return tuple(
            Gone(outcome.ref, into.get(outcome.ref)) if isinstance(outcome, Gone) else outcome for outcome in outcomes
        )


def whereabouts(org: Org, refs: Sequence[Ref]) -> Mapping[Ref, Ref]:
    """Where Leads and Contacts went: the Contact a Lead was converted into, the record that a merge left."""
    found: dict[Ref, Ref] = {}
    for name in sorted({ref.object for ref in refs} & set(PERSON_OBJECTS)):
        schema = org.schemas.get(name)
        columns = schema.only("MasterRecordId", "ConvertedContactId")
        ids = [ref.id for ref in refs if ref.object == name]
        for row in org.rows_by(schema, columns, "Id", ids, QUERY_ALL):
            into = row.ref("Contact", "ConvertedContactId") or row.ref(name, "MasterRecordId")
            if into:
                found[Ref(name, row.id)] = into
    return found


def _not_writable(schema: Schema, wanted: set[str]) -> set[str]:
    return {name for name in wanted if (field := schema.field(name)) is None or not field.updateable}


def _foreign(ref: Ref) -> Rejected:
    return Rejected(ref, "UNSUPPORTED_OBJECT", f"Leadline writes to {', '.join(WRITTEN)}, not to {ref.object}")
