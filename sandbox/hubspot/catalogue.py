"""The properties an account has before anyone adds one, and those its admin added.

One line per property: name | label | type/field type | group | flags. Flags: `ro` read-only value, `multi` several
options, `unique` no two records alike, `owner`, `pipeline` and `stage` take their options from elsewhere. Names are
HubSpot's own; `qualification` is the group of an admin.
"""

from __future__ import annotations

from sandbox.hubspot.kinds import CALLS, COMPANIES, CONTACTS, DEALS, EMAILS, LEADS, MEETINGS, NOTES, TASKS, Kind

_CONTACTS = """
email | Email | string/text | contactinformation |
firstname | First name | string/text | contactinformation |
lastname | Last name | string/text | contactinformation |
jobtitle | Job title | string/text | contactinformation |
phone | Phone number | string/text | contactinformation |
mobilephone | Mobile phone number | string/text | contactinformation |
company | Company name | string/text | contactinformation |
website | Website URL | string/text | contactinformation |
city | City | string/text | contactinformation |
country | Country/Region | string/text | contactinformation |
hs_language | Preferred language | enumeration/select | contactinformation |
lifecyclestage | Lifecycle stage | enumeration/radio | contactinformation |
hs_lead_status | Lead status | enumeration/radio | sales_properties |
hs_buying_role | Buying role | enumeration/checkbox | sales_properties | multi
hubspot_owner_id | Contact owner | enumeration/select | sales_properties | owner
associatedcompanyid | Primary associated company ID | number/number | contactinformation |
salesforceleadid | Salesforce lead ID | string/text | salesforceinformation | ro
salesforcecontactid | Salesforce contact ID | string/text | salesforceinformation | ro
hs_email_open | Marketing emails opened | number/number | emailinformation | ro
hs_email_click | Marketing emails clicked | number/number | emailinformation | ro
hs_email_replied | Marketing emails replied | number/number | emailinformation | ro
hs_email_bounce | Marketing emails bounced | number/number | emailinformation | ro
hs_email_last_open_date | Last marketing email open date | datetime/date | emailinformation | ro
hs_email_last_click_date | Last marketing email click date | datetime/date | emailinformation | ro
hs_email_last_reply_date | Last marketing email reply date | datetime/date | emailinformation | ro
hs_email_last_send_date | Last marketing email send date | datetime/date | emailinformation | ro
hs_email_optout | Unsubscribed from all email | bool/booleancheckbox | emailinformation | ro
hs_email_optout_4810221 | Opted out of email: Marketing Information | bool/booleancheckbox | emailinformation | ro
hs_sales_email_last_opened | Recent sales email opened date | datetime/date | contactinformation | ro
hs_sales_email_last_clicked | Recent sales email clicked date | datetime/date | contactinformation | ro
hs_sales_email_last_replied | Recent sales email replied date | datetime/date | contactinformation | ro
hs_analytics_num_page_views | Number of pageviews | number/number | analyticsinformation | ro
hs_analytics_num_visits | Number of sessions | number/number | analyticsinformation | ro
hs_analytics_first_visit_timestamp | Time first seen | datetime/date | analyticsinformation | ro
hs_analytics_last_visit_timestamp | Time of last session | datetime/date | analyticsinformation | ro
hs_analytics_last_timestamp | Time last seen | datetime/date | analyticsinformation | ro
hs_analytics_source | Original traffic source | enumeration/select | analyticsinformation | ro
hs_analytics_source_data_1 | Original source drill-down 1 | string/text | analyticsinformation | ro
hs_analytics_source_data_2 | Original source drill-down 2 | string/text | analyticsinformation | ro
hs_analytics_first_touch_converting_campaign | First touch converting campaign | string/text | analyticsinformation | ro
hs_analytics_last_touch_converting_campaign | Last touch converting campaign | string/text | analyticsinformation | ro
hs_latest_source | Latest traffic source | enumeration/select | analyticsinformation | ro
hs_latest_source_data_1 | Latest traffic source drill-down 1 | string/text | analyticsinformation | ro
hs_latest_source_data_2 | Latest traffic source drill-down 2 | string/text | analyticsinformation | ro
hs_analytics_first_url | First page seen | string/text | analyticsinformation | ro
hs_analytics_last_url | Last page seen | string/text | analyticsinformation | ro
num_conversion_events | Number of form submissions | number/number | conversioninformation | ro
recent_conversion_event_name | Recent conversion | string/text | conversioninformation | ro
recent_conversion_date | Recent conversion date | datetime/date | conversioninformation | ro
first_conversion_event_name | First conversion | string/text | conversioninformation | ro
first_conversion_date | First conversion date | datetime/date | conversioninformation | ro
notes_last_contacted | Last contacted | datetime/date | contactinformation | ro
notes_last_updated | Last activity date | datetime/date | contactinformation | ro
num_contacted_notes | Number of times contacted | number/number | contactinformation | ro
hs_last_sales_activity_timestamp | Last engagement date | datetime/date | contactinformation | ro
hs_additional_emails | Additional email addresses | string/text | contactinformation | ro
hs_calculated_merged_vids | Merged record IDs with timestamps | string/text | contactinformation | ro
createdate | Create date | datetime/date | contactinformation | ro
lastmodifieddate | Last modified date | datetime/date | contactinformation | ro
hs_object_id | Record ID | number/number | contactinformation | ro
budget_amount | Budget | number/number | qualification | custom
budget_status | Budget status | enumeration/select | qualification | custom
purchase_timeframe | Purchase timeframe | enumeration/select | qualification | custom
target_go_live | Target go-live | date/date | qualification | custom
pain_point | Pain point | string/textarea | qualification | custom
"""

