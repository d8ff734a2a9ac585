"""What an admin demands: rules of form, required properties, unique values, calculated properties."""

from typing import Any

import pytest

from sandbox.hubspot.formulas import FormulaError, Value, read
from sandbox.hubspot.rules import requirement
from tests.unit.sandbox.twin_client import HubSpotBench, hubspot

PROPERTIES = "/crm/properties/2026-03/contacts"
RULES = "/crm/property-validations/2026-03/0-1"


@pytest.fixture
def desk() -> HubSpotBench:
    return hubspot()


def _define(desk: HubSpotBench, name: str, **rest: Any) -> Any:
    body = {"name": name, "label": name, "type": "string", "fieldType": "text", "groupName": "qualification", **rest}
    return desk.http.post(PROPERTIES, json=body)


def _write(desk: HubSpotBench, contact: str, version: str = "2026-03", **values: str) -> Any:
    return desk.http.patch(f"/crm/objects/{version}/contacts/{contact}", json={"properties": values})


def _code(answer: Any) -> str:
    return str(answer.json()["errors"][0]["code"])


def _rule(desk: HubSpotBench, name: str, rule: str, *arguments: str) -> int:
    return desk.http.put(f"{RULES}/{name}/rule-type/{rule}", json={"ruleArguments": arguments}).status_code


@pytest.mark.parametrize(
    ("name", "rule", "argument", "good", "bad"),
    [
        ("phone", "MIN_LENGTH", "3", "123", "12"),
        ("phone", "MAX_LENGTH", "3", "123", "1234"),
        ("phone", "ALPHANUMERIC", "NUMERIC_ONLY", "123", "12a"),
        ("phone", "REGEX", "[0-9]+", "123", "+12"),
        ("budget_amount", "MIN_NUMBER", "10", "10", "9.5"),
        ("budget_amount", "MAX_NUMBER", "10", "10", "10.5"),
        ("budget_amount", "DECIMAL", "1", "1.5", "1.55"),
        ("target_go_live", "START_DATE", "2026-01-01", "2026-01-01", "2025-12-31"),
        ("target_go_live", "END_DATE", "2026-01-01", "2026-01-01", "2026-01-02"),
    ],
)
def test_a_rule_of_form_binds_every_write(
    desk: HubSpotBench, name: str, rule: str, argument: str, good: str, bad: str
) -> None:
    assert _rule(desk, name, rule, argument) == 204
    contact = desk.create("contacts", firstname="Ann")
    assert _write(desk, contact, **{name: good}).status_code == 200
    assert _write(desk, contact, **{name: ""}).status_code == 200
    for version in ("2026-03", "2026-09"):
        refused = _write(desk, contact, version, **{name: bad})
        assert (refused.status_code, _code(refused)) == (400, "VALIDATION_RULE_FAILED")


def test_rules_are_read_back_and_replaced_by_their_type(desk: HubSpotBench) -> None:
    for bound in ("3", "5"):
        _rule(desk, "phone", "MIN_LENGTH", bound)
    _rule(desk, "phone", "MAX_LENGTH", "9")
    shortest = {"ruleType": "MIN_LENGTH", "ruleArguments": ["5"], "shouldApplyNormalization": False}
    assert desk.http.get(f"{RULES}/phone/rule-type/MIN_LENGTH").json() == shortest
    assert [one["ruleType"] for one in desk.http.get(f"{RULES}/phone").json()["results"]] == ["MIN_LENGTH", "MAX_LENGTH"]
    (listed,) = desk.http.get("/crm/v3/property-validations/0-1").json()["results"]
    assert (listed["propertyName"], len(listed["propertyValidationRules"])) == ("phone", 2)


@pytest.mark.parametrize(
    ("name", "rule", "arguments", "status"),
    [
        ("nosuch", "MIN_LENGTH", ["1"], 404),
        ("phone", "NO_SUCH_RULE", ["1"], 400),
        ("phone", "MIN_LENGTH", ["many"], 400),
        ("phone", "MIN_LENGTH", [], 400),
        ("phone", "REGEX", ["("], 400),
        ("phone", "MIN_NUMBER", ["1"], 400),
        ("budget_amount", "MAX_NUMBER", ["nan"], 400),
    ],
)
def test_a_rule_that_does_not_fit_is_refused(
    desk: HubSpotBench, name: str, rule: str, arguments: list[str], status: int
) -> None:
    assert _rule(desk, name, rule, *arguments) == status
    assert desk.http.get(f"{RULES}/phone/rule-type/MIN_LENGTH").status_code == 404


