"""The objects that keep the histories of fields: LeadHistory, ContactHistory, AccountHistory.

Source: Salesforce docs, Object Reference, "StandardObjectNameHistory": old and new value can be neither filtered nor
grouped by; the objects obey the field-level security of what they are the history of.
"""

from __future__ import annotations

HISTORIES = {"LeadHistory": "Lead", "ContactHistory": "Contact", "AccountHistory": "Account"}
"""What each of them is the history of."""

PREFIX = "017"
"""All histories have ids of this kind (believed)."""


def history(parent: str) -> str:
    """The table of an object that keeps the history of another's fields."""
    return f"""
{parent}Id | ref({parent}) | readonly required rel={parent} child=Histories cascade | {parent} ID
Field | picklist(255) | readonly required restricted | Changed Field
DataType | picklist(40) | readonly restricted | Datatype
OldValue | anyType | readonly | Old Value
NewValue | anyType | readonly | New Value
"""