_COMPANIES = """
name | Company name | string/text | companyinformation |
domain | Company domain name | string/text | companyinformation |
website | Website URL | string/text | companyinformation |
phone | Phone number | string/text | companyinformation |
city | City | string/text | companyinformation |
country | Country/Region | string/text | companyinformation |
industry | Industry | enumeration/select | companyinformation |
numberofemployees | Number of employees | number/number | companyinformation |
annualrevenue | Annual revenue | number/number | companyinformation |
description | Description | string/textarea | companyinformation |
lifecyclestage | Lifecycle stage | enumeration/radio | companyinformation |
hubspot_owner_id | Company owner | enumeration/select | companyinformation | owner
salesforceaccountid | Salesforce account ID | string/text | salesforceinformation | ro
num_associated_contacts | Number of associated contacts | number/number | companyinformation | ro
hs_merged_object_ids | Merged record IDs | enumeration/checkbox | companyinformation | ro
createdate | Create date | datetime/date | companyinformation | ro
hs_lastmodifieddate | Last modified date | datetime/date | companyinformation | ro
hs_object_id | Record ID | number/number | companyinformation | ro
"""

_DEALS = """
dealname | Deal name | string/text | dealinformation |
dealstage | Deal stage | enumeration/radio | dealinformation | stage
pipeline | Pipeline | enumeration/select | dealinformation | pipeline
amount | Amount | number/number | dealinformation |
closedate | Close date | datetime/date | dealinformation |
dealtype | Deal type | enumeration/radio | dealinformation |
description | Deal description | string/textarea | dealinformation |
hubspot_owner_id | Deal owner | enumeration/select | dealinformation | owner
hs_is_closed | Is deal closed? | bool/booleancheckbox | dealinformation | ro
hs_is_closed_won | Is closed won | bool/booleancheckbox | dealinformation | ro
hs_merged_object_ids | Merged record IDs | enumeration/checkbox | dealinformation | ro
createdate | Create date | datetime/date | dealinformation | ro
hs_lastmodifieddate | Last modified date | datetime/date | dealinformation | ro
hs_object_id | Record ID | number/number | dealinformation | ro
"""