def test_a_score_write_fails_for_a_property_it_never_touched() -> None:
    desk = hubspot(requirements=(requirement("contacts.city"),))
    contact = desk.create("contacts", firstname="Ann")
    refused = _write(desk, contact, "2026-09", jobtitle="CFO")
    assert (refused.status_code, _code(refused)) == (400, "MISSING_REQUIRED_PROPERTY")
    assert _write(desk, contact, "2026-09", jobtitle="CFO", city="Bonn").status_code == 200
    assert _write(desk, contact, "2026-09", city="").status_code == 400


@pytest.mark.parametrize("path", ["/crm/objects/2026-03/contacts", "/crm/v3/objects/contacts"])
def test_before_version_2026_09_required_properties_do_not_bind(path: str) -> None:
    desk = hubspot(requirements=(requirement("contacts.city"),))
    made = desk.http.post(path, json={"properties": {"firstname": "Ann"}})
    assert made.status_code == 201
    assert desk.http.patch(f"{path}/{made.json()['id']}", json={"properties": {"jobtitle": "CFO"}}).status_code == 200


def test_a_condition_binds_the_records_that_meet_it() -> None:
    desk = hubspot(requirements=(requirement("contacts.city?lifecyclestage=customer"),))
    contact = desk.create("contacts", firstname="Ann")
    assert _write(desk, contact, "2026-09", jobtitle="CFO").status_code == 200
    refused = _write(desk, contact, "2026-09", lifecyclestage="customer")
    assert _code(refused) == "MISSING_CONDITIONAL_REQUIRED_PROPERTY"


def test_in_a_traced_batch_only_the_record_that_lacks_something_is_refused() -> None:
    desk = hubspot(requirements=(requirement("contacts.city"),))
    good, bad = desk.create("contacts", firstname="A", city="Bonn"), desk.create("contacts", firstname="B")
    inputs = [{"id": one, "objectWriteTraceId": one, "properties": {"jobtitle": "CFO"}} for one in (good, bad)]
    done = desk.http.post("/crm/objects/2026-09/contacts/batch/update", json={"inputs": inputs})
    assert [row["id"] for row in done.json()["results"]] == [good]
    assert done.json()["errors"][0]["errors"][0]["code"] == "MISSING_REQUIRED_PROPERTY"


@pytest.mark.parametrize("text", ["city", "contacts.", "widgets.city", "contacts.city?x", "contacts.city?=y"])
def test_a_requirement_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"OBJECT\.PROPERTY"):
        requirement(text)


def test_a_unique_value_belongs_to_one_record_and_finds_it(desk: HubSpotBench) -> None:
    assert _define(desk, "member", hasUniqueValue=True).status_code == 201
    ann, bob = desk.create("contacts", firstname="Ann", member="M1"), desk.create("contacts", firstname="Bob")
    refused = _write(desk, bob, member="m1")
    assert (refused.status_code, refused.json()["category"]) == (409, "CONFLICT")
    assert ann in refused.json()["message"]
    path = "/crm/objects/2026-03/contacts/M1?idProperty=member"
    assert desk.http.get(path).json()["id"] == ann
    assert desk.http.patch(path, json={"properties": {"jobtitle": "CFO"}}).json()["id"] == ann
    assert _write(desk, ann, member="M1").status_code == 200


@pytest.mark.parametrize("end", ["changed", "cleared", "archived", "deleted"])
def test_a_unique_value_that_was_given_up_is_free_again(desk: HubSpotBench, end: str) -> None:
    _define(desk, "member", hasUniqueValue=True)
    ann, bob = desk.create("contacts", firstname="Ann", member="M1"), desk.create("contacts", firstname="Bob")
    if end == "archived":
        desk.http.delete(f"/crm/objects/2026-03/contacts/{ann}")
    elif end == "deleted":
        desk.post("contacts/gdpr-delete", {"objectId": ann})
    else:
        _write(desk, ann, member="M2" if end == "changed" else "")
    assert _write(desk, bob, member="M1").status_code == 200


def test_a_merged_record_keeps_the_unique_value_of_its_primary(desk: HubSpotBench) -> None:
    _define(desk, "member", hasUniqueValue=True)
    ann, bob = desk.create("contacts", firstname="Ann", member="M1"), desk.create("contacts", firstname="B", member="M2")
    merged = desk.post("contacts/merge", {"primaryObjectId": ann, "objectIdToMerge": bob}).json()["id"]
    found = desk.http.get("/crm/objects/2026-03/contacts/m1?idProperty=member")
    assert found.json()["id"] == merged
    assert desk.http.get("/crm/objects/2026-03/contacts/m2?idProperty=member").status_code == 404


def test_an_object_type_has_ten_unique_properties_at_most(desk: HubSpotBench) -> None:
    codes = [_define(desk, f"u{number}", hasUniqueValue=True).status_code for number in range(11)]
    assert codes == [201] * 10 + [400]
    assert _define(desk, "plain").status_code == 201


