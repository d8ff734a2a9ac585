"""Writing values to contacts and companies by id: one outcome per record, whatever HubSpot makes of the batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.contract import Gone, Outcome, Rejected, RetryAt, Update, Written
from connectors.errors import ConnectorError, ContractBroken, Misconfigured, RecordRejected
from connectors.hubspot import paths, values
from connectors.hubspot.classify import Verdict, run_provision, unknown_properties, verdict, words
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.mapping import COMPANIES, CONTACTS
from connectors.hubspot.stages import LIFECYCLE_STAGE
from connectors.hubspot.wire import Batch, ItemError
from connectors.records import Ref
from connectors.stages import CRM_STAGE

WRITE_LIMIT = 100
"""Inputs of one batch update (HubSpot docs)."""

TOO_LARGE = frozenset({"HTTP 413", "HTTP 414"})
"""Codes of a call that was too large as a whole: half of it may pass."""

_NOT_FOUND = "OBJECT_NOT_FOUND"


class Writer:
    """Writes our properties of contacts and their lifecycle stage, and those of companies that the admin has named.

    `prefix` is the first part of our properties' names, `company` the company's property of each value.
    """

    def __init__(self, client: HubSpotClient, *, prefix: str, company: Mapping[str, str]) -> None:
        self._client = client
        self._prefix = prefix
        self._company = company

    def write(self, updates: Sequence[Update]) -> tuple[Outcome, ...]:
        """Write updates of distinct contacts and companies, at most 100; outcomes in their order.

        Raises:
            Misconfigured: one of the properties does not exist.
            RetryLater, Reauthorise, ContractBroken: as `HubSpotClient.call`; writing again does no harm.
        """
        if len(updates) > WRITE_LIMIT:
            raise ValueError(f"HubSpot takes {WRITE_LIMIT} updates at a time, not {len(updates)}")
        outcomes = {update.ref: _not_ours(update.ref) for update in updates}
        if people := [update for update in updates if update.ref.object == CONTACTS]:
            outcomes |= self._batch(people)
        if companies := [update for update in updates if update.ref.object == COMPANIES]:
            outcomes |= self._companies(companies)
        return tuple(outcomes[update.ref] for update in updates)

    def _companies(self, updates: Sequence[Update]) -> dict[Ref, Outcome]:
        """What lacks for companies, a scope or a property of the admin's, must not keep people's scores from going out."""
        try:
            return self._batch(updates)
        except Misconfigured as lacking:
            return {one.ref: Rejected(one.ref, lacking.code or "MISCONFIGURED", lacking.what) for one in updates}

    def _batch(self, updates: Sequence[Update]) -> dict[Ref, Outcome]:
        # By id means without `idProperty`: HubSpot refuses hs_object_id there. The trace id ties a 207's errors to inputs.
        inputs = [
            {"id": update.ref.id, "properties": self._properties(update), "objectWriteTraceId": update.ref.id}
            for update in updates
        ]
        try:
            answer = self._client.call(paths.BATCH_UPDATE, Batch, body={"inputs": inputs}, object=updates[0].ref.object)
        except (RecordRejected, ContractBroken) as refused:
            if isinstance(refused, ContractBroken) and refused.code not in TOO_LARGE:
                raise
            if len(updates) == 1:
                return {updates[0].ref: _refused(updates[0].ref, refused)}
            half = len(updates) // 2
            return {**self._batch(updates[:half]), **self._batch(updates[half:])}
        return self._outcomes(updates, answer)

    def _outcomes(self, updates: Sequence[Update], answer: Batch) -> dict[Ref, Outcome]:
        written = {result.id for result in answer.results}
        outcomes: dict[Ref, Outcome] = {}
        for update in updates:
            error = _error_about(update.ref.id, answer.errors)
            if error is not None:
                outcomes[update.ref] = _outcome_of(update.ref, error)
            elif update.ref.id in written:
                outcomes[update.ref] = Written(update.ref)
            elif len(updates) == 1:
                outcomes[update.ref] = _unconfirmed(update.ref, answer)
            else:
                # HubSpot confirmed another id (a merged contact) or none. Alone, the record shows which it was.
                outcomes.update(self._batch([update]))
        return outcomes

    def _properties(self, update: Update) -> dict[str, str]:
        if update.ref.object == COMPANIES:
            return {
                self._company[name]: values.to_crm(value) for name, value in update.values.items() if name in self._company
            }
        return {
            LIFECYCLE_STAGE if name == CRM_STAGE else f"{self._prefix}_{name}": values.to_crm(value)
            for name, value in update.values.items()
        }


def _error_about(record_id: str, errors: Sequence[ItemError]) -> ItemError | None:
    return next((error for error in errors if record_id in error.about()), None)


def _outcome_of(ref: Ref, error: ItemError) -> Outcome:
    codes = error.codes()
    if _NOT_FOUND in codes:
        return Gone(ref)
    match verdict(207, codes):
        case Verdict.RETRY:
            return RetryAt(ref, words(error.message))
        case Verdict.MISCONFIGURED:
            raise Misconfigured(run_provision(unknown_properties(error.message)), code=codes[0])
        case _:
            return Rejected(ref, code=codes[0] if codes else "UNKNOWN", reason=words(error.message))


def _refused(ref: Ref, refused: ConnectorError) -> Outcome:
    if refused.code in {_NOT_FOUND, "HTTP 404"}:
        return Gone(ref)
    return Rejected(ref, code=refused.code or "UNKNOWN", reason=refused.what)


def _unconfirmed(ref: Ref, answer: Batch) -> Outcome:
    if len(answer.results) == 1:
        return Gone(ref, into=Ref(ref.object, answer.results[0].id))
    return RetryAt(ref, "HubSpot neither confirmed nor refused the write")


def _not_ours(ref: Ref) -> Outcome:
    return Rejected(ref, code="UNKNOWN_OBJECT", reason=f"scores are written to contacts and companies, not to {ref.object}")