_ACTIVITY = """
hs_timestamp | Activity date | datetime/date | engagement |
hubspot_owner_id | Activity assigned to | enumeration/select | engagement | owner
hs_createdate | Create date | datetime/date | engagement | ro
hs_lastmodifieddate | Last modified date | datetime/date | engagement | ro
hs_object_id | Record ID | number/number | engagement | ro
hs_merged_object_ids | Merged record IDs | enumeration/checkbox | engagement | ro
"""

_CALLS = """
hs_call_title | Call title | string/text | call |
hs_call_body | Call notes | string/html | call |
hs_call_direction | Call direction | enumeration/select | call |
hs_call_disposition | Call outcome | string/text | call |
hs_call_duration | Call duration | number/number | call |
hs_call_status | Call status | enumeration/select | call |
"""

_EMAILS = """
hs_email_subject | Email subject | string/text | email |
hs_email_text | Email body | string/textarea | email |
hs_email_html | Email body as HTML | string/html | email |
hs_email_direction | Email direction | enumeration/select | email |
hs_email_status | Email send status | enumeration/select | email |
"""

_MEETINGS = """
hs_meeting_title | Meeting name | string/text | meeting |
hs_meeting_body | Meeting description | string/html | meeting |
hs_meeting_location | Meeting location | string/text | meeting |
hs_meeting_outcome | Meeting outcome | enumeration/select | meeting |
hs_meeting_start_time | Meeting start time | datetime/date | meeting |
hs_meeting_end_time | Meeting end time | datetime/date | meeting |
"""

_NOTES = """
hs_note_body | Note body | string/html | note |
"""

_TASKS = """
hs_task_subject | Task title | string/text | task |
hs_task_body | Task notes | string/html | task |
hs_task_status | Task status | enumeration/select | task |
hs_task_priority | Priority | enumeration/select | task |
hs_task_type | Task type | enumeration/select | task |
hs_task_reminders | Task reminders | string/text | task |
hs_task_completion_date | Completed at | datetime/date | task | ro
hs_task_is_completed | Is completed | number/number | task | ro
"""

_LEADS = """
hs_lead_name | Lead name | string/text | leadinformation |
hs_lead_label | Lead label | enumeration/radio | leadinformation |
hs_lead_type | Lead type | enumeration/radio | leadinformation |
hs_pipeline | Pipeline | enumeration/select | leadinformation | pipeline
hs_pipeline_stage | Pipeline stage | enumeration/radio | leadinformation | stage
hubspot_owner_id | Lead owner | enumeration/select | leadinformation | owner
hs_merged_object_ids | Merged record IDs | enumeration/checkbox | leadinformation | ro
hs_createdate | Create date | datetime/date | leadinformation | ro
hs_lastmodifieddate | Last modified date | datetime/date | leadinformation | ro
hs_object_id | Record ID | number/number | leadinformation | ro
"""

STANDARD: dict[Kind, str] = {
    CONTACTS: _CONTACTS,
    COMPANIES: _COMPANIES,
    DEALS: _DEALS,
    CALLS: _ACTIVITY + _CALLS,
    EMAILS: _ACTIVITY + _EMAILS,
    MEETINGS: _ACTIVITY + _MEETINGS,
    NOTES: _ACTIVITY + _NOTES,
    TASKS: _ACTIVITY + _TASKS,
    LEADS: _LEADS,
}

LIFECYCLE_STAGES = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
)
"""In order: a record moves forward only (HubSpot docs: lifecycle stages)."""

