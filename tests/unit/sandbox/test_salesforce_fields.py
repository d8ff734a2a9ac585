import pytest

from sandbox.salesforce.org import OrgSettings
from tests.unit.sandbox.salesforce_bench import BASE, SalesforceBench, error

NUMBER = {"type": "Number", "label": "Score", "precision": 18, "scale": 0}


@pytest.fixture
def org() -> SalesforceBench:
    return SalesforceBench()


def test_a_describe_lists_fields_with_their_attributes(org: SalesforceBench) -> None:
    fields = org.described("Lead")
    email, owner, about = fields["Email"], fields["OwnerId"], fields["Description"]
    assert (email["type"], email["length"], email["idLookup"], email["unique"]) == ("email", 80, True, False)
    assert (owner["referenceTo"], owner["relationshipName"]) == (["Group", "User"], "Owner")
    assert (about["filterable"], about["sortable"], fields["SystemModstamp"]["filterable"]) == (False, False, True)
    assert (fields["Name"]["createable"], fields["IsConverted"]["updateable"]) == (False, False)


def test_a_field_made_over_the_api_is_invisible_until_it_is_granted(org: SalesforceBench) -> None:
    lead = org.lead()
    made = org.make_field("Lead.Score__c", **NUMBER)
    assert (made.status_code, made.json()["success"]) == (201, True)
    assert "Score__c" not in org.described("Lead")
    assert error(org.ask("SELECT Score__c FROM Lead")) == (400, "INVALID_FIELD")
    assert error(org.update("Lead", lead, Score__c=42)) == (400, "INVALID_FIELD")

    org.grant("Lead.Score__c")
    assert org.described("Lead")["Score__c"]["updateable"] is True
    assert org.update("Lead", lead, Score__c=42).status_code == 204
    assert org.rows("SELECT Score__c FROM Lead") == [{"Score__c": 42.0}]


def test_a_permission_set_that_nobody_has_grants_nothing(org: SalesforceBench) -> None:
    org.make_field("Lead.Score__c", **NUMBER)
    parent = org.create("PermissionSet", Name="Readers", Label="Readers")
    grant = {"ParentId": parent, "SobjectType": "Lead", "Field": "Lead.Score__c", "PermissionsRead": True}
    org.create("FieldPermissions", **grant)
    assert "Score__c" not in org.described("Lead")


def test_read_access_alone_shows_a_field_that_cannot_be_written(org: SalesforceBench) -> None:
    org.make_field("Lead.Score__c", **NUMBER)
    org.grant("Lead.Score__c")
    row = org.rows("SELECT Id FROM FieldPermissions")[0]["Id"]
    assert org.update("FieldPermissions", row, PermissionsEdit=False).status_code == 204
    assert org.described("Lead")["Score__c"]["updateable"] is False
    assert error(org.update("Lead", org.lead(), Score__c=1)) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_an_admin_can_take_a_standard_field_away() -> None:
    org = SalesforceBench(OrgSettings(hidden_fields=("Lead.DoNotCall",)))
    assert "DoNotCall" not in org.described("Lead")
    assert error(org.ask("SELECT DoNotCall FROM Lead")) == (400, "INVALID_FIELD")


def test_a_field_of_that_name_exists_already(org: SalesforceBench) -> None:
    org.make_field("Lead.Score__c", **NUMBER)
    assert error(org.make_field("Lead.score__c", **NUMBER)) == (400, "DUPLICATE_DEVELOPER_NAME")
    assert org.make_field("Contact.Score__c", **NUMBER).status_code == 201


@pytest.mark.parametrize(
    ("name", "metadata"),
    [
        ("Lead.Score", NUMBER),
        ("Lead.Big__Score__c", NUMBER),
        ("Lead.A__c", {"type": "Number", "label": "A"}),
        ("Lead.A__c", {"type": "Number", "label": "A", "precision": 19, "scale": 0}),
        ("Lead.A__c", {"type": "Text", "label": "A"}),
        ("Lead.A__c", {"type": "Text", "length": 20}),
        ("Lead.A__c", {"type": "Texture", "label": "A"}),
        ("Lead.A__c", {"type": "LongTextArea", "label": "A", "length": 32768}),
        ("Lead.A__c", {"type": "Picklist", "label": "A"}),
        ("Lead.A__c", {"type": "Date", "label": "A", "externalId": True}),
        ("Task.A__c", NUMBER),
        ("Nope.A__c", NUMBER),
    ],
)
def test_an_impossible_definition_is_refused(org: SalesforceBench, name: str, metadata: dict[str, object]) -> None:
    reply = org.make_field(name, **metadata)
    assert error(reply)[0] == 400
    assert reply.json()[0]["fields"]


