"""Opportunity, OpportunityContactRole, Campaign and CampaignMember."""

_STAGES = (
    "Prospecting; Qualification; Needs Analysis; Value Proposition; Id. Decision Makers; Perception Analysis; "
    "Proposal/Price Quote; Negotiation/Review; Closed Won; Closed Lost"
)

OPPORTUNITY = f"""
AccountId | ref(Account) | cascade rel=Account child=Opportunities | Account ID
IsPrivate | boolean | perm | Private
Name | string(120) | required idlookup name | Name
Description | textarea(32000) | | Description
StageName | picklist(255) | required | Stage | {_STAGES}
Amount | currency(18,2) | | Amount
Probability | percent(3,0) | defaulted | Probability (%)
ExpectedRevenue | currency(18,2) | readonly perm | Expected Amount
TotalOpportunityQuantity | double(18,2) | | Quantity
CloseDate | date | required | Close Date
Type | picklist(255) | | Opportunity Type | Existing Customer - Upgrade; Existing Customer - Replacement; \
New Customer
NextStep | string(255) | | Next Step
LeadSource | picklist(255) | | Lead Source | Web; Phone Inquiry; Partner Referral; Purchased List; Other
IsClosed | boolean | readonly | Closed
IsWon | boolean | readonly | Won
ForecastCategory | picklist(40) | readonly required restricted | Forecast Category | Omitted; Pipeline; \
BestCase; MostLikely; Forecast; Closed
ForecastCategoryName | picklist(255) | restricted defaulted noperm | Forecast Category | Omitted; Pipeline; \
Best Case; Commit; Closed
CampaignId | ref(Campaign) | rel=Campaign child=Opportunities | Campaign ID
HasOpportunityLineItem | boolean | readonly | Has Line Item
OwnerId | ref(User) | default rel=Owner | Owner ID
LastActivityDate | date | readonly | Last Activity
LastStageChangeDate | datetime | readonly | Last Stage Change Date
FiscalQuarter | int | readonly in=Fiscal | Fiscal Quarter
FiscalYear | int | readonly in=Fiscal | Fiscal Year
Fiscal | string(6) | readonly | Fiscal Period
ContactId | ref(Contact) | createonly child=Opportunities | Contact ID
LastViewedDate | datetime | readonly | Last Viewed Date
LastReferencedDate | datetime | readonly | Last Referenced Date
"""

OPPORTUNITY_CONTACT_ROLE = """
OpportunityId | ref(Opportunity) | createonly required cascade rel=Opportunity child=OpportunityContactRoles | Opportunity ID
ContactId | ref(Contact) | required cascade rel=Contact child=OpportunityContactRoles | Contact ID
Role | picklist(40) | noperm | Role | Business User; Decision Maker; Economic Buyer; Economic Decision Maker; \
Evaluator; Executive Sponsor; Influencer; Technical Buyer; Other
IsPrimary | boolean | | Primary
"""

CAMPAIGN = """
Name | string(80) | required name | Name
ParentId | ref(Campaign) | rel=Parent child=ChildCampaigns | Parent Campaign ID
Type | picklist(40) | | Type | Conference; Webinar; Trade Show; Public Relations; Partners; Referral Program; \
Advertisement; Banner Ads; Direct Mail; Email; Telemarketing; Content; Demo; Trial; Other
Status | picklist(40) | | Status | Planned; In Progress; Completed; Aborted
StartDate | date | | Start Date
EndDate | date | | End Date
IsActive | boolean | | Active
Description | textarea(32000) | | Description
OwnerId | ref(User) | default rel=Owner | Owner ID
NumberOfLeads | int | readonly | Leads in Campaign
NumberOfContacts | int | readonly | Contacts in Campaign
NumberOfResponses | int | readonly | Responses in Campaign
"""

CAMPAIGN_MEMBER = """
CampaignId | ref(Campaign) | createonly required cascade rel=Campaign child=CampaignMembers | Campaign ID
LeadId | ref(Lead) | createonly cascade rel=Lead child=CampaignMembers | Lead ID
ContactId | ref(Contact) | createonly cascade rel=Contact child=CampaignMembers | Contact ID
LeadOrContactId | ref(Contact,Lead) | readonly | Related Record ID
Status | picklist(40) | | Status | Sent; Responded
HasResponded | boolean | readonly | Responded
FirstRespondedDate | date | readonly | First Responded Date
Type | picklist(40) | readonly | Related Record Type | Lead; Contact
Name | string(512) | readonly name | Name
Title | string(128) | readonly | Title
Email | email(80) | readonly | Email
CompanyOrAccount | string(255) | readonly | Company (Account)
"""
