"""Which scopes a call needs, and what HubSpot says when the token lacks one.

Objects have scopes of their own, activities those of contacts (HubSpot's specs up to 2025-09); e-mails are read only with
`sales-email-read` as well; associations need those of both ends. Definitions and pipelines need the schema scopes: the
specs name other ones that do too, the narrower reading was taken. Leads have no schema scopes (believed).
"""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.hubspot.kinds import COMPANIES, CONTACTS, DEALS, EMAILS, LEADS, Kind
from sandbox.hubspot.problems import missing_scopes

OWNERS_READ = "crm.objects.owners.read"
EMAILS_READ = "sales-email-read"
_WITH_SCHEMA = (CONTACTS, COMPANIES, DEALS)
_OWN = (*_WITH_SCHEMA, LEADS)

ALL = frozenset(
    {
        OWNERS_READ,
        EMAILS_READ,
        *(f"crm.objects.{kind.name}.{right}" for kind in _OWN for right in ("read", "write")),
        *(f"crm.schemas.{kind.name}.{right}" for kind in _WITH_SCHEMA for right in ("read", "write")),
    }
)
"""Every scope that some call of this twin needs."""


def of_objects(kind: Kind, right: str) -> set[str]:
    """The scopes to "read" or "write" records of this type."""
    needed = {f"crm.objects.{kind.name if kind in _OWN else CONTACTS.name}.{right}"}
    return needed | {EMAILS_READ} if kind is EMAILS and right == "read" else needed


def of_schema(kind: Kind, right: str) -> set[str]:
    """The scopes to "read" or "write" definitions and pipelines of this type."""
    if kind is LEADS:
        return of_objects(kind, right)
    return {f"crm.schemas.{kind.name if kind in _WITH_SCHEMA else CONTACTS.name}.{right}"}


def needed(family: str, kinds: Iterable[Kind], right: str) -> set[str]:
    """The scopes of a call: its path family, the object types in its path, and whether it reads or writes."""
    match family:
        case "owners":
            return {OWNERS_READ}
        case "objects" | "associations":
            return {scope for kind in kinds for scope in of_objects(kind, right)}
        case "properties" | "legacy-properties" | "property-validations" | "pipelines":
            return {scope for kind in kinds for scope in of_schema(kind, right)}
    return set()


def check(wanted: frozenset[str], granted: frozenset[str]) -> None:
    """Refuse a call for which the token lacks a scope.

    Raises:
        Problem: 403 MISSING_SCOPES that lists what is missing (HubSpot docs: error handling).
    """
    missing = sorted(wanted - granted)
    if missing:
        raise missing_scopes(missing)
