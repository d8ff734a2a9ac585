"""What an admin should know before the first pull: sign-in, objects, mapped fields, provisioning, API version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from difflib import get_close_matches

from connectors.contract import Finding
from connectors.errors import ConnectorError
from connectors.salesforce.history import HISTORIES
from connectors.salesforce.mapping import DEFAULT_FIELDS, key_field, own_columns
from connectors.salesforce.org import Org
from connectors.salesforce.paths import API_VERSION_SUPPORTED_UNTIL
from connectors.salesforce.schema import Schema
from connectors.salesforce.stages import status_findings

REQUIRED = ("User", "Account", "Lead", "Contact", "Opportunity", "Task", "Event")
OPTIONAL: Mapping[str, str] = {
    "CampaignMember": "campaign responses",
    "OpportunityContactRole": "the people in deals",
    "EmailMessage": "e-mails",
}
_PERMISSION_SET = "Setup, Permission Sets, the integration user's set"


def findings(org: Org) -> Iterator[Finding]:
    """What is wrong (error) or could be better (warning); nothing when the org is ready."""
    try:
        schemas = {name: org.schemas.find(name) for name in (*REQUIRED, *OPTIONAL, *HISTORIES.values())}
    except ConnectorError as error:
        yield Finding("error", error.what, "Check instance_url, auth and the External Client App's policies.")
        return
    yield from _objects(schemas)
    yield from _histories(schemas)
    yield from _mapping("person", [schemas["Lead"], schemas["Contact"]], org.settings.map.person)
    yield from _mapping("company", [schemas["Account"]], org.settings.map.company)
    yield from _company_score(org, schemas["Account"])
    yield from status_findings(org)
    yield from _standard_fields(schemas)
    yield from _provisioning(org, schemas)
    yield from _version(org)
    yield from _clock(org)


def _objects(schemas: Mapping[str, Schema | None]) -> Iterator[Finding]:
    for name in REQUIRED:
        if schemas[name] is None:
            yield Finding(
                "error", f"the integration user may not read {name}", f"{_PERMISSION_SET}: Object Settings, {name}, Read."
            )
    for name, what in OPTIONAL.items():
        if schemas[name] is None:
            yield Finding("warning", f"{name} cannot be read, so {what} are left out", f"{_PERMISSION_SET}: {name}, Read.")


def _histories(schemas: Mapping[str, Schema | None]) -> Iterator[Finding]:
    without = [name for name, history in HISTORIES.items() if schemas[name] is not None and schemas[history] is None]
    if without:
        yield Finding(
            "warning",
            f"{', '.join(without)}: no field history can be seen, so what was stated is dated by when Leadline first saw it",
            "Object Manager, the object, Fields & Relationships, Set History Tracking: budget, timeline and the like.",
        )


def _mapping(section: str, schemas: list[Schema | None], overrides: Mapping[str, str | None]) -> Iterator[Finding]:
    readable = [schema for schema in schemas if schema is not None]
    names = sorted({field.name for schema in readable for field in schema})
    for neutral, crm_name in sorted(overrides.items()):
        if crm_name is None or not readable:
            continue
        lacking = [schema.name for schema in readable if schema.field(crm_name) is None]
        if not lacking:
            continue
        close = get_close_matches(crm_name, names, n=1)
        fix = f"Did you mean {close[0]}? " if close and close[0] != crm_name else ""
        everywhere = len(lacking) == len(readable)
        yield Finding(
            "error" if everywhere else "warning",
            f"map.{section}.{neutral}: {' and '.join(lacking)} has no field {crm_name} that the integration user may read",
            f"{fix}Correct the name, or grant read access to the field.",
        )


def _company_score(org: Org, account: Schema | None) -> Iterator[Finding]:
    places = org.settings.company_score.places()
    for value, name in places.items() if account is not None else ():
        field = account.field(name) if account is not None else None
        if field is None or not field.updateable:
            fix = f"Create it on Account, or correct the name; {_PERMISSION_SET}: Edit on Account and on the field."
            yield Finding("warning", f"company_score.{value}: the integration user may not write Account.{name}", fix)


def _standard_fields(schemas: Mapping[str, Schema | None]) -> Iterator[Finding]:
    for object_name in ("Lead", "Contact", "Account"):
        schema = schemas[object_name]
        lacking = [name for name in DEFAULT_FIELDS[object_name].values() if schema and schema.field(name) is None]
        if lacking:
            yield Finding(
                "warning",
                f"{object_name}: {', '.join(sorted(lacking))} may not be read, so what they say is unknown to scoring",
                f"{_PERMISSION_SET}: Object Settings, {object_name}, Field Permissions, Read.",
            )


def _provisioning(org: Org, schemas: Mapping[str, Schema | None]) -> Iterator[Finding]:
    prefix = org.settings.field_prefix
    people = [schema for schema in (schemas["Lead"], schemas["Contact"]) if schema is not None]
    without = [schema.name for schema in people if not own_columns(prefix, schema)]
    task = schemas["Task"]
    if task is not None and task.field(key_field(prefix)) is None:
        without.append("Task")
    if without:
        yield Finding("warning", f"{', '.join(without)} lack Leadline's fields", "Run: python -m leadline provision")


def _clock(org: Org) -> Iterator[Finding]:
    """Windows end at our time and hold the org's times: a clock ahead by more than the overlap would leave gaps."""
    lead_seconds = org.client.clock_lead_seconds()
    overlap_seconds = org.settings.overlap_minutes * 60
    if abs(lead_seconds) < overlap_seconds / 2:
        return
    where = "ahead of" if lead_seconds > 0 else "behind"
    yield Finding(
        "error" if lead_seconds >= overlap_seconds else "warning",
        f"this machine's clock is {abs(lead_seconds):.0f} s {where} Salesforce's",
        "Let the machine keep time (NTP), or raise overlap_minutes.",
    )


def _version(org: Org) -> Iterator[Finding]:
    version = org.settings.api_version
    until = API_VERSION_SUPPORTED_UNTIL.get(version)
    if until is None:
        known = ", ".join(sorted(API_VERSION_SUPPORTED_UNTIL))
        yield Finding("warning", f"API version {version} was not tried with this connector", f"Use one of {known}.")
    elif org.context.now().date() > until - timedelta(days=180):
        yield Finding("warning", f"API version {version} may be retired from {until:%Y-%m-%d}", "Set a newer api_version.")
