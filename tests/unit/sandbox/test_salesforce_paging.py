from typing import Any

import pytest

from tests.unit.sandbox.salesforce_bench import BASE, SalesforceBench, error


@pytest.fixture
def org() -> SalesforceBench:
    org = SalesforceBench()
    for number in range(450):
        org.load("Account", Name=f"Company {number:03d}", IsDeleted=False)
    return org


def first_page(org: SalesforceBench, soql: str = "SELECT Id, Name FROM Account ORDER BY Name", size: int = 200) -> Any:
    return org.ask(soql, **{"Sforce-Query-Options": f"batchSize={size}"}).json()


def test_all_pages_together_hold_every_record_once(org: SalesforceBench) -> None:
    page = first_page(org)
    met = [record["Name"] for record in page["records"]]
    while not page["done"]:
        assert set(page) == {"totalSize", "done", "nextRecordsUrl", "records"}
        page = org.http.get(page["nextRecordsUrl"]).json()
        met += [record["Name"] for record in page["records"]]
    assert met == [f"Company {number:03d}" for number in range(450)]
    assert (set(page), page["totalSize"]) == ({"totalSize", "done", "records"}, 450)


def test_a_page_can_be_asked_for_again(org: SalesforceBench) -> None:
    following = first_page(org)["nextRecordsUrl"]
    assert org.http.get(following).json() == org.http.get(following).json()


def page_sizes(org: SalesforceBench, size: int, soql: str = "SELECT Id, Name FROM Account") -> list[int]:
    """The sizes of the first pages of many queries."""
    return [len(first_page(org, soql, size)["records"]) for _ in range(30)]


def test_the_page_size_stays_within_200_and_2000(org: SalesforceBench) -> None:
    assert set(page_sizes(org, 1)) == {200}
    assert max(page_sizes(org, 9999)) == 450
    assert max(page_sizes(org, 300)) == 300


def test_some_pages_hold_fewer_rows_than_asked_for_and_the_rest_follows(org: SalesforceBench) -> None:
    sizes = page_sizes(org, 2000)
    assert 200 <= min(sizes) < 450
    assert sizes.count(450) > len(sizes) / 2
    for _ in range(30):
        page = first_page(org, size=300)
        met = [record["Id"] for record in page["records"]]
        while not page["done"]:
            page = org.http.get(page["nextRecordsUrl"]).json()
            met += [record["Id"] for record in page["records"]]
        assert len(met) == len(set(met)) == 450


