"""Is this connection ready? Each doubt is a finding with what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches

from connectors.contract import Finding
from connectors.errors import ConnectorError, Misconfigured, Reauthorise, RetryLater
from connectors.hubspot import paths
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.mapping import COMPANIES, CONTACTS, DEALS
from connectors.hubspot.paths import VERSIONS
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.sources import Sources
from connectors.hubspot.stages import unknown_values
from connectors.hubspot.wire import Listing, Owners

_NOTICE = timedelta(days=90)
_TOKEN_REFUSED = frozenset({"INVALID_AUTHENTICATION", "EXPIRED_AUTHENTICATION", "HTTP 401"})


class Examination:
    """Tries what a cycle will need, reading one record of each object."""

    def __init__(
        self, client: HubSpotClient, sources: Sources, settings: HubSpotSettings, *, now: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._sources = sources
        self._settings = settings
        self._now = now

    def findings(self) -> tuple[Finding, ...]:
        """Everything found. Without a working token nothing else is tried."""
        version = self._version()
        try:
            self._sign_in()
        except ConnectorError as error:
            return (*version, _cannot_begin(error))
        objects = (CONTACTS, COMPANIES, DEALS, *self._settings.engagements)
        unreadable = [finding for name in objects for finding in self._readable(name)]
        mapping = self._settings.map
        places = {f"company_score.{name}": place for name, place in self._settings.company_score.places().items()}
        company = {**mapping.company, **places}
        unmapped = [*self._mapped(CONTACTS, mapping.person), *self._mapped(COMPANIES, company)]
        return (*version, *unreadable, *unmapped, *self._stages())

    def _sign_in(self) -> None:
        try:
            self._owners()
        except RetryLater as error:
            if error.code not in _TOKEN_REFUSED:
                raise
            # The first 401 only dropped the token we held: it may have been rotated since.
            self._owners()

    def _owners(self) -> None:
        self._client.call(paths.OWNERS, Owners, query=[("limit", "1")])

    def _version(self) -> tuple[Finding, ...]:
        version = VERSIONS[self._settings.api_version]
        if self._now().date() + _NOTICE < version.supported_until:
            return ()
        what = f"HubSpot ends support of API version {version.name} on {version.supported_until.isoformat()}"
        return (Finding("warning", what, "Set api_version to a newer one, or upgrade Leadline"),)

    def _readable(self, object_name: str) -> tuple[Finding, ...]:
        try:
            self._client.call(paths.LIST, Listing, query=[("limit", "1")], object=object_name)
        except Misconfigured as error:
            fix = f"Give the token read access to {object_name} in HubSpot (Settings > Integrations > Service keys)"
            return (Finding("error" if object_name == CONTACTS else "warning", f"{object_name}: {error.what}", fix),)
        except ConnectorError as error:
            return (Finding("warning", f"{object_name}: {error.what}", "Try again; if it stays, report it"),)
        return ()

    def _mapped(self, object_name: str, overrides: Mapping[str, str | None]) -> tuple[Finding, ...]:
        wanted = {neutral: name for neutral, name in overrides.items() if name is not None}
        if not wanted:
            return ()
        try:
            known: Sequence[str] = sorted(self._sources.types(object_name))
        except ConnectorError as error:
            return (
                Finding("warning", f"properties of {object_name}: {error.what}", "Grant the token the schema read scope"),
            )
        return tuple(
            Finding(
                "warning", f"{neutral} is mapped to {name}, which {object_name} in HubSpot lack", _did_you_mean(name, known)
            )
            for neutral, name in wanted.items()
            if name not in known
        )

    def _stages(self) -> tuple[Finding, ...]:
        try:
            return tuple(unknown_values(self._client, self._settings.lifecycle_stage))
        except ConnectorError as error:
            return (Finding("warning", f"lifecycle stages: {error.what}", "Grant the token the schema read scope"),)


def _cannot_begin(error: ConnectorError) -> Finding:
    if isinstance(error, Reauthorise):
        return Finding("error", error.what, "Renew the service key in HubSpot and put it where `token` points")
    if isinstance(error, Misconfigured):
        return Finding("error", error.what, "Grant the token the scope crm.objects.owners.read and those of the README")
    return Finding("error", error.what, "Check `host` and the network; HubSpot's state is on its status page")


def _did_you_mean(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]}?" if near else "Use the property's internal name, shown in HubSpot's property settings"
