"""The setup objects a client may write as plain records: permission sets and what they grant."""

PERMISSION_SET = """
Name | string(80) | required name | Permission Set Name
Label | string(80) | required | Permission Set Label
Description | string(255) | | Description
IsOwnedByProfile | boolean | readonly | Is Owned By Profile
IsCustom | boolean | readonly | Is Custom
Type | picklist(40) | readonly restricted | Type | Regular; Standard; Session; Profile
"""

PERMISSION_SET_ASSIGNMENT = """
AssigneeId | ref(User) | createonly required rel=Assignee child=PermissionSetAssignments | Assignee ID
PermissionSetId | ref(PermissionSet) | createonly required rel=PermissionSet child=Assignments | PermissionSet ID
IsActive | boolean | readonly | Is Active
"""

FIELD_PERMISSIONS = """
ParentId | ref(PermissionSet) | createonly required rel=Parent child=FieldPerms | Parent ID
SobjectType | picklist(40) | createonly required | Sobject Type Name
Field | picklist(40) | createonly required | Field Name
PermissionsRead | boolean | | Read Access
PermissionsEdit | boolean | | Edit Access
"""
