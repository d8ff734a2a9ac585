"""Lead, Contact, Account, User, Group and Organization."""

_INDUSTRIES = (
    "Agriculture; Apparel; Banking; Biotechnology; Chemicals; Communications; Construction; Consulting; \
Education; "
    "Electronics; Energy; Engineering; Entertainment; Environmental; Finance; Food & Beverage; Government; "
    "Healthcare; Hospitality; Insurance; Machinery; Manufacturing; Media; Not For Profit; Other; Recreation; "
    "Retail; Shipping; Technology; Telecommunications; Transportation; Utilities; Software; Financial Services; "
    "Professional Services; Logistics; Public Sector"
)
_SOURCES = (
    "Web; Phone Inquiry; Partner Referral; Purchased List; Other; Webinar; Trade Show; Referral; Partner; "
    "Paid Search; Outbound"
)
_BUDGET_STATES = "None; Frozen; Planned; Approved"
_TIMEFRAMES = "This Quarter; Next Quarter; This Year; Later; None"
CONVERTED_STATUS = "Closed - Converted"
"""The only status that counts as converted in this org."""

_ROLES = "Decision Maker; Budget Holder; Champion; Influencer; End User; Blocker"

# What this org's admin added for qualification, on Lead and Contact alike, already readable and editable.
_QUALIFICATION = f"""
Budget__c | currency(18,0) | | Budget
Budget_Status__c | picklist(255) | restricted | Budget Status | {_BUDGET_STATES}
Purchase_Timeframe__c | picklist(255) | restricted | Purchase Timeframe | {_TIMEFRAMES}
Target_Go_Live__c | date | | Target Go Live
Pain_Point__c | string(255) | | Pain Point
Buying_Role__c | picklist(255) | restricted | Buying Role | {_ROLES}
"""

LEAD = f"""
MasterRecordId | ref(Lead) | readonly rel=MasterRecord | Master Record ID
LastName | string(80) | required in=Name | Last Name
FirstName | string(40) | in=Name | First Name
Salutation | picklist(40) | in=Name | Salutation | Mr.; Ms.; Mrs.; Dr.; Prof.; Mx.
Name | string(121) | readonly required name | Full Name
Title | string(128) | | Title
Company | string(255) | required | Company
@address | Address | |
Phone | phone(40) | | Phone
MobilePhone | phone(40) | | Mobile Phone
Fax | phone(40) | | Fax
Email | email(80) | idlookup | Email
Website | url(255) | | Website
Description | textarea(32000) | | Description
LeadSource | picklist(255) | | Lead Source | {_SOURCES}
Status | picklist(255) | default | Status | *Open - Not Contacted; Working - Contacted; {CONVERTED_STATUS}; \
Closed - Not Converted
Industry | picklist(255) | | Industry | {_INDUSTRIES}
Rating | picklist(255) | | Rating | Hot; Warm; Cold
AnnualRevenue | currency(18,0) | | Annual Revenue
NumberOfEmployees | int | | Employees
OwnerId | ref(Group,User) | default rel=Owner | Owner ID
HasOptedOutOfEmail | boolean | perm | Email Opt Out
DoNotCall | boolean | perm | Do Not Call
IsConverted | boolean | createonly | Converted
ConvertedDate | date | readonly | Converted Date
ConvertedAccountId | ref(Account) | readonly prefilterable rel=ConvertedAccount | Converted Account ID
ConvertedContactId | ref(Contact) | readonly prefilterable rel=ConvertedContact | Converted Contact ID
ConvertedOpportunityId | ref(Opportunity) | readonly prefilterable rel=ConvertedOpportunity | Converted Opportunity ID
IsUnreadByOwner | boolean | | Unread By Owner
LastActivityDate | date | readonly | Last Activity
LastViewedDate | datetime | readonly | Last Viewed Date
LastReferencedDate | datetime | readonly | Last Referenced Date
EmailBouncedReason | string(255) | updateonly | Email Bounced Reason
EmailBouncedDate | datetime | updateonly | Email Bounced Date
{_QUALIFICATION}
"""

LEAD_STATUS = """
MasterLabel | string(255) | readonly name | Master Label
ApiName | string(255) | readonly | API Name
SortOrder | int | readonly | Sort Order
IsDefault | boolean | readonly | Is Default
IsConverted | boolean | readonly | Is Converted
"""

