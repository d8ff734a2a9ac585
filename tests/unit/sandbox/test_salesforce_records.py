import pytest

from sandbox.market.ids import salesforce_id
from sandbox.refusals import Refusal
from sandbox.salesforce.furniture import INBOUND_QUEUE_ID
from tests.unit.sandbox.salesforce_bench import BASE, LEAVER_ID, QUIET, REP_ID, SalesforceBench, error

NOBODY = salesforce_id("00Q", 999)


@pytest.fixture
def org() -> SalesforceBench:
    return SalesforceBench()


def converted_lead(org: SalesforceBench) -> str:
    """A converted Lead, which no client can make."""
    return org.load("Lead", LastName="Moved", Company="Acme", IsConverted=True, IsDeleted=False)


def test_what_was_written_can_be_read_back(org: SalesforceBench) -> None:
    lead = org.lead(FirstName="Mia", Title=" Head of IT ", AnnualRevenue="1200000", Description="")
    found = org.read("Lead", lead[:15])
    assert (found["Name"], found["Title"], found["AnnualRevenue"]) == ("Mia Lind", "Head of IT", 1_200_000.0)
    assert (found["Status"], found["Description"], found["IsDeleted"]) == ("Open - Not Contacted", None, False)
    assert found["attributes"] == {"type": "Lead", "url": f"{BASE}/sobjects/Lead/{lead}"}


def test_a_create_answers_201_with_the_id_and_its_place(org: SalesforceBench) -> None:
    reply = org.http.post(f"{BASE}/sobjects/Account", json={"Name": "Globex"})
    record_id = reply.json()["id"]
    assert reply.json() == {"id": record_id, "success": True, "errors": []}
    assert (reply.status_code, reply.headers["Location"]) == (201, f"{BASE}/sobjects/Account/{record_id}")


def test_updates_and_deletes_answer_204_without_a_body(org: SalesforceBench) -> None:
    lead = org.lead()
    changed = org.update("Lead", lead, Title="CTO")
    deleted = org.http.delete(f"{BASE}/sobjects/Lead/{lead}")
    assert [(r.status_code, r.content) for r in (changed, deleted)] == [(204, b""), (204, b"")]


