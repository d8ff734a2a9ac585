"""What stands in the market, in neutral terms; each twin translates to its own objects and property names.

Every thing has a `key`: its position in the tuple of its kind, so `market.people[person.key] is person` and
references are plain integers. All times are UTC and aware; no time lies after `Market.as_of` except a planned one
(`Person.target_date`, the `close_date` of an open deal).

Truth that no CRM shows (`Person.propensity`, `Event.machine`, `Person.duplicate_of`) is here for tests and benchmarks;
a twin must not serve it.
"""

from datetime import date, datetime
from typing import Literal

import msgspec

Crm = Literal["hubspot", "salesforce"]
Language = Literal["en", "de", "fr", "es", "zh-Hans", "zh-Hant", "ru"]
SalesforceKind = Literal["none", "lead", "contact", "converted"]
Seniority = Literal[
    "c_level", "owner", "vp", "director", "head", "manager", "senior", "staff", "entry", "intern", "unreadable"
]
Function = Literal[
    "sales",
    "marketing",
    "engineering",
    "it",
    "product",
    "finance",
    "operations",
    "hr",
    "legal",
    "procurement",
    "executive",
    "support",
    "education",
    "unreadable",
]
LeadSource = Literal["web", "webinar", "trade_show", "referral", "partner", "paid_search", "outbound"]
LeadStatus = Literal[
    "new", "open", "in_progress", "attempted_to_contact", "connected", "open_deal", "bad_timing", "unqualified"
]
BudgetStatus = Literal["none", "frozen", "planned", "approved"]
BuyingRole = Literal["decision_maker", "budget_holder", "champion", "influencer", "end_user", "blocker"]
PurchaseTimeframe = Literal["this_quarter", "next_quarter", "this_year", "later", "none"]
Stage = Literal["qualification", "discovery", "proposal", "negotiation", "won", "lost"]
Pipeline = Literal["new_business", "expansion"]
EventKind = Literal[
    "page_view",
    "form_submission",
    "email_open",
    "email_click",
    "email_reply",
    "email_bounce",
    "unsubscribe",
    "meeting",
    "call",
    "webinar",
    "campaign_response",
    "content_download",
    "trial_start",
    "demo_request",
    "email",
    "note",
    "task",
]
Channel = Literal["rollup", "call", "email", "meeting", "note", "task", "event", "campaign_member", "email_message"]
Direction = Literal["inbound", "outbound"]
Outcome = Literal["connected", "no_answer", "left_voicemail", "completed", "no_show"]


