"""Stages in HubSpot's lifecycle stage, where the admin has named a value for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.contract import Finding
from connectors.hubspot import paths, values
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.mapping import CONTACTS, PERSON_FIELDS, effective_map
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.wire import Properties
from connectors.stages import StagePlace

LIFECYCLE_STAGE = "lifecyclestage"
LIFECYCLE = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
)
"""HubSpot's own stages, in order. It leaves undone what leads back, without a word (HubSpot docs: lifecycle stages)."""


def stage_place(settings: HubSpotSettings) -> StagePlace | None:
    """The lifecycle stage of contacts. If `map` has no field for it, nothing is known of what contacts show."""
    if not settings.lifecycle_stage:
        return None
    mapped = effective_map(PERSON_FIELDS, settings.map.person)
    field = next((neutral for neutral, name in mapped.items() if name == LIFECYCLE_STAGE), LIFECYCLE_STAGE)
    return StagePlace(
        setting=("lifecycle_stage",),
        field=field,
        objects=frozenset({CONTACTS}),
        values=settings.lifecycle_stage,
        order=LIFECYCLE,
        read=values.choice,
    )


def unknown_values(client: HubSpotClient, wanted: Mapping[str, str]) -> Iterator[Finding]:
    """The values that the account's lifecycle stage lacks. Raises as `HubSpotClient.call`."""
    if not wanted:
        return
    found = client.call(paths.PROPERTIES, Properties, object=CONTACTS)
    known = {option.value: option.label for one in found.results if one.name == LIFECYCLE_STAGE for option in one.options}
    by_label = {label.casefold(): value for value, label in known.items()}
    for stage, value in wanted.items():
        if value not in known:
            meant = by_label.get(value.casefold())
            fix = f"Write {meant}, its internal name" if meant else f"Use an internal name: {', '.join(known)}"
            yield Finding("warning", f"lifecycle_stage.{stage}: the account has no lifecycle stage {value}", fix)