def test_uniqueness_is_for_text_and_numbers_and_for_ever(desk: HubSpotBench) -> None:
    assert _define(desk, "when", type="date", fieldType="date", hasUniqueValue=True).status_code == 400
    _define(desk, "member", hasUniqueValue=True)
    desk.http.delete(f"{PROPERTIES}/member")
    assert _define(desk, "member").status_code == 400
    assert _define(desk, "member", hasUniqueValue=True).status_code == 201


def test_an_object_type_has_a_thousand_added_properties_at_most(desk: HubSpotBench) -> None:
    own = sum(not one["hubspotDefined"] for one in desk.http.get(PROPERTIES).json()["results"])
    body = {"label": "x", "type": "string", "fieldType": "text", "groupName": "qualification"}
    for start in range(own, 1_000, 100):
        inputs = [{**body, "name": f"p{number}"} for number in range(start, min(start + 100, 1_000))]
        assert desk.http.post(f"{PROPERTIES}/batch/create", json={"inputs": inputs}).status_code == 201
    assert _define(desk, "one_more").status_code == 400


def _calculated(desk: HubSpotBench, formula: str, field_type: str = "calculation_equation") -> Any:
    return _define(desk, "worth", type="number", fieldType=field_type, calculationFormula=formula)


def test_a_calculated_value_follows_its_inputs(desk: HubSpotBench) -> None:
    made = _calculated(desk, "budget_amount * 2 + 1")
    assert (made.status_code, made.json()["calculated"]) == (201, True)
    assert made.json()["calculationFormula"] == "budget_amount * 2 + 1"
    contact = desk.create("contacts", firstname="Ann", budget_amount="10")
    assert desk.read("contacts", contact, "worth")["worth"] == "21"
    _write(desk, contact, budget_amount="0.25")
    assert desk.read("contacts", contact, "worth")["worth"] == "1.5"
    _write(desk, contact, budget_amount="")
    assert desk.read("contacts", contact, "worth")["worth"] is None


def test_records_that_are_there_get_their_calculated_value_at_once_and_when_the_formula_changes(desk: HubSpotBench) -> None:
    contact = desk.create("contacts", firstname="Ann", budget_amount="10")
    _calculated(desk, "budget_amount")
    assert desk.read("contacts", contact, "worth")["worth"] == "10"
    desk.http.patch(f"{PROPERTIES}/worth", json={"calculationFormula": "-budget_amount"})
    assert desk.read("contacts", contact, "worth")["worth"] == "-10"


def test_a_calculated_value_cannot_be_written(desk: HubSpotBench) -> None:
    made = _calculated(desk, "1")
    assert made.json()["modificationMetadata"]["readOnlyValue"] is True
    contact = desk.create("contacts", firstname="Ann")
    assert _code(_write(desk, contact, worth="5")) == "READ_ONLY_VALUE"


@pytest.mark.parametrize("formula", ["nosuch + 1", "worth + 1", "1 +", ""])
def test_a_formula_that_cannot_be_used_is_a_400(desk: HubSpotBench, formula: str) -> None:
    assert _calculated(desk, formula).status_code == 400


def test_a_formula_goes_with_a_calculated_property_only(desk: HubSpotBench) -> None:
    assert _calculated(desk, "1", "number").status_code == 400


def test_what_a_formula_uses_cannot_be_archived(desk: HubSpotBench) -> None:
    _define(desk, "seats", type="number", fieldType="number")
    _calculated(desk, "seats * 3")
    assert desk.http.delete(f"{PROPERTIES}/seats").status_code == 400
    assert [desk.http.delete(f"{PROPERTIES}/{name}").status_code for name in ("worth", "seats")] == [204, 204]


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("1 + 2 * 3", 7.0),
        ("(a - b) / 2", 1.5),
        ("a / 0", None),
        ("a + missing", None),
        ("a > 3 and not (b = 2 or t = 'no')", True),
        ("if is_known(missing) then 1 elseif t = 'yes' then 2 else 3", 2.0),
        ("if b > a then 1", None),
        ("max(a, b, missing)", 4.0),
        ("min(a, b)", 1.0),
        ("concatenate(t, '-', a)", "yes-4"),
        ("contains(t, 'es') and begins_with(t, 'y')", True),
        ("string_to_number('2.5') + 1", 3.5),
        ("t > 1", None),
    ],
)
def test_formulas_work_out(formula: str, result: Value) -> None:
    values: dict[str, Value] = {"a": 4.0, "b": 1.0, "t": "yes"}
    assert read(formula).work_out(values.get) == result


@pytest.mark.parametrize("formula", ["", "1 2", "nosuch(1)", "'open", "(" * 100, "a ! b", "x" * 3_000, "max()", "if 1"])
def test_what_is_no_formula_is_refused(formula: str) -> None:
    with pytest.raises(FormulaError):
        read(formula)