INDUSTRIES = (
    "COMPUTER_SOFTWARE",
    "INFORMATION_TECHNOLOGY_AND_SERVICES",
    "FINANCIAL_SERVICES",
    "BANKING",
    "INSURANCE",
    "HOSPITAL_HEALTH_CARE",
    "MEDICAL_DEVICES",
    "PHARMACEUTICALS",
    "MACHINERY",
    "INDUSTRIAL_AUTOMATION",
    "AUTOMOTIVE",
    "CHEMICALS",
    "CONSTRUCTION",
    "RETAIL",
    "CONSUMER_GOODS",
    "FOOD_BEVERAGES",
    "LOGISTICS_AND_SUPPLY_CHAIN",
    "TRANSPORTATION_TRUCKING_RAILROAD",
    "TELECOMMUNICATIONS",
    "MARKETING_AND_ADVERTISING",
    "MEDIA_PRODUCTION",
    "MANAGEMENT_CONSULTING",
    "LEGAL_SERVICES",
    "REAL_ESTATE",
    "UTILITIES",
    "OIL_ENERGY",
    "RENEWABLES_ENVIRONMENT",
    "EDUCATION_MANAGEMENT",
    "HIGHER_EDUCATION",
    "GOVERNMENT_ADMINISTRATION",
    "NON_PROFIT_ORGANIZATION_MANAGEMENT",
    "HOSPITALITY",
    "LEISURE_TRAVEL_TOURISM",
    "FARMING",
)

_SOURCES = (
    "ORGANIC_SEARCH",
    "PAID_SEARCH",
    "EMAIL_MARKETING",
    "SOCIAL_MEDIA",
    "REFERRALS",
    "OTHER_CAMPAIGNS",
    "DIRECT_TRAFFIC",
    "OFFLINE",
    "PAID_SOCIAL",
)

OPTIONS: dict[str, tuple[str, ...]] = {
    "hs_language": ("en", "de", "fr", "es", "it", "nl", "pt", "ja", "zh-cn", "zh-tw", "ru"),
    "lifecyclestage": LIFECYCLE_STAGES,
    "hs_lead_status": (
        "NEW",
        "OPEN",
        "IN_PROGRESS",
        "OPEN_DEAL",
        "UNQUALIFIED",
        "ATTEMPTED_TO_CONTACT",
        "CONNECTED",
        "BAD_TIMING",
    ),
    "hs_buying_role": (
        "BLOCKER",
        "BUDGET_HOLDER",
        "CHAMPION",
        "DECISION_MAKER",
        "END_USER",
        "EXECUTIVE_SPONSOR",
        "INFLUENCER",
        "LEGAL_AND_COMPLIANCE",
        "OTHER",
    ),
    "hs_analytics_source": _SOURCES,
    "hs_latest_source": _SOURCES,
    "budget_status": ("none", "frozen", "planned", "approved"),
    "purchase_timeframe": ("this_quarter", "next_quarter", "this_year", "later", "none"),
    "industry": INDUSTRIES,
    "hs_lead_label": ("HOT", "WARM", "COLD"),
    "hs_lead_type": ("NEW_BUSINESS", "UPSELL", "RE_ATTEMPTING"),
    "dealtype": ("newbusiness", "existingbusiness"),
    "hs_call_direction": ("INBOUND", "OUTBOUND"),
    "hs_call_status": (
        "BUSY",
        "CALLING_CRM_USER",
        "CANCELED",
        "COMPLETED",
        "CONNECTING",
        "FAILED",
        "IN_PROGRESS",
        "MISSED",
        "NO_ANSWER",
        "QUEUED",
        "RINGING",
    ),
    "hs_email_direction": ("EMAIL", "INCOMING_EMAIL", "FORWARDED_EMAIL"),
    "hs_email_status": ("BOUNCED", "FAILED", "SCHEDULED", "SENDING", "SENT"),
    "hs_meeting_outcome": ("SCHEDULED", "COMPLETED", "RESCHEDULED", "NO_SHOW", "CANCELED"),
    "hs_task_status": ("NOT_STARTED", "IN_PROGRESS", "WAITING", "COMPLETED", "DEFERRED"),
    "hs_task_priority": ("NONE", "LOW", "MEDIUM", "HIGH"),
    "hs_task_type": ("TODO", "CALL", "EMAIL", "LINKED_IN", "LINKED_IN_CONNECT", "LINKED_IN_MESSAGE"),
}
