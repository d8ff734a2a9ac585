"""What the Tooling API lets a client query about fields and objects."""

CUSTOM_FIELD = """
DeveloperName | string(80) | readonly | Developer Name
TableEnumOrId | picklist(40) | readonly | Entity Enum Or Id
NamespacePrefix | string(15) | readonly | Namespace Prefix
Length | int | readonly | Length
"""

FIELD_DEFINITION = """
DurableId | string(512) | readonly | Durable Id
EntityDefinitionId | string(255) | readonly rel=EntityDefinition refs=EntityDefinition | Entity Definition
QualifiedApiName | string(765) | readonly | Qualified API Name
DeveloperName | string(255) | readonly | Developer Name
NamespacePrefix | string(15) | readonly | Namespace Prefix
Label | string(255) | readonly | Label
Length | int | readonly | Length
Precision | int | readonly | Precision
Scale | int | readonly | Scale
DataType | string(255) | readonly | Data Type
IsIndexed | boolean | readonly | Is Indexed
"""

ENTITY_DEFINITION = """
DurableId | string(512) | readonly | Durable Id
QualifiedApiName | string(765) | readonly | Qualified API Name
DeveloperName | string(255) | readonly | Developer Name
Label | string(255) | readonly | Label
KeyPrefix | string(3) | readonly | Key Prefix
"""