def test_wide_rows_make_small_pages(org: SalesforceBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.salesforce.api.queries.CELLS_PER_PAGE", 600)
    assert set(page_sizes(org, 2000, "SELECT Id, Name, Phone FROM Account")) == {200}
    assert set(page_sizes(org, 2000, "SELECT Id, Name, Phone, Website FROM Account")) == {150}


def test_children_count_towards_the_size_of_a_page(org: SalesforceBench) -> None:
    for account in org.column("SELECT Id FROM Account LIMIT 100"):
        for _ in range(3):
            org.load("Contact", LastName="Park", AccountId=account, IsDeleted=False)
    soql = "SELECT Id, (SELECT Id FROM Contacts) FROM Account WHERE Id IN (SELECT AccountId FROM Contact)"
    assert set(page_sizes(org, 200, soql)) == {50}


def test_two_long_text_fields_make_pages_of_200(org: SalesforceBench) -> None:
    for name in ("A", "B"):
        org.make_field(f"Account.{name}__c", type="LongTextArea", label=name, length=32768, visibleLines=3)
    org.grant("Account.A__c", "Account.B__c")
    assert max(page_sizes(org, 2000, "SELECT Id, A__c FROM Account")) == 450
    assert set(page_sizes(org, 2000, "SELECT Id, A__c, B__c FROM Account")) == {200}


@pytest.mark.parametrize("change", [("-200", "-201"), ("-200", "-400"), ("/01g", "/01h")])
def test_a_guessed_locator_is_invalid(org: SalesforceBench, change: tuple[str, str]) -> None:
    following = first_page(org)["nextRecordsUrl"].replace(*change)
    assert error(org.http.get(following)) == (400, "INVALID_QUERY_LOCATOR")


def test_a_locator_lives_two_days(org: SalesforceBench) -> None:
    following = first_page(org)["nextRecordsUrl"]
    org.clock.advance(2 * 86_400 + 1)
    org.sign_in()
    assert error(org.http.get(following)) == (400, "QUERY_LOCATOR_EXPIRED")


def test_a_locator_can_be_lost_for_good(org: SalesforceBench) -> None:
    following = first_page(org)["nextRecordsUrl"]
    org.bench.faults.replace([{"endpoint": "GET */query/{locator}", "status": 400}])
    for _ in range(2):
        assert error(org.http.get(following)) == (400, "INVALID_QUERY_LOCATOR")


def test_definitions_come_in_pages_as_well(org: SalesforceBench) -> None:
    for number in range(210):
        org.make_field(f"Account.F{number}__c", type="Checkbox", label="F", defaultValue=False)
    asked = {"q": "SELECT DeveloperName FROM CustomField WHERE TableEnumOrId = 'Account'"}
    page = org.http.get(f"{BASE}/tooling/query", params=asked, headers={"Sforce-Query-Options": "batchSize=200"}).json()
    assert (page["size"], page["totalSize"], page["done"]) == (200, 210, False)
    rest = org.http.get(page["nextRecordsUrl"]).json()
    assert (rest["size"], rest["done"], rest["entityTypeName"]) == (10, True, "CustomField")


def test_a_record_deleted_between_pages_does_not_move_the_others(org: SalesforceBench) -> None:
    page = first_page(org)
    gone = page["records"][0]["Id"]
    org.http.delete(f"{BASE}/sobjects/Account/{gone}")
    second = org.http.get(page["nextRecordsUrl"]).json()
    assert second["records"][0]["Name"] == "Company 200"


def test_record_counts_lag_behind(org: SalesforceBench) -> None:
    def counted() -> Any:
        return org.http.get(f"{BASE}/limits/recordCount", params={"sObjects": "Account,Lead"}).json()["sObjects"]

    assert counted() == [{"count": 450, "name": "Account"}, {"count": 0, "name": "Lead"}]
    org.lead()
    assert counted()[1]["count"] == 0
    org.clock.advance(3601)
    assert counted()[1]["count"] == 1


def column_metadata(org: SalesforceBench, soql: str) -> dict[str, Any]:
    found: dict[str, Any] = org.http.get(f"{BASE}/query", params={"q": soql, "columns": "true"}).json()
    return found


def test_columns_can_be_asked_for_instead_of_records(org: SalesforceBench) -> None:
    soql = "SELECT Id, Name, AnnualRevenue, Owner.Name, (SELECT LastName FROM Contacts) FROM Account"
    found = column_metadata(org, soql)
    assert {name: found[name] for name in ("entityName", "groupBy", "idSelected", "keyPrefix")} == {
        "entityName": "Account",
        "groupBy": False,
        "idSelected": True,
        "keyPrefix": "001",
    }
    shown = {column["columnName"]: column for column in found["columnMetadata"]}
    assert [(name, column["apexType"]) for name, column in shown.items()][:3] == [
        ("Id", "Id"),
        ("Name", "String"),
        ("AnnualRevenue", "Double"),
    ]
    assert (shown["Name"]["textType"], shown["Name"]["updatable"], shown["AnnualRevenue"]["numberType"]) == (True,) * 3
    assert shown["Owner"]["foreignKeyName"] == "OwnerId"
    assert [column["columnName"] for column in shown["Contacts"]["joinColumns"]] == ["LastName"]


def test_columns_of_a_summary_are_its_groups_and_sums(org: SalesforceBench) -> None:
    found = column_metadata(org, "SELECT Industry, COUNT(Id), MAX(CreatedDate) latest FROM Account GROUP BY Industry")
    shown = [(column["columnName"], column["aggregate"], column["displayName"]) for column in found["columnMetadata"]]
    assert found["groupBy"] is True
    assert shown == [("Industry", False, "Industry"), ("expr0", True, "count(Id)"), ("latest", True, "max(CreatedDate)")]


def test_columns_of_a_query_that_is_wrong_are_its_error(org: SalesforceBench) -> None:
    asked = {"q": "SELECT Nothing FROM Account", "columns": "true"}
    assert error(org.http.get(f"{BASE}/query", params=asked)) == (400, "INVALID_FIELD")
