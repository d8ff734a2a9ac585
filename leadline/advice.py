"""What to change where, for the codes with which the CRMs refuse a record. The CRM's own words say which record and why.

Sources: HubSpot docs "Error handling" and "CRM API"; Salesforce docs "SOAP API: Core Data Types, StatusCode".
"""

from __future__ import annotations

from collections.abc import Mapping

_IN_FIELD = "Look at the field that the reason names"

ADVICE: Mapping[str, str] = {
    # HubSpot
    "VALIDATION_ERROR": f"{_IN_FIELD}, in HubSpot's property settings: its options or rules do not take our value. "
    "Run `python -m leadline provision` if it is one of ours.",
    "INVALID_OPTION": "Add the option to the property in HubSpot, or run `python -m leadline provision`.",
    "MISSING_REQUIRED_PROPERTY": "Fill in the property that the reason names on the record, or make it optional.",
    "MISSING_CONDITIONAL_REQUIRED_PROPERTY": "Fill in the property that the reason names, or lift the condition on it.",
    "CONFLICT": "Another record holds the value that must be unique: merge the two records in HubSpot.",
    "UNKNOWN_OBJECT": "Scores go to contacts only. Remove other objects from this connection.",
    # Salesforce
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "A validation rule of the org refuses the record as it is. Correct the record, or "
    "let the rule pass when only Leadline's fields change (Setup, Object Manager, Validation Rules).",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "A restricted picklist lacks the value. Add it, or lift the restriction "
    "(Setup, Object Manager, Fields); for our own fields run `python -m leadline provision`.",
    "REQUIRED_FIELD_MISSING": "Fill in the required field that the reason names on the record, or make it optional.",
    "FIELD_INTEGRITY_EXCEPTION": f"{_IN_FIELD}: what it holds does not fit another field or record. Correct the record.",
    "FIELD_FILTER_VALIDATION_EXCEPTION": "A lookup filter of the org refuses the record. Correct the record or the filter.",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "A trigger or flow of the org failed on this record. Show the reason to whoever "
    "keeps it (Setup, Apex Triggers and Flows).",
    "CANNOT_EXECUTE_FLOW_TRIGGER": "A flow of the org failed on this record: correct the flow (Setup, Flows) or the record.",
    "ENTITY_IS_LOCKED": "The record is locked, as by an approval process: finish the approval, or let the integration user "
    "edit locked records.",
    "INSUFFICIENT_ACCESS_OR_READONLY": "Give the integration user the right to edit this record (sharing, record type).",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "Give the integration user access to the record that this one points "
    "to, such as its owner or account.",
    "DUPLICATES_DETECTED": "A duplicate rule of the org blocks it: merge the duplicates, or let the rule allow saving.",
    "DUPLICATE_VALUE": "Another record holds the value that must be unique: merge the two, or correct one of them.",
    "INACTIVE_OWNER_OR_USER": "The record or task would belong to a user who is not active. Give it an active owner.",
    "OP_WITH_INVALID_USER_TYPE_EXCEPTION": "The owner is of a kind that may not own it. Give it to an ordinary user.",
    "INVALID_EMAIL_ADDRESS": "Correct the e-mail address on the record: Salesforce refuses every change until it is valid.",
    "STRING_TOO_LONG": "The field is too short for our value. Run `python -m leadline provision`, or lengthen the field.",
    "NUMBER_OUTSIDE_VALID_RANGE": "The field takes no number of this size. Run `python -m leadline provision`, or widen it.",
    "STORAGE_LIMIT_EXCEEDED": "The org has no storage left: delete what is not needed or buy more, then "
    "run `python -m leadline parked retry`.",
    "LEAD_STATUS": "Name an open status under lead_status in the connection's file, or let the user edit Status.",
    "UNSUPPORTED_OBJECT": "Scores go to Leads and Contacts only. Remove other objects from this connection.",
}

OTHERWISE = "Correct what the reason names, in the CRM."


def advice(code: str) -> str:
    """What to do about a refusal with this code."""
    if code in ADVICE:
        return ADVICE[code]
    if code.startswith("INSUFFICIENT_ACCESS"):
        return ADVICE["INSUFFICIENT_ACCESS_OR_READONLY"]
    return OTHERWISE
