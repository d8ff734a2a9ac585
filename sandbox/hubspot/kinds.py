"""The object types: names, ids, and what is special about each (HubSpot docs: understanding the CRM)."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.hubspot.problems import Problem, invalid, missing_scopes


@dataclass(frozen=True, slots=True)
class Kind:
    """One object type.

    `created` and `modified` are the property names of the two server-set times; `shown` is what comes back when
    no properties are asked for; `required` must be given on create and cannot be cleared, and of `one_of` at least one
    is needed on create; `merged` is the property that lists merged records; `searched` are the properties that a
    free-text query looks at; `unique` are those of HubSpot's own whose values no two records share; `pipeline` and
    `stage` are the properties that say where a record stands.
    """

    name: str
    singular: str
    type_id: str
    created: str
    modified: str
    shown: tuple[str, ...]
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    merged: str = "hs_merged_object_ids"
    searched: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    pipeline: str = ""
    stage: str = ""


def _activity(name: str, singular: str, type_id: str, required: tuple[str, ...], searched: str) -> Kind:
    return Kind(
        name,
        singular,
        type_id,
        created="hs_createdate",
        modified="hs_lastmodifieddate",
        shown=("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
        required=required,
        searched=(searched,),
    )


CONTACTS = Kind(
    "contacts",
    "contact",
    "0-1",
    created="createdate",
    modified="lastmodifieddate",
    shown=("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    one_of=("email", "firstname", "lastname"),
    merged="hs_calculated_merged_vids",
    searched=("email", "firstname", "lastname", "phone", "company"),
    unique=("email",),
)
COMPANIES = Kind(
    "companies",
    "company",
    "0-2",
    created="createdate",
    modified="hs_lastmodifieddate",
    shown=("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    one_of=("name", "domain"),
    searched=("name", "domain", "website", "phone"),
)
DEALS = Kind(
    "deals",
    "deal",
    "0-3",
    created="createdate",
    modified="hs_lastmodifieddate",
    shown=(
        "amount",
        "closedate",
        "createdate",
        "dealname",
        "dealstage",
        "hs_lastmodifieddate",
        "hs_object_id",
        "pipeline",
    ),
    required=("dealname", "dealstage"),
    searched=("dealname",),
    pipeline="pipeline",
    stage="dealstage",
)
LEADS = Kind(
    "leads",
    "lead",
    "0-136",
    created="hs_createdate",
    modified="hs_lastmodifieddate",
    shown=("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
    required=("hs_lead_name",),
    searched=("hs_lead_name",),
    pipeline="hs_pipeline",
    stage="hs_pipeline_stage",
)
CALLS = _activity("calls", "call", "0-48", ("hs_timestamp",), "hs_call_title")
EMAILS = _activity("emails", "email", "0-49", ("hs_timestamp", "hs_email_direction"), "hs_email_subject")
MEETINGS = _activity("meetings", "meeting", "0-47", ("hs_timestamp",), "hs_meeting_title")
NOTES = _activity("notes", "note", "0-46", ("hs_timestamp",), "hs_note_body")
TASKS = _activity("tasks", "task", "0-27", ("hs_timestamp",), "hs_task_subject")

KINDS = (CONTACTS, COMPANIES, DEALS, CALLS, EMAILS, MEETINGS, NOTES, TASKS, LEADS)


def _unused(name: str, singular: str, type_id: str) -> Kind:
    return Kind(name, singular, type_id, created="hs_createdate", modified="hs_lastmodifieddate", shown=())


UNUSED = (
    _unused("tickets", "ticket", "0-5"),
    _unused("products", "product", "0-7"),
    _unused("line_items", "line_item", "0-8"),
    _unused("quotes", "quote", "0-14"),
    _unused("communications", "communication", "0-18"),
    _unused("feedback_submissions", "feedback_submission", "0-19"),
    _unused("goal_targets", "goal_target", "0-74"),
    _unused("deal_splits", "deal_split", "0-72"),
    _unused("postal_mail", "postal_mail", "0-116"),
)
"""Standard types that an account has as well. This one holds none of them, and its apps were not granted their scopes."""


def _aliases(kinds: tuple[Kind, ...]) -> dict[str, Kind]:
    return {alias: kind for kind in kinds for alias in (kind.name, kind.singular, kind.type_id)}


_BY_ALIAS = _aliases(KINDS)
_UNUSED_BY_ALIAS = _aliases(UNUSED)


def known(alias: str) -> Kind | None:
    """The type with this plural, singular (any case) or id, if there is one."""
    return _BY_ALIAS.get(alias) or _BY_ALIAS.get(alias.lower())


def named(alias: str) -> Kind:
    """The type with this name.

    Raises:
        Problem: 403 for a standard type whose scope was not granted, 400, as HubSpot words it, when there is none.
    """
    found = known(alias)
    if found is None:
        raise _no_such_type(alias)
    return found


def partner(alias: str) -> Kind:
    """The type with this name, to ask for associations with it; with an unused type there are none (believed).

    Raises:
        Problem: 400 when there is none.
    """
    return _UNUSED_BY_ALIAS.get(alias.lower()) or named(alias)


def _no_such_type(alias: str) -> Problem:
    unused = _UNUSED_BY_ALIAS.get(alias.lower())
    if unused is not None:
        return missing_scopes([f"crm.objects.{unused.name}.read"])
    return invalid(f"Unable to infer object type from: {alias}")
