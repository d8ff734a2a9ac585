from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract import Finding
from connectors.errors import Misconfigured
from connectors.fields import FieldKind, FieldSpec
from connectors.hubspot.connector import HubSpotConnector
from tests.unit.connectors.hubspot.conftest import Build, Desk
from tests.unit.connectors.hubspot.scripted import Asked, Script
from tests.unit.connectors.hubspot.shapes import listing, properties, refusal

SCORE = FieldSpec("score", "Lead score", "0 to 100", FieldKind.INTEGER)
GRADE = FieldSpec("grade", "Grade", "Fit and engagement", FieldKind.CHOICE, options=(("A1", "A1"), ("B1", "B1")))
FIELDS = [
    SCORE,
    GRADE,
    FieldSpec("reasons", "Reasons", "Why", FieldKind.LONG_TEXT),
    FieldSpec("stage", "Stage", "Where", FieldKind.TEXT),
    FieldSpec("scored_at", "Scored at", "When", FieldKind.DATETIME),
]


class Account:
    """Property definitions that can be created and corrected."""

    def __init__(self) -> None:
        self.groups: list[Any] = [{"name": "contactinformation", "label": "Contact information", "archived": False}]
        self.definitions: dict[str, Any] = {}
        self.archived: dict[str, Any] = {}

    def has(self, name: str, kind: str, **more: Any) -> None:
        shape = {"name": name, "label": name, "type": kind, "fieldType": "text", "groupName": "leadline", "description": ""}
        self.definitions[name] = {**shape, "options": [], **more}

    def answer(self, asked: Asked) -> tuple[int, Any]:
        if asked.path.endswith("/groups"):
            if asked.method == "POST":
                self.groups.append({**asked.body, "archived": False})
                return 201, self.groups[-1]
            return 200, {"results": self.groups}
        if asked.method == "POST":
            self.definitions[asked.body["name"]] = self.archived.get(asked.body["name"], {"options": [], **asked.body})
            return 201, self.definitions[asked.body["name"]]
        if asked.method == "PATCH":
            name = asked.path.rpartition("/")[2]
            self.definitions[name] |= asked.body
            return 200, self.definitions[name]
        return 200, {"results": list(self.definitions.values())}


@pytest.fixture
def account(script: Script) -> Account:
    account = Account()
    script.by(account.answer)
    return account


def writes(script: Script) -> list[Asked]:
    return [asked for asked in script.asked if asked.method != "GET"]


def test_what_is_missing_is_planned_then_created_and_then_there(
    connector: HubSpotConnector, script: Script, account: Account
) -> None:
    planned = connector.plan_fields(FIELDS)
    assert [(change.verb, change.target) for change in planned] == [
        ("create", "contacts group leadline"),
        *(("create", f"contacts.leadline_{field.name}") for field in FIELDS),
    ]
    assert writes(script) == []
    assert connector.apply_fields(FIELDS) == planned
    assert connector.plan_fields(FIELDS) == ()
    assert connector.apply_fields(FIELDS) == ()
    kinds = {name: (one["type"], one["fieldType"], one["groupName"]) for name, one in account.definitions.items()}
    assert kinds == {
        "leadline_score": ("number", "number", "leadline"),
        "leadline_grade": ("enumeration", "select", "leadline"),
        "leadline_reasons": ("string", "textarea", "leadline"),
        "leadline_stage": ("string", "text", "leadline"),
        "leadline_scored_at": ("datetime", "date", "leadline"),
    }


def test_a_property_that_comes_back_from_the_archive_is_brought_up_to_date(
    connector: HubSpotConnector, account: Account
) -> None:
    account.has("leadline_score", "number", label="Old label")
    account.archived["leadline_score"] = account.definitions.pop("leadline_score")
    changes = connector.apply_fields([SCORE])
    assert [change.verb for change in changes] == ["create", "create", "update"]
    assert account.definitions["leadline_score"]["label"] == "Lead score"
    assert connector.plan_fields([SCORE]) == ()


def test_options_an_admin_added_are_kept_when_ours_are_completed(
    connector: HubSpotConnector, script: Script, account: Account
) -> None:
    option = {"hidden": False, "displayOrder": 0}
    account.groups.append({"name": "leadline", "label": "Leadline", "archived": False})
    account.has(
        "leadline_grade", "enumeration", label="Grade", description="Fit and engagement",
        options=[{"value": "A1", "label": "A1", **option}, {"value": "Z9", "label": "Mine", **option}],
    )  # fmt: skip
    (change,) = connector.apply_fields([GRADE])
    assert (change.verb, change.target, change.detail) == ("update", "contacts.leadline_grade", "options")
    assert [one["value"] for one in account.definitions["leadline_grade"]["options"]] == ["A1", "B1", "Z9"]
    assert connector.plan_fields([GRADE]) == ()


