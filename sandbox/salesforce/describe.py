"""Describes: what an object and its fields look like to one user (shapes as in recorded describes)."""

from __future__ import annotations

from sandbox.salesforce.access import Access
from sandbox.salesforce.fields import SOAP_TYPES, Field, PicklistValue
from sandbox.salesforce.furniture import OWN_DOMAIN
from sandbox.salesforce.schema import READ_ONLY_OBJECTS, SETUP_OBJECTS, Schema, SObject

Json = dict[str, object]
_INT_DIGITS = 8
_PLAIN_TEXT = frozenset({"textarea"})


# Attributes that no field of this org has.
_NOWHERE: Json = {
    "aiPredictionField": False,
    "autoNumber": False,
    "calculated": False,
    "calculatedFormula": None,
    "cascadeDelete": False,
    "controllerName": None,
    "defaultValueFormula": None,
    "dependentPicklist": False,
    "deprecatedAndHidden": False,
    "displayLocationInDecimal": False,
    "encrypted": False,
    "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False,
    "highScaleNumber": False,
    "htmlFormatted": False,
    "inlineHelpText": None,
    "mask": None,
    "maskType": None,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "restrictedDelete": False,
    "writeRequiresMasterRead": False,
}


# What single objects lack that all others have (as recorded).
_EXCEPTIONS: dict[str, Json] = {
    "Event": {"feedEnabled": False},
    "OpportunityContactRole": {"feedEnabled": False, "mruEnabled": False, "searchable": False, "undeletable": False},
}


def field_json(field: Field, *, editable: bool) -> Json:
    """One entry of `fields`; a field that the user may only read is neither createable nor updateable."""
    own: Json = {
        "aggregatable": field.aggregatable,
        "byteLength": field.length * 3 if field.is_text else field.length,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound,
        "createable": field.createable and editable,
        "custom": field.custom,
        "defaultValue": field.default,
        "defaultedOnCreate": field.defaulted,
        "digits": _INT_DIGITS if field.type == "int" else 0,
        "externalId": field.external_id,
        "extraTypeInfo": _extra_type(field),
        "filterable": field.filterable,
        "groupable": field.groupable,
        "idLookup": field.id_lookup or field.external_id,
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": field.polymorphic,
        "nillable": field.nillable,
        "permissionable": field.permissionable,
        "picklistValues": [_picklist_entry(entry) for entry in field.picklist],
        "polymorphicForeignKey": field.polymorphic,
        "precision": field.precision,
        "queryByDistance": field.type == "address",
        "referenceTo": list(field.references),
        "relationshipName": field.relationship,
        "restrictedPicklist": field.restricted,
        "scale": field.scale,
        "searchPrefilterable": field.prefilterable,
        "soapType": SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": field.sortable,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable and editable,
    }
    return dict(sorted({**_NOWHERE, **own}.items()))


def _picklist_entry(entry: PicklistValue) -> Json:
    return {
        "active": True,
        "defaultValue": entry.is_default,
        "label": entry.value,
        "validFor": None,
        "value": entry.value,
    }


def _extra_type(field: Field) -> str | None:
    if field.compound == "Name" or (field.name_field and field.length == 121):
        return "personname"
    return "plaintextarea" if field.type in _PLAIN_TEXT else None


def object_json(sobject: SObject, base: str) -> Json:
    """The part that the global describe shows too."""
    writable = sobject.name not in READ_ONLY_OBJECTS
    plain = writable and sobject.name not in SETUP_OBJECTS
    path = f"{base}/sobjects/{sobject.name}"
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": writable,
        "custom": False,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": writable,
        "deprecatedAndHidden": False,
        "feedEnabled": plain,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": sobject.prefix,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "layoutable": plain,
        "mergeable": sobject.name in ("Lead", "Contact", "Account"),
        "mruEnabled": plain,
        "name": sobject.name,
        "queryable": True,
        "replicateable": plain,
        "retrieveable": True,
        "searchable": plain,
        "triggerable": plain,
        "undeletable": plain,
        "updateable": writable,
        "urls": {"rowTemplate": f"{path}/{{ID}}", "describe": f"{path}/describe", "sobject": path},
        **_EXCEPTIONS.get(sobject.name, {}),
    }


def describe(sobject: SObject, schema: Schema, access: Access, user_id: str, base: str) -> Json:
    """The full describe of an object as this user sees it."""
    fields = [
        field_json(field, editable=access.editable(user_id, sobject, field)) for field in access.fields(user_id, sobject)
    ]
    children = [
        {
            "cascadeDelete": child.cascades,
            "childSObject": child.child,
            "deprecatedAndHidden": False,
            "field": child.field,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": child.name,
            "restrictedDelete": False,
        }
        for child in schema.children(sobject.name)
    ]
    return {
        **object_json(sobject, base),
        "actionOverrides": [],
        "childRelationships": children,
        "compactLayoutable": True,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": fields,
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [_master_record_type(sobject, base)],
        "searchLayoutable": True,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [],
        "urls": _urls(sobject, base),
    }


def _urls(sobject: SObject, base: str) -> Json:
    """All that a describe was recorded to point at; what is for people to look at leads to nothing here."""
    path, pages = f"{base}/sobjects/{sobject.name}", f"https://{OWN_DOMAIN}"
    return {
        "approvalLayouts": f"{path}/describe/approvalLayouts",
        "compactLayouts": f"{path}/describe/compactLayouts",
        "describe": f"{path}/describe",
        "layouts": f"{path}/describe/layouts",
        "listviews": f"{path}/listviews",
        "quickActions": f"{path}/quickActions",
        "rowTemplate": f"{path}/{{ID}}",
        "sobject": path,
        "uiDetailTemplate": f"{pages}/{{ID}}",
        "uiEditTemplate": f"{pages}/{{ID}}/e",
        "uiNewRecord": f"{pages}/{sobject.prefix}/e",
    }


def _master_record_type(sobject: SObject, base: str) -> Json:
    record_type = "012000000000000AAA"
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": record_type,
        "urls": {"layout": f"{base}/sobjects/{sobject.name}/describe/layouts/{record_type}"},
    }
