"""Task, Event, EmailMessage and EmailMessageRelation."""

_WHAT = "ref(Account,Campaign,Opportunity)"

TASK = f"""
WhoId | ref(Contact,Lead) | cascade rel=Who child=Tasks | Name ID
WhatId | {_WHAT} | cascade rel=What child=Tasks | Related To ID
Subject | combobox(255) | name noperm | Subject | Call; Email; Send Letter; Send Quote; Other
ActivityDate | date | noperm | Due Date Only
Status | picklist(255) | default | Status | *Not Started; In Progress; Completed; Waiting on someone else; Deferred
Priority | picklist(255) | default | Priority | High; *Normal; Low
IsHighPriority | boolean | readonly | High Priority
OwnerId | ref(Group,User) | default rel=Owner | Assigned To ID
Description | textarea(32000) | | Description
AccountId | ref(Account) | readonly rel=Account | Account ID
IsClosed | boolean | readonly | Closed
IsArchived | boolean | readonly | Archived
CallDurationInSeconds | int | | Call Duration
CallType | picklist(40) | restricted | Call Type | Internal; Inbound; Outbound
CallDisposition | string(255) | | Call Result
ReminderDateTime | datetime | noperm | Reminder Date/Time
IsReminderSet | boolean | | Reminder Set
TaskSubtype | picklist(40) | createonly restricted | Task Subtype | Task; Email; Call; ListEmail; Cadence; LinkedIn
CompletedDateTime | datetime | readonly | Completed Date
"""

EVENT = f"""
WhoId | ref(Contact,Lead) | cascade rel=Who child=Events | Name ID
WhatId | {_WHAT} | cascade rel=What child=Events | Related To ID
Subject | combobox(255) | name noperm | Subject | Call; Email; Meeting; Send Letter/Quote; Other
Location | string(255) | | Location
IsAllDayEvent | boolean | perm | All-Day Event
ActivityDateTime | datetime | noperm | Due Date Time
ActivityDate | date | noperm unaggregated | Due Date Only
DurationInMinutes | int | noperm | Duration
StartDateTime | datetime | noperm | Start Date Time
EndDateTime | datetime | noperm | End Date Time
EndDate | date | readonly | End Date
Description | textarea(32000) | | Description
AccountId | ref(Account) | readonly rel=Account | Account ID
OwnerId | ref(Calendar,User) | default rel=Owner | Assigned To ID
IsPrivate | boolean | | Private
ShowAs | picklist(40) | restricted defaulted noperm | Show Time As | *Busy; OutOfOffice; Free
IsChild | boolean | readonly | Is Child
IsGroupEvent | boolean | readonly | Is Group Event
IsArchived | boolean | readonly | Archived
ReminderDateTime | datetime | noperm | Reminder Date/Time
IsReminderSet | boolean | | Reminder Set
EventSubtype | picklist(40) | createonly restricted | Event Subtype | Event
"""

EMAIL_MESSAGE = """
ActivityId | ref(Task) | createonly rel=Activity child=EmailMessages | Activity ID
Subject | string(3000) | name | Subject
TextBody | textarea(32000) | | Text Body
HtmlBody | textarea(32000) | | HTML Body
FromName | string(1000) | | From Name
FromAddress | email(1000) | | From Address
ToAddress | string(4000) | | To Address
CcAddress | string(4000) | | CC Address
BccAddress | string(4000) | | BCC Address
Incoming | boolean | | Is Incoming
HasAttachment | boolean | readonly | Has Attachment
Status | picklist(40) | required restricted | Status | 0; 1; 2; 3; 4; 5
MessageDate | datetime | | Message Date
MessageIdentifier | string(765) | | Message ID
ThreadIdentifier | string(765) | | Thread ID
RelatedToId | ref(Account,Campaign,Opportunity) | rel=RelatedTo child=Emails | Related To ID
IsTracked | boolean | readonly | Is Tracked
IsOpened | boolean | readonly | Opened?
IsBounced | boolean | readonly | Is Bounced
FirstOpenedDate | datetime | readonly | First Opened
LastOpenedDate | datetime | readonly | Last Opened
"""

EMAIL_MESSAGE_RELATION = """
EmailMessageId | ref(EmailMessage) | createonly required cascade rel=EmailMessage child=EmailMessageRelations \
| Email Message ID
RelationId | ref(Contact,Lead,User) | createonly cascade rel=Relation child=EmailMessageRelations | Relation ID
RelationType | picklist(40) | createonly required restricted | Relation Type | ToAddress; CcAddress; \
BccAddress; FromAddress; OtherAddress
RelationAddress | string(1000) | createonly | Relation Address
RelationObjectType | string(40) | readonly | Relation Object Type
"""