def test_every_write_moves_the_modstamp_even_when_nothing_changes(org: SalesforceBench) -> None:
    lead = org.lead(Title="CTO")
    before = org.read("Lead", lead)["SystemModstamp"]
    org.clock.advance(5)
    org.update("Lead", lead, Title="CTO")
    assert before == "2026-11-22T09:00:00.000+0000"
    assert org.read("Lead", lead)["SystemModstamp"] == "2026-11-22T09:00:05.000+0000"


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"Company": None}, "REQUIRED_FIELD_MISSING", "Company"),
        ({"Title": "x" * 129}, "STRING_TOO_LONG", "Title"),
        ({"Email": "not an address"}, "INVALID_EMAIL_ADDRESS", "Email"),
        ({"Budget_Status__c": "Maybe"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Budget_Status__c"),
        ({"NumberOfEmployees": 10**10}, "NUMBER_OUTSIDE_VALID_RANGE", "NumberOfEmployees"),
        ({"OwnerId": "nonsense"}, "MALFORMED_ID", "OwnerId"),
        ({"OwnerId": NOBODY}, "FIELD_INTEGRITY_EXCEPTION", "OwnerId"),
        ({"OwnerId": salesforce_id("005", 999)}, "INVALID_CROSS_REFERENCE_KEY", "OwnerId"),
        ({"OwnerId": LEAVER_ID}, "INACTIVE_OWNER_OR_USER", "OwnerId"),
        ({"IsDeleted": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", "IsDeleted"),
        ({"SystemModstamp": "2026-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "SystemModstamp"),
    ],
)
def test_a_value_the_field_does_not_take_is_refused(
    org: SalesforceBench, values: dict[str, object], code: str, field: str
) -> None:
    lead = org.lead()
    reply = org.update("Lead", lead, **values)
    assert (error(reply), reply.json()[0]["fields"]) == ((400, code), [field])


def test_the_missing_fields_of_a_create_are_all_named(org: SalesforceBench) -> None:
    reply = org.http.post(f"{BASE}/sobjects/Lead", json={"FirstName": "Mia"})
    assert reply.json()[0]["message"] == "Required fields are missing: [LastName, Company]"


def test_an_unknown_field_is_named_with_its_object(org: SalesforceBench) -> None:
    reply = org.update("Lead", org.lead(), Sync_Score__c=5)
    assert error(reply) == (400, "INVALID_FIELD")
    assert reply.json()[0]["message"] == "No such column 'Sync_Score__c' on sobject of type Lead"


def test_an_unrestricted_picklist_takes_any_value(org: SalesforceBench) -> None:
    assert org.read("Lead", org.lead(Status="Nurture"))["Status"] == "Nurture"


@pytest.mark.parametrize(
    "sent",
    [
        {"NumberOfEmployees": "many"},
        {"NumberOfEmployees": 1.5},
        {"AnnualRevenue": "NaN"},
        {"AnnualRevenue": "1e9999"},
        {"Title": ["CTO"]},
        {"HasOptedOutOfEmail": "perhaps"},
        {"Target_Go_Live__c": "soon"},
        {"EmailBouncedDate": "2026-11-22T09:00:00"},
        {"EmailBouncedDate": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_a_value_of_the_wrong_json_type_is_a_parser_error(org: SalesforceBench, sent: dict[str, object]) -> None:
    assert error(org.update("Lead", org.lead(), **sent)) == (400, "JSON_PARSER_ERROR")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"Title":' + b"[" * 5000 + b"]" * 5000 + b"}"])
def test_a_body_that_is_no_json_object_is_a_parser_error(org: SalesforceBench, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    reply = org.http.post(f"{BASE}/sobjects/Lead", content=body, headers=headers)
    assert error(reply) == (400, "JSON_PARSER_ERROR")


def test_a_converted_lead_can_be_read_and_not_written(org: SalesforceBench) -> None:
    lead = converted_lead(org)
    assert error(org.update("Lead", lead, Title="CTO")) == (400, "CANNOT_UPDATE_CONVERTED_LEAD")
    assert org.read("Lead", lead)["IsConverted"] is True


def test_setting_the_status_does_not_convert(org: SalesforceBench) -> None:
    lead = org.lead()
    org.update("Lead", lead, Status="Closed - Converted")
    assert org.read("Lead", lead)["IsConverted"] is False


def test_a_deleted_record_is_gone_for_every_verb(org: SalesforceBench) -> None:
    lead = org.lead()
    path = f"{BASE}/sobjects/Lead/{lead}"
    org.http.delete(path)
    replies = [org.http.get(path), org.update("Lead", lead, Title="x"), org.http.delete(path)]
    assert [error(reply) for reply in replies] == [(404, "ENTITY_IS_DELETED")] * 3


@pytest.mark.parametrize("place", [f"Lead/{NOBODY}", "Lead/nonsense", "Nope/1", "Nope", "Lead/Title/CTO"])
def test_what_is_not_there_is_not_found(org: SalesforceBench, place: str) -> None:
    assert error(org.http.get(f"{BASE}/sobjects/{place}")) == (404, "NOT_FOUND")


def test_an_id_of_another_object_is_not_found(org: SalesforceBench) -> None:
    account = org.create("Account", Name="Globex")
    assert error(org.http.get(f"{BASE}/sobjects/Lead/{account}")) == (404, "NOT_FOUND")


def test_an_update_gives_the_lead_away_unless_told_not_to(org: SalesforceBench) -> None:
    lead = org.lead(OwnerId=REP_ID)
    org.update("Lead", lead, Title="CTO")
    assert org.read("Lead", lead)["OwnerId"] == REP_ID
    org.http.patch(f"{BASE}/sobjects/Lead/{lead}", json={"Title": "CIO"}, headers={"Sforce-Auto-Assign": "TRUE"})
    assert org.read("Lead", lead)["OwnerId"] == INBOUND_QUEUE_ID


def test_assignment_is_the_default(org: SalesforceBench) -> None:
    lead = org.lead(OwnerId=REP_ID)
    org.http.patch(f"{BASE}/sobjects/Lead/{lead}", json={"Title": "CIO"})
    assert org.read("Lead", lead)["OwnerId"] == INBOUND_QUEUE_ID


def test_an_opportunity_s_state_follows_its_stage(org: SalesforceBench) -> None:
    deal = org.create("Opportunity", Name="Deal", StageName="Prospecting", CloseDate="2026-12-31", Amount=200)
    opened = org.read("Opportunity", deal)
    org.update("Opportunity", deal, StageName="Closed Won")
    won = org.read("Opportunity", deal)
    assert (opened["IsClosed"], opened["Probability"], opened["ExpectedRevenue"]) == (False, 10.0, 20.0)
    assert (won["IsClosed"], won["IsWon"], won["ForecastCategory"], won["Fiscal"]) == (True, True, "Closed", "2026 4")


def test_a_record_told_to_refuse_refuses_with_the_admin_s_words(org: SalesforceBench) -> None:
    lead, other = org.lead(), org.lead()
    org.refusals.replace([Refusal("Lead", lead, "Ask legal first", property="Title")])
    reply = org.update("Lead", lead, Title="CTO")
    assert error(reply) == (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert (reply.json()[0]["message"], reply.json()[0]["fields"]) == ("Ask legal first", ["Title"])
    assert org.update("Lead", lead, Rating="Hot").status_code == 204
    assert org.update("Lead", other, Title="CTO").status_code == 204


def test_upsert_creates_updates_and_asks_which(org: SalesforceBench) -> None:
    place = f"{BASE}/sobjects/Contact/Email/kim%40globex.example"
    first = org.http.patch(place, json={"LastName": "Park"}, headers=QUIET)
    second = org.http.patch(place, json={"LastName": "Parker"}, headers=QUIET)
    assert (first.status_code, first.json()["created"]) == (201, True)
    assert (second.status_code, second.json()["created"], second.json()["id"]) == (200, False, first.json()["id"])
    org.create("Contact", LastName="Twin", Email="KIM@globex.example")
    third = org.http.patch(place, json={"LastName": "Which"})
    assert (third.status_code, len(third.json())) == (300, 2)
    assert f"{BASE}/sobjects/Contact/{first.json()['id']}" in third.json()


def test_upsert_without_insert_finds_or_fails(org: SalesforceBench) -> None:
    place = f"{BASE}/sobjects/Contact/Email/nobody@globex.example?updateOnly=true"
    assert error(org.http.patch(place, json={"LastName": "Park"})) == (404, "NOT_FOUND")


def test_users_are_not_written_over_this_api(org: SalesforceBench) -> None:
    assert org.update("User", REP_ID, Title="Boss").json()[0]["errorCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"
