"""What an admin can set for a HubSpot connection."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from connectors.company import CompanyFields
from connectors.contract import ConnectorSettings
from connectors.hubspot.paths import VersionName
from connectors.secrets import SecretRef

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Tier: TypeAlias = Literal["free", "starter", "professional", "enterprise", "increased"]
EngagementObject: TypeAlias = Literal["calls", "emails", "meetings", "notes", "tasks"]

NeutralName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
CrmField = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


def _must_be_safe_address(value: str) -> str:
    address = urlsplit(value)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise ValueError("must be an address such as https://api.hubapi.com")
    if address.scheme == "http" and address.hostname not in LOOPBACK:
        raise ValueError("must begin with https:// (the token would travel in the clear)")
    return value.rstrip("/")


class FieldMap(BaseModel):
    """Which HubSpot property feeds which field. Adds to the default table or overrides it; null takes an entry out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    person: dict[NeutralName, CrmField | None] = Field(
        default={},
        description="Fields of a person, each with the internal name of a contact property (budget: budget_amount)",
    )
    company: dict[NeutralName, CrmField | None] = Field(
        default={}, description="Fields of a company, each with the internal name of a company property"
    )


class HubSpotSettings(ConnectorSettings):
    """One HubSpot account."""

    token: SecretRef = Field(
        description="Where the service key (or legacy private-app token) is found: env:NAME or file:PATH. HubSpot shows it "
        "under Settings > Integrations > Service keys"
    )
    api_version: VersionName = Field(
        default="2026-03", description="Version of HubSpot's API to speak; v3 is the older family of paths"
    )
    host: Annotated[str, AfterValidator(_must_be_safe_address)] = Field(
        default="https://api.hubapi.com", description="Address of the API; only tests need another one"
    )
    tier: Tier = Field(
        default="professional",
        description="Highest HubSpot subscription of the account; it decides the calls per ten seconds. `increased` is an "
        "account with a limit-increase pack",
    )
    request_timeout_seconds: float = Field(
        default=30.0, gt=0, le=300, description="How long to wait for an answer before the call counts as failed"
    )
    field_prefix: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,29}$")] = Field(
        default="leadline",
        description="First part of the internal names of the properties we create, and their group's name",
    )
    map: FieldMap = Field(default=FieldMap(), description="Properties to read besides, or instead of, the default ones")
    company_score: CompanyFields = Field(
        default=CompanyFields(),
        description="Company properties of yours, by internal name, that a company's score is written to",
    )
    lifecycle_stage: dict[str, CrmField] = Field(
        default={},
        description="Value of HubSpot's lifecycle stage, by internal name, that a contact gets in one of your stages "
        "(mql: marketingqualifiedlead). It is only moved forward; a stage without a value leaves it alone",
    )
    engagements: tuple[EngagementObject, ...] = Field(
        default=("calls", "emails", "meetings", "notes", "tasks"),
        min_length=1,
        description="Activities to read; leave out those the token may not see",
    )
    conversions: dict[str, str] = Field(
        default={
            "demo": "demo_request",
            "trial": "trial_start",
            "webinar": "webinar",
            "whitepaper": "content_download",
            "ebook": "content_download",
            "guide": "content_download",
            "case study": "content_download",
            "download": "content_download",
        },
        description="Event type of a form conversion whose name contains the text on the left, in any case; the first that "
        "fits counts, and any other conversion is a form_submission",
    )
    overlap_minutes: int = Field(
        default=5,
        ge=1,
        le=1440,
        description="How far each read of changes looks back behind the last one in an object where so much changes that "
        "looking back an hour would cost many calls; what HubSpot's search shows later than that is read within ten minutes "
        "of being an hour old",
    )