CONTACT = f"""
MasterRecordId | ref(Contact) | readonly rel=MasterRecord | Master Record ID
AccountId | ref(Account) | cascade rel=Account child=Contacts | Account ID
LastName | string(80) | required in=Name | Last Name
FirstName | string(40) | in=Name | First Name
Salutation | picklist(40) | in=Name | Salutation | Mr.; Ms.; Mrs.; Dr.; Prof.
Name | string(121) | readonly required name | Full Name
@address | OtherAddress | | Other
@address | MailingAddress | | Mailing
Phone | phone(40) | | Business Phone
Fax | phone(40) | | Business Fax
MobilePhone | phone(40) | | Mobile Phone
HomePhone | phone(40) | | Home Phone
OtherPhone | phone(40) | | Other Phone
AssistantPhone | phone(40) | | Asst. Phone
ReportsToId | ref(Contact) | rel=ReportsTo | Reports To ID
Email | email(80) | idlookup | Email
Title | string(128) | | Title
Department | string(80) | | Department
AssistantName | string(40) | | Assistant's Name
LeadSource | picklist(255) | | Lead Source | {_SOURCES}
Birthdate | date | | Birthdate
Description | textarea(32000) | | Contact Description
OwnerId | ref(User) | default rel=Owner | Owner ID
HasOptedOutOfEmail | boolean | perm | Email Opt Out
DoNotCall | boolean | perm | Do Not Call
LastActivityDate | date | readonly | Last Activity
LastViewedDate | datetime | readonly | Last Viewed Date
LastReferencedDate | datetime | readonly | Last Referenced Date
EmailBouncedReason | string(255) | noperm | Email Bounced Reason
EmailBouncedDate | datetime | noperm | Email Bounced Date
IsEmailBounced | boolean | readonly | Is Email Bounced
{_QUALIFICATION}
"""

ACCOUNT = f"""
MasterRecordId | ref(Account) | readonly rel=MasterRecord | Master Record ID
Name | string(255) | required name | Account Name
Type | picklist(40) | | Account Type | Prospect; Customer - Direct; Customer - Channel; Technology Partner; Other
ParentId | ref(Account) | rel=Parent child=ChildAccounts | Parent Account ID
@address | BillingAddress | | Billing
@address | ShippingAddress | | Shipping
Phone | phone(40) | | Account Phone
Fax | phone(40) | | Account Fax
AccountNumber | string(40) | | Account Number
Website | url(255) | | Website
Industry | picklist(40) | | Industry | {_INDUSTRIES}
AnnualRevenue | currency(18,0) | | Annual Revenue
NumberOfEmployees | int | | Employees
Ownership | picklist(40) | | Ownership | Public; Private; Subsidiary; Other
TickerSymbol | string(20) | | Ticker Symbol
Description | textarea(32000) | | Account Description
Rating | picklist(40) | | Account Rating | Hot; Warm; Cold
Site | string(80) | | Account Site
OwnerId | ref(User) | default rel=Owner | Owner ID
LastActivityDate | date | readonly | Last Activity
LastViewedDate | datetime | readonly | Last Viewed Date
LastReferencedDate | datetime | readonly | Last Referenced Date
AccountSource | picklist(40) | | Account Source | {_SOURCES}
"""

USER = """
Username | string(80) | required idlookup | Username
LastName | string(80) | required in=Name | Last Name
FirstName | string(40) | in=Name | First Name
Name | string(121) | readonly required name | Full Name
CompanyName | string(80) | | Company Name
Title | string(80) | | Title
Department | string(80) | | Department
Email | email(128) | required idlookup | Email
Phone | phone(40) | | Phone
Alias | string(8) | required | Alias
TimeZoneSidKey | string(40) | required | Time Zone
LocaleSidKey | string(40) | required | Locale
LanguageLocaleKey | string(40) | required | Language
EmailEncodingKey | string(40) | required | Email Encoding
IsActive | boolean | | Active
UserType | picklist(40) | readonly restricted | User Type | Standard; CspLitePortal; AutomatedProcess
ManagerId | ref(User) | rel=Manager | Manager ID
LastLoginDate | datetime | readonly | Last Login
"""

GROUP = """
Name | string(40) | required name | Name
DeveloperName | string(80) | | Developer Name
Type | picklist(40) | createonly required restricted | Type | Regular; Role; Queue; Organization
Email | email(255) | | Email
OwnerId | ref(User) | readonly rel=Owner | Owner ID
"""

ORGANIZATION = """
Name | string(80) | readonly name | Name
Country | string(80) | readonly | Country
PrimaryContact | string(80) | readonly | Primary Contact
TimeZoneSidKey | string(40) | readonly | Time Zone
LanguageLocaleKey | string(40) | readonly | Language
DefaultLocaleSidKey | string(40) | readonly | Locale
OrganizationType | picklist(40) | readonly restricted | Edition | Team Edition; Professional Edition; \
Enterprise Edition; Developer Edition; Unlimited Edition
InstanceName | string(5) | readonly | Instance Name
IsSandbox | boolean | readonly | Is Sandbox
"""