def test_a_property_of_another_type_is_left_alone_and_named(connector: HubSpotConnector, account: Account) -> None:
    account.has("leadline_score", "string")
    with pytest.raises(Misconfigured, match="leadline_score"):
        connector.plan_fields([SCORE])


@pytest.mark.parametrize("sub_category", ["Properties.PROPERTY_WITH_NAME_EXISTS", None])
def test_what_somebody_else_created_meanwhile_counts_as_there(
    connector: HubSpotConnector, script: Script, sub_category: str | None
) -> None:
    there = {**properties(leadline_score="number")["results"][0], "label": "Lead score", "description": "0 to 100"}
    group = {"name": "leadline", "label": "Leadline", "archived": False}
    conflict = {**refusal("CONFLICT"), **({"subCategory": sub_category} if sub_category else {})}
    script.then({"results": [group]}).then({"results": []}).then(conflict, status=409)
    script.then({"results": [group]}).then({"results": [there]})
    assert [change.verb for change in connector.apply_fields([SCORE])] == ["create"]


def test_an_account_without_room_for_properties_is_misconfigured(connector: HubSpotConnector, script: Script) -> None:
    script.then({"results": []}).then({"results": []}).then(refusal("VALIDATION_ERROR", "limit of 10 reached"), status=400)
    with pytest.raises(Misconfigured, match="limit of 10 reached"):
        connector.apply_fields([SCORE])


def check(connector: HubSpotConnector) -> list[Finding]:
    return list(connector.check())


def test_a_ready_account_has_no_findings(connector: HubSpotConnector, script: Script) -> None:
    script.by(lambda _: (200, listing()))
    assert check(connector) == []


def test_a_refused_token_is_an_error_with_a_remedy(connector: HubSpotConnector, script: Script) -> None:
    script.by(lambda _: (401, refusal("INVALID_AUTHENTICATION")))
    (finding,) = check(connector)
    assert finding.severity == "error"
    assert "Renew" in finding.fix


def test_a_token_refused_once_is_tried_again(connector: HubSpotConnector, script: Script) -> None:
    script.by(lambda _: (401, {}) if len(script.asked) == 1 else (200, listing()))
    assert check(connector) == []


def test_a_host_out_of_reach_is_an_error(connector: HubSpotConnector, script: Script) -> None:
    script.by(lambda _: (503, {}))
    (finding,) = check(connector)
    assert finding.severity == "error"


@pytest.mark.parametrize(("name", "severity"), [("contacts", "error"), ("deals", "warning"), ("emails", "warning")])
def test_a_scope_that_is_missing_is_named_and_only_contacts_are_vital(
    connector: HubSpotConnector, script: Script, name: str, severity: str
) -> None:
    script.by(lambda asked: (403, refusal("MISSING_SCOPES")) if asked.path.endswith(f"/{name}") else (200, listing()))
    (finding,) = check(connector)
    assert (finding.severity, finding.what.partition(":")[0]) == (severity, name)


def test_a_mapped_property_that_does_not_exist_comes_with_a_guess(build: Build, script: Script) -> None:
    known = properties(budget_amount="number")
    script.by(lambda asked: (200, known if "/properties/" in asked.path else listing()))
    (finding,) = check(build(map={"person": {"budget": "budgt_amount", "title": None}}))
    assert (finding.severity, finding.fix) == ("warning", "Did you mean budget_amount?")


def test_an_api_version_near_its_end_is_told_in_time(build: Build, script: Script, desk: Desk) -> None:
    script.by(lambda _: (200, listing()))
    desk.at = datetime(2027, 1, 15, tzinfo=UTC)
    (finding,) = check(build(api_version="v3"))
    assert "2027-03-30" in finding.what
    assert check(build()) == []


def test_the_group_is_called_as_the_properties_say(connector: HubSpotConnector, account: Account) -> None:
    connector.apply_fields([FieldSpec("score", "Lead-Score", "0 bis 100", FieldKind.INTEGER, group="Vertrieb")])
    assert {"name": "leadline", "label": "Vertrieb"}.items() <= account.groups[-1].items()
