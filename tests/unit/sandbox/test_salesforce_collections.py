import pytest

from sandbox.market.ids import salesforce_id
from tests.unit.sandbox.salesforce_bench import BASE, SalesforceBench, error, row_error


@pytest.fixture
def org() -> SalesforceBench:
    return SalesforceBench()


def test_results_stand_in_the_order_of_the_input(org: SalesforceBench) -> None:
    first, second = org.lead(), org.lead()
    reply = org.collection("PATCH", "Lead", {"Id": second, "Title": "B"}, {"id": first, "Title": "A"})
    assert reply.status_code == 200
    assert reply.json() == [{"id": second, "success": True, "errors": []}, {"id": first, "success": True, "errors": []}]
    assert (org.read("Lead", first)["Title"], org.read("Lead", second)["Title"]) == ("A", "B")


def test_a_bad_row_fails_alone_and_the_call_still_answers_200(org: SalesforceBench) -> None:
    wordy, lead = org.lead(), org.lead()
    reply = org.collection("PATCH", "Lead", {"Id": wordy, "Title": "x" * 200}, {"Id": lead, "Title": "CTO"})
    bad, good = reply.json()
    assert (reply.status_code, good["success"], "id" in bad) == (200, True, False)
    assert bad["errors"][0]["statusCode"] == "STRING_TOO_LONG"
    assert bad["errors"][0]["fields"] == ["Title"]


def test_all_or_none_takes_the_good_rows_back(org: SalesforceBench) -> None:
    lead = org.lead(Title="Before")
    other = org.lead()
    rows = ({"Id": lead, "Title": "After"}, {"Id": other, "Nope": 1})
    reply = org.collection("PATCH", "Lead", *rows, allOrNone=True)
    assert (row_error(reply, 0), row_error(reply, 1)) == ("ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_FIELD")
    assert org.read("Lead", lead)["Title"] == "Before"


def test_all_or_none_takes_created_rows_back(org: SalesforceBench) -> None:
    org.collection("POST", "Account", {"Name": "Globex"}, {"Name": None}, allOrNone=True)
    assert org.column("SELECT Name FROM Account") == []


@pytest.mark.parametrize(
    ("record_id", "code"),
    [
        (salesforce_id("00Q", 999), "INVALID_CROSS_REFERENCE_KEY"),
        (salesforce_id("001", 999), "MALFORMED_ID"),
        ("nonsense", "MALFORMED_ID"),
        (None, "MISSING_ARGUMENT"),
    ],
)
def test_an_id_that_is_not_a_lead_of_ours_fails_its_row(org: SalesforceBench, record_id: str | None, code: str) -> None:
    assert row_error(org.collection("PATCH", "Lead", {"Id": record_id, "Title": "x"})) == code


def test_a_deleted_row_and_a_repeated_one_fail(org: SalesforceBench) -> None:
    gone, lead = org.lead(), org.lead()
    org.http.delete(f"{BASE}/sobjects/Lead/{gone}")
    reply = org.collection("PATCH", "Lead", *({"Id": i, "Title": "x"} for i in (gone, lead, lead)))
    assert (row_error(reply, 0), reply.json()[1]["success"], row_error(reply, 2)) == (
        "ENTITY_IS_DELETED",
        True,
        "DUPLICATE_VALUE",
    )


def test_a_value_of_the_wrong_json_type_fails_the_whole_call_before_it_begins(org: SalesforceBench) -> None:
    lead = org.lead(Title="Before")
    rows = ({"Id": lead, "Title": "After"}, {"Id": lead, "NumberOfEmployees": "many"})
    assert error(org.collection("PATCH", "Lead", *rows)) == (400, "JSON_PARSER_ERROR")
    assert org.read("Lead", lead)["Title"] == "Before"


def test_no_more_than_200_records(org: SalesforceBench) -> None:
    rows = [{"Name": f"Company {n}"} for n in range(201)]
    assert error(org.collection("POST", "Account", *rows)) == (400, "EXCEEDED_ID_LIMIT")
    assert org.collection("POST", "Account", *rows[:200]).status_code == 200


def test_no_more_than_ten_runs_of_types(org: SalesforceBench) -> None:
    kinds = ["Account", "Campaign"] * 6
    rows = [{"attributes": {"type": kind}, "Name": "x"} for kind in kinds]
    reply = org.http.post(f"{BASE}/composite/sobjects", json={"records": rows})
    assert error(reply) == (400, "EXCEEDED_MAX_TYPES_LIMIT")
    grouped = sorted(rows, key=lambda row: str(row["attributes"]))
    assert org.http.post(f"{BASE}/composite/sobjects", json={"records": grouped}).status_code == 200


@pytest.mark.parametrize("body", [{}, {"records": 5}, {"records": ["x"]}])
def test_a_body_without_records_is_a_parser_error(org: SalesforceBench, body: dict[str, object]) -> None:
    assert error(org.http.post(f"{BASE}/composite/sobjects", json=body)) == (400, "JSON_PARSER_ERROR")


def test_upsert_says_what_it_created(org: SalesforceBench) -> None:
    rows = ({"LastName": "Park", "Email": "Kim@Globex.example"}, {"LastName": "Lee", "Email": "lee@globex.example"})
    known = org.create("Contact", LastName="Old", Email="kim@globex.example")
    body = {"records": [{"attributes": {"type": "Contact"}, **row} for row in rows]}
    reply = org.http.patch(f"{BASE}/composite/sobjects/Contact/Email", json=body).json()
    assert reply[0] == {"id": known, "success": True, "errors": [], "created": False}
    assert reply[1]["created"] is True
    assert org.read("Contact", known)["LastName"] == "Park"


def test_upsert_by_id_creates_the_rows_without_one(org: SalesforceBench) -> None:
    # As recorded: `Contact/Id` with null ids creates.
    body = {"records": [{"attributes": {"type": "Contact"}, "LastName": "Park", "Id": None}]}
    reply = org.http.patch(f"{BASE}/composite/sobjects/Contact/Id", json=body).json()
    assert reply[0]["created"] is True


def test_upsert_of_an_ambiguous_key_fails_its_row(org: SalesforceBench) -> None:
    for name in ("A", "B"):
        org.create("Contact", LastName=name, Email="same@globex.example")
    body = {"records": [{"attributes": {"type": "Contact"}, "LastName": "C", "Email": "same@globex.example"}]}
    reply = org.http.patch(f"{BASE}/composite/sobjects/Contact/Email", json=body)
    assert row_error(reply) == "DUPLICATE_EXTERNAL_ID"


def test_delete_and_retrieve_by_ids(org: SalesforceBench) -> None:
    first, second = org.lead(Title="A"), org.lead(Title="B")
    deleted = org.http.delete(f"{BASE}/composite/sobjects", params={"ids": f"{first},nonsense"})
    assert [row["success"] for row in deleted.json()] == [True, False]
    asked = {"ids": f"{first},{second}", "fields": "Id,Title"}
    found = org.http.get(f"{BASE}/composite/sobjects/Lead", params=asked).json()
    assert (found[0], found[1]["Id"], found[1]["Title"]) == (None, second, "B")