class Owner(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A sales rep: an owner in HubSpot and a user in Salesforce, with the same e-mail in both.

    An inactive one has left: archived in HubSpot, `IsActive` false in Salesforce, and may still own records.
    """

    key: int
    first_name: str
    last_name: str
    email: str
    country: str
    active: bool


class Queue(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A Salesforce queue that owns Leads nobody has taken; HubSpot has no such thing."""

    key: int
    name: str


class Campaign(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A Salesforce campaign; `kind` is the kind of every event that answers it. A person answers one at most once."""

    key: int
    name: str
    kind: EventKind
    start: date


class Company(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An employer: company in HubSpot, Account in Salesforce (where Leads carry only its name).

    `domain` is always known here, `annual_revenue` is in US dollars a year; the optional ones are missing in the CRM.
    `country` is an ISO 3166 alpha-2 code.
    """

    key: int
    name: str
    domain: str
    country: str
    city: str | None
    employees: int | None
    industry: str | None
    annual_revenue: int | None
    owner: int
    created_at: datetime
    modified_at: datetime
    in_hubspot: bool
    in_salesforce: bool


class Person(msgspec.Struct, frozen=True, gc=False, array_like=True, kw_only=True):
    """One row of a CRM's people: in HubSpot a contact, in Salesforce what `in_salesforce` says.

    `converted` means a converted Lead plus the Contact it became (both with this person's values), linked by the CRM.
    `email_in_salesforce` is usually `email`, sometimes in other case, sometimes another address of the same human.
    `salesforce_synced`: HubSpot knows the Salesforce record's id, as its native sync would (see `market.ids`).
    `queue` owns the Salesforce Lead in place of `owner`; HubSpot still shows `owner`. `owner` None: nobody.
    `company` None: the CRM has no link, `company_name` is then what the person typed, if anything.
    `phone` is in E.164 with spaces, `country` ISO alpha-2, `budget` in US dollars. `bant_at` is when the budget, role,
    timeframe, target date and pain fields took their values (None: all are empty). `duplicate_of` is the key of an
    earlier row about the same human; twins store both rows.
    """

    key: int
    first_name: str | None
    last_name: str
    email: str | None
    email_in_salesforce: str | None
    title: str | None
    phone: str | None
    country: str | None
    language: Language
    opted_out: bool
    lead_source: LeadSource | None
    lead_status: LeadStatus | None
    company: int | None
    company_name: str | None
    owner: int | None
    queue: int | None
    budget: int | None = None
    budget_status: BudgetStatus | None = None
    buying_role: BuyingRole | None = None
    purchase_timeframe: PurchaseTimeframe | None = None
    target_date: date | None = None
    pain_point: str | None = None
    bant_at: datetime | None = None
    created_at: datetime
    modified_at: datetime
    converted_at: datetime | None
    in_hubspot: bool
    in_salesforce: SalesforceKind
    salesforce_synced: bool
    duplicate_of: int | None
    seniority: Seniority
    function: Function
    propensity: float


class StageChange(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A deal entered `stage` at `at`."""

    stage: Stage
    at: datetime


class DealRole(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A person's part in a deal; in Salesforce these people are Contacts (or converted)."""

    person: int
    role: BuyingRole
    primary: bool


class Deal(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A deal of one CRM (`crm`): HubSpot deal or Salesforce Opportunity. `amount` is in US dollars, None when unset.

    `stages` are in time order and end with `stage`. A closed deal's `close_date` is the day of its last stage;
    an open one's is the expected day and can lie before `as_of`, as neglected deals do.
    """

    key: int
    name: str
    crm: Crm
    company: int
    owner: int
    pipeline: Pipeline
    stage: Stage
    stages: tuple[StageChange, ...]
    open: bool
    won: bool
    amount: int | None
    created_at: datetime
    modified_at: datetime
    close_date: date
    roles: tuple[DealRole, ...]


class Event(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One engagement of one person, kept in one CRM only; `channel` says as what.

    HubSpot: `rollup` shows only in the contact's totals and `last_*` properties: page views, marketing opens, clicks,
    replies, bounces, unsubscribes and, as conversions named `name`, forms, downloads, webinars, trials and demo requests.
    `call`, `email`, `meeting`, `note` and `task` are objects; an `email_reply` is either, a reply to a rep being an `email`.
    Salesforce: `campaign_member` (answer to `campaign`), `task` (calls and completed to-dos), `event` (meetings) and
    `email_message` (`email_reply` is incoming; `email_open`, `email_bounce` and `email` are an outgoing one that was opened,
    came back, or neither).

    `kind` names the engagement as a scoring text would; `email`, `note` and `task` are the rep's own work, done by `owner`.
    `name` is a form, asset, mailing or subject; `url` the path of a page view; `seconds` time spent (page view, call,
    meeting). `sent_at` is when the e-mail left that was opened, clicked or answered. `machine`: a scanner did it (three
    clicks within two seconds, or a click less than two seconds after sending).
    """

    key: int
    kind: EventKind
    at: datetime
    person: int
    crm: Crm
    channel: Channel
    direction: Direction
    name: str
    owner: int | None = None
    campaign: int | None = None
    url: str | None = None
    seconds: int | None = None
    outcome: Outcome | None = None
    sent_at: datetime | None = None
    machine: bool = False


class Market(msgspec.Struct, frozen=True):
    """Everything, for the twins to load their half of."""

    as_of: datetime
    owners: tuple[Owner, ...]
    queues: tuple[Queue, ...]
    campaigns: tuple[Campaign, ...]
    companies: tuple[Company, ...]
    people: tuple[Person, ...]
    deals: tuple[Deal, ...]
    events: tuple[Event, ...]