def test_a_picklist_offers_its_values_and_a_restricted_one_no_others(org: SalesforceBench) -> None:
    values = [{"fullName": grade, "default": False, "label": grade} for grade in ("A1", "A2")]
    value_set = {"restricted": True, "valueSetDefinition": {"sorted": False, "value": values}}
    org.make_field("Lead.Grade__c", type="Picklist", label="Grade", valueSet=value_set)
    org.grant("Lead.Grade__c")
    lead = org.lead(Grade__c="A1")
    assert [v["value"] for v in org.described("Lead")["Grade__c"]["picklistValues"]] == ["A1", "A2"]
    assert error(org.update("Lead", lead, Grade__c="Z9")) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")


def test_nothing_is_granted_twice_and_nothing_that_is_not_there(org: SalesforceBench) -> None:
    org.make_field("Lead.Score__c", **NUMBER)
    parent = org.create("PermissionSet", Name="Sync", Label="Sync")
    grant = {"ParentId": parent, "SobjectType": "Lead", "Field": "Lead.Score__c", "PermissionsRead": True}
    org.create("FieldPermissions", **grant)

    def refused(kind: str, **values: object) -> str:
        return error(org.http.post(f"{BASE}/sobjects/{kind}", json=values))[1]

    assert refused("FieldPermissions", **grant) == "DUPLICATE_VALUE"
    assert refused("PermissionSet", Name="sync", Label="Again") == "DUPLICATE_VALUE"
    assert refused("FieldPermissions", **(grant | {"Field": "Lead.Nope__c"})) == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert refused("FieldPermissions", **(grant | {"Field": "Lead.LastName"})) == "FIELD_INTEGRITY_EXCEPTION"


def test_a_field_of_activity_stands_on_task_and_event(org: SalesforceBench) -> None:
    org.make_activity_key()
    key = org.described("Task")["Sync_Key__c"]
    assert (key["externalId"], key["unique"], key["idLookup"]) == (True, True, True)
    assert "Sync_Key__c" in org.described("Event")


def test_definitions_can_be_queried(org: SalesforceBench) -> None:
    org.make_field("Lead.Score__c", **NUMBER)
    asked = "SELECT Id, DeveloperName FROM CustomField WHERE TableEnumOrId = 'Lead' AND DeveloperName = 'Score'"
    reply = org.http.get(f"{BASE}/tooling/query", params={"q": asked}).json()
    assert (reply["size"], reply["entityTypeName"], reply["queryLocator"]) == (1, "CustomField", None)
    assert reply["records"][0]["attributes"]["url"].startswith(f"{BASE}/tooling/sobjects/CustomField/00N")
    by_entity = "SELECT QualifiedApiName, DataType FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Lead'"
    fields = org.http.get(f"{BASE}/tooling/query", params={"q": by_entity}).json()["records"]
    assert "Score__c" in {field["QualifiedApiName"] for field in fields}


def test_a_describe_that_has_not_changed_is_not_sent_again(org: SalesforceBench) -> None:
    place = f"{BASE}/sobjects/Lead/describe"
    since = {"If-Modified-Since": org.http.get(place).headers["Last-Modified"]}
    assert org.http.get(place, headers=since).status_code == 304
    org.make_field("Lead.Score__c", **NUMBER)
    assert org.http.get(place, headers=since).status_code == 200


def test_the_global_describe_names_the_objects(org: SalesforceBench) -> None:
    reply = org.http.get(f"{BASE}/sobjects").json()
    prefixes = {entry["name"]: entry["keyPrefix"] for entry in reply["sobjects"]}
    assert prefixes["Lead"] == "00Q"
    assert prefixes["EmailMessage"] == "02s"
    assert (reply["encoding"], reply["maxBatchSize"]) == ("UTF-8", 200)


def test_lead_statuses_tell_which_of_them_count_as_converted(org: SalesforceBench) -> None:
    told = org.ask("SELECT ApiName, IsConverted, IsDefault FROM LeadStatus ORDER BY SortOrder").json()["records"]
    status = org.described("Lead")["Status"]
    assert [one["ApiName"] for one in told] == [entry["value"] for entry in status["picklistValues"]]
    assert [one["ApiName"] for one in told if one["IsConverted"]] == ["Closed - Converted"]
    assert [one["ApiName"] for one in told if one["IsDefault"]] == ["Open - Not Contacted"]
