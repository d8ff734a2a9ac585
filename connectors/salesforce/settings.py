"""What an admin can set for one Salesforce org."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connectors.company import CompanyFields
from connectors.contract import ConnectorSettings
from connectors.salesforce.paths import API_VERSION
from connectors.secrets import SecretRef, reveal

BULK_ABOVE = 2000
"""Rows from which on a Bulk job is worth it (Salesforce docs: Bulk API 2.0 limits and allocations)."""

DEFAULT_CAMPAIGNS: dict[str, str] = {
    "webinar": "webinar",
    "demo": "demo_request",
    "trial": "trial_start",
    "whitepaper": "content_download",
    "white paper": "content_download",
    "ebook": "content_download",
    "content": "content_download",
    "video": "video_view",
}


def _must_be_my_domain(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("write the org's own address and nothing else: https://COMPANY.my.salesforce.com")
    if parts.hostname.endswith(("login.salesforce.com", "test.salesforce.com", ".lightning.force.com")):
        raise ValueError("the org's My Domain is needed here: https://COMPANY.my.salesforce.com")
    return value.rstrip("/")


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ClientCredentials(_Frozen):
    """Sign-in with the consumer key and secret of an External Client App; it acts as the app's run-as user."""

    flow: Literal["client_credentials"] = Field(description="Sign-in with consumer key and secret.")
    client_id: str = Field(description="Consumer key of the External Client App: itself, or env:NAME or file:PATH.")
    client_secret: SecretRef = Field(description="Where the consumer secret is: env:NAME or file:PATH.")


class JwtBearer(_Frozen):
    """Sign-in with a certificate: no shared secret. The app must be pre-authorised for the user."""

    flow: Literal["jwt"] = Field(description="Sign-in with a private key whose certificate the app knows.")
    client_id: str = Field(description="Consumer key of the External Client App: itself, or env:NAME or file:PATH.")
    username: str = Field(description="User name of the integration user.")
    private_key: SecretRef = Field(description="Where the RSA private key (PEM) is: env:NAME or file:PATH.")
    audience: str | None = Field(
        default=None,
        description="Login address for the assertion. Default: login.salesforce.com, in sandboxes test.salesforce.com.",
    )


Auth = Annotated[ClientCredentials | JwtBearer, Field(discriminator="flow")]


class FieldMap(_Frozen):
    """Leadline's field name → Salesforce field name. Adds to the shipped table; null takes a shipped entry out."""

    person: dict[str, str | None] = Field(default_factory=dict, description="Fields of Lead and Contact.")
    company: dict[str, str | None] = Field(default_factory=dict, description="Fields of Account.")


class LeadStatus(_Frozen):
    """Statuses that Leads get in stages."""

    values: dict[str, str] = Field(
        default_factory=dict,
        description="Status, by API name, that a Lead gets in one of your stages (mql: Working - Contacted). None that "
        "counts as converted; a stage without one leaves the status alone.",
    )
    replaces: tuple[str, ...] = Field(
        default=("Open - Not Contacted",),
        description="Statuses of Leads that nobody has worked on. Others stay, unless Leadline itself set them last.",
    )


class SalesforceSettings(ConnectorSettings):
    """One Salesforce org. Times are in the unit that the name says."""

    instance_url: Annotated[str, AfterValidator(_must_be_my_domain)] = Field(
        description="Address of the org (Setup, My Domain): https://COMPANY.my.salesforce.com."
    )
    auth: Auth = Field(description="How Leadline signs in.")
    api_version: str = Field(default=API_VERSION, pattern=r"^\d{2}\.0$", description="REST API version, such as 67.0.")
    timeout_seconds: float = Field(default=60.0, gt=0, le=600, description="How long one call may take.")
    session_minutes: int = Field(
        default=90,
        ge=5,
        le=1440,
        description="After this time Leadline signs in anew; keep it under the org's session timeout.",
    )
    calls_per_10_seconds: int = Field(
        default=100, ge=1, le=1000, description="Most calls in any ten seconds. Salesforce sets no limit; this is courtesy."
    )
    overlap_minutes: int = Field(
        default=10,
        ge=1,
        le=1440,
        description="How far each pull reaches back over the last one, for rows that show up late.",
    )
    page_size: int = Field(default=2000, ge=1, le=2000, description="Rows asked for in one query.")
    bulk_above: int = Field(
        default=BULK_ABOVE, ge=0, description="From more rows than this on, the rest of a reading is left to a Bulk API job."
    )
    bulk_page_size: int = Field(
        default=10_000, ge=1, le=100_000, description="Rows of a Bulk API job asked for in one call."
    )
    ca_file: str | None = Field(
        default=None, description="PEM file of the authority that signed the org's certificate, if private."
    )
    field_prefix: str = Field(
        default="leadline",
        pattern=r"^[a-z][a-z0-9]{0,14}$",
        description="Start of the names of the fields and permission sets that Leadline creates.",
    )
    map: FieldMap = Field(default_factory=FieldMap, description="Additions to the shipped field table.")
    company_score: CompanyFields = Field(
        default_factory=CompanyFields,
        description="Fields of Account, by API name, that a company's score is written to.",
    )
    lead_status: LeadStatus = Field(default_factory=LeadStatus, description="Lead statuses for your stages.")
    campaigns: dict[str, str] = Field(
        default_factory=lambda: dict(DEFAULT_CAMPAIGNS),
        description="Word in a campaign's type or name → event type. First match counts; others are campaign_response.",
    )
    task_closed_status: str = Field(default="Completed", description="Task status that Leadline sets to complete a task.")


def literal_or_secret(value: str) -> str:
    """The consumer key: it is no secret, so it may be written out; `env:` and `file:` work as well."""
    return reveal(value) if value.startswith(("env:", "file:")) else value
