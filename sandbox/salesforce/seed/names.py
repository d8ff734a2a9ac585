"""The market's neutral words in the org's picklists."""

from __future__ import annotations

INDUSTRY = {
    "software": "Software",
    "professional_services": "Professional Services",
    "healthcare": "Healthcare",
    "manufacturing": "Manufacturing",
    "retail": "Retail",
    "financial_services": "Financial Services",
    "logistics": "Logistics",
    "education": "Education",
    "public_sector": "Public Sector",
    "telecommunications": "Telecommunications",
}
LEAD_SOURCE = {
    "web": "Web",
    "webinar": "Webinar",
    "trade_show": "Trade Show",
    "referral": "Referral",
    "partner": "Partner",
    "paid_search": "Paid Search",
    "outbound": "Outbound",
}
LEAD_STATUS = {
    "new": "Open - Not Contacted",
    "open": "Open - Not Contacted",
    "attempted_to_contact": "Working - Contacted",
    "in_progress": "Working - Contacted",
    "connected": "Working - Contacted",
    "open_deal": "Working - Contacted",
    "bad_timing": "Closed - Not Converted",
    "unqualified": "Closed - Not Converted",
}
BUDGET_STATUS = {"none": "None", "frozen": "Frozen", "planned": "Planned", "approved": "Approved"}
TIMEFRAME = {
    "this_quarter": "This Quarter",
    "next_quarter": "Next Quarter",
    "this_year": "This Year",
    "later": "Later",
    "none": "None",
}
BUYING_ROLE = {
    "decision_maker": "Decision Maker",
    "budget_holder": "Budget Holder",
    "champion": "Champion",
    "influencer": "Influencer",
    "end_user": "End User",
    "blocker": "Blocker",
}
CONTACT_ROLE = {
    "decision_maker": "Decision Maker",
    "budget_holder": "Economic Buyer",
    "champion": "Executive Sponsor",
    "influencer": "Influencer",
    "end_user": "Business User",
    "blocker": "Other",
}
STAGE = {
    "qualification": "Qualification",
    "discovery": "Needs Analysis",
    "proposal": "Proposal/Price Quote",
    "negotiation": "Negotiation/Review",
    "won": "Closed Won",
    "lost": "Closed Lost",
}
DEAL_TYPE = {"new_business": "New Customer", "expansion": "Existing Customer - Upgrade"}
CAMPAIGN_TYPE = {
    "webinar": "Webinar",
    "content_download": "Content",
    "demo_request": "Demo",
    "trial_start": "Trial",
    "campaign_response": "Trade Show",
}
CALL_TYPE = {"inbound": "Inbound", "outbound": "Outbound"}
CALL_RESULT = {
    "connected": "Connected",
    "no_answer": "No answer",
    "left_voicemail": "Left voicemail",
    "completed": "Completed",
    "no_show": "No show",
}
