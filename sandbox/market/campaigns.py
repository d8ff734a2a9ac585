"""What the seller offers: campaigns in Salesforce, forms, assets, mailings and pages elsewhere."""

from datetime import date, timedelta

from sandbox.market.calendar import WINDOW_DAYS, Calendar
from sandbox.market.model import Campaign, EventKind

_WEBINAR_EVERY_DAYS = 14
_WEBINARS = (
    "Forecasts your board believes",
    "Cleaning pipeline data",
    "Territories without tears",
    "Revenue reporting in an hour",
    "From spreadsheet to dashboard",
)
_EVERGREEN: tuple[tuple[EventKind, tuple[str, ...]], ...] = (
    (
        "content_download",
        (
            "Guide: forecast accuracy",
            "Guide: choosing a revenue platform",
            "Checklist: data migration",
            "Benchmark report: sales cycles",
            "Template: business case",
            "Case study: logistics",
            "Case study: financial services",
            "White paper: security and privacy",
            "Price list",
        ),
    ),
    ("demo_request", ("Demo request", "Talk to sales")),
    ("trial_start", ("14-day trial", "Proof of concept")),
    ("campaign_response", ("Trade fair stand", "Partner evening", "Direct mail: analytics", "Survey: reporting habits")),
    ("form_submission", ("Newsletter sign-up", "Contact form", "Event registration")),
)
_EVERGREEN_AGE_DAYS = 400

MAILINGS = (
    "Monthly product news",
    "Invitation: next webinar",
    "New benchmark report",
    "What changed in forecasting",
    "Customer story of the month",
    "Your pipeline in one picture",
)
SUBJECTS = (
    "Following up on our call",
    "Agenda for next week",
    "Answers to your questions",
    "Pricing and next steps",
    "Introduction",
    "Security questionnaire",
)
CALLS = ("Discovery call", "Follow-up call", "Qualification call", "Check-in")
MEETINGS = ("Product demo", "Discovery meeting", "Technical deep dive", "Proposal review")
NOTES = (
    "Asked about reporting",
    "Works with a competitor today",
    "Reorganisation in progress",
    "Wants a reference customer",
)
TASKS = ("Send case study", "Prepare proposal", "Update contact data", "Check with technical team")
COLD_PAGES = (
    "/",
    "/blog/forecasting",
    "/blog/crm-data-quality",
    "/product",
    "/product/reporting",
    "/customers",
    "/careers",
    "/about",
)
WARM_PAGES = ("/pricing", "/pricing", "/product", "/product/integrations", "/demo", "/security", "/customers", "/compare")


_FORMS: dict[EventKind, tuple[str, ...]] = {"webinar": _WEBINARS, **dict(_EVERGREEN)}


def names_of(kind: EventKind) -> tuple[str, ...]:
    """The names under which HubSpot's forms collect answers of this kind."""
    return _FORMS[kind]


class Programme:
    """All Salesforce campaigns: a webinar each fortnight of the window, and offers that always stand."""

    def __init__(self, calendar: Calendar) -> None:
        last = calendar.as_of.date() - timedelta(days=3)
        webinars = [
            (f"Webinar: {_WEBINARS[turn % len(_WEBINARS)]} ({day.isoformat()})", day)
            for turn, day in enumerate(
                last - timedelta(days=days) for days in range(0, WINDOW_DAYS - 7, _WEBINAR_EVERY_DAYS)
            )
        ]
        long_ago = calendar.as_of.date() - timedelta(days=_EVERGREEN_AGE_DAYS)
        offers = [(name, kind) for kind, names in _EVERGREEN for name in names]
        self.campaigns = (
            *(Campaign(key, name, "webinar", day) for key, (name, day) in enumerate(webinars)),
            *(Campaign(key, name, kind, long_ago) for key, (name, kind) in enumerate(offers, len(webinars))),
        )
        self._by_kind: dict[EventKind, list[Campaign]] = {}
        for campaign in self.campaigns:
            self._by_kind.setdefault(campaign.kind, []).append(campaign)

    def open_to(self, kind: EventKind, day: date, answered: set[int]) -> list[Campaign]:
        """The campaigns of a kind that have begun by that day and that a person has not answered."""
        return [offer for offer in self._by_kind[kind] if offer.start <= day and offer.key not in answered]
