"""The Partner API's calls that REST does not have: `convertLead`, `merge`, `undelete`, `emptyRecycleBin`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from sandbox.exchange import Reply, Request
from sandbox.salesforce.api.admission import admitted
from sandbox.salesforce.conversion import Conversion, Conversions
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.recycling import Recycling
from sandbox.salesforce.soap import PARTNER, SOAP_ROOT, Envelope, fault, results_reply

PARTNER_ROOT = f"{SOAP_ROOT}u/"


class PartnerApi:
    """Handler of `/services/Soap/u/{version}`."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._recycling = Recycling(org.schema, org.store)

    def answer(self, request: Request) -> Reply:
        """Carry one operation out."""
        try:
            envelope, user_id = admitted(request, PARTNER_ROOT, self._org)
            results = list(self._results(envelope, user_id))
        except SalesforceError as refusal:
            return fault(refusal.code, refusal.message)
        done = sum(result["success"] is True for result in results)
        effect = f"{envelope.operation} {done} of {len(results)}" if done else ""
        return results_reply(envelope.operation, results, effect, PARTNER)

    def _results(self, envelope: Envelope, user_id: str) -> Iterable[dict[str, object]]:
        ids = envelope.texts("ids")
        match envelope.operation:
            case "convertLead":
                conversions = Conversions(self._org, user_id)
                return [_converted(_asked(order), conversions) for order in envelope.parts("leadConverts")]
            case "merge":
                return [self._merge(request, user_id) for request in envelope.parts("request")]
            case "undelete":
                return [_result(one, partial(self._recycling.undelete, one, user_id)) for one in ids]
            case "emptyRecycleBin":
                return [_result(one, partial(self._recycling.erase, one)) for one in ids]
        raise SalesforceError("INVALID_OPERATION", f"No operation available for request {envelope.operation}")

    def _merge(self, request: dict[str, list[str]], user_id: str) -> dict[str, object]:
        master, losers = next(iter(request.get("Id", [])), ""), request.get("recordToMergeIds", [])
        result = _result(master, partial(self._recycling.merge, master, losers, user_id))
        return {**result, "mergedRecordIds": losers} if result["success"] is True else result


def _result(record_id: str, do: Callable[[], None]) -> dict[str, object]:
    try:
        do()
    except SalesforceError as refusal:
        return {"errors": _error(refusal), "id": record_id, "success": False}
    return {"id": record_id, "success": True}


def _asked(order: dict[str, list[str]]) -> Conversion:
    def text(name: str) -> str:
        return next(iter(order.get(name, [])), "")

    return Conversion(
        lead_id=text("leadId"),
        status=text("convertedStatus"),
        owner_id=text("ownerId"),
        account_id=text("accountId"),
        contact_id=text("contactId"),
        opportunity_name=text("opportunityName"),
        wants_opportunity=text("doNotCreateOpportunity") not in ("true", "1"),
    )


def _converted(asked: Conversion, conversions: Conversions) -> dict[str, object]:
    try:
        made = conversions.convert(asked)
    except SalesforceError as refusal:
        return {"errors": _error(refusal), "leadId": asked.lead_id, "success": False}
    opportunity = {} if made.opportunity is None else {"opportunityId": made.opportunity.id}
    found = {"accountId": made.account.id, "contactId": made.contact.id, "leadId": asked.lead_id}
    return {**found, **opportunity, "success": True}


def _error(refusal: SalesforceError) -> dict[str, object]:
    return {"message": refusal.message, "statusCode": refusal.code}
